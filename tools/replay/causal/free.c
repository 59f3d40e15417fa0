/* SPDX-License-Identifier: MIT */
/* One free: does it spill, how much, and which pages? */
#include "causal_internal.h"

#include <stdlib.h>

/* --- the page -------------------------------------------------------------------- */

/*
 * The page is on a list in the simulation: it was taken without a line. Where bulk
 * allocations have a probe, one of these took it, and another page in the simulation.
 */
static uint32_t take_listed(
	struct causal *causal, uint32_t frame, uint32_t pfn, unsigned order)
{
	struct causal_slot *slot;
	int list;

	if (!list_of_home(causal, frame, &slot, &list) ||
		list_order(causal, list) != order ||
		!list_take_one(causal, slot, list, pfn))
		return NO_FRAME;
	causal->run->adjusted.taken_unseen++;
	return names_frame(causal, pfn);
}

/* The held block of @order that @frame is in, split until it is that; NO_FRAME. */
static uint32_t part_of_held(struct causal *causal, struct causal_cpu *cpu,
	uint32_t frame, unsigned held, unsigned order)
{
	uint32_t head = frame & ~((1u << held) - 1);
	struct pcpmm_page *page = pcpmm_pfn_to_page(causal->machine, head);

	if (held < order || frame & ((1u << order) - 1))
		return NO_FRAME;
	if (held > order && pcpmm_split_pages(cpu->cpu, page, held, order))
		return NO_FRAME;
	return frame;
}

/* The frame to be freed. */
static uint32_t frame_of(
	struct causal *causal, const struct replay_event *event)
{
	struct causal_cpu *cpu = &causal->cpus[event->cpu];
	unsigned order = (unsigned)event->order;
	uint32_t frame = names_frame(causal, event->pfn);
	struct pcpmm_page_info info;

	info.state = PCPMM_PAGE_NONE;
	if (frame != NO_FRAME &&
		!pcpmm_page_inspect(causal->machine, frame, &info)) {
		if (info.state == PCPMM_PAGE_HELD)
			frame = part_of_held(
				causal, cpu, frame, info.order, order);
		else if (info.state == PCPMM_PAGE_PCP &&
			 (causal->step || !causal->trace->has_bulk))
			frame = take_listed(causal, frame, event->pfn, order);
		else
			frame = NO_FRAME;
	}
	/* A bulk allocation, which has no line, takes single pages only. */
	causal->run->refused +=
		info.state == PCPMM_PAGE_PCP && order && info.order == order;
	if (frame == NO_FRAME && causal->step &&
		names_frame(causal, event->pfn) != NO_FRAME)
		names_forget(causal, names_frame(causal, event->pfn), order);
	if (frame == NO_FRAME)
		frame = names_fresh(
			causal, cpu, event->zone, event->pfn, order);
	return frame;
}

/* --- what the free caused -------------------------------------------------------- */

static void score_spill(struct causal *causal, const struct replay_event *event,
	const struct causal_slot *slot, bool recorded, bool size_known)
{
	struct causal_calls *calls = &causal->run->score.spill;
	const struct causal_did *did = &causal->did;
	const struct causal_bulk *bulk = &causal->bulk;

	if (!recorded && !did->spilled)
		return;
	calls->recorded += recorded;
	calls->falsely += !recorded;
	if (recorded && did->spilled) {
		calls->predicted++;
		if (size_known) {
			calls->pages += bulk->pages;
			calls->off_pages += (uint64_t)labs(
				(long)bulk->pages - (long)did->pages);
		}
	}
	score_log(causal, event->line, "spill", slot,
		did->spilled ? (int64_t)did->pages : -1,
		recorded ? (int64_t)bulk->pages : -1);
}

static void compare(struct causal *causal, const struct replay_event *event,
	struct causal_slot *slot, int list, const struct causal_pageset *before,
	bool recorded)
{
	unsigned order = (unsigned)event->order;
	bool known;

	if (recorded)
		record_bulk(causal, event->gfp);
	if (!slot->count_known ||
		!pageset_decides(causal, slot, before, order)) {
		causal->run->unknown.frees++;
		if (recorded) {
			chunk_spilled(causal, slot, order, false);
			follow_first(causal, slot, before, order);
			slot->learned_by = event->pfn;
		} else {
			follow_unknown(causal, slot, before, order);
		}
		return;
	}
	known = spill_is_known(causal, slot, list);
	score_spill(causal, event, slot, recorded, slot->state_known && known);
	if (recorded) {
		chunk_spilled(causal, slot, order,
			causal->did.spilled && !causal->step);
		follow_spill(causal, slot, known, before, order);
	} else if (causal->did.spilled) {
		follow_none(causal, slot, before, order);
	}
}

static void free_direct(
	struct causal *causal, const struct replay_event *event, uint32_t frame)
{
	struct causal_cpu *cpu = &causal->cpus[event->cpu];
	struct pcpmm_choice choice = choice_of(
		causal, event->zone, (enum pcpmm_migratetype)event->mt, true);

	if (pcpmm_recorded_free(cpu->cpu,
		    pcpmm_pfn_to_page(causal->machine, frame),
		    (unsigned)event->order, &choice))
		causal->run->refused++;
	causal->home[frame] = 0;
	causal->run->adjusted.direct_given++;
	did_collect(causal, cpu);
}

void free_line(struct causal *causal, uint32_t at)
{
	const struct replay_event *event = &causal->events[at];
	struct causal_cpu *cpu = &causal->cpus[event->cpu];
	unsigned type;
	int list;
	struct causal_slot *slot;
	struct pcpmm_choice choice;
	struct causal_pageset before;
	bool spills, rest;
	uint32_t frame;

	if (event->pfn >= causal->end)
		return;
	type = guess_type(causal, at);
	list = pcpmm_pcp_list_of(causal->rules, (unsigned)event->order, type);
	frame = frame_of(causal, event);
	if (frame == NO_FRAME) {
		causal->run->skipped++;
		return;
	}
	if (list < 0 || event->flags & REPLAY_EV_DIRECT) {
		free_direct(causal, event, frame);
		return;
	}
	slot = slot_of(causal, event->cpu, event->zone);
	slot->used |= (uint16_t)(1u << list);
	before = pageset_of(causal, slot);
	choice = choice_of(
		causal, event->zone, (enum pcpmm_migratetype)type, false);
	guess_freed(causal, at);
	causal->home[frame] = list_home(causal, slot, list);
	if (pcpmm_recorded_free(cpu->cpu,
		    pcpmm_pfn_to_page(causal->machine, frame),
		    (unsigned)event->order, &choice)) {
		causal->run->refused++;
		causal->home[frame] = 0;
	}
	did_collect(causal, cpu);
	spills = event->flags & REPLAY_EV_SPILLS;
	rest = spills &&
	       chunk_is_rest(causal, slot, event->gfp, (unsigned)event->order);
	compare(causal, event, slot, list, &before, spills && !rest);
	if (rest)
		chunk_rest(causal, slot, event->gfp);
}
