/* SPDX-License-Identifier: MIT */
/*
 * In a boosted zone, requests with __GFP_HIGH got a second look without the boost.
 * So it is from 6.3 on; in 6.1.192, which has the same flags otherwise, only
 * requests with __GFP_ATOMIC get it.
 */
#include "support/harness.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define PAGES 8192
#define FREE                                                                   \
	300 /* below half of min with the boost, above half of min without */

static struct pcpmm_page *pages[PAGES + 1];
static unsigned int nr;

static struct pcpmm_machine *boosted(const char *wmark_check)
{
	const struct pcpmm_zone_values values = {
		.min = 400, .low = 500, .high = 600, .boost = 512};
	struct pcpmm_node_config node = {
		.zones = {[NORMAL] = {SHAPE_START_PFN, PAGES, PAGES, PAGES}}};
	struct pcpmm_config config = config_of(&node, 1, 1);
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;

	if (wmark_check)
		assert_int_equal(pcpmm_config_set(&config, "wmark_check",
					 wmark_check, NULL),
			0);
	machine = create_or_fail(&config);
	cpu = pcpmm_cpu_enter(machine, 0);
	for (nr = 0;
		(pages[nr] = pcpmm_alloc_pages(cpu, PCPMM___GFP_MEMALLOC, 0));)
		nr++;
	for (unsigned int i = 0; i < FREE; i++)
		assert_int_equal(pcpmm_free_pages(cpu, pages[--nr], 0), 0);
	assert_int_equal(
		pcpmm_drain_local_pages(cpu, 0, PCPMM_DRAIN_ALL_ZONES), 0);
	assert_true(pcpmm_vmstat_fold(cpu, 0) >= 0);
	assert_int_equal(pcpmm_restore_zone(machine, 0, NORMAL, &values), 0);
	return machine;
}

static bool serves(const char *wmark_check, uint32_t gfp)
{
	struct pcpmm_machine *machine = boosted(wmark_check);
	bool got = pcpmm_alloc_pages(pcpmm_cpu_get(machine, 0), gfp, 0);

	pcpmm_machine_destroy(machine);
	return got;
}

static void test_who_gets_a_second_look(void **state)
{
	static const struct {
		const char *wmark_check;
		bool high, atomic;
	} cases[] = {
		{NULL, false, true}, /* preset linux-6.1 */
		{"min_reserve_atomic", false, true},
		{"min_reserve", true, true},
		{"harder", false, true},
		{"halving", false, true},
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		const char *wmark_check = cases[i].wmark_check;

		assert_int_equal(serves(wmark_check,
					 PCPMM_GFP_KERNEL | PCPMM___GFP_HIGH),
			cases[i].high);
		assert_int_equal(
			serves(wmark_check, PCPMM_GFP_ATOMIC), cases[i].atomic);
		assert_false(serves(wmark_check, PCPMM_GFP_KERNEL));
	}
}

/* What a FIFO task gets is HARDER to 6.2, and has no second look, either. */
static void test_a_fifo_task(void **state)
{
	struct pcpmm_machine *machine = boosted(NULL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_get(machine, 0);

	(void)state;
	assert_int_equal(pcpmm_cpu_set_fifo(cpu, 1), 0);
	assert_null(pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0));
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_gets_a_second_look),
		cmocka_unit_test(test_a_fifo_task),
	};

	return cmocka_run_group_tests_name("boost_look", tests, NULL, NULL);
}
