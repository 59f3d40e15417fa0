/* SPDX-License-Identifier: MIT */
/*
 * How large the free blocks of the start were.
 *
 * The trace shows what was used of a block, and not its rest. But pagetypeinfo has
 * the number of blocks of each list. Where more blocks were seen than the list had,
 * some of them were parts of larger blocks that the larger lists still lack: they
 * grow into these, unless a page of the larger block was not free. The one begun last
 * grows first, since the buddy takes the smallest block that fits.
 */
#include <stdlib.h>

#include "freeblocks.h"

struct free_growth {
	struct infer *infer;
	struct free_block *blocks; /* order -1: now a part of another one */
	size_t nr;
	uint32_t (*have)[REPLAY_FREE_TYPES][REPLAY_FREE_ORDERS]; /* by zone */
};

static uint32_t *free_have(
	struct free_growth *growth, const struct replay_buddy *buddy, int order)
{
	return &growth->have[buddy->zone][buddy->mt][order];
}

/* Whether the list of @buddy's type would have @more blocks of @order too many. */
static bool free_too_many(struct free_growth *growth,
	const struct replay_buddy *buddy, int order, uint32_t more)
{
	const struct replay_zone *zone =
		&growth->infer->out->zones[buddy->zone];

	return zone->free_known && *free_have(growth, buddy, order) + more >
					   zone->free[buddy->mt][order];
}

/* All frames of the block are of one zone, and none of them was in use. */
static bool free_may_be(
	const struct free_growth *growth, uint32_t pfn, uint32_t size)
{
	const struct page_info *page;

	if (infer_zone_of(growth->infer, pfn) == REPLAY_NO_ZONE ||
		infer_zone_of(growth->infer, pfn) !=
			infer_zone_of(growth->infer, pfn + size - 1))
		return false;
	for (uint32_t i = 0; i < size; i++) {
		page = pfnmap_find(&growth->infer->pages, pfn + i);
		if (page && page->place == FREE_NOT)
			return false;
	}
	return true;
}

/* The first block that lies in the larger block at @pfn, which has block @at. */
static size_t free_first_inside(
	const struct free_growth *growth, size_t at, uint32_t pfn)
{
	while (at > 0 && growth->blocks[at - 1].buddy.pfn >= pfn)
		at--;
	return at;
}

/* Block @at becomes a block of @order, with all blocks that lie in it. */
static void free_become(struct free_growth *growth, size_t at, int order)
{
	const struct free_block grown = growth->blocks[at];
	uint32_t size = 1u << order, pfn = grown.buddy.pfn & ~(size - 1);
	size_t first = free_first_inside(growth, at, pfn);
	uint32_t turn = grown.turn;

	for (size_t i = first; i < growth->nr; i++) {
		struct free_block *inside = &growth->blocks[i];

		if (inside->buddy.pfn - pfn >= size)
			break;
		if (inside->buddy.order < 0)
			continue;
		--*free_have(growth, &inside->buddy, inside->buddy.order);
		inside->buddy.order = -1;
		if (inside->turn < turn)
			turn = inside->turn;
	}
	growth->blocks[first] = grown;
	growth->blocks[first].turn = turn;
	growth->blocks[first].buddy.pfn = pfn;
	growth->blocks[first].buddy.order = (int8_t)order;
	++*free_have(growth, &grown.buddy, order);
}

/* Grows block @at into the smallest larger block that its list lacks. */
static void free_grow_block(struct free_growth *growth, size_t at)
{
	const struct replay_buddy buddy = growth->blocks[at].buddy;

	for (int order = buddy.order + 1; order < REPLAY_FREE_ORDERS; order++) {
		uint32_t size = 1u << order;

		if (!free_may_be(growth, buddy.pfn & ~(size - 1), size))
			return;
		if (free_too_many(growth, &buddy, order, 1))
			continue;
		free_become(growth, at, order);
		return;
	}
}

struct free_turn {
	uint32_t turn;
	uint32_t at;
};

static int free_by_first_use(const void *a, const void *b)
{
	const struct free_turn *x = a, *y = b;

	return x->turn < y->turn ? -1 : x->turn > y->turn;
}

static void free_grow_all(struct free_growth *growth, struct free_turn *turns)
{
	for (size_t i = 0; i < growth->nr; i++) {
		const struct replay_buddy *buddy = &growth->blocks[i].buddy;

		++*free_have(growth, buddy, buddy->order);
		turns[i] =
			(struct free_turn){growth->blocks[i].turn, (uint32_t)i};
	}
	if (growth->nr)
		qsort(turns, growth->nr, sizeof(*turns), free_by_first_use);
	for (int order = 0; order + 1 < REPLAY_FREE_ORDERS; order++)
		for (size_t i = growth->nr; i-- > 0;) {
			const struct replay_buddy *buddy =
				&growth->blocks[turns[i].at].buddy;

			if (buddy->order == order &&
				free_too_many(growth, buddy, order, 0))
				free_grow_block(growth, turns[i].at);
		}
}

size_t free_grow(struct infer *infer, struct free_block *blocks, size_t nr)
{
	struct free_growth growth = {
		.infer = infer,
		.blocks = blocks,
		.nr = nr,
		.have = calloc(infer->out->nr_zones + 1, sizeof(*growth.have)),
	};
	struct free_turn *turns = malloc((nr + 1) * sizeof(*turns));
	size_t kept = 0;

	if (!turns || !growth.have)
		infer->no_memory = true;
	else
		free_grow_all(&growth, turns);
	for (size_t i = 0; i < nr; i++)
		if (blocks[i].buddy.order >= 0)
			blocks[kept++] = blocks[i];
	free(turns);
	free(growth.have);
	return kept;
}
