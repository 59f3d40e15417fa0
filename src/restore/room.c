/* SPDX-License-Identifier: MIT */
/* Where blocks can be put, and putting them there; see room.h. */
#include "room.h"

#include <errno.h>
#include <stdlib.h>

#include "view/counts.h"
#include "zone/buddy.h"
#include "zone/gate.h"

#define CHUNK_PAGES (1UL << ORDER_MAX)

bool frames_are_held(const struct zone *zone, uint64_t pfn, unsigned int order)
{
	if (!zone->boot_held || (pfn >= zone->fresh && pfn < zone->fresh_end))
		return false;
	for (uint64_t at = pfn; at < pfn + (1UL << order); at++)
		if (frame_state(&zone->memmap[at]) != FRAME_NONE)
			return false;
	for (unsigned int o = order + 1; o < NR_ORDERS; o++) {
		const struct pcpmm_page *head =
			&zone->memmap[round_down_pow2(pfn, 1UL << o)];

		if (frame_state(head) != FRAME_NONE)
			return frame_order(head) < o;
	}
	return true;
}

uint64_t held_pages(
	const struct pcpmm_machine *machine, const struct zone *zone)
{
	uint64_t used = buddy_pages(zone) + zone_listed_pages(machine, zone) +
			atomic_load_relaxed_u64(&zone->deferred_pages);

	return zone->managed - MIN(used, zone->managed);
}

/* Where lists are by block, a block in two pageblocks of two types is two. */
static bool is_mixed(const struct zone *zone, uint64_t pfn, unsigned int order)
{
	return zone->rules->lists_by_block && order > PAGEBLOCK_ORDER &&
	       zone_block_type(zone, pfn) !=
		       zone_block_type(zone, pfn + PAGEBLOCK_PAGES);
}

void put_free(struct zone *zone, uint64_t pfn, unsigned int order)
{
	uint64_t end = pfn + (1UL << order);

	vmstat_add_shared(&zone->stat, NR_FREE_PAGES, 1L << order);
	if (is_mixed(zone, pfn, order))
		order = PAGEBLOCK_ORDER;
	for (; pfn < end; pfn += 1UL << order) {
		unsigned int type = zone_block_type(zone, pfn);

		buddy_insert(zone, (uint32_t)pfn, order, type, true);
		if (type == PCPMM_MIGRATE_HIGHATOMIC)
			zone_add_free_highatomic(zone, 1L << order);
	}
}

void list_restored(struct pcpmm_machine *machine, struct pcp_slot *slot)
{
	if (machine->pcps.ops->restored)
		machine->pcps.ops->restored(slot);
}

void put_listed(struct pcpmm_machine *machine, unsigned int cpu,
	struct zone *zone, uint64_t pfn, unsigned int order, unsigned int type)
{
	const struct pcp_lists_ops *lists = machine->pcps.ops->lists;
	struct pcp_slot *slot = &machine->cpus[cpu].slots[zone->id];
	struct pcp_lists *pcp = pcp_lists_of(slot);
	int list = zone->pcp_rules->list_of(order, type);

	if (lists) {
		lists->put(slot, (uint32_t)pfn, order, type);
	} else {
		frame_set_head(&zone->memmap[pfn],
			FRAME_HEAD(FRAME_PCP, order, type, zone->id));
		pcp_stack_append(
			pcp->pool, &pcp->lists[list], (uint32_t)pfn);
		pcp_add_count(pcp, 1 << order);
	}
	list_restored(machine, slot);
}

/* Which chunks have a frame that is no longer as at boot. */
static void mark_chunks(struct room *room)
{
	const struct zone *zone = room->zone;
	uint64_t end = zone->start_pfn + zone->spanned;
	uint64_t pfn = zone->start_pfn;

	while (pfn < end) {
		uint64_t next = round_down_pow2(pfn, CHUNK_PAGES) + CHUNK_PAGES;

		if (frame_state(&zone->memmap[pfn]) == FRAME_NONE) {
			pfn++;
			continue;
		}
		room->chunks[(pfn >> ORDER_MAX) - room->first_chunk] = 1;
		pfn = next;
	}
}

int room_init(
	struct room *room, struct pcpmm_machine *machine, struct zone *zone)
{
	uint64_t end = zone->start_pfn + zone->spanned;

	*room = (struct room){
		.machine = machine,
		.zone = zone,
		.first_chunk = zone->start_pfn >> ORDER_MAX,
		.left = held_pages(machine, zone),
		.singles_end = end,
	};
	room->chunks = calloc((end >> ORDER_MAX) - room->first_chunk + 1, 1);
	if (!room->chunks)
		return -ENOMEM;
	/* As created: no frame was restored or freed, so none need be read. */
	if (zone->restored || room->left != zone->managed ||
		events_read(machine, PGFREE))
		mark_chunks(room);
	zone->restored = true;
	return 0;
}

void room_fini(struct room *room)
{
	free(room->chunks);
}

static uint8_t *chunk_of(const struct room *room, uint64_t pfn)
{
	return &room->chunks[(pfn >> ORDER_MAX) - room->first_chunk];
}

bool room_is_held(const struct room *room, uint64_t pfn, unsigned int order)
{
	return !*chunk_of(room, pfn) ||
	       frames_are_held(room->zone, pfn, order);
}

void room_put_free(struct room *room, uint64_t pfn, unsigned int order)
{
	*chunk_of(room, pfn) = 1;
	room->left -= 1UL << order;
	put_free(room->zone, pfn, order);
}

void room_put_listed(struct room *room, uint64_t pfn, unsigned int cpu)
{
	*chunk_of(room, pfn) = 1;
	room->left--;
	put_listed(room->machine, cpu, room->zone, pfn, 0,
		PCPMM_MIGRATE_MOVABLE);
}

/* Fewer blocks are not worth a range of their own. */
#define FRESH_LEAST 64

static bool is_whole_movable(const struct room *room, uint64_t pfn)
{
	const struct zone *zone = room->zone;

	return pfn >= zone->first_managed && !*chunk_of(room, pfn) &&
	       zone_block_type(zone, pfn) == PCPMM_MIGRATE_MOVABLE &&
	       zone_block_type(zone, pfn + PAGEBLOCK_PAGES) ==
		       PCPMM_MIGRATE_MOVABLE;
}

uint64_t room_put_fresh(struct room *room, uint64_t blocks)
{
	struct zone *zone = room->zone;
	uint64_t end =
		round_down_pow2(zone->start_pfn + zone->spanned, CHUNK_PAGES);
	uint64_t start = end;

	blocks = MIN(blocks, room->left / CHUNK_PAGES);
	if (zone->has_inner || zone->fresh != zone->fresh_end)
		return 0;
	while ((end - start) / CHUNK_PAGES < blocks && start >= CHUNK_PAGES &&
		is_whole_movable(room, start - CHUNK_PAGES))
		start -= CHUNK_PAGES;
	if ((end - start) / CHUNK_PAGES < FRESH_LEAST)
		return 0;
	for (uint64_t pfn = start; pfn < end; pfn += CHUNK_PAGES)
		*chunk_of(room, pfn) = 1;
	room->left -= end - start;
	buddy_insert_fresh(zone, start, end);
	vmstat_add_shared(&zone->stat, NR_FREE_PAGES, (long)(end - start));
	return (end - start) / CHUNK_PAGES;
}

uint64_t room_free_head(const struct room *room, uint64_t pfn)
{
	if (!*chunk_of(room, pfn))
		return pfn;
	if (pfn >= room->zone->fresh && pfn < room->zone->fresh_end)
		return room->zone->fresh;
	for (unsigned int order = 0; order < NR_ORDERS; order++) {
		uint64_t at = round_down_pow2(pfn, 1UL << order);
		const struct pcpmm_page *head = &room->zone->memmap[at];

		if (at < room->zone->start_pfn)
			break;
		if (frame_state(head) == FRAME_BUDDY &&
			frame_order(head) >= order)
			return at;
	}
	return pfn;
}
