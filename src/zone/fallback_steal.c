/* SPDX-License-Identifier: MIT */
/*
 * The fallback to 6.9: the free pages of a pageblock come to the type that has
 * none, whether or not the pageblock becomes its own; or a single block does. Then
 * the type's own lists are looked at again. The event comes before that, so it
 * names the block that was found, not the one that is taken in the end.
 */
#include "zone/block_move.h"
#include "zone/buddy.h"
#include "zone/fallback.h"
#include "zone/pageblock.h"

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
		zone_move_one(zone, pfn, start_type);
		return;
	}
	if (order >= PAGEBLOCK_ORDER) {
		zone_retype_range(zone, pfn, order, start_type);
		zone_move_one(zone, pfn, start_type);
		return;
	}
	fallback_boost(zone, alloc_flags);
	if (!whole_block || !claim_block(zone, pfn, start_type))
		zone_move_one(zone, pfn, start_type);
}

/* A block of a fallback type: large ones first, to mix few pageblocks. */
static uint32_t find_victim(struct zone *zone, unsigned int order,
	unsigned int start_type, unsigned int alloc_flags)
{
	unsigned int least = fallback_least_order(zone, order, alloc_flags);

	for (unsigned int o = NR_ORDERS; o-- > least;) {
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

bool fallback_steal_blocks(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int type, unsigned int alloc_flags)
{
	uint32_t pfn = find_victim(zone, order, type, alloc_flags);
	struct fallback taken;

	if (!pfn)
		return false;
	taken = fallback_at(zone, pfn, order, type);
	cpu_zone_point(cpu);
	steal(zone, pfn, taken.from_order, type, alloc_flags,
		zone->rules->can_steal(taken.from_order, type));
	fallback_record(cpu, zone, &taken);
	return true;
}
