/* SPDX-License-Identifier: MIT */
/* The look-ahead's part of the reports of a replay. */
#ifndef REPLAY_REPORT_H
#define REPLAY_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "../infer/freeframes.h"
#include "agree.h"
#include "place.h"
#include "run.h"

struct replay_report {
	const struct replay_trace *trace;
	const struct replay_result *result;
	const struct replay_place_stats *place;
	const struct replay_after *after; /* of the closed run */
	const struct replay_run *closed; /* lists never corrected */
	const struct replay_run *resync; /* corrected after each comparison */
	const struct replay_agreement *total; /* of the closed run */
	const struct replay_agreement *parts; /* [cpu * nr_zones + zone] */
	const struct replay_free_frames *free; /* NULL: not there */
	unsigned int cpus;
	const char *mode;
	double seconds; /* reading, inferring, placing and the closed run */
};

/* Ops of @kind that no line says. */
uint64_t replay_report_made_up(
	const struct replay_result *result, unsigned int kind);

void replay_report_text(const struct replay_report *report, FILE *out);
/* Its keys into @root. 0 or -ENOMEM. */
int replay_report_json(const struct replay_report *report, json_t *root);

/*
 * Every refill and bulk free of the simulation, one per line, tab separated:
 * the same bytes for the same input. 0 or -errno.
 */
int replay_report_calls(const struct replay_report *report, const char *path);

#endif
