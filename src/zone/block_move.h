/* SPDX-License-Identifier: MIT */
/*
 * The free blocks of a pageblock: how many pages they have, and all of them to
 * the lists of another type.
 *
 * All of these need the zone lock.
 */
#ifndef ZONE_BLOCK_MOVE_H
#define ZONE_BLOCK_MOVE_H

#include "zone/zone.h"

/* What lies in a pageblock; pages. */
struct block_pages {
	uint64_t free;
	uint64_t movable; /* held as movable */
};

/*
 * Count @pfn's pageblock. false: its blocks can not move, since the zone ends in it
 * or, where lists are by block, begins in it; 0 pages.
 */
bool zone_count_block(
	const struct zone *zone, uint32_t pfn, struct block_pages *pages);

/*
 * Move the free blocks of @pfn's pageblock to @type's lists (tail). Pages
 * moved; *@movable (may be NULL) = pages held as movable. A pageblock in which
 * the zone starts is looked at from @pfn on; one in which it ends, not at all
 * (move_freepages_block()). Where lists are by block, neither is.
 */
uint64_t zone_move_free_block(
	struct zone *zone, uint32_t pfn, unsigned int type, uint64_t *movable);

/* One free block to @type's list (tail). */
void zone_move_one(struct zone *zone, uint32_t pfn, unsigned int type);

/* Set the type of all pageblocks in a block of at least pageblock size. */
void zone_retype_range(
	struct zone *zone, uint64_t pfn, unsigned int order, unsigned int type);

/*
 * Set the type of @pfn's pageblock, as a recorded state has it, and move its free
 * blocks. Where lists are by block, that is all of them, also at the zone's edge,
 * and a free block of two pageblocks becomes two.
 */
void zone_restore_block_type(
	struct zone *zone, uint64_t pfn, enum pcpmm_migratetype type);

#endif
