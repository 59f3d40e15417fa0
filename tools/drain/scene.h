/* SPDX-License-Identifier: MIT */
/* The scene of a drain: what was set, before any result. */
#ifndef DRAIN_SCENE_H
#define DRAIN_SCENE_H

#include <jansson.h>
#include <stdio.h>

#include "../arena/settings.h"

/* In one line, and in a second one if CPUs share the host's. */
void scene_text(const struct arena_settings *settings, FILE *out);
/* version, cpus, victim, ipi, ...; NULL without memory. */
json_t *scene_json(const struct arena_settings *settings);

#endif
