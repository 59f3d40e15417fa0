/* SPDX-License-Identifier: MIT */
/* Frees: what the page was before, and which list it enters. */
#include "infer_internal.h"

/* A held block is freed in parts, so it was split before. */
static void walk_split(struct infer *infer, const struct replay_event *event,
	uint32_t head, int8_t old_order)
{
	struct replay_op op = emit_template(event, REPLAY_SPLIT);
	struct page_info *page;
	uint32_t pfn = head;

	op.pfn = head;
	op.order = old_order;
	op.n = (uint32_t)event->order;
	op.flags = REPLAY_OP_INFERRED;
	emit_op(infer, op);
	for (; pfn - head < 1u << old_order; pfn += 1u << event->order) {
		page = pfnmap_get(&infer->pages, pfn);
		if (!page) {
			infer->no_memory = true;
			return;
		}
		if (page->place == PAGE_PCP)
			shadow_remove(infer, page);
		page->place = PAGE_HELD;
		page->order = event->order;
	}
}

/* Looks for the larger held block that the freed page is a part of. */
static bool walk_split_around(
	struct infer *infer, const struct replay_event *event)
{
	const struct page_info *page;
	uint32_t head;

	for (int8_t order = (int8_t)(event->order + 1); order <= 10; order++) {
		head = event->pfn & ~((1u << order) - 1);
		page = pfnmap_find(&infer->pages, head);
		if (!page || page->place != PAGE_HELD || page->order < order)
			continue;
		walk_split(infer, event, head, page->order);
		return true;
	}
	return false;
}

static void walk_take(struct infer *infer, const struct replay_event *event)
{
	struct replay_op op = emit_template(event, REPLAY_TAKE);

	op.flags = REPLAY_OP_INFERRED | REPLAY_OP_DIRECT;
	emit_op(infer, op);
}

/* Brings a page that is about to be freed into the state "held". */
static void walk_free_source(
	struct infer *infer, uint32_t at, struct page_info *page)
{
	struct replay_event *event = infer_event(infer, at);

	switch (page->place) {
	case PAGE_PCP:
		walk_taken_from_top(
			infer, page->slot, page->list, page->next, event->line);
		if (page->place == PAGE_PCP) {
			shadow_remove(infer, page);
			infer->out->stats.astray++;
		}
		break;
	case PAGE_HELD:
		if (page->order > event->order)
			walk_split(infer, event, event->pfn, page->order);
		break;
	case PAGE_UNSEEN:
		if (!walk_split_around(infer, event))
			infer->sink->freed_unseen(infer, at);
		break;
	default:
		/* The page was in the buddy: compaction takes pages there. */
		if (!walk_split_around(infer, event))
			walk_take(infer, event);
		break;
	}
}

static void walk_free_type(struct infer *infer, uint32_t at)
{
	struct replay_event *event = infer_event(infer, at);
	struct page_leaf *leaf = pfnmap_leaf(&infer->pages, event->pfn);

	if (event->flags & REPLAY_EV_MT_SURE) {
		leaf->evidence = at + 1;
		emit_block_type(infer, event->pfn, event->mt);
		return;
	}
	if (event->mt == REPLAY_NO_MT)
		event->mt = (uint8_t)infer_vote(infer, at);
	infer->out->stats.mt_voted += !(event->flags & REPLAY_EV_DIRECT);
}

void walk_free(struct infer *infer, uint32_t at)
{
	struct replay_event *event = infer_event(infer, at);
	struct page_info *page = pfnmap_get(&infer->pages, event->pfn);
	struct replay_op op;
	uint32_t number, slot;
	bool freed;

	walk_free_type(infer, at);
	walk_free_source(infer, at, page);
	op = emit_template(event, REPLAY_FREE);
	if (event->flags & REPLAY_EV_WAS_BATCHED)
		op.flags |= REPLAY_OP_BATCHED;
	if (event->flags & REPLAY_EV_MT_SURE)
		op.flags |= REPLAY_OP_MT_SURE;
	if (page->before)
		op.flags |= REPLAY_OP_UNKNOWN;
	page->before = 0;
	if (event->flags & REPLAY_EV_DIRECT) {
		op.flags |= REPLAY_OP_DIRECT;
		page->place = PAGE_BUDDY;
		page->order = event->order;
		emit_op(infer, op);
		return;
	}
	slot = infer_slot_index(infer, event->cpu, event->zone);
	walk_before_push(infer, at, slot);
	factor_freed(infer, at, &infer->slots[slot]);
	infer->sink->before_free(infer, at);
	freed = infer->slots[slot].freed;
	shadow_push(infer, slot, replay_list_of(event->order, event->mt),
		event->pfn, false, event->arg);
	infer->sink->after_free(infer, at, freed);
	number = emit_op(infer, op);
	infer->cpus[event->cpu].last_free = number;
}
