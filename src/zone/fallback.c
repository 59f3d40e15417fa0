/* SPDX-License-Identifier: MIT */
/* Own type, CMA, fallback types; and what both kinds of fallback need. */
#include "zone/fallback.h"

#include "arch/mutant.h"
#include "zone/buddy.h"
#include "zone/gate.h"

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

void fallback_boost(struct zone *zone, unsigned int alloc_flags)
{
	if (zone_boost_watermark(zone) && (alloc_flags & ALLOC_KSWAPD))
		zone_set_flag(zone, ZONE_BOOSTED_WATERMARK);
}

uint32_t fallback_block(
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

unsigned int fallback_least_order(
	const struct zone *zone, unsigned int order, unsigned int alloc_flags)
{
	return alloc_flags & ALLOC_NOFRAGMENT
		       ? zone->rules->nofragment_order(order)
		       : order;
}

struct fallback fallback_at(const struct zone *zone, uint32_t pfn,
	unsigned int order, unsigned int type)
{
	return (struct fallback){
		.pfn = pfn,
		.order = order,
		.type = type,
		.from_order = frame_order(&zone->memmap[pfn]),
		.from_type = frame_type(&zone->memmap[pfn]),
	};
}

void fallback_record(
	struct cpu *cpu, const struct zone *zone, const struct fallback *taken)
{
	struct pcpmm_event event = {
		.kind = PCPMM_EVENT_MM_PAGE_ALLOC_EXTFRAG,
		.pfn = taken->pfn,
		.order = (uint8_t)taken->order,
		.migratetype = (uint8_t)taken->type,
		.zone_type = zone->type,
		.nid = zone->nid,
		.fallback_order = (uint8_t)taken->from_order,
		.fallback_type = (uint8_t)taken->from_type,
		.flag = zone_block_type(zone, taken->pfn) == taken->type,
	};

	if (event_enabled(cpu, PCPMM_EVENT_MM_PAGE_ALLOC_EXTFRAG))
		event_record(cpu, &event);
}

/* CMA pages are taken first while they are more than half of the free pages. */
static bool cma_is_plenty(const struct zone *zone)
{
	return vmstat_read(&zone->stat, NR_FREE_CMA_PAGES) >
	       vmstat_read(&zone->stat, NR_FREE_PAGES) / 2;
}

/* To 6.9: after each steal the type's own lists are looked at again. */
static uint32_t by_stealing(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int type, unsigned int alloc_flags)
{
	uint32_t pfn = buddy_take(cpu, zone, order, type);

	if (!pfn && (alloc_flags & ALLOC_CMA))
		pfn = buddy_take(cpu, zone, order, PCPMM_MIGRATE_CMA);
	while (!pfn &&
		fallback_steal_blocks(cpu, zone, order, type, alloc_flags))
		pfn = buddy_take(cpu, zone, order, type);
	return pfn;
}

/* What a request for one more block begins with after @pfn was found by @mode. */
static uint32_t found_by(
	enum rmqueue_mode *next, enum rmqueue_mode mode, uint32_t pfn)
{
	if (pfn)
		*next = mode;
	return pfn;
}

/* After a claim the type has blocks of its own again. */
static uint32_t by_modes(struct cpu *cpu, struct zone *zone, unsigned int order,
	unsigned int type, unsigned int alloc_flags, enum rmqueue_mode *next)
{
	const enum rmqueue_mode from =
		MUTANT(MODE_FORGOTTEN) ? RMQUEUE_NORMAL : *next;
	uint32_t pfn = 0;

	if (from <= RMQUEUE_NORMAL)
		pfn = buddy_take(cpu, zone, order, type);
	if (!pfn && from <= RMQUEUE_CMA && (alloc_flags & ALLOC_CMA))
		pfn = found_by(next, RMQUEUE_CMA,
			buddy_take(cpu, zone, order, PCPMM_MIGRATE_CMA));
	if (!pfn && from <= RMQUEUE_CLAIM)
		pfn = found_by(next, RMQUEUE_NORMAL,
			fallback_claim(cpu, zone, order, type, alloc_flags));
	if (!pfn && !(alloc_flags & ALLOC_NOFRAGMENT))
		pfn = found_by(next, RMQUEUE_STEAL,
			fallback_steal_one(cpu, zone, order, type));
	return pfn;
}

uint32_t zone_rmqueue_one(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int type, unsigned int alloc_flags,
	enum rmqueue_mode *mode)
{
	uint32_t pfn = 0;

	if ((alloc_flags & ALLOC_CMA) && unlikely(cma_is_plenty(zone)))
		pfn = buddy_take(cpu, zone, order, PCPMM_MIGRATE_CMA);
	if (pfn)
		return pfn;
	if (zone->rules->has_modes)
		return by_modes(cpu, zone, order, type, alloc_flags, mode);
	return by_stealing(cpu, zone, order, type, alloc_flags);
}
