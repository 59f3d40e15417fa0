/* SPDX-License-Identifier: MIT */
/*
 * After a free: what the recorded bulk free tells, or that there was none. The
 * first of a pageset is learned; later ones repair, in step mode.
 */
#include "causal_internal.h"

/* --- counts --------------------------------------------------------------------- */

/*
 * The count at the first bulk free of a slot, as its probe prints it. Without the
 * probe it is the mark, if the free can not have emptied the lists whatever their
 * count. -1: not known.
 */
static int32_t first_count(const struct causal *causal,
	const struct causal_slot *slot, const struct causal_pageset *before,
	unsigned order)
{
	const struct causal_bulk *bulk = &causal->bulk;
	int32_t mark = pageset_mark(causal, slot, before);

	if (bulk->printed.count >= 0)
		return bulk->printed.count;
	if (pageset_may_empty(causal, slot, before, order))
		return slot->state_known ? (int32_t)bulk->pages : -1;
	return mark < (int32_t)bulk->pages ? (int32_t)bulk->pages : mark;
}

static void after_count(struct causal *causal, struct causal_slot *slot,
	const struct causal_pageset *before, unsigned order)
{
	int32_t pages = (int32_t)causal->bulk.pages;
	int32_t count = first_count(causal, slot, before, order);

	if (count < pages)
		return;
	unknown_set_count(causal, slot, count - pages);
	if (count == pages)
		unknown_slot_empty(causal, slot);
	slot->count_known = true;
}

/* --- the state -------------------------------------------------------------------- */

static void set_reclaim(
	struct causal *causal, const struct causal_slot *slot, bool active)
{
	const struct replay_zone *zone = &causal->zones[slot->zone];

	if (causal->reclaim[slot->zone] == active)
		return;
	causal->reclaim[slot->zone] = active;
	pcpmm_restore_reclaim_active(
		causal->machine, zone->node, zone->index, active);
	causal->run->adjusted.flags++;
}

/*
 * From 6.7: while it is set each free of a long list spills. @counts: a prediction was
 * wrong for it.
 */
static void set_below_high(struct causal *causal,
	const struct causal_slot *slot, bool below, bool counts)
{
	const struct replay_zone *zone = &causal->zones[slot->zone];

	if (!pcpmm_restore_below_high(
		    causal->machine, zone->node, zone->index, below) &&
		counts)
		causal->run->adjusted.flags++;
}

static void follow_flags(struct causal *causal, const struct causal_slot *slot)
{
	uint64_t flags = causal->bulk.printed.zone_flags;
	bool below;

	if (flags == UINT64_MAX || !causal->step)
		return;
	set_reclaim(causal, slot, flags & PCPMM_ZONE_RECLAIM_ACTIVE);
	below = flags & PCPMM_ZONE_BELOW_HIGH;
	set_below_high(causal, slot, below, below && !causal->did.spilled);
}

/* Where no probe prints it: as the rule leaves it, if the machine did not spill. */
static void spilled_state(struct causal *causal, struct causal_slot *slot,
	const struct causal_pageset *before, unsigned order)
{
	struct pcpmm_pcp_state state = before->state;
	int32_t mark = pageset_mark(causal, slot, before);

	if (pageset_may_empty(causal, slot, before, order))
		return;
	if (pcpmm_pcp_free(causal->rules, &state, mark, order,
		    pageset_zone_flags(causal, slot)) > 0)
		pageset_set(causal, slot, &state);
}

/* --- the first -------------------------------------------------------------------- */

void follow_first(struct causal *causal, struct causal_slot *slot,
	const struct causal_pageset *before, unsigned order)
{
	const struct causal_printed *printed = &causal->bulk.printed;

	spill_set(causal, slot, true);
	after_count(causal, slot, before, order);
	if (printed->free_factor >= 0 || printed->alloc_factor >= 0)
		pageset_follow(causal, slot, printed);
	else if (!causal->did.spilled && slot->state_known)
		spilled_state(causal, slot, before, order);
	follow_flags(causal, slot);
	causal->run->adjusted.fitted_spills++;
	causal->run->unknown.spills++;
}

/* --- later ones --------------------------------------------------------------------- */

/*
 * The count that the probe prints. Without it only a spill that was not predicted
 * tells of the count: it had reached the mark, that of kswapd at work if kswapd is
 * awake and the count is not near high.
 */
static void follow_count(struct causal *causal, struct causal_slot *slot,
	const struct causal_pageset *before, int32_t pages)
{
	const struct causal_bulk *bulk = &causal->bulk;
	int32_t count = bulk->printed.count, mark = before->state.high;

	if (count < 0 && causal->did.spilled)
		count = causal->did.count;
	if (count < 0 && causal->awake[slot->zone] &&
		bulk->printed.zone_flags == UINT64_MAX &&
		before->count + pages + before->state.batch < mark)
		set_reclaim(causal, slot, true);
	else if (count < 0)
		count = mark > (int32_t)bulk->pages ? mark
						    : (int32_t)bulk->pages;
	if (count >= 0)
		unknown_set_count(causal, slot, count - (int32_t)bulk->pages);
}

void follow_spill(struct causal *causal, struct causal_slot *slot, bool known,
	const struct causal_pageset *before, unsigned order)
{
	const struct causal_bulk *bulk = &causal->bulk;
	int32_t pages = 1 << order;
	/* By the rule, where no probe prints the count. */
	bool emptied = bulk->printed.count < 0 && causal->did.spilled &&
		       causal->did.count == (int32_t)bulk->pages &&
		       pageset_may_empty(causal, slot, before, order);

	slot->falsely = 0;
	if (causal->did.spilled && known)
		spill_score_frames(causal, slot);
	if (causal->did.spilled && !known && !causal->step) {
		/* Which blocks were on an unknown list is learned. */
		spill_set(causal, slot, true);
		unknown_set_count(causal, slot,
			before->count + pages - (int32_t)bulk->pages);
	}
	if (causal->step || !slot->state_known) {
		bool first = !slot->state_known;

		if (pageset_follow(causal, slot, &bulk->printed) && !first)
			causal->run->adjusted.states++;
	}
	if (causal->step) {
		spill_set(causal, slot, false);
		follow_flags(causal, slot);
		follow_count(causal, slot, before, pages);
	}
	if (bulk->printed.count == (int32_t)bulk->pages || emptied)
		unknown_slot_empty(causal, slot);
}

/*
 * A count that was not reached after all: how much less there is is not known; more,
 * if the next one does not come either.
 */
static int32_t less(struct causal_slot *slot, int32_t high)
{
	int32_t by = 1 << slot->falsely;

	slot->falsely += slot->falsely < 5;
	return high > by ? high - by : 0;
}

void follow_none(struct causal *causal, struct causal_slot *slot,
	const struct causal_pageset *before, unsigned order)
{
	struct pcpmm_pcp_state state = before->state;
	int32_t count = before->count + (1 << order);
	bool emptying =
		pcpmm_pcp_free_high(causal->rules, &state, count, order);

	causal->bulk.pfns.nr = causal->bulk.lists.nr = 0;
	causal->bulk.pages = 0;
	if (!causal->step)
		return;
	spill_set(causal, slot, false);
	if (count < state.high)
		set_below_high(causal, slot, false, true);
	if (emptying)
		state.free_factor = state.free_count = 0;
	pageset_set(causal, slot, &state);
	if (causal->reclaim[slot->zone] && count < state.high)
		set_reclaim(causal, slot, false);
	else if (count >= state.high)
		unknown_set_count(causal, slot, less(slot, state.high));
}

/*
 * A free of which it was not known whether it spills did not: so it did not empty the
 * lists, and what would have made it do so is 0.
 */
void follow_unknown(struct causal *causal, struct causal_slot *slot,
	const struct causal_pageset *before, unsigned order)
{
	struct causal_pageset now;

	if (causal->did.spilled) {
		causal->bulk.pfns.nr = causal->bulk.lists.nr = 0;
		causal->bulk.pages = 0;
		spill_set(causal, slot, true);
	}
	if (causal->rules != PCPMM_LIST_RULES_6_1 ||
		!pageset_may_empty(causal, slot, before, order))
		return;
	now = pageset_of(causal, slot);
	now.state.free_factor = 0;
	pageset_set(causal, slot, &now.state);
	slot->state_known = true;
}
