/* SPDX-License-Identifier: MIT */
/*
 * What happens when a migratetype has no free block left: take one of another
 * type, preferably a whole pageblock's worth. To 6.9 by stealing
 * (__rmqueue_fallback(), fallback_steal.c), later in modes (fallback_modes.c); the
 * zone's rules say which.
 *
 * All of these need the zone lock.
 */
#ifndef ZONE_FALLBACK_H
#define ZONE_FALLBACK_H

#include "zone/zone.h"

/*
 * Where a request for several blocks begins to look for the next one: what has
 * failed for one block is not tried for the next (enum rmqueue_mode, 6.12). Zones
 * without modes stay at NORMAL.
 */
enum rmqueue_mode {
	RMQUEUE_NORMAL, /* the type's own lists */
	RMQUEUE_CMA,
	RMQUEUE_CLAIM, /* whole pageblocks */
	RMQUEUE_STEAL, /* single blocks, which keep their type */
};

/*
 * One block of @order for @type: smallest fit of its own type, CMA if
 * allowed, else of a fallback type. pfn, or 0. The caller accounts
 * NR_FREE_PAGES. *@mode is RMQUEUE_NORMAL before the first of several calls under
 * one hold of the lock.
 */
uint32_t zone_rmqueue_one(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int type, unsigned int alloc_flags,
	enum rmqueue_mode *mode);

/* Raise the boost after an event that mixed types (boost_watermark()). */
bool zone_boost_watermark(struct zone *zone);

/* --- parts, for fallback_*.c --------------------------------------------- */

/*
 * To 6.9: some blocks of a fallback type come to @type's lists. false: there are
 * none. true does not mean that one is of @order (rules->nofragment_order).
 */
bool fallback_steal_blocks(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int type, unsigned int alloc_flags);

/* Mode CLAIM: a block out of a pageblock that becomes @type's; pfn or 0. */
uint32_t fallback_claim(struct cpu *cpu, struct zone *zone, unsigned int order,
	unsigned int type, unsigned int alloc_flags);
/* Mode STEAL: a block of another type, which stays what it is; pfn or 0. */
uint32_t fallback_steal_one(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int type);

/* First block of the first fallback type that has one of exactly @order. */
uint32_t fallback_block(
	struct zone *zone, unsigned int order, unsigned int start_type);
/* The least order of a block that a request of @order may take. */
unsigned int fallback_least_order(
	const struct zone *zone, unsigned int order, unsigned int alloc_flags);
/* Types are about to be mixed: raise the boost, and ask for kswapd. */
void fallback_boost(struct zone *zone, unsigned int alloc_flags);

/* A block of another type, as mm_page_alloc_extfrag has it. */
struct fallback {
	uint32_t pfn;
	unsigned int order, type; /* the request's */
	unsigned int from_order, from_type; /* the block's */
};

/* The free block at @pfn, for a request of @order and @type. */
struct fallback fallback_at(const struct zone *zone, uint32_t pfn,
	unsigned int order, unsigned int type);
void fallback_record(
	struct cpu *cpu, const struct zone *zone, const struct fallback *taken);

#endif
