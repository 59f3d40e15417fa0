/* SPDX-License-Identifier: MIT */
/* One recording from its first check to its last cleanup. */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include <stdbool.h>

struct record_options {
	const char *out; /* folder for the result */
	long seconds; /* < 0: no limit */
	long buffer_kb; /* for each CPU; 0: chosen */
	bool commits; /* also a line for each free that enters a list */
	bool no_frames; /* without /proc/kpageflags */
	bool quiet; /* no summary */
	char *const *command; /* NULL: none */
};

/* The exit status: docs/replay.md. */
int record_run(const struct record_options *options);

#endif
