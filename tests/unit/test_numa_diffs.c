/* SPDX-License-Identifier: MIT */
/*
 * NUMA events as diffs of CPUs (5.10): what /proc/vmstat lacks, when a diff moves up,
 * what a fold of it does, and which diffs are a reason to fold.
 */
#include "support/fold.h"

#define PERIOD 65534 /* events after which a diff moves up by itself */

static struct pcpmm_machine *create(enum pcpmm_need_update need_update,
	enum pcpmm_numa_events numa_events, enum pcpmm_layout layout)
{
	static const struct pcpmm_node_config nodes[2] = {
		{.zones = {[PCPMM_ZONE_NORMAL] = {1024, 65536, 65536, 65536}}},
		{.zones = {[PCPMM_ZONE_NORMAL] = {66560, 65536, 65536, 65536}}},
	};
	struct pcpmm_config config = config_of(nodes, 2, 4);

	config.need_update = need_update;
	config.numa_events = numa_events;
	config.layout = layout;
	return create_or_fail(&config);
}

static struct pcpmm_machine *create_diffs(void)
{
	return create(PCPMM_NEED_UPDATE_ZONE_NUMA, PCPMM_NUMA_EVENTS_DIFFS,
		PCPMM_LAYOUT_6_1);
}

/* @n events of node @nid: each page goes back to the list that it came from. */
static void events(struct pcpmm_cpu *cpu, int nid, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct pcpmm_page *page = pcpmm_alloc_pages_node(
			cpu, nid, PCPMM_GFP_KERNEL | PCPMM___GFP_THISNODE, 0);

		assert_non_null(page);
		assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	}
}

/* Of node 0's zone, as zoneinfo prints it. */
static uint64_t of_zone(struct pcpmm_machine *machine, const char *name)
{
	uint64_t value;

	assert_int_equal(pcpmm_zone_stat_read(
				 machine, 0, PCPMM_ZONE_NORMAL, name, &value),
		0);
	return value;
}

static void expect_hits(
	struct pcpmm_machine *machine, uint64_t zone, uint64_t vmstat)
{
	assert_int_equal(of_zone(machine, "numa_hit"), zone);
	assert_int_equal(of_zone(machine, "numa_local"), zone);
	assert_int_equal(vmstat_of(machine, "numa_hit"), vmstat);
	assert_int_equal(vmstat_of(machine, "numa_local"), vmstat);
}

/* Apart: both are exact. As diffs: vmstat is, once the CPU has folded. */
static void test_vmstat_lacks_the_diffs(void **state)
{
	struct pcpmm_machine *machine = create(PCPMM_NEED_UPDATE_ZONE_NODE,
		PCPMM_NUMA_EVENTS_APART, PCPMM_LAYOUT_6_1);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	events(cpu, 0, 10);
	expect_hits(machine, 10, 10);
	pcpmm_cpu_leave(cpu);
	pcpmm_machine_destroy(machine);

	machine = create_diffs();
	cpu = pcpmm_cpu_enter(machine, 0);
	events(cpu, 0, 10);
	expect_hits(machine, 10, 0);
	assert_true(pcpmm_vmstat_fold(cpu, 0) > 0);
	expect_hits(machine, 10, 10);
	/* Two changes: hit and local. Pages came from the list and went there. */
	events(cpu, 0, 3);
	expect_hits(machine, 13, 10);
	assert_int_equal(pcpmm_vmstat_fold(cpu, 0), 2);
	expect_hits(machine, 13, 13);
	assert_int_equal(pcpmm_vmstat_fold(cpu, 0), 0);
	pcpmm_cpu_leave(cpu);
	expect_valid(machine);
	pcpmm_machine_destroy(machine);
}

/* A diff of 16 bit moves up whole when it is larger than U16_MAX - 2. */
static void test_threshold(void **state)
{
	struct pcpmm_machine *machine = create_diffs();
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	events(cpu, 0, 100);
	pcpmm_vmstat_fold(cpu, 0);
	events(cpu, 0, PERIOD - 1);
	expect_hits(machine, 100 + PERIOD - 1, 100);
	events(cpu, 0, 1);
	expect_hits(machine, 100 + PERIOD, 100 + PERIOD);
	events(cpu, 0, 1);
	expect_hits(machine, 100 + PERIOD + 1, 100 + PERIOD);
	pcpmm_vmstat_fold(cpu, 0);
	expect_hits(machine, 100 + PERIOD + 1, 100 + PERIOD + 1);
	pcpmm_cpu_leave(cpu);
	pcpmm_machine_destroy(machine);
}

/* A dead CPU's diffs have moved up; what it counts later is a diff again. */
static void test_offline(void **state)
{
	struct pcpmm_machine *machine = create_diffs();
	struct pcpmm_cpu *one = pcpmm_cpu_enter(machine, 1), *cpu;

	(void)state;
	events(one, 0, 7);
	pcpmm_cpu_leave(one);
	cpu = pcpmm_cpu_enter(machine, 0);
	expect_hits(machine, 7, 0);
	assert_int_equal(pcpmm_cpu_offline(cpu, 1), 0);
	expect_hits(machine, 7, 7);
	assert_int_equal(pcpmm_cpu_online(cpu, 1), 0);
	pcpmm_cpu_leave(cpu);
	one = pcpmm_cpu_enter(machine, 1);
	events(one, 0, 2);
	expect_hits(machine, 9, 7);
	pcpmm_vmstat_fold(one, 0);
	expect_hits(machine, 9, 9);
	pcpmm_cpu_leave(one);
	pcpmm_machine_destroy(machine);
}

/* vm.numa_stat = 0 clears the diffs, too. */
static void test_numa_stat(void **state)
{
	struct pcpmm_machine *machine = create_diffs();
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	events(cpu, 0, 7);
	pcpmm_vmstat_fold(cpu, 0);
	events(cpu, 0, 7);
	assert_int_equal(pcpmm_sysctl_set(machine, "numa_stat", "0"), 0);
	expect_hits(machine, 0, 0);
	events(cpu, 0, 5);
	expect_hits(machine, 0, 0);
	assert_int_equal(pcpmm_vmstat_fold(cpu, 0), 0);
	assert_int_equal(pcpmm_sysctl_set(machine, "numa_stat", "1"), 0);
	expect_hits(machine, 0, 0);
	events(cpu, 0, 4);
	expect_hits(machine, 4, 0);
	pcpmm_vmstat_fold(cpu, 0);
	expect_hits(machine, 4, 4);
	pcpmm_cpu_leave(cpu);
	pcpmm_machine_destroy(machine);
}

/* Number of CPUs that a pass folds after NUMA events, or after a node's. */
static void expect_reasons(enum pcpmm_need_update need_update,
	enum pcpmm_numa_events numa_events, int of_events, int of_node)
{
	struct pcpmm_machine *machine =
		create(need_update, numa_events, PCPMM_LAYOUT_6_1);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	assert_int_equal(pcpmm_shepherd_start(machine, 0), 0);
	events(cpu, 0, 1); /* fills the list */
	pcpmm_vmstat_fold(cpu, 0);
	assert_int_equal(pcpmm_shepherd_pass(cpu), 0);
	events(cpu, 0, 1);
	assert_int_equal(pcpmm_shepherd_pass(cpu), of_events);
	assert_int_equal(pcpmm_vmstat_refresh(cpu), 0);
	pcpmm_shepherd_stop(machine);

	assert_int_equal(pcpmm_shepherd_start(machine, 0), 0);
	assert_int_equal(pcpmm_shepherd_pass(cpu), 0);
	assert_int_equal(pcpmm_stat_mod(cpu, 0, -1, ITEM, 1), 0);
	assert_int_equal(pcpmm_shepherd_pass(cpu), of_node);
	pcpmm_shepherd_stop(machine);
	pcpmm_cpu_leave(cpu);
	pcpmm_machine_destroy(machine);
}

static void test_need_update(void **state)
{
	(void)state;
	expect_reasons(
		PCPMM_NEED_UPDATE_ZONE_NODE, PCPMM_NUMA_EVENTS_APART, 0, 1);
	expect_reasons(
		PCPMM_NEED_UPDATE_ZONE_NUMA, PCPMM_NUMA_EVENTS_APART, 0, 0);
	expect_reasons(
		PCPMM_NEED_UPDATE_ZONE_NODE, PCPMM_NUMA_EVENTS_DIFFS, 0, 1);
	expect_reasons(
		PCPMM_NEED_UPDATE_ZONE_NUMA, PCPMM_NUMA_EVENTS_DIFFS, 1, 0);
}

/* Pages that folds drain from a list of node 1 that CPU 0 uses between them. */
static uint64_t drained(enum pcpmm_numa_events numa_events)
{
	struct pcpmm_machine *machine = create(
		PCPMM_NEED_UPDATE_ZONE_NUMA, numa_events, PCPMM_LAYOUT_6_1);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	uint64_t pages;

	for (int i = 0; i < 12; i++) {
		events(cpu, 1, 1);
		pcpmm_vmstat_fold(cpu, 1);
	}
	pages = stats_of(machine).pages;
	pcpmm_cpu_leave(cpu);
	expect_valid(machine);
	pcpmm_machine_destroy(machine);
	return pages;
}

/*
 * The countdown to the drain of a remote list begins anew with each NUMA event that
 * a fold finds: a list in use stays. Apart, only counters of the zone do so, which
 * pages to and from the list leave alone.
 */
static void test_events_keep_remote_lists(void **state)
{
	(void)state;
	assert_int_equal(drained(PCPMM_NUMA_EVENTS_DIFFS), 0);
	assert_true(drained(PCPMM_NUMA_EVENTS_APART) > 0);
}

/* stat_refresh of 5.10: an error for a zone's counter, none for a node's. */
static void test_stat_refresh(void **state)
{
	static const struct {
		enum pcpmm_layout layout;
		int of_node, of_zone;
	} cases[] = {
		{PCPMM_LAYOUT_6_1, 1, 2},
		{PCPMM_LAYOUT_5_10, 0, -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		struct pcpmm_machine *machine =
			create(PCPMM_NEED_UPDATE_ZONE_NODE,
				PCPMM_NUMA_EVENTS_APART, cases[i].layout);
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

		assert_int_equal(pcpmm_shepherd_start(machine, 0), 0);
		assert_int_equal(pcpmm_vmstat_refresh(cpu), 0);
		assert_int_equal(pcpmm_stat_mod(cpu, 0, -1, ITEM, -5), 0);
		assert_int_equal(pcpmm_vmstat_refresh(cpu), cases[i].of_node);
		assert_int_equal(pcpmm_stat_mod(cpu, 0, PCPMM_ZONE_NORMAL,
					 "nr_mlock", -5),
			0);
		assert_int_equal(pcpmm_vmstat_refresh(cpu), cases[i].of_zone);
		if (cases[i].of_zone < 0)
			assert_non_null(strstr(
				pcpmm_last_error(machine), "is negative"));
		pcpmm_shepherd_stop(machine);
		pcpmm_cpu_leave(cpu);
		pcpmm_machine_destroy(machine);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vmstat_lacks_the_diffs),
		cmocka_unit_test(test_threshold),
		cmocka_unit_test(test_offline),
		cmocka_unit_test(test_numa_stat),
		cmocka_unit_test(test_need_update),
		cmocka_unit_test(test_events_keep_remote_lists),
		cmocka_unit_test(test_stat_refresh),
	};

	return cmocka_run_group_tests_name("numa_diffs", tests, NULL, NULL);
}
