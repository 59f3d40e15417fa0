/* SPDX-License-Identifier: MIT */
/* Pieces of JSON that both reports have. */
#ifndef DRAIN_JSON_H
#define DRAIN_JSON_H

#include <jansson.h>

#include "arena.h"

/* version, cpus, victim, ipi, ...; NULL without memory. */
json_t *json_scene(const struct drain_settings *settings);

/* {ipi: {count, us, max_us}, ...} of the causes, and idle. */
json_t *json_causes(const struct pcpmm_noise *noise);

/* Write @root, which is given up; "-" is stdout. 0 or -errno. */
int json_write(json_t *root, const char *path);

#endif
