/* SPDX-License-Identifier: MIT */
/*
 * Which blocks the buddy allocator held when the trace began.
 *
 * A page that leaves the buddy (zone_locked) and was not brought there
 * during the trace was free at the start. Every page of a block that is
 * broken up for another type (extfrag) was free as well. Free buddies are
 * always merged, so the blocks are the largest aligned ones that these pages
 * make up. The order in which the blocks were first used is the order of
 * their free lists, since the buddy takes the head.
 *
 * The buddy takes the smallest block that fits, so it uses up the rest of a
 * block before it begins the next one. Only the last block begun, per zone
 * and type, can have a rest that was never used: that block is rounded up to
 * a whole one unless one of its pages is known to be in use. It may have been
 * larger still: freegrow.c. And lists of which a smaller block would have been
 * used had none that was not seen (free_smallest_fit). Where the state has the file
 * kpageflags nothing of that is needed: freefile.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "../read/grow.h"
#include "freeblocks.h"

#define FREE_ORDER_MAX (REPLAY_FREE_ORDERS - 1)
#define FREE_TYPES REPLAY_FREE_TYPES

/* A request that used a page which was free at the start. */
struct free_request {
	uint32_t pfn;
	uint32_t turn;
	uint8_t mt;
	int8_t order;
};

struct free_pass {
	struct infer *infer;
	struct free_request *requests;
	size_t nr_requests, requests_cap;
	uint32_t turn;
	uint32_t *last; /* page taken last, by zone and type */
	struct free_block *blocks;
	size_t nr_blocks, blocks_cap;
};

static void free_mark_pages(struct free_pass *pass, uint32_t pfn,
	unsigned order, enum free_mark mark)
{
	struct infer *infer = pass->infer;
	struct page_info *page;

	if (order > FREE_ORDER_MAX)
		return;
	for (uint32_t i = 0; i < 1u << order; i++) {
		page = pfnmap_get(&infer->pages, pfn + i);
		if (!page) {
			infer->no_memory = true;
			return;
		}
		if (page->place != FREE_UNKNOWN)
			continue;
		page->place = (uint8_t)mark;
		page->event = pass->turn++;
	}
}

static void free_requested(
	struct free_pass *pass, const struct replay_event *event)
{
	pass->last[event->zone * FREE_TYPES + event->mt] = event->pfn;
	if (GROW(pass->requests, pass->nr_requests, pass->requests_cap)) {
		pass->infer->no_memory = true;
		return;
	}
	pass->requests[pass->nr_requests++] = (struct free_request){
		.pfn = event->pfn,
		.turn = pass->turn,
		.mt = event->mt,
		.order = event->order,
	};
}

static void free_locked(
	struct free_pass *pass, const struct replay_event *event)
{
	const struct page_info *page =
		pfnmap_find(&pass->infer->pages, event->pfn);

	if (page && page->place == FREE_UNKNOWN && event->mt < FREE_TYPES)
		free_requested(pass, event);
	free_mark_pages(pass, event->pfn, (unsigned)event->order, FREE_YES);
}

static void free_event(struct free_pass *pass, uint32_t at)
{
	const struct replay_event *event = infer_event(pass->infer, at);

	switch (event->kind) {
	case REPLAY_EV_LOCKED:
		free_locked(pass, event);
		break;
	case REPLAY_EV_EXTFRAG:
		if (infer_zone_of(pass->infer, event->pfn) != REPLAY_NO_ZONE)
			free_mark_pages(pass, event->pfn,
				event->arg & REPLAY_EXTFRAG_ORDER_MASK,
				FREE_YES);
		break;
	case REPLAY_EV_ALLOC:
		if (event->pfn != REPLAY_NO_PFN)
			free_mark_pages(pass, event->pfn,
				(unsigned)event->order, FREE_YES);
		break;
	case REPLAY_EV_FREE:
	case REPLAY_EV_DRAINED:
		free_mark_pages(
			pass, event->pfn, (unsigned)event->order, FREE_NOT);
		break;
	default:
		break;
	}
}

/* What was held or on a list at the start was not free. */
static void free_known_used(struct free_pass *pass)
{
	const struct replay_result *out = pass->infer->out;
	const struct replay_init *init;

	for (size_t i = 0; i < out->nr_held; i++)
		free_mark_pages(pass, out->held[i].pfn,
			(unsigned)out->held[i].order, FREE_NOT);
	for (size_t i = 0; i < out->nr_init; i++) {
		init = &out->init[i];
		for (int list = 0; list < REPLAY_LISTS; list++) {
			for (uint32_t k = init->first[list];
				k < init->first[list + 1]; k++) {
				if (out->init_pfns[k] == REPLAY_NO_PFN)
					continue;
				free_mark_pages(pass, out->init_pfns[k],
					(unsigned)replay_list_order(list),
					FREE_NOT);
			}
		}
	}
}

static unsigned free_mark_of(const struct free_pass *pass, uint32_t pfn)
{
	const struct page_info *page = pfnmap_find(&pass->infer->pages, pfn);

	return page ? page->place : FREE_UNKNOWN;
}

/* How many pages from `pfn` on are free, up to the largest block. */
static uint32_t free_run(const struct free_pass *pass, uint32_t pfn)
{
	uint32_t length = 0;

	while (length < 1u << FREE_ORDER_MAX &&
		free_mark_of(pass, pfn + length) == FREE_YES)
		length++;
	return length;
}

/* Whether the run that begins at `pfn` was the last to be begun of its type. */
static bool free_run_is_last(
	const struct free_pass *pass, uint32_t pfn, uint32_t length)
{
	size_t n = pass->infer->out->nr_zones * FREE_TYPES;

	for (size_t i = 0; i < n; i++) {
		if (pass->last[i] != REPLAY_NO_PFN && pass->last[i] >= pfn &&
			pass->last[i] - pfn < length)
			return true;
	}
	return false;
}

static bool free_can_be_whole(const struct free_pass *pass, uint32_t pfn,
	uint32_t length, uint32_t size)
{
	if (pfn % size || !free_run_is_last(pass, pfn, length) ||
		infer_zone_of(pass->infer, pfn) !=
			infer_zone_of(pass->infer, pfn + size - 1))
		return false;
	for (uint32_t i = length; i < size; i++) {
		if (free_mark_of(pass, pfn + i) == FREE_NOT)
			return false;
	}
	return true;
}

/* Order of the block that begins at `pfn`, with `length` free pages. */
static int8_t free_order(
	const struct free_pass *pass, uint32_t pfn, uint32_t length)
{
	int8_t order = 0;

	while (order < FREE_ORDER_MAX && 1u << order < length)
		order++;
	if (1u << order > length &&
		free_can_be_whole(pass, pfn, length, 1u << order))
		return order;
	while (order > 0 && (1u << order > length || pfn % (1u << order)))
		order--;
	return order;
}

static uint32_t free_add(struct free_pass *pass, uint32_t pfn)
{
	const struct page_leaf *leaf = pfnmap_leaf(&pass->infer->pages, pfn);
	int8_t order = free_order(pass, pfn, free_run(pass, pfn));
	struct free_block *block;

	/* A block can reach over the end of its zone, in a trace of lost lines. */
	if (infer_zone_of(pass->infer, pfn) == REPLAY_NO_ZONE)
		return 1u << order;
	if (GROW(pass->blocks, pass->nr_blocks, pass->blocks_cap)) {
		pass->infer->no_memory = true;
		return 1u << order;
	}
	block = &pass->blocks[pass->nr_blocks++];
	block->turn = pfnmap_find(&pass->infer->pages, pfn)->event;
	block->buddy = (struct replay_buddy){
		.pfn = pfn,
		.zone = infer_zone_of(pass->infer, pfn),
		.order = order,
		.mt = leaf->mt_known ? leaf->mt
		      : leaf->guess  ? (uint8_t)(leaf->guess - 1)
				     : 1,
	};
	return 1u << order;
}

static int free_by_number(const void *a, const void *b)
{
	const struct page_leaf *const *x = a, *const *y = b;

	return (*x)->number < (*y)->number ? -1 : (*x)->number > (*y)->number;
}

static int free_by_turn(const void *a, const void *b)
{
	const struct free_block *x = a, *y = b;

	if (x->turn != y->turn)
		return x->turn < y->turn ? -1 : 1;
	return x->buddy.pfn < y->buddy.pfn ? -1 : x->buddy.pfn > y->buddy.pfn;
}

/* The block that @pfn is in; blocks are sorted by pfn. */
static const struct free_block *free_block_of(
	const struct free_pass *pass, uint32_t pfn)
{
	size_t low = 0, high = pass->nr_blocks;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (pass->blocks[middle].buddy.pfn <= pfn)
			low = middle;
		else
			high = middle;
	}
	return &pass->blocks[low];
}

/*
 * The buddy takes the smallest block that fits. So a list of the type had no block
 * of an order between that of the request and that of the block that it broke up;
 * if one had been there it would have been used, and seen.
 */
static void free_smallest_fit(struct free_pass *pass)
{
	for (size_t i = 0; pass->nr_blocks && i < pass->nr_requests; i++) {
		const struct free_request *request = &pass->requests[i];
		const struct free_block *block =
			free_block_of(pass, request->pfn);
		unsigned from = 1u << request->order;

		if (block->turn == request->turn &&
			block->buddy.mt == request->mt &&
			block->buddy.order > request->order)
			pass->infer->out->zones[block->buddy.zone]
				.seen_all[request->mt] |=
				(uint16_t)((1u << block->buddy.order) - from);
	}
}

static void free_collect(struct free_pass *pass)
{
	struct pfnmap *pages = &pass->infer->pages;
	uint32_t pfn, from = 0;

	/* No other pass depends on the order of the leaves. */
	if (pages->nr_leaves)
		qsort(pages->leaves, pages->nr_leaves, sizeof(*pages->leaves),
			free_by_number);
	for (size_t i = 0; i < pages->nr_leaves; i++) {
		const struct page_leaf *leaf = pages->leaves[i];

		for (uint32_t k = 0; k < PFNMAP_LEAF;) {
			pfn = (leaf->number << PFNMAP_LEAF_SHIFT) + k;
			if (pfn < from || leaf->page[k].place != FREE_YES)
				k++;
			else
				from = pfn + free_add(pass, pfn);
		}
	}
	if (pass->nr_blocks)
		pass->nr_blocks =
			free_grow(pass->infer, pass->blocks, pass->nr_blocks);
	free_smallest_fit(pass);
}

static int free_output(struct free_pass *pass)
{
	struct replay_result *out = pass->infer->out;

	out->buddy = calloc(pass->nr_blocks + 1, sizeof(*out->buddy));
	if (!out->buddy)
		return -ENOMEM;
	for (size_t i = 0; i < pass->nr_blocks; i++)
		out->buddy[i] = pass->blocks[i].buddy;
	out->nr_buddy = pass->nr_blocks;
	return 0;
}

int infer_free_blocks(struct infer *infer)
{
	struct free_pass pass = {.infer = infer};
	size_t n = infer->out->nr_zones * FREE_TYPES;
	int ret = -ENOMEM;

	pass.last = malloc(n * sizeof(*pass.last));
	if (!pass.last)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		pass.last[i] = REPLAY_NO_PFN;
	pfnmap_clear(&infer->pages);
	free_known_used(&pass);
	for (uint32_t i = 0; i < infer->trace->nr_events; i++)
		free_event(&pass, i);
	if (!infer->no_memory && infer->in->free)
		pass.nr_blocks = free_by_file(infer, &pass.blocks);
	else if (!infer->no_memory)
		free_collect(&pass);
	if (pass.nr_blocks)
		qsort(pass.blocks, pass.nr_blocks, sizeof(*pass.blocks),
			free_by_turn);
	if (!infer->no_memory)
		ret = free_output(&pass);
	free(pass.last);
	free(pass.requests);
	free(pass.blocks);
	return ret;
}
