/* SPDX-License-Identifier: MIT */
/*
 * Second pass, backwards: what becomes of each page that enters a list.
 *
 * No event says which list a freed page enters; that is its pageblock's
 * type. But the event that takes the page off again does: an allocation
 * served from the list asked for that type, a drain prints the type. So
 * each free learns its list from the page's next event, and each such free
 * is evidence of the type of its pageblock at that time.
 *
 * A page whose next event is another free was taken by something that
 * leaves no event: __alloc_pages_bulk(). Its list, and that of a page that
 * is never heard of again, is voted: the evidence nearest in time from the
 * same pageblock.
 */
#include "infer_internal.h"

/* HIGHATOMIC and CMA pages are kept on the MOVABLE list, KF A.9. */
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

/* What takes the page that entered a list with event `at` off it again. */
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
		/* In the buddy without a drain: never was on a list. */
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
 * Called going forward: the leaf has the last evidence before, the event
 * itself (unless a spill needed that room) the next one after.
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
	 * Nothing proves the block's type. The buddy gave a page of it for
	 * some type; else pages that come and go without an allocation
	 * event are vmalloc's, unmovable; the rest is most likely user
	 * memory.
	 */
	if (!leaf->guess)
		leaf->guess =
			infer_fate(infer, event->arg) == FATE_FREE ? 1 : 2;
	return leaf->guess - 1u;
}
