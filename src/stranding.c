/* SPDX-License-Identifier: MIT */
/*
 * What a drain of all lists would merge to, without a drain.
 *
 * Merging starts from a page that is freed, and goes on with what it made, so
 * in the end a pair of blocks is one block if both are free, may mix, and at
 * least one of them came about just now; two that lay beside each other before
 * stay apart. That says nothing of an order in time: every drain ends there,
 * and the tree of a largest block can be gone down by halves.
 *
 * Frames are read racily. The tree is the same whatever they say, so a block
 * that changes meanwhile is counted once, as old or new, or not at all.
 */
#include <errno.h>
#include <pcpmm/vmstat.h>

#include "machine.h"
#include "zone/buddy.h"

struct walk {
	const struct zone *zone;
	uint64_t fresh, fresh_end;
	uint64_t *blocks; /* [order], found */
};

enum fate {
	SPLIT, /* no block, or several; those are counted */
	NOT_FREE,
	FREE_BEFORE, /* one block, on a buddy list */
	FREED, /* one block, from a list or merged with such */
};

static racy_reader void read_walk(struct walk *walk)
{
	walk->fresh = RACY_READ(walk->zone->fresh);
	walk->fresh_end = RACY_READ(walk->zone->fresh_end);
}

/* What the frame says of itself; SPLIT unless it heads such a block. */
static racy_reader enum fate head_fate(
	const struct zone *zone, uint64_t pfn, unsigned int order)
{
	const struct pcpmm_page *page = &zone->memmap[pfn];
	unsigned int state;

	if (!zone_contains(zone, pfn))
		return SPLIT;
	state = RACY_READ(page->state);
	if (state == FRAME_NONE || RACY_READ(page->order) != order)
		return SPLIT;
	if (RACY_READ(page->zone) != zone->id)
		return NOT_FREE;
	if (state == FRAME_PCP)
		return FREED;
	return state == FRAME_BUDDY ? FREE_BEFORE : NOT_FREE;
}

static bool is_free(enum fate fate)
{
	return fate == FREE_BEFORE || fate == FREED;
}

/* At most ORDER_MAX deep. */
static enum fate fate_of(
	const struct walk *walk, uint64_t pfn, unsigned int order)
{
	uint64_t half = pfn + (1UL << order) / 2;
	enum fate fate = head_fate(walk->zone, pfn, order);
	enum fate low, high;

	if (fate != SPLIT || !order)
		return fate;
	order--;
	low = fate_of(walk, pfn, order);
	high = fate_of(walk, half, order);
	if (is_free(low) && is_free(high) && (low == FREED || high == FREED) &&
		buddy_may_merge(
			walk->zone, (uint32_t)pfn, (uint32_t)half, order))
		return FREED;
	walk->blocks[order] += is_free(low) + is_free(high);
	return SPLIT;
}

/* Largest blocks one by one; the zone may begin and end inside one. */
static void walk_zone(const struct walk *walk)
{
	const uint64_t block = 1UL << ORDER_MAX;
	const struct zone *zone = walk->zone;
	uint64_t end = zone->start_pfn + zone->spanned;
	uint64_t pfn = round_down_pow2(zone->start_pfn, block);

	while (pfn < end) {
		if (pfn >= walk->fresh && pfn < walk->fresh_end) {
			walk->blocks[ORDER_MAX] +=
				(walk->fresh_end - pfn) >> ORDER_MAX;
			pfn = walk->fresh_end;
			continue;
		}
		walk->blocks[ORDER_MAX] +=
			is_free(fate_of(walk, pfn, ORDER_MAX));
		pfn += block;
	}
}

static int32_t largest(const uint64_t *blocks)
{
	int32_t order = ORDER_MAX;

	while (order >= 0 && !blocks[order])
		order--;
	return order;
}

int pcpmm_zone_stranding_read(struct pcpmm_machine *machine, unsigned int nid,
	unsigned int zone_type, struct pcpmm_zone_stranding *stranding)
{
	struct zone *zone = machine_zone(machine, nid, zone_type);
	struct walk walk = {.zone = zone, .blocks = stranding->merged_blocks};

	if (!zone || !zone_populated(zone))
		return -EINVAL;
	*stranding = (struct pcpmm_zone_stranding){0};
	for (unsigned int order = 0; order < NR_ORDERS; order++)
		stranding->free_blocks[order] = buddy_nr_free(zone, order);
	read_walk(&walk);
	walk_zone(&walk);
	stranding->largest_free = largest(stranding->free_blocks);
	stranding->largest_merged = largest(stranding->merged_blocks);
	return 0;
}
