/* SPDX-License-Identifier: MIT */
/* The whole report of a replay: its input, the prediction, the look-ahead. */
#ifndef REPLAY_WHOLE_REPORT_H
#define REPLAY_WHOLE_REPORT_H

#include "causal/report.h"
#include "infer/freeframes.h"
#include "run/report.h"
#include "whatif/report.h"

struct replay_whole {
	const struct replay_trace *trace;
	const char *preset, *state; /* state NULL: none given */
	const char *why; /* the preset was chosen; "": it was given */
	const char *note; /* what had to be guessed; "": nothing */
	const char
		*free_from; /* the free memory at the start; NULL: no state */
	const struct replay_free_frames *free;
	unsigned int cpus;
	double read_seconds; /* reading, unpacking and parsing */
	double seconds; /* that, and all that was run */
	const struct replay_causal *causal; /* NULL: not asked for */
	const struct replay_report *explained; /* NULL: not asked for */
	const struct whatif_result *what_if; /* NULL: not asked for */
	const char *change; /* of what_if */
};

void replay_whole_text(const struct replay_whole *whole, FILE *out);
/* 0 or -errno; "-" is stdout. */
int replay_whole_json(const struct replay_whole *whole, const char *path);

#endif
