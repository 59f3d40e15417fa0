/* SPDX-License-Identifier: MIT */
/* The zones' rules of each kernel, one by one. */
#include "support/harness.h"

#include "zone/zone.h"

#define UNMOVABLE PCPMM_MIGRATE_UNMOVABLE
#define MOVABLE PCPMM_MIGRATE_MOVABLE
#define RECLAIMABLE PCPMM_MIGRATE_RECLAIMABLE
#define ISOLATE PCPMM_MIGRATE_ISOLATE

/* 5.10, then 6.1, then those from 6.10 on. */
static const struct kernel {
	const char *name;
	bool is_5_10;
	bool by_block; /* 6.10 */
} kernels[PCPMM_NR_ZONE_RULES] = {
	[PCPMM_ZONE_RULES_5_10] = {.name = "5.10", .is_5_10 = true},
	[PCPMM_ZONE_RULES_6_1] = {.name = "6.1"},
	[PCPMM_ZONE_RULES_6_12] = {.name = "6.12", .by_block = true},
	[PCPMM_ZONE_RULES_6_18] = {.name = "6.18", .by_block = true},
	[PCPMM_ZONE_RULES_7_3] = {.name = "7.3", .by_block = true},
};

/* Each test goes through all of them. */
#define FOR_EACH_KERNEL(i, rules)                                              \
	for (unsigned int i = 0; i < PCPMM_NR_ZONE_RULES; i++)                 \
		for (const struct zone_rules *rules = zone_rules_of(i); rules; \
			rules = NULL)

static void test_fallbacks(void **state)
{
	static const uint8_t expected[][ZONE_FALLBACKS] = {
		[UNMOVABLE] = {RECLAIMABLE, MOVABLE},
		[MOVABLE] = {RECLAIMABLE, UNMOVABLE},
		[RECLAIMABLE] = {UNMOVABLE, MOVABLE},
	};

	(void)state;
	FOR_EACH_KERNEL(i, rules)
	assert_memory_equal(rules->fallbacks, expected, sizeof(expected));
}

/* From half a pageblock's order on, or for types that can not move. */
static void test_can_steal(void **state)
{
	(void)state;
	FOR_EACH_KERNEL(i, rules)
	for (unsigned int order = 0; order < NR_ORDERS; order++) {
		assert_true(rules->can_steal(order, UNMOVABLE));
		assert_true(rules->can_steal(order, RECLAIMABLE));
		assert_int_equal(rules->can_steal(order, MOVABLE), order >= 4);
	}
}

/* 5.10 does not ask how large the request is. */
static void test_nofragment_order(void **state)
{
	(void)state;
	FOR_EACH_KERNEL(i, rules)
	for (unsigned int order = 0; order < NR_ORDERS; order++)
		assert_int_equal(rules->nofragment_order(order),
			order == 10 && !kernels[i].is_5_10 ? 10 : 9);
}

static bool changes(const struct zone_rules *rules, unsigned int start_type,
	unsigned int old_type, uint64_t free_pages, uint64_t movable_pages)
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
	FOR_EACH_KERNEL(i, rules)
	{
		assert_true(changes(rules, MOVABLE, UNMOVABLE, 1, 255));
		assert_false(changes(rules, MOVABLE, UNMOVABLE, 1, 254));
		/* Neither free nor movable: alike to the new type. */
		assert_true(changes(rules, UNMOVABLE, MOVABLE, 1, 256));
		assert_false(changes(rules, UNMOVABLE, MOVABLE, 1, 257));
		/* Between unmovable and reclaimable no page is alike. */
		assert_true(changes(rules, UNMOVABLE, RECLAIMABLE, 256, 0));
		assert_false(changes(rules, UNMOVABLE, RECLAIMABLE, 255, 257));
	}
}

/* 1 % and a block; from 6.12 on 1 %, rounded up, or none if it is less than one. */
static void test_highatomic_max(void **state)
{
	static const struct {
		uint64_t managed, to_6_1, from_6_12;
	} cases[] = {
		{0, 512, 0},
		{51199, 511 + 512, 0},
		{51200, 512 + 512, 512},
		{51300, 513 + 512, 1024},
		{102400, 1024 + 512, 1024},
		{102500, 1025 + 512, 1536},
	};

	(void)state;
	FOR_EACH_KERNEL(i, rules)
	for (size_t j = 0; j < HARNESS_COUNT(cases); j++)
		assert_int_equal(rules->highatomic_max(cases[j].managed),
			kernels[i].by_block ? cases[j].from_6_12
					    : cases[j].to_6_1);
}

/* 5.10 keeps isolated blocks apart, and no others. */
static void test_may_merge(void **state)
{
	(void)state;
	FOR_EACH_KERNEL(i, rules)
	for (unsigned int a = 0; a < NR_TYPES; a++) {
		assert_int_equal(rules->may_reserve(a), a < 3);
		for (unsigned int b = 0; b < NR_TYPES; b++)
			assert_int_equal(rules->may_merge(a, b),
				kernels[i].is_5_10
					? (a == ISOLATE) == (b == ISOLATE)
					: a == b || (a < 3 && b < 3));
	}
}

static void test_percpu_refill(void **state)
{
	(void)state;
	FOR_EACH_KERNEL(i, rules)
	for (unsigned int order = 0; order < NR_ORDERS; order++)
		for (unsigned int type = 0; type < NR_TYPES; type++)
			assert_int_equal(rules->percpu_refill(order, type),
				kernels[i].is_5_10
					? order == 0
					: (order <= 3 || order == 9) &&
						  type < 3);
}

/* Yes or no, by kernel. */
static void test_ways(void **state)
{
	(void)state;
	FOR_EACH_KERNEL(i, rules)
	{
		bool by_block = kernels[i].by_block;
		bool is_7_3 = i == PCPMM_ZONE_RULES_7_3;

		assert_int_equal(rules->has_modes, by_block);
		assert_int_equal(rules->lists_by_block, by_block);
		assert_int_equal(rules->counts_each, by_block);
		assert_int_equal(rules->hides_free_reserve, by_block);
		assert_int_equal(
			rules->reserves_for_harder, kernels[i].is_5_10);
		assert_int_equal(
			rules->reserve_is_last_resort, !kernels[i].is_5_10);
		assert_int_equal(rules->reserves_at_min, is_7_3);
	}
}

static const struct zone_rules *rules_of_preset(const char *preset)
{
	struct pcpmm_config config = config_of(NULL, 1, 1);

	assert_int_equal(pcpmm_config_set(&config, "preset", preset, NULL), 0);
	return zone_rules_of(config.zone_rules);
}

/* Kernels have their own rules, series those of 6.1. */
static void test_presets(void **state)
{
	const char *const *presets = pcpmm_axis_values("preset");

	(void)state;
	for (; *presets; presets++) {
		const struct zone_rules *expected = &zone_rules_6_1;

		FOR_EACH_KERNEL(i, rules)
		if (!strncmp(*presets, "linux-", 6) &&
			!strcmp(*presets + 6, kernels[i].name))
			expected = rules;
		assert_ptr_equal(rules_of_preset(*presets), expected);
	}
	assert_ptr_equal(rules_of_preset("linux-5.10"), &zone_rules_5_10);
	assert_ptr_equal(rules_of_preset("linux-6.12"), &zone_rules_6_12);
	assert_ptr_equal(rules_of_preset("linux-6.18"), &zone_rules_6_18);
	assert_ptr_equal(rules_of_preset("linux-7.3"), &zone_rules_7_3);
	assert_null(zone_rules_of(PCPMM_NR_ZONE_RULES));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fallbacks),
		cmocka_unit_test(test_can_steal),
		cmocka_unit_test(test_nofragment_order),
		cmocka_unit_test(test_changes_type),
		cmocka_unit_test(test_highatomic_max),
		cmocka_unit_test(test_may_merge),
		cmocka_unit_test(test_percpu_refill),
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_presets),
	};

	return cmocka_run_group_tests_name("zone_rules", tests, NULL, NULL);
}
