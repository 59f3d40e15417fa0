/* SPDX-License-Identifier: MIT */
/*
 * A recorded machine: 4 CPUs on two nodes, 4 GiB, Linux 6.1. The tests compare
 * with the values its kernel printed after the same steps.
 */
#ifndef TESTS_SUPPORT_RECORDED_H
#define TESTS_SUPPORT_RECORDED_H

#include "support/harness.h"

#define RECORDED_ZONES 4

/* Its four zones. */
static const struct {
	unsigned int nid, type;
	struct pcpmm_zone_config config;
} recorded_zone[RECORDED_ZONES] = {
	{0, PCPMM_ZONE_DMA, {1, 4095, 3998, 3840}},
	{0, PCPMM_ZONE_DMA32, {4096, 520192, 520192, 500510}},
	{1, PCPMM_ZONE_DMA32, {524288, 524288, 262112, 245728}},
	{1, PCPMM_ZONE_NORMAL, {1048576, 262144, 262144, 253073}},
};

static inline struct pcpmm_machine *recorded_create(
	const unsigned int cpu_node[4], int64_t min_free_kbytes)
{
	struct pcpmm_node_config nodes[2] = {0};
	struct pcpmm_config config;

	for (int i = 0; i < RECORDED_ZONES; i++)
		nodes[recorded_zone[i].nid].zones[recorded_zone[i].type] =
			recorded_zone[i].config;
	config = config_of(nodes, 2, 4);
	config.cpu_node = cpu_node;
	config.sysctl.min_free_kbytes = min_free_kbytes;
	return create_or_fail(&config);
}

/* pcp high of CPU 0 in each zone. */
static inline void expect_highs(
	struct pcpmm_machine *machine, const int high[RECORDED_ZONES])
{
	for (int i = 0; i < RECORDED_ZONES; i++) {
		struct pcpmm_pcp_info info = pcp_of(pcpmm_cpu_get(machine, 0),
			recorded_zone[i].nid, recorded_zone[i].type);

		if (info.high != high[i])
			fail_msg("zone %d: high %d, recorded %d", i, info.high,
				high[i]);
	}
}

static inline void expect_thresholds(
	struct pcpmm_machine *machine, const int threshold[RECORDED_ZONES])
{
	for (int i = 0; i < RECORDED_ZONES; i++)
		assert_int_equal(
			pcp_of(pcpmm_cpu_get(machine, 0), recorded_zone[i].nid,
				recorded_zone[i].type)
				.stat_threshold,
			threshold[i]);
}

static inline void expect_marks(
	struct pcpmm_machine *machine, const uint64_t mark[RECORDED_ZONES][3])
{
	struct pcpmm_zone_truth truth;

	for (int i = 0; i < RECORDED_ZONES; i++) {
		assert_int_equal(
			pcpmm_zone_truth_read(machine, recorded_zone[i].nid,
				recorded_zone[i].type, &truth),
			0);
		assert_int_equal(truth.min, mark[i][0]);
		assert_int_equal(truth.low, mark[i][1]);
		assert_int_equal(truth.high, mark[i][2]);
	}
}

#endif
