/* SPDX-License-Identifier: MIT */
/* CPUs that a drain visits, drains that wait for each other, disabled lists. */
#include <pthread.h>
#include <unistd.h>

#include "machine/machine.h"
#include "support/harness.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define DMA32 PCPMM_ZONE_DMA32
#define ALL PCPMM_DRAIN_ALL_ZONES

static const struct shape four_cpus = {
	.cpus = 4,
	.pages = {[PCPMM_ZONE_DMA32] = 65536, [PCPMM_ZONE_NORMAL] = 65536},
};

/* Put a page of a zone, and the rest of its refill, onto CPU @id's list. */
static void stock(struct pcpmm_machine *machine, unsigned int id, uint32_t gfp)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, id);
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, gfp, 0);

	assert_non_null(page);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
}

static struct pcpmm_pcp_info lists_of(
	struct pcpmm_machine *machine, unsigned int id, unsigned int zone)
{
	return pcp_of(pcpmm_cpu_get(machine, id), 0, zone);
}

static int count_of(
	struct pcpmm_machine *machine, unsigned int id, unsigned int zone)
{
	return lists_of(machine, id, zone).count;
}

static struct pcpmm_drain_stats stats_of(struct pcpmm_machine *machine)
{
	struct pcpmm_drain_stats stats;

	pcpmm_drain_stats_read(machine, &stats);
	return stats;
}

/* A drain visits the CPUs with pages only; all CPUs if forced. */
static void test_who_is_visited(void **state)
{
	struct pcpmm_machine *machine = shape_create(&four_cpus);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_drain_stats stats;
	int pages;

	(void)state;
	stock(machine, 2, PCPMM_GFP_KERNEL);
	pages = count_of(machine, 2, NORMAL);
	assert_true(pages > 0);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	assert_int_equal(count_of(machine, 2, NORMAL), 0);
	stats = stats_of(machine);
	assert_int_equal(stats.cpus_visited, 1);
	assert_int_equal(stats.pages, pages);
	assert_int_equal(stats.pcp_global_drain, 1);
	assert_int_equal(stats.pcp_global_ipi_saved, 1);
	assert_true(stats.time_ns > 0 && stats.time_ns == stats.time_max_ns);

	for (unsigned int id = 1; id < 4; id++)
		stock(machine, id, PCPMM_GFP_KERNEL);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	stats = stats_of(machine);
	assert_int_equal(stats.cpus_visited, 1 + 3);
	assert_int_equal(stats.pcp_global_ipi_saved, 1);

	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, true), 0);
	assert_int_equal(stats_of(machine).cpus_visited, 1 + 3 + 4);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* A drain of one zone leaves other zones alone; a local one, other CPUs. */
static void test_one_zone_and_local(void **state)
{
	struct pcpmm_machine *machine = shape_create(&four_cpus);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	for (unsigned int id = 1; id < 3; id++) {
		stock(machine, id, PCPMM_GFP_KERNEL);
		stock(machine, id, PCPMM_GFP_DMA32);
	}
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, NORMAL, false), 0);
	for (unsigned int id = 1; id < 3; id++) {
		assert_int_equal(count_of(machine, id, NORMAL), 0);
		assert_true(count_of(machine, id, DMA32) > 0);
	}
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	cpu = pcpmm_cpu_enter(machine, 1);
	assert_int_equal(pcpmm_drain_local_pages(cpu, 0, ALL), 0);
	assert_int_equal(count_of(machine, 1, DMA32), 0);
	assert_true(count_of(machine, 2, DMA32) > 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* A CPU that went offline keeps its bit, and is counted; its lists are empty. */
static void test_stale_bit_of_an_offline_cpu(void **state)
{
	struct pcpmm_machine *machine = shape_create(&four_cpus);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_drain_stats stats;

	(void)state;
	stock(machine, 3, PCPMM_GFP_KERNEL);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	assert_int_equal(pcpmm_cpu_offline(cpu, 3), 0);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	stats = stats_of(machine);
	assert_int_equal(stats.cpus_visited, 1 + 1);
	assert_int_equal(stats.pcp_global_ipi_saved, 1);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- two drains at once ----------------------------------------------- */

struct other {
	struct pcpmm_machine *machine;
	int all, one;
};

static void *drain_elsewhere(void *arg)
{
	struct other *other = arg;
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(other->machine, 1);

	other->all = pcpmm_drain_all_pages(cpu, 0, ALL, false);
	other->one = pcpmm_drain_all_pages(cpu, 0, NORMAL, false);
	pcpmm_cpu_leave(cpu);
	return NULL;
}

/* Of all zones: returns at once, nothing drained. Of one zone: waits. */
static void test_two_drains(void **state)
{
	struct pcpmm_machine *machine = shape_create(&four_cpus);
	struct other other = {.machine = machine, .all = 1, .one = 1};
	pthread_t thread;

	(void)state;
	stock(machine, 2, PCPMM_GFP_KERNEL);
	mutex_lock(&machine->pcps.mutex);
	assert_int_equal(
		pthread_create(&thread, NULL, drain_elsewhere, &other), 0);
	while (!stats_of(machine).busy)
		usleep(100);
	usleep(2000);
	assert_int_equal(stats_of(machine).pcp_global_drain, 0);
	assert_true(count_of(machine, 2, NORMAL) > 0);
	mutex_unlock(&machine->pcps.mutex);
	pthread_join(thread, NULL);
	assert_int_equal(other.all, -EBUSY);
	assert_int_equal(other.one, 0);
	assert_int_equal(stats_of(machine).busy, 1);
	assert_int_equal(stats_of(machine).pcp_global_drain, 1);
	assert_int_equal(count_of(machine, 2, NORMAL), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- disabled lists --------------------------------------------------- */

static void test_disabled_lists_keep_nothing(void **state)
{
	static const unsigned int orders[] = {0, 1, 3, 9, 0, 2};
	struct pcpmm_machine *machine = shape_create(&four_cpus);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_pcp_info before = lists_of(machine, 0, NORMAL);

	(void)state;
	stock(machine, 1, PCPMM_GFP_KERNEL);
	assert_int_equal(pcpmm_pcp_disable(cpu, 0, NORMAL), 0);
	assert_int_equal(count_of(machine, 1, NORMAL), 0);
	assert_int_equal(pcpmm_pcp_disable(cpu, 0, NORMAL), -EBUSY);
	assert_int_equal(
		pcpmm_restore_pageset(machine, 0, 0, NORMAL, 9, 3, 0), -EBUSY);
	for (size_t i = 0; i < HARNESS_COUNT(orders); i++) {
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, orders[i]);

		assert_non_null(page);
		assert_int_equal(pcpmm_free_pages(cpu, page, orders[i]), 0);
	}
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, NORMAL, false), 0);
	assert_int_equal(count_of(machine, 0, NORMAL), 0);

	/* A sysctl written meanwhile takes effect at enable. */
	assert_int_equal(pcpmm_sysctl_set(machine,
				 "vm.percpu_pagelist_high_fraction", "8"),
		0);
	assert_int_equal(lists_of(machine, 0, NORMAL).high, 0);
	assert_int_equal(lists_of(machine, 0, NORMAL).batch, 1);
	assert_int_equal(pcpmm_pcp_enable(cpu, 0, NORMAL), 0);
	assert_int_equal(lists_of(machine, 3, NORMAL).batch, before.batch);
	assert_int_equal(lists_of(machine, 3, NORMAL).high, 65536 / 8 / 4);
	assert_int_equal(pcpmm_pcp_enable(cpu, 0, NORMAL), -EINVAL);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- refused ---------------------------------------------------------- */

static void drain_in_irq(struct pcpmm_cpu *cpu, void *arg)
{
	*(int *)arg = pcpmm_drain_all_pages(cpu, 0, ALL, false);
}

static void test_refused(void **state)
{
	struct pcpmm_machine *machine = shape_create(&four_cpus);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	int in_irq = 0;

	(void)state;
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, 7, false), -EINVAL);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 5, NORMAL, false), -EINVAL);
	assert_int_equal(
		pcpmm_drain_local_pages(cpu, 0, PCPMM_ZONE_MOVABLE), -EINVAL);
	assert_int_equal(pcpmm_pcp_disable(cpu, 0, 99), -EINVAL);
	assert_int_equal(pcpmm_pcp_disable(cpu, 0, (unsigned int)ALL), -EINVAL);
	assert_int_equal(
		pcpmm_drain_all_pages(pcpmm_cpu_get(machine, 1), 0, ALL, false),
		-EPERM);
	assert_int_equal(pcpmm_irq_disable(cpu), 0);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), -EINVAL);
	assert_int_equal(pcpmm_irq_enable(cpu), 0);
	assert_int_equal(pcpmm_irq_inject(cpu, drain_in_irq, &in_irq), 0);
	assert_int_equal(
		pcpmm_free_pages(
			cpu, pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0), 0),
		0);
	assert_int_equal(in_irq, -EINVAL);
	assert_true(strlen(pcpmm_last_error(machine)) > 0);
	assert_int_equal(stats_of(machine).pcp_global_drain, 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_is_visited),
		cmocka_unit_test(test_one_zone_and_local),
		cmocka_unit_test(test_stale_bit_of_an_offline_cpu),
		cmocka_unit_test(test_two_drains),
		cmocka_unit_test(test_disabled_lists_keep_nothing),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("drain", tests, NULL, NULL);
}
