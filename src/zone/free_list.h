/* SPDX-License-Identifier: MIT */
/*
 * The free lists of a zone: one block on a list, or off it. Inlined into what
 * frees and allocates single blocks (buddy.c) and many (batch.c).
 *
 * All of these need the zone lock.
 */
#ifndef ZONE_FREE_LIST_H
#define ZONE_FREE_LIST_H

#include "zone/zone.h"

static force_inline struct free_list *free_list_of(
	struct zone *zone, unsigned int order, unsigned int type)
{
	return &zone->free_area[order].list[type];
}

/*
 * The only writer of nr. @nonempty: what zone->nonempty becomes. A split or a merge
 * goes through many lists; it changes a copy, and stores that once.
 */
static force_inline void free_list_grow(struct zone *zone, unsigned int order,
	unsigned int type, int64_t by, uint64_t *nonempty)
{
	struct free_list *list = free_list_of(zone, order, type);
	uint64_t nr = list->nr + (uint64_t)by;

	atomic_store_relaxed_u64(&list->nr, nr);
	if ((by < 0 ? nr == 0 : nr == (uint64_t)by) && type < NR_FIT_TYPES)
		*nonempty ^= NONEMPTY_BIT(order, type);
}

static force_inline void free_list_store(struct zone *zone, uint64_t nonempty)
{
	atomic_store_relaxed_u64(&zone->nonempty, nonempty);
}

/* Put a block on a list as it is: state, order, list, length. */
static force_inline void free_list_add(struct zone *zone, uint32_t pfn,
	unsigned int order, unsigned int type, bool tail, uint64_t *nonempty)
{
	struct pcpmm_page *page = &zone->memmap[pfn];
	struct free_list *list = free_list_of(zone, order, type);

	frame_set_head(page, FRAME_HEAD(FRAME_BUDDY, order, type, zone->id));
	if (tail)
		frame_list_add_tail(zone->memmap, &list->frames, pfn);
	else
		frame_list_add_head(zone->memmap, &list->frames, pfn);
	free_list_grow(zone, order, type, 1, nonempty);
}

/* Take one block off its list; it has no state afterwards. */
static force_inline void free_list_take(
	struct zone *zone, uint32_t pfn, uint64_t *nonempty)
{
	struct pcpmm_page *page = &zone->memmap[pfn];
	unsigned int order = frame_order(page), type = frame_type(page);

	frame_list_del(
		zone->memmap, &free_list_of(zone, order, type)->frames, pfn);
	free_list_grow(zone, order, type, -1, nonempty);
	frame_set_head(page, FRAME_HEAD(FRAME_NONE, 0, 0, 0));
}

/* The same, of one block. */
static inline void buddy_insert(struct zone *zone, uint32_t pfn,
	unsigned int order, unsigned int type, bool tail)
{
	uint64_t nonempty = zone->nonempty;

	free_list_add(zone, pfn, order, type, tail, &nonempty);
	free_list_store(zone, nonempty);
}

static inline void buddy_remove(struct zone *zone, uint32_t pfn)
{
	uint64_t nonempty = zone->nonempty;

	free_list_take(zone, pfn, &nonempty);
	free_list_store(zone, nonempty);
}

/* Upper halves of a block of order @high back to lists, down to @low. */
static force_inline void free_list_expand(struct zone *zone, uint32_t pfn,
	unsigned int low, unsigned int high, unsigned int type,
	uint64_t *nonempty)
{
	while (high > low) {
		high--;
		free_list_add(
			zone, pfn + (1u << high), high, type, false, nonempty);
	}
}

/*
 * MOVABLE blocks of the largest order, frames [@start, @end), which stay
 * untouched until they are needed. Once, at boot: the lock is not needed.
 */
void buddy_insert_fresh(struct zone *zone, uint64_t start, uint64_t end);
/* Put the next untouched block on its list, like any other block; its pfn. */
uint32_t buddy_touch_fresh(struct zone *zone);

/* First block of a list, 0 if it is empty; it stays there. */
static inline uint32_t buddy_first(
	struct zone *zone, unsigned int order, unsigned int type)
{
	uint32_t pfn = free_list_of(zone, order, type)->frames.first;

	if (!pfn && order == ORDER_MAX && type == PCPMM_MIGRATE_MOVABLE &&
		zone->fresh < zone->fresh_end)
		return buddy_touch_fresh(zone);
	return pfn;
}

/*
 * The least order from @order up of which @type, which is not ISOLATE, has a
 * block; NR_ORDERS: there is none.
 */
static inline unsigned int buddy_smallest_fit(
	const struct zone *zone, unsigned int order, unsigned int type)
{
	uint64_t fits = zone->nonempty & NONEMPTY_FITS(order, type);

	return fits ? lowest_bit(fits) - type * NR_ORDERS : NR_ORDERS;
}

#endif
