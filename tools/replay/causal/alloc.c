/* SPDX-License-Identifier: MIT */
/* One allocation: predicted, compared, and in step mode repaired. */
#include "causal_internal.h"

static void score_zone(struct causal *causal, const struct replay_event *event)
{
	struct causal_cpu *cpu = &causal->cpus[event->cpu];
	struct causal_rate *rate = &causal->run->score.zone;
	const struct replay_zone *zone = &causal->zones[event->zone];
	struct pcpmm_choice choice;

	if (pcpmm_recorded_choice(cpu->cpu, cpu->nid, event->gfp,
		    (unsigned)event->order, &choice))
		return;
	rate->n++;
	rate->right += choice.nid == zone->node &&
		       (unsigned)choice.zone_type == zone->index;
}

/* Without type and zone bits: the choice has both. */
static uint32_t plain_gfp(uint32_t gfp)
{
	return gfp & ~(PCPMM___GFP_MOVABLE | PCPMM___GFP_RECLAIMABLE |
			     PCPMM___GFP_DMA | PCPMM___GFP_DMA32 |
			     PCPMM___GFP_HIGHMEM);
}

uint32_t alloc_frame(struct causal *causal, struct causal_cpu *cpu,
	const struct replay_event *event, const struct pcpmm_choice *choice)
{
	struct pcpmm_page *page = pcpmm_recorded_alloc(cpu->cpu, choice,
		plain_gfp(event->gfp), (unsigned)event->order);

	did_collect(causal, cpu);
	return page ? (uint32_t)pcpmm_page_to_pfn(causal->machine, page)
		    : NO_FRAME;
}

/* @frame, or another one where there is none, stands for the allocated page. */
static void hand_out(
	struct causal *causal, const struct replay_event *event, uint32_t frame)
{
	struct causal_cpu *cpu = &causal->cpus[event->cpu];
	unsigned order = (unsigned)event->order;

	if (frame == NO_FRAME)
		names_fresh(causal, cpu, event->zone, event->pfn, order);
	else
		names_take_over(causal, cpu,
			names_own(
				causal, frame, event->zone, event->pfn, order),
			event->pfn, order);
}

/* The frames that a refill has just brought: the first is taken already. */
static void name_refilled(struct causal *causal, const struct causal_slot *slot,
	int list, uint32_t first, const struct causal_refill *recorded)
{
	list_frames(causal, slot, list);
	vec_insert(causal, &causal->frames, 0, first);
	if (!causal->no_memory)
		refill_name(causal, slot, list, causal->frames.at,
			(unsigned)causal->frames.nr, recorded);
}

/* The lists have just been corrected: what was predicted before is scored. */
static bool guess_is_wrong(struct causal *causal,
	const struct replay_event *event, struct causal_slot *slot, int list,
	const struct causal_refill *recorded)
{
	struct guess_prediction predicted;

	if (!guess_shown(causal, event, slot, list, recorded, &predicted))
		return false;
	refill_score(causal, event->line, slot, list, predicted.refill ? 0 : -1,
		recorded);
	score_alloc(causal, event, slot, predicted.pfn);
	return true;
}

/* In step mode: another page than the one that was taken is still there. */
static void mend(struct causal *causal, const struct replay_event *event,
	const struct causal_slot *slot, int list, uint32_t frame)
{
	uint32_t name = causal->name[frame];

	if (causal->step && name != NO_NAME && name != event->pfn)
		mend_page(causal, slot, list, frame, event->pfn);
}

/* From a list of @slot. @elsewhere: which is not that of the line's CPU, and scored. */
static void alloc_from(struct causal *causal, const struct replay_event *event,
	struct causal_slot *slot, int list, bool elsewhere)
{
	struct causal_cpu *cpu = &causal->cpus[slot->cpu];
	struct causal_refill *recorded =
		record_refill_of(cpu, event->zone, list);
	struct pcpmm_choice choice = choice_of(
		causal, event->zone, (enum pcpmm_migratetype)event->mt, false);
	bool guessed = !elsewhere &&
		       guess_is_wrong(causal, event, slot, list, recorded);
	bool scored =
		elsewhere || guessed || late_above(causal, event, slot, list);
	uint32_t frame;
	long got = -1;

	slot->used |= (uint16_t)(1u << list);
	if (!(slot->known & (1u << list)))
		unknown_before_alloc(causal, slot, list, recorded != NULL, 1);
	frame = alloc_frame(causal, cpu, event, &choice);
	if (recorded && causal->did.tried)
		got = 0;
	if (frame != NO_FRAME && causal->did.refills) {
		got = (long)causal->did.refill[0].got;
		name_refilled(causal, slot, list, frame, recorded);
	}
	pageset_halved(causal, slot);
	if (!guessed)
		refill_score(causal, event->line, slot, list, got, recorded);
	if (!scored)
		score_alloc(causal, event, slot,
			frame == NO_FRAME ? NO_NAME : causal->name[frame]);
	if (frame != NO_FRAME)
		causal->home[frame] = 0;
	frame = mend_refill(causal, event, slot, list, frame, got, recorded);
	if (frame != NO_FRAME && !elsewhere)
		mend(causal, event, slot, list, frame);
	hand_out(causal, event, frame);
	if (frame != NO_FRAME)
		causal->home[frame] = 0;
	if (recorded) {
		unknown_list_seen(slot, list);
		refill_follow(causal, slot, (unsigned)event->order, recorded);
		record_refill_drop(cpu, recorded);
	}
}

static void alloc_listed(struct causal *causal,
	const struct replay_event *event, unsigned cpu, int list)
{
	struct causal_slot *slot = slot_of(causal, cpu, event->zone);
	struct causal_slot *from = late_elsewhere(causal, event, slot, list);

	alloc_from(causal, event, from ? from : slot, list, from != NULL);
}

static void alloc_direct(
	struct causal *causal, const struct replay_event *event)
{
	unsigned type = event->mt < PCPMM_MIGRATE_PCPTYPES
				? event->mt
				: PCPMM_MIGRATE_MOVABLE;
	struct pcpmm_choice choice = choice_of(
		causal, event->zone, (enum pcpmm_migratetype)type, true);
	uint32_t frame =
		alloc_frame(causal, &causal->cpus[event->cpu], event, &choice);

	causal->run->adjusted.direct_given++;
	hand_out(causal, event, frame);
}

static int list_of(
	const struct causal *causal, const struct replay_event *event)
{
	return pcpmm_pcp_list_of(
		causal->rules, (unsigned)event->order, event->mt);
}

void alloc_of_refill(struct causal *causal, uint32_t at, uint16_t cpu)
{
	const struct replay_event *event = &causal->events[at];

	score_zone(causal, event);
	alloc_listed(causal, event, cpu, list_of(causal, event));
}

void alloc_line(struct causal *causal, uint32_t at)
{
	const struct replay_event *event = &causal->events[at];
	struct causal_cpu *cpu = &causal->cpus[event->cpu];
	int list = -1;

	if (event->pfn >= causal->end)
		return;
	score_zone(causal, event);
	if (event->mt < PCPMM_MIGRATE_PCPTYPES && cpu->locked != event->pfn)
		list = list_of(causal, event);
	cpu->locked = NO_NAME;
	if (list < 0) {
		alloc_direct(causal, event);
		return;
	}
	if (cpu->bulk != REPLAY_NO_OP && !event->order &&
		event->gfp == causal->events[cpu->bulk].gfp)
		cpu->bulk_single++;
	if (!late_line(causal, event, list))
		alloc_listed(causal, event, event->cpu, list);
}
