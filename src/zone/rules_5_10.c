/* SPDX-License-Identifier: MIT */
/*
 * The zones' rules of Linux 5.10. Where a function is named 6_1, both kernels
 * have that rule.
 */
#include "zone/rules_6_1.h"

#include "arch/mutant.h"

/*
 * __rmqueue_fallback(): the request's own order is not looked at. So one of the
 * largest order claims pageblocks that are too small for it, one after the other,
 * before it fails.
 */
static unsigned int nofragment_order(unsigned int order)
{
	(void)order;
	return PCPMM_PAGEBLOCK_ORDER;
}

/*
 * __free_one_page(): only isolated blocks are kept apart. Blocks of HIGHATOMIC
 * and CMA merge with others.
 */
static bool may_merge(unsigned int type, unsigned int buddy_type)
{
	return (type == PCPMM_MIGRATE_ISOLATE) ==
	       (buddy_type == PCPMM_MIGRATE_ISOLATE);
}

/* mm_page_alloc_zone_locked: only order 0 has lists, and the type is no matter. */
static bool percpu_refill(unsigned int order, unsigned int type)
{
	return MUTANT(REFILL_FIELD_OF_6_1) ? zone_percpu_refill_6_1(order, type)
					   : order == 0;
}

const struct zone_rules zone_rules_5_10 = {
	.fallbacks = ZONE_FALLBACKS_6_1,
	.nofragment_order = nofragment_order,
	.can_steal = zone_can_steal_6_1,
	.changes_type = zone_changes_type_6_1,
	.may_merge = may_merge,
	.highatomic_max = zone_highatomic_max_6_1,
	.may_reserve = zone_may_reserve_6_1,
	.reserves_for_harder = true,
	.percpu_refill = percpu_refill,
};
