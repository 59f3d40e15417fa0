/* SPDX-License-Identifier: MIT */
/* The log: each prediction as a line, right or wrong. */
#include "causal_internal.h"

#include <inttypes.h>

void score_log(const struct causal *causal, uint32_t line, const char *what,
	const struct causal_slot *slot, int64_t predicted, int64_t recorded)
{
	if (!causal->options->log)
		return;
	fprintf(causal->options->log,
		"%u\t%s\t%s\t%u\t%u\t%s\t%" PRId64 "\t%" PRId64 "\t%s\n", line,
		causal->step ? "step" : "closed", what, slot->cpu,
		causal->zones[slot->zone].node, causal->zones[slot->zone].name,
		predicted, recorded, predicted == recorded ? "right" : "wrong");
}

bool score_is_taken_back(const struct causal *causal, uint32_t line)
{
	return causal->free && line < causal->free->mark;
}

void score_alloc(struct causal *causal, const struct replay_event *event,
	const struct causal_slot *slot, uint32_t predicted)
{
	struct causal_rate *rate = &causal->run->score.pfn_alloc;

	if (predicted == NO_NAME || score_is_taken_back(causal, event->line)) {
		causal->run->unknown.allocations++;
		causal->run->adjusted.learned++;
		return;
	}
	rate->n++;
	rate->right += predicted == event->pfn;
	score_log(
		causal, event->line, "pfn_alloc", slot, predicted, event->pfn);
}
