/* SPDX-License-Identifier: MIT */
/*
 * A node without memory. The shepherd queued work for diffs of such a node; Linux
 * looks at the nodes of populated zones. And such a node, which has no kswapd,
 * seemed to have one: it could be run by hand, also where kswapds are threads.
 */
#include "support/harness.h"

#include "machine/machine.h"
#include "vmstat/diff.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define PAGES 8192
#define HOUR_MS 3600000

/* CPU 0 and memory on node 0, CPU 1 on node 1, memory without a CPU on node 2. */
static struct pcpmm_machine *create(void)
{
	static const unsigned int cpu_node[] = {0, 1};
	struct pcpmm_node_config nodes[3] = {0};
	struct pcpmm_config config = config_of(nodes, 3, 2);

	nodes[0].zones[NORMAL] = (struct pcpmm_zone_config){
		SHAPE_START_PFN, PAGES, PAGES, PAGES};
	nodes[2].zones[NORMAL] = (struct pcpmm_zone_config){
		SHAPE_START_PFN + PAGES, PAGES, PAGES, PAGES};
	config.cpu_node = cpu_node;
	return create_or_fail(&config);
}

static void set_diff(struct pcpmm_machine *machine, unsigned int nid, int diff)
{
	*diff_s8(machine->nodes[nid].stat.diffs[1], NR_FILE_PAGES) =
		(int8_t)diff;
}

/* Of CPU 1, which is idle. Number of work items. */
static int works_for_diff_of(struct pcpmm_machine *machine, unsigned int nid)
{
	int works;

	set_diff(machine, nid, 3);
	works = pcpmm_shepherd_pass(pcpmm_cpu_get(machine, 0));
	pcpmm_shepherd_stop(machine);
	set_diff(machine, nid, 0);
	assert_int_equal(pcpmm_shepherd_start(machine, HOUR_MS), 0);
	return works;
}

static void test_no_work_for_its_diffs(void **state)
{
	struct pcpmm_machine *machine = create();

	(void)state;
	assert_non_null(pcpmm_cpu_enter(machine, 0));
	assert_int_equal(pcpmm_shepherd_start(machine, HOUR_MS), 0);
	assert_int_equal(works_for_diff_of(machine, 0), 1);
	assert_int_equal(works_for_diff_of(machine, 1), 0);
	assert_int_equal(works_for_diff_of(machine, 2), 1);
	pcpmm_machine_destroy(machine);
}

static bool runs(struct pcpmm_machine *machine, unsigned int nid)
{
	struct pcpmm_kswapd_state kswapd;

	assert_int_equal(pcpmm_kswapd_read(machine, nid, &kswapd), 0);
	return kswapd.running;
}

static void test_it_has_no_kswapd(void **state)
{
	static const unsigned int naps[] = {0, 1000};
	struct pcpmm_machine *machine = create();
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 1);

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(naps); i++) {
		assert_int_equal(pcpmm_kswapd_start(machine, naps[i]), 0);
		assert_int_equal(pcpmm_kswapd_run(cpu, 1), -EINVAL);
		assert_int_equal(
			pcpmm_kswapd_run(cpu, 2), naps[i] ? -EINVAL : 0);
		assert_true(runs(machine, 0));
		assert_false(runs(machine, 1));
		assert_true(runs(machine, 2));
		/* It throttles nobody. */
		assert_true(pcpmm_allows_direct_reclaim(machine, 1));
		pcpmm_kswapd_stop(machine);
	}
	pcpmm_machine_destroy(machine);
}

/* Its CPU takes pages of the nearest node, and wakes the kswapds of all others. */
static void test_its_cpu(void **state)
{
	struct pcpmm_machine *machine = create();
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 1);
	struct pcpmm_kswapd_state kswapd;
	struct pcpmm_page *page;

	(void)state;
	assert_int_equal(pcpmm_kswapd_start(machine, 0), 0);
	assert_null(pcpmm_alloc_pages(
		cpu, PCPMM_GFP_KERNEL | PCPMM___GFP_THISNODE, 0));
	do
		page = pcpmm_alloc_pages(cpu, PCPMM_GFP_NOWAIT, 0);
	while (page);
	for (unsigned int nid = 0; nid < 3; nid += 2) {
		assert_int_equal(pcpmm_kswapd_read(machine, nid, &kswapd), 0);
		assert_true(kswapd.woken);
		assert_int_equal(pcpmm_kswapd_run(cpu, nid), 0);
	}
	assert_true(vmstat_of(machine, "numa_other") > 0);
	assert_int_equal(vmstat_of(machine, "numa_local"), 0);
	expect_valid(machine);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_work_for_its_diffs),
		cmocka_unit_test(test_it_has_no_kswapd),
		cmocka_unit_test(test_its_cpu),
	};

	return cmocka_run_group_tests_name(
		"memoryless_nodes", tests, NULL, NULL);
}
