/* SPDX-License-Identifier: MIT */
/*
 * Blocks whose free could not take the zone lock (free_pages_nolock(), Linux 6.15,
 * zone->trylock_free_pages): a stack that any context pushes to, and that the next
 * ordinary free of a block straight to the buddy takes whole.
 *
 *   push   lock-free; any CPU, an NMI as well
 *   reap   under the zone lock; takes all, so a block that is pushed again meanwhile
 *          is on the new stack, and no link of the old one changes
 *
 * [defer.push] release, pairs with [defer.reap] acquire: the frame's head and link.
 *
 * Until they are reaped the blocks are in no counter and on no list: neither free
 * nor held, and a drain does not find them.
 */
#ifndef ZONE_DEFERRED_H
#define ZONE_DEFERRED_H

#include "zone/zone.h"

/* The caller has claimed the block at @pfn, and its head says the order. */
void zone_defer(struct zone *zone, uint32_t pfn);

/* Racy: a block that is pushed after the look waits for the next free. */
static force_inline bool zone_has_deferred(const struct zone *zone)
{
	return !atomic_is_null_relaxed((void *const *)&zone->deferred);
}

/* Free them all to the buddy; pages. Zone lock. */
unsigned long zone_reap(struct cpu *cpu, struct zone *zone);

#endif
