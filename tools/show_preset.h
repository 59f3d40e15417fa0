/* SPDX-License-Identifier: MIT */
/* `pcpmm show --preset NAME` without a file: what a preset sets. */
#ifndef TOOLS_SHOW_PRESET_H
#define TOOLS_SHOW_PRESET_H

#include <stdio.h>

/*
 * A line for each axis: key, value, and a mark with the value of linux-6.1 where that
 * is another one. 0; EXIT_USAGE after a message: no such preset; -EIO.
 */
int show_preset(const char *preset, FILE *out);

#endif
