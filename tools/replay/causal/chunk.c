/* SPDX-License-Identifier: MIT */
/*
 * From 7.0 a bulk free drops the lock after each batch of pages. The task may be
 * interrupted there, and lines of other tasks come before the rest. The rule says how
 * many pages there are in all, so the rest is told from a bulk free of its own: it has
 * that many pages, and nothing else explains it.
 */
#include "causal_internal.h"

/* Pages that a free of @order, which has just been counted, frees by what is printed. */
static int32_t pages_by_rule(const struct causal *causal,
	const struct causal_slot *slot, const struct causal_printed *printed,
	unsigned order)
{
	struct pcpmm_pcp_state state = pageset_of(causal, slot).state;
	int n;

	pageset_print(&state, printed);
	state.free_count -= 1 << order;
	if (state.free_count < 0)
		state.free_count = 0;
	n = pcpmm_pcp_free(causal->rules, &state, printed->count, order,
		pageset_zone_flags(causal, slot));
	return n > 0 ? n : 0;
}

void chunk_spilled(struct causal *causal, struct causal_slot *slot,
	unsigned order, bool whole)
{
	const struct causal_bulk *bulk = &causal->bulk;
	int32_t all;

	slot->rest = 0;
	slot->rest_is_freed = whole;
	if (causal->rules != PCPMM_LIST_RULES_7_3 ||
		bulk->printed.free_count < 0)
		return;
	all = pages_by_rule(causal, slot, &bulk->printed, order);
	if (all > bulk->n)
		slot->rest = all - bulk->n;
}

bool chunk_is_rest(struct causal *causal, struct causal_slot *slot, uint32_t at,
	unsigned order)
{
	const struct replay_event *event = &causal->events[at];
	const struct replay_probe *probe;
	struct causal_printed printed;

	if (!slot->rest || event->kind != REPLAY_EV_FREE_BULK)
		return false;
	probe = &causal->trace->probes[event->arg];
	printed_from(&printed, probe);
	if (probe->n != (slot->rest < printed.batch ? slot->rest
						    : printed.batch) ||
		pages_by_rule(causal, slot, &printed, order))
		return false;
	slot->rest = 0;
	causal->run->adjusted.rests_given++;
	return true;
}

void chunk_rest(
	struct causal *causal, const struct causal_slot *slot, uint32_t at)
{
	if (slot->rest_is_freed)
		record_bulk(causal, at);
	else
		drain_line(causal, at);
}
