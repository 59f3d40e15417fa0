/* SPDX-License-Identifier: MIT */
/* Blocks in and out of the buddy, under one hold of the zone lock. */
#include "zone/rmqueue.h"

#include "arch/mutant.h"
#include "zone/buddy.h"
#include "zone/deferred.h"
#include "zone/fallback.h"
#include "zone/gate.h"

/* Flags of requests that may go below min: these violate nothing. */
#define ALLOC_BELOW_MIN                                                        \
	(ALLOC_MIN_RESERVE | ALLOC_HARDER | ALLOC_OOM | ALLOC_NO_WATERMARKS)

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

/* What a bulk asks for, and where its blocks go. */
struct bulk {
	struct cpu *cpu;
	struct zone *zone;
	unsigned int order, nr, type, alloc_flags;
	enum rmqueue_mode mode; /* of the next block */
	struct pfn_sink *sink;
};

static bool bulk_one(struct bulk *bulk)
{
	struct zone *zone = bulk->zone;
	uint32_t pfn = zone_rmqueue_one(bulk->cpu, zone, bulk->order,
		bulk->type, bulk->alloc_flags, &bulk->mode);

	if (unlikely(!pfn))
		return false;
	if (unlikely(bulk->alloc_flags & ALLOC_CMA))
		account_cma(bulk->cpu, zone, pfn, bulk->order);
	frame_set_head(&zone->memmap[pfn],
		FRAME_HEAD(FRAME_PCP, bulk->order, bulk->type, zone->id));
	pfn_sink_put(bulk->sink, pfn);
	return true;
}

static unsigned int bulk_one_by_one(struct bulk *bulk)
{
	unsigned int got = 0;

	while (got < bulk->nr && bulk_one(bulk))
		got++;
	return got;
}

/* Blocks that follow one another: as many at a time as there is room for. */
static void add_carved(
	const struct bulk *bulk, const struct buddy_carved *carved)
{
	const uint32_t step = MUTANT(CARVED_BACKWARDS) ? -(1u << bulk->order)
						       : 1u << bulk->order;
	const uint32_t head =
		FRAME_HEAD(FRAME_PCP, bulk->order, bulk->type, bulk->zone->id);
	struct pcpmm_page *memmap = bulk->zone->memmap;
	struct pfn_sink *sink = bulk->sink;
	unsigned int left = carved->nr, fit;
	uint32_t pfn = carved->pfn;

	if (MUTANT(CARVED_BACKWARDS))
		pfn += (carved->nr - 1) << bulk->order;
	for (; left; left -= fit) {
		uint32_t *at;

		if (unlikely(!sink->room))
			sink->more(sink);
		fit = MIN(left, sink->room);
		at = sink->behind;
		sink->behind = at - fit;
		sink->room -= fit;
		for (unsigned int i = 0; i < fit; i++) {
			frame_set_head(&memmap[pfn], head);
			*--at = pfn;
			pfn += step;
		}
	}
}

/* Where the type has no block left, one comes by the fallback. */
static unsigned int bulk_carved(struct bulk *bulk)
{
	unsigned int got = 0;

	while (got < bulk->nr) {
		struct buddy_carved carved = buddy_carve(
			bulk->zone, bulk->order, bulk->type, bulk->nr - got);

		if (likely(carved.nr))
			add_carved(bulk, &carved);
		else if (bulk_one(bulk))
			carved.nr = 1;
		else
			break;
		got += carved.nr;
	}
	return got;
}

/*
 * CMA pages are taken first or last, by how many are left; and a recorded event
 * names each block when it is taken.
 */
static bool takes_one_by_one(const struct cpu *cpu, unsigned int alloc_flags)
{
	return alloc_flags & ALLOC_CMA ||
	       event_enabled(cpu, PCPMM_EVENT_MM_PAGE_ALLOC_ZONE_LOCKED);
}

static force_inline void count_bulk(const struct bulk *bulk, unsigned int got)
{
	struct vmstat *stat = &bulk->zone->stat;

	if (bulk->zone->rules->counts_each && !MUTANT(REFILL_COUNTED_ONCE))
		vmstat_mod_many(bulk->cpu, stat, NR_FREE_PAGES,
			-(1L << bulk->order), got);
	else
		vmstat_mod(bulk->cpu, stat, NR_FREE_PAGES,
			-((long)got << bulk->order));
}

/* Zone lock. Number taken. */
static force_inline unsigned int bulk_take(struct bulk *bulk)
{
	struct zone *zone = bulk->zone;
	unsigned int got;

	if (unlikely(takes_one_by_one(bulk->cpu, bulk->alloc_flags)))
		got = bulk_one_by_one(bulk);
	else
		got = bulk_carved(bulk);
	count_bulk(bulk, got);
	if (likely(got))
		count_breach(zone, bulk->alloc_flags);
	return got;
}

/* With ALLOC_NOLOCK the lock is tried once. */
static force_inline enum zone_try begin(
	struct cpu *cpu, struct zone *zone, unsigned int alloc_flags)
{
	if (unlikely(alloc_flags & ALLOC_NOLOCK))
		return zone_try_begin(cpu, zone);
	zone_lock_irqsave(cpu, zone);
	return ZONE_LOCKED;
}

unsigned int zone_rmqueue_bulk(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int nr, unsigned int type,
	unsigned int alloc_flags, struct pfn_sink *sink)
{
	struct bulk bulk = {.cpu = cpu,
		.zone = zone,
		.order = order,
		.nr = nr,
		.type = type,
		.alloc_flags = alloc_flags,
		.mode = RMQUEUE_NORMAL,
		.sink = sink};
	enum zone_try how = begin(cpu, zone, alloc_flags);
	unsigned int got;

	if (unlikely(how == ZONE_BUSY))
		return 0;
	got = bulk_take(&bulk);
	zone_try_end(cpu, zone, how);
	return got;
}

void __zone_taken(struct cpu *cpu, struct zone *zone, unsigned int pages,
	unsigned int alloc_flags)
{
	buddy_account(cpu, zone, -(long)pages, PCPMM_MIGRATE_MOVABLE);
	count_breach(zone, alloc_flags);
}

/* --- one block ------------------------------------------------------------ */

/* Zone lock. From the reserve's lists. */
static uint32_t take_reserved(
	struct cpu *cpu, struct zone *zone, unsigned int order)
{
	uint32_t pfn = buddy_take(cpu, zone, order, PCPMM_MIGRATE_HIGHATOMIC);

	if (pfn)
		zone_add_free_highatomic(zone, -(1L << order));
	return pfn;
}

/* Zone lock. */
static force_inline uint32_t take_one(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int type, unsigned int alloc_flags)
{
	enum rmqueue_mode mode = RMQUEUE_NORMAL;
	uint32_t pfn = 0;

	if (alloc_flags & ALLOC_HIGHATOMIC)
		pfn = take_reserved(cpu, zone, order);
	if (!pfn)
		pfn = zone_rmqueue_one(
			cpu, zone, order, type, alloc_flags, &mode);
	/* Using up the reserve is better than failing the request. */
	if (!pfn && zone->rules->reserve_is_last_resort &&
		(alloc_flags & (ALLOC_OOM | ALLOC_NON_BLOCK)))
		pfn = take_reserved(cpu, zone, order);
	if (pfn) {
		buddy_account(
			cpu, zone, -(1L << order), zone_block_type(zone, pfn));
		count_breach(zone, alloc_flags);
	}
	return pfn;
}

uint32_t zone_rmqueue_buddy(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int type, unsigned int alloc_flags)
{
	enum zone_try how = begin(cpu, zone, alloc_flags);
	uint32_t pfn;

	if (unlikely(how == ZONE_BUSY))
		return 0;
	pfn = take_one(cpu, zone, order, type, alloc_flags);
	zone_try_end(cpu, zone, how);
	return pfn;
}

unsigned long zone_free_one(struct cpu *cpu, struct zone *zone, uint32_t pfn,
	unsigned int order, unsigned int type)
{
	unsigned long reaped = 0;

	zone_lock_irqsave(cpu, zone);
	buddy_free_past_lists(cpu, zone, pfn, order, type);
	if (unlikely(zone_has_deferred(zone)))
		reaped = zone_reap(cpu, zone);
	zone_unlock_irqrestore(cpu, zone);
	return reaped;
}

bool zone_free_nolock(struct cpu *cpu, struct zone *zone, uint32_t pfn,
	unsigned int order, unsigned int type)
{
	enum zone_try how = zone_try_begin(cpu, zone);

	if (how == ZONE_BUSY)
		return false;
	buddy_free_past_lists(cpu, zone, pfn, order, type);
	zone_try_end(cpu, zone, how);
	return true;
}

void __zone_free_drained(
	struct cpu *cpu, struct zone *zone, struct pcpmm_page *page)
{
	buddy_free(cpu, zone, page_pfn(zone, page), frame_order(page),
		frame_type(page));
}
