/* SPDX-License-Identifier: MIT */
/* Reports on a replay, as text and as JSON. */
#ifndef REPLAY_REPORT_H
#define REPLAY_REPORT_H

#include <stdio.h>

#include "agree.h"
#include "place.h"
#include "run.h"

struct replay_report {
	const struct replay_trace *trace;
	const struct replay_result *result;
	const struct replay_place_stats *place;
	const struct replay_run *closed; /* lists never corrected */
	const struct replay_run *resync; /* corrected after each comparison */
	const struct replay_agreement *total; /* of the closed run */
	const struct replay_agreement *parts; /* [cpu * nr_zones + zone] */
	unsigned int cpus;
	const char *mode, *preset, *state; /* state NULL: none given */
	const char *note; /* what had to be guessed; "": nothing */
	double seconds; /* reading, inferring, placing and the closed run */
};

void replay_report_text(const struct replay_report *report, FILE *out);
/* 0 or -errno; "-" is stdout. */
int replay_report_json(const struct replay_report *report, const char *path);

/*
 * Every refill and bulk free of the simulation, one per line, tab separated:
 * the same bytes for the same input. 0 or -errno.
 */
int replay_report_calls(const struct replay_report *report, const char *path);

#endif
