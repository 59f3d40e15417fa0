/* SPDX-License-Identifier: MIT */
/* The prediction's part of the reports of a replay. */
#ifndef REPLAY_CAUSAL_REPORT_H
#define REPLAY_CAUSAL_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "causal.h"

/* What a report's reader must know of the input. */
struct causal_report_input {
	bool state; /* there is one */
	bool free_bulk, bulk_alloc, refill; /* these probes are in the trace */
	uint64_t lines;
};

void causal_report_text(const struct replay_causal *causal,
	const struct causal_report_input *input, FILE *out);

/* The value of the key "causal"; NULL: no memory. */
json_t *causal_report_json(const struct replay_causal *causal);

#endif
