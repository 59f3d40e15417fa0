/* SPDX-License-Identifier: MIT */
/* Mixing types raises the watermarks for a while, up to a limit. */
#include "support/layout.h"

#include "zone/fallback.h"
#include "zone/gate.h"
#include "zone/rmqueue.h"

#define ZONE_PAGES 65536

static struct layout layout_with_high(uint64_t pages, uint64_t high)
{
	const struct pcpmm_zone_values values = {
		.min = high / 4, .low = high / 2, .high = high};
	struct layout l = layout_held(pages);

	assert_int_equal(
		pcpmm_restore_zone(l.machine, 0, PCPMM_ZONE_NORMAL, &values),
		0);
	return l;
}

static void test_a_pageblock_each_time_up_to_the_limit(void **state)
{
	/* 15000/10000 of 1000 pages. */
	struct layout l = layout_with_high(ZONE_PAGES, 1000);

	(void)state;
	assert_true(zone_boost_watermark(l.zone));
	assert_int_equal(l.zone->boost, 512);
	assert_true(zone_boost_watermark(l.zone));
	assert_int_equal(l.zone->boost, 1024);
	assert_true(zone_boost_watermark(l.zone));
	assert_int_equal(l.zone->boost, 1500);
	assert_true(zone_boost_watermark(l.zone));
	assert_int_equal(l.zone->boost, 1500);
	/* Every mark includes the boost. */
	assert_int_equal(zone_mark_pages(l.zone, MARK_MIN), 1750);
	assert_int_equal(zone_mark_pages(l.zone, MARK_HIGH), 2500);
	layout_end(&l);
}

static void test_limit_is_at_least_a_pageblock(void **state)
{
	struct layout l = layout_with_high(ZONE_PAGES, 40);

	(void)state;
	assert_true(zone_boost_watermark(l.zone));
	assert_true(zone_boost_watermark(l.zone));
	assert_int_equal(l.zone->boost, 512);
	layout_end(&l);
}

static void test_off_small_or_unmarked_zones_are_not_boosted(void **state)
{
	struct layout l = layout_with_high(ZONE_PAGES, 0);

	(void)state;
	assert_false(zone_boost_watermark(l.zone));
	layout_end(&l);
	l = layout_with_high(2047, 1000); /* less than four pageblocks */
	assert_false(zone_boost_watermark(l.zone));
	layout_end(&l);
	l = layout_with_high(2048, 1000);
	assert_true(zone_boost_watermark(l.zone));
	layout_end(&l);
	l = layout_with_high(ZONE_PAGES, 1000);
	assert_int_equal(
		pcpmm_sysctl_set(l.machine, "vm.watermark_boost_factor", "0"),
		0);
	assert_false(zone_boost_watermark(l.zone));
	assert_int_equal(l.zone->boost, 0);
	layout_end(&l);
}

static uint32_t steal(struct layout *l, unsigned int alloc_flags)
{
	uint32_t pfn = zone_rmqueue_buddy(
		l->cpu, l->zone, 0, PCPMM_MIGRATE_UNMOVABLE, alloc_flags);

	assert_true(pfn != 0);
	layout_hold(l, pfn, 0, PCPMM_MIGRATE_UNMOVABLE);
	return pfn;
}

static void test_kswapd_is_flagged_only_if_it_may_be_woken(void **state)
{
	struct layout l = layout_with_high(ZONE_PAGES, 1000);

	(void)state;
	layout_free(&l, 0, 0, 0);
	layout_free(&l, 1, 0, 0);
	steal(&l, 0);
	assert_int_equal(l.zone->boost, 512);
	assert_int_equal(zone_flags(l.zone) & ZONE_BOOSTED_WATERMARK, 0);
	steal(&l, ALLOC_KSWAPD);
	assert_int_equal(l.zone->boost, 1024);
	assert_true(zone_flags(l.zone) & ZONE_BOOSTED_WATERMARK);
	assert_true(zone_clear_flag(l.zone, ZONE_BOOSTED_WATERMARK));
	assert_false(zone_clear_flag(l.zone, ZONE_BOOSTED_WATERMARK));
	layout_end(&l);
}

static void test_whole_pageblocks_do_not_boost(void **state)
{
	struct layout l = layout_with_high(ZONE_PAGES, 1000);

	(void)state;
	layout_free(&l, 0, 0, PAGEBLOCK_ORDER);
	steal(&l, ALLOC_KSWAPD);
	assert_int_equal(l.zone->boost, 0);
	layout_end(&l);
}

static void test_recalculation_takes_the_boost_off(void **state)
{
	struct layout l = layout_with_high(ZONE_PAGES, 1000);

	(void)state;
	assert_true(zone_boost_watermark(l.zone));
	assert_int_equal(
		pcpmm_sysctl_set(l.machine, "vm.min_free_kbytes", "4096"), 0);
	assert_int_equal(l.zone->boost, 0);
	assert_int_equal(zone_mark_pages(l.zone, MARK_MIN), 1024);
	layout_end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_pageblock_each_time_up_to_the_limit),
		cmocka_unit_test(test_limit_is_at_least_a_pageblock),
		cmocka_unit_test(
			test_off_small_or_unmarked_zones_are_not_boosted),
		cmocka_unit_test(
			test_kswapd_is_flagged_only_if_it_may_be_woken),
		cmocka_unit_test(test_whole_pageblocks_do_not_boost),
		cmocka_unit_test(test_recalculation_takes_the_boost_off),
	};

	return cmocka_run_group_tests_name("boost", tests, NULL, NULL);
}
