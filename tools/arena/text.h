/* SPDX-License-Identifier: MIT */
/* Parts of text that several reports share. */
#ifndef ARENA_TEXT_H
#define ARENA_TEXT_H

#include <stdio.h>

#include "arena.h"

/* A note if the machine has more CPUs than the host. */
void text_crowd(const struct arena_settings *settings, FILE *out);
/* A latency's column; with '>' if a starved act would have exceeded it. */
void text_latency(const struct arena *arena, double quantile, FILE *out);

#endif
