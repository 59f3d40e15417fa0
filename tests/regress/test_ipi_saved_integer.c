/* SPDX-License-Identifier: MIT */
/*
 * pcp_global_ipi_saved counted the CPUs that really had pages, and compared twice
 * their number. The posted patch (2012) compares the weight of the mask as it was
 * computed with an integer half of the online CPUs: 3 of 7 are not fewer than 3,
 * and the posted mask, which the last zone decides, counts although it is wrong.
 */
#include "support/harness.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define DMA32 PCPMM_ZONE_DMA32
#define ALL PCPMM_DRAIN_ALL_ZONES

static struct pcpmm_machine *create(enum pcpmm_drain drain)
{
	struct pcpmm_node_config node = {
		.zones = {[DMA32] = {SHAPE_START_PFN, 65536, 65536, 65536},
			[NORMAL] = {
				SHAPE_START_PFN + 65536, 65536, 65536, 65536}}};
	struct pcpmm_config config = config_of(&node, 1, 7);

	config.drain = drain;
	config.allow_unsound = true;
	return create_or_fail(&config);
}

/* Pages of @gfp's zone on the first @holders CPUs' lists; one drain of all. */
static uint64_t saved_by(
	struct pcpmm_machine *machine, unsigned int holders, uint32_t gfp)
{
	struct pcpmm_drain_stats before, after;
	struct pcpmm_cpu *cpu;

	pcpmm_drain_stats_read(machine, &before);
	for (unsigned int id = 0; id < holders; id++) {
		cpu = pcpmm_cpu_enter(machine, id);
		assert_int_equal(pcpmm_free_pages(cpu,
					 pcpmm_alloc_pages(cpu, gfp, 0), 0),
			0);
		assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	}
	cpu = pcpmm_cpu_enter(machine, 6);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	pcpmm_drain_stats_read(machine, &after);
	assert_int_equal(after.pcp_global_drain, before.pcp_global_drain + 1);
	return after.pcp_global_ipi_saved - before.pcp_global_ipi_saved;
}

static void test_half_of_seven_is_three(void **state)
{
	static const enum pcpmm_drain drains[] = {
		PCPMM_DRAIN_IPI_MASK, PCPMM_DRAIN_PCP_LOCK};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(drains); i++) {
		struct pcpmm_machine *machine = create(drains[i]);

		assert_int_equal(saved_by(machine, 3, PCPMM_GFP_KERNEL), 0);
		assert_int_equal(saved_by(machine, 2, PCPMM_GFP_KERNEL), 1);
		expect_all_free(machine);
		pcpmm_machine_destroy(machine);
	}
}

/* All seven hold pages, of the first zone: the mask of the last one is empty. */
static void test_the_mask_as_computed(void **state)
{
	struct pcpmm_machine *machine = create(PCPMM_DRAIN_IPI_MASK_POSTED);

	(void)state;
	assert_int_equal(saved_by(machine, 6, PCPMM_GFP_DMA32), 1);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_half_of_seven_is_three),
		cmocka_unit_test(test_the_mask_as_computed),
	};

	return cmocka_run_group_tests_name(
		"ipi_saved_integer", tests, NULL, NULL);
}
