/* SPDX-License-Identifier: MIT */
/* The zones' rules of Linux 6.1, one by one. */
#include "support/harness.h"

#include "zone/zone.h"

#define UNMOVABLE PCPMM_MIGRATE_UNMOVABLE
#define MOVABLE PCPMM_MIGRATE_MOVABLE
#define RECLAIMABLE PCPMM_MIGRATE_RECLAIMABLE

static const struct zone_rules *const rules = &zone_rules_6_1;

static void test_fallbacks(void **state)
{
	static const uint8_t expected[][ZONE_FALLBACKS] = {
		[UNMOVABLE] = {RECLAIMABLE, MOVABLE},
		[MOVABLE] = {RECLAIMABLE, UNMOVABLE},
		[RECLAIMABLE] = {UNMOVABLE, MOVABLE},
	};

	(void)state;
	assert_memory_equal(rules->fallbacks, expected, sizeof(expected));
}

/* From half a pageblock's order on, or for types that can not move. */
static void test_can_steal(void **state)
{
	(void)state;
	for (unsigned int order = 0; order < NR_ORDERS; order++) {
		assert_true(rules->can_steal(order, UNMOVABLE));
		assert_true(rules->can_steal(order, RECLAIMABLE));
		assert_int_equal(rules->can_steal(order, MOVABLE), order >= 4);
	}
}

static bool changes(unsigned int start_type, unsigned int old_type,
	uint64_t free_pages, uint64_t movable_pages)
{
	const struct zone_claim claim = {
		.start_type = start_type,
		.old_type = old_type,
		.free_pages = free_pages,
		.movable_pages = movable_pages,
	};

	return rules->changes_type(&claim);
}

/* At least half of the 512 pages are free or alike. */
static void test_changes_type(void **state)
{
	(void)state;
	assert_true(changes(MOVABLE, UNMOVABLE, 1, 255));
	assert_false(changes(MOVABLE, UNMOVABLE, 1, 254));
	/* Pages neither free nor movable are alike to the new type. */
	assert_true(changes(UNMOVABLE, MOVABLE, 1, 256));
	assert_false(changes(UNMOVABLE, MOVABLE, 1, 257));
	/* Between unmovable and reclaimable no page is alike. */
	assert_true(changes(UNMOVABLE, RECLAIMABLE, 256, 0));
	assert_false(changes(UNMOVABLE, RECLAIMABLE, 255, 257));
}

static void test_highatomic_max(void **state)
{
	(void)state;
	assert_int_equal(rules->highatomic_max(0), 512);
	assert_int_equal(rules->highatomic_max(51199), 511 + 512);
	assert_int_equal(rules->highatomic_max(51200), 512 + 512);
}

static void test_may_merge(void **state)
{
	(void)state;
	for (unsigned int a = 0; a < NR_TYPES; a++) {
		assert_int_equal(rules->mergeable(a), a < 3);
		for (unsigned int b = 0; b < NR_TYPES; b++)
			assert_int_equal(rules->may_merge(a, b),
				a == b || (a < 3 && b < 3));
	}
}

static void test_percpu_refill(void **state)
{
	(void)state;
	for (unsigned int order = 0; order < NR_ORDERS; order++)
		for (unsigned int type = 0; type < NR_TYPES; type++)
			assert_int_equal(rules->percpu_refill(order, type),
				(order <= 3 || order == 9) && type < 3);
}

static void test_presets(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_PRESETS; i++)
		assert_ptr_equal(zone_rules_of(i), rules);
	assert_null(zone_rules_of(PCPMM_NR_PRESETS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fallbacks),
		cmocka_unit_test(test_can_steal),
		cmocka_unit_test(test_changes_type),
		cmocka_unit_test(test_highatomic_max),
		cmocka_unit_test(test_may_merge),
		cmocka_unit_test(test_percpu_refill),
		cmocka_unit_test(test_presets),
	};

	return cmocka_run_group_tests_name("zone_rules", tests, NULL, NULL);
}
