/* SPDX-License-Identifier: MIT */
/*
 * Sizes that follow from how large the zones are: min_free_kbytes, the
 * watermarks, and what lower zones keep for themselves.
 *
 * Pure functions of numbers, shared by the allocator and "pcpmm predict".
 * Units: pages, unless the name ends in kbytes. Origin: the behaviour of
 * mm/page_alloc.c and mm/khugepaged.c, as measured on 6.1 and 6.12 (the
 * golden tests compare them with recorded machines); older kernels by published
 * dumps.
 */
#ifndef ZONE_SIZING_H
#define ZONE_SIZING_H

#include <stdbool.h>
#include <stdint.h>

/* Input of the formulas for one zone; unpopulated zones may be included. */
struct zone_size_in {
	uint64_t managed; /* pages; `present` for kernels up to 3.7 */
	uint64_t high; /* high watermark with boost, now; 0 before the first */
	bool populated; /* present pages != 0 */
	bool highmem; /* ZONE_HIGHMEM (32 bit only) */
	bool movable; /* ZONE_MOVABLE */
};

/* How far apart the watermarks are, and which zones share min_free_kbytes. */
enum zone_wmark_rule {
	ZONE_WMARK_QUARTER, /* before 4.6: min, + a quarter, + a half */
	ZONE_WMARK_SCALE_FACTOR, /* 4.6: at least managed * factor / 10000 */
	ZONE_WMARK_NOT_MOVABLE, /* 6.6: the same, Movable treated as highmem */
};

/* How the kernel computes min_free_kbytes when the sysctl is not set. */
enum zone_boot_path {
	ZONE_BOOT_SMALL, /* RAM < 512 MiB: square root, once */
	ZONE_BOOT_THP_NEVER, /* square root, twice */
	ZONE_BOOT_THP, /* square root, then khugepaged's value if larger */
};

/* What differs between kernels in the computation at boot. */
struct zone_boot_rules {
	enum zone_wmark_rule wmark_rule;
	uint64_t cap_kbytes; /* ZONE_MIN_FREE_CAP_* */
	unsigned int page_kbytes; /* size of a page */
	unsigned int pageblock_pages;
	bool khugepaged_all_zones; /* before 4.17: HighMem, Movable count too */
};

/* Pages of 4 KiB, pageblocks of 2 MiB, the rules since 5.7 (to 6.5). */
extern const struct zone_boot_rules zone_boot_rules_4k;

/* Upper end of the computed min_free_kbytes; OLD: before 5.7. */
#define ZONE_MIN_FREE_CAP_OLD_KBYTES 65536
#define ZONE_MIN_FREE_CAP_KBYTES 262144

struct zone_wmarks {
	uint64_t min, low, high, promo;
};

/* Pages that kernel allocations can use, above each zone's high mark. */
uint64_t zone_free_buffer_pages(
	const struct zone_size_in *zones, unsigned int nr);

/* Managed pages of the zones that share min_free_kbytes. */
uint64_t zone_lowmem_pages(const struct zone_size_in *zones, unsigned int nr,
	enum zone_wmark_rule rule);

/* floor(sqrt(16 * lowmem in kB)) within 128..cap; uses zones[].high. */
uint64_t zone_min_free_kbytes(const struct zone_size_in *zones, unsigned int nr,
	const struct zone_boot_rules *rules);

/* What khugepaged asks for: 11 pageblocks a zone, at most 5 % of lowmem. */
uint64_t zone_khugepaged_min_kbytes(const struct zone_size_in *zones,
	unsigned int nr, const struct zone_boot_rules *rules);

/* Which of the paths a machine of this size takes. */
enum zone_boot_path zone_boot_path(const struct zone_size_in *zones,
	unsigned int nr, bool thp, unsigned int page_kbytes);

/*
 * min_free_kbytes as @path computes it. zones[].high is overwritten (from 0,
 * as at boot, to the marks of the first pass).
 */
uint64_t zone_boot_min_free_kbytes(struct zone_size_in *zones, unsigned int nr,
	enum zone_boot_path path, const struct zone_boot_rules *rules,
	int scale_factor);

/*
 * The watermarks of @zone without boost, which every recalculation resets.
 * @min_free_kbytes is for pages of 4 KiB. @lowmem_pages is
 * zone_lowmem_pages() of all zones. @scale_factor is not
 * used by ZONE_WMARK_QUARTER.
 */
void zone_watermarks(const struct zone_size_in *zone, uint64_t min_free_kbytes,
	uint64_t lowmem_pages, enum zone_wmark_rule rule, int scale_factor,
	struct zone_wmarks *wmarks);

/*
 * lowmem_reserve[] (zoneinfo: protection) of zone @index of a node that has
 * @nr zones: what allocations that could use zone j > @index must leave.
 * @managed and @reserve have @nr entries, @ratio at least @index + 1.
 */
void zone_lowmem_reserve(const uint64_t *managed, unsigned int nr,
	unsigned int index, const int32_t *ratio, uint64_t *reserve);

#endif
