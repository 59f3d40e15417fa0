/* SPDX-License-Identifier: MIT */
/*
 * CPUs that go offline and online: the sizes that a recorded kernel had after
 * each step, its wrong ones included, and no page or count is lost.
 */
#include "support/recorded.h"

static const unsigned int two_and_two[4] = {0, 0, 1, 1};
static const unsigned int all_on_node_0[4] = {0, 0, 0, 0};

static void test_recorded_steps(void **state)
{
	struct pcpmm_machine *machine = recorded_create(two_and_two, 90112);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	expect_highs(machine, (const int[]){53, 7025, 3448, 3551});
	expect_thresholds(machine, (const int[]){6, 30, 24, 24});
	assert_int_equal(pcpmm_cpu_offline(cpu, 3), 0);
	expect_highs(machine, (const int[]){53, 7025, 6897, 7103});
	expect_thresholds(machine, (const int[]){4, 20, 16, 16});
	/* The last CPU of node 1 goes: all online CPUs share its zones. */
	assert_int_equal(pcpmm_cpu_offline(cpu, 2), 0);
	expect_highs(machine, (const int[]){53, 7025, 3448, 3551});
	expect_thresholds(machine, (const int[]){4, 20, 16, 16});
	/* Coming online it counts on both nodes: node 0's are too small. */
	assert_int_equal(pcpmm_cpu_online(cpu, 2), 0);
	expect_highs(machine, (const int[]){35, 4683, 6897, 7103});
	expect_thresholds(machine, (const int[]){4, 20, 16, 16});
	assert_int_equal(pcpmm_cpu_online(cpu, 3), 0);
	expect_highs(machine, (const int[]){35, 4683, 3448, 3551});
	expect_thresholds(machine, (const int[]){6, 30, 24, 24});
	/* Until the next recalculation. */
	assert_int_equal(
		pcpmm_sysctl_set(machine, "vm.min_free_kbytes", "90112"), 0);
	expect_highs(machine, (const int[]){53, 7025, 3448, 3551});
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- threshold_refresh ---------------------------------------------------- */

#define MANY 16

static struct pcpmm_machine *sixteen_cpus(
	enum pcpmm_threshold_refresh refresh, const unsigned char *offline)
{
	const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_NORMAL] = {1024, 65536, 65536, 65536}}};
	struct pcpmm_config config = config_of(&node, 1, MANY);

	config.threshold_refresh = refresh;
	config.cpu_offline = offline;
	config.sysctl.min_free_kbytes = 2048;
	return create_or_fail(&config);
}

static void expect_hidden(struct pcpmm_machine *machine, int hidden, int mark)
{
	struct pcpmm_zone_truth truth;
	int sum = 0;

	assert_int_equal(
		pcpmm_zone_truth_read(machine, 0, PCPMM_ZONE_NORMAL, &truth),
		0);
	assert_int_equal(truth.low - truth.min, 128);
	assert_int_equal(truth.drift_mark - truth.high, mark);
	for (unsigned int id = 0; id < MANY; id++)
		sum += pcp_of(pcpmm_cpu_get(machine, id), 0, PCPMM_ZONE_NORMAL)
			       .stat_threshold;
	assert_int_equal(sum, hidden);
}

static void replug_half(struct pcpmm_machine *machine)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	/* What each CPU has when it leaves: of 16 CPUs, of 15 and fewer. */
	const int left = 30 + 7 * 24;
	struct pcpmm_zone_truth truth;

	expect_hidden(machine, MANY * 30, 480);
	for (unsigned int id = 8; id < MANY; id++)
		assert_int_equal(pcpmm_cpu_offline(cpu, id), 0);
	assert_int_equal(
		pcpmm_zone_truth_read(machine, 0, PCPMM_ZONE_NORMAL, &truth),
		0);
	assert_int_equal(truth.stat_threshold, 24);
	expect_hidden(machine, 8 * 24 + left, 192);
	for (unsigned int id = 8; id < MANY; id++)
		assert_int_equal(pcpmm_cpu_online(cpu, id), 0);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
}

/* To 2.6.36: old thresholds, and a mark for eight CPUs. */
static void test_thresholds_down_only(void **state)
{
	struct pcpmm_machine *machine =
		sixteen_cpus(PCPMM_THRESHOLD_REFRESH_DOWN_ONLY, NULL);

	(void)state;
	replug_half(machine);
	expect_hidden(machine, 8 * 24 + 30 + 7 * 24, 192);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_thresholds_up_and_down(void **state)
{
	struct pcpmm_machine *machine =
		sixteen_cpus(PCPMM_THRESHOLD_REFRESH_UP_AND_DOWN, NULL);

	(void)state;
	replug_half(machine);
	expect_hidden(machine, MANY * 30, 480);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* A CPU that was offline at boot has no threshold, so no diff of its own. */
static void test_first_time_online(void **state)
{
	static const unsigned char last_is_offline[MANY] = {[MANY - 1] = 1};
	struct pcpmm_machine *machine = sixteen_cpus(
		PCPMM_THRESHOLD_REFRESH_DOWN_ONLY, last_is_offline);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0), *late;
	uint64_t value;

	(void)state;
	assert_int_equal(pcpmm_cpu_online(cpu, MANY - 1), 0);
	late = pcpmm_cpu_enter(machine, MANY - 1);
	assert_int_equal(pcp_of(late, 0, PCPMM_ZONE_NORMAL).stat_threshold, 0);
	assert_int_equal(
		pcpmm_stat_mod(late, 0, PCPMM_ZONE_NORMAL, "nr_mlock", 1), 0);
	assert_int_equal(pcpmm_zone_stat_read(machine, 0, PCPMM_ZONE_NORMAL,
				 "nr_mlock", &value),
		0);
	assert_int_equal(value, 1);
	assert_int_equal(pcp_of(cpu, 0, PCPMM_ZONE_NORMAL).stat_threshold, 24);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* A CPU coming online elsewhere is the divisor of a node without CPUs. */
static void test_recorded_memory_only_node(void **state)
{
	struct pcpmm_machine *machine = recorded_create(all_on_node_0, 90112);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	assert_int_equal(pcpmm_cpu_offline(cpu, 3), 0);
	assert_int_equal(pcpmm_cpu_online(cpu, 3), 0);
	assert_int_equal(pcp_of(cpu, 1, PCPMM_ZONE_DMA32).high, 6897);
	assert_int_equal(pcpmm_sysctl_set(machine,
				 "vm.percpu_pagelist_high_fraction", "0"),
		0);
	assert_int_equal(pcp_of(cpu, 1, PCPMM_ZONE_DMA32).high, 1724);
	pcpmm_machine_destroy(machine);
}

/* Fill CPU 3's lists, diffs and events, then take it offline. */
static void test_nothing_of_a_dead_cpu_is_lost(void **state)
{
	struct pcpmm_machine *machine = recorded_create(two_and_two, 90112);
	struct pcpmm_cpu *dying = pcpmm_cpu_enter(machine, 3), *cpu;
	uint64_t pgalloc, pgfree, local;
	struct pcpmm_page *page[100];

	(void)state;
	for (unsigned int i = 0; i < 100; i++)
		page[i] = pcpmm_alloc_pages(
			dying, PCPMM_GFP_HIGHUSER_MOVABLE, i % 4);
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(pcpmm_free_pages(dying, page[i], i % 4), 0);
	assert_int_equal(pcpmm_stat_mod(dying, 1, -1, "nr_mapped", 11), 0);
	assert_true(pcp_of(dying, 1, PCPMM_ZONE_NORMAL).count > 0);
	pgalloc = vmstat_of(machine, "pgalloc_normal");
	pgfree = vmstat_of(machine, "pgfree");
	local = vmstat_of(machine, "numa_local");
	assert_int_equal(pgfree, 375);
	assert_int_equal(vmstat_of(machine, "nr_mapped"), 0);
	cpu = pcpmm_cpu_enter(machine, 0);
	assert_int_equal(pcpmm_cpu_offline(cpu, 3), -EBUSY);
	assert_int_equal(pcpmm_cpu_leave(dying), 0);
	assert_int_equal(pcpmm_cpu_offline(cpu, 3), 0);
	assert_false(pcpmm_cpu_is_online(dying));
	assert_int_equal(pcp_of(dying, 1, PCPMM_ZONE_NORMAL).count, 0);
	assert_int_equal(vmstat_of(machine, "pgalloc_normal"), pgalloc);
	assert_int_equal(vmstat_of(machine, "pgfree"), pgfree);
	assert_int_equal(vmstat_of(machine, "numa_local"), local);
	assert_int_equal(vmstat_of(machine, "nr_mapped"), 11);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void count_call(struct pcpmm_cpu *cpu, void *arg)
{
	(void)cpu;
	++*(int *)arg;
}

static void test_refusals(void **state)
{
	struct pcpmm_machine *machine = recorded_create(two_and_two, 90112);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_cpu *three = pcpmm_cpu_get(machine, 3);
	int calls = 0;

	(void)state;
	assert_int_equal(pcpmm_cpu_online(cpu, 3), -EINVAL); /* online */
	assert_int_equal(pcpmm_cpu_offline(cpu, 4), -EINVAL);
	assert_int_equal(pcpmm_cpu_online(cpu, 4), -EINVAL);
	assert_int_equal(pcpmm_cpu_offline(cpu, 0), -EBUSY); /* itself */
	assert_int_equal(pcpmm_cpu_offline(three, 2), -EPERM);
	/* Its pending calls are taken before it goes offline. */
	assert_int_equal(pcpmm_irq_raise(three, count_call, &calls), 0);
	assert_int_equal(pcpmm_cpu_offline(cpu, 3), 0);
	assert_int_equal(calls, 1);
	assert_int_equal(pcpmm_irq_raise(three, count_call, &calls), -ENODEV);
	assert_null(pcpmm_cpu_enter(machine, 3));
	assert_int_equal(errno, ENODEV);
	assert_int_equal(pcpmm_cpu_offline(cpu, 3), -EINVAL);
	assert_int_equal(pcpmm_cpu_offline(cpu, 2), 0);
	assert_int_equal(pcpmm_cpu_offline(cpu, 1), 0);
	assert_int_equal(pcpmm_cpu_offline(cpu, 0), -EINVAL); /* the last */
	assert_string_not_equal(pcpmm_last_error(machine), "");
	assert_int_equal(pcpmm_cpu_online(cpu, 3), 0);
	assert_ptr_equal(pcpmm_cpu_enter(machine, 3), three);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* A drift mark, once set, stays, as in the kernel. */
static void test_drift_mark_is_sticky(void **state)
{
	struct pcpmm_machine *machine = recorded_create(two_and_two, 90112);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_zone_truth before, after;

	(void)state;
	assert_int_equal(
		pcpmm_zone_truth_read(machine, 0, PCPMM_ZONE_DMA32, &before),
		0);
	/* SMP boot: 4 CPUs x 30, while marks were still 0. */
	assert_int_equal(before.drift_mark, 120);
	for (unsigned int id = 3; id > 0; id--)
		assert_int_equal(pcpmm_cpu_offline(cpu, id), 0);
	assert_int_equal(
		pcpmm_zone_truth_read(machine, 0, PCPMM_ZONE_DMA32, &after), 0);
	assert_int_equal(after.drift_mark, 120);
	assert_int_equal(after.stat_threshold, 10);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded_steps),
		cmocka_unit_test(test_thresholds_down_only),
		cmocka_unit_test(test_thresholds_up_and_down),
		cmocka_unit_test(test_first_time_online),
		cmocka_unit_test(test_recorded_memory_only_node),
		cmocka_unit_test(test_nothing_of_a_dead_cpu_is_lost),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_drift_mark_is_sticky),
	};

	return cmocka_run_group_tests_name("hotplug", tests, NULL, NULL);
}
