/* SPDX-License-Identifier: MIT */
/* Blocks in and out of the buddy, under one hold of the zone lock. */
#include "zone/rmqueue.h"

#include "zone/buddy.h"
#include "zone/fallback.h"

/* Flags of requests that may go below min: these violate nothing. */
#define ALLOC_BELOW_MIN (ALLOC_MIN_RESERVE | ALLOC_OOM | ALLOC_NO_WATERMARKS)

/*
 * Count an undetected violation of the min watermark: the zone is below min,
 * but its counter is not. The lists are exact, as the zone lock is held. They
 * are summed only if diffs can hide that much: with value >= min + max_drift
 * the exact count can not be below min.
 *
 * The drift mark is no substitute for max_drift. It is 0 if at most low - min
 * pages can be hidden, by the marks and the threshold at the time when it was
 * computed; and it does not include folds under way.
 */
static void count_breach(struct zone *zone, unsigned int alloc_flags)
{
	int64_t min = (int64_t)atomic_load_relaxed_u64(&zone->mark[MARK_MIN]);
	int64_t value = vmstat_read_raw(&zone->stat, NR_FREE_PAGES);

	if (likely(value >= min + (int64_t)zone->max_drift))
		return;
	if (value < min || (alloc_flags & ALLOC_BELOW_MIN) ||
		buddy_has_pages(zone, (uint64_t)min))
		return;
	atomic_store_relaxed_u64(&zone->breaches, zone->breaches + 1);
}

/* The batch is accounted as a whole, but its CMA pages block by block. */
static void account_cma(
	struct cpu *cpu, struct zone *zone, uint32_t pfn, unsigned int order)
{
	if (zone_block_type(zone, pfn) == PCPMM_MIGRATE_CMA)
		vmstat_mod(cpu, &zone->stat, NR_FREE_CMA_PAGES, -(1L << order));
}

unsigned int zone_rmqueue_bulk(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int nr, unsigned int type,
	unsigned int alloc_flags, struct frame_list *list)
{
	unsigned int got;

	zone_lock_irqsave(cpu, zone);
	for (got = 0; got < nr; got++) {
		uint32_t pfn =
			zone_rmqueue_one(cpu, zone, order, type, alloc_flags);
		struct pcpmm_page *page = &zone->memmap[pfn];

		if (unlikely(!pfn))
			break;
		if (unlikely(alloc_flags & ALLOC_CMA))
			account_cma(cpu, zone, pfn, order);
		frame_set_head(
			page, FRAME_HEAD(FRAME_PCP, order, type, zone->id));
		frame_list_add_tail(zone->memmap, list, pfn);
	}
	vmstat_mod(cpu, &zone->stat, NR_FREE_PAGES, -((long)got << order));
	if (likely(got))
		count_breach(zone, alloc_flags);
	zone_unlock_irqrestore(cpu, zone);
	return got;
}

uint32_t zone_rmqueue_buddy(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int type, unsigned int alloc_flags)
{
	uint32_t pfn = 0;

	zone_lock_irqsave(cpu, zone);
	if (alloc_flags & ALLOC_HIGHATOMIC)
		pfn = buddy_take(cpu, zone, order, PCPMM_MIGRATE_HIGHATOMIC);
	if (!pfn)
		pfn = zone_rmqueue_one(cpu, zone, order, type, alloc_flags);
	/* Using up the reserve is better than failing the request. */
	if (!pfn && (alloc_flags & (ALLOC_OOM | ALLOC_NON_BLOCK)))
		pfn = buddy_take(cpu, zone, order, PCPMM_MIGRATE_HIGHATOMIC);
	if (pfn) {
		buddy_account(
			cpu, zone, -(1L << order), zone_block_type(zone, pfn));
		count_breach(zone, alloc_flags);
	}
	zone_unlock_irqrestore(cpu, zone);
	return pfn;
}

void zone_free_one(struct cpu *cpu, struct zone *zone, uint32_t pfn,
	unsigned int order, unsigned int type)
{
	zone_lock_irqsave(cpu, zone);
	buddy_free(cpu, zone, pfn, order, type);
	zone_unlock_irqrestore(cpu, zone);
}

void __zone_free_drained(
	struct cpu *cpu, struct zone *zone, struct pcpmm_page *page)
{
	buddy_free(cpu, zone, page_pfn(zone, page), frame_order(page),
		frame_type(page));
}
