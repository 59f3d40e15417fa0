/* SPDX-License-Identifier: MIT */
/* One line of progress on a terminal; nothing elsewhere. */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what;
	double start, shown; /* s */
	bool on;
};

/* Begin a phase; shown only if stderr is a terminal and @wanted. */
void progress_start(struct progress *progress, const char *what, bool wanted);
/* Show @done of @total (0: not known), at most ten times a second. */
void progress_show(struct progress *progress, uint64_t done, uint64_t total);
/* Wipe the line. */
void progress_end(struct progress *progress);

#endif
