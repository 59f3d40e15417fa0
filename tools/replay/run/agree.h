/* SPDX-License-Identifier: MIT */
/*
 * How far the simulated machine agrees with the recorded kernel.
 *
 * A recorded call is matched by a simulated one of the same CPU, zone and
 * (for refills) list that has the same cause: the same allocation found the
 * list empty, the same free exceeded high. That is stricter than "in the same
 * order": calls are not matched by being close. Of a matched call
 * min(recorded, simulated) pages are matched.
 */
#ifndef REPLAY_AGREE_H
#define REPLAY_AGREE_H

#include "run.h"

struct replay_agree {
	uint64_t recorded_calls, recorded_pages;
	uint64_t did_calls, did_pages; /* simulated, matched or not */
	uint64_t matched_calls, matched_pages;
	/* Of the recorded and matched ones, without fitted first calls. */
	uint64_t scored_calls, scored_pages;
	uint64_t right_calls, right_pages;
};

struct replay_agreement {
	struct replay_agree refill;
	struct replay_agree bulk_free;
	uint32_t first_line; /* of the first unmatched recorded call; 0: none */
};

/* The same for one CPU and zone. */
struct replay_agreement *replay_agree(const struct replay_result *result,
	const struct replay_run *run, unsigned int cpus,
	struct replay_agreement *total);

/* matched to recorded; 1 when nothing was recorded (reports say null or "-"). */
double replay_ratio(uint64_t matched, uint64_t recorded);

#endif
