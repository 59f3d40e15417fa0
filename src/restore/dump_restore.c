/* SPDX-License-Identifier: MIT */
/*
 * Put a machine into the state of a dump, as far as the dump has it: values
 * exactly, all other state by number.
 *
 * A dump says how many blocks of an order and type were free, how many
 * pageblocks were of a type, and how many pages lay on a CPU's lists, but not
 * where. They are put at the top of their zone, the part that a caller with
 * more knowledge (a trace) knows least about, and never into frames that the
 * caller has masked.
 */
#include <errno.h>
#include <pcpmm/alloc.h>
#include <pcpmm/dump.h>
#include <pcpmm/restore.h>

#include "machine/machine.h"
#include "restore/room.h"

struct restorer {
	const struct pcpmm_dump *dump;
	struct pcpmm_machine *machine;
	const struct pcpmm_dump_mask *mask; /* may be NULL */
	struct pcpmm_dump_restored *restored;
};

/* The machine's zone for the dump's zone @index; NULL: not populated. */
static struct zone *zone_of(const struct restorer *restorer, unsigned int index,
	struct pcpmm_dump_zone *info)
{
	pcpmm_dump_zone(restorer->dump, index, info);
	if (!info->present || info->type < 0)
		return NULL;
	return machine_zone(
		restorer->machine, info->nid, (unsigned int)info->type);
}

/* --- values ----------------------------------------------------------- */

static void restore_pagesets(const struct restorer *restorer,
	unsigned int index, const struct pcpmm_dump_zone *info)
{
	for (unsigned int i = 0; i < info->nr_pagesets; i++) {
		struct pcpmm_pcp_state state = {0};
		struct pcpmm_dump_pageset set;

		pcpmm_dump_pageset(restorer->dump, index, i, &set);
		if (set.high_min < 0) {
			pcpmm_restore_pageset(restorer->machine, set.cpu,
				info->nid, (unsigned int)info->type, set.high,
				set.batch, -1);
			continue;
		}
		state.high = set.high;
		state.batch = set.batch;
		state.high_min = set.high_min;
		state.high_max = set.high_max;
		pcpmm_restore_pcp_state(restorer->machine, set.cpu, info->nid,
			(unsigned int)info->type, &state);
	}
}

static void restore_values(const struct restorer *restorer, unsigned int index,
	const struct pcpmm_dump_zone *info)
{
	struct pcpmm_zone_values values = {.boost = info->boost};

	values.min = info->min - info->boost;
	values.low = info->low - info->boost;
	values.high = info->high - info->boost;
	for (unsigned int i = 0; i < PCPMM_NR_ZONES && i < info->nr_protection;
		i++)
		values.protection[i] = info->protection[i];
	pcpmm_restore_zone(restorer->machine, info->nid,
		(unsigned int)info->type, &values);
	restore_pagesets(restorer, index, info);
}

/* --- pageblock types -------------------------------------------------- */

static bool block_is_masked(const struct restorer *restorer, uint64_t block)
{
	return restorer->mask && restorer->mask->blocks &&
	       restorer->mask->blocks[block];
}

/* Pageblocks of each type that are still to be made. */
static void count_missing(const struct restorer *restorer,
	const struct zone *zone, unsigned int index, uint64_t *missing)
{
	uint64_t end = zone->start_pfn + zone->spanned;

	for (unsigned int type = 0; type < NR_TYPES; type++) {
		struct pcpmm_dump_type info;

		missing[type] = pcpmm_dump_type(restorer->dump, index,
					(enum pcpmm_migratetype)type, &info)
					? 0
					: info.pageblocks;
	}
	for (uint64_t pfn = zone->start_pfn; pfn < end;
		pfn = round_down_pow2(pfn, PAGEBLOCK_PAGES) + PAGEBLOCK_PAGES) {
		unsigned int type = zone_block_type(zone, pfn);

		if (block_is_masked(restorer, pfn >> PAGEBLOCK_ORDER) &&
			missing[type])
			missing[type]--;
	}
}

/* A free block of the largest order needs two pageblocks of its type in a row. */
static bool has_largest(
	const struct restorer *restorer, unsigned int index, unsigned int type)
{
	struct pcpmm_dump_type info;

	return !pcpmm_dump_type(restorer->dump, index,
		       (enum pcpmm_migratetype)type, &info) &&
	       info.nr_free[ORDER_MAX];
}

/* All blocks are movable; set other types from the zone's start, as boot. */
static void restore_types(
	const struct restorer *restorer, struct zone *zone, unsigned int index)
{
	uint64_t end = zone->start_pfn + zone->spanned;
	uint64_t pfn = zone->start_pfn;
	uint64_t missing[NR_TYPES];

	count_missing(restorer, zone, index, missing);
	for (unsigned int type = 0; type < NR_TYPES; type++) {
		if (type == PCPMM_MIGRATE_MOVABLE)
			continue;
		if (has_largest(restorer, index, type))
			pfn = round_up_pow2(pfn, 1UL << ORDER_MAX);
		for (; missing[type] && pfn < end;
			pfn = round_down_pow2(pfn, PAGEBLOCK_PAGES) +
			      PAGEBLOCK_PAGES) {
			if (block_is_masked(restorer, pfn >> PAGEBLOCK_ORDER))
				continue;
			if (!pcpmm_restore_block_type(restorer->machine, pfn,
				    (enum pcpmm_migratetype)type))
				missing[type]--;
		}
	}
}

/* --- blocks ----------------------------------------------------------- */

static bool is_masked(
	const struct restorer *restorer, uint64_t pfn, unsigned int order)
{
	const uint8_t *frames = restorer->mask ? restorer->mask->frames : NULL;

	for (uint64_t at = pfn; frames && at < pfn + (1UL << order); at++)
		if (frames[at])
			return true;
	return false;
}

/* Two free buddies would have merged: one of them must stay held. */
static bool has_free_buddy(
	const struct zone *zone, uint64_t pfn, unsigned int order)
{
	uint64_t buddy = pfn ^ (1UL << order);
	const struct pcpmm_page *page = &zone->memmap[buddy];

	return order < ORDER_MAX && zone_contains(zone, buddy) &&
	       frame_state(page) == FRAME_BUDDY && frame_order(page) == order;
}

/*
 * Where to look next below @pfn: the block there, of @order, if it may become free
 * or listed; else (*fits is false) a lower place, past all that cannot.
 */
static uint64_t look(const struct restorer *restorer, const struct room *room,
	uint64_t pfn, unsigned int order, int type, bool *fits)
{
	const struct zone *zone = room->zone;

	*fits = false;
	if (type >= 0 && zone_block_type(zone, pfn) != (unsigned int)type)
		return MAX(
			round_down_pow2(pfn, PAGEBLOCK_PAGES), zone->start_pfn);
	if (order > PAGEBLOCK_ORDER && type >= 0 &&
		zone_block_type(zone, pfn + PAGEBLOCK_PAGES) !=
			(unsigned int)type)
		return pfn;
	if (room_free_head(room, pfn) < pfn)
		return MAX(room_free_head(room, pfn), zone->start_pfn);
	*fits = !is_masked(restorer, pfn, order) &&
		!has_free_buddy(zone, pfn, order) &&
		(!zone->has_inner ||
			(zones_zone_of_pfn(&restorer->machine->zones, pfn) ==
					zone &&
				zones_zone_of_pfn(&restorer->machine->zones,
					pfn + (1UL << order) - 1) == zone)) &&
		room_is_held(room, pfn, order);
	return pfn;
}

/*
 * The block of @order and @type (-1: any) below *end that is nearest to it; *end
 * becomes its first frame. false: there is none.
 */
static bool find_below(const struct restorer *restorer, const struct room *room,
	unsigned int order, int type, uint64_t *end)
{
	uint64_t size = 1UL << order;
	bool fits = false;
	uint64_t pfn = round_down_pow2(*end, size);

	while (!fits && pfn >= room->zone->first_managed + size &&
		room->left >= size)
		pfn = round_down_pow2(
			look(restorer, room, pfn - size, order, type, &fits),
			size);
	*end = pfn;
	return fits;
}

/* Blocks that find no room. */
static uint64_t put_free_blocks(const struct restorer *restorer,
	struct room *room, unsigned int order, unsigned int type,
	uint64_t blocks)
{
	uint64_t end = room->zone->start_pfn + room->zone->spanned;
	uint64_t fresh = 0;

	if (order == ORDER_MAX && type == PCPMM_MIGRATE_MOVABLE &&
		!restorer->mask)
		fresh = room_put_fresh(room, blocks);
	restorer->restored->free_pages += fresh << order;
	blocks -= fresh;
	for (; blocks && find_below(restorer, room, order, (int)type, &end);
		blocks--) {
		room_put_free(room, end, order);
		restorer->restored->free_pages += 1UL << order;
	}
	return blocks;
}

/* Pageblocks of CMA and Isolate cannot be restored: their blocks are movable. */
static void make_free_blocks(const struct restorer *restorer, struct room *room,
	unsigned int order, unsigned int type, uint64_t blocks)
{
	blocks = put_free_blocks(restorer, room, order, type, blocks);
	if (type == PCPMM_MIGRATE_CMA || type == PCPMM_MIGRATE_ISOLATE)
		blocks = put_free_blocks(
			restorer, room, order, PCPMM_MIGRATE_MOVABLE, blocks);
	restorer->restored->missing_pages += blocks << order;
}

static bool is_whole(const struct restorer *restorer, unsigned int index,
	unsigned int order, unsigned int type)
{
	return restorer->mask && restorer->mask->whole &&
	       restorer->mask->whole[index * NR_TYPES + type] & 1u << order;
}

/* With pagetypeinfo: each list gets its length. */
static void restore_free_types(
	const struct restorer *restorer, struct room *room, unsigned int index)
{
	for (unsigned int order = NR_ORDERS; order-- > 0;)
		for (unsigned int type = 0; type < NR_TYPES; type++) {
			struct pcpmm_dump_type info;
			uint64_t have =
				room->zone->free_area[order].list[type].nr;

			if (pcpmm_dump_type(restorer->dump, index,
				    (enum pcpmm_migratetype)type, &info) ||
				info.nr_free[order] <= have ||
				is_whole(restorer, index, order, type))
				continue;
			make_free_blocks(restorer, room, order, type,
				info.nr_free[order] - have);
		}
}

/* With buddyinfo: each order gets its blocks, all movable. false: without. */
static bool restore_free_orders(
	const struct restorer *restorer, struct room *room, unsigned int index)
{
	uint64_t nr_free[NR_ORDERS];

	if (pcpmm_dump_buddy(restorer->dump, index, nr_free))
		return false;
	for (unsigned int order = NR_ORDERS; order-- > 0;) {
		uint64_t have = 0;

		for (unsigned int type = 0; type < NR_TYPES; type++)
			have += room->zone->free_area[order].list[type].nr;
		if (nr_free[order] > have)
			make_free_blocks(restorer, room, order,
				PCPMM_MIGRATE_MOVABLE, nr_free[order] - have);
	}
	return true;
}

/* With the number of free pages alone: blocks as large as possible. */
static void restore_free_pages(
	const struct restorer *restorer, struct room *room, uint64_t pages)
{
	struct pcpmm_dump_restored *restored = restorer->restored;
	uint64_t have = 0;

	for (unsigned int order = 0; order < NR_ORDERS; order++)
		for (unsigned int type = 0; type < NR_TYPES; type++)
			have += room->zone->free_area[order].list[type].nr
				<< order;
	pages -= MIN(pages, have);
	for (unsigned int order = NR_ORDERS; order-- > 0;) {
		uint64_t before = restored->missing_pages;

		make_free_blocks(restorer, room, order, PCPMM_MIGRATE_MOVABLE,
			pages >> order);
		pages = (pages & ((1UL << order) - 1)) +
			restored->missing_pages - before;
		restored->missing_pages = before;
	}
	restored->missing_pages += pages;
}

static void restore_free(const struct restorer *restorer, struct room *room,
	unsigned int index, const struct pcpmm_dump_zone *info)
{
	struct pcpmm_dump_type type;

	if (!pcpmm_dump_type(
		    restorer->dump, index, PCPMM_MIGRATE_MOVABLE, &type))
		restore_free_types(restorer, room, index);
	else if (!restore_free_orders(restorer, room, index))
		restore_free_pages(restorer, room, info->free);
}

/* --- lists ------------------------------------------------------------ */

/* The kernel does not print the list of a page: use single movable pages. */
static void restore_lists(const struct restorer *restorer, struct room *room,
	unsigned int index, const struct pcpmm_dump_zone *info)
{
	for (unsigned int i = 0; i < info->nr_pagesets; i++) {
		struct pcpmm_dump_pageset set;
		int left;

		pcpmm_dump_pageset(restorer->dump, index, i, &set);
		if (set.count <= 0 || set.cpu >= restorer->machine->smp.nr)
			continue;
		for (left = set.count; left && find_below(restorer, room, 0, -1,
						       &room->singles_end);
			left--)
			room_put_listed(room, room->singles_end, set.cpu);
		restorer->restored->pcp_pages += (uint64_t)(set.count - left);
		restorer->restored->missing_pages += (uint64_t)left;
	}
}

/* What a zone's frames are. 0 or -ENOMEM. */
static int restore_frames(const struct restorer *restorer, struct zone *zone,
	unsigned int index, const struct pcpmm_dump_zone *info,
	unsigned int what)
{
	struct room room;

	if (what & PCPMM_DUMP_RESTORE_TYPES)
		restore_types(restorer, zone, index);
	if (!(what & (PCPMM_DUMP_RESTORE_FREE | PCPMM_DUMP_RESTORE_LISTS)))
		return 0;
	if (room_init(&room, restorer->machine, zone))
		return -ENOMEM;
	if (what & PCPMM_DUMP_RESTORE_FREE)
		restore_free(restorer, &room, index, info);
	if (what & PCPMM_DUMP_RESTORE_LISTS)
		restore_lists(restorer, &room, index, info);
	room_fini(&room);
	return 0;
}

int pcpmm_dump_restore(const struct pcpmm_dump *dump,
	struct pcpmm_machine *machine, unsigned int what,
	const struct pcpmm_dump_mask *mask,
	struct pcpmm_dump_restored *restored)
{
	struct restorer restorer = {dump, machine, mask, restored};
	int ret;

	*restored = (struct pcpmm_dump_restored){0};
	for (unsigned int i = 0; i < machine->zones.nr; i++)
		if (!machine->zones.zone[i]->boot_held)
			return -EINVAL;
	for (unsigned int i = 0; i < pcpmm_dump_nr_zones(dump); i++) {
		struct pcpmm_dump_zone info;
		struct zone *zone = zone_of(&restorer, i, &info);

		if (!zone)
			continue;
		if (!zone_populated(zone))
			return -EINVAL;
		if (what & PCPMM_DUMP_RESTORE_VALUES)
			restore_values(&restorer, i, &info);
		ret = restore_frames(&restorer, zone, i, &info, what);
		if (ret)
			return ret;
	}
	return 0;
}
