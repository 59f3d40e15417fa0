/* SPDX-License-Identifier: MIT */
/*
 * What happens when a migratetype has no free block left: take one of another
 * type, preferably a whole pageblock's worth (__rmqueue_fallback(), Linux 6.1).
 *
 * All of these need the zone lock.
 */
#ifndef ZONE_FALLBACK_H
#define ZONE_FALLBACK_H

#include "zone/zone.h"

/*
 * One block of @order for @type: smallest fit of its own type, CMA if
 * allowed, else of a fallback type. pfn, or 0. The caller accounts
 * NR_FREE_PAGES.
 */
uint32_t zone_rmqueue_one(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int type, unsigned int alloc_flags);

/*
 * Move the free blocks of @pfn's pageblock to @type's lists (tail). Pages
 * moved; *@movable (may be NULL) = pages held as movable. A pageblock in which
 * the zone starts is looked at from @pfn on; one in which it ends, not at all
 * (move_freepages_block()).
 */
uint64_t zone_move_free_block(
	struct zone *zone, uint32_t pfn, unsigned int type, uint64_t *movable);

/* Raise the boost after an event that mixed types (boost_watermark()). */
bool zone_boost_watermark(struct zone *zone);

#endif
