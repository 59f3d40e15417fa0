/* SPDX-License-Identifier: MIT */
/*
 * Drift marks of boot were computed with the marks that khugepaged, or the
 * configuration, had set; in Linux they are of the first marks of boot, which both
 * replace later. And every kernel's boot left a mark in zones that need none, as
 * only those to 6.12 do.
 */
#include "support/harness.h"

#define DMA PCPMM_ZONE_DMA
#define DMA32 PCPMM_ZONE_DMA32
#define NORMAL PCPMM_ZONE_NORMAL

static struct pcpmm_node_config node;
static struct pcpmm_config config;

/* 16 GB, as examples/machines/isolated.ini. */
static void config_of_16g(unsigned int cpus)
{
	node.zones[DMA] = (struct pcpmm_zone_config){1, 4095, 3998, 3840};
	node.zones[DMA32] =
		(struct pcpmm_zone_config){4096, 782336, 782336, 770112};
	node.zones[NORMAL] =
		(struct pcpmm_zone_config){1048576, 3407872, 3407872, 3354624};
	config = config_of(&node, 1, cpus);
}

static struct pcpmm_zone_truth zone(unsigned int type)
{
	struct pcpmm_machine *machine = create_or_fail(&config);
	struct pcpmm_zone_truth truth;

	assert_int_equal(pcpmm_zone_truth_read(machine, 0, type, &truth), 0);
	pcpmm_machine_destroy(machine);
	return truth;
}

/* 8 CPUs hide 64 pages of DMA; min and low of the first marks are 3 apart. */
static void test_by_the_first_marks(void **state)
{
	static const int64_t min_free_kbytes[] = {-1, 16384, 67584, 200000};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(min_free_kbytes); i++) {
		config_of_16g(8);
		config.sysctl.min_free_kbytes = min_free_kbytes[i];
		assert_int_equal(zone(DMA).stat_threshold, 8);
		assert_int_equal(zone(DMA).drift_mark, 9 + 64);
	}
	/* khugepaged's marks, which are much higher. */
	config_of_16g(8);
	assert_int_equal(zone(DMA).high, 21);
	/* Without khugepaged, high is that of the first marks. */
	config.thp = PCPMM_THP_NEVER;
	assert_int_equal(zone(DMA).high, 9);
	assert_int_equal(zone(DMA).drift_mark, 9 + 64);
}

/* One CPU hides 4 pages of DMA at most, two hide 8. */
static void test_one_cpu(void **state)
{
	(void)state;
	config_of_16g(1);
	assert_int_equal(zone(DMA).drift_mark, 0);
	assert_int_equal(zone(NORMAL).drift_mark, 0);
	config_of_16g(2);
	assert_int_equal(zone(DMA).drift_mark, 9 + 8);
}

/* Only zones that need a mark have one. */
static void test_late(void **state)
{
	(void)state;
	config_of_16g(8);
	assert_int_equal(zone(DMA32).drift_mark, 8 * 48);
	assert_int_equal(zone(NORMAL).drift_mark, 8 * 64);
	assert_int_equal(
		pcpmm_config_set(&config, "boot_drift_mark", "late", NULL), 0);
	assert_int_equal(zone(DMA).drift_mark, 21 + 64);
	assert_int_equal(zone(DMA32).drift_mark, 0);
	assert_int_equal(zone(NORMAL).drift_mark, 0);
	config.nr_cpus = 1;
	assert_int_equal(zone(DMA).drift_mark, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_the_first_marks),
		cmocka_unit_test(test_one_cpu),
		cmocka_unit_test(test_late),
	};

	return cmocka_run_group_tests_name(
		"boot_drift_mark", tests, NULL, NULL);
}
