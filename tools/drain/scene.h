/* SPDX-License-Identifier: MIT */
/* The settings of a drain, as printed before the results. */
#ifndef DRAIN_SCENE_H
#define DRAIN_SCENE_H

#include <jansson.h>
#include <stdio.h>

#include "../arena/settings.h"

/* One line, and a second one if the machine's CPUs share host CPUs. */
void scene_text(const struct arena_settings *settings, FILE *out);
/* version, cpus, victim, ipi, ...; NULL: no memory. */
json_t *scene_json(const struct arena_settings *settings);

#endif
