/* SPDX-License-Identifier: MIT */
/*
 * Pageblocks: their types, and a word for each that leads a freed page to its
 * list in one look.
 *
 *   word = zone->block_word[type of the pageblock]
 *     or   0: look closer, at the frame's zone and the pageblock's type
 *
 * The zone does not know what its block_word[] mean: the lists set them once
 * (pcplist/slot.h). A word is 0 until the first free into its pageblock, so that
 * memory which is never used costs nothing; it stays 0 where frames of another
 * zone may lie in the same pageblock.
 *
 * Types and words are written under the zone lock, and read racily by frees, as
 * in the kernel: a page that is freed while its pageblock changes its type may
 * go to a list of the old type.
 *
 * The table of words has room for all frame numbers of 32 bits, and ends where the
 * memmap begins, so that one base and a constant lead to both. What is not used of
 * it is address space.
 */
#ifndef ZONE_PAGEBLOCK_H
#define ZONE_PAGEBLOCK_H

#include "zone/zone.h"

#define BLOCK_WORDS ((PCPMM_PFN_MAX >> PAGEBLOCK_ORDER) + 1)

static force_inline uint64_t *block_word_at(
	struct pcpmm_page *memmap, uint64_t pfn)
{
	return (uint64_t *)memmap - BLOCK_WORDS + (pfn >> PAGEBLOCK_ORDER);
}

/* Under the zone lock, or at rest. */
void zone_set_block_type(
	struct zone *zone, uint64_t pfn, enum pcpmm_migratetype type);

/* A page of this pageblock was freed: fill in its word, if it can have one. */
void zone_fill_block_word(struct cpu *cpu, struct zone *zone, uint64_t pfn);

#endif
