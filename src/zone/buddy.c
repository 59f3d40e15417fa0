/* SPDX-License-Identifier: MIT */
/*
 * Smallest fit, splitting and merging, one block at a time. This is how the
 * kernel does it, and what batch.c has to come to.
 */
#include "zone/buddy.h"

#include "zone/gate.h"
#include "zone/merge.h"

static void record_zone_locked(struct cpu *cpu, const struct zone *zone,
	uint32_t pfn, unsigned int order, unsigned int type)
{
	struct pcpmm_event event = {
		.kind = PCPMM_EVENT_MM_PAGE_ALLOC_ZONE_LOCKED,
		.pfn = pfn,
		.order = (uint8_t)order,
		.migratetype = (uint8_t)type,
		.zone_type = zone->type,
		.nid = zone->nid,
		.flag = zone->rules->percpu_refill(order, type),
	};

	event_record(cpu, &event);
}

static force_inline void take_at(
	struct zone *zone, uint32_t pfn, unsigned int order, unsigned int type)
{
	unsigned int from = frame_order(&zone->memmap[pfn]);
	uint64_t nonempty = zone->nonempty;

	free_list_take(zone, pfn, &nonempty);
	free_list_expand(zone, pfn, order, from, type, &nonempty);
	free_list_store(zone, nonempty);
}

void buddy_take_at(
	struct zone *zone, uint32_t pfn, unsigned int order, unsigned int type)
{
	take_at(zone, pfn, order, type);
}

uint32_t buddy_take(struct cpu *cpu, struct zone *zone, unsigned int order,
	unsigned int type)
{
	unsigned int fit = buddy_smallest_fit(zone, order, type);
	uint32_t pfn;

	if (fit == NR_ORDERS)
		return 0;
	pfn = buddy_first(zone, fit, type);
	take_at(zone, pfn, order, type);
	if (event_enabled(cpu, PCPMM_EVENT_MM_PAGE_ALLOC_ZONE_LOCKED))
		record_zone_locked(cpu, zone, pfn, order, type);
	return pfn;
}

void buddy_account(
	struct cpu *cpu, struct zone *zone, long pages, unsigned int type)
{
	vmstat_mod(cpu, &zone->stat, NR_FREE_PAGES, pages);
	if (unlikely(type == PCPMM_MIGRATE_CMA))
		vmstat_mod(cpu, &zone->stat, NR_FREE_CMA_PAGES, pages);
}

/* Isolated pages are on lists, but do not count as free. */
static void count_freed(struct cpu *cpu, struct zone *zone, unsigned int order,
	unsigned int type)
{
	if (type != PCPMM_MIGRATE_ISOLATE)
		buddy_account(cpu, zone, 1L << order, type);
	if (unlikely(type == PCPMM_MIGRATE_HIGHATOMIC))
		zone_add_free_highatomic(zone, 1L << order);
}

/*
 * Watermark checks read the counter without the lock. If the counter is updated
 * last, it never includes pages that are not on the lists yet.
 */
static void free_as(struct cpu *cpu, struct zone *zone, uint32_t pfn,
	unsigned int order, unsigned int type)
{
	if (unlikely(zone->count_order == PCPMM_COUNT_AFTER_LISTS)) {
		buddy_merge(zone, pfn, order, type);
		count_freed(cpu, zone, order, type);
		return;
	}
	count_freed(cpu, zone, order, type);
	buddy_merge(zone, pfn, order, type);
}

void buddy_free(struct cpu *cpu, struct zone *zone, uint32_t pfn,
	unsigned int order, unsigned int type)
{
	const uint32_t end = pfn + (1u << order);

	if (zone->rules->lists_by_block && !MUTANT(LARGE_FREED_WHOLE))
		order = MIN(order, (unsigned int)PAGEBLOCK_ORDER);
	for (; pfn < end; pfn += 1u << order)
		free_as(cpu, zone, pfn, order,
			buddy_freed_type(zone, pfn, type));
}

uint64_t buddy_nr_free(const struct zone *zone, unsigned int order)
{
	uint64_t nr = 0;

	for (unsigned int type = 0; type < NR_TYPES; type++)
		nr += atomic_load_relaxed_u64(
			&zone->free_area[order].list[type].nr);
	return nr;
}

bool buddy_has_pages(const struct zone *zone, uint64_t pages)
{
	uint64_t found = 0;

	for (unsigned int order = NR_ORDERS; order-- > 0 && found < pages;)
		found += buddy_nr_free(zone, order) << order;
	return found >= pages;
}

uint64_t buddy_pages(const struct zone *zone)
{
	uint64_t pages = 0;

	for (unsigned int order = 0; order < NR_ORDERS; order++)
		pages += buddy_nr_free(zone, order) << order;
	return pages;
}
