/* SPDX-License-Identifier: MIT */
/*
 * What a bulk free after a free tells, and what its absence tells.
 *
 * A free spills when the count reaches the mark (nr_pcp_high(), Linux 6.1):
 * high, or min(4 * batch, high) while kswapd is at work on the zone. A free
 * of a block of order 1..3 spills at once if free_factor is not 0. So each
 * free above a mark is evidence:
 *   spill below high          kswapd was at work
 *   no spill at 4 * batch     kswapd was not at work
 *   no spill at high          pages have left without an event
 * A free_bulk probe prints flags, count, high and batch outright. The ops
 * that follow from the evidence are placed just before the free.
 */
#include "infer_internal.h"
#include "tuned.h"

static void spill_zone_flags(
	struct infer *infer, const struct replay_event *event, uint32_t flags)
{
	struct replay_op op = emit_template(event, REPLAY_ZONE_FLAGS);
	uint32_t changed;

	flags &= REPLAY_ZF_BOOSTED | REPLAY_ZF_RECLAIM |
		 (is_tuned(infer) ? REPLAY_ZF_BELOW_HIGH : 0);
	changed = infer->zone_flags[event->zone] ^ flags;
	if (!changed)
		return;
	if (changed & REPLAY_ZF_RECLAIM && flags & REPLAY_ZF_RECLAIM)
		infer->out->stats.flags_raised++;
	else if (changed & REPLAY_ZF_RECLAIM)
		infer->out->stats.flags_lowered++;
	infer->zone_flags[event->zone] = flags;
	op.n = flags;
	op.flags = REPLAY_OP_INFERRED;
	emit_op(infer, op);
}

/* Of the heads of the order-0 lists the one that is allocated next. */
static uint32_t spill_late_head(struct infer *infer, uint32_t slot)
{
	const struct shadow_slot *of = &infer->slots[slot];
	uint32_t soonest = INFER_NONE, found = REPLAY_NO_PFN;
	const struct page_info *page;

	for (int list = 0; list < 3; list++) {
		if (of->list[list].head == REPLAY_NO_PFN)
			continue;
		page = pfnmap_find(&infer->pages, of->list[list].head);
		if (page->fate == FATE_ALLOC && page->event < soonest) {
			soonest = page->event;
			found = of->list[list].head;
		}
	}
	return found;
}

/*
 * The shadow lists have `excess` pages too many. Takes them from order-0
 * lists: first pages that a bulk allocation must have taken (FATE_FREE), then
 * pages without a next event, then the pages allocated next: the lines of
 * these allocations are late.
 */
static void spill_settle(struct infer *infer, uint32_t slot, int32_t excess,
	const struct replay_event *event)
{
	struct shadow_slot *of = &infer->slots[slot];
	const struct page_info *page;
	int32_t before;
	uint32_t late;

	for (int i = 0; i < 6 && excess > 0 && !infer->trace->has_bulk; i++) {
		if (of->list[i % 3].head == REPLAY_NO_PFN)
			continue;
		page = pfnmap_find(&infer->pages, of->list[i % 3].head);
		if (page->fate != (i < 3 ? FATE_FREE : FATE_NONE))
			continue;
		before = of->count;
		walk_bulk_from_top(infer, slot, i % 3, REPLAY_NO_PFN,
			(uint32_t)excess, event->line);
		infer->out->stats.settled += (uint32_t)(before - of->count);
		excess -= before - of->count;
	}
	for (; excess > 0; excess--) {
		late = spill_late_head(infer, slot);
		if (late == REPLAY_NO_PFN)
			break;
		walk_alloc_early(infer, late);
		infer->out->stats.settled++;
	}
}

static void spill_pcp_set(struct infer *infer, struct shadow_slot *slot,
	const struct replay_event *event, const struct replay_probe *probe)
{
	struct replay_op op = emit_template(event, REPLAY_PCP_SET);

	if (probe->high < 0 || probe->batch < 0 || high_floats(infer))
		return;
	if (slot->high != probe->high || slot->batch != probe->batch) {
		op.high = (uint32_t)probe->high;
		op.batch = (uint32_t)probe->batch;
		op.flags = REPLAY_OP_INFERRED;
		if (slot->high >= 0)
			emit_op(infer, op);
	}
	slot->high = probe->high;
	slot->batch = probe->batch;
}

/* The free at `at` spills, and a probe says what the kernel saw. */
static void spill_probed(
	struct infer *infer, uint32_t at, uint32_t slot, int32_t after)
{
	const struct replay_event *event = infer_event(infer, at);
	const struct replay_probe *probe =
		&infer->trace->probes[infer_event(infer, event->gfp)->arg];

	spill_pcp_set(infer, &infer->slots[slot], event, probe);
	if (after > probe->count)
		spill_settle(infer, slot, after - probe->count, event);
	if (probe->zflags != UINT64_MAX)
		spill_zone_flags(infer, event, (uint32_t)probe->zflags);
}

/* The mark while kswapd is at work on the zone. */
static int32_t spill_low_mark(const struct shadow_slot *slot)
{
	return replay_spill_at(slot->high, slot->batch, true);
}

static bool spill_is_free_high(
	const struct shadow_slot *slot, const struct replay_event *event)
{
	return replay_free_high(event->order, slot->free_factor);
}

/*
 * Whether the drain lines that follow the free at `at` are a drain and no
 * spill. A spill asks for at most the mark less a batch, so it leaves a batch
 * on the lists. There are two exceptions: free_high, and a last block so large
 * that more was freed than asked for. Lines that leave nothing otherwise are
 * a drain of this CPU's lists by this CPU itself.
 */
static bool spill_is_drain(
	struct infer *infer, uint32_t at, uint32_t slot, int32_t after)
{
	struct replay_event *event = infer_event(infer, at);
	const struct shadow_slot *of = &infer->slots[slot];
	uint32_t last = 0, pages;

	if (spill_is_free_high(of, event) || of->high < of->batch ||
		of->batch < 1)
		return false;
	pages = walk_run_pages(infer, event->gfp, &last);
	if ((int32_t)pages < after)
		return false;
	if (after >= spill_low_mark(of) &&
		(int32_t)(pages - last) < of->high - of->batch)
		return false;
	event->flags &= (uint8_t)~REPLAY_EV_SPILLS;
	infer_event(infer, event->gfp)->flags &= (uint8_t)~REPLAY_EV_CAUSED;
	return true;
}

/* The free at `at` spills; only drain lines say so. */
static void spill_unprobed(
	struct infer *infer, uint32_t at, uint32_t slot, int32_t after)
{
	const struct replay_event *event = infer_event(infer, at);
	struct shadow_slot *of = &infer->slots[slot];
	uint32_t flags = infer->zone_flags[event->zone];
	int32_t mark;

	if (of->high < 0 || of->batch < 1 || high_floats(infer) ||
		spill_is_free_high(of, event))
		return;
	if (after < of->high && after >= spill_low_mark(of))
		spill_zone_flags(infer, event, flags | REPLAY_ZF_RECLAIM);
	flags = infer->zone_flags[event->zone];
	mark = replay_spill_at(of->high, of->batch, flags & REPLAY_ZF_RECLAIM);
	/* Only for the next free_factor, which a probe would print. */
	replay_spill_size(after, mark, of->batch, false, &of->free_factor);
}

/*
 * No spill at `high` and no page unaccounted for: high was raised. The next
 * bulk free of this list tells the new mark.
 */
static void spill_raised(struct infer *infer, uint32_t at, uint32_t slot)
{
	const struct replay_trace *trace = infer->trace;
	const struct replay_event *event = infer_event(infer, at), *later;
	struct shadow_slot *of = &infer->slots[slot];
	const struct replay_probe *probe;

	if (of->high_asked == of->high)
		return;
	of->high_asked = of->high;
	for (size_t i = at + 1; i < trace->nr_events; i++) {
		later = &trace->events[i];
		if (later->kind != REPLAY_EV_FREE || later->cpu != event->cpu ||
			later->zone != event->zone ||
			!(later->flags & REPLAY_EV_SPILLS))
			continue;
		if (trace->events[later->gfp].kind != REPLAY_EV_FREE_BULK)
			return;
		probe = &trace->probes[trace->events[later->gfp].arg];
		if (probe->high > of->high)
			spill_pcp_set(infer, of, event, probe);
		return;
	}
}

/* The free at `at` does not spill. */
static void spill_none(
	struct infer *infer, uint32_t at, uint32_t slot, int32_t after)
{
	const struct replay_event *event = infer_event(infer, at);
	struct shadow_slot *of = &infer->slots[slot];
	uint32_t flags = infer->zone_flags[event->zone];

	if (of->high < 0 || of->batch < 1 || high_floats(infer))
		return;
	if (after >= of->high)
		spill_raised(infer, at, slot);
	if (after >= of->high) {
		spill_settle(infer, slot, after - of->high + 1, event);
		after = of->count + (1 << event->order);
	}
	if (after >= spill_low_mark(of) && after < of->high &&
		flags & REPLAY_ZF_RECLAIM)
		spill_zone_flags(infer, event, flags & ~REPLAY_ZF_RECLAIM);
}

/*
 * Second walk, before the page is pushed and the FREE op is written: the
 * count is held against the mark.
 */
void spill_before_free(struct infer *infer, uint32_t at)
{
	const struct replay_event *event = infer_event(infer, at);
	uint32_t slot = infer_slot_index(infer, event->cpu, event->zone);
	int32_t after = infer->slots[slot].count + (1 << event->order);

	tuned_freed(infer, at, slot, after);
	if (!(event->flags & REPLAY_EV_SPILLS))
		spill_none(infer, at, slot, after);
	else if (infer_event(infer, event->gfp)->kind == REPLAY_EV_FREE_BULK)
		spill_probed(infer, at, slot, after);
	else if (spill_is_drain(infer, at, slot, after))
		spill_none(infer, at, slot, after);
	else
		spill_unprobed(infer, at, slot, after);
}

/*
 * First walk, no probe: if a free did not spill (`freed`) and the next one
 * does, the count is just at the mark. This tells what the lists held before
 * the trace, unless kswapd may have lowered the mark.
 */
void spill_after_free(struct infer *infer, uint32_t at, bool freed)
{
	const struct replay_event *event = infer_event(infer, at);
	struct shadow_slot *slot =
		&infer->slots[infer_slot_index(infer, event->cpu, event->zone)];
	bool spills = event->flags & REPLAY_EV_SPILLS;

	if (infer->trace->has_free_bulk || high_floats(infer))
		return;
	if (spills && freed && !event->order && !slot->counted &&
		slot->high > 0 && !infer->kswapd_seen) {
		slot->counted = true;
		slot->count_first = slot->high - slot->count;
	}
	slot->freed = !spills;
}
