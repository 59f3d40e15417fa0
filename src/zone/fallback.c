/* SPDX-License-Identifier: MIT */
/* Taking a block of another migratetype; the zone's rules say which one. */
#include "zone/fallback.h"

#include "zone/buddy.h"
#include "zone/gate.h"
#include "zone/pageblock.h"

bool zone_boost_watermark(struct zone *zone)
{
	uint64_t max, boost = atomic_load_relaxed_u64(&zone->boost);
	uint32_t factor = atomic_load_relaxed_u32(&zone->boost_factor);

	if (!factor || PAGEBLOCK_PAGES * 4 > zone->managed)
		return false;
	max = mult_frac(
		atomic_load_relaxed_u64(&zone->mark[MARK_HIGH]), factor, 10000);
	if (!max)
		return false;
	max = MAX(PAGEBLOCK_PAGES, max);
	zone_set_boost(zone, MIN(boost + PAGEBLOCK_PAGES, max));
	return true;
}

/* Pages of the block at @pfn, which is not free, and whether they can move. */
static uint64_t held_span(
	const struct zone *zone, uint32_t pfn, bool *is_movable)
{
	const struct pcpmm_page *page = &zone->memmap[pfn];
	uint64_t pages = 1UL << frame_order(page);

	switch (frame_state(page)) {
	case FRAME_HELD:
		*is_movable = frame_type(page) == PCPMM_MIGRATE_MOVABLE;
		return pages;
	case FRAME_LRU:
	case FRAME_ISOLATED:
	case FRAME_BATCHED:
		*is_movable = true;
		return pages;
	case FRAME_PCP:
	case FRAME_DEFERRED:
		*is_movable = false;
		return pages;
	default:
		/* Never touched: with boot_held in use, as its pageblock. */
		*is_movable = zone->boot_held && zone_block_type(zone, pfn) ==
							 PCPMM_MIGRATE_MOVABLE;
		return 1;
	}
}

uint64_t zone_move_free_block(
	struct zone *zone, uint32_t pfn, unsigned int type, uint64_t *movable)
{
	uint64_t start = round_down_pow2(pfn, PAGEBLOCK_PAGES);
	uint64_t end = start + PAGEBLOCK_PAGES;
	uint64_t moved = 0, movable_pages = 0;

	if (movable)
		*movable = 0;
	if (!zone_contains(zone, start))
		start = pfn;
	if (!zone_contains(zone, end - 1))
		return 0;
	while (start < end) {
		struct pcpmm_page *page = &zone->memmap[start];
		bool is_movable;
		uint64_t span;

		if (frame_state(page) == FRAME_BUDDY &&
			frame_zone(page) == zone->id) {
			unsigned int order = frame_order(page);

			buddy_remove(zone, (uint32_t)start);
			buddy_insert(zone, (uint32_t)start, order, type, true);
			span = 1UL << order;
			moved += span;
		} else {
			span = held_span(zone, (uint32_t)start, &is_movable);
			movable_pages += is_movable ? span : 0;
		}
		start += span;
	}
	if (movable)
		*movable = movable_pages;
	return moved;
}

/* First block of the first fallback type that has one of exactly @order. */
static uint32_t fallback_block(
	struct zone *zone, unsigned int order, unsigned int start_type)
{
	const uint8_t *fallbacks = zone->rules->fallbacks[start_type];

	for (unsigned int i = 0; i < ZONE_FALLBACKS; i++) {
		uint32_t pfn = buddy_first(zone, order, fallbacks[i]);

		if (pfn)
			return pfn;
	}
	return 0;
}

static void retype_range(
	struct zone *zone, uint32_t pfn, unsigned int order, unsigned int type)
{
	for (uint64_t at = pfn; at < pfn + (1UL << order);
		at += PAGEBLOCK_PAGES)
		zone_set_block_type(zone, at, (enum pcpmm_migratetype)type);
}

static void move_one(struct zone *zone, uint32_t pfn, unsigned int type)
{
	unsigned int order = frame_order(&zone->memmap[pfn]);

	buddy_remove(zone, pfn);
	buddy_insert(zone, pfn, order, type, true);
}

/*
 * Take over the pageblock of a free block that is smaller than a pageblock: its
 * free pages are moved, its type changes if the rules say so.
 */
static bool claim_block(
	struct zone *zone, uint32_t pfn, unsigned int start_type)
{
	struct zone_claim claim = {
		.start_type = start_type,
		.old_type = zone_block_type(zone, pfn),
	};

	claim.free_pages = zone_move_free_block(
		zone, pfn, start_type, &claim.movable_pages);
	if (!claim.free_pages)
		return false;
	if (zone->rules->changes_type(&claim))
		zone_set_block_type(
			zone, pfn, (enum pcpmm_migratetype)start_type);
	return true;
}

static void steal(struct zone *zone, uint32_t pfn, unsigned int order,
	unsigned int start_type, unsigned int alloc_flags, bool whole_block)
{
	if (zone_block_type(zone, pfn) == PCPMM_MIGRATE_HIGHATOMIC) {
		move_one(zone, pfn, start_type);
		return;
	}
	if (order >= PAGEBLOCK_ORDER) {
		retype_range(zone, pfn, order, start_type);
		move_one(zone, pfn, start_type);
		return;
	}
	if (zone_boost_watermark(zone) && (alloc_flags & ALLOC_KSWAPD))
		zone_set_flag(zone, ZONE_BOOSTED_WATERMARK);
	if (!whole_block || !claim_block(zone, pfn, start_type))
		move_one(zone, pfn, start_type);
}

static void record_extfrag(struct cpu *cpu, const struct zone *zone,
	uint32_t pfn, unsigned int alloc_order, unsigned int fallback_order,
	unsigned int start_type, unsigned int fallback_type)
{
	struct pcpmm_event event = {
		.kind = PCPMM_EVENT_MM_PAGE_ALLOC_EXTFRAG,
		.pfn = pfn,
		.order = (uint8_t)alloc_order,
		.migratetype = (uint8_t)start_type,
		.zone_type = zone->type,
		.nid = zone->nid,
		.fallback_order = (uint8_t)fallback_order,
		.fallback_type = (uint8_t)fallback_type,
		.flag = zone_block_type(zone, pfn) == start_type,
	};

	event_record(cpu, &event);
}

/* A block of a fallback type: large ones first, to mix few pageblocks. */
static uint32_t find_victim(struct zone *zone, unsigned int order,
	unsigned int start_type, unsigned int alloc_flags)
{
	unsigned int min_order = order;

	if (order < PAGEBLOCK_ORDER && (alloc_flags & ALLOC_NOFRAGMENT))
		min_order = PAGEBLOCK_ORDER;
	for (unsigned int o = NR_ORDERS; o-- > min_order;) {
		uint32_t pfn = fallback_block(zone, o, start_type);

		if (!pfn)
			continue;
		if (zone->rules->can_steal(o, start_type) ||
			start_type != PCPMM_MIGRATE_MOVABLE || o == order)
			return pfn;
		/* A movable request that may not claim: the smallest block. */
		for (o = order; o < NR_ORDERS; o++) {
			pfn = fallback_block(zone, o, start_type);
			if (pfn)
				return pfn;
		}
		return 0;
	}
	return 0;
}

static bool rmqueue_fallback(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int start_type, unsigned int alloc_flags)
{
	uint32_t pfn = find_victim(zone, order, start_type, alloc_flags);
	unsigned int fallback_order, fallback_type;

	if (!pfn)
		return false;
	fallback_order = frame_order(&zone->memmap[pfn]);
	fallback_type = frame_type(&zone->memmap[pfn]);
	cpu_zone_point(cpu);
	steal(zone, pfn, fallback_order, start_type, alloc_flags,
		zone->rules->can_steal(fallback_order, start_type));
	if (event_enabled(cpu, PCPMM_EVENT_MM_PAGE_ALLOC_EXTFRAG))
		record_extfrag(cpu, zone, pfn, order, fallback_order,
			start_type, fallback_type);
	return true;
}

/* CMA pages are taken first while they are more than half of the free pages. */
static bool cma_is_plenty(const struct zone *zone)
{
	return vmstat_read(&zone->stat, NR_FREE_CMA_PAGES) >
	       vmstat_read(&zone->stat, NR_FREE_PAGES) / 2;
}

uint32_t zone_rmqueue_one(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int type, unsigned int alloc_flags)
{
	bool cma = alloc_flags & ALLOC_CMA;
	uint32_t pfn = 0;

	if (cma && unlikely(cma_is_plenty(zone)))
		pfn = buddy_take(cpu, zone, order, PCPMM_MIGRATE_CMA);
	if (!pfn)
		pfn = buddy_take(cpu, zone, order, type);
	if (likely(pfn))
		return pfn;
	if (cma)
		pfn = buddy_take(cpu, zone, order, PCPMM_MIGRATE_CMA);
	if (!pfn && rmqueue_fallback(cpu, zone, order, type, alloc_flags))
		pfn = buddy_take(cpu, zone, order, type);
	return pfn;
}
