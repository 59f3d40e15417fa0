/* SPDX-License-Identifier: MIT */
/*
 * Who owns a pageblock: a record each, and each CPU's list of blocks that it owns
 * and that have free pages in the zone (owned_blocks). Of pcp_buddy only.
 *
 *   owner   from     to       under                 then
 *   claim   any      k        zone lock, k's lock   the whole block is free
 *   return  k        nobody   zone lock             the whole block is free
 *   gone    k        nobody   zone lock, k's lock   k goes offline
 *
 * So the owner of a block that is not wholly free in the zone can only become
 * nobody, and, while k's lock is held, neither begins nor ceases to be k: a page of
 * it is held, or on a list, or on its way. A free relies on that twice: it reads the
 * owner without a lock, and looks again inside the lock of the list that it chose.
 *
 * In the zone's lock, with f(b) = free pages of block b on the zone's lists:
 *
 *   b on owned_blocks of k  implies  owner(b) = k, and b is there once
 *   owner(b) = k and f(b) > 0  implies  b is on owned_blocks of k
 *   f(b) = all pages of b   implies  b has no owner
 *
 * A free that goes past the lists calls block_returned() as well: zone->came_back.
 */
#ifndef PCPLIST_BLOCK_OWNER_H
#define PCPLIST_BLOCK_OWNER_H

#include "pcplist/pcp.h"

/* Of one pageblock. owner: stored under the zone lock, read racily. */
struct block_owner {
	uint32_t owner; /* CPU + 1; 0: nobody */
	uint32_t next, prev; /* owned_blocks: index + 1; 0: end */
	uint32_t listed; /* on owned_blocks of its owner */
};

/* A CPU's, of one zone. Zone lock; nr_listed is read racily. */
struct owned_blocks {
	uint32_t first; /* index + 1; 0: none */
	uint32_t nr_listed;
	uint32_t nr; /* blocks that the CPU owns, listed or not */
};

/* The records of one zone. */
struct block_owners {
	struct zone *zone;
	struct pcp_slot *const *slots; /* [cpu][zone id] */
	struct block_owner *blocks; /* [pageblock]; lazily touched */
	size_t nr;
};

static inline uint64_t block_start(
	const struct block_owners *owners, size_t index)
{
	return ((owners->zone->start_pfn >> PAGEBLOCK_ORDER) + index)
	       << PAGEBLOCK_ORDER;
}

static inline struct block_owner *block_of_pfn(
	const struct block_owners *owners, uint64_t pfn)
{
	return &owners->blocks[zone_block_index(owners->zone, pfn)];
}

/*
 * CPU + 1; 0: nobody. Without a lock the answer may be stale by a release; see
 * above.
 */
static inline uint32_t block_owner_of(
	const struct block_owners *owners, uint64_t pfn)
{
	return atomic_load_relaxed_u32(&block_of_pfn(owners, pfn)->owner);
}

static inline bool block_is_owned_by(
	const struct block_owners *owners, uint64_t pfn, const struct cpu *cpu)
{
	return block_owner_of(owners, pfn) == cpu->id + 1;
}

/* --- under the zone lock -------------------------------------------------- */

/* The whole block at @pfn was taken off the zone's lists, for @slot. Its lock. */
void block_claim(struct pcp_slot *slot, uint64_t pfn);
/*
 * Pages of the block of @pfn have come to the zone's lists: its owner finds it on
 * owned_blocks, or loses it if it is whole.
 */
void block_returned(struct block_owners *owners, uint64_t pfn);
/* Off its owner's owned_blocks. */
void block_unlist(struct block_owners *owners, size_t index);
/* All that @slot's CPU owns. Its lock. */
void block_release_all(struct pcp_slot *slot);
/* A free block of the zone covers the whole pageblock of @pfn. */
bool block_is_whole(const struct zone *zone, uint64_t pfn);

#endif
