/* SPDX-License-Identifier: MIT */
/*
 * What a pageset of the machine remembers beside its lists (struct
 * pcpmm_pcp_state), and how much of that a recording has shown.
 */
#include "causal_internal.h"

#include <string.h>

struct causal_pageset pageset_of(
	const struct causal *causal, const struct causal_slot *slot)
{
	const struct replay_zone *zone = &causal->zones[slot->zone];
	struct pcpmm_pcp_info info = {.batch = 1};

	pcpmm_pcp_read(
		causal->cpus[slot->cpu].cpu, zone->node, zone->index, &info);
	return (struct causal_pageset){
		.state =
			{
				.batch = info.batch,
				.high = info.high,
				.high_min = info.high_min,
				.high_max = info.high_max,
				.free_factor = info.free_factor,
				.free_count = info.free_count,
				.alloc_factor = info.alloc_factor,
				.flags = info.flags,
			},
		.count = info.count,
	};
}

void pageset_set(struct causal *causal, const struct causal_slot *slot,
	const struct pcpmm_pcp_state *state)
{
	const struct replay_zone *zone = &causal->zones[slot->zone];

	pcpmm_restore_pcp_state(
		causal->machine, slot->cpu, zone->node, zone->index, state);
}

uint32_t pageset_zone_flags(
	const struct causal *causal, const struct causal_slot *slot)
{
	return causal->reclaim[slot->zone] ? PCPMM_ZONE_RECLAIM_ACTIVE : 0;
}

int32_t pageset_mark(const struct causal *causal,
	const struct causal_slot *slot, const struct causal_pageset *pageset)
{
	int32_t mark = pcpmm_pcp_spill_at(causal->rules, &pageset->state,
		pageset->count, pageset_zone_flags(causal, slot), false);

	return mark > 0 ? mark : 0;
}

/* --- what is not known ----------------------------------------------------- */

/* The hidden state at its least and its most. */
static struct pcpmm_pcp_state extreme(const struct causal_slot *slot,
	const struct pcpmm_pcp_state *state, bool most)
{
	struct pcpmm_pcp_state made = *state;

	if (slot->state_known)
		return made;
	made.free_factor = most ? slot->factor_most : 0;
	if (state->high_max) {
		made.free_count = most ? state->batch << 5 : 0;
		made.high = most ? state->high_min : state->high_max;
		made.flags |= most ? PCPMM_PCP_PREV_FREE_HIGH_ORDER : 0;
	}
	return made;
}

bool pageset_decides(const struct causal *causal,
	const struct causal_slot *slot, const struct causal_pageset *before,
	unsigned order)
{
	int32_t count = before->count + (1 << order);
	uint32_t flags = pageset_zone_flags(causal, slot);
	struct pcpmm_pcp_state least = extreme(slot, &before->state, false);
	struct pcpmm_pcp_state most = extreme(slot, &before->state, true);
	int one = pcpmm_pcp_free(causal->rules, &least, count, order, flags);
	int other = pcpmm_pcp_free(causal->rules, &most, count, order, flags);

	return (one > 0) == (other > 0);
}

bool pageset_may_empty(const struct causal *causal,
	const struct causal_slot *slot, const struct causal_pageset *before,
	unsigned order)
{
	struct pcpmm_pcp_state most = extreme(slot, &before->state, true);

	return pcpmm_pcp_free_high(
		causal->rules, &most, before->count + (1 << order), order);
}

/* One more allocation went by the lists: what is halved often enough is 0. */
void pageset_halved(const struct causal *causal, struct causal_slot *slot)
{
	struct pcpmm_pcp_state most = {
		.batch = 1, .free_factor = slot->factor_most};

	if (slot->state_known || causal->rules != PCPMM_LIST_RULES_6_1)
		return;
	pcpmm_pcp_alloc(causal->rules, &most);
	slot->factor_most = (uint8_t)most.free_factor;
	slot->state_known = !slot->factor_most;
}

/* --- what a probe prints ------------------------------------------------------ */

static void take(int32_t *to, int32_t from)
{
	if (from >= 0)
		*to = from;
}

void pageset_print(
	struct pcpmm_pcp_state *state, const struct causal_printed *printed)
{
	take(&state->high, printed->high);
	take(&state->batch, printed->batch > 0 ? printed->batch : -1);
	take(&state->high_min, printed->high_min);
	take(&state->high_max, printed->high_max);
	if (printed->free_factor <= PCPMM_PCP_FACTOR_MAX)
		take(&state->free_factor, printed->free_factor);
	if (printed->alloc_factor <= PCPMM_PCP_FACTOR_MAX)
		take(&state->alloc_factor, printed->alloc_factor);
	take(&state->free_count, printed->free_count);
	if (printed->flags >= 0)
		state->flags = (uint32_t)printed->flags;
}

bool pageset_follow(struct causal *causal, struct causal_slot *slot,
	const struct causal_printed *printed)
{
	struct causal_pageset now = pageset_of(causal, slot);
	struct pcpmm_pcp_state state = now.state;

	pageset_print(&state, printed);
	if (printed->free_factor >= 0 || printed->alloc_factor >= 0)
		slot->state_known = true;
	if (!memcmp(&state, &now.state, sizeof(state)))
		return false;
	pageset_set(causal, slot, &state);
	return true;
}

void printed_from(
	struct causal_printed *printed, const struct replay_probe *probe)
{
	*printed = (struct causal_printed){
		.count = probe->count,
		.high = probe->high,
		.batch = probe->batch,
		.high_min = probe->high_min,
		.high_max = probe->high_max,
		.free_factor = probe->free_factor,
		.alloc_factor = probe->alloc_factor,
		.free_count = probe->free_count,
		.flags = probe->flags,
		.zone_flags = probe->zflags,
	};
}

void printed_nothing(struct causal_printed *printed)
{
	*printed = (struct causal_printed){
		-1, -1, -1, -1, -1, -1, -1, -1, -1, UINT64_MAX};
}
