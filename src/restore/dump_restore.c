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
		struct pcpmm_dump_pageset set;

		pcpmm_dump_pageset(restorer->dump, index, i, &set);
		pcpmm_restore_pageset(restorer->machine, set.cpu, info->nid,
			(unsigned int)info->type, set.high, set.batch, -1);
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

static bool is_of_type(const struct zone *zone, uint64_t pfn,
	unsigned int order, unsigned int type)
{
	for (uint64_t at = pfn; at < pfn + (1UL << order);
		at += PAGEBLOCK_PAGES)
		if (zone_block_type(zone, at) != type)
			return false;
	return true;
}

/*
 * Make blocks of one order, from the zone's end down, until there are @blocks;
 * a block that @make refuses is in use already. Returns the number of missing
 * blocks.
 */
static uint64_t make_blocks(const struct restorer *restorer, struct zone *zone,
	unsigned int order, int type, uint64_t blocks,
	int (*make)(const struct restorer *, uint64_t pfn, unsigned int order,
		const void *arg),
	const void *arg)
{
	uint64_t size = 1UL << order;
	uint64_t pfn = round_down_pow2(zone->start_pfn + zone->spanned, size);

	while (blocks && pfn >= zone->start_pfn + size) {
		pfn -= size;
		if (zone->has_inner &&
			zones_zone_of_pfn(&restorer->machine->zones, pfn) !=
				zone)
			continue;
		if (type >= 0 && !is_of_type(zone, pfn, order, (unsigned)type))
			continue;
		if (!is_masked(restorer, pfn, order) &&
			!has_free_buddy(zone, pfn, order) &&
			!make(restorer, pfn, order, arg))
			blocks--;
	}
	return blocks;
}

static int make_free(const struct restorer *restorer, uint64_t pfn,
	unsigned int order, const void *arg)
{
	(void)arg;
	return pcpmm_restore_free(restorer->machine, pfn, order);
}

static void make_free_blocks(const struct restorer *restorer, struct zone *zone,
	unsigned int order, unsigned int type, uint64_t blocks)
{
	uint64_t missing = make_blocks(
		restorer, zone, order, (int)type, blocks, make_free, NULL);

	restorer->restored->free_pages += (blocks - missing) << order;
	restorer->restored->missing_pages += missing << order;
}

/* With pagetypeinfo: each list gets its length. */
static void restore_free_types(
	const struct restorer *restorer, struct zone *zone, unsigned int index)
{
	for (unsigned int order = NR_ORDERS; order-- > 0;)
		for (unsigned int type = 0; type < NR_TYPES; type++) {
			struct pcpmm_dump_type info;
			uint64_t have = zone->free_area[order].list[type].nr;

			if (pcpmm_dump_type(restorer->dump, index,
				    (enum pcpmm_migratetype)type, &info) ||
				info.nr_free[order] <= have)
				continue;
			make_free_blocks(restorer, zone, order, type,
				info.nr_free[order] - have);
		}
}

/* With buddyinfo: each order gets its blocks, all movable. false: without. */
static bool restore_free_orders(
	const struct restorer *restorer, struct zone *zone, unsigned int index)
{
	uint64_t nr_free[NR_ORDERS];

	if (pcpmm_dump_buddy(restorer->dump, index, nr_free))
		return false;
	for (unsigned int order = NR_ORDERS; order-- > 0;) {
		uint64_t have = 0;

		for (unsigned int type = 0; type < NR_TYPES; type++)
			have += zone->free_area[order].list[type].nr;
		if (nr_free[order] > have)
			make_free_blocks(restorer, zone, order,
				PCPMM_MIGRATE_MOVABLE, nr_free[order] - have);
	}
	return true;
}

/* With the number of free pages alone: blocks as large as possible. */
static void restore_free_pages(
	const struct restorer *restorer, struct zone *zone, uint64_t pages)
{
	struct pcpmm_dump_restored *restored = restorer->restored;
	uint64_t have = 0;

	for (unsigned int order = 0; order < NR_ORDERS; order++)
		for (unsigned int type = 0; type < NR_TYPES; type++)
			have += zone->free_area[order].list[type].nr << order;
	pages -= MIN(pages, have);
	for (unsigned int order = NR_ORDERS; order-- > 0;) {
		uint64_t before = restored->missing_pages;

		make_free_blocks(restorer, zone, order, PCPMM_MIGRATE_MOVABLE,
			pages >> order);
		pages = (pages & ((1UL << order) - 1)) +
			restored->missing_pages - before;
		restored->missing_pages = before;
	}
	restored->missing_pages += pages;
}

static void restore_free(const struct restorer *restorer, struct zone *zone,
	unsigned int index, const struct pcpmm_dump_zone *info)
{
	struct pcpmm_dump_type type;

	if (!pcpmm_dump_type(
		    restorer->dump, index, PCPMM_MIGRATE_MOVABLE, &type))
		restore_free_types(restorer, zone, index);
	else if (!restore_free_orders(restorer, zone, index))
		restore_free_pages(restorer, zone, info->free);
}

/* --- lists ------------------------------------------------------------ */

static int make_listed(const struct restorer *restorer, uint64_t pfn,
	unsigned int order, const void *arg)
{
	const struct pcpmm_dump_pageset *set = arg;

	return pcpmm_restore_pcp(
		restorer->machine, set->cpu, pfn, order, PCPMM_MIGRATE_MOVABLE);
}

/* The kernel does not print the list of a page: use single movable pages. */
static void restore_lists(const struct restorer *restorer, struct zone *zone,
	unsigned int index, const struct pcpmm_dump_zone *info)
{
	for (unsigned int i = 0; i < info->nr_pagesets; i++) {
		struct pcpmm_dump_pageset set;
		uint64_t missing;

		pcpmm_dump_pageset(restorer->dump, index, i, &set);
		if (set.count <= 0 || set.cpu >= restorer->machine->smp.nr)
			continue;
		missing = make_blocks(restorer, zone, 0, -1,
			(uint64_t)set.count, make_listed, &set);
		restorer->restored->pcp_pages += (uint64_t)set.count - missing;
		restorer->restored->missing_pages += missing;
	}
}

int pcpmm_dump_restore(const struct pcpmm_dump *dump,
	struct pcpmm_machine *machine, unsigned int what,
	const struct pcpmm_dump_mask *mask,
	struct pcpmm_dump_restored *restored)
{
	struct restorer restorer = {dump, machine, mask, restored};

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
		if (what & PCPMM_DUMP_RESTORE_TYPES)
			restore_types(&restorer, zone, i);
		if (what & PCPMM_DUMP_RESTORE_FREE)
			restore_free(&restorer, zone, i, &info);
		if (what & PCPMM_DUMP_RESTORE_LISTS)
			restore_lists(&restorer, zone, i, &info);
	}
	return 0;
}
