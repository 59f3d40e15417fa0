/* SPDX-License-Identifier: MIT */
/* Watermark checks. */
#include "zone/watermark.h"

static uint64_t list_length(
	const struct zone *zone, unsigned int order, unsigned int type)
{
	return atomic_load_relaxed_u64(&zone->free_area[order].list[type].nr);
}

/* How far below the mark a request in need may go. */
static int64_t discount(int64_t min, unsigned int alloc_flags)
{
	if (alloc_flags & ALLOC_MIN_RESERVE) {
		min -= min / 2;
		if (alloc_flags & ALLOC_NON_BLOCK)
			min -= min / 4;
	}
	if (alloc_flags & ALLOC_OOM)
		min -= min / 2;
	return min;
}

/* Some list that this request may use has a block large enough. */
static bool has_block(
	const struct zone *zone, unsigned int order, unsigned int alloc_flags)
{
	for (unsigned int o = order; o < NR_ORDERS; o++) {
		for (unsigned int t = 0; t < PCPMM_MIGRATE_PCPTYPES; t++)
			if (list_length(zone, o, t))
				return true;
		if ((alloc_flags & ALLOC_CMA) &&
			list_length(zone, o, PCPMM_MIGRATE_CMA))
			return true;
		if ((alloc_flags & (ALLOC_HIGHATOMIC | ALLOC_OOM)) &&
			list_length(zone, o, PCPMM_MIGRATE_HIGHATOMIC))
			return true;
	}
	return false;
}

bool zone_watermark_check(const struct zone *zone, unsigned int order,
	uint64_t mark, unsigned int highest_zoneidx, unsigned int alloc_flags,
	int64_t free)
{
	int64_t min = (int64_t)mark;
	int64_t reserve = (int64_t)atomic_load_relaxed_u64(
		&zone->lowmem_reserve[highest_zoneidx]);

	free -= zone_unusable_free(zone, order, alloc_flags);
	if (unlikely(alloc_flags & ALLOC_RESERVES))
		min = discount(min, alloc_flags);
	if (free <= min + reserve)
		return false;
	return !order || has_block(zone, order, alloc_flags);
}

bool zone_watermark_full(const struct zone *zone, unsigned int order,
	enum zone_mark mark, unsigned int highest_zoneidx,
	unsigned int alloc_flags)
{
	int64_t free = (int64_t)vmstat_read(&zone->stat, NR_FREE_PAGES);

	if (zone_watermark_check(zone, order, zone_mark_pages(zone, mark),
		    highest_zoneidx, alloc_flags, free))
		return true;
	if (order || mark != MARK_MIN || !(alloc_flags & ALLOC_MIN_RESERVE) ||
		!atomic_load_relaxed_u64(&zone->boost))
		return false;
	return zone_watermark_check(zone, order,
		atomic_load_relaxed_u64(&zone->mark[MARK_MIN]), highest_zoneidx,
		alloc_flags, free);
}

bool zone_watermark_ok_safe(const struct zone *zone, unsigned int order,
	uint64_t mark, unsigned int highest_zoneidx, const uint64_t *online,
	unsigned int nr_cpus)
{
	int64_t free = (int64_t)vmstat_read(&zone->stat, NR_FREE_PAGES);
	uint64_t drift_mark = atomic_load_relaxed_u64(&zone->stat.drift_mark);

	if (drift_mark && free < (int64_t)drift_mark) {
		free = vmstat_snapshot_raw(
			&zone->stat, NR_FREE_PAGES, online, nr_cpus);
		free = MAX(free, 0);
	}
	return zone_watermark_check(
		zone, order, mark, highest_zoneidx, 0, free);
}
