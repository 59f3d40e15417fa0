/* SPDX-License-Identifier: MIT */
/* Watermark checks. */
#include "zone/watermark.h"

#include "zone/buddy.h"

/* From 6.3 on: how far below the mark requests with reserves may go. */
static int64_t discount_min_reserve(int64_t min, unsigned int alloc_flags)
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

/* Up to 6.2: OOM takes off a half, otherwise HARDER a quarter. */
static int64_t discount_harder(int64_t min, unsigned int alloc_flags)
{
	if (alloc_flags & ALLOC_MIN_RESERVE)
		min -= min / 2;
	if (alloc_flags & ALLOC_OOM)
		min -= min / 2;
	else if (alloc_flags & ALLOC_HARDER)
		min -= min / 4;
	return min;
}

static int64_t discount(
	const struct zone *zone, int64_t min, unsigned int alloc_flags)
{
	return zone_has_min_reserve(zone)
		       ? discount_min_reserve(min, alloc_flags)
		       : discount_harder(min, alloc_flags);
}

/* Some list that this request may use has a block large enough. */
static bool has_block(
	const struct zone *zone, unsigned int order, unsigned int alloc_flags)
{
	uint64_t may_use = 0;

	for (unsigned int type = 0; type < PCPMM_MIGRATE_PCPTYPES; type++)
		may_use |= NONEMPTY_FITS(order, type);
	if (alloc_flags & ALLOC_CMA)
		may_use |= NONEMPTY_FITS(order, PCPMM_MIGRATE_CMA);
	if (alloc_flags & (ALLOC_HIGHATOMIC | ALLOC_OOM))
		may_use |= NONEMPTY_FITS(order, PCPMM_MIGRATE_HIGHATOMIC);
	return atomic_load_relaxed_u64(&zone->nonempty) & may_use;
}

/*
 * Up to 4.3: blocks that are too small do not count, but fewer pages have to be
 * left, half as many for each order. The migratetypes of the large blocks are
 * not looked at.
 */
static bool enough_in_large_blocks(
	const struct zone *zone, unsigned int order, int64_t min, int64_t free)
{
	for (unsigned int o = 0; o < order; o++) {
		free -= (int64_t)(buddy_nr_free(zone, o) << o);
		min >>= 1;
		if (free <= min)
			return false;
	}
	return true;
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
		min = discount(zone, min, alloc_flags);
	if (free <= min + reserve)
		return false;
	if (!order)
		return true;
	return zone->wmark_check == PCPMM_WMARK_CHECK_HALVING
		       ? enough_in_large_blocks(zone, order, min, free)
		       : has_block(zone, order, alloc_flags);
}

/* To 6.2, and in 6.1.192: the bit; from 6.3 on, which has no such bit: high. */
static bool is_atomic(
	const struct zone *zone, uint32_t gfp, unsigned int alloc_flags)
{
	return zone->wmark_check == PCPMM_WMARK_CHECK_MIN_RESERVE
		       ? alloc_flags & ALLOC_MIN_RESERVE
		       : gfp & PCPMM___GFP_ATOMIC;
}

/* Below the drift mark the counter alone is not to be trusted. */
static int64_t free_safe(struct zone *zone)
{
	int64_t free = (int64_t)vmstat_read(&zone->stat, NR_FREE_PAGES);
	uint64_t drift_mark = atomic_load_relaxed_u64(&zone->stat.drift_mark);

	if (free >= (int64_t)drift_mark)
		return free;
	atomic_add_relaxed_u64(&zone->snapshots, 1);
	return (int64_t)vmstat_snapshot(&zone->stat, NR_FREE_PAGES);
}

int64_t zone_free_believed(struct zone *zone)
{
	if (unlikely(zone_flags(zone) & ZONE_READ_SNAPSHOT))
		return free_safe(zone);
	return (int64_t)vmstat_read(&zone->stat, NR_FREE_PAGES);
}

bool zone_watermark_full(struct zone *zone, unsigned int order,
	enum zone_mark mark, unsigned int highest_zoneidx,
	unsigned int alloc_flags, uint32_t gfp)
{
	int64_t free = zone_free_believed(zone);

	if (zone_watermark_check(zone, order, zone_mark_pages(zone, mark),
		    highest_zoneidx, alloc_flags, free))
		return true;
	if (order || mark != MARK_MIN || !is_atomic(zone, gfp, alloc_flags) ||
		!atomic_load_relaxed_u64(&zone->boost))
		return false;
	return zone_watermark_check(zone, order,
		atomic_load_relaxed_u64(&zone->mark[MARK_MIN]), highest_zoneidx,
		alloc_flags, free);
}

bool zone_watermark_ok_safe(struct zone *zone, unsigned int order,
	uint64_t mark, unsigned int highest_zoneidx)
{
	return zone_watermark_check(
		zone, order, mark, highest_zoneidx, 0, free_safe(zone));
}
