/* SPDX-License-Identifier: MIT */
/*
 * The zones' rules of Linux 6.12: free lists by the type of their pageblocks
 * (6.10), fallbacks that claim a pageblock or take a single block.
 *
 * Where a function is named 6_1, both kernels have that rule.
 */
#include "zone/rules_6_12.h"

#define BLOCK_PAGES (1UL << PCPMM_PAGEBLOCK_ORDER)

/*
 * reserve_highatomic_pageblock(): 1 % in whole pageblocks; no reserve at all where
 * that is less than one.
 */
uint64_t zone_highatomic_max_6_12(uint64_t managed)
{
	uint64_t pages = managed / 100;

	if (pages < BLOCK_PAGES)
		return 0;
	return (pages + BLOCK_PAGES - 1) / BLOCK_PAGES * BLOCK_PAGES;
}

const struct zone_rules zone_rules_6_12 = {
	.fallbacks = ZONE_FALLBACKS_6_1,
	.nofragment_order = zone_nofragment_order_6_1,
	.can_steal = zone_can_steal_6_1,
	.changes_type = zone_changes_type_6_1,
	.has_modes = true,
	.lists_by_block = true,
	.may_merge = zone_may_merge_6_1,
	.counts_each = true,
	.highatomic_max = zone_highatomic_max_6_12,
	.may_reserve = zone_may_reserve_6_1,
	.hides_free_reserve = true,
	.reserve_is_last_resort = true,
	.percpu_refill = zone_percpu_refill_6_1,
};
