/* SPDX-License-Identifier: MIT */
/*
 * Which zone owns a frame, and what boot leaves on the buddy lists: all managed
 * frames.
 */
#include "zone/buddy.h"
#include "zone/node.h"

/* Where zones lie inside each other, the innermost owns the frame. */
struct zone *zones_zone_of_pfn(const struct zones *zones, uint64_t pfn)
{
	struct zone *found = NULL;

	for (unsigned int i = 0; i < zones->nr; i++) {
		struct zone *zone = zones->zone[i];

		if (zone_contains(zone, pfn) &&
			(!found || zone->spanned < found->spanned))
			found = zone;
	}
	return found;
}

/* Free blocks as large as alignment and the end allow, lowest first. */
static void free_range(struct zone *zone, uint64_t pfn, uint64_t end)
{
	while (pfn < end) {
		unsigned int order =
			MIN(lowest_bit(pfn), (unsigned int)ORDER_MAX);

		while (pfn + (1UL << order) > end)
			order--;
		buddy_insert(zone, (uint32_t)pfn, order, PCPMM_MIGRATE_MOVABLE,
			true);
		pfn += 1UL << order;
	}
}

/*
 * Whole blocks of the largest order stay untouched: only their number is
 * known. That is what makes a 1 TiB machine cheap.
 */
static void free_with_fresh(struct zone *zone, uint64_t start, uint64_t end)
{
	const uint64_t block = 1UL << ORDER_MAX;
	uint64_t first = round_up_pow2(start, block);
	uint64_t last = round_down_pow2(end, block);

	if (first >= last) {
		free_range(zone, start, end);
		return;
	}
	free_range(zone, start, first);
	free_range(zone, last, end);
	buddy_insert_fresh(zone, first, last);
}

/* The first run of the zone's own frames at or after *@at. */
static bool next_run(const struct zones *zones, const struct zone *zone,
	uint64_t *at, uint64_t *end)
{
	uint64_t zone_end = zone->start_pfn + zone->spanned;

	while (*at < zone_end) {
		const struct zone *owner = zones_zone_of_pfn(zones, *at);

		if (owner == zone)
			break;
		*at = owner->start_pfn + owner->spanned;
	}
	*end = zone_end;
	for (unsigned int i = 0; i < zones->nr; i++) {
		uint64_t start = zones->zone[i]->start_pfn;

		if (start > *at && start < *end)
			*end = start;
	}
	return *at < zone_end;
}

/*
 * A zone that holds other zones is freed run by run, around them. Its first
 * frames are reserved.
 */
static void free_runs(const struct zones *zones, struct zone *zone)
{
	uint64_t at = zone->start_pfn, end, own = 0, reserved;

	while (next_run(zones, zone, &at, &end)) {
		own += end - at;
		at = end;
	}
	reserved = own - zone->managed;
	at = zone->start_pfn;
	zone->first_managed = at + zone->spanned;
	while (next_run(zones, zone, &at, &end)) {
		uint64_t skip = MIN(reserved, end - at);

		reserved -= skip;
		if (at + skip < end)
			zone->first_managed =
				MIN(zone->first_managed, at + skip);
		free_range(zone, at + skip, end);
		at = end;
	}
}

static void free_zone(const struct zones *zones, struct zone *zone)
{
	if (zone->has_inner)
		free_runs(zones, zone);
	else
		free_with_fresh(zone, zone->first_managed,
			zone->start_pfn + zone->spanned);
	vmstat_add_shared(&zone->stat, NR_FREE_PAGES, (int64_t)zone->managed);
}

/* A zone whose span holds another zone does not own every frame of its span. */
void zones_find_inner(struct zones *zones)
{
	for (unsigned int i = 0; i < zones->nr; i++)
		for (unsigned int j = 0; j < zones->nr; j++)
			if (i != j &&
				zones->zone[j]->spanned <
					zones->zone[i]->spanned &&
				zone_contains(zones->zone[i],
					zones->zone[j]->start_pfn))
				zones->zone[i]->has_inner = true;
}

void zones_free_all(struct zones *zones)
{
	for (unsigned int i = 0; i < zones->nr; i++)
		free_zone(zones, zones->zone[i]);
}
