/* SPDX-License-Identifier: MIT */
/* Acts side by side; see columns.c. The caller holds the timeline's lock. */
#ifndef STORIES_COLUMNS_H
#define STORIES_COLUMNS_H

#include <stdbool.h>
#include <stdint.h>

struct story_columns;

/* NULL: no memory. */
struct story_columns *columns_create(void);
/* NULL is allowed. */
void columns_destroy(struct story_columns *columns);

/* Begin act @name: later lines belong to it. false: too many, or no memory. */
bool columns_begin_act(
	struct story_columns *columns, const char *name, uint64_t now);
/* false: no act has begun, or no memory; the caller prints the line itself. */
bool columns_add(struct story_columns *columns, uint64_t now, const char *text);

/* Print all acts; COLUMNS in the environment is the width of a row. */
void columns_print(struct story_columns *columns);

#endif
