/* SPDX-License-Identifier: MIT */
/* Allocations: where each got its page. */
#include "infer_internal.h"
#include "tuned.h"

/* The list that a page is on is surer evidence than its allocation's line. */
static void walk_op_from_list(const struct infer *infer, struct replay_op *op,
	const struct page_info *page)
{
	op->cpu = (uint16_t)(page->slot / infer->out->nr_zones);
	op->zone = (uint16_t)(page->slot % infer->out->nr_zones);
	/* Two types share a list of order 9: the op keeps the one asked for. */
	if (replay_list_of(op->order, op->mt) == page->list)
		return;
	op->order = page->order;
	op->mt = (uint8_t)replay_list_type(page->list);
}

/* Writes the op of the allocation that is page `pfn`'s next event now. */
void walk_alloc_early(struct infer *infer, uint32_t pfn)
{
	struct page_info *page = pfnmap_find(&infer->pages, pfn);
	struct replay_event *event = infer_event(infer, page->event);
	struct replay_op op = emit_template(event, REPLAY_ALLOC);

	op.gfp = event->gfp;
	walk_op_from_list(infer, &op, page);
	event->flags |= REPLAY_EV_EARLY;
	factor_allocated(&infer->slots[page->slot]);
	tuned_allocated(infer, page->slot / infer->out->nr_zones,
		&infer->slots[page->slot], false);
	shadow_remove(infer, page);
	infer->out->stats.early++;
	emit_refill_caused(infer, op.cpu, emit_op(infer, op));
}

/*
 * Takes the page off the place where the allocation got it; marks the event
 * DIRECT if that was no list. The kernel writes the event last, after it
 * cleared the page: the task may run on another CPU by then than the owner of
 * the list.
 */
static void walk_alloc_source(
	struct infer *infer, uint32_t at, struct page_info *page)
{
	struct replay_event *event = infer_event(infer, at);
	int list = replay_list_of(event->order, event->mt);
	uint32_t slot = infer_slot_index(infer, event->cpu, event->zone);

	switch (page->place) {
	case PAGE_PCP:
		infer->out->stats.migrated += page->slot != slot;
		infer->out->stats.astray += page->list != list;
		walk_taken_from_top(
			infer, page->slot, page->list, event->pfn, event->line);
		shadow_remove(infer, page);
		if (page->order == event->order)
			return;
		break;
	case PAGE_UNSEEN:
		if (list < 0 || (event->flags & REPLAY_EV_DIRECT) ||
			!infer->slots[slot].list[list].open)
			break;
		walk_taken_from_top(
			infer, slot, list, REPLAY_NO_PFN, event->line);
		infer->sink->left_list(infer, slot, list, at, FATE_ALLOC);
		return;
	case PAGE_HELD:
		infer->out->stats.live_again++;
		break;
	case PAGE_BUDDY:
		infer->out->stats.astray++;
		break;
	default:
		break;
	}
	event->flags |= REPLAY_EV_DIRECT;
}

void walk_alloc(struct infer *infer, uint32_t at)
{
	struct replay_event *event = infer_event(infer, at);
	struct walk_cpu *cpu = &infer->cpus[event->cpu];
	struct shadow_slot *slot;
	struct page_info *page;
	struct replay_op op;
	uint32_t number, turn = event->line;
	bool starts_refill;

	if (event->pfn == REPLAY_NO_PFN) {
		op = emit_template(event, REPLAY_ALLOC_FAIL);
		op.gfp = event->gfp;
		emit_op(infer, op);
		return;
	}
	page = pfnmap_get(&infer->pages, event->pfn);
	starts_refill = emit_refill_is_awaited(infer, event->cpu);
	if (page->place == PAGE_LOCKED)
		turn = infer_event(infer, page->event)->line;
	if (cpu->bulk != INFER_NONE && !event->order &&
		infer_event(infer, cpu->bulk)->gfp == event->gfp)
		cpu->bulk_single++;
	cpu->home_zone = event->zone;
	if (event->flags & REPLAY_EV_EARLY) {
		event->flags &= (uint8_t)~REPLAY_EV_EARLY;
		return;
	}
	op = emit_template(event, REPLAY_ALLOC);
	op.gfp = event->gfp;
	if (page->place == PAGE_PCP)
		walk_op_from_list(infer, &op, page);
	walk_alloc_source(infer, at, page);
	page->place = PAGE_HELD;
	page->order = event->order;
	slot = &infer->slots[infer_slot_index(infer, op.cpu, event->zone)];
	if (event->flags & REPLAY_EV_DIRECT)
		op.flags |= REPLAY_OP_DIRECT;
	else {
		factor_allocated(slot);
		tuned_allocated(infer, op.cpu, slot, starts_refill);
	}
	number = emit_op(infer, op);
	order_at_most(infer, number, turn);
	if (!(event->flags & REPLAY_EV_DIRECT))
		emit_refill_caused(infer, op.cpu, number);
}
