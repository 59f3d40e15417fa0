/* SPDX-License-Identifier: MIT */
/*
 * The buddy against a model that knows only which pages are free: the free
 * lists must be exactly the largest aligned free blocks, and an allocation must
 * take the smallest block that fits. Then the rules that a bitmap does not
 * show: head or tail of a list, and which types merge.
 */
#include "support/layout.h"

#include "zone/rmqueue.h"
#include "zone/pageblock.h"

/* --- the model: one byte a page --------------------------------------- */

struct model {
	uint64_t start, end; /* frames */
	unsigned char free[16384];
};

static bool is_block(const struct model *m, uint64_t pfn, unsigned int order)
{
	if (pfn < m->start || pfn + (1UL << order) > m->end)
		return false;
	for (uint64_t at = pfn; at < pfn + (1UL << order); at++)
		if (!m->free[at - m->start])
			return false;
	return true;
}

/* Largest aligned free block around @pfn; -1: it is not free. */
static int order_around(const struct model *m, uint64_t pfn)
{
	for (int order = ORDER_MAX; order >= 0; order--)
		if (is_block(m, round_down_pow2(pfn, 1UL << order),
			    (unsigned int)order))
			return order;
	return -1;
}

static void count_blocks(const struct model *m, uint64_t nr[NR_ORDERS])
{
	uint64_t pfn = m->start;

	memset(nr, 0, NR_ORDERS * sizeof(nr[0]));
	while (pfn < m->end) {
		int order = order_around(m, pfn);

		if (order >= 0)
			nr[order]++;
		pfn += order >= 0 ? 1UL << order : 1;
	}
}

static void mark(struct model *m, uint64_t pfn, unsigned int order, int free)
{
	for (uint64_t at = pfn; at < pfn + (1UL << order); at++) {
		assert_int_equal(m->free[at - m->start], !free);
		m->free[at - m->start] = (unsigned char)free;
	}
}

static void compare(const struct model *m, const struct zone *zone)
{
	uint64_t nr[NR_ORDERS];

	count_blocks(m, nr);
	for (unsigned int order = 0; order < NR_ORDERS; order++)
		assert_int_equal(buddy_nr_free(zone, order), nr[order]);
}

/* --- random operations ------------------------------------------------ */

struct block {
	uint32_t pfn;
	unsigned int order;
};

static unsigned int random_order(struct rng *rng)
{
	return rng_below(rng, 4) ? rng_below(rng, 4)
				 : rng_below(rng, NR_ORDERS);
}

static bool take(struct layout *l, struct model *m, struct block *block,
	unsigned int order)
{
	uint64_t nr[NR_ORDERS];
	unsigned int fit = order;
	uint32_t pfn = zone_rmqueue_buddy(
		l->cpu, l->zone, order, PCPMM_MIGRATE_MOVABLE, 0);

	count_blocks(m, nr);
	while (fit < NR_ORDERS && !nr[fit])
		fit++;
	assert_int_equal(pfn != 0, fit < NR_ORDERS);
	if (!pfn)
		return false;
	assert_int_equal(pfn % (1u << order), 0);
	assert_int_equal(order_around(m, pfn), fit);
	/* A split block gives its lowest part. */
	assert_int_equal(pfn % (1u << fit), 0);
	layout_hold(l, pfn, order, PCPMM_MIGRATE_MOVABLE);
	mark(m, pfn, order, 0);
	*block = (struct block){pfn, order};
	return true;
}

static void give(struct layout *l, struct model *m, const struct block *block)
{
	frame_set_state(&l->zone->memmap[block->pfn], FRAME_NONE);
	zone_free_one(l->cpu, l->zone, block->pfn, block->order,
		PCPMM_MIGRATE_MOVABLE);
	mark(m, block->pfn, block->order, 1);
}

static void run_against_model(const struct shape *shape, unsigned int ops)
{
	static struct block held[16384];
	static struct model m;
	struct layout l = layout_of(shape);
	struct rng rng = {test_seed()};
	unsigned int nr = 0, failed = 0;

	memset(m.free, 1, sizeof(m.free));
	m.start = l.zone->start_pfn;
	m.end = m.start + l.zone->spanned;
	assert_in_range(l.zone->spanned, 1, sizeof(m.free));
	compare(&m, l.zone);
	for (unsigned int i = 0; i < ops; i++) {
		/* Phases fill and empty the zone, so that both limits occur. */
		bool filling = i / 500 % 2 == 0;

		if (rng_below(&rng, 10) < (filling ? 8 : 2)) {
			if (take(&l, &m, &held[nr], random_order(&rng)))
				nr++;
			else
				failed++;
		} else if (nr) {
			unsigned int pick = rng_below(&rng, nr);

			give(&l, &m, &held[pick]);
			held[pick] = held[--nr];
		}
		compare(&m, l.zone);
		if (i % 100 == 0)
			expect_valid(l.machine);
	}
	assert_true(failed > 0);
	while (nr)
		give(&l, &m, &held[--nr]);
	compare(&m, l.zone);
	assert_int_equal(buddy_pages(l.zone), l.zone->managed);
	layout_end(&l);
}

static void test_model_whole_blocks(void **state)
{
	const struct shape shape = {
		.pages = {[PCPMM_ZONE_NORMAL] = 4096},
	};

	(void)state;
	run_against_model(&shape, is_slow_run() ? 1500 : 6000);
}

/* Both ends inside a block, and a neighbour zone that is all free. */
static void test_model_zone_borders(void **state)
{
	const struct shape shape = {
		.pages = {[PCPMM_ZONE_DMA] = 1001,
			[PCPMM_ZONE_NORMAL] = 3333,
			[PCPMM_ZONE_MOVABLE] = 777},
	};

	(void)state;
	run_against_model(&shape, is_slow_run() ? 1500 : 6000);
}

/* --- rules ------------------------------------------------------------ */

static void test_never_merges_across_a_zone_border(void **state)
{
	const struct shape shape = {
		.pages = {[PCPMM_ZONE_DMA] = 1025, [PCPMM_ZONE_NORMAL] = 1023},
	};
	struct layout l = layout_of(&shape);
	struct zone *dma = machine_zone(l.machine, 0, PCPMM_ZONE_DMA);
	uint32_t border = (uint32_t)l.zone->start_pfn;

	(void)state;
	/* The last page of one and the first of the other are buddies. */
	assert_int_equal(border % 2, 1);
	assert_int_equal(frame_state(&l.zone->memmap[border - 1]), FRAME_BUDDY);
	assert_int_equal(frame_order(&l.zone->memmap[border - 1]), 0);
	assert_int_equal(frame_zone(&l.zone->memmap[border - 1]), dma->id);
	assert_int_equal(frame_state(&l.zone->memmap[border]), FRAME_BUDDY);
	assert_int_equal(frame_order(&l.zone->memmap[border]), 0);
	assert_int_equal(frame_zone(&l.zone->memmap[border]), l.zone->id);
	layout_end(&l);
}

static void test_split_puts_upper_halves_at_the_head(void **state)
{
	struct layout l = layout_held(4096);
	uint32_t pfn;

	(void)state;
	layout_free(&l, 0, 0, ORDER_MAX);
	layout_free(&l, 2, 1, 0); /* an odd page: its buddy is held */
	pfn = zone_rmqueue_buddy(l.cpu, l.zone, 1, PCPMM_MIGRATE_MOVABLE, 0);
	assert_int_equal(pfn, l.base);
	layout_hold(&l, pfn, 1, PCPMM_MIGRATE_MOVABLE);
	for (unsigned int order = 1; order < ORDER_MAX; order++)
		assert_int_equal(
			buddy_first(l.zone, order, PCPMM_MIGRATE_MOVABLE),
			l.base + (1u << order));
	assert_int_equal(buddy_nr_free(l.zone, ORDER_MAX), 0);
	layout_end(&l);
}

static void free_page(struct layout *l, uint32_t pfn, unsigned int order)
{
	assert_int_equal(pcpmm_restore_held(l->machine, pfn, order), 0);
	frame_set_state(&l->zone->memmap[pfn], FRAME_NONE);
	zone_free_one(l->cpu, l->zone, pfn, order, PCPMM_MIGRATE_MOVABLE);
}

/* Place of the next free of @order at @pfn: 'h'ead or 't'ail of its list. */
static char end_of_free(struct layout *l, uint32_t pfn, unsigned int order)
{
	const struct frame_list *list =
		&l->zone->free_area[order].list[PCPMM_MIGRATE_MOVABLE].frames;

	free_page(l, pfn, order);
	assert_true(list->first != list->last);
	assert_true(list->first == pfn || list->last == pfn);
	return list->first == pfn ? 'h' : 't';
}

static void test_tail_if_the_pair_may_merge_soon(void **state)
{
	(void)state;
	for (unsigned int order = 0; order < ORDER_MAX; order++) {
		struct layout l = layout_held(16384);
		uint32_t size = 1u << order;

		/* The list has another block already. */
		free_page(&l, l.base + 8 * size, order);
		assert_int_equal(
			end_of_free(&l, l.base + 12 * size, order), 'h');
		if (order < ORDER_MAX - 1) {
			/* The other pair is free and whole. */
			free_page(&l, l.base + 2 * size, order + 1);
			assert_int_equal(end_of_free(&l, l.base, order), 't');
			/* Free, but of another order. */
			free_page(&l, l.base + 6 * size, order);
			assert_int_equal(
				end_of_free(&l, l.base + 4 * size, order), 'h');
		} else {
			/* The largest order: it can not merge further. */
			free_page(&l, l.base + 2 * size, ORDER_MAX);
			assert_int_equal(end_of_free(&l, l.base, order), 'h');
		}
		layout_end(&l);
	}
}

/* Two pageblocks side by side, freed one after the other. */
static bool pair_merges(enum pcpmm_migratetype a, enum pcpmm_migratetype b)
{
	struct layout l = layout_held(4096);
	bool merged;

	zone_set_block_type(l.zone, layout_pfn(&l, 0, 0), a);
	zone_set_block_type(l.zone, layout_pfn(&l, 1, 0), b);
	for (unsigned int i = 0; i < 2; i++) {
		uint32_t pfn = layout_pfn(&l, i, 0);

		zone_free_one(l.cpu, l.zone, pfn, PAGEBLOCK_ORDER,
			zone_block_type(l.zone, pfn));
	}
	merged = buddy_nr_free(l.zone, ORDER_MAX) == 1;
	assert_int_equal(
		buddy_nr_free(l.zone, PAGEBLOCK_ORDER), merged ? 0 : 2);
	layout_end(&l);
	return merged;
}

static void test_types_that_must_not_mix_stay_apart(void **state)
{
	(void)state;
	for (int a = 0; a <= PCPMM_MIGRATE_HIGHATOMIC; a++)
		for (int b = 0; b <= PCPMM_MIGRATE_HIGHATOMIC; b++)
			assert_int_equal(pair_merges((enum pcpmm_migratetype)a,
						 (enum pcpmm_migratetype)b),
				a == b || (a < PCPMM_MIGRATE_PCPTYPES &&
						  b < PCPMM_MIGRATE_PCPTYPES));
}

/* Counters for isolated blocks and CMA blocks. */
static void test_isolated_pages_are_not_counted(void **state)
{
	struct layout l = layout_held(4096);
	uint64_t before = vmstat_of(l.machine, "nr_free_pages");

	(void)state;
	for (uint8_t i = 0; i < PCPMM_NR_COUNT_ORDERS; i++) {
		l.zone->count_order = i;
		zone_free_one(l.cpu, l.zone, l.base, 3, PCPMM_MIGRATE_ISOLATE);
		assert_int_equal(vmstat_of(l.machine, "nr_free_pages"), before);
		assert_int_equal(buddy_nr_free(l.zone, 3), 1);
		buddy_remove(l.zone, l.base);
	}
	layout_end(&l);
}

static void test_fresh_blocks_count_before_they_are_touched(void **state)
{
	const struct shape shape = {
		.pages = {[PCPMM_ZONE_NORMAL] = 8192},
	};
	struct layout l = layout_of(&shape);

	(void)state;
	assert_int_equal(buddy_nr_free(l.zone, ORDER_MAX), 8);
	for (uint32_t i = 0; i < 8; i++) {
		uint32_t pfn = zone_rmqueue_buddy(
			l.cpu, l.zone, ORDER_MAX, PCPMM_MIGRATE_MOVABLE, 0);

		/* In order of their numbers, as boot freed them. */
		assert_int_equal(pfn, l.base + (i << ORDER_MAX));
		layout_hold(&l, pfn, ORDER_MAX, PCPMM_MIGRATE_MOVABLE);
		assert_int_equal(buddy_nr_free(l.zone, ORDER_MAX), 7 - i);
		expect_valid(l.machine);
	}
	assert_int_equal(
		zone_rmqueue_buddy(l.cpu, l.zone, 0, PCPMM_MIGRATE_MOVABLE, 0),
		0);
	layout_end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model_whole_blocks),
		cmocka_unit_test(test_model_zone_borders),
		cmocka_unit_test(test_never_merges_across_a_zone_border),
		cmocka_unit_test(test_split_puts_upper_halves_at_the_head),
		cmocka_unit_test(test_tail_if_the_pair_may_merge_soon),
		cmocka_unit_test(test_types_that_must_not_mix_stay_apart),
		cmocka_unit_test(test_isolated_pages_are_not_counted),
		cmocka_unit_test(
			test_fresh_blocks_count_before_they_are_touched),
	};

	return cmocka_run_group_tests_name("buddy", tests, NULL, NULL);
}
