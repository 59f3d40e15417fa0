/* SPDX-License-Identifier: MIT */
/*
 * Pieces back to the zone: merged first, and the largest that fit first, so that the
 * zone's lock is held for few of them. A pageblock some of whose pages are with its
 * owner is then on the owner's owned_blocks.
 */
#ifndef PCPLIST_PIECE_SPILL_H
#define PCPLIST_PIECE_SPILL_H

#include "pcplist/pieces.h"

/*
 * Give @pages pages back, or all if there are fewer; a larger piece is split. @by
 * acts; @spill: it is a free that finds the count at its mark. Pages. Under the
 * slot's lock.
 */
unsigned int pieces_give_back(
	struct cpu *by, struct pcp_slot *slot, int pages, bool spill);

/* A free that goes past all lists; its frame is in state PCP. No lock, or any pcp's. */
void pieces_free_to_zone(struct cpu *by, struct block_owners *owners,
	uint32_t pfn, unsigned int order, unsigned int type);

#endif
