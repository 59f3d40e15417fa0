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
	ZONE_RULES_6_12,
};
