/* SPDX-License-Identifier: MIT */
/*
 * The creation of a kthread worker took a stack, a block of order 2, in its
 * caller. What the caller allocates is the struct kthread_worker, from a slab page
 * of order 0 (Hillf Danton, 2 Mar 2022); the stack is kthreadd's. So a CPU that
 * comes online while only single pages are free gets its worker.
 */
#include "support/harness.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define PAGES 16384
#define LATE 1

static struct pcpmm_page *pages[PAGES];

static struct pcpmm_machine *create(void)
{
	static const unsigned char offline[] = {0, 1};
	struct pcpmm_node_config node = {
		.zones = {[NORMAL] = {SHAPE_START_PFN, PAGES, PAGES, PAGES}}};
	struct pcpmm_config config = config_of(&node, 1, 2);

	config.drain = PCPMM_DRAIN_KTHREAD;
	config.cpu_offline = offline;
	return create_or_fail(&config);
}

/* Take all pages, free every second one: no block of order 1 is free. */
static unsigned int fragment(struct pcpmm_cpu *cpu)
{
	unsigned int nr = 0;

	while (nr < PAGES && (pages[nr] = pcpmm_alloc_pages(cpu,
				      PCPMM_GFP_ATOMIC | PCPMM___GFP_MEMALLOC |
					      PCPMM___GFP_NOWARN,
				      0)))
		nr++;
	for (unsigned int i = 0; i < nr; i++)
		if (pcpmm_page_to_pfn(pcpmm_cpu_machine(cpu), pages[i]) % 2) {
			assert_int_equal(pcpmm_free_pages(cpu, pages[i], 0), 0);
			pages[i] = NULL;
		}
	assert_int_equal(
		pcpmm_drain_local_pages(cpu, 0, PCPMM_DRAIN_ALL_ZONES), 0);
	return nr;
}

static void test_single_pages_suffice(void **state)
{
	struct pcpmm_machine *machine = create();
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0), *late;
	struct pcpmm_drain_stats stats;
	unsigned int nr;

	(void)state;
	nr = fragment(cpu);
	assert_null(pcpmm_alloc_pages(
		cpu, PCPMM_GFP_KERNEL | PCPMM___GFP_NOWARN, 2));
	assert_int_equal(pcpmm_cpu_online(cpu, LATE), 0);
	late = pcpmm_cpu_enter(machine, LATE);
	for (unsigned int i = 0; i < nr; i++)
		if (pages[i])
			assert_int_equal(
				pcpmm_free_pages(late, pages[i], 0), 0);
	assert_int_equal(pcpmm_cpu_leave(late), 0);
	assert_true(pcp_of(late, 0, NORMAL).count > 0);
	assert_int_equal(
		pcpmm_drain_local_pages(cpu, 0, PCPMM_DRAIN_ALL_ZONES), 0);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, NORMAL, false), 0);
	pcpmm_drain_stats_read(machine, &stats);
	assert_int_equal(stats.works, 1);
	assert_int_equal(stats.ipis, 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single_pages_suffice),
	};

	return cmocka_run_group_tests_name(
		"kthread_worker_order", tests, NULL, NULL);
}
