/* SPDX-License-Identifier: MIT */
/*
 * The rules of the lists: values worked out by hand from what is known of each
 * kernel, and what the public functions refuse.
 */
#include "support/harness.h"

#include <errno.h>
#include <pcpmm/rules.h>
#include <string.h>

#define NONE ((enum pcpmm_list_rules)PCPMM_NR_LIST_RULES)
#define R5_10 PCPMM_LIST_RULES_5_10
#define R6_1 PCPMM_LIST_RULES_6_1
#define R6_12 PCPMM_LIST_RULES_6_12
#define R6_18 PCPMM_LIST_RULES_6_18
#define R7_3 PCPMM_LIST_RULES_7_3
#define RECLAIM PCPMM_ZONE_RECLAIM_ACTIVE
#define BELOW PCPMM_ZONE_BELOW_HIGH
#define PREV PCPMM_PCP_PREV_FREE_HIGH_ORDER
#define BIG_CACHE PCPMM_PCP_FREE_HIGH_BATCH

static const enum pcpmm_list_rules with_high_orders[] = {
	R6_1, R6_12, R6_18, R7_3};
static const enum pcpmm_list_rules tuned[] = {R6_12, R6_18, R7_3};

/* --- which list ----------------------------------------------------------- */

static void expect_lists(enum pcpmm_list_rules rules)
{
	static const unsigned int orders[] = {0, 1, 2, 3};

	for (size_t i = 0; i < HARNESS_COUNT(orders); i++)
		for (unsigned int type = 0; type < 3; type++) {
			unsigned int order = orders[i];
			int list = (int)(3 * order + type);

			assert_int_equal(
				pcpmm_pcp_list_of(rules, order, type), list);
			assert_int_equal(
				pcpmm_pcp_list_order(rules, list), order);
			assert_int_equal(
				pcpmm_pcp_list_type(rules, list), type);
		}
	for (unsigned int type = 0; type < 3; type++)
		assert_int_equal(pcpmm_pcp_list_of(rules, 9, type),
			type == PCPMM_MIGRATE_MOVABLE ? 13 : 12);
	for (int list = 12; list < 14; list++)
		assert_int_equal(pcpmm_pcp_list_order(rules, list), 9);
	assert_int_equal(
		pcpmm_pcp_list_type(rules, 12), PCPMM_MIGRATE_UNMOVABLE);
	assert_int_equal(pcpmm_pcp_list_type(rules, 13), PCPMM_MIGRATE_MOVABLE);
	for (unsigned int order = 4; order <= PCPMM_ORDER_MAX; order++)
		if (order != 9)
			assert_int_equal(
				pcpmm_pcp_list_of(rules, order, 0), -1);
}

static void test_lists_of_high_orders(void **state)
{
	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(with_high_orders); i++)
		expect_lists(with_high_orders[i]);
}

static void test_lists_of_5_10(void **state)
{
	(void)state;
	for (unsigned int type = 0; type < 3; type++) {
		assert_int_equal(pcpmm_pcp_list_of(R5_10, 0, type), type);
		assert_int_equal(pcpmm_pcp_list_order(R5_10, (int)type), 0);
		assert_int_equal(pcpmm_pcp_list_type(R5_10, (int)type), type);
	}
	for (unsigned int order = 1; order <= PCPMM_ORDER_MAX; order++)
		assert_int_equal(pcpmm_pcp_list_of(R5_10, order, 1), -1);
	assert_int_equal(pcpmm_pcp_list_order(R5_10, 3), -1);
}

static void test_what_is_no_list(void **state)
{
	(void)state;
	for (unsigned int i = 0; i <= PCPMM_NR_LIST_RULES; i++) {
		enum pcpmm_list_rules rules = (enum pcpmm_list_rules)i;

		assert_int_equal(pcpmm_pcp_list_of(rules, 0, 3), -1);
		assert_int_equal(pcpmm_pcp_list_of(rules, 9, 4), -1);
		assert_int_equal(pcpmm_pcp_list_of(rules, 11, 0), -1);
		assert_int_equal(pcpmm_pcp_list_of(rules, UINT32_MAX, 0), -1);
		assert_int_equal(pcpmm_pcp_list_of(rules, 0, UINT32_MAX), -1);
		assert_int_equal(pcpmm_pcp_list_order(rules, -1), -1);
		assert_int_equal(pcpmm_pcp_list_order(rules, 14), -1);
		assert_int_equal(pcpmm_pcp_list_type(rules, -1), -1);
		assert_int_equal(pcpmm_pcp_list_type(rules, 14), -1);
	}
}

static void test_block_types(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_LIST_RULES; i++) {
		enum pcpmm_list_rules rules = (enum pcpmm_list_rules)i;

		for (unsigned int type = 0; type < 3; type++)
			assert_int_equal(
				pcpmm_pcp_listed_as(rules, type), type);
		assert_int_equal(
			pcpmm_pcp_listed_as(rules, PCPMM_MIGRATE_HIGHATOMIC),
			PCPMM_MIGRATE_MOVABLE);
		assert_int_equal(pcpmm_pcp_listed_as(rules, PCPMM_MIGRATE_CMA),
			PCPMM_MIGRATE_MOVABLE);
		assert_int_equal(
			pcpmm_pcp_listed_as(rules, PCPMM_MIGRATE_ISOLATE), -1);
		assert_int_equal(pcpmm_pcp_listed_as(rules, 99), -1);
	}
}

/* --- 5.10 ----------------------------------------------------------------- */

static void test_5_10(void **state)
{
	struct pcpmm_pcp_state s = {.batch = 63, .high = 378};

	(void)state;
	assert_int_equal(pcpmm_pcp_alloc(R5_10, &s), 0);
	assert_int_equal(pcpmm_pcp_refill(R5_10, &s, 0, 0, 0), 63);
	assert_int_equal(pcpmm_pcp_free(R5_10, &s, 377, 0, 0), 0);
	assert_int_equal(pcpmm_pcp_free(R5_10, &s, 378, 0, 0), 63);
	/* Neither reclaim nor a high order matters. */
	assert_int_equal(pcpmm_pcp_free(R5_10, &s, 300, 0, RECLAIM), 0);
	assert_false(pcpmm_pcp_free_high(R5_10, &s, 378, 1));
	assert_int_equal(pcpmm_pcp_spill_at(R5_10, &s, 0, RECLAIM, false), 378);
	/* A DMA zone: high 0, so that the page that came goes at once. */
	s = (struct pcpmm_pcp_state){.batch = 1};
	assert_int_equal(pcpmm_pcp_free(R5_10, &s, 1, 0, 0), 1);
	assert_int_equal(pcpmm_pcp_decay(R5_10, &s, 100), 0);
	assert_int_equal(pcpmm_pcp_drain_chunk(R5_10, 63), INT32_MAX);
}

/* The order in which pages of lists of these lengths leave, as list numbers. */
static void expect_turns(const int lengths[3], int pages, const char *expected)
{
	struct pcpmm_pcp_turn turn;
	char lists[64] = "";
	int left[3], nr = 0;

	memcpy(left, lengths, sizeof(left));
	assert_int_equal(pcpmm_pcp_turn_begin(R5_10, 1, &turn), 0);
	while (pages > 0) {
		uint32_t nonempty = 0;

		for (int i = 0; i < 3; i++)
			nonempty |= left[i] ? 1u << i : 0;
		assert_int_equal(
			pcpmm_pcp_turn_next(R5_10, &turn, nonempty, pages), 0);
		for (; pages && turn.blocks && left[turn.list]; pages--) {
			left[turn.list]--;
			turn.blocks--;
			lists[nr++] = (char)('0' + turn.list);
		}
	}
	assert_string_equal(lists, expected);
}

static void test_5_10_goes_round(void **state)
{
	(void)state;
	expect_turns((int[]){9, 9, 9}, 7, "1201201");
	expect_turns((int[]){0, 9, 9}, 6, "121121");
	expect_turns((int[]){0, 9, 0}, 5, "11111");
	/* A turn of two pages; then list 0 is alone, and all of it goes. */
	expect_turns((int[]){9, 0, 2}, 6, "220000");
	expect_turns((int[]){9, 1, 9}, 7, "1202202");
	/* A list that runs dry with one page of its turn left. */
	expect_turns((int[]){9, 0, 1}, 5, "20000");
}

/* --- 6.1 ------------------------------------------------------------------ */

static void test_6_1_refill(void **state)
{
	static const struct {
		int batch;
		unsigned int order;
		int blocks;
	} cases[] = {{63, 0, 63}, {63, 1, 31}, {63, 2, 15}, {63, 3, 7},
		{63, 9, 2}, {31, 0, 31}, {31, 3, 3}, {15, 3, 2}, {2, 9, 2},
		{1, 0, 1}, {1, 3, 1}};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		struct pcpmm_pcp_state s = {.batch = cases[i].batch};

		assert_int_equal(
			pcpmm_pcp_refill(R6_1, &s, 99, cases[i].order, BELOW),
			cases[i].blocks);
	}
}

static void test_6_1_factor(void **state)
{
	struct pcpmm_pcp_state s = {.batch = 63, .free_factor = 5};
	static const int halves[] = {2, 1, 0, 0};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(halves); i++) {
		assert_int_equal(pcpmm_pcp_alloc(R6_1, &s), 0);
		assert_int_equal(s.free_factor, halves[i]);
	}
}

static void test_6_1_mark(void **state)
{
	struct pcpmm_pcp_state s = {.batch = 63, .high = 500};

	(void)state;
	assert_int_equal(pcpmm_pcp_spill_at(R6_1, &s, 0, 0, false), 500);
	assert_int_equal(pcpmm_pcp_spill_at(R6_1, &s, 0, RECLAIM, false), 252);
	assert_int_equal(pcpmm_pcp_spill_at(R6_1, &s, 0, BELOW, false), 500);
	assert_int_equal(pcpmm_pcp_spill_at(R6_1, &s, 0, RECLAIM, true), 0);
	s.high = 200;
	assert_int_equal(pcpmm_pcp_spill_at(R6_1, &s, 0, RECLAIM, false), 200);
	for (unsigned int order = 0; order <= PCPMM_ORDER_MAX; order++) {
		s.free_factor = 0;
		assert_false(pcpmm_pcp_free_high(R6_1, &s, 0, order));
		s.free_factor = 1;
		assert_int_equal(pcpmm_pcp_free_high(R6_1, &s, 0, order),
			order >= 1 && order <= 3);
	}
}

static int spill_6_1(struct pcpmm_pcp_state *s, int high, int count)
{
	s->high = high;
	return pcpmm_pcp_free(R6_1, s, count, 0, 0);
}

/* nr_pcp_free: x = batch << old factor, within [batch, high - batch]. */
static void test_6_1_spill(void **state)
{
	static const int spilled[] = {
		63, 126, 252, 504, 1008, 2016, 2016, 2016};
	struct pcpmm_pcp_state s = {.batch = 63};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(spilled); i++)
		assert_int_equal(spill_6_1(&s, 8000, 100000), spilled[i]);
	assert_int_equal(s.free_factor, 5);
	assert_int_equal(spill_6_1(&s, 8000, 7999), 0);
	/* high - batch limits it, and then the factor stays. */
	s.free_factor = 1;
	assert_int_equal(spill_6_1(&s, 180, 180), 117);
	assert_int_equal(spill_6_1(&s, 189, 189), 126); /* the limit */
	assert_int_equal(s.free_factor, 1);
	/* ... but a batch is the least. */
	assert_int_equal(spill_6_1(&s, 100, 100), 63);
	/* Below a batch the list is disabled: one page, no factor. */
	assert_int_equal(spill_6_1(&s, 62, 100), 1);
	assert_int_equal(s.free_factor, 1);
	/* A high order empties the lists, and leaves the factor alone. */
	s.high = 8000;
	assert_int_equal(pcpmm_pcp_free(R6_1, &s, 777, 3, RECLAIM), 777);
	assert_int_equal(s.free_factor, 1);
	assert_int_equal(pcpmm_pcp_free(R6_1, &s, 777, 9, 0), 0);
}

/* --- from 6.7 ------------------------------------------------------------- */

static struct pcpmm_pcp_state tuned_state(int high)
{
	return (struct pcpmm_pcp_state){
		.batch = 63, .high = high, .high_min = 3464, .high_max = 7472};
}

/* The refills of a list that only gives: twice as many each, to the limit. */
static void test_tuned_refills_double(void **state)
{
	static const int blocks[] = {63, 126, 252, 504, 1008, 2016, 2016};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(tuned); i++) {
		struct pcpmm_pcp_state s = tuned_state(0);
		int high = 3464;

		for (size_t n = 0; n < HARNESS_COUNT(blocks); n++) {
			assert_int_equal(
				pcpmm_pcp_refill(tuned[i], &s, 0, 0, 0),
				blocks[n]);
			high += blocks[n];
			assert_int_equal(s.high, high < 7472 ? high : 7472);
		}
		assert_int_equal(s.alloc_factor, 5);
	}
}

static void expect_refill_limits(enum pcpmm_list_rules rules)
{
	struct pcpmm_pcp_state s = tuned_state(4000);

	/* high 4000 + 1008, of which 4900 are listed: 45 are left, so a batch. */
	s.alloc_factor = 4;
	assert_int_equal(pcpmm_pcp_refill(rules, &s, 4900, 0, 0), 63);
	assert_int_equal(s.high, 5008);
	assert_int_equal(s.alloc_factor, 4);
	/* ... 245 are, and they are no power of two of batches. */
	s.high = 4000;
	assert_int_equal(pcpmm_pcp_refill(rules, &s, 4700, 0, 0), 245);
	/* Below the high watermark high stays. */
	s = tuned_state(4000);
	assert_int_equal(pcpmm_pcp_refill(rules, &s, 0, 0, BELOW), 63);
	assert_int_equal(s.high, 4000);
	assert_int_equal(s.alloc_factor, 1);
	/* High orders: a batch of pages more high, and no factor. */
	s.alloc_factor = 3;
	assert_int_equal(pcpmm_pcp_refill(rules, &s, 0, 2, 0), 15);
	assert_int_equal(s.high, 4063);
	assert_int_equal(s.alloc_factor, 3);
	assert_int_equal(pcpmm_pcp_refill(rules, &s, 0, 9, 0), 2);
	/* percpu_pagelist_high_fraction: no tuning. */
	s = (struct pcpmm_pcp_state){
		.batch = 63, .high_min = 500, .high_max = 500};
	assert_int_equal(pcpmm_pcp_refill(rules, &s, 0, 0, 0), 63);
	assert_int_equal(s.high, 500);
	/* Disabled. */
	s = (struct pcpmm_pcp_state){.batch = 1, .high = 99};
	assert_int_equal(pcpmm_pcp_refill(rules, &s, 0, 0, 0), 1);
	assert_int_equal(s.high, 0);
}

static void test_tuned_refill_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(tuned); i++)
		expect_refill_limits(tuned[i]);
}

/* Late frees are what a spill frees: all that came since the last allocation. */
static void test_tuned_spill(void **state)
{
	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(tuned); i++) {
		struct pcpmm_pcp_state s = tuned_state(3464);
		int count;

		s.alloc_factor = 3;
		for (count = 3265; count < 3464; count++)
			assert_int_equal(
				pcpmm_pcp_free(tuned[i], &s, count, 0, 0), 0);
		assert_int_equal(s.alloc_factor, 0);
		assert_int_equal(s.free_count, 199);
		assert_int_equal(
			pcpmm_pcp_free(tuned[i], &s, count, 0, 0), 200);
		assert_int_equal(pcpmm_pcp_alloc(tuned[i], &s), 0);
		assert_int_equal(s.free_count, 100);
	}
}

static void expect_free_count(enum pcpmm_list_rules rules)
{
	struct pcpmm_pcp_state s = tuned_state(3464);

	/* The cap is looked at before the add: it may be passed. */
	s.free_count = 2015;
	pcpmm_pcp_free(rules, &s, 100, 3, 0);
	assert_int_equal(s.free_count, 2023);
	pcpmm_pcp_free(rules, &s, 100, 0, 0);
	assert_int_equal(s.free_count, 2023);
	/* A spill that needs more than high - batch raises high, and is
	 * limited by the high of before. */
	s = tuned_state(3464);
	s.high_min = 500;
	s.high = 600;
	s.free_count = 700;
	assert_int_equal(pcpmm_pcp_free(rules, &s, 600, 0, 0), 537);
	assert_int_equal(s.high, 764);
}

static void test_tuned_free_count(void **state)
{
	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(tuned); i++)
		expect_free_count(tuned[i]);
}

static void expect_under_pressure(enum pcpmm_list_rules rules)
{
	struct pcpmm_pcp_state s = tuned_state(5000);

	assert_int_equal(pcpmm_pcp_spill_at(rules, &s, 0, RECLAIM, false), 252);
	assert_int_equal(pcpmm_pcp_free(rules, &s, 251, 0, RECLAIM), 0);
	assert_int_equal(s.high, 5000 - 63);
	assert_int_equal(pcpmm_pcp_free(rules, &s, 252, 0, RECLAIM), 63);
	assert_int_equal(s.high, 5000 - 126);
	/* Below the high watermark: at high_min, and what is listed goes. */
	s = tuned_state(5000);
	s.free_count = 299;
	assert_int_equal(pcpmm_pcp_free(rules, &s, 3463, 0, BELOW), 0);
	assert_int_equal(s.high, 4700);
	assert_int_equal(pcpmm_pcp_free(rules, &s, 3464, 0, BELOW), 301);
	assert_int_equal(s.high, 4399);
	/* ... which no bound stops but high_min. */
	s = tuned_state(3500);
	pcpmm_pcp_free(rules, &s, 10, 0, RECLAIM);
	assert_int_equal(s.high, 3464);
}

static void test_tuned_under_pressure(void **state)
{
	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(tuned); i++)
		expect_under_pressure(tuned[i]);
}

/* Two frees of a high order in a row, and how many late frees before. */
static void test_tuned_free_high(void **state)
{
	static const struct {
		enum pcpmm_list_rules rules;
		int least;
	} cases[] = {{R6_12, 63}, {R6_18, 63 + 1732}, {R7_3, 63 + 1732}};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		struct pcpmm_pcp_state s = tuned_state(7000);

		s.free_count = cases[i].least;
		assert_int_equal(
			pcpmm_pcp_free(cases[i].rules, &s, 3000, 1, 0), 0);
		assert_int_equal(s.flags, PREV);
		/* batch << 5 pages at most; high comes down by as many. */
		assert_int_equal(
			pcpmm_pcp_free(cases[i].rules, &s, 3002, 1, 0), 2016);
		assert_int_equal(s.high, 7000 - 2016);
		assert_int_equal(
			pcpmm_pcp_free(cases[i].rules, &s, 900, 3, 0), 900);
		s.free_count = cases[i].least - 1;
		assert_false(pcpmm_pcp_free_high(cases[i].rules, &s, 3000, 1));
		s.free_count++;
		assert_true(pcpmm_pcp_free_high(cases[i].rules, &s, 3000, 1));
		/* A large cache keeps a batch. */
		s.flags |= BIG_CACHE;
		assert_false(pcpmm_pcp_free_high(cases[i].rules, &s, 62, 1));
		assert_true(pcpmm_pcp_free_high(cases[i].rules, &s, 63, 1));
		/* Order 0 and order 9 end the row. */
		pcpmm_pcp_free(cases[i].rules, &s, 100, 9, 0);
		assert_int_equal(s.flags, BIG_CACHE);
		assert_false(pcpmm_pcp_free_high(cases[i].rules, &s, 3000, 1));
	}
}

static void expect_decay(enum pcpmm_list_rules rules)
{
	struct pcpmm_pcp_state s = tuned_state(7000);

	assert_int_equal(pcpmm_pcp_decay(rules, &s, 6500), 375);
	assert_int_equal(s.high, 6125);
	/* At most batch << 5 pages at a time. */
	s = tuned_state(7000);
	assert_int_equal(pcpmm_pcp_decay(rules, &s, 8500), 2016);
	assert_int_equal(s.high, 6484);
	s = tuned_state(3500);
	assert_int_equal(pcpmm_pcp_decay(rules, &s, 10), 0);
	assert_int_equal(s.high, 3464);
	/* At the least high nothing decays, but a surplus goes. */
	assert_int_equal(pcpmm_pcp_decay(rules, &s, 3500), 36);
	assert_int_equal(s.high, 3464);
}

static void test_tuned_decay(void **state)
{
	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(tuned); i++)
		expect_decay(tuned[i]);
}

/* --- a bulk free from 5.18 -------------------------------------------------- */

static void test_list_at_a_time(void **state)
{
	struct pcpmm_pcp_turn turn;

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(with_high_orders); i++) {
		enum pcpmm_list_rules rules = with_high_orders[i];

		assert_int_equal(pcpmm_pcp_turn_begin(rules, -1, &turn), 0);
		assert_int_equal(turn.list, 0);
		assert_int_equal(turn.blocks, INT32_MAX);
		for (int list = 0; list < 14; list++) {
			uint32_t others = 0x3fffu & ~(1u << list);

			assert_int_equal(
				pcpmm_pcp_turn_begin(rules, list, &turn), 0);
			assert_int_equal(turn.list, list);
			assert_int_equal(
				pcpmm_pcp_turn_next(rules, &turn, others, 1),
				0);
			assert_int_equal(turn.list, (list + 1) % 14);
		}
		pcpmm_pcp_turn_begin(rules, 5, &turn);
		pcpmm_pcp_turn_next(rules, &turn, 1u << 2, 1);
		assert_int_equal(turn.list, 2);
		assert_int_equal(pcpmm_pcp_drain_chunk(rules, 63), 2016);
		assert_int_equal(pcpmm_pcp_drain_chunk(rules, 1), 32);
	}
}

/* --- refusals --------------------------------------------------------------- */

static void expect_refused(const struct pcpmm_pcp_state *bad)
{
	for (unsigned int i = 0; i < PCPMM_NR_LIST_RULES; i++) {
		enum pcpmm_list_rules rules = (enum pcpmm_list_rules)i;
		struct pcpmm_pcp_state s = *bad;

		assert_int_equal(pcpmm_pcp_alloc(rules, &s), -EINVAL);
		assert_int_equal(pcpmm_pcp_refill(rules, &s, 1, 0, 0), -EINVAL);
		assert_int_equal(pcpmm_pcp_free(rules, &s, 1, 0, 0), -EINVAL);
		assert_int_equal(pcpmm_pcp_decay(rules, &s, 1), -EINVAL);
		assert_int_equal(
			pcpmm_pcp_spill_at(rules, &s, 1, 0, false), -EINVAL);
		assert_false(pcpmm_pcp_free_high(rules, &s, 1, 1));
		assert_memory_equal(&s, bad, sizeof(s));
	}
}

static void test_bad_states(void **state)
{
	static const struct pcpmm_pcp_state bad[] = {
		{.batch = 0},
		{.batch = -1},
		{.batch = PCPMM_PCP_BATCH_MAX + 1},
		{.batch = 1, .high = -1},
		{.batch = 1, .high_min = -1},
		{.batch = 1, .high_min = 2, .high_max = 1},
		{.batch = 1, .free_factor = -1},
		{.batch = 1, .free_factor = PCPMM_PCP_FACTOR_MAX + 1},
		{.batch = 1, .alloc_factor = -1},
		{.batch = 1, .alloc_factor = PCPMM_PCP_FACTOR_MAX + 1},
		{.batch = 1, .free_count = -1},
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(bad); i++)
		expect_refused(&bad[i]);
}

static void test_bad_arguments(void **state)
{
	const struct pcpmm_pcp_state good = {.batch = 63, .high = 500};
	struct pcpmm_pcp_turn turn = {.list = 0};
	struct pcpmm_pcp_state s = good;

	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_LIST_RULES; i++) {
		enum pcpmm_list_rules rules = (enum pcpmm_list_rules)i;

		assert_int_equal(
			pcpmm_pcp_refill(rules, &s, -1, 0, 0), -EINVAL);
		assert_int_equal(
			pcpmm_pcp_refill(rules, &s, 1, 11, 0), -EINVAL);
		assert_int_equal(pcpmm_pcp_free(rules, &s, -1, 0, 0), -EINVAL);
		assert_int_equal(pcpmm_pcp_free(rules, &s, 1, 11, 0), -EINVAL);
		assert_int_equal(pcpmm_pcp_decay(rules, &s, -1), -EINVAL);
		assert_int_equal(pcpmm_pcp_drain_chunk(rules, 0), -EINVAL);
		assert_int_equal(
			pcpmm_pcp_turn_begin(rules, -2, &turn), -EINVAL);
		assert_int_equal(
			pcpmm_pcp_turn_begin(rules, 14, &turn), -EINVAL);
		assert_int_equal(
			pcpmm_pcp_turn_next(rules, &turn, 0, 1), -EINVAL);
		assert_int_equal(pcpmm_pcp_turn_next(rules, &turn, 1u << 14, 1),
			-EINVAL);
		assert_int_equal(
			pcpmm_pcp_turn_next(rules, &turn, 1, 0), -EINVAL);
		assert_memory_equal(&s, &good, sizeof(s));
	}
}

/* The largest values that are allowed wrap nothing. */
static void test_largest_values(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_LIST_RULES; i++) {
		enum pcpmm_list_rules rules = (enum pcpmm_list_rules)i;
		struct pcpmm_pcp_state s = {.batch = PCPMM_PCP_BATCH_MAX,
			.high = INT32_MAX,
			.high_min = 0,
			.high_max = INT32_MAX,
			.free_factor = PCPMM_PCP_FACTOR_MAX,
			.alloc_factor = PCPMM_PCP_FACTOR_MAX,
			.free_count = PCPMM_PCP_BATCH_MAX
				      << PCPMM_PCP_FACTOR_MAX};

		assert_true(pcpmm_pcp_refill(rules, &s, INT32_MAX, 0, 0) > 0);
		assert_true(pcpmm_pcp_free(rules, &s, INT32_MAX, 0, 0) > 0);
		assert_true(pcpmm_pcp_decay(rules, &s, INT32_MAX) >= 0);
		assert_true(
			pcpmm_pcp_drain_chunk(rules, PCPMM_PCP_BATCH_MAX) > 0);
	}
}

static void test_unknown_rules(void **state)
{
	struct pcpmm_pcp_state s = {.batch = 63, .high = 500};
	struct pcpmm_pcp_turn turn = {.list = 0};

	(void)state;
	assert_int_equal(pcpmm_pcp_list_of(NONE, 0, 0), -1);
	assert_int_equal(pcpmm_pcp_listed_as(NONE, 0), -1);
	assert_int_equal(pcpmm_pcp_alloc(NONE, &s), -EINVAL);
	assert_int_equal(pcpmm_pcp_refill(NONE, &s, 0, 0, 0), -EINVAL);
	assert_int_equal(pcpmm_pcp_free(NONE, &s, 0, 0, 0), -EINVAL);
	assert_int_equal(pcpmm_pcp_spill_at(NONE, &s, 0, 0, false), -EINVAL);
	assert_int_equal(pcpmm_pcp_decay(NONE, &s, 0), -EINVAL);
	assert_int_equal(pcpmm_pcp_turn_begin(NONE, 0, &turn), -EINVAL);
	assert_int_equal(pcpmm_pcp_turn_next(NONE, &turn, 1, 1), -EINVAL);
	assert_int_equal(pcpmm_pcp_drain_chunk(NONE, 63), -EINVAL);
	assert_false(pcpmm_pcp_free_high(NONE, &s, 0, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists_of_high_orders),
		cmocka_unit_test(test_lists_of_5_10),
		cmocka_unit_test(test_what_is_no_list),
		cmocka_unit_test(test_block_types),
		cmocka_unit_test(test_5_10),
		cmocka_unit_test(test_5_10_goes_round),
		cmocka_unit_test(test_6_1_refill),
		cmocka_unit_test(test_6_1_factor),
		cmocka_unit_test(test_6_1_mark),
		cmocka_unit_test(test_6_1_spill),
		cmocka_unit_test(test_tuned_refills_double),
		cmocka_unit_test(test_tuned_refill_limits),
		cmocka_unit_test(test_tuned_spill),
		cmocka_unit_test(test_tuned_free_count),
		cmocka_unit_test(test_tuned_under_pressure),
		cmocka_unit_test(test_tuned_free_high),
		cmocka_unit_test(test_tuned_decay),
		cmocka_unit_test(test_list_at_a_time),
		cmocka_unit_test(test_bad_states),
		cmocka_unit_test(test_bad_arguments),
		cmocka_unit_test(test_largest_values),
		cmocka_unit_test(test_unknown_rules),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
