/* SPDX-License-Identifier: MIT */
/* Acts side by side; see columns.c. Under the timeline's lock. */
#ifndef STORIES_COLUMNS_H
#define STORIES_COLUMNS_H

#include <stdbool.h>
#include <stdint.h>

struct story_columns;

/* NULL: no memory. */
struct story_columns *columns_create(void);
/* NULL is allowed. */
void columns_destroy(struct story_columns *columns);

/* What is added from now on stands below @name. false: not taken. */
bool columns_begin_act(
	struct story_columns *columns, const char *name, uint64_t now);
/* false: there is no act yet, or no memory; the caller has the line still. */
bool columns_add(struct story_columns *columns, uint64_t now, const char *text);

/* All of it; COLUMNS in the environment is the width of a row. */
void columns_print(struct story_columns *columns);

#endif
