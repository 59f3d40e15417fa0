/* SPDX-License-Identifier: MIT */
/*
 * Merging a free block with its buddies (__free_one_page()). Inlined
 * into buddy.c and batch.c.
 *
 * All of these need the zone lock.
 */
#ifndef ZONE_MERGE_H
#define ZONE_MERGE_H

#include "arch/mutant.h"
#include "zone/block_move.h"
#include "zone/free_list.h"

static force_inline bool is_free_buddy(
	const struct zone *zone, uint32_t pfn, unsigned int order)
{
	if (MUTANT(NEVER_MERGES))
		return false;
	const struct pcpmm_page *page = &zone->memmap[pfn];

	return zone_contains(zone, pfn) &&
	       frame_heads(page, FRAME_BUDDY, order) &&
	       frame_zone(page) == zone->id;
}

/*
 * May two free blocks of @order become one? Across pageblocks, types that must
 * not mix stay apart.
 */
static inline bool buddy_may_merge(const struct zone *zone, uint32_t pfn,
	uint32_t buddy, unsigned int order)
{
	if (likely(order < PAGEBLOCK_ORDER) || MUTANT(TYPES_MIX))
		return true;
	return zone->rules->may_merge(
		zone_block_type(zone, pfn), zone_block_type(zone, buddy));
}

/*
 * The block's own buddy is taken, but the buddy of the pair is free: the pair
 * is likely to merge soon, so do not hand this block out first.
 */
static force_inline bool merge_likely(
	const struct zone *zone, uint32_t pfn, unsigned int order)
{
	uint32_t pair;

	if (MUTANT(MERGE_ALWAYS_LIKELY))
		return true;
	if (order >= ORDER_MAX - 1 || MUTANT(MERGE_NEVER_LIKELY))
		return false;
	pair = pfn & ~(1u << order);
	return is_free_buddy(zone, pair ^ (2u << order), order + 1);
}

/*
 * Two blocks of at least pageblock size: may they become one of @type, the one that
 * is freed at @pfn? Where lists are by block, the buddy's pageblocks become
 * @type's.
 */
static inline bool join_pageblocks(struct zone *zone, uint32_t pfn,
	uint32_t buddy, unsigned int order, unsigned int type)
{
	if (!buddy_may_merge(zone, pfn, buddy, order))
		return false;
	if (zone->rules->lists_by_block && !MUTANT(MERGE_KEEPS_TYPE))
		zone_retype_range(zone, buddy, order, type);
	return true;
}

/* Merge as far as possible, and put the result on its list. */
static force_inline void buddy_merge(
	struct zone *zone, uint32_t pfn, unsigned int order, unsigned int type)
{
	uint64_t nonempty = zone->nonempty;

	for (; order < ORDER_MAX; order++) {
		uint32_t buddy = pfn ^ (1u << order);

		if (!is_free_buddy(zone, buddy, order))
			break;
		if (unlikely(order >= PAGEBLOCK_ORDER) &&
			!join_pageblocks(zone, pfn, buddy, order, type))
			break;
		free_list_take(zone, buddy, &nonempty);
		frame_set_head(
			&zone->memmap[pfn], FRAME_HEAD(FRAME_NONE, 0, 0, 0));
		pfn &= buddy;
	}
	free_list_add(zone, pfn, order, type, merge_likely(zone, pfn, order),
		&nonempty);
	free_list_store(zone, nonempty);
}

#endif
