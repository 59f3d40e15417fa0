/* SPDX-License-Identifier: MIT */
/*
 * The tick and lists of remote nodes: after three folds without a change in the
 * zone a batch goes back, which is a change again.
 */
#include "support/harness.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define BATCH 63

static struct pcpmm_machine *two_nodes(unsigned int cpus)
{
	const struct shape shape = {
		.cpus = cpus,
		.nodes = 2,
		.pages = {[PCPMM_ZONE_NORMAL] = 262144},
	};

	return shape_create(&shape);
}

/* Leave @pages of node @nid on CPU 0's list. */
static void stock(struct pcpmm_machine *machine, struct pcpmm_cpu *cpu,
	unsigned int nid, unsigned int pages)
{
	assert_int_equal(pcpmm_restore_pcp_list(machine, 0, nid, NORMAL, 0,
				 PCPMM_MIGRATE_MOVABLE, pages),
		0);
	assert_int_equal(pcp_of(cpu, nid, NORMAL).count, pages);
}

/* A change in the zone's counters, so that the next fold arms the countdown */
static void touch(struct pcpmm_cpu *cpu, unsigned int nid)
{
	assert_int_equal(pcpmm_stat_mod(cpu, nid, NORMAL, "nr_mlock", 1), 0);
}

/* Folds until the first batch goes back; pages left after twelve more folds. */
static int expire(unsigned int cpus, int threshold)
{
	struct pcpmm_machine *machine = two_nodes(cpus);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	int left;

	assert_int_equal(pcp_of(cpu, 1, NORMAL).stat_threshold, threshold);
	stock(machine, cpu, 1, 2 * BATCH + 10);
	touch(cpu, 1);
	/* Armed with 3, and counted down in the same fold: 2, 1, 0. */
	assert_true(pcpmm_vmstat_fold(cpu, 1) > 0);
	assert_int_equal(pcpmm_vmstat_fold(cpu, 1), 0);
	assert_int_equal(pcp_of(cpu, 1, NORMAL).count, 2 * BATCH + 10);
	assert_true(pcpmm_vmstat_fold(cpu, 1) > 0);
	assert_int_equal(pcp_of(cpu, 1, NORMAL).count, BATCH + 10);
	for (int i = 0; i < 12; i++)
		pcpmm_vmstat_fold(cpu, 1);
	left = pcp_of(cpu, 1, NORMAL).count;
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
	return left;
}

/* Each drain leaves a diff, which arms the countdown again, until the end. */
static void test_remote_list_expires(void **state)
{
	(void)state;
	assert_int_equal(expire(4, 30), 0);
}

/*
 * Unless the drained pages are a multiple of threshold + 1: then the diff is 0,
 * and the rest of the list stays. 63 = 3 * 21.
 */
static void test_remote_list_may_get_stuck(void **state)
{
	(void)state;
	assert_int_equal(expire(2, 20), BATCH + 10);
}

static void test_local_list_stays(void **state)
{
	struct pcpmm_machine *machine = two_nodes(2);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	stock(machine, cpu, 0, BATCH);
	touch(cpu, 0);
	for (int i = 0; i < 20; i++)
		pcpmm_vmstat_fold(cpu, 1);
	assert_int_equal(pcp_of(cpu, 0, NORMAL).count, BATCH);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* The fold of an idle CPU moves counters and drains no list. */
static void test_quiet_fold_leaves_lists(void **state)
{
	struct pcpmm_machine *machine = two_nodes(2);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	uint64_t value;

	(void)state;
	stock(machine, cpu, 1, BATCH);
	touch(cpu, 1);
	assert_int_equal(
		pcpmm_zone_stat_read(machine, 1, NORMAL, "nr_mlock", &value),
		0);
	assert_int_equal(value, 0);
	assert_true(pcpmm_vmstat_fold(cpu, 0) > 0);
	assert_int_equal(
		pcpmm_zone_stat_read(machine, 1, NORMAL, "nr_mlock", &value),
		0);
	assert_int_equal(value, 1);
	for (int i = 0; i < 20; i++)
		assert_int_equal(pcpmm_vmstat_fold(cpu, 0), 0);
	assert_int_equal(pcp_of(cpu, 1, NORMAL).count, BATCH);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_remote_list_expires),
		cmocka_unit_test(test_remote_list_may_get_stuck),
		cmocka_unit_test(test_local_list_stays),
		cmocka_unit_test(test_quiet_fold_leaves_lists),
	};

	return cmocka_run_group_tests_name("tick", tests, NULL, NULL);
}
