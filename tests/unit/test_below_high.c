/* SPDX-License-Identifier: MIT */
/*
 * ZONE_BELOW_HIGH, from 6.7: the first allocation that finds the zone below its high
 * watermark sets it, and only the spill of a free clears it.
 */
#include "support/harness.h"

#include "machine/machine.h"
#include "vmstat/counter.h"
#include "zone/gate.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define PAGES 32768

struct scene {
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	struct zone *zone;
	struct pcpmm_page *page[PAGES];
	unsigned int nr;
};

static struct scene scene;

static void begin(enum pcpmm_list_rules rules)
{
	const struct shape shape = {
		.pages = {[NORMAL] = PAGES},
		.min_free_kbytes = 4096,
		.list_rules = rules,
	};

	scene = (struct scene){.machine = shape_create(&shape)};
	scene.cpu = pcpmm_cpu_enter(scene.machine, 0);
	scene.zone = machine_zone(scene.machine, 0, NORMAL);
}

static void end(void)
{
	while (scene.nr)
		assert_int_equal(
			pcpmm_free_pages(scene.cpu, scene.page[--scene.nr], 0),
			0);
	expect_all_free(scene.machine);
	pcpmm_machine_destroy(scene.machine);
}

static int64_t free_pages(void)
{
	return vmstat_read(&scene.zone->stat, NR_FREE_PAGES);
}

static bool is_below(void)
{
	return zone_flags(scene.zone) & ZONE_BELOW_HIGH;
}

static int64_t mark(enum zone_mark mark)
{
	return (int64_t)zone_mark_pages(scene.zone, mark);
}

static void take(void)
{
	struct pcpmm_page *page =
		pcpmm_alloc_pages(scene.cpu, PCPMM_GFP_KERNEL, 0);

	assert_non_null(page);
	scene.page[scene.nr++] = page;
	assert_int_equal(scene.zone->gate, zone_gate_expected(scene.zone));
}

static void give(void)
{
	assert_int_equal(
		pcpmm_free_pages(scene.cpu, scene.page[--scene.nr], 0), 0);
	assert_int_equal(scene.zone->gate, zone_gate_expected(scene.zone));
}

/* Refills take the zone below the mark; the next request finds that. */
static void expect_set_by_the_first_that_looks(enum pcpmm_list_rules rules)
{
	begin(rules);
	while (free_pages() > mark(MARK_HIGH)) {
		assert_false(is_below());
		take();
	}
	assert_false(is_below());
	take();
	assert_true(is_below());
	/* It is no reason to refuse: the request's own mark is. */
	assert_true(free_pages() > mark(MARK_LOW));
	for (int i = 0; i < 100; i++)
		take();
	assert_true(is_below());
	end();
}

/* Frees fill the list; the flag stays until one spills, and the zone is well. */
static void expect_cleared_by_a_spill(enum pcpmm_list_rules rules)
{
	struct pcpmm_pcp_info before, after;

	begin(rules);
	while (!is_below())
		take();
	do {
		before = pcp_of(scene.cpu, 0, NORMAL);
		assert_true(is_below());
		give();
		after = pcp_of(scene.cpu, 0, NORMAL);
	} while (after.count > before.count || free_pages() <= mark(MARK_HIGH));
	assert_false(is_below());
	end();
}

/* Below high a list gives back all that was freed, down to high_min. */
static void expect_smaller_lists(enum pcpmm_list_rules rules)
{
	int high;

	begin(rules);
	while (!is_below())
		take();
	high = pcp_of(scene.cpu, 0, NORMAL).high;
	assert_true(high > pcp_of(scene.cpu, 0, NORMAL).high_min);
	give();
	assert_true(pcp_of(scene.cpu, 0, NORMAL).high < high);
	end();
}

static const enum pcpmm_list_rules tuned[] = {
	PCPMM_LIST_RULES_6_12, PCPMM_LIST_RULES_6_18, PCPMM_LIST_RULES_7_3};

static void test_set(void **state)
{
	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(tuned); i++)
		expect_set_by_the_first_that_looks(tuned[i]);
}

static void test_cleared(void **state)
{
	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(tuned); i++)
		expect_cleared_by_a_spill(tuned[i]);
}

static void test_lists_shrink(void **state)
{
	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(tuned); i++)
		expect_smaller_lists(tuned[i]);
}

static void test_older_kernels_have_none(void **state)
{
	static const enum pcpmm_list_rules older[] = {
		PCPMM_LIST_RULES_5_10, PCPMM_LIST_RULES_6_1};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(older); i++) {
		begin(older[i]);
		while (free_pages() > mark(MARK_LOW) + 100)
			take();
		assert_false(is_below());
		assert_int_equal(
			pcpmm_restore_below_high(scene.machine, 0, NORMAL, 1),
			-EINVAL);
		end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_cleared),
		cmocka_unit_test(test_lists_shrink),
		cmocka_unit_test(test_older_kernels_have_none),
	};

	return cmocka_run_group_tests_name("below_high", tests, NULL, NULL);
}
