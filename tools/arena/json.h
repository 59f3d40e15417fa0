/* SPDX-License-Identifier: MIT */
/* Parts of JSON that several reports share. */
#ifndef ARENA_JSON_H
#define ARENA_JSON_H

#include <jansson.h>

#include "arena.h"

/* An act's latency in us. */
double json_latency_us(const struct arena *arena, double quantile);

/* {ipi: {count, us, max_us}, ...}: each cause, and idle. */
json_t *json_causes(const struct pcpmm_noise *noise);

/* Write @root and drop the reference; "-" is stdout. 0 or -errno. */
int json_write(json_t *root, const char *path);

#endif
