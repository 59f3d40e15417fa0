/* SPDX-License-Identifier: MIT */
/*
 * The replay that predicts: one small trace for each thing that it predicts, learns or
 * repairs.
 */
#include "causal_lines.h"

/* --- refills and frames ----------------------------------------------------------- */

/* The first refill is learned, the next one predicted, and all frames. */
static void test_refill(void **state)
{
	(void)state;
	predict(FIRST ALLOC(0x2101, 0) TWO(0x2102, 0x2103) ALLOC(0x2102, 0)
			ALLOC(0x2103, 0));
	expect_calls(&out.closed.score.refill, 1, 1, 0, 0);
	expect_calls(&out.step.score.refill, 1, 1, 0, 0);
	assert_int_equal(out.closed.adjusted.fitted_refills, 1);
	assert_int_equal(out.closed.unknown.refills, 1);
	expect_rate(&out.closed.score.pfn_alloc, 4, 4);
	expect_rate(&out.closed.score.zone, 4, 4);
	assert_int_equal(out.step.adjusted.lists_set, 0);
}

/* One page is left when the kernel refills. */
static void test_refill_early(void **state)
{
	(void)state;
	predict(FIRST TWO(0x2102, 0x2103) ALLOC(0x2102, 0) ALLOC(0x2103, 0));
	expect_calls(&out.closed.score.refill, 1, 0, 1, 0);
	expect_calls(&out.step.score.refill, 1, 0, 0, 0);
	assert_int_equal(out.closed.adjusted.lists_set, 0);
	assert_int_equal(out.step.adjusted.lists_set, 1);
	assert_int_equal(out.step.adjusted.taken_unseen, 1);
	/* The step run has the recorded list again. */
	assert_int_equal(out.step.score.pfn_alloc.right, 2);
	assert_true(out.closed.score.pfn_alloc.right < 2);
}

/* The list is empty, and the kernel does not refill: false in both. */
static void test_refill_late(void **state)
{
	(void)state;
	predict(FIRST ALLOC(0x2101, 0) ALLOC(0x2111, 0));
	expect_calls(&out.closed.score.refill, 0, 0, 1, 0);
	expect_calls(&out.step.score.refill, 0, 0, 1, 0);
	assert_int_equal(out.step.adjusted.lists_forgotten, 1);
}

/* A refill of another size counts by its pages. */
static void test_refill_size(void **state)
{
	(void)state;
	predict(FIRST ALLOC(0x2101, 0) REFILL LOCKED(0x2102) LOCKED(0x2103)
			LOCKED(0x2104) REFILLED ALLOC(0x2102, 0)
				ALLOC(0x2103, 0) ALLOC(0x2104, 0));
	assert_int_equal(out.step.score.refill.predicted, 1);
	assert_int_equal(out.step.score.refill.pages, 3);
	assert_int_equal(out.step.score.refill.off_pages, 1);
	expect_rate(&out.step.score.pfn_alloc, 5, 5);
}

/* A free goes on top: the next allocation gets that page. */
static void test_last_in_first_out(void **state)
{
	(void)state;
	predict(FIRST FREE(0x2100) ALLOC(0x2100, 0) ALLOC(0x2101, 0));
	expect_rate(&out.closed.score.pfn_alloc, 3, 3);
	predict(FIRST FREE(0x2100) ALLOC(0x2101, 0) ALLOC(0x2100, 0));
	expect_rate(&out.closed.score.pfn_alloc, 1, 3);
}

/* An allocation whose line comes behind others is done at its refill's end. */
static void test_late_line(void **state)
{
	(void)state;
	predict(FIRST ALLOC(0x2101, 0) TWO(0x2102, 0x2103) FREE(0x2101)
			ALLOC(0x2102, 0) ALLOC(0x2101, 0));
	expect_calls(&out.closed.score.refill, 1, 1, 0, 0);
	expect_rate(&out.closed.score.pfn_alloc, 4, 4);
	assert_int_equal(out.closed.adjusted.alone, 1);
}

/* --- bulk allocations --------------------------------------------------------------- */

static void test_bulk(void **state)
{
	(void)state;
	predict(FIRST ALLOC(0x2101, 0) BULK(3) TWO(0x2102, 0x2103)
			TWO(0x2104, 0x2105) BULK_RET(3) ALLOC(0x2105, 0));
	expect_calls(&out.closed.score.refill, 2, 2, 0, 0);
	expect_rate(&out.closed.score.pfn_alloc, 3, 3);
	assert_int_equal(out.closed.adjusted.bulk_pages_given, 3);
}

/* Without its probe: not scored, as nothing recorded caused it. */
static void test_bulk_unseen(void **state)
{
	(void)state;
	predict(FIRST REFILL LOCKED(0x2102) LOCKED(0x2103)
			REFILLED_FOR_BULK ALLOC(0x2103, 0));
	expect_calls(&out.step.score.refill, 0, 0, 0, 0);
	assert_int_equal(out.step.adjusted.bulk_unseen, 1);
	/* It took what the list had, and the refill's first page. */
	expect_rate(&out.step.score.pfn_alloc, 2, 2);
	assert_int_equal(out.step.adjusted.taken_unseen, 1);
}

/* --- bulk frees ---------------------------------------------------------------------- */

/* The first tells of count, marks and state; the next is predicted, with its pages. */
#define BULK_OF_TWO                                                            \
	BULK(2)                                                                \
	L("refill: (x) zone=\"DMA32\" order=0 n=2 list=0x1 mt=0 pcp=0x10"      \
	  " count=1 high=8 batch=2")                                           \
	LOCKED(0x2100) LOCKED(0x2101) REFILLED_FOR_BULK BULK_RET(2)

/*
 * A bulk allocation takes the last page of an unknown list and refills: the counts
 * say how many it took before, so the list is known from then on.
 */
static void test_bulk_empties_unknown(void **state)
{
	(void)state;
	predict(MARKS SEVEN SPILL(6, 8, 0) DRAINED(0x2300) DRAINED(0x2301)
			DRAINED(0x2302) DRAINED(0x2303) DRAINED(0x2304)
				DRAINED(0x2305) BULK_OF_TWO ALLOC(0x2101, 0)
					TWO(0x2102, 0x2103) ALLOC(0x2102, 0));
	assert_int_equal(out.closed.adjusted.fitted_refills, 1);
	expect_calls(&out.closed.score.refill, 1, 1, 0, 0);
	expect_calls(&out.step.score.refill, 1, 1, 0, 0);
	expect_rate(&out.closed.score.pfn_alloc, 2, 2);
}

static void test_spill(void **state)
{
	(void)state;
	predict(EMPTIED SEVEN FREE(0x2307) SPILL(2, 8, 1) DRAINED(0x2300)
			DRAINED(0x2301));
	expect_calls(&out.closed.score.spill, 1, 1, 0, 0);
	expect_rate(&out.closed.score.pfn_spill, 2, 2);
	assert_int_equal(out.closed.adjusted.fitted_spills, 1);
	assert_int_equal(out.closed.unknown.slots, 0);
	assert_int_equal(out.closed.unknown.lists, 0);
}

static void test_spill_from_the_other_end(void **state)
{
	(void)state;
	predict(EMPTIED SEVEN FREE(0x2307) SPILL(2, 8, 1) DRAINED(0x2307)
			DRAINED(0x2306));
	expect_calls(&out.closed.score.spill, 1, 1, 0, 0);
	expect_rate(&out.closed.score.pfn_spill, 0, 2);
}

static void test_spill_early(void **state)
{
	(void)state;
	predict(EMPTIED SEVEN SPILL(2, 7, 1) DRAINED(0x2300) DRAINED(0x2301)
			FREE(0x2307));
	/* The closed run spills at its own eighth page. */
	expect_calls(&out.closed.score.spill, 1, 0, 1, 0);
	expect_calls(&out.step.score.spill, 1, 0, 0, 0);
	assert_int_equal(out.step.adjusted.lists_set, 1);
}

static void test_spill_late(void **state)
{
	(void)state;
	predict(EMPTIED SEVEN FREE(0x2307) FREE(0x2308));
	expect_calls(&out.closed.score.spill, 0, 0, 1, 0);
	/* Corrected to below high, it is predicted again at the next free. */
	expect_calls(&out.step.score.spill, 0, 0, 2, 0);
	assert_true(out.step.adjusted.count_pages > 0);
}

/* A drain is given; which pages it takes is predicted. */
#define SPILL_6_18(n, count, high, fc, zflags)                                 \
	L("free_bulk: (x) zone=\"DMA32\" n=" #n                                \
	  " pcp=0x10 pindex=1 count=" #count " high=" #high                    \
	  " high_min=4 high_max=40 batch=2 flags=0 af=0 fc=" #fc               \
	  " zflags=" #zflags)

/*
 * The zone is below its high watermark, which the probe prints and the simulated
 * free pages do not tell: each free spills, until one does not.
 */
static void test_below_high(void **state)
{
	(void)state;
	predict_as(PCPMM_PRESET_LINUX_6_18,
		L("pageset_set: (x) zone=\"DMA32\" a=4 b=40 c=2")
			SEVEN SPILL_6_18(2, 12, 30, 1, 0x4) DRAINED(0x2300)
				DRAINED(0x2301) FREE(0x2310) SPILL_6_18(
					2, 11, 28, 2, 0x4) DRAINED(0x2302)
					DRAINED(0x2303) FREE(0x2311)
						FREE(0x2312) FREE(0x2313));
	expect_calls(&out.step.score.spill, 1, 1, 1, 0);
	assert_int_equal(out.closed.score.spill.predicted, 0);
	assert_true(out.step.adjusted.flags >= 2);
	assert_int_equal(out.closed.adjusted.flags, 0);
}

static void test_drain(void **state)
{
	(void)state;
	predict(EMPTIED SEVEN ALLOC(0x2306, 1) L("drain_pz: (x) cpu=0 "
						 "zone=\"DMA32\"")
			SPILL(2, 6, 0) DRAINED(0x2300) DRAINED(0x2301));
	expect_calls(&out.closed.score.spill, 0, 0, 0, 0);
	assert_int_equal(out.closed.adjusted.drains_given, 1);
	expect_rate(&out.closed.score.pfn_spill, 2, 2);
}

/* Nothing was recorded: nothing is scored, and nothing is assumed. */
static void test_nothing(void **state)
{
	(void)state;
	predict(ALLOC(0x2100, 0) FREE(0x2100));
	expect_calls(&out.closed.score.refill, 0, 0, 0, 0);
	expect_calls(&out.closed.score.spill, 0, 0, 0, 0);
	expect_rate(&out.closed.score.pfn_alloc, 0, 0);
	assert_int_equal(out.closed.unknown.allocations, 1);
	assert_int_equal(out.closed.unknown.frees, 1);
	assert_int_equal(out.closed.unknown.slots, 1);
	assert_int_equal(out.closed.unknown.lists, 1);
}

/* --- which list a free enters ------------------------------------------------------------ */

#define EVENT(k, p, type)                                                      \
	{                                                                      \
		.kind = REPLAY_EV_##k, .pfn = (p), .mt = (type)                \
	}

static void test_list_of_free(void **state)
{
	struct replay_event events[] = {
		EVENT(ALLOC, 0x2000, 2), /* its block's first evidence */
		EVENT(FREE, 0x2000, REPLAY_NO_MT),
		EVENT(FREE, 0x2001, REPLAY_NO_MT), /* the same block */
		EVENT(FREE, 0x2400, REPLAY_NO_MT), /* nothing known: movable */
		EVENT(LOCKED, 0x2401, 0),
		EVENT(FREE, 0x2400, REPLAY_NO_MT), /* now unmovable */
		{.kind = REPLAY_EV_EXTFRAG,
			.pfn = 0x2600,
			.gfp = 1,
			.arg = 3}, /* eight pages, the block stays movable */
		EVENT(LOCKED, 0x2601, 0), EVENT(FREE, 0x2601, REPLAY_NO_MT),
		EVENT(ALLOC, 0x2400, 1), /* the truth of the last free of it */
	};
	const size_t nr = sizeof(events) / sizeof(events[0]);
	struct causal_rate rate;

	(void)state;
	assert_int_equal(causal_lists_of_frees(events, nr, 0x4000,
				 PCPMM_LIST_RULES_6_1, &rate),
		0);
	assert_int_equal(events[1].mt, PCPMM_MIGRATE_RECLAIMABLE);
	assert_int_equal(events[2].mt, PCPMM_MIGRATE_RECLAIMABLE);
	assert_int_equal(events[3].mt, PCPMM_MIGRATE_MOVABLE);
	assert_int_equal(events[5].mt, PCPMM_MIGRATE_UNMOVABLE);
	assert_int_equal(events[8].mt, PCPMM_MIGRATE_MOVABLE);
	expect_rate(&rate, 0, 1);
}

/* --- frees into a pageblock of which nothing is known ------------------------------- */

#define PROBED BULK(1) BULK_RET(0)

/* The page is allocated as unmovable: the guess was wrong, for the other page too. */
static void test_guess_taken(void **state)
{
	(void)state;
	predict(PROBED FIRST FREE(0x2400) FREE(0x2401) ALLOC(0x2401, 0)
			ALLOC(0x2400, 0) ALLOC(0x2101, 0));
	assert_int_equal(out.closed.adjusted.guesses, 2);
	assert_int_equal(out.step.adjusted.guesses, 2);
	/* The first of the three was predicted wrongly, and stays so. */
	expect_rate(&out.closed.score.pfn_alloc, 3, 4);
	expect_rate(&out.step.score.pfn_alloc, 3, 4);
	expect_calls(&out.closed.score.refill, 0, 0, 0, 0);
}

/* The list is empty without the page: a refill was predicted, falsely. */
static void test_guess_no_refill(void **state)
{
	(void)state;
	predict(PROBED FIRST ALLOC(0x2101, 0) FREE(0x2400) ALLOC(0x2400, 0)
			TWO(0x2102, 0x2103) ALLOC(0x2102, 0));
	assert_int_equal(out.closed.adjusted.guesses, 1);
	expect_calls(&out.closed.score.refill, 1, 1, 1, 0);
	expect_calls(&out.step.score.refill, 1, 1, 1, 0);
}

#define MOVABLE_TWO(a, b)                                                      \
	L("refill: (x) zone=\"DMA32\" order=0 n=2 list=0x1 mt=1")              \
	L("mm_page_alloc_zone_locked: page=1 pfn=" #a                          \
	  " order=0 migratetype=1 percpu_refill=1")                            \
	L("mm_page_alloc_zone_locked: page=1 pfn=" #b                          \
	  " order=0 migratetype=1 percpu_refill=1")                            \
	REFILLED

/* A movable allocation passes the guessed page over: it is on the unmovable list. */
static void test_guess_passed_over(void **state)
{
	(void)state;
	predict(PROBED FIRST MOVABLE_TWO(0x2200, 0x2201) ALLOC(0x2200, 1) FREE(
		0x2400) ALLOC(0x2201, 1) ALLOC(0x2400, 0) ALLOC(0x2101, 0));
	assert_int_equal(out.closed.adjusted.guesses, 1);
	expect_rate(&out.closed.score.pfn_alloc, 4, 5);
}

/* A refill came although the guessed page was there: missed, and then known. */
static void test_guess_refilled(void **state)
{
	(void)state;
	predict(PROBED FIRST MOVABLE_TWO(0x2200, 0x2201) ALLOC(0x2200, 1) ALLOC(
		0x2201, 1) FREE(0x2400) MOVABLE_TWO(0x2202, 0x2203)
			ALLOC(0x2202, 1) ALLOC(0x2400, 0) ALLOC(0x2203, 1)
				MOVABLE_TWO(0x2204, 0x2205) ALLOC(0x2204, 1));
	assert_int_equal(out.closed.adjusted.guesses, 1);
	expect_calls(&out.closed.score.refill, 2, 1, 0, 0);
	expect_calls(&out.step.score.refill, 2, 1, 0, 0);
}

/* What is not guessed is not corrected: a page of a known block stays where it is. */
static void test_guess_no_excuse(void **state)
{
	(void)state;
	predict(PROBED FIRST FREE(0x2100) ALLOC(0x2101, 0) ALLOC(0x2100, 0));
	assert_int_equal(out.closed.adjusted.guesses, 0);
	expect_rate(&out.closed.score.pfn_alloc, 1, 3);
	/* A refilled page is no guess, though an earlier free of it was one. */
	predict(PROBED FREE(0x2100) FIRST TWO(0x2102, 0x2103) ALLOC(0x2102, 0)
			ALLOC(0x2103, 0));
	assert_int_equal(out.closed.adjusted.guesses, 0);
	expect_calls(&out.closed.score.refill, 1, 0, 1, 0);
	/* Without the bulk probe a passed-over page may be taken: no correction. */
	predict(FIRST MOVABLE_TWO(0x2200, 0x2201) ALLOC(0x2200, 1) FREE(0x2400)
			ALLOC(0x2201, 1) ALLOC(0x2400, 0));
	assert_int_equal(out.closed.adjusted.guesses, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refill),
		cmocka_unit_test(test_refill_early),
		cmocka_unit_test(test_refill_late),
		cmocka_unit_test(test_refill_size),
		cmocka_unit_test(test_last_in_first_out),
		cmocka_unit_test(test_late_line),
		cmocka_unit_test(test_bulk),
		cmocka_unit_test(test_bulk_unseen),
		cmocka_unit_test(test_bulk_empties_unknown),
		cmocka_unit_test(test_spill),
		cmocka_unit_test(test_spill_from_the_other_end),
		cmocka_unit_test(test_spill_early),
		cmocka_unit_test(test_spill_late),
		cmocka_unit_test(test_below_high),
		cmocka_unit_test(test_drain),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_list_of_free),
		cmocka_unit_test(test_guess_taken),
		cmocka_unit_test(test_guess_no_refill),
		cmocka_unit_test(test_guess_passed_over),
		cmocka_unit_test(test_guess_refilled),
		cmocka_unit_test(test_guess_no_excuse),
	};

	return cmocka_run_group_tests_name("causal", tests, NULL, NULL);
}
