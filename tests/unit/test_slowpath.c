/* SPDX-License-Identifier: MIT */
/*
 * Below the low mark: how far each kind of request may go, and that it then
 * gets NULL, while all pages can still be freed.
 */
#include "support/harness.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define PAGES 65536

struct run {
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	struct pcpmm_page *page[PAGES];
	unsigned int nr;
};

static struct run run;

static void start_as(enum pcpmm_wmark_check wmark_check)
{
	const struct shape shape = {
		.pages = {[PCPMM_ZONE_NORMAL] = PAGES},
		.min_free_kbytes = 4096,
		.wmark_check = wmark_check,
	};

	run.machine = shape_create(&shape);
	run.cpu = pcpmm_cpu_enter(run.machine, 0);
	run.nr = 0;
}

static void start(void)
{
	start_as(PCPMM_WMARK_CHECK_MIN_RESERVE);
}

static void finish(void)
{
	while (run.nr)
		assert_int_equal(
			pcpmm_free_pages(run.cpu, run.page[--run.nr], 0), 0);
	expect_all_free(run.machine);
	pcpmm_machine_destroy(run.machine);
}

/* Allocate single pages until that fails. Returns the zone's counts then. */
static struct pcpmm_zone_truth exhaust(uint32_t gfp)
{
	struct pcpmm_zone_truth truth;
	struct pcpmm_page *page;

	while ((page = pcpmm_alloc_pages(run.cpu, gfp, 0)))
		run.page[run.nr++] = page;
	assert_int_equal(
		pcpmm_zone_truth_read(run.machine, 0, NORMAL, &truth), 0);
	expect_valid(run.machine);
	assert_int_equal(truth.held, run.nr);
	return truth;
}

/* Allocation stopped at @mark, or less than a batch below it. */
static void expect_stop(const struct pcpmm_zone_truth *truth, uint64_t mark)
{
	int batch = pcp_of(run.cpu, 0, NORMAL).batch;

	assert_true(truth->nr_free_pages <= (int64_t)mark);
	assert_true(truth->nr_free_pages + batch + truth->stat_threshold >
		    (int64_t)mark);
}

static void test_each_goes_as_deep_as_it_may(void **state)
{
	struct pcpmm_zone_truth truth;
	uint64_t min;

	(void)state;
	start();
	truth = exhaust(PCPMM_GFP_KERNEL);
	min = truth.min;
	assert_int_equal(min, 1024);
	expect_stop(&truth, min);
	/* A request that can not sleep gets no discount for that. */
	truth = exhaust(PCPMM_GFP_NOWAIT);
	expect_stop(&truth, min);
	truth = exhaust(PCPMM_GFP_KERNEL | PCPMM___GFP_MEMALLOC |
			PCPMM___GFP_NOMEMALLOC);
	expect_stop(&truth, min);
	/* __GFP_HIGH: half; and without blocking a quarter of that less. */
	truth = exhaust(PCPMM_GFP_KERNEL | PCPMM___GFP_HIGH);
	expect_stop(&truth, min / 2);
	truth = exhaust(PCPMM_GFP_ATOMIC);
	expect_stop(&truth, min / 2 - min / 8);
	/* A request that frees memory (MEMALLOC) gets the last page. */
	truth = exhaust(PCPMM_GFP_KERNEL | PCPMM___GFP_MEMALLOC);
	assert_int_equal(truth.free, 0);
	assert_int_equal(truth.pcp, 0);
	assert_int_equal(truth.held, truth.managed);
	finish();
}

/* Up to 4.3 a request that can not sleep gets a quarter of min. */
static void test_each_as_deep_as_it_might(void **state)
{
	enum pcpmm_wmark_check era = *(enum pcpmm_wmark_check *)*state;
	struct pcpmm_zone_truth truth;
	uint64_t min;

	start_as(era);
	truth = exhaust(PCPMM_GFP_KERNEL);
	min = truth.min;
	expect_stop(&truth, min);
	truth = exhaust(PCPMM_GFP_NOWAIT | PCPMM___GFP_NOMEMALLOC);
	expect_stop(&truth, min);
	truth = exhaust(PCPMM_GFP_NOWAIT);
	expect_stop(
		&truth, era == PCPMM_WMARK_CHECK_HALVING ? min - min / 4 : min);
	/* A FIFO task, and a request that must not fail, as well. */
	assert_int_equal(pcpmm_cpu_set_fifo(run.cpu, 50), 0);
	truth = exhaust(PCPMM_GFP_NOWAIT);
	expect_stop(&truth, min - min / 4);
	assert_int_equal(pcpmm_cpu_set_fifo(run.cpu, 0), 0);
	truth = exhaust(PCPMM_GFP_KERNEL | PCPMM___GFP_NOFAIL);
	expect_stop(&truth, min - min / 4);
	truth = exhaust(PCPMM_GFP_KERNEL | PCPMM___GFP_HIGH);
	expect_stop(&truth, min / 2);
	truth = exhaust(PCPMM_GFP_ATOMIC);
	expect_stop(&truth, min / 2 - min / 8);
	finish();
}

static void test_failure_is_an_event(void **state)
{
	struct pcpmm_event event;

	(void)state;
	start();
	exhaust(PCPMM_GFP_KERNEL);
	assert_int_equal(
		pcpmm_trace_start(run.machine,
			PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_ALLOC), 16),
		0);
	assert_null(pcpmm_alloc_pages(run.cpu, PCPMM_GFP_KERNEL, 2));
	assert_int_equal(pcpmm_trace_read(run.cpu, &event, 1), 1);
	assert_int_equal(event.pfn, 0);
	assert_int_equal(event.order, 2);
	assert_int_equal(event.gfp, PCPMM_GFP_KERNEL);
	finish();
}

/* Atomic high-order requests reserve a pageblock, and may use it later. */
static void test_atomic_high_order_reserves(void **state)
{
	struct pcpmm_page *page;

	(void)state;
	start();
	exhaust(PCPMM_GFP_KERNEL);
	page = pcpmm_alloc_pages(run.cpu, PCPMM_GFP_ATOMIC, 2);
	assert_int_equal(inspect(run.machine, page).block_type,
		PCPMM_MIGRATE_HIGHATOMIC);
	expect_valid(run.machine);
	assert_int_equal(pcpmm_free_pages(run.cpu, page, 2), 0);
	expect_valid(run.machine);
	finish();
}

static void test_fragmented_memory_fails_high_orders_only(void **state)
{
	struct pcpmm_page *page;
	unsigned int kept = 0;

	(void)state;
	start();
	exhaust(PCPMM_GFP_KERNEL | PCPMM___GFP_MEMALLOC);
	/* Free every second frame. */
	for (unsigned int i = 0; i < run.nr; i++) {
		page = run.page[i];
		if (pcpmm_page_to_pfn(run.machine, page) % 2)
			assert_int_equal(pcpmm_free_pages(run.cpu, page, 0), 0);
		else
			run.page[kept++] = page;
	}
	run.nr = kept;
	assert_int_equal(pcpmm_drain_pages_zone(run.cpu, 0, 0, NORMAL, 0), 0);
	for (unsigned int order = 1; order < PCPMM_NR_ORDERS; order++)
		assert_null(pcpmm_alloc_pages(run.cpu,
			PCPMM_GFP_KERNEL | PCPMM___GFP_MEMALLOC, order));
	page = pcpmm_alloc_pages(run.cpu, PCPMM_GFP_KERNEL, 0);
	assert_non_null(page);
	run.page[run.nr++] = page;
	finish();
}

int main(void)
{
	static enum pcpmm_wmark_check harder = PCPMM_WMARK_CHECK_HARDER,
				      halving = PCPMM_WMARK_CHECK_HALVING;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_goes_as_deep_as_it_may),
		{"test_each_as_deep_as_it_might harder",
			test_each_as_deep_as_it_might, NULL, NULL, &harder},
		{"test_each_as_deep_as_it_might halving",
			test_each_as_deep_as_it_might, NULL, NULL, &halving},
		cmocka_unit_test(test_failure_is_an_event),
		cmocka_unit_test(test_atomic_high_order_reserves),
		cmocka_unit_test(test_fragmented_memory_fails_high_orders_only),
	};

	return cmocka_run_group_tests_name("slowpath", tests, NULL, NULL);
}
