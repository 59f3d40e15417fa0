/* SPDX-License-Identifier: MIT */
/*
 * A bulk allocation took all its pages from another node when its own was low; in
 * Linux it then gets one page, by the normal path. A batched free that found its
 * list busy put the rest of the batch into the buddy; in Linux one page goes
 * there, and the next tries the list again.
 */
#include <pcpmm/strategy.h>

#include "support/harness.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define PAGES 8192
#define BULK 200

/* --- bulk ---------------------------------------------------------------- */

static struct pcpmm_page *pages[BULK];

/* Node 0 keeps less than BULK pages above its low mark. */
static struct pcpmm_cpu *low_node(struct pcpmm_machine *machine)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_zone_truth truth;

	do {
		assert_non_null(pcpmm_alloc_pages(
			cpu, PCPMM_GFP_KERNEL | PCPMM___GFP_THISNODE, 0));
		assert_int_equal(
			pcpmm_zone_truth_read(machine, 0, NORMAL, &truth), 0);
	} while (truth.nr_free_pages > (int64_t)truth.low + BULK / 2);
	return cpu;
}

static void test_bulk_keeps_to_its_node(void **state)
{
	const struct shape shape = {
		.cpus = 2, .nodes = 2, .pages = {[NORMAL] = PAGES}};
	struct pcpmm_machine *machine = shape_create(&shape);
	struct pcpmm_cpu *cpu = low_node(machine);
	uint64_t other = pages_held(machine, 1, NORMAL);

	(void)state;
	assert_int_equal(
		pcpmm_alloc_pages_bulk(cpu, PCPMM_GFP_KERNEL, BULK, pages), 1);
	assert_non_null(pages[0]);
	assert_int_equal(pages_held(machine, 1, NORMAL), other);
	/* As many as node 0 can give. */
	assert_int_equal(
		pcpmm_alloc_pages_bulk(cpu, PCPMM_GFP_KERNEL, BULK / 4, pages),
		BULK / 4);
	/* Below low: one page, of the other node. */
	while (pages_held(machine, 1, NORMAL) == other)
		assert_non_null(pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0));
	other = pages_held(machine, 1, NORMAL);
	assert_int_equal(
		pcpmm_alloc_pages_bulk(cpu, PCPMM_GFP_KERNEL, 2, pages), 1);
	assert_int_equal(pages_held(machine, 1, NORMAL), other + 1);
	pcpmm_machine_destroy(machine);
}

/* A lower zone of the same node will do. */
static void test_bulk_from_a_lower_zone(void **state)
{
	const struct shape shape = {.cpus = 2,
		.nodes = 2,
		.pages = {[PCPMM_ZONE_DMA32] = PAGES, [NORMAL] = PAGES}};
	struct pcpmm_machine *machine = shape_create(&shape);
	struct pcpmm_cpu *cpu = low_node(machine);

	(void)state;
	assert_int_equal(
		pcpmm_alloc_pages_bulk(cpu, PCPMM_GFP_KERNEL, BULK, pages),
		BULK);
	assert_true(pages_held(machine, 0, PCPMM_ZONE_DMA32) >= BULK);
	pcpmm_machine_destroy(machine);
}

/* --- batched free -------------------------------------------------------- */

#define BATCH 10

static unsigned int enters, busy; /* bit i: the i-th enter fails */

static bool enter(void *slot)
{
	(void)slot;
	return !(busy >> enters++ & 1);
}

static void leave(void *slot)
{
	(void)slot;
}

static unsigned int no_drain(struct pcpmm_cpu *by,
	struct pcpmm_pcp_slot *const *slots, unsigned int nr, void *arg)
{
	(void)by, (void)slots, (void)nr, (void)arg;
	return 0;
}

static void test_each_page_tries_again(void **state)
{
	static const struct {
		unsigned int busy, listed;
	} cases[] = {{0, 10}, {1, 9}, {3, 8}, {0x3f, 4}, {0x3ff, 0}};
	const struct pcpmm_strategy strategy = {.size = sizeof(strategy),
		.name = "busy",
		.enter = enter,
		.leave = leave,
		.drain = no_drain};
	struct pcpmm_node_config node = {
		.zones = {[NORMAL] = {SHAPE_START_PFN, 65536, 65536, 65536}}};
	struct pcpmm_config config = config_of(&node, 1, 1);
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;

	(void)state;
	config.drain = PCPMM_DRAIN_EXTERNAL;
	config.strategy = &strategy;
	machine = create_or_fail(&config);
	cpu = pcpmm_cpu_enter(machine, 0);
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		uint64_t freed;
		int count;

		busy = 0;
		assert_int_equal(pcpmm_alloc_pages_bulk(
					 cpu, PCPMM_GFP_KERNEL, BATCH, pages),
			BATCH);
		freed = vmstat_of(machine, "pgfree");
		count = pcp_of(cpu, 0, NORMAL).count;
		busy = cases[i].busy;
		enters = 0;
		assert_int_equal(pcpmm_free_pages_batch(cpu, pages, BATCH), 0);
		assert_int_equal(
			pcp_of(cpu, 0, NORMAL).count - count, cases[i].listed);
		assert_int_equal(
			vmstat_of(machine, "pgfree") - freed, cases[i].listed);
		assert_int_equal(
			enters, BATCH - cases[i].listed + !!cases[i].listed);
	}
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bulk_keeps_to_its_node),
		cmocka_unit_test(test_bulk_from_a_lower_zone),
		cmocka_unit_test(test_each_page_tries_again),
	};

	return cmocka_run_group_tests_name("bulk_and_batch", tests, NULL, NULL);
}
