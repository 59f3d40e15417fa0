/* SPDX-License-Identifier: MIT */
/*
 * A thread that is CPUs 0 and 1 holds the zone lock as CPU 0, with that CPU's
 * interrupts masked. A signal delivered interrupts of CPU 1; one that allocates
 * waited for the lock that its own thread held: for ever.
 */
#include "support/harness.h"

#include <stdatomic.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define ORDER 4 /* kept on no list: counted under the zone lock */

static struct pcpmm_machine *machine;
static struct pcpmm_cpu *cpus[3];
static atomic_bool inside, raised, taken;

static void alloc_on_1(struct pcpmm_cpu *cpu, void *arg)
{
	struct pcpmm_page *page =
		pcpmm_alloc_pages(cpu, PCPMM_GFP_ATOMIC, ORDER);

	(void)arg;
	if (page && !pcpmm_free_pages(cpu, page, ORDER))
		atomic_store(&taken, true);
}

/* CPU 2, another thread: an interrupt for CPU 1, once the lock is held. */
static void raise_alloc_on_1(struct pcpmm_cpu *cpu, void *arg)
{
	(void)cpu, (void)arg;
	while (!atomic_load(&inside))
		;
	pcpmm_irq_raise(cpus[1], alloc_on_1, NULL);
	atomic_store(&raised, true);
}

/* Called inside the counter's update: waits until the signal was sent. */
static void hold_open(struct pcpmm_cpu *cpu, void *arg)
{
	(void)cpu, (void)arg;
	if (atomic_exchange(&inside, true))
		return;
	while (!atomic_load(&raised))
		;
}

static void create(void)
{
	struct pcpmm_node_config node = {
		.zones = {[NORMAL] = {SHAPE_START_PFN, 65536, 65536, 65536}}};
	struct pcpmm_config config = config_of(&node, 1, 3);

	config.allow_unsound = true; /* for the window */
	machine = create_or_fail(&config);
}

static void test_it_waits_for_the_lock_to_be_let_go(void **state)
{
	struct pcpmm_cpu_thread *thread;
	struct pcpmm_page *page;

	(void)state;
	create();
	cpus[0] = pcpmm_cpu_enter(machine, 0);
	cpus[1] = pcpmm_cpu_enter(machine, 1);
	assert_int_equal(pcpmm_vmstat_window_set(machine, hold_open, NULL), 0);
	thread = pcpmm_cpu_run(machine, 2, -1, raise_alloc_on_1, NULL);
	assert_non_null(thread);
	page = pcpmm_alloc_pages(cpus[0], PCPMM_GFP_KERNEL, ORDER);
	assert_non_null(page);
	pcpmm_cpu_join(thread);
	assert_int_equal(pcpmm_free_pages(cpus[0], page, ORDER), 0);
	pcpmm_cpu_poll(cpus[1]);
	assert_true(atomic_load(&taken));
	assert_int_equal(pcpmm_vmstat_window_set(machine, NULL, NULL), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_waits_for_the_lock_to_be_let_go),
	};

	return cmocka_run_group_tests_name(
		"signal_in_zone_lock", tests, NULL, NULL);
}
