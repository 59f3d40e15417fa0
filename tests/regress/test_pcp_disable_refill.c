/* SPDX-License-Identifier: MIT */
/*
 * pcp_lock: a forced drain read a list's count without the lock, and passed an
 * empty-looking list by. An owner in the middle of a refill holds the lock and
 * has count 0: its pages then stayed on a list that pcpmm_pcp_disable() had
 * promised to be empty (Linux: 66eca1021a42, offline_pages() stuck).
 *
 * The owner's refill is held open where it counts its pages, until the drainer
 * waits for the list's lock, or has passed it by.
 */
#include "support/harness.h"

#include "cpu/lock.h"

#include <stdatomic.h>

#define NORMAL PCPMM_ZONE_NORMAL

static struct pcpmm_machine *machine;
static atomic_bool inside, waits, returned;
static int disabled;

void __real_lock_acquire_slow(struct spinlock *lock);
void __wrap_lock_acquire_slow(struct spinlock *lock);

void __wrap_lock_acquire_slow(struct spinlock *lock)
{
	atomic_store(&waits, true);
	__real_lock_acquire_slow(lock);
}

/* Inside the first update of the owner's refill. */
static void hold_open(struct pcpmm_cpu *cpu, void *arg)
{
	(void)arg;
	if (pcpmm_cpu_id(cpu) != 1 || atomic_exchange(&inside, true))
		return;
	while (!atomic_load(&waits) && !atomic_load(&returned))
		;
}

static void disable(struct pcpmm_cpu *cpu, void *arg)
{
	(void)arg;
	while (!atomic_load(&inside))
		;
	disabled = pcpmm_pcp_disable(cpu, 0, NORMAL);
	atomic_store(&returned, true);
}

static void create(void)
{
	struct pcpmm_node_config node = {
		.zones = {[NORMAL] = {SHAPE_START_PFN, 65536, 65536, 65536}}};
	struct pcpmm_config config = config_of(&node, 1, 2);

	config.allow_unsound = true; /* for the window */
	machine = create_or_fail(&config);
}

static void test_a_refill_under_way_is_drained(void **state)
{
	struct pcpmm_cpu_thread *drainer;
	struct pcpmm_cpu *owner;
	struct pcpmm_page *page;

	(void)state;
	create();
	owner = pcpmm_cpu_enter(machine, 1);
	assert_int_equal(pcpmm_vmstat_window_set(machine, hold_open, NULL), 0);
	drainer = pcpmm_cpu_run(machine, 0, -1, disable, NULL);
	assert_non_null(drainer);
	page = pcpmm_alloc_pages(owner, PCPMM_GFP_KERNEL, 0);
	assert_non_null(page);
	pcpmm_cpu_join(drainer);
	assert_int_equal(disabled, 0);
	assert_int_equal(pcp_of(owner, 0, NORMAL).count, 0);

	assert_int_equal(pcpmm_free_pages(owner, page, 0), 0);
	assert_int_equal(pcp_of(owner, 0, NORMAL).count, 0);
	assert_int_equal(pcpmm_pcp_enable(owner, 0, NORMAL), 0);
	assert_int_equal(pcpmm_vmstat_window_set(machine, NULL, NULL), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_refill_under_way_is_drained),
	};

	return cmocka_run_group_tests_name(
		"pcp_disable_refill", tests, NULL, NULL);
}
