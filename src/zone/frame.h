/* SPDX-License-Identifier: MIT */
/*
 * Frames: 16 bytes a page, and lists of them.
 *
 * A frame is known by its number (pfn); the memmap is one lazily touched
 * array over all pfns, so that holes and unused memory cost nothing.
 * Frame 0 does not exist: 0 ends a list.
 *
 * Every managed frame belongs to exactly one block; only the block's first
 * frame, its head, has a state. Frames inside a block have state NONE: a page
 * in the middle of a block can not be mistaken for one. Frames that were never
 * touched read as zeros and are NONE too; the zone knows what they are.
 */
#ifndef ZONE_FRAME_H
#define ZONE_FRAME_H

#include <pcpmm/types.h>
#include <stdbool.h>

#include "arch/atomic.h"
#include "arch/mutant.h"

/* What the frame is; after the semicolon: what protects its fields. */
enum frame_state {
	FRAME_NONE, /* inside a block, a hole, or never touched */
	FRAME_BUDDY, /* head of a free block; zone lock */
	/* Head of a block on a pcp list; that list's guard. Or on its way there,
	 * or to the buddy; the thread that frees it. */
	FRAME_PCP,
	/* Head of a block whose free could not take the zone lock; zone/deferred.h. */
	FRAME_DEFERRED,
	FRAME_HELD, /* head of an allocated block; its holder */
	FRAME_LRU, /* held, and on an LRU list; that list's lock */
	FRAME_ISOLATED, /* held, off its list for a verdict; its reclaimer */
	FRAME_BATCHED, /* held, on its way to an LRU list; that batch's CPU */
};

/*
 * The head is one word, always loaded and stored whole: a processor that loads a
 * word of which it has just stored one byte waits for that store.
 *
 *   state   enum frame_state
 *   order   of the block this frame heads
 *   type    BUDDY: its list's; PCP: its pageblock's; HELD and DEFERRED: the
 *           request's
 *   zone    id of the zone; valid with any state but NONE
 *
 * Written by the task, or under the lock, that the state names. Racy reads: a
 * merge looks at its buddy's state and a steal at the heads in its pageblock,
 * under the zone lock, while holders and lists change theirs without it. That
 * is fine, because a frame becomes or ceases to be BUDDY under that lock only;
 * any other state means "not free" and, to a steal, is a guess.
 */
struct pcpmm_page {
	uint32_t head;
	uint8_t lru; /* LRU: its list; that list's lock */
	uint8_t piece; /* see pcplist/pieces.h; 0 with any other lists */
	uint8_t reserved[2];
	uint32_t next; /* list links: pfn, 0 = end */
	uint32_t prev;
};

_Static_assert(sizeof(struct pcpmm_page) == 16, "16 bytes a frame");
_Static_assert(
	offsetof(struct pcpmm_page, head) == 0, "the frame's first word");

#define FRAME_HEAD(state, order, type, zone)                                   \
	((uint32_t)(state) | (uint32_t)(order) << 8 | (uint32_t)(type) << 16 | \
		(uint32_t)(zone) << 24)

static force_inline uint32_t frame_head(const struct pcpmm_page *page)
{
	return atomic_load_relaxed_u32(&page->head);
}

static force_inline void frame_set_head(struct pcpmm_page *page, uint32_t head)
{
	atomic_store_relaxed_u32(&page->head, head);
}

static force_inline enum frame_state frame_state(const struct pcpmm_page *page)
{
	return (enum frame_state)(frame_head(page) & 0xff);
}

static force_inline unsigned int frame_order(const struct pcpmm_page *page)
{
	return frame_head(page) >> 8 & 0xff;
}

static force_inline unsigned int frame_type(const struct pcpmm_page *page)
{
	return frame_head(page) >> 16 & 0xff;
}

static force_inline unsigned int frame_zone(const struct pcpmm_page *page)
{
	return frame_head(page) >> 24;
}

/* A block of @order in state @state: order and state in one look. */
static force_inline bool frame_heads(const struct pcpmm_page *page,
	enum frame_state state, unsigned int order)
{
	return (frame_head(page) & 0xffff) == FRAME_HEAD(state, order, 0, 0);
}

/*
 * HELD -> PCP, on the way to a list: true for one of several threads that try. false
 * also if the frame is no held block of @order.
 */
static force_inline bool frame_claim(
	struct pcpmm_page *page, unsigned int order)
{
	uint32_t head = frame_head(page), claimed;

	if ((head & 0xffff) != FRAME_HEAD(FRAME_HELD, order, 0, 0))
		return false;
	claimed = (head & ~0xffu) | FRAME_PCP;
	if (!MUTANT(CLAIM_NOT_ATOMIC))
		return atomic_cmpxchg_relaxed_u32(&page->head, &head, claimed);
	MUTANT_WINDOW(CLAIM_NOT_ATOMIC);
	atomic_store_relaxed_u32(&page->head, claimed);
	return true;
}

/* Another state; order, type and zone stay. */
static inline void frame_set_state(
	struct pcpmm_page *page, enum frame_state state)
{
	frame_set_head(page, (frame_head(page) & ~0xffu) | (uint32_t)state);
}

/*
 * A list of blocks, empty if first is 0; last means nothing then. The first one's
 * prev means nothing: taking the head then touches no second frame, which another
 * CPU may be using (four frames share a line).
 */
struct frame_list {
	uint32_t first;
	uint32_t last;
};

static inline void frame_list_add_head(
	struct pcpmm_page *memmap, struct frame_list *list, uint32_t pfn)
{
	uint32_t first = list->first;

	memmap[pfn].next = first;
	if (first)
		memmap[first].prev = pfn;
	else
		list->last = pfn;
	list->first = pfn;
}

static inline void frame_list_add_tail(
	struct pcpmm_page *memmap, struct frame_list *list, uint32_t pfn)
{
	struct pcpmm_page *page = &memmap[pfn];

	page->next = 0;
	page->prev = list->last;
	if (list->first)
		memmap[list->last].next = pfn;
	else
		list->first = pfn;
	list->last = pfn;
}

static inline void frame_list_del(
	struct pcpmm_page *memmap, struct frame_list *list, uint32_t pfn)
{
	struct pcpmm_page *page = &memmap[pfn];

	if (list->first == pfn) {
		list->first = page->next;
		return;
	}
	memmap[page->prev].next = page->next;
	if (page->next)
		memmap[page->next].prev = page->prev;
	else
		list->last = page->prev;
}

#endif
