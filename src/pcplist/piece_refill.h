/* SPDX-License-Identifier: MIT */
/*
 * Refill of a CPU's pieces, in four phases; each begins if after those before it no
 * piece fits the request (Johannes Weiner, RFC of 3 April 2026, in outline):
 *
 *   0 recover   of the CPU's owned_blocks of the wanted type: their free pages come
 *               back from the zone's lists, and merge
 *   1 claim     whole free pageblocks of the type; the CPU becomes their owner
 *   2 chunks    of orders above the one asked and below a pageblock's, of the type
 *   3 fallback  what any refill takes: blocks of the order asked, of any type
 *
 * Only the last one takes other types' blocks. How much is this library's decision;
 * with n = the rules' refill size in pages:
 *
 *   0   n, rounded up to all free pages of a pageblock
 *   1   n, rounded up to pageblocks
 *   2   n, in the largest orders that do not exceed what is missing; the last chunk
 *       is rounded up to one order above the one asked
 *   3   n, at most FALLBACK_MAX blocks
 *
 * Phases 0 and 1 want room for a pageblock below the mark at which a free spills:
 * what the next free would give back is not fetched. So lists on small machines, and
 * in zones that kswapd is working on, are filled by chunks. A refill of one block
 * takes no chunk: a list that is off has high 0 and batch 1, and no page may stay.
 */
#ifndef PCPLIST_PIECE_REFILL_H
#define PCPLIST_PIECE_REFILL_H

#include "pcplist/pieces.h"

/* Under the slot's lock. true: a piece fits now. */
bool pieces_refill(struct pcp_slot *slot, unsigned int order, unsigned int type,
	unsigned int alloc_flags);

#endif
