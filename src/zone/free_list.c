/* SPDX-License-Identifier: MIT */
/* Blocks that have not been touched since boot. */
#include "zone/free_list.h"

void buddy_insert_fresh(struct zone *zone, uint64_t start, uint64_t end)
{
	uint64_t nonempty = zone->nonempty;

	zone->fresh = start;
	zone->fresh_end = end;
	free_list_grow(zone, ORDER_MAX, PCPMM_MIGRATE_MOVABLE,
		(int64_t)((end - start) >> ORDER_MAX), &nonempty);
	free_list_store(zone, nonempty);
}

uint32_t buddy_touch_fresh(struct zone *zone)
{
	uint32_t pfn = (uint32_t)zone->fresh;
	uint64_t nonempty = zone->nonempty;

	zone->fresh += 1UL << ORDER_MAX;
	free_list_grow(zone, ORDER_MAX, PCPMM_MIGRATE_MOVABLE, -1, &nonempty);
	free_list_add(zone, pfn, ORDER_MAX, PCPMM_MIGRATE_MOVABLE, true,
		&nonempty); /* which is what it was */
	return pfn;
}
