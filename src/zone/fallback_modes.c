/* SPDX-License-Identifier: MIT */
/*
 * The fallback from 6.10 on, where each free block is on the list of its
 * pageblock's type. So a pageblock is claimed with all of its free blocks or not
 * at all, and a single block of another type is taken without coming to the
 * request's lists: __rmqueue_claim(), try_to_claim_block(), __rmqueue_steal(), in
 * 6.12 as of its stable releases.
 *
 * Events. A block that is taken as it is found has an extfrag and no zone_locked
 * line. Only in a claim of less than a pageblock, where smallest fit takes the block
 * afterwards, does its zone_locked line come before.
 */
#include "arch/mutant.h"
#include "zone/block_move.h"
#include "zone/buddy.h"
#include "zone/fallback.h"
#include "zone/pageblock.h"

/* Less than a pageblock. The boost comes also if nothing does. */
static uint32_t claim_part(struct cpu *cpu, struct zone *zone,
	const struct fallback *found, unsigned int alloc_flags)
{
	struct zone_claim claim = {
		.start_type = found->type,
		.old_type = zone_block_type(zone, found->pfn),
	};
	struct block_pages pages;

	fallback_boost(zone, alloc_flags);
	if (!zone_count_block(zone, found->pfn, &pages))
		return 0;
	claim.free_pages = pages.free;
	claim.movable_pages = pages.movable;
	if (!zone->rules->changes_type(&claim))
		return 0;
	zone_move_free_block(zone, found->pfn, found->type, NULL);
	zone_set_block_type(
		zone, found->pfn, (enum pcpmm_migratetype)found->type);
	return buddy_take(cpu, zone, found->order, found->type);
}

static uint32_t claim(struct cpu *cpu, struct zone *zone,
	const struct fallback *found, unsigned int alloc_flags)
{
	if (zone_block_type(zone, found->pfn) == PCPMM_MIGRATE_HIGHATOMIC &&
		!MUTANT(CLAIM_TAKES_RESERVE))
		return 0;
	if (found->from_order < PAGEBLOCK_ORDER)
		return claim_part(cpu, zone, found, alloc_flags);
	zone_retype_range(zone, found->pfn, found->from_order, found->type);
	buddy_take_at(zone, found->pfn, found->order, found->type);
	return found->pfn;
}

/* Large blocks first, as far down as they are worth a claim. */
uint32_t fallback_claim(struct cpu *cpu, struct zone *zone, unsigned int order,
	unsigned int type, unsigned int alloc_flags)
{
	unsigned int least = fallback_least_order(zone, order, alloc_flags);

	for (unsigned int o = NR_ORDERS; o-- > least;) {
		struct fallback found;
		uint32_t pfn;

		if (!zone->rules->can_steal(o, type) && !MUTANT(CLAIM_GOES_ON))
			break;
		pfn = fallback_block(zone, o, type);
		if (!pfn)
			continue;
		found = fallback_at(zone, pfn, order, type);
		cpu_zone_point(cpu);
		found.pfn = claim(cpu, zone, &found, alloc_flags);
		if (!found.pfn)
			continue;
		fallback_record(cpu, zone, &found);
		return found.pfn;
	}
	return 0;
}

/* Small blocks first, to leave large ones whole. */
uint32_t fallback_steal_one(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int type)
{
	for (unsigned int o = order; o < NR_ORDERS; o++) {
		uint32_t pfn = fallback_block(zone, o, type);
		struct fallback found;

		if (!pfn)
			continue;
		found = fallback_at(zone, pfn, order, type);
		cpu_zone_point(cpu);
		if (MUTANT(STEAL_SAYS_LOCKED))
			buddy_take(cpu, zone, order, found.from_type);
		else
			buddy_take_at(zone, pfn, order, found.from_type);
		if (MUTANT(STEAL_RETYPES))
			zone_set_block_type(
				zone, pfn, (enum pcpmm_migratetype)type);
		fallback_record(cpu, zone, &found);
		return pfn;
	}
	return 0;
}
