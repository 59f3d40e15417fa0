/* SPDX-License-Identifier: MIT */
/* The high-atomic reserve: its limit, and how it is released. */
#include "support/layout.h"

#include "zone/highatomic.h"
#include "zone/pageblock.h"

/* Reserve as many pageblocks as possible. Returns pages reserved. */
static uint64_t fill_reserve(struct layout *l)
{
	unsigned int blocks = (unsigned int)(l->zone->spanned / 512);

	for (unsigned int i = 0; i < blocks; i++)
		zone_reserve_highatomic(l->cpu, l->zone, layout_pfn(l, i, 0));
	return l->zone->nr_reserved_highatomic;
}

/* The limit is managed/100 + a pageblock, rounded up to whole pageblocks. */
static void test_limit_follows_the_zone(void **state)
{
	static const struct {
		uint64_t managed, reserved;
	} cases[] = {
		{2048, 2 * 512}, /* 20 + 512: one is less */
		{40960, 2 * 512}, /* 409 + 512 */
		{51200, 2 * 512}, /* 512 + 512: exactly two */
		{51300, 3 * 512}, /* 513 + 512 */
		{102400, 3 * 512}, /* 1024 + 512 */
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		struct layout l = layout_held(cases[i].managed);

		assert_int_equal(fill_reserve(&l), cases[i].reserved);
		layout_end(&l);
	}
}

static void test_only_mergeable_blocks_are_reserved(void **state)
{
	struct layout l = layout_held(51200);

	(void)state;
	zone_set_block_type(
		l.zone, layout_pfn(&l, 0, 0), PCPMM_MIGRATE_ISOLATE);
	zone_set_block_type(l.zone, layout_pfn(&l, 1, 0), PCPMM_MIGRATE_CMA);
	zone_reserve_highatomic(l.cpu, l.zone, layout_pfn(&l, 0, 0));
	zone_reserve_highatomic(l.cpu, l.zone, layout_pfn(&l, 1, 0));
	assert_int_equal(l.zone->nr_reserved_highatomic, 0);
	zone_reserve_highatomic(l.cpu, l.zone, layout_pfn(&l, 2, 5));
	zone_reserve_highatomic(l.cpu, l.zone, layout_pfn(&l, 2, 6));
	assert_int_equal(l.zone->nr_reserved_highatomic, 512);
	layout_end(&l);
}

static void test_reserving_moves_the_free_pages(void **state)
{
	struct layout l = layout_held(8192);

	(void)state;
	layout_free(&l, 0, 0, 4);
	layout_free(&l, 0, 100, 2);
	layout_free(&l, 1, 0, 3);
	zone_reserve_highatomic(l.cpu, l.zone, layout_pfn(&l, 0, 200));
	assert_int_equal(layout_free_pages(&l, PCPMM_MIGRATE_HIGHATOMIC), 20);
	assert_int_equal(layout_free_pages(&l, PCPMM_MIGRATE_MOVABLE), 8);
	assert_int_equal(zone_block_type(l.zone, layout_pfn(&l, 0, 511)),
		PCPMM_MIGRATE_HIGHATOMIC);
	layout_end(&l);
}

static void test_the_last_block_goes_by_force_only(void **state)
{
	struct layout l = layout_held(51200);

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		layout_free(&l, i, 0, 1 + i);
		zone_reserve_highatomic(l.cpu, l.zone, layout_pfn(&l, i, 0));
	}
	assert_int_equal(l.zone->nr_reserved_highatomic, 1024);
	/* First the pageblock of the smallest free block. */
	assert_true(zone_unreserve_highatomic(
		l.cpu, l.zone, PCPMM_MIGRATE_RECLAIMABLE, false));
	assert_int_equal(l.zone->nr_reserved_highatomic, 512);
	assert_int_equal(zone_block_type(l.zone, layout_pfn(&l, 0, 0)),
		PCPMM_MIGRATE_RECLAIMABLE);
	assert_int_equal(layout_free_pages(&l, PCPMM_MIGRATE_RECLAIMABLE), 2);
	assert_false(zone_unreserve_highatomic(
		l.cpu, l.zone, PCPMM_MIGRATE_UNMOVABLE, false));
	assert_true(zone_unreserve_highatomic(
		l.cpu, l.zone, PCPMM_MIGRATE_UNMOVABLE, true));
	assert_int_equal(l.zone->nr_reserved_highatomic, 0);
	assert_int_equal(layout_free_pages(&l, PCPMM_MIGRATE_UNMOVABLE), 4);
	assert_false(zone_unreserve_highatomic(
		l.cpu, l.zone, PCPMM_MIGRATE_UNMOVABLE, true));
	layout_end(&l);
}

static void test_nothing_free_in_the_reserve_gives_nothing(void **state)
{
	struct layout l = layout_held(8192);

	(void)state;
	zone_reserve_highatomic(l.cpu, l.zone, layout_pfn(&l, 0, 0));
	assert_false(zone_unreserve_highatomic(
		l.cpu, l.zone, PCPMM_MIGRATE_UNMOVABLE, true));
	assert_int_equal(l.zone->nr_reserved_highatomic, 512);
	layout_end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limit_follows_the_zone),
		cmocka_unit_test(test_only_mergeable_blocks_are_reserved),
		cmocka_unit_test(test_reserving_moves_the_free_pages),
		cmocka_unit_test(test_the_last_block_goes_by_force_only),
		cmocka_unit_test(
			test_nothing_free_in_the_reserve_gives_nothing),
	};

	return cmocka_run_group_tests_name("highatomic", tests, NULL, NULL);
}
