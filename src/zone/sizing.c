/* SPDX-License-Identifier: MIT */
/* min_free_kbytes, watermarks and lowmem reserves; see sizing.h. */
#include "sizing.h"

#include "arch/bits.h"

#define PAGE_KBYTES 4
#define MIN_FREE_KBYTES_MIN 128
#define PCP_TYPES 3 /* migratetypes that have lists of their own */
#define SMALL_RAM_KBYTES (512u << 10) /* below: no khugepaged */

const struct zone_boot_rules zone_boot_rules_4k = {
	.wmark_rule = ZONE_WMARK_SCALE_FACTOR,
	.cap_kbytes = ZONE_MIN_FREE_CAP_KBYTES,
	.page_kbytes = PAGE_KBYTES,
	.pageblock_pages = 512,
};

static bool kernel_can_use(const struct zone_size_in *zone)
{
	return !zone->highmem && !zone->movable;
}

/* floor(sqrt(x)), bit by bit: exact, and without floating point. */
static uint64_t isqrt(uint64_t x)
{
	uint64_t root = 0;
	uint64_t bit;

	for (bit = 1ULL << 62; bit > x; bit >>= 2)
		;
	for (; bit; bit >>= 2) {
		if (x >= root + bit) {
			x -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return root;
}

uint64_t zone_free_buffer_pages(
	const struct zone_size_in *zones, unsigned int nr)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (kernel_can_use(&zones[i]) &&
			zones[i].managed > zones[i].high)
			sum += zones[i].managed - zones[i].high;
	}
	return sum;
}

/* @zone has the small fixed reserve of zones that the kernel cannot use. */
static bool fixed_min(
	const struct zone_size_in *zone, enum zone_wmark_rule rule)
{
	return zone->highmem ||
	       (zone->movable && rule == ZONE_WMARK_NOT_MOVABLE);
}

uint64_t zone_lowmem_pages(const struct zone_size_in *zones, unsigned int nr,
	enum zone_wmark_rule rule)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (!fixed_min(&zones[i], rule))
			sum += zones[i].managed;
	}
	return sum;
}

uint64_t zone_min_free_kbytes(const struct zone_size_in *zones, unsigned int nr,
	const struct zone_boot_rules *rules)
{
	uint64_t lowmem_kbytes =
		zone_free_buffer_pages(zones, nr) * rules->page_kbytes;
	uint64_t root = isqrt(lowmem_kbytes * 16);

	return CLAMP(root, MIN_FREE_KBYTES_MIN, rules->cap_kbytes);
}

uint64_t zone_khugepaged_min_kbytes(const struct zone_size_in *zones,
	unsigned int nr, const struct zone_boot_rules *rules)
{
	uint64_t limit = zone_free_buffer_pages(zones, nr) / 20;
	uint64_t pages = 0;
	unsigned int i;

	/*
	 * Two free blocks a zone, and one for each pair of types, so that a
	 * fallback from any type to any other finds a whole block.
	 */
	for (i = 0; i < nr; i++) {
		if (zones[i].populated && (kernel_can_use(&zones[i]) ||
						  rules->khugepaged_all_zones))
			pages += (uint64_t)rules->pageblock_pages *
				 (2 + PCP_TYPES * PCP_TYPES);
	}
	return (pages < limit ? pages : limit) * rules->page_kbytes;
}

enum zone_boot_path zone_boot_path(const struct zone_size_in *zones,
	unsigned int nr, bool thp, unsigned int page_kbytes)
{
	uint64_t ram = 0;
	unsigned int i;

	for (i = 0; i < nr; i++)
		ram += zones[i].managed;
	if (ram * page_kbytes < SMALL_RAM_KBYTES)
		return ZONE_BOOT_SMALL;
	return thp ? ZONE_BOOT_THP : ZONE_BOOT_THP_NEVER;
}

uint64_t zone_boot_min_free_kbytes(struct zone_size_in *zones, unsigned int nr,
	enum zone_boot_path path, const struct zone_boot_rules *rules,
	int scale_factor)
{
	struct zone_wmarks wmarks;
	uint64_t first, wish, lowmem;
	unsigned int i;

	for (i = 0; i < nr; i++)
		zones[i].high = 0;
	first = zone_min_free_kbytes(zones, nr, rules);
	if (path == ZONE_BOOT_SMALL)
		return first;

	lowmem = zone_lowmem_pages(zones, nr, rules->wmark_rule);
	for (i = 0; i < nr; i++) {
		zone_watermarks(&zones[i],
			first / rules->page_kbytes * PAGE_KBYTES, lowmem,
			rules->wmark_rule, scale_factor, &wmarks);
		zones[i].high = wmarks.high;
	}
	/* khugepaged starts after the marks are set: it sees less lowmem. */
	if (path == ZONE_BOOT_THP_NEVER)
		return zone_min_free_kbytes(zones, nr, rules);
	wish = zone_khugepaged_min_kbytes(zones, nr, rules);
	return wish > first ? wish : first;
}

void zone_watermarks(const struct zone_size_in *zone, uint64_t min_free_kbytes,
	uint64_t lowmem_pages, enum zone_wmark_rule rule, int scale_factor,
	struct zone_wmarks *wmarks)
{
	uint64_t pages_min = min_free_kbytes / PAGE_KBYTES;
	uint64_t share = 0;
	uint64_t step, scaled;

	if (lowmem_pages)
		share = pages_min * zone->managed / lowmem_pages;
	wmarks->min = share;
	if (fixed_min(zone, rule))
		wmarks->min = CLAMP(zone->managed / 1024, 32, 128);

	if (rule == ZONE_WMARK_QUARTER) {
		wmarks->low = wmarks->min + (share >> 2);
		wmarks->high = wmarks->min + (share >> 1);
		wmarks->promo = wmarks->high;
		return;
	}
	step = share >> 2;
	scaled = mult_frac(zone->managed, (uint64_t)scale_factor, 10000);
	if (scaled > step)
		step = scaled;
	wmarks->low = wmarks->min + step;
	wmarks->high = wmarks->low + step;
	wmarks->promo = wmarks->high + step;
}

void zone_lowmem_reserve(const uint64_t *managed, unsigned int nr,
	unsigned int index, const int32_t *ratio, uint64_t *reserve)
{
	bool none = ratio[index] <= 0 || !managed[index];
	uint64_t above = 0;
	unsigned int j;

	for (j = 0; j < nr; j++) {
		if (j > index)
			above += managed[j];
		reserve[j] =
			none || j <= index ? 0 : above / (uint64_t)ratio[index];
	}
}
