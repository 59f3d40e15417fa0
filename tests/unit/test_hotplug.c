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
		cmocka_unit_test(test_recorded_memory_only_node),
		cmocka_unit_test(test_nothing_of_a_dead_cpu_is_lost),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_drift_mark_is_sticky),
	};

	return cmocka_run_group_tests_name("hotplug", tests, NULL, NULL);
}
