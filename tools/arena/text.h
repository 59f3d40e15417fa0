/* SPDX-License-Identifier: MIT */
/* Pieces of text that several reports have. */
#ifndef ARENA_TEXT_H
#define ARENA_TEXT_H

#include <stdio.h>

#include "arena.h"

/* If so: there are more CPUs than the host has. */
void text_crowd(const struct arena_settings *settings, FILE *out);
/* A latency's column; an act that starved is known to have taken longer. */
void text_latency(const struct arena *arena, double quantile, FILE *out);

#endif
