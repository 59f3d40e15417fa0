/* SPDX-License-Identifier: MIT */
/*
 * Two threads, each of which is two CPUs, drain by polled interrupts at the
 * same time. A waiting drainer answered calls to the CPU that drains, but not
 * calls to the thread's other CPU: each drainer waited for the other's second
 * CPU.
 */
#include "support/harness.h"

#include <stdatomic.h>

#define DRAINS 200

static struct pcpmm_machine *machine;
static atomic_uint ready;

/* The thread is @cpu and the next CPU, and drains as @cpu. */
static void drain_as_two(struct pcpmm_cpu *cpu, void *arg)
{
	struct pcpmm_cpu *second =
		pcpmm_cpu_enter(machine, pcpmm_cpu_id(cpu) + 1);
	unsigned int *done = arg;

	atomic_fetch_add(&ready, 1);
	while (second && atomic_load(&ready) < 2)
		pcpmm_cpu_poll(second);
	for (unsigned int i = 0; second && i < DRAINS; i++)
		*done += !pcpmm_drain_all_pages(
			cpu, 0, PCPMM_DRAIN_ALL_ZONES, false);
	/* The other thread's remaining drains still need these two CPUs. */
	atomic_fetch_add(&ready, 1);
	while (second && atomic_load(&ready) < 4) {
		pcpmm_cpu_poll(cpu);
		pcpmm_cpu_poll(second);
	}
	if (second)
		pcpmm_cpu_leave(second);
}

static void create(void)
{
	struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_NORMAL] = {
				  SHAPE_START_PFN, 8192, 8192, 8192}}};
	struct pcpmm_config config = config_of(&node, 1, 4);

	config.drain = PCPMM_DRAIN_IPI_ALL;
	config.ipi = PCPMM_IPI_POLLED;
	machine = create_or_fail(&config);
}

static void test_two_drains_end(void **state)
{
	struct pcpmm_cpu_thread *threads[2];
	unsigned int done[2] = {0};

	(void)state;
	create();
	for (unsigned int i = 0; i < 2; i++) {
		threads[i] = pcpmm_cpu_run(
			machine, 2 * i, -1, drain_as_two, &done[i]);
		assert_non_null(threads[i]);
	}
	for (unsigned int i = 0; i < 2; i++)
		pcpmm_cpu_join(threads[i]);
	assert_int_equal(done[0], DRAINS);
	assert_int_equal(done[1], DRAINS);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_drains_end),
	};

	return cmocka_run_group_tests_name(
		"two_cpus_a_thread", tests, NULL, NULL);
}
