/* SPDX-License-Identifier: MIT */
/*
 * The zones' rules of Linux 6.1.
 *
 * Origin: behaviour as documented and as recorded in traces (tests/data); each
 * function names the kernel function that it describes.
 */
#include "zone/rules_6_1.h"

#include "arch/mutant.h"

#define BLOCK_PAGES (1UL << PCPMM_PAGEBLOCK_ORDER)

/* __rmqueue_fallback(): a smaller request gets a whole pageblock or nothing. */
unsigned int zone_nofragment_order_6_1(unsigned int order)
{
	return order < PCPMM_PAGEBLOCK_ORDER ? PCPMM_PAGEBLOCK_ORDER : order;
}

/* can_steal_fallback(), with mobility grouping on. */
bool zone_can_steal_6_1(unsigned int order, unsigned int start_type)
{
	return order >= PCPMM_PAGEBLOCK_ORDER / 2 ||
	       start_type == PCPMM_MIGRATE_RECLAIMABLE ||
	       start_type == PCPMM_MIGRATE_UNMOVABLE;
}

/*
 * steal_suitable_fallback(): if half of its pages are free or of a compatible
 * type.
 */
bool zone_changes_type_6_1(const struct zone_claim *claim)
{
	uint64_t alike = 0;

	if (claim->start_type == PCPMM_MIGRATE_MOVABLE)
		alike = claim->movable_pages;
	else if (claim->old_type == PCPMM_MIGRATE_MOVABLE)
		alike = BLOCK_PAGES -
			(claim->free_pages + claim->movable_pages);
	return claim->free_pages + alike >= BLOCK_PAGES / 2;
}

/* reserve_highatomic_pageblock(): 1 % and a pageblock. */
uint64_t zone_highatomic_max_6_1(uint64_t managed)
{
	return managed / 100 + BLOCK_PAGES;
}

/* migratetype_is_mergeable(), as reserve_highatomic_pageblock() asks it. */
bool zone_may_reserve_6_1(unsigned int type)
{
	return type < PCPMM_MIGRATE_PCPTYPES;
}

/* __free_one_page(): two equal types, or two that are mergeable. */
bool zone_may_merge_6_1(unsigned int type, unsigned int buddy_type)
{
	return type == buddy_type || MUTANT(HIGHATOMIC_MERGES) ||
	       (type < PCPMM_MIGRATE_PCPTYPES &&
		       buddy_type < PCPMM_MIGRATE_PCPTYPES);
}

/*
 * mm_page_alloc_zone_locked: an order that has lists, and a type that has. True
 * does not mean that a list is refilled.
 */
bool zone_percpu_refill_6_1(unsigned int order, unsigned int type)
{
	return (order <= PCPMM_COSTLY_ORDER ||
		       order == PCPMM_PAGEBLOCK_ORDER) &&
	       type < PCPMM_MIGRATE_PCPTYPES;
}

const struct zone_rules zone_rules_6_1 = {
	.fallbacks = ZONE_FALLBACKS_6_1,
	.nofragment_order = zone_nofragment_order_6_1,
	.can_steal = zone_can_steal_6_1,
	.changes_type = zone_changes_type_6_1,
	.may_merge = zone_may_merge_6_1,
	.highatomic_max = zone_highatomic_max_6_1,
	.may_reserve = zone_may_reserve_6_1,
	.reserve_is_last_resort = true,
	.percpu_refill = zone_percpu_refill_6_1,
};
