/* SPDX-License-Identifier: MIT */
/*
 * Placing what is known by number only: pageblocks of each type and free
 * blocks of each order, into frames that the trace never names.
 */
#include "place_internal.h"

#include <string.h>

/* The dump's number of this zone; -1: no dump, or no such zone. */
static int dump_index(
	const struct place *place, const struct replay_zone *zone)
{
	struct pcpmm_dump_zone info;

	if (!place->dump)
		return -1;
	for (unsigned int i = 0; i < pcpmm_dump_nr_zones(place->dump); i++) {
		pcpmm_dump_zone(place->dump, i, &info);
		if (info.nid == zone->node && info.type == zone->index)
			return (int)i;
	}
	return -1;
}

/* --- pageblock types -------------------------------------------------- */

static void set_type(struct place *place, uint64_t block, unsigned int type)
{
	uint64_t pfn = block << PCPMM_PAGEBLOCK_ORDER;

	place->block_type[block] = (uint8_t)type;
	place->block_known[block] = 1;
	/* A zone may begin inside the pageblock: any of its frames will do. */
	if (pcpmm_restore_block_type(place->machine, pfn,
		    (enum pcpmm_migratetype)type))
		pcpmm_restore_block_type(place->machine,
			pfn + PAGEBLOCK_PAGES - 1,
			(enum pcpmm_migratetype)type);
}

/* Pageblocks of a type that no event shows: at the end of the zone. */
static void fill_types(struct place *place, const struct replay_zone *zone,
	const uint64_t *missing)
{
	uint64_t first = zone->start_pfn >> PCPMM_PAGEBLOCK_ORDER;
	uint64_t block = ((uint64_t)zone->start_pfn + zone->spanned - 1) >>
		PCPMM_PAGEBLOCK_ORDER;

	for (unsigned int type = 0; type < PCPMM_NR_MIGRATETYPES; type++) {
		uint64_t left = missing[type];

		if (type == PCPMM_MIGRATE_MOVABLE)
			continue; /* what is left is movable already */
		for (; left && block > first; block--)
			if (!place->block_known[block]) {
				set_type(place, block, type);
				left--;
			}
	}
}

void place_types(struct place *place)
{
	const struct replay_result *result = place->result;

	memset(place->block_type, PCPMM_MIGRATE_MOVABLE,
		(place->end_pfn >> PCPMM_PAGEBLOCK_ORDER) + 1);
	for (size_t i = 0; i < result->nr_types; i++)
		set_type(place, result->types[i].block, result->types[i].mt);
	for (size_t i = 0; i < result->nr_zones; i++) {
		const struct replay_zone *zone = &result->zones[i];
		int index = dump_index(place, zone);
		uint64_t missing[PCPMM_NR_MIGRATETYPES] = {0};
		uint64_t first = zone->start_pfn >> PCPMM_PAGEBLOCK_ORDER;
		uint64_t last = ((uint64_t)zone->start_pfn + zone->spanned -
					1) >> PCPMM_PAGEBLOCK_ORDER;

		for (unsigned int t = 0; t < PCPMM_NR_MIGRATETYPES; t++) {
			struct pcpmm_dump_type info;

			if (index < 0 ||
				pcpmm_dump_type(place->dump,
					(unsigned int)index,
					(enum pcpmm_migratetype)t, &info))
				continue;
			missing[t] = info.pageblocks;
		}
		for (uint64_t block = first; block <= last; block++)
			if (place->block_known[block] &&
				missing[place->block_type[block]])
				missing[place->block_type[block]]--;
		fill_types(place, zone, missing);
	}
}

/* --- free blocks ------------------------------------------------------ */

static bool is_nobodys(
	const struct place *place, uint64_t pfn, unsigned int order)
{
	const uint8_t *use = place->use + pfn;

	for (unsigned int i = 0; i < 1u << order; i++)
		if (use[i] != USE_NOBODY)
			return false;
	return true;
}

/* From the top of the zone: traces live at its bottom and in its middle. */
static uint64_t find_below(const struct place *place,
	const struct replay_zone *zone, unsigned int order, int type,
	uint64_t below)
{
	uint64_t size = 1ull << order;
	uint64_t pfn = below & ~(size - 1);

	while (pfn >= zone->start_pfn + size) {
		pfn -= size;
		if (type >= 0 &&
			place->block_type[pfn >> PCPMM_PAGEBLOCK_ORDER] != type)
			continue;
		if (is_nobodys(place, pfn, order))
			return pfn;
	}
	return 0;
}

uint64_t place_find(const struct place *place, const struct replay_zone *zone,
	unsigned int order, int type)
{
	return find_below(place, zone, order, type,
		(uint64_t)zone->start_pfn + zone->spanned);
}

/*
 * Up to @blocks free blocks of one order and type; pages that found no room.
 * Two free buddies would have merged: only one of a pair is used, unless the
 * order is the largest.
 */
static uint64_t make_free(struct place *place, const struct replay_zone *zone,
	unsigned int order, unsigned int type, uint64_t blocks)
{
	uint64_t pfn = (uint64_t)zone->start_pfn + zone->spanned;
	unsigned int pair = order < PCPMM_ORDER_MAX ? order + 1 : order;

	while (blocks) {
		pfn = find_below(place, zone, pair, (int)type, pfn);
		if (!pfn)
			break;
		if (pcpmm_restore_free(place->machine, pfn, order))
			break;
		place_mark(place, pfn, pair, USE_PLACED);
		place->stats->free_made_up += 1ull << order;
		blocks--;
	}
	return blocks << order;
}

static uint64_t seen_blocks(const struct place *place, size_t zone,
	unsigned int order, unsigned int type)
{
	const struct replay_result *result = place->result;
	uint64_t nr = 0;

	for (size_t i = 0; i < result->nr_buddy; i++)
		nr += result->buddy[i].zone == zone &&
			result->buddy[i].order == (int)order &&
			result->buddy[i].mt == type;
	return nr;
}

/* pagetypeinfo's numbers, less what the trace has shown. */
static void make_up_types(struct place *place, size_t zone, unsigned int index)
{
	const struct replay_zone *at = &place->result->zones[zone];
	struct pcpmm_dump_type info;

	for (unsigned int order = PCPMM_NR_ORDERS; order-- > 0;)
		for (unsigned int t = 0; t < PCPMM_MIGRATE_PCPTYPES; t++) {
			uint64_t seen = seen_blocks(place, zone, order, t);

			if (pcpmm_dump_type(place->dump, index,
				    (enum pcpmm_migratetype)t, &info) ||
				info.nr_free[order] <= seen)
				continue;
			place->stats->free_missing += make_free(place, at,
				order, t, info.nr_free[order] - seen);
		}
}

/* Without pagetypeinfo: buddyinfo's numbers, all movable. */
static bool make_up_orders(struct place *place, size_t zone, unsigned int index)
{
	const struct replay_zone *at = &place->result->zones[zone];
	uint64_t nr_free[PCPMM_NR_ORDERS];

	if (pcpmm_dump_buddy(place->dump, index, nr_free))
		return false;
	for (unsigned int order = PCPMM_NR_ORDERS; order-- > 0;) {
		uint64_t seen = 0;

		for (unsigned int t = 0; t < PCPMM_NR_MIGRATETYPES; t++)
			seen += seen_blocks(place, zone, order, t);
		if (nr_free[order] > seen)
			place->stats->free_missing += make_free(place, at,
				order, PCPMM_MIGRATE_MOVABLE,
				nr_free[order] - seen);
	}
	return true;
}

/* With nothing but a number of pages: blocks as large as they fit. */
static void make_up_pages(struct place *place, size_t zone, uint64_t pages)
{
	const struct replay_zone *at = &place->result->zones[zone];

	for (unsigned int order = PCPMM_NR_ORDERS; order-- > 0;)
		for (unsigned int t = 0; t < PCPMM_NR_MIGRATETYPES; t++) {
			uint64_t seen =
				seen_blocks(place, zone, order, t) << order;

			pages -= seen < pages ? seen : pages;
		}
	for (unsigned int order = PCPMM_NR_ORDERS; order-- > 0;) {
		uint64_t missing = make_free(place, at, order,
			PCPMM_MIGRATE_MOVABLE, pages >> order);

		pages = (pages & ((1ull << order) - 1)) + missing;
	}
}

void place_unseen_free(struct place *place)
{
	for (size_t i = 0; i < place->result->nr_zones; i++) {
		int index = dump_index(place, &place->result->zones[i]);
		struct pcpmm_dump_type info;
		struct pcpmm_dump_zone zone;

		if (index < 0) {
			make_up_pages(
				place, i, place->result->zones[i].spanned);
			continue;
		}
		if (!pcpmm_dump_type(place->dump, (unsigned int)index,
			    PCPMM_MIGRATE_MOVABLE, &info)) {
			make_up_types(place, i, (unsigned int)index);
			continue;
		}
		pcpmm_dump_zone(place->dump, (unsigned int)index, &zone);
		if (!make_up_orders(place, i, (unsigned int)index))
			make_up_pages(place, i, zone.free);
	}
}
