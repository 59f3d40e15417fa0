/* SPDX-License-Identifier: MIT */
/*
 * The lists' rules in the public interface: the numbers of Linux 6.1, for each
 * preset, and what is refused.
 */
#include "support/harness.h"

#include <errno.h>
#include <pcpmm/rules.h>

#define P PCPMM_PRESET_LINUX_6_1
#define NONE ((enum pcpmm_preset)PCPMM_NR_PRESETS)

static void test_lists(void **state)
{
	static const int expected[][3] = {
		{0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {9, 10, 11}};

	(void)state;
	for (unsigned int order = 0; order <= PCPMM_ORDER_MAX; order++)
		for (unsigned int type = 0; type < 3; type++) {
			int list = -1;

			if (order <= 3)
				list = expected[order][type];
			else if (order == 9)
				list = type == 1 ? 13 : 12;
			assert_int_equal(
				pcpmm_pcp_list_of(P, order, type), list);
			if (list < 0)
				continue;
			assert_int_equal(pcpmm_pcp_list_order(P, list), order);
			if (list != 12)
				assert_int_equal(
					pcpmm_pcp_list_type(P, list), type);
		}
	/* Two types share the list; the lower one is returned. */
	assert_int_equal(pcpmm_pcp_list_type(P, 12), PCPMM_MIGRATE_UNMOVABLE);
}

/* Each list is the list of its order and type. */
static void test_lists_round(void **state)
{
	(void)state;
	for (int list = 0; list < PCPMM_NR_PCP_LISTS; list++)
		assert_int_equal(
			pcpmm_pcp_list_of(P,
				(unsigned int)pcpmm_pcp_list_order(P, list),
				(unsigned int)pcpmm_pcp_list_type(P, list)),
			list);
}

static void test_no_such_list(void **state)
{
	(void)state;
	assert_int_equal(pcpmm_pcp_list_of(P, 0, 3), -1);
	assert_int_equal(pcpmm_pcp_list_of(P, 9, 4), -1);
	assert_int_equal(pcpmm_pcp_list_of(P, 11, 0), -1);
	assert_int_equal(pcpmm_pcp_list_of(P, (unsigned int)-1, 0), -1);
	assert_int_equal(pcpmm_pcp_list_of(P, 0, (unsigned int)-1), -1);
	assert_int_equal(pcpmm_pcp_list_order(P, -1), -1);
	assert_int_equal(pcpmm_pcp_list_order(P, 14), -1);
	assert_int_equal(pcpmm_pcp_list_type(P, -1), -1);
	assert_int_equal(pcpmm_pcp_list_type(P, 14), -1);
	assert_int_equal(pcpmm_pcp_bulk_first(P, -2), -1);
	assert_int_equal(pcpmm_pcp_bulk_first(P, 14), -1);
	assert_int_equal(pcpmm_pcp_bulk_next(P, -1), -1);
	assert_int_equal(pcpmm_pcp_bulk_next(P, 14), -1);
}

static void test_types_without_a_list_use_movables(void **state)
{
	(void)state;
	for (unsigned int type = 0; type < PCPMM_MIGRATE_PCPTYPES; type++)
		assert_int_equal(pcpmm_pcp_listed_as(P, type), type);
	assert_int_equal(pcpmm_pcp_listed_as(P, PCPMM_MIGRATE_HIGHATOMIC),
		PCPMM_MIGRATE_MOVABLE);
	assert_int_equal(pcpmm_pcp_listed_as(P, PCPMM_MIGRATE_CMA),
		PCPMM_MIGRATE_MOVABLE);
	assert_int_equal(pcpmm_pcp_listed_as(P, PCPMM_MIGRATE_ISOLATE), -1);
	assert_int_equal(pcpmm_pcp_listed_as(P, 99), -1);
}

static void test_refill(void **state)
{
	static const struct {
		unsigned int order;
		int batch, blocks;
	} cases[] = {
		{0, 63, 63},
		{1, 63, 31},
		{2, 63, 15},
		{3, 63, 7},
		{9, 63, 2},
		{3, 31, 3},
		{3, 15, 2},
		{9, 2, 2},
		{0, 1, 1},
		{3, 1, 1},
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++)
		assert_int_equal(pcpmm_pcp_refill_size(
					 P, cases[i].batch, cases[i].order),
			cases[i].blocks);
	for (int factor = 0; factor <= PCPMM_PCP_FACTOR_MAX; factor++)
		assert_int_equal(
			pcpmm_pcp_factor_after_alloc(P, factor), factor / 2);
}

static void test_spill_mark(void **state)
{
	(void)state;
	assert_int_equal(pcpmm_pcp_spill_at(P, 500, 63, false, false), 500);
	assert_int_equal(pcpmm_pcp_spill_at(P, 500, 63, true, false), 252);
	assert_int_equal(pcpmm_pcp_spill_at(P, 200, 63, true, false), 200);
	assert_int_equal(pcpmm_pcp_spill_at(P, 500, 63, false, true), 0);
	assert_int_equal(pcpmm_pcp_spill_at(P, 500, 63, true, true), 0);
	assert_int_equal(pcpmm_pcp_spill_at(P, 0, 1, true, false), 0);
	for (unsigned int order = 0; order <= PCPMM_ORDER_MAX; order++) {
		assert_int_equal(pcpmm_pcp_free_high(P, order, 1),
			order >= 1 && order <= 3);
		assert_false(pcpmm_pcp_free_high(P, order, 0));
	}
}

static int spill(int mark, int *factor)
{
	return pcpmm_pcp_spill_size(P, 100000, mark, 63, false, factor);
}

static void test_spill_doubles_up_to_a_cap(void **state)
{
	static const int spilled[] = {
		63, 126, 252, 504, 1008, 2016, 2016, 2016};
	int factor = 0;

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(spilled); i++)
		assert_int_equal(spill(8000, &factor), spilled[i]);
	assert_int_equal(factor, 5);
	factor = 1;
	assert_int_equal(spill(180, &factor), 117);
	assert_int_equal(factor, 1);
	assert_int_equal(spill(189, &factor), 126);
	assert_int_equal(factor, 1);
	assert_int_equal(spill(190, &factor), 126);
	assert_int_equal(factor, 2);
	assert_int_equal(spill(100, &factor), 63);
	assert_int_equal(spill(62, &factor), 1);
	assert_int_equal(factor, 2);
	assert_int_equal(
		pcpmm_pcp_spill_size(P, 777, 0, 63, true, &factor), 777);
	assert_int_equal(factor, 2);
}

static void test_bulk(void **state)
{
	(void)state;
	assert_int_equal(pcpmm_pcp_bulk_first(P, -1), 0);
	for (int list = 0; list < PCPMM_NR_PCP_LISTS; list++) {
		assert_int_equal(pcpmm_pcp_bulk_first(P, list), list);
		assert_int_equal(pcpmm_pcp_bulk_next(P, list),
			(list + 1) % PCPMM_NR_PCP_LISTS);
	}
	assert_int_equal(pcpmm_pcp_drain_chunk(P, 63), 2016);
	assert_int_equal(pcpmm_pcp_drain_chunk(P, 1), 32);
}

/* The ends of the ranges are accepted, values beyond them refused. */
static void test_ranges(void **state)
{
	int factor = PCPMM_PCP_FACTOR_MAX;

	(void)state;
	assert_int_equal(
		pcpmm_pcp_refill_size(P, PCPMM_PCP_BATCH_MAX, 0), 1 << 24);
	assert_int_equal(
		pcpmm_pcp_drain_chunk(P, PCPMM_PCP_BATCH_MAX), 1 << 29);
	assert_int_equal(pcpmm_pcp_spill_size(P, INT32_MAX, INT32_MAX,
				 PCPMM_PCP_BATCH_MAX, false, &factor),
		1 << 30);
	assert_int_equal(factor, PCPMM_PCP_FACTOR_MAX);
	assert_int_equal(pcpmm_pcp_spill_at(P, INT32_MAX, PCPMM_PCP_BATCH_MAX,
				 true, false),
		1 << 26);
	assert_int_equal(pcpmm_pcp_refill_size(P, 0, 0), -EINVAL);
	assert_int_equal(
		pcpmm_pcp_refill_size(P, PCPMM_PCP_BATCH_MAX + 1, 0), -EINVAL);
	assert_int_equal(pcpmm_pcp_refill_size(P, 63, 11), -EINVAL);
	assert_int_equal(pcpmm_pcp_factor_after_alloc(P, -1), -EINVAL);
	assert_int_equal(pcpmm_pcp_factor_after_alloc(P, 7), -EINVAL);
	assert_false(pcpmm_pcp_free_high(P, 1, -1));
	assert_int_equal(pcpmm_pcp_spill_at(P, -1, 63, false, false), -EINVAL);
	assert_int_equal(pcpmm_pcp_spill_at(P, 63, 0, false, false), -EINVAL);
	assert_int_equal(pcpmm_pcp_drain_chunk(P, 0), -EINVAL);
	factor = 7;
	assert_int_equal(spill(8000, &factor), -EINVAL);
	assert_int_equal(factor, 7);
	factor = 0;
	assert_int_equal(spill(-1, &factor), -EINVAL);
	assert_int_equal(
		pcpmm_pcp_spill_size(P, -1, 8000, 63, false, &factor), -EINVAL);
	assert_int_equal(
		pcpmm_pcp_spill_size(P, 1, 8000, 0, false, &factor), -EINVAL);
	assert_int_equal(factor, 0);
}

static void test_presets(void **state)
{
	int factor = 0;

	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_PRESETS; i++) {
		enum pcpmm_preset preset = (enum pcpmm_preset)i;

		assert_int_equal(pcpmm_pcp_list_of(preset, 0, 0), 0);
		assert_int_equal(pcpmm_pcp_refill_size(preset, 63, 0), 63);
	}
	assert_int_equal(pcpmm_pcp_list_of(NONE, 0, 0), -1);
	assert_int_equal(pcpmm_pcp_list_order(NONE, 0), -1);
	assert_int_equal(pcpmm_pcp_list_type(NONE, 0), -1);
	assert_int_equal(pcpmm_pcp_listed_as(NONE, 0), -1);
	assert_int_equal(pcpmm_pcp_refill_size(NONE, 63, 0), -EINVAL);
	assert_int_equal(pcpmm_pcp_factor_after_alloc(NONE, 0), -EINVAL);
	assert_false(pcpmm_pcp_free_high(NONE, 1, 1));
	assert_int_equal(
		pcpmm_pcp_spill_at(NONE, 500, 63, false, false), -EINVAL);
	assert_int_equal(
		pcpmm_pcp_spill_size(NONE, 1, 1, 1, false, &factor), -EINVAL);
	assert_int_equal(pcpmm_pcp_bulk_first(NONE, 0), -1);
	assert_int_equal(pcpmm_pcp_bulk_next(NONE, 0), -1);
	assert_int_equal(pcpmm_pcp_drain_chunk(NONE, 63), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_lists_round),
		cmocka_unit_test(test_no_such_list),
		cmocka_unit_test(test_types_without_a_list_use_movables),
		cmocka_unit_test(test_refill),
		cmocka_unit_test(test_spill_mark),
		cmocka_unit_test(test_spill_doubles_up_to_a_cap),
		cmocka_unit_test(test_bulk),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_presets),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
