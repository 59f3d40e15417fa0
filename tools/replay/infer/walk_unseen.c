/* SPDX-License-Identifier: MIT */
/*
 * Pages that left a list before a line says so.
 *
 * A bulk allocation takes pages without an event for each. Three rules find
 * them:
 *   an allocation pops the head, so the pages above the popped one were
 *   taken before it;
 *   a refill comes to an empty list, so the pages that were still on the
 *   list were taken before it;
 *   a page that is freed was taken before, and so were the pages above it.
 *   It was even taken before the last push onto it, if the page pushed then
 *   leaves later or never (walk_before_push).
 * Only a page whose next event is a free, or that has none, can have been
 * taken so. An allocation event of its own says that the page was still
 * there and that the line of an interrupt overtook its line: that
 * allocation is written earlier than its line.
 */
#include "infer_internal.h"

/* How many pages from the head of a list are looked at. */
#define WALK_PUSH_DEPTH 512

/*
 * Takes up to `limit` pages that left unseen off the top of a list, down to (not
 * including) page `below`, until `skip` other pages were met. Number taken.
 */
uint32_t walk_bulk_unseen(struct infer *infer, uint32_t slot, int list,
	uint32_t below, uint32_t limit, uint32_t skip)
{
	uint32_t pfn = infer->slots[slot].list[list].head, next;
	uint32_t taken = 0, skipped = 0;
	struct page_info *page;

	while (pfn != below && pfn != REPLAY_NO_PFN && taken < limit &&
		skipped < skip) {
		page = pfnmap_find(&infer->pages, pfn);
		next = page->next;
		if (shadow_taken_unseen(page)) {
			shadow_remove(infer, page);
			emit_bulk_page(infer, pfn);
			taken++;
		} else {
			skipped++;
		}
		pfn = next;
	}
	return taken;
}

/* The same with one BULK_ALLOC op for all of them, however many are skipped. */
void walk_bulk_from_top(struct infer *infer, uint32_t slot, int list,
	uint32_t below, uint32_t limit, uint32_t line)
{
	uint32_t first = (uint32_t)infer->out->nr_bulk_pfns;

	walk_bulk_unseen(infer, slot, list, below, limit, UINT32_MAX);
	emit_bulk(infer, slot, list, first, line);
}

/* The allocations whose lines are late, from the top down to `below`. */
void walk_early_from_top(
	struct infer *infer, uint32_t slot, int list, uint32_t below)
{
	uint32_t pfn = infer->slots[slot].list[list].head, next;
	const struct page_info *page;

	while (pfn != below && pfn != REPLAY_NO_PFN) {
		page = pfnmap_find(&infer->pages, pfn);
		next = page->next;
		if (page->fate == FATE_ALLOC)
			walk_alloc_early(infer, pfn);
		pfn = next;
	}
}

void walk_taken_from_top(struct infer *infer, uint32_t slot, int list,
	uint32_t below, uint32_t line)
{
	const uint32_t blocks = infer->slots[slot].list[list].blocks;

	walk_bulk_from_top(infer, slot, list, below, UINT32_MAX, line);
	infer->out->stats.forced_by_page +=
		blocks - infer->slots[slot].list[list].blocks;
	walk_early_from_top(infer, slot, list, below);
}

/*
 * The page of the free at `at` is about to cover the head of its list. A page
 * below it, whose next event is a free while the new page is still on the
 * list, was taken before this push: the list is never popped down to it
 * again. If the new page stays until it is drained, this holds for all pages
 * below.
 */
void walk_before_push(struct infer *infer, uint32_t at, uint32_t slot)
{
	const struct replay_event *event = infer_event(infer, at);
	int list = replay_list_of(event->order, event->mt);
	uint32_t pfn = infer->slots[slot].list[list].head;
	uint32_t depth = 0, deepest = 0, blocks;
	unsigned fate = infer_fate(infer, event->arg);
	const struct page_info *page;

	if (event->order || infer->trace->has_bulk ||
		(fate != FATE_ALLOC && fate != FATE_DRAINED))
		return;
	for (; pfn != REPLAY_NO_PFN && depth < WALK_PUSH_DEPTH;
		pfn = page->next) {
		page = pfnmap_find(&infer->pages, pfn);
		if (!shadow_taken_unseen(page))
			break;
		depth++;
		if (fate == FATE_DRAINED ||
			(page->fate == FATE_FREE && page->event < event->arg))
			deepest = depth;
	}
	blocks = infer->slots[slot].list[list].blocks;
	walk_bulk_from_top(
		infer, slot, list, REPLAY_NO_PFN, deepest, event->line);
	infer->out->stats.forced_by_free +=
		blocks - infer->slots[slot].list[list].blocks;
}
