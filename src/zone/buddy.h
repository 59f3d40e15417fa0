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

#include "arch/mutant.h"
#include "zone/free_list.h"

/*
 * The type as which a block is freed. @cached: that of its pageblock when it was
 * asked for or came to its list, or that of the list.
 */
static inline unsigned int buddy_freed_type(
	const struct zone *zone, uint64_t pfn, unsigned int cached)
{
	return zone->rules->lists_by_block && !MUTANT(DRAINED_AS_CACHED)
		       ? zone_block_type(zone, pfn)
		       : cached;
}

/*
 * Free one block: merge it with its buddies as far as they are free, of its
 * order, of its zone and (across pageblocks) of a type that may mix, and put
 * the result on the list of buddy_freed_type() (__free_one_page()). The pages are
 * counted before that, or with PCPMM_COUNT_AFTER_LISTS after it (72853e2991a2,
 * 2.6.36). Where lists are by block, one larger than a pageblock is freed pageblock
 * by pageblock (split_large_buddy()).
 */
void buddy_free(struct cpu *cpu, struct zone *zone, uint32_t pfn,
	unsigned int order, unsigned int type);

/* The same for a block that no list of a CPU gives: tells zone->came_back(). */
static inline void buddy_free_past_lists(struct cpu *cpu, struct zone *zone,
	uint32_t pfn, unsigned int order, unsigned int type)
{
	buddy_free(cpu, zone, pfn, order, type);
	if (unlikely(zone->came_back != NULL))
		zone->came_back(zone->came_back_arg, pfn);
}

/*
 * Smallest fit of @type, which is not ISOLATE: the block's pfn, or 0. Does not touch NR_FREE_PAGES:
 * the caller accounts its whole batch.
 */
uint32_t buddy_take(struct cpu *cpu, struct zone *zone, unsigned int order,
	unsigned int type);

/*
 * The first block of @order out of the free block at @pfn; the rest goes to lists of
 * @type. Records nothing, accounts nothing.
 */
void buddy_take_at(
	struct zone *zone, uint32_t pfn, unsigned int order, unsigned int type);

/* --- many at once: batch.c ---------------------------------------------- */

/* The first of some blocks that follow one another, and their number. */
struct buddy_carved {
	uint32_t pfn;
	unsigned int nr; /* 0: there is none */
};

/*
 * Up to @nr (at least 1) blocks of @order out of the one that smallest fit of
 * @type gives, as that many calls of buddy_take() would take them. The caller
 * sets their state.
 */
struct buddy_carved buddy_carve(struct zone *zone, unsigned int order,
	unsigned int type, unsigned int nr);

/*
 * As buddy_free() of pfns[0], pfns[1] and so on, each as its frame's type. All
 * are blocks of @order, at most the order of a pageblock. Nothing of it is
 * recorded. The caller has taken them off their list.
 */
void buddy_free_many(struct cpu *cpu, struct zone *zone, const uint32_t *pfns,
	unsigned int nr, unsigned int order);

/* --- parts --------------------------------------------------------------- */

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
