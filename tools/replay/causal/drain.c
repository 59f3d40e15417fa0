/* SPDX-License-Identifier: MIT */
/*
 * Bulk frees that no free caused: drains. That they happen, and of how many pages,
 * is given; which pages they take is predicted.
 */
#include "causal_internal.h"

static struct causal_slot *slot_drained(struct causal *causal, uint32_t at)
{
	const struct replay_event *event = &causal->events[at];
	const struct causal_cpu *cpu = &causal->cpus[event->cpu];
	unsigned owner =
		cpu->drained == REPLAY_NO_CPU || cpu->drained >= causal->nr_cpus
			? event->cpu
			: cpu->drained;
	uint32_t page =
		event->kind == REPLAY_EV_DRAINED ? at : record_next(causal, at);

	if (page >= causal->nr_events ||
		causal->events[page].kind != REPLAY_EV_DRAINED)
		return NULL;
	return slot_of(causal, owner, causal->events[page].zone);
}

static int drain_first(const struct causal *causal)
{
	struct pcpmm_pcp_turn turn = {0};

	pcpmm_pcp_turn_begin(causal->rules, -1, &turn);
	return (int)turn.list;
}

void drain_line(struct causal *causal, uint32_t at)
{
	struct causal_cpu *cpu = &causal->cpus[causal->events[at].cpu];
	struct causal_bulk *bulk = &causal->bulk;
	struct causal_slot *slot = slot_drained(causal, at);
	const struct replay_zone *zone;
	int32_t after;
	bool known;

	if (!slot)
		return;
	if (chunk_is_rest(causal, slot, at, 0)) {
		chunk_rest(causal, slot, at);
		return;
	}
	zone = &causal->zones[slot->zone];
	record_bulk(causal, at);
	if (bulk->printed.count >= 0 && (causal->step || !slot->count_known))
		unknown_set_count(causal, slot, bulk->printed.count);
	known = slot->count_known || bulk->printed.count >= 0;
	causal->run->adjusted.drains_given++;
	pcpmm_drain_pages_zone(cpu->cpu, slot->cpu, zone->node, zone->index,
		(unsigned)bulk->n);
	did_collect(causal, cpu);
	after = pageset_of(causal, slot).count;
	if (known && spill_is_known(causal, slot, drain_first(causal))) {
		spill_score_frames(causal, slot);
		if (causal->step)
			spill_set(causal, slot, false);
	} else {
		/* Which blocks were on an unknown list is learned; not how many. */
		spill_set(causal, slot, true);
		if (slot->count_known)
			unknown_set_count(causal, slot, after);
	}
	if (bulk->printed.count >= 0) {
		if (causal->step || !slot->count_known)
			unknown_set_count(causal, slot,
				bulk->printed.count - (int32_t)bulk->pages);
		slot->count_known = true;
		if (bulk->printed.count == (int32_t)bulk->pages)
			unknown_slot_empty(causal, slot);
	}
}

/* --- decay_pcp_high() -------------------------------------------------------- */

static struct causal_slot *slot_named(
	struct causal *causal, unsigned cpu, unsigned name)
{
	for (unsigned i = 0; i < causal->nr_zones; i++)
		if (causal->zones[i].index == name &&
			causal->zones[i].node == causal->cpus[cpu].nid)
			return slot_of(causal, cpu, i);
	return NULL;
}

/* The own CPU's high comes down; what is above it follows as bulk frees. */
void decay_line(struct causal *causal, uint32_t at)
{
	const struct replay_event *event = &causal->events[at];
	const struct replay_probe *probe = &causal->trace->probes[event->arg];
	struct causal_slot *slot;
	struct causal_printed printed;
	struct causal_pageset now;

	causal->cpus[event->cpu].drained = REPLAY_NO_CPU;
	if (event->arg >= causal->trace->nr_probes)
		return;
	slot = slot_named(causal, event->cpu, probe->zone_name);
	if (!slot)
		return;
	printed_from(&printed, probe);
	if (causal->step || !slot->state_known)
		pageset_follow(causal, slot, &printed);
	if (printed.count >= 0 && (causal->step || !slot->count_known)) {
		unknown_set_count(causal, slot, printed.count);
		slot->count_known = true;
	}
	now = pageset_of(causal, slot);
	pcpmm_pcp_decay(causal->rules, &now.state, now.count);
	pageset_set(causal, slot, &now.state);
}
