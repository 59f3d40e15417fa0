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

/* The simulated frame; where the simulation has none, one is injected. */
static uint32_t allocate(struct causal *causal,
	const struct replay_event *event, const struct pcpmm_choice *choice)
{
	struct causal_cpu *cpu = &causal->cpus[event->cpu];
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
		names_take_over(causal, cpu, frame, event->pfn, order);
}

/* The page @pfn leaves the simulation's books, wherever it is. */
static void remove_elsewhere(struct causal *causal, uint32_t pfn)
{
	uint32_t frame = names_frame(causal, pfn);
	struct causal_slot *slot;
	long at;
	int list;

	if (frame == NO_FRAME)
		return;
	if (list_of_home(causal, frame, &slot, &list)) {
		list_names(causal, slot, list);
		at = vec_find(&causal->names[list], pfn);
		if (at >= 0) {
			vec_remove(&causal->names[list], (size_t)at);
			list_set(causal, slot, list);
			causal->run->adjusted.taken_unseen++;
		}
	}
	if (causal->frame[pfn] != NO_FRAME)
		names_forget(causal, causal->frame[pfn], 0);
}

/*
 * Another page than that on top was taken. If it lies deeper on this list, those above
 * it may have been taken without a line, by a bulk allocation; or the one on top is
 * still there, as an interrupt came between a page's line and its list; or it is on
 * another list. It is still there, if bulk allocations are recorded, or the kernel has
 * none; but not twice for the same page on top.
 */
enum passed_over { STILL_THERE, TAKEN, ELSEWHERE };

static enum passed_over what_passed(const struct causal *causal,
	struct causal_slot *slot, int list, uint32_t top)
{
	bool again = slot->passed[list] == top;
	bool no_bulk = causal->rules == PCPMM_LIST_RULES_5_10;

	slot->passed[list] = top;
	if (again)
		return no_bulk ? ELSEWHERE : TAKEN;
	return causal->trace->has_bulk || no_bulk ? STILL_THERE : TAKEN;
}

/* The @nr names from the top go to the end: their list is not known. */
static void sink(struct causal *causal, struct causal_vec *names, size_t nr)
{
	for (; nr; nr--) {
		vec_push(causal, names, names->at[0]);
		vec_remove(names, 0);
	}
}

static uint32_t repair(struct causal *causal, struct causal_slot *slot,
	int list, uint32_t frame, uint32_t pfn)
{
	unsigned order = list_order(causal, list);
	uint32_t old = causal->name[frame], there = names_frame(causal, pfn);
	struct causal_vec *names = &causal->names[list];
	enum passed_over passed = what_passed(causal, slot, list, old);
	long at = -1;

	if (there != NO_FRAME &&
		causal->home[there] == list_home(causal, slot, list)) {
		list_names(causal, slot, list);
		at = vec_find(names, pfn);
	}
	if (at >= 0 && passed == TAKEN) {
		causal->run->adjusted.taken_unseen += (uint64_t)at + 1;
		there = list_pop(causal, slot, list, (unsigned)at + 1);
		return there == NO_FRAME ? frame : there;
	}
	remove_elsewhere(causal, pfn);
	causal->run->adjusted.renamed++;
	names_forget(causal, frame, order);
	list_names(causal, slot, list);
	vec_insert(causal, names, 0, old);
	if (at >= 0 && passed == ELSEWHERE)
		sink(causal, names, (size_t)at + 1);
	list_set(causal, slot, list);
	return frame;
}

/* A refill of which the simulation knew nothing: what it had was taken unseen. */
static uint32_t repair_missed(struct causal *causal, struct causal_slot *slot,
	int list, const struct causal_refill *recorded)
{
	uint32_t first;

	causal->run->adjusted.taken_unseen +=
		list_length(causal, slot, list) + 1;
	causal->run->adjusted.lists_set++;
	list_take_all(causal, slot, list);
	first = list_pop(causal, slot, list, 1);
	if (first == NO_FRAME)
		return NO_FRAME;
	did_collect(causal, &causal->cpus[slot->cpu]);
	refill_name(causal, slot, list, &first, 1, recorded);
	list_names(causal, slot, list);
	causal->names[list].nr = 0;
	for (size_t i = 1; i < recorded->pfns.nr; i++)
		vec_push(causal, &causal->names[list], recorded->pfns.at[i]);
	list_set(causal, slot, list);
	causal->home[first] = 0;
	return first;
}

static void repair_false(
	struct causal *causal, struct causal_slot *slot, int list)
{
	list_clear(causal, slot, list);
	slot->known &= (uint16_t) ~(1u << list);
	causal->run->adjusted.lists_forgotten++;
}

/* A refill of another size: the list gets the recorded one. */
static void repair_size(struct causal *causal, const struct causal_slot *slot,
	int list, const struct causal_refill *recorded)
{
	list_names(causal, slot, list);
	causal->names[list].nr = 0;
	for (size_t i = 1; i < recorded->pfns.nr; i++)
		vec_push(causal, &causal->names[list], recorded->pfns.at[i]);
	list_set(causal, slot, list);
	if (slot->known & (1u << list))
		causal->run->adjusted.lists_set++;
	else
		causal->run->adjusted.lists_learned++;
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

static void score_pfn(struct causal *causal, const struct replay_event *event,
	const struct causal_slot *slot, uint32_t predicted)
{
	struct causal_rate *rate = &causal->run->score.pfn_alloc;

	if (predicted == NO_NAME) {
		causal->run->unknown.allocations++;
		causal->run->adjusted.learned++;
		return;
	}
	rate->n++;
	rate->right += predicted == event->pfn;
	score_log(
		causal, event->line, "pfn_alloc", slot, predicted, event->pfn);
}

/* The frame after what was recorded is taken over: in step mode repaired. */
static uint32_t settle(struct causal *causal, const struct replay_event *event,
	struct causal_slot *slot, int list, uint32_t frame, long got,
	const struct causal_refill *recorded)
{
	bool known = slot->known & (1u << list);

	if (!known && recorded && got >= 0 && (size_t)got != recorded->pfns.nr)
		repair_size(causal, slot, list, recorded);
	if (!causal->step || !known)
		return frame;
	if (got >= 0 && !recorded) {
		repair_false(causal, slot, list);
		names_forget(causal, frame, list_order(causal, list));
		remove_elsewhere(causal, event->pfn);
		return frame;
	}
	if (recorded && got < 0)
		frame = repair_missed(causal, slot, list, recorded);
	else if (recorded && (size_t)got != recorded->pfns.nr)
		repair_size(causal, slot, list, recorded);
	return frame;
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
	score_pfn(causal, event, slot, predicted.pfn);
	return true;
}

static void alloc_listed(
	struct causal *causal, const struct replay_event *event, int list)
{
	struct causal_slot *slot = slot_of(causal, event->cpu, event->zone);
	struct causal_cpu *cpu = &causal->cpus[event->cpu];
	struct causal_refill *recorded =
		record_refill_of(cpu, event->zone, list);
	struct pcpmm_choice choice = choice_of(
		causal, event->zone, (enum pcpmm_migratetype)event->mt, false);
	uint32_t frame;
	long got = -1;
	bool wrong;

	slot->used |= (uint16_t)(1u << list);
	wrong = guess_is_wrong(causal, event, slot, list, recorded);
	if (!(slot->known & (1u << list)))
		unknown_before_alloc(causal, slot, list, recorded != NULL, 1);
	frame = allocate(causal, event, &choice);
	if (frame != NO_FRAME && causal->did.refills) {
		got = (long)causal->did.refill[0].got;
		name_refilled(causal, slot, list, frame, recorded);
	}
	pageset_halved(causal, slot);
	if (!wrong) {
		refill_score(causal, event->line, slot, list, got, recorded);
		score_pfn(causal, event, slot,
			frame == NO_FRAME ? NO_NAME : causal->name[frame]);
	}
	if (frame != NO_FRAME) {
		causal->home[frame] = 0;
		frame = settle(causal, event, slot, list, frame, got, recorded);
	}
	if (frame != NO_FRAME && causal->step &&
		causal->name[frame] != NO_NAME &&
		causal->name[frame] != event->pfn)
		frame = repair(causal, slot, list, frame, event->pfn);
	hand_out(causal, event, frame);
	if (frame != NO_FRAME)
		causal->home[frame] = 0;
	if (recorded) {
		unknown_list_seen(slot, list);
		refill_follow(causal, slot, (unsigned)event->order, recorded);
		record_refill_drop(cpu, recorded);
	}
}

/*
 * A page that had left its list without a line: this is the line, which came late. What
 * the machine predicted when the page left was wrong.
 */
static bool alloc_late(
	struct causal *causal, const struct replay_event *event, int list)
{
	uint32_t frame = names_frame(causal, event->pfn);

	if (!causal->step || frame == NO_FRAME ||
		causal->home[frame] != HOME_TAKEN ||
		record_refill_of(&causal->cpus[event->cpu], event->zone, list))
		return false;
	causal->home[frame] = 0;
	causal->run->adjusted.late++;
	causal->run->score.pfn_alloc.n++;
	score_log(causal, event->line, "pfn_alloc",
		slot_of(causal, event->cpu, event->zone), -1, event->pfn);
	return true;
}

static void alloc_direct(
	struct causal *causal, const struct replay_event *event)
{
	unsigned type = event->mt < PCPMM_MIGRATE_PCPTYPES
				? event->mt
				: PCPMM_MIGRATE_MOVABLE;
	struct pcpmm_choice choice = choice_of(
		causal, event->zone, (enum pcpmm_migratetype)type, true);
	uint32_t frame = allocate(causal, event, &choice);

	causal->run->adjusted.direct_given++;
	hand_out(causal, event, frame);
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
		list = pcpmm_pcp_list_of(
			causal->rules, (unsigned)event->order, event->mt);
	cpu->locked = NO_NAME;
	if (list < 0) {
		alloc_direct(causal, event);
		return;
	}
	if (cpu->bulk != REPLAY_NO_OP && !event->order &&
		event->gfp == causal->events[cpu->bulk].gfp)
		cpu->bulk_single++;
	if (!alloc_late(causal, event, list))
		alloc_listed(causal, event, list);
}
