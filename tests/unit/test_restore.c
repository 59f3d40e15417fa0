/* SPDX-License-Identifier: MIT */
/* Recorded states: each call refuses impossible states, and conserves pages. */
#include "support/harness.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define BASE SHAPE_START_PFN
#define PAGES 65536ULL

static struct pcpmm_machine *held_machine(void)
{
	const struct shape shape = {
		.cpus = 2,
		.pages = {[PCPMM_ZONE_NORMAL] = PAGES},
		.boot = PCPMM_BOOT_HELD,
	};

	return shape_create(&shape);
}

static void test_frames(void **state)
{
	struct pcpmm_machine *machine = held_machine();
	enum pcpmm_migratetype movable = PCPMM_MIGRATE_MOVABLE;

	(void)state;
	assert_int_equal(pages_held(machine, 0, NORMAL), PAGES);
	assert_int_equal(pcpmm_restore_free(machine, BASE, 10), 0);
	assert_int_equal(state_of_pfn(machine, BASE + 77), PCPMM_PAGE_BUDDY);
	/* A frame is restored once only. */
	assert_int_equal(pcpmm_restore_free(machine, BASE, 10), -EBUSY);
	assert_int_equal(pcpmm_restore_free(machine, BASE + 8, 3), -EBUSY);
	assert_int_equal(pcpmm_restore_held(machine, BASE + 1, 0), -EBUSY);
	assert_int_equal(
		pcpmm_restore_pcp(machine, 0, BASE + 4, 2, movable), -EBUSY);
	assert_int_equal(pcpmm_restore_held(machine, BASE + 1024, 4), 0);
	assert_int_equal(pcpmm_restore_free(machine, BASE + 1024, 5), -EBUSY);
	assert_int_equal(
		pcpmm_restore_pcp(machine, 1, BASE + 2048, 3, movable), 0);
	assert_int_equal(pcp_of(pcpmm_cpu_get(machine, 1), 0, NORMAL).count, 8);
	/* Invalid frames, orders, CPUs and types. */
	assert_int_equal(pcpmm_restore_free(machine, BASE + 1, 1), -EINVAL);
	assert_int_equal(pcpmm_restore_free(machine, BASE, 11), -EINVAL);
	assert_int_equal(pcpmm_restore_free(machine, 0, 0), -EINVAL);
	assert_int_equal(pcpmm_restore_free(machine, BASE + PAGES, 0), -EINVAL);
	assert_int_equal(pcpmm_restore_free(machine, UINT64_MAX & ~1023ULL, 10),
		-EINVAL);
	assert_int_equal(pcpmm_restore_pcp(machine, 2, BASE + 4096, 0, movable),
		-EINVAL);
	assert_int_equal(pcpmm_restore_pcp(machine, 0, BASE + 4096, 4, movable),
		-EINVAL);
	assert_int_equal(pcpmm_restore_pcp(machine, 0, BASE + 4096, 0,
				 PCPMM_MIGRATE_HIGHATOMIC),
		-EINVAL);
	expect_valid(machine);
	assert_int_equal(pages_held(machine, 0, NORMAL), PAGES - 1024 - 8);
	pcpmm_machine_destroy(machine);
}

/* A zone with holes: more than managed can not be free. */
static void test_no_more_than_managed(void **state)
{
	struct pcpmm_node_config node = {0};
	struct pcpmm_machine *machine;
	struct pcpmm_config config;

	(void)state;
	node.zones[NORMAL] = (struct pcpmm_zone_config){BASE, 4096, 4096, 2048};
	config = config_of(&node, 1, 1);
	config.boot = PCPMM_BOOT_HELD;
	machine = create_or_fail(&config);
	assert_int_equal(pcpmm_restore_free(machine, BASE, 10), 0);
	assert_int_equal(pcpmm_restore_free(machine, BASE + 2048, 10), 0);
	assert_int_equal(pcpmm_restore_free(machine, BASE + 1024, 0), -EBUSY);
	assert_int_equal(pages_held(machine, 0, NORMAL), 0);
	expect_valid(machine);
	pcpmm_machine_destroy(machine);
}

/* Frames that boot freed, or that are not held, can not be restored. */
static void test_only_after_a_held_boot(void **state)
{
	const struct shape shape = {
		.pages = {[PCPMM_ZONE_NORMAL] = PAGES},
	};
	struct pcpmm_machine *machine = shape_create(&shape);

	(void)state;
	assert_int_equal(pcpmm_restore_free(machine, BASE, 0), -EBUSY);
	assert_int_equal(pcpmm_restore_held(machine, BASE, 0), -EBUSY);
	assert_int_equal(pcpmm_restore_block_type(
				 machine, BASE, PCPMM_MIGRATE_UNMOVABLE),
		-EBUSY);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_block_types(void **state)
{
	struct pcpmm_machine *machine = held_machine();
	struct pcpmm_page_info info;

	(void)state;
	assert_int_equal(pcpmm_restore_free(machine, BASE, 3), 0);
	assert_int_equal(pcpmm_restore_block_type(machine, BASE + 500,
				 PCPMM_MIGRATE_RECLAIMABLE),
		0);
	assert_int_equal(pcpmm_page_inspect(machine, BASE + 511, &info), 0);
	assert_int_equal(info.block_type, PCPMM_MIGRATE_RECLAIMABLE);
	assert_int_equal(pcpmm_page_inspect(machine, BASE + 512, &info), 0);
	assert_int_equal(info.block_type, PCPMM_MIGRATE_MOVABLE);
	for (int type = PCPMM_MIGRATE_CMA; type <= PCPMM_NR_MIGRATETYPES;
		type++)
		assert_int_equal(pcpmm_restore_block_type(machine, BASE,
					 (enum pcpmm_migratetype)type),
			-EINVAL);
	assert_int_equal(pcpmm_restore_block_type(
				 machine, BASE - 1, PCPMM_MIGRATE_MOVABLE),
		-EINVAL);
	expect_valid(machine);
	pcpmm_machine_destroy(machine);
}

static void test_lists_grow_and_shrink(void **state)
{
	struct pcpmm_machine *machine = held_machine();
	const struct pcpmm_cpu *cpu = pcpmm_cpu_get(machine, 1);
	enum pcpmm_migratetype type = PCPMM_MIGRATE_MOVABLE;

	(void)state;
	assert_int_equal(pcpmm_restore_free(machine, BASE, 6), 0);
	assert_int_equal(
		pcpmm_restore_pcp_list(machine, 1, 0, NORMAL, 1, type, 20), 0);
	assert_int_equal(pcp_of(cpu, 0, NORMAL).blocks[4], 20);
	assert_int_equal(
		pcpmm_restore_pcp_list(machine, 1, 0, NORMAL, 1, type, 5), 0);
	assert_int_equal(pcp_of(cpu, 0, NORMAL).blocks[4], 5);
	assert_int_equal(pcp_of(cpu, 0, NORMAL).count, 10);
	expect_valid(machine);
	/* More than there are: all. */
	assert_int_equal(
		pcpmm_restore_pcp_list(machine, 1, 0, NORMAL, 1, type, 40),
		-ENOMEM);
	assert_int_equal(pcp_of(cpu, 0, NORMAL).count, 64);
	expect_valid(machine);
	assert_int_equal(
		pcpmm_restore_pcp_list(machine, 2, 0, NORMAL, 1, type, 1),
		-EINVAL);
	assert_int_equal(
		pcpmm_restore_pcp_list(machine, 1, 0, NORMAL, 5, type, 1),
		-EINVAL);
	assert_int_equal(pcpmm_restore_pcp_list(
				 machine, 1, 0, PCPMM_ZONE_DMA, 0, type, 1),
		-EINVAL);
	assert_int_equal(pcpmm_restore_pcp_list(machine, 1, 0, NORMAL, 0,
				 PCPMM_MIGRATE_HIGHATOMIC, 1),
		-EINVAL);
	expect_valid(machine);
	pcpmm_machine_destroy(machine);
}

static void test_values(void **state)
{
	struct pcpmm_zone_values values = {
		.min = 10, .low = 20, .high = 30, .boost = 5};
	struct pcpmm_machine *machine = held_machine();
	struct pcpmm_zone_truth truth;

	(void)state;
	assert_int_equal(pcpmm_restore_zone(machine, 0, NORMAL, &values), 0);
	assert_int_equal(pcpmm_zone_truth_read(machine, 0, NORMAL, &truth), 0);
	assert_int_equal(truth.min, 15);
	assert_int_equal(truth.low, 25);
	assert_int_equal(truth.high, 35);
	values.low = 9;
	assert_int_equal(
		pcpmm_restore_zone(machine, 0, NORMAL, &values), -EINVAL);
	values.low = 31;
	assert_int_equal(
		pcpmm_restore_zone(machine, 0, NORMAL, &values), -EINVAL);
	assert_int_equal(
		pcpmm_restore_zone(machine, 1, NORMAL, &values), -EINVAL);
	assert_int_equal(
		pcpmm_restore_pageset(machine, 0, 0, NORMAL, 100, 7, 3), 0);
	assert_int_equal(
		pcp_of(pcpmm_cpu_get(machine, 0), 0, NORMAL).free_factor, 3);
	assert_int_equal(pcpmm_restore_pageset(machine, 0, 0, NORMAL, -1, 7, 0),
		-EINVAL);
	assert_int_equal(
		pcpmm_restore_pageset(machine, 0, 0, NORMAL, 100, 0, 0),
		-EINVAL);
	assert_int_equal(
		pcpmm_restore_pageset(machine, 0, 0, NORMAL, 100, 7, 7),
		-EINVAL);
	assert_int_equal(
		pcpmm_restore_pageset(machine, 2, 0, NORMAL, 100, 7, 0),
		-EINVAL);
	assert_int_equal(
		pcpmm_restore_reclaim_active(machine, 0, 9, 1), -EINVAL);
	pcpmm_machine_destroy(machine);
}

/* The frames of a list, the next to be allocated first. */
static void test_list_frames(void **state)
{
	struct pcpmm_machine *machine = held_machine();
	const enum pcpmm_migratetype type = PCPMM_MIGRATE_MOVABLE;
	const struct pcpmm_choice choice = {.zone_type = NORMAL, .type = type};
	struct pcpmm_cpu *cpu;
	struct pcpmm_page *page;
	uint32_t frames[4] = {0};

	(void)state;
	assert_int_equal(pcpmm_restore_pcp_frames(
				 machine, 1, 0, NORMAL, 0, type, frames, 4),
		0);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(pcpmm_restore_pcp(machine, 1,
					 BASE + 100 - 10 * i, 0, type),
			0);
	assert_int_equal(pcpmm_restore_pcp_frames(
				 machine, 1, 0, NORMAL, 0, type, frames, 2),
		3);
	assert_int_equal(frames[0], BASE + 100);
	assert_int_equal(frames[1], BASE + 90);
	assert_int_equal(frames[2], 0);
	cpu = pcpmm_cpu_enter(machine, 1);
	page = pcpmm_recorded_alloc(cpu, &choice, PCPMM_GFP_KERNEL, 0);
	assert_int_equal(pcpmm_page_to_pfn(machine, page), BASE + 100);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	assert_int_equal(pcpmm_restore_pcp_frames(
				 machine, 1, 0, NORMAL, 0, type, frames, 4),
		2);
	assert_int_equal(frames[0], BASE + 90);
	assert_int_equal(frames[1], BASE + 80);
	assert_int_equal(pcpmm_restore_pcp_frames(
				 machine, 2, 0, NORMAL, 0, type, frames, 4),
		-EINVAL);
	assert_int_equal(pcpmm_restore_pcp_frames(
				 machine, 1, 0, NORMAL, 4, type, frames, 4),
		-EINVAL);
	expect_valid(machine);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_no_more_than_managed),
		cmocka_unit_test(test_only_after_a_held_boot),
		cmocka_unit_test(test_block_types),
		cmocka_unit_test(test_lists_grow_and_shrink),
		cmocka_unit_test(test_list_frames),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests_name("restore", tests, NULL, NULL);
}
