/* SPDX-License-Identifier: MIT */
/*
 * Second pass, backwards: what becomes of each page that enters a list.
 *
 * No event says which list a freed page enters: it is the list of its
 * pageblock's type. But the event that takes the page off again tells the
 * type: an allocation from the list asked for it, a drain prints it. So each
 * free learns its list from the page's next event, and each such free is
 * evidence of the type of its pageblock at that time.
 *
 * A page whose next event is another free was taken by a call that leaves no
 * event for each page: __alloc_pages_bulk(). The list of such a page, and of
 * a page without a next event, is voted: the evidence nearest in time from
 * the same pageblock decides.
 */
#include "infer_internal.h"

/* HIGHATOMIC and CMA pages enter the MOVABLE list in Linux 6.1. */
static uint8_t fate_list_type(uint8_t mt)
{
	return mt < 3 ? mt : 1;
}

static void fate_set(
	struct page_info *page, uint32_t at, unsigned fate, uint8_t mt)
{
	page->event = at + 1;
	page->fate = (uint8_t)fate;
	page->mt = fate_list_type(mt);
}

/* What event `next` does to a page that is on a list. */
unsigned infer_fate(struct infer *infer, uint32_t next)
{
	if (next == INFER_NONE)
		return FATE_NONE;
	switch (infer_event(infer, next)->kind) {
	case REPLAY_EV_ALLOC:
		return FATE_ALLOC;
	case REPLAY_EV_DRAINED:
		return FATE_DRAINED;
	case REPLAY_EV_LOCKED:
		return FATE_LOCKED;
	default:
		return FATE_FREE;
	}
}

static void fate_free(struct infer *infer, uint32_t at, struct page_info *page)
{
	struct replay_event *event = &infer->trace->events[at];
	struct page_leaf *leaf = pfnmap_leaf(&infer->pages, event->pfn);

	event->arg = page->event - 1;
	if (page->fate == FATE_ALLOC || page->fate == FATE_DRAINED) {
		if (!(event->flags & REPLAY_EV_DIRECT)) {
			event->mt = page->mt;
			event->flags |= REPLAY_EV_MT_SURE;
			leaf->evidence = at + 1;
		}
	} else if (page->fate == FATE_LOCKED && infer->has_drained) {
		/* In the buddy without a drain: it was never on a list. */
		event->flags |= REPLAY_EV_DIRECT;
	}
	if (!(event->flags & REPLAY_EV_MT_SURE)) {
		/* Until the vote: the next evidence of this block. */
		event->mt = REPLAY_NO_MT;
		if (!(event->flags & REPLAY_EV_SPILLS))
			event->gfp = leaf->evidence;
	}
	fate_set(page, at, FATE_FREE, event->mt);
}

static void fate_event(struct infer *infer, uint32_t at)
{
	struct replay_event *event = &infer->trace->events[at];
	struct page_info *page;

	switch (event->kind) {
	case REPLAY_EV_ALLOC:
	case REPLAY_EV_FREE:
	case REPLAY_EV_LOCKED:
	case REPLAY_EV_DRAINED:
		break;
	default:
		return;
	}
	if (event->pfn == REPLAY_NO_PFN)
		return;
	page = pfnmap_find(&infer->pages, event->pfn);
	switch (event->kind) {
	case REPLAY_EV_ALLOC:
		fate_set(page, at, FATE_ALLOC, event->mt);
		break;
	case REPLAY_EV_DRAINED:
		fate_set(page, at, FATE_DRAINED, event->mt);
		break;
	case REPLAY_EV_LOCKED:
		event->arg = page->event - 1;
		fate_set(page, at, FATE_LOCKED, event->mt);
		break;
	default:
		fate_free(infer, at, page);
		break;
	}
}

int infer_fates(struct infer *infer)
{
	pfnmap_clear(&infer->pages);
	for (uint32_t i = (uint32_t)infer->trace->nr_events; i-- > 0;)
		fate_event(infer, i);
	pfnmap_clear(&infer->pages);
	return 0;
}

/*
 * The type of the list that the free at `at` enters, if nothing proves it.
 * The walks call it, forward: the leaf has the last evidence before the free,
 * the event itself (unless its gfp names a spill) the next one after it.
 */
unsigned infer_vote(struct infer *infer, uint32_t at)
{
	const struct replay_event *events = infer->trace->events;
	const struct replay_event *event = &events[at];
	struct page_leaf *leaf = pfnmap_leaf(&infer->pages, event->pfn);
	uint32_t before = leaf->evidence, after = 0;

	if (!(event->flags & REPLAY_EV_SPILLS))
		after = event->gfp;
	if (before && after)
		return at - (before - 1) <= (after - 1) - at
			       ? events[before - 1].mt
			       : events[after - 1].mt;
	if (before || after)
		return events[(before ? before : after) - 1].mt;
	if (leaf->mt_known)
		return leaf->mt;
	/*
	 * Nothing proves the block's type. If the buddy gave a page of it,
	 * the type that was asked for is the guess. Else a page that comes
	 * and goes without an allocation event is vmalloc's, unmovable; any
	 * other is most likely user memory, movable.
	 */
	if (!leaf->guess) {
		leaf->guess =
			infer_fate(infer, event->arg) == FATE_FREE ? 1 : 2;
		leaf->voted = true;
	}
	return leaf->guess - 1u;
}
