/* SPDX-License-Identifier: MIT */
/*
 * The zones' rules of Linux 6.1.
 *
 * Origin: behaviour as documented and as recorded in traces (tests/data); each
 * function names the kernel function that it describes.
 */
#include "zone/rules.h"

#include "pcplist/rules_6_1.h"

#define BLOCK_PAGES (1UL << PCPMM_PAGEBLOCK_ORDER)

/* can_steal_fallback(), Linux 6.1, with mobility grouping on. */
static bool can_steal(unsigned int order, unsigned int start_type)
{
	return order >= PCPMM_PAGEBLOCK_ORDER / 2 ||
	       start_type == PCPMM_MIGRATE_RECLAIMABLE ||
	       start_type == PCPMM_MIGRATE_UNMOVABLE;
}

/*
 * steal_suitable_fallback(), Linux 6.1: if half of its pages are free or of a
 * compatible type.
 */
static bool changes_type(const struct zone_claim *claim)
{
	uint64_t alike = 0;

	if (claim->start_type == PCPMM_MIGRATE_MOVABLE)
		alike = claim->movable_pages;
	else if (claim->old_type == PCPMM_MIGRATE_MOVABLE)
		alike = BLOCK_PAGES -
			(claim->free_pages + claim->movable_pages);
	return claim->free_pages + alike >= BLOCK_PAGES / 2;
}

/* reserve_highatomic_pageblock(), Linux 6.1: 1 % and a pageblock. */
static uint64_t highatomic_max(uint64_t managed)
{
	return managed / 100 + BLOCK_PAGES;
}

/* migratetype_is_mergeable(), Linux 6.1. */
static bool mergeable(unsigned int type)
{
	return type < PCPMM_MIGRATE_PCPTYPES;
}

/* __free_one_page(), Linux 6.1. */
static bool may_merge(unsigned int type, unsigned int buddy_type)
{
	return type == buddy_type || (mergeable(type) && mergeable(buddy_type));
}

/*
 * mm_page_alloc_zone_locked, Linux 6.1: true does not mean that a list is
 * refilled.
 */
static bool percpu_refill(unsigned int order, unsigned int type)
{
	return pcp_has_list_6_1(order) && type < PCPMM_MIGRATE_PCPTYPES;
}

const struct zone_rules zone_rules_6_1 = {
	.fallbacks =
		{
			[PCPMM_MIGRATE_UNMOVABLE] = {PCPMM_MIGRATE_RECLAIMABLE,
				PCPMM_MIGRATE_MOVABLE},
			[PCPMM_MIGRATE_MOVABLE] = {PCPMM_MIGRATE_RECLAIMABLE,
				PCPMM_MIGRATE_UNMOVABLE},
			[PCPMM_MIGRATE_RECLAIMABLE] = {PCPMM_MIGRATE_UNMOVABLE,
				PCPMM_MIGRATE_MOVABLE},
		},
	.can_steal = can_steal,
	.changes_type = changes_type,
	.highatomic_max = highatomic_max,
	.mergeable = mergeable,
	.may_merge = may_merge,
	.percpu_refill = percpu_refill,
};
