/* SPDX-License-Identifier: MIT */
/*
 * Watermark checks, each rule at its edge: exactly the limit fails, one page
 * more passes.
 */
#include "support/layout.h"

#include "vmstat/diff.h"
#include "zone/watermark.h"

#define NORMAL PCPMM_ZONE_NORMAL

/* The smallest @free that passes an order-0 check. */
static int64_t passes_from(const struct zone *zone, uint64_t mark,
	unsigned int highest_zoneidx, unsigned int flags)
{
	int64_t free = -10000;

	while (!zone_watermark_check(
		zone, 0, mark, highest_zoneidx, flags, free)) {
		free++;
		assert_in_range(free + 10000, 0, 40000);
	}
	assert_false(zone_watermark_check(
		zone, 0, mark, highest_zoneidx, flags, free - 1));
	return free;
}

static void test_discounts(void **state)
{
	static const struct {
		unsigned int flags;
		int min; /* of a mark of 800 */
	} cases[] = {
		{0, 800},
		{ALLOC_MIN_RESERVE, 400},
		{ALLOC_MIN_RESERVE | ALLOC_NON_BLOCK, 300},
		{ALLOC_NON_BLOCK, 800},
		{ALLOC_OOM, 400},
		{ALLOC_OOM | ALLOC_MIN_RESERVE, 200},
		{ALLOC_OOM | ALLOC_MIN_RESERVE | ALLOC_NON_BLOCK, 150},
		{ALLOC_HIGHATOMIC, 800},
		{ALLOC_HIGHATOMIC | ALLOC_MIN_RESERVE | ALLOC_NON_BLOCK, 300},
		{ALLOC_KSWAPD | ALLOC_NOFRAGMENT, 800},
	};
	struct layout l = layout_held(8192);

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++)
		assert_int_equal(
			passes_from(l.zone, 800, NORMAL, cases[i].flags),
			cases[i].min + 1);
	/* Odd marks: each step truncates. 7 - 3 = 4, 4 - 1 = 3. */
	assert_int_equal(passes_from(l.zone, 7, NORMAL,
				 ALLOC_MIN_RESERVE | ALLOC_NON_BLOCK),
		4);
	layout_end(&l);
}

/* Discounts of the flags up to 6.2. */
static void test_older_discounts(void **state)
{
	static const struct {
		unsigned int flags;
		int min; /* of a mark of 800 */
	} cases[] = {
		{0, 800},
		{ALLOC_MIN_RESERVE, 400},
		{ALLOC_HARDER, 600},
		{ALLOC_NON_BLOCK, 800},
		{ALLOC_MIN_RESERVE | ALLOC_HARDER, 300},
		{ALLOC_OOM, 400},
		{ALLOC_OOM | ALLOC_HARDER, 400},
		{ALLOC_OOM | ALLOC_MIN_RESERVE, 200},
		{ALLOC_OOM | ALLOC_MIN_RESERVE | ALLOC_HARDER, 200},
		{ALLOC_HIGHATOMIC, 800},
		{ALLOC_HIGHATOMIC | ALLOC_MIN_RESERVE | ALLOC_HARDER, 300},
		{ALLOC_KSWAPD | ALLOC_NOFRAGMENT, 800},
	};
	struct layout l = layout_held(8192);

	(void)state;
	for (uint8_t era = PCPMM_WMARK_CHECK_HARDER;
		era < PCPMM_NR_WMARK_CHECKS; era++) {
		l.zone->wmark_check = era;
		for (size_t i = 0; i < HARNESS_COUNT(cases); i++)
			assert_int_equal(passes_from(l.zone, 800, NORMAL,
						 cases[i].flags),
				cases[i].min + 1);
		/* Each step truncates: 7 - 1, 7 - 3, and 4 - 1. */
		assert_int_equal(
			passes_from(l.zone, 7, NORMAL, ALLOC_HARDER), 7);
		assert_int_equal(
			passes_from(l.zone, 7, NORMAL, ALLOC_MIN_RESERVE), 5);
		assert_int_equal(passes_from(l.zone, 7, NORMAL,
					 ALLOC_MIN_RESERVE | ALLOC_HARDER),
			4);
	}
	layout_end(&l);
}

/* Zone Normal reserves 50 pages from requests for Normal, 90 for Movable. */
static struct layout layout_reserved(void)
{
	const struct pcpmm_zone_values values = {
		.protection = {0, 0, 50, 90, 90}};
	struct layout l = layout_held(8192);

	assert_int_equal(
		pcpmm_restore_zone(l.machine, 0, PCPMM_ZONE_NORMAL, &values),
		0);
	return l;
}

static void test_lowmem_reserve_is_added_after_the_discount(void **state)
{
	struct layout l = layout_reserved();

	(void)state;
	assert_int_equal(passes_from(l.zone, 100, PCPMM_ZONE_DMA32, 0), 101);
	assert_int_equal(passes_from(l.zone, 100, NORMAL, 0), 151);
	assert_int_equal(passes_from(l.zone, 100, PCPMM_ZONE_MOVABLE, 0), 191);
	assert_int_equal(
		passes_from(l.zone, 100, NORMAL, ALLOC_MIN_RESERVE), 101);
	layout_end(&l);
}

static void test_high_atomic_pages_are_not_for_everybody(void **state)
{
	struct layout l = layout_held(8192);

	(void)state;
	l.zone->unusable_highatomic = 512;
	assert_int_equal(passes_from(l.zone, 100, NORMAL, 0), 613);
	assert_int_equal(
		passes_from(l.zone, 100, NORMAL, ALLOC_HIGHATOMIC), 101);
	assert_int_equal(
		passes_from(l.zone, 100, NORMAL, ALLOC_NON_BLOCK), 101);
	l.zone->unusable_highatomic = 0;
	layout_end(&l);
}

static void test_cma_pages_are_not_for_everybody(void **state)
{
	struct layout l = layout_held(8192);

	(void)state;
	l.zone->stat.value[NR_FREE_CMA_PAGES] = 64;
	assert_int_equal(passes_from(l.zone, 100, NORMAL, 0), 165);
	assert_int_equal(passes_from(l.zone, 100, NORMAL, ALLOC_CMA), 101);
	l.zone->stat.value[NR_FREE_CMA_PAGES] = 0;
	layout_end(&l);
}

static void test_high_order_costs_its_own_size_less_one(void **state)
{
	struct layout l = layout_held(8192);

	(void)state;
	layout_free(&l, 0, 0, ORDER_MAX);
	for (unsigned int order = 1; order < NR_ORDERS; order++) {
		int64_t edge = 100 + (1L << order) - 1;

		assert_false(zone_watermark_check(
			l.zone, order, 100, NORMAL, 0, edge));
		assert_true(zone_watermark_check(
			l.zone, order, 100, NORMAL, 0, edge + 1));
	}
	layout_end(&l);
}

/* Plenty of pages is not enough: one block must be large enough. */
static void test_high_order_needs_a_block(void **state)
{
	static const struct {
		enum pcpmm_migratetype type;
		unsigned int flags;
		int usable;
	} cases[] = {
		{PCPMM_MIGRATE_UNMOVABLE, 0, 1},
		{PCPMM_MIGRATE_MOVABLE, 0, 1},
		{PCPMM_MIGRATE_RECLAIMABLE, 0, 1},
		{PCPMM_MIGRATE_HIGHATOMIC, 0, 0},
		{PCPMM_MIGRATE_HIGHATOMIC, ALLOC_NON_BLOCK, 0},
		{PCPMM_MIGRATE_HIGHATOMIC, ALLOC_HIGHATOMIC, 1},
		{PCPMM_MIGRATE_HIGHATOMIC, ALLOC_OOM, 1},
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		struct layout l = layout_held(8192);

		layout_type(&l, 0, cases[i].type);
		layout_free(&l, 0, 0, 4);
		for (unsigned int order = 1; order < NR_ORDERS; order++)
			assert_int_equal(
				zone_watermark_check(l.zone, order, 0, NORMAL,
					cases[i].flags, 100000),
				order <= 4 && cases[i].usable);
		layout_end(&l);
	}
}

static bool halving(
	struct layout *l, unsigned int order, uint64_t mark, int64_t free)
{
	l->zone->wmark_check = PCPMM_WMARK_CHECK_HALVING;
	return zone_watermark_check(l->zone, order, mark, NORMAL, 0, free);
}

/*
 * Free: 8 blocks of order 0, 4 of order 1, 2 of order 2. Order 3 leaves out
 * 8 + 8 + 8 of them and halves the mark three times.
 */
static void test_halving_leaves_small_blocks_out(void **state)
{
	struct layout l = layout_held(8192);

	(void)state;
	for (unsigned int i = 0; i < 8; i++)
		layout_free(&l, 0, 2 * i, 0);
	for (unsigned int i = 0; i < 4; i++)
		layout_free(&l, 1, 4 * i, 1);
	for (unsigned int i = 0; i < 2; i++)
		layout_free(&l, 2, 8 * i, 2);
	/* A mark of 0: more pages than these and 2^o - 1 are needed. */
	assert_false(halving(&l, 1, 0, 8 + 1));
	assert_true(halving(&l, 1, 0, 8 + 1 + 1));
	assert_false(halving(&l, 2, 0, 16 + 3));
	assert_true(halving(&l, 2, 0, 16 + 3 + 1));
	assert_false(halving(&l, 3, 0, 24 + 7));
	assert_true(halving(&l, 3, 0, 24 + 7 + 1));
	/* A mark of 101: above 50, 25, 12 after each order in turn. */
	assert_false(halving(&l, 3, 101, 101 + 7));
	assert_true(halving(&l, 3, 101, 101 + 7 + 1));
	/* A mark of 16 ends at 2: only the last step refuses. */
	assert_false(halving(&l, 3, 16, 24 + 7 + 2));
	assert_true(halving(&l, 3, 16, 24 + 7 + 3));
	/* 68 blocks of order 0: 50 pages beyond them are not above 50. */
	l.zone->free_area[0].list[PCPMM_MIGRATE_MOVABLE].nr += 60;
	assert_false(halving(&l, 1, 101, 101 + 1 + 17));
	assert_true(halving(&l, 1, 101, 101 + 1 + 18));
	l.zone->free_area[0].list[PCPMM_MIGRATE_MOVABLE].nr -= 60;
	layout_end(&l);
}

/* Types are not checked: blocks that the request may not use count, too. */
static void test_halving_believes_in_blocks_of_any_type(void **state)
{
	struct layout l = layout_held(8192);

	(void)state;
	layout_type(&l, 0, PCPMM_MIGRATE_HIGHATOMIC);
	layout_free(&l, 0, 0, 4);
	for (unsigned int order = 1; order < NR_ORDERS; order++) {
		assert_int_equal(halving(&l, order, 0, 100000), true);
		l.zone->wmark_check = PCPMM_WMARK_CHECK_HARDER;
		assert_false(zone_watermark_check(
			l.zone, order, 0, NORMAL, 0, 100000));
		assert_int_equal(zone_watermark_check(l.zone, order, 0, NORMAL,
					 ALLOC_OOM, 100000),
			order <= 4);
	}
	layout_end(&l);
}

/* The lowmem reserve is added once, before the halving. */
static void test_halving_and_the_lowmem_reserve(void **state)
{
	struct layout l = layout_reserved();

	(void)state;
	for (unsigned int order = 0; order < NR_ORDERS; order++) {
		int64_t edge = 100 + 50 + (1L << order) - 1;

		assert_false(halving(&l, order, 100, edge));
		assert_true(halving(&l, order, 100, edge + 1));
	}
	layout_end(&l);
}

/* Set the zone's free counter and marks. */
static void set_zone(struct layout *l, int64_t free, uint64_t min, uint64_t low,
	uint64_t boost)
{
	const struct pcpmm_zone_values values = {
		.min = min, .low = low, .high = low, .boost = boost};

	l->zone->stat.value[NR_FREE_PAGES] = free;
	assert_int_equal(pcpmm_restore_zone(l->machine, 0, NORMAL, &values), 0);
}

static bool fast_gfp(struct layout *l, int64_t free, enum zone_mark mark,
	unsigned int flags, uint32_t gfp)
{
	l->zone->stat.value[NR_FREE_PAGES] = free;
	return zone_watermark_fast(l->zone, 0, mark, NORMAL, flags, gfp);
}

static bool fast(
	struct layout *l, int64_t free, enum zone_mark mark, unsigned int flags)
{
	return fast_gfp(l, free, mark, flags, 0);
}

static bool fast_atomic(
	struct layout *l, int64_t free, enum zone_mark mark, unsigned int flags)
{
	return fast_gfp(l, free, mark, flags, PCPMM___GFP_ATOMIC);
}

static void test_fast_check_and_the_boost(void **state)
{
	struct layout l = layout_held(8192);
	unsigned int atomic = ALLOC_MIN_RESERVE | ALLOC_NON_BLOCK;

	(void)state;
	assert_int_equal(
		l.zone->wmark_check, PCPMM_WMARK_CHECK_MIN_RESERVE_ATOMIC);
	set_zone(&l, 0, 400, 500, 512);
	/* Marks include the boost ... */
	assert_false(fast(&l, 1012, MARK_LOW, 0));
	assert_true(fast(&l, 1013, MARK_LOW, 0));
	assert_false(fast(&l, 912, MARK_MIN, 0));
	assert_true(fast(&l, 913, MARK_MIN, 0));
	/* ... but an atomic request at min has a second check without it:
	 * 400 - 200 - 50 against (912 - 456 - 114) with it. */
	assert_false(fast_atomic(&l, 150, MARK_MIN, atomic));
	assert_true(fast_atomic(&l, 151, MARK_MIN, atomic));
	/* Without the bit it is not atomic: 912 - 456. */
	assert_false(fast(&l, 342, MARK_MIN, atomic));
	assert_false(fast(&l, 456, MARK_MIN, ALLOC_MIN_RESERVE));
	assert_true(fast(&l, 457, MARK_MIN, ALLOC_MIN_RESERVE));
	/* Not at the low mark: 1012 - 506 - 126 there. */
	assert_false(fast_atomic(&l, 380, MARK_LOW, atomic));
	assert_true(fast_atomic(&l, 381, MARK_LOW, atomic));
	/* A negative counter reads as 0. */
	assert_false(fast_atomic(&l, -5, MARK_MIN, atomic));
	/* From 6.3 on high priority is enough, and there is no such bit. */
	l.zone->wmark_check = PCPMM_WMARK_CHECK_MIN_RESERVE;
	assert_false(fast(&l, 200, MARK_MIN, ALLOC_MIN_RESERVE));
	assert_true(fast(&l, 201, MARK_MIN, ALLOC_MIN_RESERVE));
	assert_false(fast_atomic(&l, 912, MARK_MIN, 0));
	l.zone->stat.value[NR_FREE_PAGES] = 0;
	layout_end(&l);
}

/* Up to 6.2 high priority alone is not atomic: no second check. */
static void test_older_checks_and_the_boost(void **state)
{
	struct layout l = layout_held(8192);
	unsigned int atomic = ALLOC_MIN_RESERVE | ALLOC_HARDER;

	(void)state;
	set_zone(&l, 0, 400, 500, 512);
	for (uint8_t era = PCPMM_WMARK_CHECK_HARDER;
		era < PCPMM_NR_WMARK_CHECKS; era++) {
		l.zone->wmark_check = era;
		assert_false(fast_atomic(&l, 150, MARK_MIN, atomic));
		assert_true(fast_atomic(&l, 151, MARK_MIN, atomic));
		/* 912 / 2, and 912 - 912 / 4. */
		assert_false(fast(&l, 456, MARK_MIN, ALLOC_MIN_RESERVE));
		assert_true(fast(&l, 457, MARK_MIN, ALLOC_MIN_RESERVE));
		assert_false(fast(&l, 684, MARK_MIN, ALLOC_HARDER));
		assert_true(fast(&l, 685, MARK_MIN, ALLOC_HARDER));
	}
	l.zone->stat.value[NR_FREE_PAGES] = 0;
	layout_end(&l);
}

/* Below the drift mark the diffs count, too. */
static void test_safe_check_adds_the_diffs(void **state)
{
	struct layout l = layout_held(8192);
	int8_t *diff = diff_s8(l.zone->stat.diffs[0], NR_FREE_PAGES);

	(void)state;
	l.zone->stat.value[NR_FREE_PAGES] = 200;
	*diff = -60;
	l.zone->stat.drift_mark = 0; /* none: only the counter is read */
	assert_true(zone_watermark_ok_safe(l.zone, 0, 150, NORMAL));
	l.zone->stat.drift_mark = 200; /* not below it */
	assert_true(zone_watermark_ok_safe(l.zone, 0, 150, NORMAL));
	l.zone->stat.drift_mark = 201;
	assert_false(zone_watermark_ok_safe(l.zone, 0, 150, NORMAL));
	assert_true(zone_watermark_ok_safe(l.zone, 0, 139, NORMAL));
	*diff = 0;
	l.zone->stat.value[NR_FREE_PAGES] = 0;
	layout_end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_discounts),
		cmocka_unit_test(test_older_discounts),
		cmocka_unit_test(
			test_lowmem_reserve_is_added_after_the_discount),
		cmocka_unit_test(test_high_atomic_pages_are_not_for_everybody),
		cmocka_unit_test(test_cma_pages_are_not_for_everybody),
		cmocka_unit_test(test_high_order_costs_its_own_size_less_one),
		cmocka_unit_test(test_high_order_needs_a_block),
		cmocka_unit_test(test_halving_leaves_small_blocks_out),
		cmocka_unit_test(test_halving_believes_in_blocks_of_any_type),
		cmocka_unit_test(test_halving_and_the_lowmem_reserve),
		cmocka_unit_test(test_fast_check_and_the_boost),
		cmocka_unit_test(test_older_checks_and_the_boost),
		cmocka_unit_test(test_safe_check_adds_the_diffs),
	};

	return cmocka_run_group_tests_name("watermark", tests, NULL, NULL);
}
