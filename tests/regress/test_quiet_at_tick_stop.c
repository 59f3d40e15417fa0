/* SPDX-License-Identifier: MIT */
/*
 * quiet_vmstat() runs when the tick stops, not while it stays stopped. Until
 * November 2026 every idle entry with a stopped tick folded, idle exit restarted
 * the tick of a nohz_full CPU, a nohz_full CPU that runs a task had no tick to
 * stop, and a deferrable work item ran on a CPU with a stopped tick.
 * (tick_nohz_stop_tick(); Aaron Tomlin's reports of 2022.)
 */
#include "support/fold.h"

#define BUSY 1 /* nohz_full */

static struct pcpmm_machine *machine;
static struct pcpmm_cpu *keeper, *busy;

static int set_up(void **state)
{
	static const unsigned char isolated[] = {0, 1};
	static const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_NORMAL] = {1024, 65536, 65536, 65536}}};
	struct pcpmm_config config = config_of(&node, 1, 2);

	(void)state;
	config.cpu_nohz_full = isolated;
	config.ipi = PCPMM_IPI_POLLED;
	machine = create_or_fail(&config);
	keeper = pcpmm_cpu_enter(machine, 0);
	busy = pcpmm_cpu_enter(machine, BUSY);
	assert_int_equal(pcpmm_shepherd_start(machine, 0), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	pcpmm_cpu_leave(busy);
	pcpmm_cpu_leave(keeper);
	pcpmm_shepherd_stop(machine);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
	return 0;
}

/*
 * The work item has folded once and waits for its timer, which is deferrable:
 * the item is pending, whatever happens to the tick, which runs so far.
 */
static void arm(void)
{
	uint64_t before = mapped(machine);

	pcpmm_cpu_set_nohz_full(busy, false);
	change(busy);
	assert_int_equal(pcpmm_shepherd_pass(keeper), 1);
	assert_int_equal(pcpmm_cpu_idle_enter(busy, false), 0);
	assert_true(wait_for(machine, before + 1));
	while (stats_of(machine).requeues < stats_of(machine).works)
		;
	assert_int_equal(pcpmm_cpu_idle_exit(busy), 0);
	pcpmm_cpu_set_nohz_full(busy, true);
	assert_false(tick_stopped(busy));
}

static void test_idle_twice(void **state)
{
	uint64_t before;

	(void)state;
	arm();
	before = mapped(machine);
	change(busy);
	assert_int_equal(pcpmm_cpu_idle_enter(busy, true), 0); /* it stops */
	assert_int_equal(mapped(machine), before + 1);
	assert_int_equal(pcpmm_cpu_idle_exit(busy), 0);
	assert_true(tick_stopped(busy)); /* one task on a nohz_full CPU */
	change(busy);
	assert_int_equal(pcpmm_cpu_idle_enter(busy, true), 0); /* stays so */
	assert_int_equal(mapped(machine), before + 1);
	assert_int_equal(stats_of(machine).quiet, 1);
	assert_int_equal(pcpmm_cpu_idle_exit(busy), 0);
}

/* Tosatti, September 2022: pending, so passed by; deferrable, so never run. */
static void test_deferrable_work_never_runs(void **state)
{
	uint64_t before, works;

	(void)state;
	arm();
	assert_int_equal(pcpmm_cpu_idle_enter(busy, true), 0);
	assert_int_equal(pcpmm_cpu_idle_exit(busy), 0);
	change(busy);
	before = mapped(machine);
	works = stats_of(machine).works;
	assert_int_equal(pcpmm_cpu_idle_enter(busy, true), 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(pcpmm_shepherd_pass(keeper), 0);
	assert_int_equal(stats_of(machine).works, works);
	assert_int_equal(mapped(machine), before);
	assert_int_equal(pcpmm_cpu_idle_exit(busy), 0);
}

static void test_running_cpu_stops_its_tick(void **state)
{
	uint64_t before;

	(void)state;
	arm();
	before = mapped(machine);
	change(busy);
	assert_false(tick_stopped(busy));
	assert_int_equal(pcpmm_tick_advance(machine, 1), 0);
	assert_true(tick_stopped(busy));
	assert_int_equal(mapped(machine), before + 1); /* quiet_vmstat() */
	change(busy);
	assert_int_equal(pcpmm_tick_advance(machine, 1), 0);
	assert_int_equal(mapped(machine), before + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_idle_twice),
		TEST(test_deferrable_work_never_runs),
		TEST(test_running_cpu_stops_its_tick),
	};

	return cmocka_run_group_tests_name(
		"quiet_vmstat at tick stop", tests, NULL, NULL);
}
