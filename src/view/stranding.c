/* SPDX-License-Identifier: MIT */
/*
 * The free blocks that a drain of all lists would leave, without a drain.
 *
 * A merge starts at a block that is freed, and goes on with the merged block.
 * So after a drain two buddies are one block if both are free, their types may
 * mix, and the drain has freed or merged at least one of them; two buddies that
 * were free before the drain stay apart. The result does not depend on the
 * order of the frees, so pieces can be joined in order of address.
 *
 * Frames are read racily: a block that changes meanwhile is counted as before
 * or after the change, or in parts, or not at all.
 */
#include <errno.h>
#include <pcpmm/vmstat.h>

#include "machine/machine.h"
#include "zone/buddy.h"
#include "zone/merge.h"

enum fate {
	NOT_FREE, /* not free, or parts that are counted already */
	FREE_BEFORE, /* one block, on a buddy list */
	FREED, /* one block, from a per-CPU list or merged with one */
};

struct piece {
	uint64_t pfn;
	unsigned int order;
	enum fate fate;
};

/*
 * Pieces come in order of address, each aligned to its size. A lower half waits
 * for its upper half, so at most one piece of each order waits.
 */
struct walk {
	const struct zone *zone;
	uint64_t fresh, fresh_end;
	uint64_t *blocks; /* [order], found */
	struct piece waiting[NR_ORDERS];
};

static racy_reader void read_walk(struct walk *walk)
{
	walk->fresh = RACY_READ(walk->zone->fresh);
	walk->fresh_end = RACY_READ(walk->zone->fresh_end);
}

/* The piece at a frame: the block that it heads, or one page. */
static racy_reader struct piece piece_at(const struct zone *zone, uint64_t pfn)
{
	const struct pcpmm_page *page = &zone->memmap[pfn];
	struct piece piece = {.pfn = pfn};
	unsigned int state, order;

	if (!zone_contains(zone, pfn))
		return piece;
	state = frame_state(page);
	order = frame_order(page);
	if (state == FRAME_NONE || order > ORDER_MAX ||
		pfn % (1UL << order) != 0)
		return piece;
	piece.order = order;
	if (frame_zone(page) == zone->id)
		piece.fate = state == FRAME_PCP	    ? FREED
			     : state == FRAME_BUDDY ? FREE_BEFORE
						    : NOT_FREE;
	return piece;
}

/* Two halves to one piece: merged, or both counted and the piece not free. */
static struct piece join(const struct walk *walk, const struct piece *low,
	const struct piece *high)
{
	struct piece whole = {.pfn = low->pfn, .order = low->order + 1};

	if (low->fate && high->fate &&
		(low->fate == FREED || high->fate == FREED) &&
		buddy_may_merge(walk->zone, (uint32_t)low->pfn,
			(uint32_t)high->pfn, low->order))
		whole.fate = FREED;
	else
		walk->blocks[low->order] +=
			(low->fate != NOT_FREE) + (high->fate != NOT_FREE);
	return whole;
}

static void add_piece(struct walk *walk, struct piece piece)
{
	unsigned int order = piece.order;

	for (; order < ORDER_MAX && piece.pfn & (1UL << order); order++)
		piece = join(walk, &walk->waiting[order], &piece);
	if (order < ORDER_MAX)
		walk->waiting[order] = piece;
	else
		walk->blocks[ORDER_MAX] += piece.fate != NOT_FREE;
}

/* In whole blocks of the largest order; the zone may end inside one. */
static void walk_zone(struct walk *walk)
{
	const uint64_t block = 1UL << ORDER_MAX;
	const struct zone *zone = walk->zone;
	uint64_t end = round_up_pow2(zone->start_pfn + zone->spanned, block);
	uint64_t pfn = round_down_pow2(zone->start_pfn, block);

	while (pfn < end) {
		struct piece piece;

		if (pfn >= walk->fresh && pfn < walk->fresh_end) {
			walk->blocks[ORDER_MAX] +=
				(walk->fresh_end - pfn) >> ORDER_MAX;
			pfn = walk->fresh_end;
			continue;
		}
		piece = piece_at(zone, pfn);
		add_piece(walk, piece);
		pfn += 1UL << piece.order;
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
	struct zone *zone = machine_populated_zone(machine, nid, zone_type);
	struct walk walk = {.zone = zone, .blocks = stranding->merged_blocks};

	if (!zone)
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
