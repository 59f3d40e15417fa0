/* SPDX-License-Identifier: MIT */
/*
 * May this request take pages from this zone? (__zone_watermark_ok(), Linux
 * 6.1.) The zone's wmark_check says which kernel's rule the full check follows;
 * the short cut is the same in all.
 *
 * All of it is lockless and racy: the counter may lag by CPUs x threshold,
 * the marks and list lengths may be one update old. A wrong yes ends at an
 * empty list, a wrong no at the next zone or the slow path.
 */
#ifndef ZONE_WATERMARK_H
#define ZONE_WATERMARK_H

#include "zone/zone.h"

/* The full check against @mark pages with @free pages given. */
bool zone_watermark_check(const struct zone *zone, unsigned int order,
	uint64_t mark, unsigned int highest_zoneidx, unsigned int alloc_flags,
	int64_t free);

/* The reserves have 6.3's flags; to 6.2 ALLOC_HARDER is one of them. */
static inline bool zone_has_min_reserve(const struct zone *zone)
{
	return zone->wmark_check <= PCPMM_WMARK_CHECK_MIN_RESERVE;
}

/* The flags with which a request may use the high-atomic reserve. */
static inline unsigned int zone_reserve_flags(const struct zone *zone)
{
	return zone_has_min_reserve(zone) ? ALLOC_RESERVES
					  : ALLOC_HARDER | ALLOC_OOM;
}

/* Free pages that this request can not use. */
static inline int64_t zone_unusable_free(
	const struct zone *zone, unsigned int order, unsigned int alloc_flags)
{
	int64_t unusable = (1L << order) - 1;

	if (likely(!(alloc_flags & ALLOC_RESERVES)) ||
		!(alloc_flags & zone_reserve_flags(zone)))
		unusable += (int64_t)atomic_load_relaxed_u64(
			&zone->unusable_highatomic);
	if (!(alloc_flags & ALLOC_CMA))
		unusable +=
			(int64_t)vmstat_read(&zone->stat, NR_FREE_CMA_PAGES);
	return unusable;
}

/*
 * Free pages as an allocation sees them: the counter; or a snapshot, with
 * reader drift_snapshot, while kswapd is awake and the counter is below the
 * drift mark.
 */
int64_t zone_free_believed(struct zone *zone);

/*
 * The full check at a mark. Atomic requests at the min mark get a second check
 * without the boost.
 */
bool zone_watermark_full(struct zone *zone, unsigned int order,
	enum zone_mark mark, unsigned int highest_zoneidx,
	unsigned int alloc_flags, uint32_t gfp);

/* The short cut for order 0. true: the full check is, too. @mark: pages. */
static force_inline bool zone_watermark_short(const struct zone *zone,
	uint64_t mark, unsigned int highest_zoneidx, unsigned int alloc_flags)
{
	int64_t need =
		(int64_t)mark + (int64_t)atomic_load_relaxed_u64(
					&zone->lowmem_reserve[highest_zoneidx]);
	int64_t free = vmstat_read_raw(&zone->stat, NR_FREE_PAGES) -
		       zone_unusable_free(zone, 0, alloc_flags);

	return likely(!(zone_flags(zone) & ZONE_READ_SNAPSHOT)) && free > need;
}

/* The allocator's check: the short cut, then the full check. */
static force_inline bool zone_watermark_fast(struct zone *zone,
	unsigned int order, enum zone_mark mark, unsigned int highest_zoneidx,
	unsigned int alloc_flags, uint32_t gfp)
{
	if (likely(!order &&
		    zone_watermark_short(zone, zone_mark_pages(zone, mark),
			    highest_zoneidx, alloc_flags)))
		return true;
	return zone_watermark_full(
		zone, order, mark, highest_zoneidx, alloc_flags, gfp);
}

/* The same for single pages and any mark above min: @mark pages. */
static inline bool zone_watermark_fast_pages(struct zone *zone, uint64_t mark,
	unsigned int highest_zoneidx, unsigned int alloc_flags)
{
	return zone_watermark_short(zone, mark, highest_zoneidx, alloc_flags) ||
	       zone_watermark_check(zone, 0, mark, highest_zoneidx, alloc_flags,
		       zone_free_believed(zone));
}

/*
 * kswapd's check (zone_watermark_ok_safe()): reads a snapshot once the counter
 * is below the drift mark.
 */
bool zone_watermark_ok_safe(struct zone *zone, unsigned int order,
	uint64_t mark, unsigned int highest_zoneidx);

#endif
