/* SPDX-License-Identifier: MIT */
/* Places the blocks that the trace names. */
#include "place_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void place_mark(struct place *place, uint64_t pfn, unsigned int order,
	enum frame_use use)
{
	for (uint64_t at = pfn; at < pfn + (1ull << order); at++)
		if (at < place->end_pfn && place->use[at] < use)
			place->use[at] = (uint8_t)use;
}

/* Of the lists at the start; no op names a page that is only drained. */
static void mark_listed(struct place *place)
{
	const struct replay_result *result = place->result;

	for (size_t i = 0; i < result->nr_init; i++)
		for (int list = 0; list < REPLAY_LISTS; list++)
			for (uint32_t at = result->init[i].first[list];
				at < result->init[i].first[list + 1]; at++)
				if (result->init_pfns[at] != REPLAY_NO_PFN)
					place_mark(place, result->init_pfns[at],
						(unsigned int)replay_list_order(
							list),
						USE_NAMED);
}

/* Frames of every block that some op or list names. */
static void mark_named(struct place *place)
{
	const struct replay_result *result = place->result;

	for (size_t i = 0; i < result->nr_ops; i++) {
		const struct replay_op *op = &result->ops[i];

		if (op->kind == REPLAY_ALLOC || op->kind == REPLAY_FREE ||
			op->kind == REPLAY_TAKE || op->kind == REPLAY_SPLIT)
			place_mark(place, op->pfn, (unsigned int)op->order,
				USE_NAMED);
	}
	for (size_t i = 0; i < result->nr_bulk_pfns; i++)
		if (result->bulk_pfns[i] != REPLAY_NO_PFN)
			place_mark(place, result->bulk_pfns[i], 0, USE_NAMED);
	for (size_t i = 0; i < result->nr_buddy; i++)
		place_mark(place, result->buddy[i].pfn,
			(unsigned int)result->buddy[i].order, USE_NAMED);
	mark_listed(place);
}

static bool is_free_of(
	const struct place *place, uint64_t pfn, unsigned int order)
{
	for (uint64_t at = pfn; at < pfn + (1ull << order); at++)
		if (at >= place->end_pfn || place->use[at] == USE_PLACED)
			return false;
	return true;
}

static void place_held(struct place *place)
{
	const struct replay_result *result = place->result;

	for (size_t i = 0; i < result->nr_held; i++) {
		const struct replay_held *held = &result->held[i];
		unsigned int order = (unsigned int)held->order;

		if (!is_free_of(place, held->pfn, order) ||
			pcpmm_restore_held(place->machine, held->pfn, order)) {
			place->stats->clashes++;
			continue;
		}
		place_mark(place, held->pfn, order, USE_PLACED);
		place->stats->held_blocks++;
	}
}

/* One block of a list; a page that was never seen gets an unnamed frame. */
static void place_listed(struct place *place, const struct replay_init *init,
	unsigned int list, uint32_t pfn)
{
	unsigned int order = (unsigned int)replay_list_order((int)list);
	unsigned int type = replay_list_type((int)list);
	bool made_up = pfn == REPLAY_NO_PFN;
	const struct replay_zone *zone = &place->result->zones[init->zone];
	uint64_t at = pfn;

	if (made_up)
		at = place_find(place, zone, order,
			(uint64_t)zone->start_pfn + zone->spanned);

	if (!at || !is_free_of(place, at, order) ||
		pcpmm_restore_pcp(place->machine, init->cpu, at, order,
			(enum pcpmm_migratetype)type)) {
		place->stats->clashes++;
		return;
	}
	place_mark(place, at, order, USE_PLACED);
	place->stats->pcp_blocks++;
	place->stats->pcp_made_up += made_up;
}

static void place_lists(struct place *place)
{
	const struct replay_result *result = place->result;

	for (size_t i = 0; i < result->nr_init; i++) {
		const struct replay_init *init = &result->init[i];
		const struct replay_zone *zone = &result->zones[init->zone];

		for (unsigned int list = 0; list < REPLAY_LISTS; list++)
			for (uint32_t at = init->first[list];
				at < init->first[list + 1]; at++)
				place_listed(place, init, list,
					result->init_pfns[at]);
		if (init->high >= 0 && init->batch > 0)
			pcpmm_restore_pageset(place->machine, init->cpu,
				zone->node, zone->index, init->high,
				init->batch,
				init->free_factor > 0 ? init->free_factor : 0);
	}
}

static void place_seen_free(struct place *place)
{
	const struct replay_result *result = place->result;

	for (size_t i = 0; i < result->nr_buddy; i++) {
		const struct replay_buddy *buddy = &result->buddy[i];
		unsigned int order = (unsigned int)buddy->order;

		if (!is_free_of(place, buddy->pfn, order) ||
			pcpmm_restore_free(place->machine, buddy->pfn, order)) {
			place->stats->clashes++;
			continue;
		}
		place_mark(place, buddy->pfn, order, USE_PLACED);
		if (buddy->unused)
			place->stats->free_listed += 1ull << order;
		else
			place->stats->free_seen += 1ull << order;
	}
}

/* The type at the trace's start of every pageblock for which it is known. */
static void place_types(struct place *place)
{
	const struct replay_result *result = place->result;

	for (size_t i = 0; i < result->nr_types; i++) {
		uint64_t block = result->types[i].block;
		uint64_t pfn = block << PCPMM_PAGEBLOCK_ORDER;
		enum pcpmm_migratetype type =
			(enum pcpmm_migratetype)result->types[i].mt;

		/* By place, what is free in the block tells more than a vote. */
		if (pfn >= place->end_pfn ||
			(result->by_place && result->types[i].voted))
			continue;
		place->block_known[block] = 1;
		/* A zone may begin inside the block: try the last frame. */
		if (pcpmm_restore_block_type(place->machine, pfn, type))
			pcpmm_restore_block_type(place->machine,
				pfn + PAGEBLOCK_PAGES - 1, type);
	}
}

/* Restore the parts @what of the dump, which knows numbers, not frames. */
static void place_dump(struct place *place, unsigned int what)
{
	const struct pcpmm_dump_mask mask = {
		.frames = place->use,
		.blocks = place->block_known,
		.whole = place->whole,
	};
	struct pcpmm_dump_restored restored;

	if (!place->dump)
		return;
	pcpmm_dump_restore(place->dump, place->machine, what, &mask, &restored);
	place->stats->free_made_up += restored.free_pages;
	place->stats->free_missing += restored.missing_pages;
}

/* Free pages that pagetypeinfo has in the lists of @zone that are whole. */
static uint64_t told_absent(const struct place *place, size_t zone)
{
	const struct replay_zone *of = &place->result->zones[zone];
	uint64_t told = 0, seen = 0;

	for (unsigned int type = 0; type < REPLAY_FREE_TYPES; type++)
		for (unsigned int order = 0; order < REPLAY_FREE_ORDERS;
			order++)
			if (of->seen_all[type] & 1u << order)
				told += (uint64_t)of->free[type][order]
					<< order;
	for (size_t i = 0; i < place->result->nr_buddy; i++) {
		const struct replay_buddy *buddy = &place->result->buddy[i];

		if (buddy->zone == zone &&
			of->seen_all[buddy->mt] & 1u << buddy->order)
			seen += 1ull << buddy->order;
	}
	return told > seen ? told - seen : 0;
}

/* Lists of the dump of which the trace has shown all free blocks. */
static void mark_whole(struct place *place)
{
	const struct replay_result *result = place->result;
	struct pcpmm_dump_zone zone;

	for (unsigned int i = 0;
		place->dump && !pcpmm_dump_zone(place->dump, i, &zone); i++)
		for (size_t z = 0; z < result->nr_zones; z++) {
			const struct replay_zone *seen = &result->zones[z];

			if (seen->node != zone.nid ||
				(int)seen->index != zone.type)
				continue;
			place->stats->free_absent += told_absent(place, z);
			for (unsigned int t = 0; t < REPLAY_FREE_TYPES; t++)
				place->whole[i * PCPMM_NR_MIGRATETYPES + t] =
					seen->seen_all[t];
		}
}

/* All free memory has its place; the types that no line tells are fitted to it. */
static int place_by_file(struct place *place)
{
	const struct replay_result *result = place->result;
	int ret;

	mark_named(place);
	place_types(place);
	place_dump(place, PCPMM_DUMP_RESTORE_VALUES);
	ret = place_fit_types(place->machine, place->dump, result->zones,
		result->nr_zones, result->buddy, result->nr_buddy,
		place->block_known, &place->stats->types);
	if (ret)
		return ret;
	place_held(place);
	place_lists(place);
	place_seen_free(place);
	return 0;
}

/* Known pages first; then pages known by number, in frames still unused. */
static int place_everything(struct place *place)
{
	if (place->dump && place->result->by_place)
		return place_by_file(place);
	mark_named(place);
	mark_whole(place);
	place_types(place);
	place_dump(place, PCPMM_DUMP_RESTORE_VALUES | PCPMM_DUMP_RESTORE_TYPES);
	place_held(place);
	place_lists(place);
	place_seen_free(place);
	if (place->dump)
		place_dump(place, PCPMM_DUMP_RESTORE_FREE);
	else
		place_all_free(place);
	return 0;
}

struct pcpmm_machine *replay_place(struct pcpmm_dump *dump,
	enum pcpmm_preset preset, const struct replay_result *result,
	struct replay_place_stats *stats, struct replay_error *err)
{
	struct place place = {
		.dump = dump,
		.result = result,
		.stats = stats,
		.end_pfn = replay_end_pfn(result),
		.machine = place_machine(dump, preset, result, err),
	};

	memset(stats, 0, sizeof(*stats));
	if (!place.machine)
		return NULL;
	place.use = calloc(place.end_pfn + 1024, 1);
	place.block_known =
		calloc((place.end_pfn >> PCPMM_PAGEBLOCK_ORDER) + 1, 1);
	place.whole = calloc(
		(dump ? pcpmm_dump_nr_zones(dump) : 0) * PCPMM_NR_MIGRATETYPES +
			1,
		sizeof(*place.whole));
	if (!place.use || !place.block_known || !place.whole ||
		place_everything(&place)) {
		replay_fail(err, -ENOMEM, "no memory to place the state");
		pcpmm_machine_destroy(place.machine);
		place.machine = NULL;
	}
	free(place.use);
	free(place.block_known);
	free(place.whole);
	return place.machine;
}
