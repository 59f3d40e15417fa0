/* SPDX-License-Identifier: MIT */
/*
 * Lines that come late, or on another CPU: the count stays that of the pages that are
 * there, and the prediction from the line was wrong.
 */
#include "causal_lines.h"

#define BULK_MOVABLE(nr)                                                       \
	L("bulk_alloc: (x) gfp=0xcc8 nid=0 nr=" #nr)                           \
	BULK_RET(nr)
/* Of CPU 0 all is known; 0x2300 to 0x2306 lie on CPU 0's movable list. */
#define SEVEN_OF_CPU_0 EMPTIED SEVEN
#define SPILLED(count)                                                         \
	SPILL(2, count, 1)                                                     \
	DRAINED(0x2300) DRAINED(0x2301)

/* The eighth page spills, in both runs and with the right pages. */
static void expect_spill(void)
{
	expect_calls(&out.closed.score.spill, 1, 1, 0, 0);
	expect_calls(&out.step.score.spill, 1, 1, 0, 0);
	expect_rate(&out.closed.score.pfn_spill, 2, 2);
	assert_int_equal(out.step.adjusted.count_pages, 0);
}

/* --- another CPU ----------------------------------------------------------------------- */

/* CPU 1 prints the allocation of CPU 0's page: CPU 0 has one less. */
static void test_migrated(void **state)
{
	(void)state;
	predict(SEVEN_OF_CPU_0 ALLOC_ON(1, 0x2306, 1) FREE(0x2310) FREE(0x2311)
			SPILLED(8));
	expect_spill();
	assert_int_equal(out.closed.adjusted.migrated, 1);
	assert_int_equal(out.closed.adjusted.injected, 0);
}

/* From a list of known content that is wrong: one frame, and one false refill. */
static void test_migrated_is_scored(void **state)
{
	(void)state;
	predict(SEVEN_OF_CPU_0 ALLOC_ON(1, 0x2306, 1));
	assert_int_equal(out.closed.score.pfn_alloc.right, 0);
	assert_int_equal(out.closed.unknown.allocations, 1);
	/* CPU 1's list is known to have another page on top. */
	predict(SEVEN_OF_CPU_0 FREE_ON(1, 0x2400) ALLOC_ON(1, 0x2306, 1));
	expect_rate(&out.closed.score.pfn_alloc, 0, 1);
	expect_rate(&out.step.score.pfn_alloc, 0, 1);
}

/* The task refilled CPU 0's list and printed its page on CPU 1. */
static void test_migrated_after_refill(void **state)
{
	(void)state;
	predict(FIRST ALLOC(0x2101, 0) TWO(0x2102, 0x2103) ALLOC(0x2103, 0)
			TWO(0x2104, 0x2105) ALLOC_ON(1, 0x2102, 0)
				ALLOC(0x2104, 0) ALLOC(0x2105, 0));
	expect_calls(&out.closed.score.refill, 2, 2, 0, 0);
	expect_calls(&out.step.score.refill, 2, 2, 0, 0);
	expect_rate(&out.closed.score.pfn_alloc, 6, 6);
	assert_int_equal(out.closed.adjusted.alone, 1);
}

/* --- not on top ------------------------------------------------------------------------- */

/* 0x2306 was allocated first; its line is the second. */
static void test_above(void **state)
{
	(void)state;
	predict(SEVEN_OF_CPU_0 BULK(0) BULK_RET(0) ALLOC(0x2305, 1) FREE(0x2310)
			FREE(0x2311) ALLOC(0x2306, 1) FREE(0x2312) SPILLED(8));
	expect_spill();
	expect_rate(&out.closed.score.pfn_alloc, 0, 2);
	assert_int_equal(out.closed.adjusted.above, 1);
	assert_int_equal(out.closed.adjusted.late, 1);
}

/* The line of the page above comes on another CPU. */
static void test_above_migrated(void **state)
{
	(void)state;
	predict(SEVEN_OF_CPU_0 BULK(0) BULK_RET(0) ALLOC(0x2305, 1) ALLOC_ON(1,
		0x2306, 1) FREE(0x2310) FREE(0x2311) FREE(0x2312) SPILLED(8));
	expect_spill();
	expect_rate(&out.closed.score.pfn_alloc, 0, 2);
}

/* Six above: these were freed in an interrupt, before it entered the list. */
static void test_lifted(void **state)
{
	(void)state;
	predict(SEVEN_OF_CPU_0 BULK(0) BULK_RET(0) ALLOC(0x2300, 1)
			ALLOC(0x2306, 1) FREE(0x2310) FREE(0x2311) FREE(0x2312)
				SPILL(2, 8, 1) DRAINED(0x2301) DRAINED(0x2302));
	expect_spill();
	expect_rate(&out.closed.score.pfn_alloc, 1, 2);
	assert_int_equal(out.closed.adjusted.lifted, 1);
	assert_int_equal(out.closed.adjusted.late, 0);
}

/*
 * The first bulk free of a pageset tells its count, without the page whose free it
 * interrupted: 0x2200 enters the list after 0x2201 to 0x2206.
 */
static void test_learned_in_interrupt(void **state)
{
	(void)state;
	predict(MARKS BULK(0) BULK_RET(0) ALLOC(0x22f8, 1) FREE(0x2200) FREE(
		0x2201) FREE(0x2202) FREE(0x2203) FREE(0x2204) FREE(0x2205)
			FREE(0x2206) SPILL(2, 8, 0) DRAINED(0x22f0) DRAINED(
				0x22f1) ALLOC(0x2200, 1) ALLOC(0x2206, 1)
				FREE(0x2300) FREE(0x2301) FREE(0x2302));
	/* 8 - 2 + 1 - 2 + 3 = 8: the third free would spill. */
	expect_calls(&out.closed.score.spill, 0, 0, 1, 0);
	assert_int_equal(out.closed.adjusted.lifted, 1);
}

/* --- bulk allocations ------------------------------------------------------------------- */

/*
 * 0x2306 was allocated before the bulk allocation, which so took 0x2305 and 0x2304; the
 * line of 0x2306 comes behind it, on another CPU.
 */
static void test_before_bulk(void **state)
{
	(void)state;
	predict(SEVEN_OF_CPU_0 BULK_MOVABLE(2) ALLOC_ON(1, 0x2306, 1) FREE(
		0x2310) FREE(0x2311) FREE(0x2312) FREE(0x2313) SPILLED(8));
	expect_spill();
	assert_int_equal(out.closed.adjusted.migrated, 1);
}

/* The same, and 0x2303 was allocated, below a page that should be there: once. */
static void test_before_bulk_seen(void **state)
{
	(void)state;
	predict(SEVEN_OF_CPU_0 BULK_MOVABLE(2) ALLOC(0x2303, 1) ALLOC(0x2306, 1)
			FREE(0x2310) FREE(0x2311) FREE(0x2312) FREE(0x2313)
				FREE(0x2314) SPILLED(8));
	expect_spill();
	assert_int_equal(out.closed.adjusted.above, 1);
	assert_int_equal(out.closed.adjusted.late, 1);
}

/* Without a probe a page that is freed again left its list by one. */
static void test_freed_unseen(void **state)
{
	(void)state;
	predict(SEVEN_OF_CPU_0 FREE(0x2306) FREE(0x2310) SPILLED(8));
	expect_spill();
	assert_int_equal(out.closed.adjusted.taken_unseen, 1);
}

/* --- a bulk free in chunks ------------------------------------------------------------- */

#define CHUNK(n, count, fc)                                                    \
	L("free_bulk: (x) zone=\"DMA32\" n=" #n                                \
	  " pcp=0x10 pindex=1 count=" #count " high=8 high_min=8 high_max=8"   \
	  " batch=2 flags=0 af=0 fc=" #fc " zflags=0x0")
#define EIGHT_7_3                                                              \
	L("pageset_set: (x) zone=\"DMA32\" a=8 b=8 c=2")                       \
	FREE(0x2200)                                                           \
	FREE(0x2201)                                                           \
	FREE(0x2202) FREE(0x2203) FREE(0x2204) FREE(0x2205) FREE(0x2206)       \
		FREE(0x2207)

/* Four pages in all; after the first two another task frees one page. */
static void test_interrupted_chunks(void **state)
{
	(void)state;
	predict_as(PCPMM_PRESET_LINUX_7_3,
		EIGHT_7_3 CHUNK(2, 8, 4) DRAINED(0x2200) DRAINED(0x2201)
			FREE(0x2300) CHUNK(2, 7, 5) DRAINED(0x2202)
				DRAINED(0x2203) FREE(0x2301));
	assert_int_equal(out.closed.adjusted.rests_given, 1);
	assert_int_equal(out.step.adjusted.rests_given, 1);
	/* It is no bulk free of that page, so none was missed. */
	expect_calls(&out.step.score.spill, 0, 0, 0, 0);
	expect_calls(&out.closed.score.spill, 0, 0, 0, 0);
}

/* As many pages as nobody is left to free: that is a bulk free that no rule makes. */
static void test_no_rest(void **state)
{
	(void)state;
	predict_as(PCPMM_PRESET_LINUX_7_3,
		EIGHT_7_3 CHUNK(2, 8, 2) DRAINED(0x2200) DRAINED(0x2201)
			FREE(0x2300) CHUNK(2, 7, 3) DRAINED(0x2202)
				DRAINED(0x2203) FREE(0x2301));
	assert_int_equal(out.step.adjusted.rests_given, 0);
	expect_calls(&out.step.score.spill, 1, 0, 0, 0);
}

/* --- what is no excuse ------------------------------------------------------------------ */

/* A kernel that takes from the other end: each frame is wrong. */
static void test_other_end(void **state)
{
	(void)state;
	predict(SEVEN_OF_CPU_0 BULK(0) BULK_RET(0) ALLOC(0x2300, 1) ALLOC(
		0x2301, 1) ALLOC(0x2302, 1) ALLOC(0x2303, 1) ALLOC(0x2304, 1));
	assert_int_equal(out.closed.score.pfn_alloc.right, 0);
	assert_int_equal(out.closed.score.pfn_alloc.n, 5);
	assert_int_equal(out.step.score.pfn_alloc.right, 0);
}

/* A bulk free one page early stays wrong, whatever is printed where. */
static void test_spill_early_all_the_same(void **state)
{
	(void)state;
	predict(SEVEN_OF_CPU_0 ALLOC_ON(1, 0x2306, 1) FREE(0x2310) SPILLED(7)
			FREE(0x2311));
	assert_int_equal(out.closed.score.spill.predicted, 0);
	assert_int_equal(out.step.score.spill.predicted, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_migrated),
		cmocka_unit_test(test_migrated_is_scored),
		cmocka_unit_test(test_migrated_after_refill),
		cmocka_unit_test(test_above),
		cmocka_unit_test(test_above_migrated),
		cmocka_unit_test(test_lifted),
		cmocka_unit_test(test_learned_in_interrupt),
		cmocka_unit_test(test_before_bulk),
		cmocka_unit_test(test_before_bulk_seen),
		cmocka_unit_test(test_freed_unseen),
		cmocka_unit_test(test_interrupted_chunks),
		cmocka_unit_test(test_no_rest),
		cmocka_unit_test(test_other_end),
		cmocka_unit_test(test_spill_early_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
