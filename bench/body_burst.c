/* SPDX-License-Identifier: MIT */
/*
 * Allocate many blocks, then free them all: last first, first first, or in a
 * random order. 512 pages fit into the first cache, 65536 need the buddy.
 */
#include "bench.h"
#include "clock.h"

static bool fill(struct lane *lane)
{
	const struct contestant *who = lane->who;
	unsigned int order = lane->what->order, nr = lane->what->pages;

	for (unsigned int i = 0; i < nr; i++) {
		struct pcpmm_page *page =
			who->alloc(lane->cpu, PCPMM_GFP_KERNEL, order);

		if (!page)
			return false;
		lane->pages[i] = page;
	}
	return true;
}

static int empty_fifo(struct lane *lane)
{
	unsigned int order = lane->what->order, nr = lane->what->pages;
	int refused = 0;

	for (unsigned int i = 0; i < nr; i++)
		refused |= lane->who->free(lane->cpu, lane->pages[i], order);
	return refused;
}

static int empty_lifo(struct lane *lane)
{
	unsigned int order = lane->what->order;
	int refused = 0;

	for (unsigned int i = lane->what->pages; i--;)
		refused |= lane->who->free(lane->cpu, lane->pages[i], order);
	return refused;
}

static int empty_random(struct lane *lane)
{
	unsigned int order = lane->what->order, nr = lane->what->pages;
	int refused = 0;

	for (unsigned int i = 0; i < nr; i++)
		refused |= lane->who->free(
			lane->cpu, lane->pages[lane->order_of_free[i]], order);
	return refused;
}

static bool burst(struct lane *lane, struct sample *sample,
	int (*empty)(struct lane *lane))
{
	uint64_t start = time_ns(), full;

	if (!fill(lane))
		return false;
	full = time_ns();
	if (empty(lane))
		return false;
	*sample = (struct sample){.alloc_ns = full - start,
		.free_ns = time_ns() - full,
		.pairs = lane->what->pages};
	return true;
}

bool lifo_chunk(struct lane *lane, struct sample *sample)
{
	return burst(lane, sample, empty_lifo);
}

bool fifo_chunk(struct lane *lane, struct sample *sample)
{
	return burst(lane, sample, empty_fifo);
}

void random_prepare(struct lane *lane, struct rng *rng)
{
	for (uint32_t i = 0; i < lane->what->pages; i++)
		lane->order_of_free[i] = i;
	rng_shuffle(rng, lane->order_of_free, lane->what->pages);
}

bool random_chunk(struct lane *lane, struct sample *sample)
{
	return burst(lane, sample, empty_random);
}
