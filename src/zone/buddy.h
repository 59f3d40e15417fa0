/* SPDX-License-Identifier: MIT */
/*
 * The buddy: free blocks of a zone by order and migratetype.
 *
 *   free pages = sum over orders o and types t of nr[o][t] << o
 *
 * All of these need the zone lock.
 */
#ifndef ZONE_BUDDY_H
#define ZONE_BUDDY_H

#include "zone/zone.h"

/*
 * Free one block: merge it with its buddies as far as they are free, of its
 * order, of its zone and (across pageblocks) of a type that may mix, and put
 * the result on @type's list (__free_one_page(), Linux 6.1). The pages are
 * counted before that, or with PCPMM_COUNT_AFTER_LISTS after it (72853e2991a2,
 * 2.6.36).
 */
void buddy_free(struct cpu *cpu, struct zone *zone, uint32_t pfn,
	unsigned int order, unsigned int type);

/*
 * Smallest fit of @type, which is not ISOLATE: the block's pfn, or 0. Does not touch NR_FREE_PAGES:
 * the caller accounts its whole batch.
 */
uint32_t buddy_take(struct cpu *cpu, struct zone *zone, unsigned int order,
	unsigned int type);

/* Put a block on a list as it is: state, order, list, length. */
void buddy_insert(struct zone *zone, uint32_t pfn, unsigned int order,
	unsigned int type, bool tail);
/*
 * MOVABLE blocks of the largest order, frames [@start, @end), which stay
 * untouched until they are needed. Once, at boot: the lock is not needed.
 */
void buddy_insert_fresh(struct zone *zone, uint64_t start, uint64_t end);
/* Take one block off its list; it has no state afterwards. */
void buddy_remove(struct zone *zone, uint32_t pfn);

/* First block of a list, 0 if it is empty; it stays there. */
uint32_t buddy_first(struct zone *zone, unsigned int order, unsigned int type);

/* Upper halves of a block of order @high back to lists, down to @low. */
void buddy_expand(struct zone *zone, uint32_t pfn, unsigned int low,
	unsigned int high, unsigned int type);

/*
 * May two free blocks of @order become one? Across pageblocks, types that must
 * not mix stay apart.
 */
bool buddy_may_merge(const struct zone *zone, uint32_t pfn, uint32_t buddy,
	unsigned int order);

/* Account pages that enter (+) or leave (-) the free lists. */
void buddy_account(
	struct cpu *cpu, struct zone *zone, long pages, unsigned int type);

/* Blocks of one order, all types; racy without the lock. */
uint64_t buddy_nr_free(const struct zone *zone, unsigned int order);

/* Pages on the zone's lists: a sum of list lengths, racy. */
uint64_t buddy_pages(const struct zone *zone);

/*
 * At least @pages are on the lists. Large blocks are counted first, so that the
 * sum ends early in a zone with many pages.
 */
bool buddy_has_pages(const struct zone *zone, uint64_t pages);

#endif
