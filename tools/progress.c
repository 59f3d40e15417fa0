/* SPDX-License-Identifier: MIT */
/* The progress line. */
#include "progress.h"
#include "clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define EVERY_S 0.1

void progress_start(struct progress *progress, const char *what, bool wanted)
{
	*progress = (struct progress){
		.what = what,
		.start = clock_s(),
		.on = wanted && isatty(STDERR_FILENO),
	};
}

void progress_show(struct progress *progress, uint64_t done, uint64_t total)
{
	double now, part;

	if (!progress->on)
		return;
	now = clock_s();
	if (now - progress->shown < EVERY_S)
		return;
	progress->shown = now;
	if (!total || !done) {
		fprintf(stderr, "\r%s: %" PRIu64 "\033[K", progress->what,
			done);
		return;
	}
	part = (double)done / (double)total;
	fprintf(stderr, "\r%s: %3.0f %%, %.0f s to go\033[K", progress->what,
		part * 100, (now - progress->start) * (1 - part) / part);
}

void progress_end(struct progress *progress)
{
	if (progress->on && progress->shown > 0)
		fputs("\r\033[K", stderr);
}
