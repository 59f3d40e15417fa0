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

static void retype(struct zone *zone, uint32_t pfn, enum pcpmm_migratetype type)
{
	zone_set_block_type(zone, pfn, type);
	zone_move_free_block(zone, pfn, type, NULL);
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

static uint32_t first_reserved(struct zone *zone)
{
	for (unsigned int order = 0; order < NR_ORDERS; order++) {
		uint32_t pfn =
			buddy_first(zone, order, PCPMM_MIGRATE_HIGHATOMIC);

		if (pfn)
			return pfn;
	}
	return 0;
}

bool zone_unreserve_highatomic(
	struct cpu *cpu, struct zone *zone, unsigned int type, bool force)
{
	uint64_t pages;
	uint32_t pfn;

	if (reserved(zone) <= (force ? 0 : PAGEBLOCK_PAGES))
		return false;
	zone_lock_irqsave(cpu, zone);
	pfn = first_reserved(zone);
	if (pfn) {
		pages = MIN(reserved(zone), PAGEBLOCK_PAGES);
		zone_set_highatomic(zone, reserved(zone) - pages);
		retype(zone, pfn, (enum pcpmm_migratetype)type);
	}
	zone_unlock_irqrestore(cpu, zone);
	return pfn != 0;
}
