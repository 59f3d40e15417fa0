/* SPDX-License-Identifier: MIT */
/*
 * The high-atomic reserve: its limit, who makes it grow, what is kept from others,
 * and how it is released.
 */
#include "support/layout.h"

#include "zone/highatomic.h"
#include "zone/pageblock.h"
#include "zone/rmqueue.h"
#include "zone/watermark.h"

/* Reserve as many pageblocks as possible. Returns pages reserved. */
static uint64_t fill_reserve(struct layout *l)
{
	unsigned int blocks = (unsigned int)(l->zone->spanned / 512);

	for (unsigned int i = 0; i < blocks; i++)
		zone_reserve_highatomic(
			l->cpu, l->zone, layout_pfn(l, i, 0), 0);
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
	zone_reserve_highatomic(l.cpu, l.zone, layout_pfn(&l, 0, 0), 0);
	zone_reserve_highatomic(l.cpu, l.zone, layout_pfn(&l, 1, 0), 0);
	assert_int_equal(l.zone->nr_reserved_highatomic, 0);
	zone_reserve_highatomic(l.cpu, l.zone, layout_pfn(&l, 2, 5), 0);
	zone_reserve_highatomic(l.cpu, l.zone, layout_pfn(&l, 2, 6), 0);
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
	zone_reserve_highatomic(l.cpu, l.zone, layout_pfn(&l, 0, 200), 0);
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
		zone_reserve_highatomic(l.cpu, l.zone, layout_pfn(&l, i, 0), 0);
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
	zone_reserve_highatomic(l.cpu, l.zone, layout_pfn(&l, 0, 0), 0);
	assert_false(zone_unreserve_highatomic(
		l.cpu, l.zone, PCPMM_MIGRATE_UNMOVABLE, true));
	assert_int_equal(l.zone->nr_reserved_highatomic, 512);
	layout_end(&l);
}

/* --- from 6.10 on -------------------------------------------------------- */

static const enum pcpmm_zone_rules by_block[] = {
	PCPMM_ZONE_RULES_6_12, PCPMM_ZONE_RULES_6_18, PCPMM_ZONE_RULES_7_3};

/* 1 %, rounded up to whole pageblocks; less than one: no reserve. */
static void test_limit_without_an_extra_block(void **state)
{
	static const struct {
		uint64_t managed, reserved;
	} cases[] = {{2048, 0}, {51199, 0}, {51200, 512}, {51712, 1024}};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++)
		for (size_t k = 0; k < HARNESS_COUNT(by_block); k++) {
			struct layout l =
				layout_held_by(cases[i].managed, by_block[k]);

			assert_int_equal(fill_reserve(&l), cases[i].reserved);
			layout_end(&l);
		}
}

/* All pageblocks of the block are set aside, and come back together. */
static void test_large_block_is_reserved_whole(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_ZONE_RULES; i++) {
		struct layout l =
			layout_held_by(102400, (enum pcpmm_zone_rules)i);
		bool whole = l.zone->rules->lists_by_block;
		uint32_t pfn = layout_pfn(&l, 2, 0);

		layout_hold(&l, pfn, ORDER_MAX, PCPMM_MIGRATE_MOVABLE);
		zone_reserve_highatomic(l.cpu, l.zone, pfn, ORDER_MAX);
		assert_int_equal(
			l.zone->nr_reserved_highatomic, whole ? 1024 : 512);
		assert_int_equal(zone_block_type(l.zone, layout_pfn(&l, 3, 0)),
			whole ? PCPMM_MIGRATE_HIGHATOMIC
			      : PCPMM_MIGRATE_MOVABLE);
		zone_free_one(l.cpu, l.zone, pfn, ORDER_MAX,
			PCPMM_MIGRATE_HIGHATOMIC);
		assert_int_equal(l.zone->free_area[ORDER_MAX]
					 .list[PCPMM_MIGRATE_HIGHATOMIC]
					 .nr,
			1);
		assert_true(zone_unreserve_highatomic(
			l.cpu, l.zone, PCPMM_MIGRATE_UNMOVABLE, true));
		assert_int_equal(l.zone->nr_reserved_highatomic, 0);
		assert_int_equal(
			layout_free_pages(&l, PCPMM_MIGRATE_UNMOVABLE), 1024);
		assert_int_equal(zone_block_type(l.zone, layout_pfn(&l, 3, 0)),
			whole ? PCPMM_MIGRATE_UNMOVABLE
			      : PCPMM_MIGRATE_MOVABLE);
		layout_end(&l);
	}
}

/* A pageblock in which the zone ends can not be the reserve's. */
static void test_no_reserve_at_the_edge(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_ZONE_RULES; i++) {
		struct layout l =
			layout_held_by(102400 + 256, (enum pcpmm_zone_rules)i);
		uint32_t pfn = layout_pfn(&l, 200, 0);

		zone_reserve_highatomic(l.cpu, l.zone, pfn, 0);
		assert_int_equal(l.zone->nr_reserved_highatomic,
			l.zone->rules->lists_by_block ? 0 : 512);
		layout_end(&l);
	}
}

/* What checks leave out: the reserve's size, or what of it is free. */
static void test_what_is_unusable(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_ZONE_RULES; i++) {
		struct layout l =
			layout_held_by(102400, (enum pcpmm_zone_rules)i);
		bool is_free = l.zone->rules->hides_free_reserve;
		uint32_t pfn;

		layout_free(&l, 0, 0, 4);
		zone_reserve_highatomic(
			l.cpu, l.zone, layout_pfn(&l, 0, 100), 0);
		assert_int_equal(l.zone->nr_reserved_highatomic, 512);
		assert_int_equal(
			zone_unusable_free(l.zone, 0, 0), is_free ? 16 : 512);
		assert_int_equal(
			zone_unusable_free(l.zone, 0, ALLOC_NON_BLOCK), 0);
		pfn = zone_rmqueue_buddy(l.cpu, l.zone, 2,
			PCPMM_MIGRATE_MOVABLE, ALLOC_HIGHATOMIC);
		assert_int_equal(pfn, layout_pfn(&l, 0, 0));
		layout_hold(&l, pfn, 2, PCPMM_MIGRATE_MOVABLE);
		assert_int_equal(
			zone_unusable_free(l.zone, 0, 0), is_free ? 12 : 512);
		expect_valid(l.machine); /* the gate has the same */
		zone_free_one(l.cpu, l.zone, pfn, 2, PCPMM_MIGRATE_HIGHATOMIC);
		assert_int_equal(
			zone_unusable_free(l.zone, 0, 0), is_free ? 16 : 512);
		zone_unreserve_highatomic(
			l.cpu, l.zone, PCPMM_MIGRATE_MOVABLE, true);
		assert_int_equal(zone_unusable_free(l.zone, 0, 0), 0);
		layout_end(&l);
	}
}

/* A recorded pageblock of the reserve counts as reserved, until it is another's. */
static void test_restored_reserve(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_ZONE_RULES; i++) {
		struct layout l =
			layout_held_by(102400, (enum pcpmm_zone_rules)i);
		bool is_free = l.zone->rules->hides_free_reserve;

		layout_free(&l, 1, 0, 4);
		layout_type(&l, 0, PCPMM_MIGRATE_HIGHATOMIC);
		layout_type(&l, 1, PCPMM_MIGRATE_HIGHATOMIC);
		layout_type(&l, 1, PCPMM_MIGRATE_HIGHATOMIC);
		assert_int_equal(l.zone->nr_reserved_highatomic, 1024);
		assert_int_equal(
			l.zone->unusable_highatomic, is_free ? 16 : 1024);
		layout_type(&l, 1, PCPMM_MIGRATE_MOVABLE);
		assert_int_equal(l.zone->nr_reserved_highatomic, 512);
		assert_int_equal(
			l.zone->unusable_highatomic, is_free ? 0 : 512);
		layout_end(&l);
	}
}

/* A request that may go below the marks: 5.10 fails it. */
static void test_reserve_as_last_resort(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_ZONE_RULES; i++) {
		struct layout l =
			layout_held_by(8192, (enum pcpmm_zone_rules)i);
		bool fails = i == PCPMM_ZONE_RULES_5_10;
		uint32_t pfn;

		layout_type(&l, 0, PCPMM_MIGRATE_HIGHATOMIC);
		layout_free(&l, 0, 0, 4);
		pfn = zone_rmqueue_buddy(l.cpu, l.zone, 1,
			PCPMM_MIGRATE_UNMOVABLE, ALLOC_NON_BLOCK);
		assert_int_equal(pfn, fails ? 0 : layout_pfn(&l, 0, 0));
		if (pfn)
			layout_hold(&l, pfn, 1, PCPMM_MIGRATE_UNMOVABLE);
		layout_end(&l);
	}
}

/* --- which requests ------------------------------------------------------ */

#define ATOMIC PCPMM_GFP_ATOMIC

/* Nothing is free but the first @blocks pageblocks. */
static struct layout layout_with_free(
	enum pcpmm_zone_rules rules, enum pcpmm_wmark_check check, int blocks)
{
	const struct shape shape = {
		.pages = {[PCPMM_ZONE_NORMAL] = 102400},
		.boot = PCPMM_BOOT_HELD,
		.min_free_kbytes = 1664, /* min 416, low 520 */
		.zone_rules = rules,
		.wmark_check = check,
	};
	struct layout l = layout_of(&shape);

	for (int i = 0; i < blocks; i++)
		layout_free(&l, (unsigned int)i, 0, PAGEBLOCK_ORDER);
	return l;
}

static uint64_t reserved_by(struct layout *l, uint32_t gfp, unsigned int order)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_get(l->machine, 0);
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, gfp, order);
	uint64_t pages = l->zone->nr_reserved_highatomic;

	assert_non_null(page);
	pcpmm_free_pages(cpu, page, order);
	return pages;
}

/*
 * The zone is between low and min, so that an atomic request gets its block at the
 * min mark. In 7.3 the zone's block makes the reserve grow, a list's does not; and
 * with enough free pages a request is for the reserve, but none grows.
 */
static void test_who_reserves(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_ZONE_RULES; i++) {
		enum pcpmm_zone_rules rules = (enum pcpmm_zone_rules)i;
		enum pcpmm_wmark_check check =
			rules == PCPMM_ZONE_RULES_5_10
				? PCPMM_WMARK_CHECK_HARDER
				: PCPMM_WMARK_CHECK_MIN_RESERVE;
		struct layout l = layout_with_free(rules, check, 1);

		assert_int_equal(reserved_by(&l, ATOMIC, 5), 512);
		layout_end(&l);
		l = layout_with_free(rules, check, 40);
		assert_int_equal(reserved_by(&l, ATOMIC, 5), 0);
		layout_end(&l);
		l = layout_with_free(rules, check, 1);
		layout_hold(
			&l, layout_pfn(&l, 9, 0), 2, PCPMM_MIGRATE_UNMOVABLE);
		layout_type(&l, 9, PCPMM_MIGRATE_UNMOVABLE);
		pcpmm_free_pages(pcpmm_cpu_get(l.machine, 0),
			&l.zone->memmap[layout_pfn(&l, 9, 0)], 2);
		assert_int_equal(reserved_by(&l, ATOMIC, 2),
			rules == PCPMM_ZONE_RULES_7_3 ? 0 : 512);
		layout_end(&l);
	}
}

/* In 7.3 the first look of an atomic request is at the reserve already. */
static void test_first_look(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_ZONE_RULES; i++) {
		struct layout l = layout_with_free((enum pcpmm_zone_rules)i,
			PCPMM_WMARK_CHECK_MIN_RESERVE, 40);
		struct pcpmm_cpu *cpu = pcpmm_cpu_get(l.machine, 0);
		struct pcpmm_page *page;
		unsigned int block;

		layout_type(&l, 50, PCPMM_MIGRATE_HIGHATOMIC);
		layout_free(&l, 50, 0, 8);
		page = pcpmm_alloc_pages(cpu, ATOMIC, 5);
		assert_non_null(page);
		block = (page_pfn(l.zone, page) - l.base) / 512;
		if (i == PCPMM_ZONE_RULES_7_3)
			assert_int_equal(block, 50);
		else
			assert_int_not_equal(block, 50);
		pcpmm_free_pages(cpu, page, 5);
		layout_end(&l);
	}
}

/*
 * ALLOC_HARDER is what makes a request one for the reserve in 5.10: __GFP_ATOMIC
 * does, __GFP_HIGH without reclaim alone does not.
 */
static void test_harder_reserves(void **state)
{
	const uint32_t high = ATOMIC & ~PCPMM___GFP_ATOMIC;

	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_ZONE_RULES; i++) {
		struct layout l = layout_with_free(
			(enum pcpmm_zone_rules)i, PCPMM_WMARK_CHECK_HARDER, 1);

		assert_int_equal(reserved_by(&l, high, 5),
			i == PCPMM_ZONE_RULES_5_10 ? 0 : 512);
		layout_end(&l);
	}
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
		cmocka_unit_test(test_limit_without_an_extra_block),
		cmocka_unit_test(test_large_block_is_reserved_whole),
		cmocka_unit_test(test_no_reserve_at_the_edge),
		cmocka_unit_test(test_what_is_unusable),
		cmocka_unit_test(test_restored_reserve),
		cmocka_unit_test(test_reserve_as_last_resort),
		cmocka_unit_test(test_who_reserves),
		cmocka_unit_test(test_first_look),
		cmocka_unit_test(test_harder_reserves),
	};

	return cmocka_run_group_tests_name("highatomic", tests, NULL, NULL);
}
