/* SPDX-License-Identifier: MIT */
/*
 * A CPU's stock of one zone as a small buddy: free pieces by type and order, linked
 * through their frames, so that one can be taken out of the middle and merged. What
 * pcp_buddy has instead of the stacks of struct pcp_lists, which stay empty.
 *
 *   slot->own.count = sum over types t and orders o of nr[t][o] << o
 *   page->piece     = the piece's pageblock is owned by the list's CPU
 *
 * A piece may merge if page->piece says so; its buddy lies in the same pageblock, so
 * the two are on the same CPU's lists. Pieces of other blocks are listed as well,
 * singly: those freed here that nobody owns, and those that refills took without
 * asking whose block it is (phases 2 and 3 of piece_refill.h).
 *
 * page->piece is written under the lock of the list of the block's owner, and only
 * there. So a merge reads the frames of its own blocks; the state of a buddy that is
 * not listed here may change meanwhile, and then says held, or on its way, but never
 * piece.
 *
 * All of these need the slot's lock.
 */
#ifndef PCPLIST_PIECES_H
#define PCPLIST_PIECES_H

#include <pcpmm/pcp_buddy.h>

#include "pcplist/block_owner.h"

#define PIECE_ORDERS (PCPMM_PAGEBLOCK_ORDER + 1)
#define PIECE_TYPES PCPMM_MIGRATE_PCPTYPES

/* slot->private. */
struct pieces {
	cacheline_aligned struct frame_list list[PIECE_TYPES][PIECE_ORDERS];
	uint32_t nr[PIECE_TYPES][PIECE_ORDERS]; /* read racily for reports */
	struct block_owners *owners; /* the zone's; constant */
	struct owned_blocks owned; /* zone lock */
	/* frees_*: by this CPU, this_cpu adds; the others: relaxed adds by any. */
	cacheline_aligned struct pcpmm_pcp_buddy_stats stats;
};

static inline struct pieces *pieces_of(const struct pcp_slot *slot)
{
	return slot->private;
}

static inline void pieces_count(uint64_t *sum, uint64_t by)
{
	atomic_add_relaxed_u64(sum, by);
}

/* A free block of @order onto the list of @type < PIECE_TYPES. */
void pieces_add(struct pcp_slot *slot, uint32_t pfn, unsigned int order,
	unsigned int type);
/* The same at the list's end: it is taken last, and given back first. */
void pieces_append(struct pcp_slot *slot, uint32_t pfn, unsigned int order,
	unsigned int type);
/* Smallest fit, split; its pfn in state PCP, off the lists. 0: nothing fits. */
uint32_t pieces_take(
	struct pcp_slot *slot, unsigned int order, unsigned int type);
bool pieces_fit(
	const struct pcp_slot *slot, unsigned int order, unsigned int type);
/*
 * The piece that is given back next if @pages > 0 may go: the oldest of the highest
 * order that is not more; else a part of a larger one. Off the lists; its frame says
 * order and type. The lists have @pages pages or more.
 */
uint32_t pieces_take_for_zone(struct pcp_slot *slot, unsigned int pages);
/* From order 0 up: two buddies that are both listed and of one type become one. */
void pieces_merge(struct pcp_slot *slot);

#endif
