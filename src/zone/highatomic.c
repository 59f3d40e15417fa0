/* SPDX-License-Identifier: MIT */
/* The high-atomic reserve. */
#include "zone/highatomic.h"

#include "zone/buddy.h"
#include "zone/fallback.h"
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

/* The first look is racy: a full reserve stays full until a CPU unreserves. */
void zone_reserve_highatomic(struct cpu *cpu, struct zone *zone, uint32_t pfn)
{
	uint64_t limit = zone->rules->highatomic_max(zone->managed);

	if (reserved(zone) >= limit)
		return;
	zone_lock_irqsave(cpu, zone);
	if (reserved(zone) < limit &&
		zone->rules->mergeable(zone_block_type(zone, pfn))) {
		zone_set_highatomic(zone, reserved(zone) + PAGEBLOCK_PAGES);
		retype(zone, pfn, PCPMM_MIGRATE_HIGHATOMIC);
	}
	zone_unlock_irqrestore(cpu, zone);
}

/*
 * Give back the pageblock of @pfn, a free block on a list of the reserve. Its
 * pageblock may have been given back before: a page that was on a per-CPU list
 * then comes here later, and one at the zone's edge does not move. Pages moved.
 */
static uint64_t give_back(
	struct zone *zone, uint32_t pfn, enum pcpmm_migratetype type)
{
	uint64_t pages = MIN(reserved(zone), PAGEBLOCK_PAGES);

	if (zone_block_type(zone, pfn) == PCPMM_MIGRATE_HIGHATOMIC)
		zone_set_highatomic(zone, reserved(zone) - pages);
	return retype(zone, pfn, type);
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
