/* SPDX-License-Identifier: MIT */
/*
 * Blocks in and out of a zone, many at a time or one, under one hold of the
 * zone lock: what the pcp lists call.
 */
#ifndef ZONE_RMQUEUE_H
#define ZONE_RMQUEUE_H

#include "zone/zone.h"

/*
 * Where the numbers of many blocks are written to: downwards, so that the first is
 * the last in memory. The writer lowers both; with room 0 it calls more(), which
 * sets both anew, before it writes.
 */
struct pfn_sink {
	uint32_t *behind; /* of the next number's place */
	unsigned int room; /* numbers that fit */
	void (*more)(struct pfn_sink *sink);
};

static force_inline void pfn_sink_put(struct pfn_sink *sink, uint32_t pfn)
{
	if (unlikely(!sink->room))
		sink->more(sink);
	*--sink->behind = pfn;
	sink->room--;
}

/*
 * Take up to @nr blocks of @order and write their numbers in order of allocation.
 * Each is in state PCP with type @type. Number taken. NR_FREE_PAGES changes once,
 * or for each block (rules->counts_each).
 * With ALLOC_NOLOCK the zone lock is tried once, here and below; busy: 0.
 */
unsigned int zone_rmqueue_bulk(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int nr, unsigned int type,
	unsigned int alloc_flags, struct pfn_sink *sink);

/* One block straight from the buddy (rmqueue_buddy); pfn or 0. */
uint32_t zone_rmqueue_buddy(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int type, unsigned int alloc_flags);

/*
 * One block straight to the buddy, onto @type's list (free_one_page), and with it
 * all deferred ones. Pages of those, which nobody has counted as freed.
 */
unsigned long zone_free_one(struct cpu *cpu, struct zone *zone, uint32_t pfn,
	unsigned int order, unsigned int type);

/*
 * The same for callers that may not wait: one try of the zone lock, and no reap.
 * false: it is busy, and nothing is freed.
 */
bool zone_free_nolock(struct cpu *cpu, struct zone *zone, uint32_t pfn,
	unsigned int order, unsigned int type);

/*
 * Account, under the zone lock, @pages that it has taken off lists
 * for a request with @alloc_flags; on none of them is a CMA or ISOLATE page.
 */
void __zone_taken(struct cpu *cpu, struct zone *zone, unsigned int pages,
	unsigned int alloc_flags);

/*
 * One block of a bulk free; the caller holds the zone lock and
 * records mm_page_pcpu_drain.
 */
void __zone_free_drained(
	struct cpu *cpu, struct zone *zone, struct pcpmm_page *page);

#endif
