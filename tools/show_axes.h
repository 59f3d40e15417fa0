/* SPDX-License-Identifier: MIT */
/* `pcpmm show axes`, and the options --preset and --set. */
#ifndef TOOLS_SHOW_AXES_H
#define TOOLS_SHOW_AXES_H

#include <pcpmm/machine.h>
#include <stdio.h>

/* A line for each axis: key, value, the other values; then notes. 0 or -EIO. */
int show_axes(const struct pcpmm_config *config, FILE *out);

/*
 * Apply --preset NAME, then --set KEY=VALUE,... (either may be NULL): -1, or
 * EXIT_USAGE after a message.
 */
int show_axes_set(
	struct pcpmm_config *config, const char *preset, const char *settings);

#endif
