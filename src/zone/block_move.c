/* SPDX-License-Identifier: MIT */
/* Counting and moving the free blocks of a pageblock. */
#include "zone/block_move.h"

#include "zone/free_list.h"
#include "zone/gate.h"
#include "zone/pageblock.h"

/* Pages of the block at @pfn, which is not free, and whether they can move. */
static uint64_t held_span(
	const struct zone *zone, uint32_t pfn, bool *is_movable)
{
	const struct pcpmm_page *page = &zone->memmap[pfn];
	uint64_t pages = 1UL << frame_order(page);

	switch (frame_state(page)) {
	case FRAME_HELD:
		*is_movable = frame_type(page) == PCPMM_MIGRATE_MOVABLE;
		return pages;
	case FRAME_LRU:
	case FRAME_ISOLATED:
	case FRAME_BATCHED:
		*is_movable = true;
		return pages;
	case FRAME_PCP:
	case FRAME_DEFERRED:
		*is_movable = false;
		return pages;
	default:
		/* Never touched: with boot_held in use, as its pageblock. */
		*is_movable = zone->boot_held && zone_block_type(zone, pfn) ==
							 PCPMM_MIGRATE_MOVABLE;
		return 1;
	}
}

static bool is_free(const struct zone *zone, uint64_t pfn)
{
	const struct pcpmm_page *page = &zone->memmap[pfn];

	return frame_state(page) == FRAME_BUDDY && frame_zone(page) == zone->id;
}

/* Frames [*@start, *@end) of the pageblock; false: they stay as they are. */
static bool range_of(
	const struct zone *zone, uint32_t pfn, uint64_t *start, uint64_t *end)
{
	*start = round_down_pow2(pfn, PAGEBLOCK_PAGES);
	*end = *start + PAGEBLOCK_PAGES;
	if (!zone_contains(zone, *start)) {
		if (zone->rules->lists_by_block)
			return false;
		*start = pfn;
	}
	return zone_contains(zone, *end - 1);
}

bool zone_count_block(
	const struct zone *zone, uint32_t pfn, struct block_pages *pages)
{
	uint64_t at, end, span;

	*pages = (struct block_pages){0, 0};
	if (!range_of(zone, pfn, &at, &end))
		return false;
	for (; at < end; at += span) {
		bool is_movable = false;

		if (is_free(zone, at)) {
			span = 1UL << frame_order(&zone->memmap[at]);
			pages->free += span;
			continue;
		}
		span = held_span(zone, (uint32_t)at, &is_movable);
		pages->movable += is_movable ? span : 0;
	}
	return true;
}

void zone_move_one(struct zone *zone, uint32_t pfn, unsigned int type)
{
	unsigned int order = frame_order(&zone->memmap[pfn]);
	unsigned int old = frame_type(&zone->memmap[pfn]);

	buddy_remove(zone, pfn);
	buddy_insert(zone, pfn, order, type, true);
	if (old == PCPMM_MIGRATE_HIGHATOMIC)
		zone_add_free_highatomic(zone, -(1L << order));
	if (type == PCPMM_MIGRATE_HIGHATOMIC)
		zone_add_free_highatomic(zone, 1L << order);
}

uint64_t zone_move_free_block(
	struct zone *zone, uint32_t pfn, unsigned int type, uint64_t *movable)
{
	struct block_pages pages;
	uint64_t at, end, span;
	bool ignored;

	if (zone_count_block(zone, pfn, &pages)) {
		range_of(zone, pfn, &at, &end);
		for (; at < end; at += span) {
			if (!is_free(zone, at)) {
				span = held_span(zone, (uint32_t)at, &ignored);
				continue;
			}
			span = 1UL << frame_order(&zone->memmap[at]);
			zone_move_one(zone, (uint32_t)at, type);
		}
	}
	if (movable)
		*movable = pages.movable;
	return pages.free;
}

void zone_retype_range(
	struct zone *zone, uint64_t pfn, unsigned int order, unsigned int type)
{
	for (uint64_t at = pfn; at < pfn + (1UL << order);
		at += PAGEBLOCK_PAGES)
		zone_set_block_type(zone, at, (enum pcpmm_migratetype)type);
}

/* The free block that @pfn's pageblock is a part of becomes smaller ones. */
static void split_large(struct zone *zone, uint64_t pfn)
{
	uint64_t start = round_down_pow2(pfn, 1UL << ORDER_MAX);
	unsigned int type;

	if (!zone_contains(zone, start) || !is_free(zone, start) ||
		frame_order(&zone->memmap[start]) < ORDER_MAX)
		return;
	type = frame_type(&zone->memmap[start]);
	buddy_remove(zone, (uint32_t)start);
	for (uint64_t at = start; at < start + (1UL << ORDER_MAX);
		at += PAGEBLOCK_PAGES)
		buddy_insert(zone, (uint32_t)at, PAGEBLOCK_ORDER, type, true);
}

/* A pageblock of @old becomes @type's: the reserve's size. */
static void count_reserved(struct zone *zone, enum pcpmm_migratetype old,
	enum pcpmm_migratetype type)
{
	uint64_t reserved = zone->nr_reserved_highatomic;

	if (old == type)
		return;
	if (old == PCPMM_MIGRATE_HIGHATOMIC)
		zone_set_highatomic(
			zone, reserved - MIN(reserved, PAGEBLOCK_PAGES));
	else if (type == PCPMM_MIGRATE_HIGHATOMIC)
		zone_set_highatomic(zone, reserved + PAGEBLOCK_PAGES);
}

void zone_restore_block_type(
	struct zone *zone, uint64_t pfn, enum pcpmm_migratetype type)
{
	uint64_t at =
		MAX(round_down_pow2(pfn, PAGEBLOCK_PAGES), zone->start_pfn);
	uint64_t end =
		MIN(round_down_pow2(pfn, PAGEBLOCK_PAGES) + PAGEBLOCK_PAGES,
			zone->start_pfn + zone->spanned);

	if (zone->rules->lists_by_block)
		split_large(zone, pfn);
	count_reserved(zone, zone_block_type(zone, pfn), type);
	zone_set_block_type(zone, pfn, type);
	if (!zone->rules->lists_by_block) {
		zone_move_free_block(zone, (uint32_t)pfn, type, NULL);
		return;
	}
	for (; at < end; at++)
		if (is_free(zone, at))
			zone_move_one(zone, (uint32_t)at, type);
}
