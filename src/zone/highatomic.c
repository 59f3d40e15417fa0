/* SPDX-License-Identifier: MIT */
/* The high-atomic reserve. */
#include "zone/highatomic.h"

#include "zone/block_move.h"
#include "zone/buddy.h"
#include "zone/gate.h"
#include "zone/pageblock.h"

static uint64_t reserved(const struct zone *zone)
{
	return atomic_load_relaxed_u64(&zone->nr_reserved_highatomic);
}

/* Pages moved. */
static uint64_t retype(
	struct zone *zone, uint32_t pfn, enum pcpmm_migratetype type)
{
	zone_set_block_type(zone, pfn, type);
	return zone_move_free_block(zone, pfn, type, NULL);
}

/* Zone lock. */
static void reserve(struct zone *zone, uint32_t pfn, unsigned int order)
{
	uint64_t pages = PAGEBLOCK_PAGES;
	struct block_pages in_block;

	if (!zone->rules->lists_by_block) {
		retype(zone, pfn, PCPMM_MIGRATE_HIGHATOMIC);
	} else if (order >= PAGEBLOCK_ORDER) {
		pages = 1UL << order;
		zone_retype_range(zone, pfn, order, PCPMM_MIGRATE_HIGHATOMIC);
	} else if (zone_count_block(zone, pfn, &in_block)) {
		retype(zone, pfn, PCPMM_MIGRATE_HIGHATOMIC);
	} else {
		return;
	}
	zone_set_highatomic(zone, reserved(zone) + pages);
}

/* The first look is racy: a full reserve stays full until a CPU unreserves. */
void zone_reserve_highatomic(
	struct cpu *cpu, struct zone *zone, uint32_t pfn, unsigned int order)
{
	uint64_t limit = zone->rules->highatomic_max(zone->managed);

	if (reserved(zone) >= limit)
		return;
	zone_lock_irqsave(cpu, zone);
	if (reserved(zone) < limit &&
		zone->rules->may_reserve(zone_block_type(zone, pfn)))
		reserve(zone, pfn, order);
	zone_unlock_irqrestore(cpu, zone);
}

/*
 * Give back the pageblock of @pfn, a free block on a list of the reserve; where
 * lists are by block, all pageblocks of a larger one. To 6.9 the pageblock may have
 * been given back before: a page that was on a per-CPU list then comes here later,
 * and one at the zone's edge does not move. Pages moved.
 */
static uint64_t give_back(
	struct zone *zone, uint32_t pfn, enum pcpmm_migratetype type)
{
	unsigned int order = frame_order(&zone->memmap[pfn]);
	bool is_large = zone->rules->lists_by_block && order >= PAGEBLOCK_ORDER;
	uint64_t pages = is_large ? 1UL << order : PAGEBLOCK_PAGES;

	if (zone_block_type(zone, pfn) == PCPMM_MIGRATE_HIGHATOMIC)
		zone_set_highatomic(
			zone, reserved(zone) - MIN(reserved(zone), pages));
	if (!is_large)
		return retype(zone, pfn, type);
	zone_retype_range(zone, pfn, order, type);
	zone_move_one(zone, pfn, type);
	return pages;
}

bool zone_unreserve_highatomic(
	struct cpu *cpu, struct zone *zone, unsigned int type, bool force)
{
	uint64_t moved = 0;

	if (!force && reserved(zone) <= PAGEBLOCK_PAGES)
		return false;
	zone_lock_irqsave(cpu, zone);
	for (unsigned int order = 0; !moved && order < NR_ORDERS; order++) {
		uint32_t pfn =
			buddy_first(zone, order, PCPMM_MIGRATE_HIGHATOMIC);

		if (pfn)
			moved = give_back(
				zone, pfn, (enum pcpmm_migratetype)type);
	}
	zone_unlock_irqrestore(cpu, zone);
	return moved != 0;
}
