/* SPDX-License-Identifier: MIT */
/*
 * Many blocks under one hold of the zone lock, in one go: a refill's out of one
 * free block, a spill's merged with each other first. The state afterwards is
 * the one that single calls of buddy_take() and buddy_free() leave: lists and
 * their order, frames, counters and diffs (tests/unit/test_batch.c).
 *
 * Carving. Smallest fit takes a block of the least order that has one, so all
 * lists of the type from the wanted order up to that one are empty. Single
 * calls split the block, then serve the next request from the smallest part
 * that is left: the lowest. After n of them the first n pieces are taken, and
 * each list has at most one block: those that the rest, from its first page to
 * the block's end, falls into by alignment.
 *
 * Merging. Blocks that follow one another, upwards or downwards, and fill an
 * aligned block can merge with nothing outside it before the last one of them
 * is free. On the way they touch no list but to enter and leave it. So to free
 * the aligned block as one comes to the same, as long as no rule has a say in
 * the merge: up to the order of a pageblock. In one pageblock the type is the same
 * as well, whether it is the blocks' own or, at this moment, the pageblock's.
 *
 * A reader without the lock may see a counter that is ahead of the lists by all
 * blocks of a call, not by one. A CPU that acts on it waits for the lock.
 */
#include "zone/buddy.h"
#include "zone/gate.h"
#include "zone/merge.h"

/* How many blocks ahead a free asks for the frames that it will look at. */
#define AHEAD 8

struct buddy_carved buddy_carve(struct zone *zone, unsigned int order,
	unsigned int type, unsigned int nr)
{
	unsigned int fit = buddy_smallest_fit(zone, order, type);
	uint32_t pfn, at, end;
	uint64_t nonempty;

	if (fit == NR_ORDERS)
		return (struct buddy_carved){0, 0};
	pfn = buddy_first(zone, fit, type);
	nonempty = zone->nonempty;
	free_list_take(zone, pfn, &nonempty);
	nr = MIN(nr, 1u << (fit - order));
	end = pfn + (1u << fit);
	for (at = pfn + (nr << order); at < end;) {
		unsigned int o = lowest_bit(at - pfn);

		if (MUTANT(CARVE_LOSES_LAST) && at + (1u << o) == end)
			break;
		free_list_add(zone, at, o, type, false, &nonempty);
		at += 1u << o;
	}
	free_list_store(zone, nonempty);
	return (struct buddy_carved){pfn, nr};
}

/* --- free ------------------------------------------------------------- */

/* The type that a block had on its list. */
static force_inline unsigned int listed_type(
	const struct zone *zone, uint32_t pfn)
{
	unsigned int type = frame_type(&zone->memmap[pfn]);

	if (MUTANT(FREED_AS_LISTED) && type >= PCPMM_MIGRATE_PCPTYPES)
		return PCPMM_MIGRATE_MOVABLE;
	return type;
}

/* The type whose list a block goes to. */
static unsigned int type_of(const struct zone *zone, uint32_t pfn)
{
	return buddy_freed_type(zone, pfn, listed_type(zone, pfn));
}

/* Blocks; those on ISOLATE lists do not count as free. */
struct counts {
	unsigned int free;
	unsigned int cma; /* of these */
	unsigned int
		highatomic; /* likewise; 0 unless rules->hides_free_reserve */
};

static struct counts count_listed(
	const struct zone *zone, const uint32_t *pfns, unsigned int nr)
{
	struct counts counts = {nr, 0, 0};

	for (unsigned int i = 0; i < nr; i++) {
		unsigned int type = listed_type(zone, pfns[i]);

		counts.free -= type == PCPMM_MIGRATE_ISOLATE;
		counts.cma += type == PCPMM_MIGRATE_CMA;
	}
	return counts;
}

/* The same by the types of pageblocks. */
static struct counts count_types(
	const struct zone *zone, const uint32_t *pfns, unsigned int nr)
{
	struct counts counts = {nr, 0, 0};

	for (unsigned int i = 0; i < nr; i++) {
		unsigned int type = type_of(zone, pfns[i]);

		counts.free -= type == PCPMM_MIGRATE_ISOLATE;
		counts.cma += type == PCPMM_MIGRATE_CMA;
		counts.highatomic += type == PCPMM_MIGRATE_HIGHATOMIC;
	}
	return counts;
}

static void account_many(struct cpu *cpu, struct zone *zone,
	const struct counts *counts, unsigned int order)
{
	vmstat_mod_many(cpu, &zone->stat, NR_FREE_PAGES, 1L << order,
		MUTANT(MANY_COUNT_ONCE) ? 1 : counts->free);
	if (unlikely(counts->cma))
		vmstat_mod_many(cpu, &zone->stat, NR_FREE_CMA_PAGES,
			1L << order, counts->cma);
	if (unlikely(counts->highatomic))
		zone_add_free_highatomic(
			zone, (int64_t)counts->highatomic << order);
}

/* Blocks from pfns[0] on that follow by @step pages each with equal heads. */
static unsigned int run_length(const struct zone *zone, const uint32_t *pfns,
	unsigned int nr, uint32_t step)
{
	uint32_t head = frame_head(&zone->memmap[pfns[0]]);
	unsigned int run = 1;

	while (run < nr && pfns[run] == pfns[run - 1] + step &&
		frame_head(&zone->memmap[pfns[run]]) == head)
		run++;
	return run;
}

/*
 * log2 of the blocks of @order in the largest aligned block that begins with
 * @pfn (@up) or ends with it, and that a run of @run fills.
 */
static unsigned int aligned_part(
	uint32_t pfn, unsigned int order, unsigned int run, bool up)
{
	uint32_t edge = (pfn >> order) + !up;
	unsigned int most = MIN(highest_bit(run), PAGEBLOCK_ORDER - order);

	if (MUTANT(RUN_UNALIGNED))
		return most;
	return lowest_bit(edge | 1u << most);
}

static void merge_run(struct zone *zone, const uint32_t *pfns, unsigned int run,
	unsigned int order, bool up)
{
	while (run) {
		unsigned int part = aligned_part(pfns[0], order, run, up);
		unsigned int type = type_of(zone, pfns[0]);
		unsigned int nr = 1u << part;

		for (unsigned int i = 0; i < nr; i++)
			frame_set_head(&zone->memmap[pfns[i]],
				FRAME_HEAD(FRAME_NONE, 0, 0, 0));
		buddy_merge(zone, pfns[up ? 0 : nr - 1], order + part, type);
		pfns += nr;
		run -= nr;
	}
}

/* A merge looks at the buddy, and at a frame beside the pair. */
static force_inline void prefetch_buddies(
	const struct zone *zone, uint32_t pfn, unsigned int order)
{
	prefetch_write(&zone->memmap[pfn ^ (1u << order)]);
	prefetch_write(&zone->memmap[pfn ^ (4u << order)]);
}

static void merge_many(struct zone *zone, const uint32_t *pfns, unsigned int nr,
	unsigned int order)
{
	const uint32_t size = 1u << order;

	for (unsigned int i = 0; i < nr;) {
		uint32_t step = i + 1 < nr ? pfns[i + 1] - pfns[i] : 0;
		unsigned int run = 1;

		if (i + AHEAD < nr)
			prefetch_buddies(zone, pfns[i + AHEAD], order);
		if (order < PAGEBLOCK_ORDER && (step == size || step == -size))
			run = run_length(zone, pfns + i, nr - i, step);
		if (run > 1)
			merge_run(zone, pfns + i, run, order, step == size);
		else
			buddy_merge(
				zone, pfns[i], order, type_of(zone, pfns[i]));
		i += run;
	}
}

void buddy_free_many(struct cpu *cpu, struct zone *zone, const uint32_t *pfns,
	unsigned int nr, unsigned int order)
{
	const struct counts counts = zone->rules->lists_by_block
					     ? count_types(zone, pfns, nr)
					     : count_listed(zone, pfns, nr);

	if (unlikely(zone->count_order == PCPMM_COUNT_AFTER_LISTS)) {
		merge_many(zone, pfns, nr, order);
		account_many(cpu, zone, &counts, order);
		return;
	}
	account_many(cpu, zone, &counts, order);
	merge_many(zone, pfns, nr, order);
}
