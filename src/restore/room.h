/* SPDX-License-Identifier: MIT */
/*
 * Room for the blocks of a dump in one zone, of which all frames are held or
 * have been restored already. The cost of a search depends on neither the number of
 * CPUs nor on frames that nothing has been put into: chunks (blocks of the largest
 * order) that are wholly held are known by one byte each, free blocks are passed
 * over as a whole, and single pages are sought from where the last one was found.
 */
#ifndef RESTORE_ROOM_H
#define RESTORE_ROOM_H

#include "machine/machine.h"

struct room {
	struct pcpmm_machine *machine;
	struct zone *zone;
	uint8_t *chunks; /* by pfn >> ORDER_MAX from first_chunk: not held whole */
	uint64_t first_chunk;
	uint64_t left; /* pages that may still leave the held state */
	uint64_t singles_end; /* above: no room for a single page */
};

/* Describe what @zone has now. 0 or -ENOMEM. */
int room_init(
	struct room *room, struct pcpmm_machine *machine, struct zone *zone);
void room_fini(struct room *room);

/* All frames of the block are held and not the head of a held block. */
bool room_is_held(const struct room *room, uint64_t pfn, unsigned int order);

/*
 * The block at @pfn, of which all frames are the zone's and held, becomes free, or
 * a page on @cpu's list of movable pages.
 */
void room_put_free(struct room *room, uint64_t pfn, unsigned int order);
void room_put_listed(struct room *room, uint64_t pfn, unsigned int cpu);

/*
 * Up to @blocks blocks of the largest order, held and movable, at the zone's end
 * become free without a frame being touched, if they are many. Returns how many.
 */
uint64_t room_put_fresh(struct room *room, uint64_t blocks);

/* First frame of the free block that @pfn is in; @pfn: in none. */
uint64_t room_free_head(const struct room *room, uint64_t pfn);

/* --- shared with the restoring of single blocks (restore.c) ---------------- */

/*
 * Pages that may leave the held state. A zone spans reserved frames and holes, and it
 * is not known which frames they are: so no more than the managed pages may.
 */
uint64_t held_pages(
	const struct pcpmm_machine *machine, const struct zone *zone);
bool frames_are_held(
	const struct zone *zone, uint64_t pfn, unsigned int order);
void put_free(struct zone *zone, uint64_t pfn, unsigned int order);
/* A strategy that knows which lists have pages learns of those of @slot. */
void list_restored(struct pcpmm_machine *machine, struct pcp_slot *slot);
/* To the end of its list, which exists. */
void put_listed(struct pcpmm_machine *machine, unsigned int cpu,
	struct zone *zone, uint64_t pfn, unsigned int order, unsigned int type);

#endif
