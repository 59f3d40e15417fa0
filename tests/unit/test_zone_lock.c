/* SPDX-License-Identifier: MIT */
/* The measurement of zone locks: each hold, each wait, and nothing unasked. */
#include "support/harness.h"

#include "machine/machine.h"

#include <unistd.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define ROUNDS 200
#define HOLD_NS 3000000

static const struct shape shape = {
	.cpus = 2,
	.pages = {[PCPMM_ZONE_DMA32] = 4096, [NORMAL] = 65536},
};

static struct pcpmm_histogram hold, wait;

static void test_off_and_on(void **state)
{
	struct pcpmm_machine *machine = shape_create(&shape);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *page;

	(void)state;
	assert_int_equal(
		pcpmm_zone_lock_read(machine, 0, NORMAL, &hold, NULL), -EINVAL);
	assert_int_equal(pcpmm_lock_stat_set(machine, true), 0);
	assert_int_equal(
		pcpmm_zone_lock_read(machine, 0, PCPMM_ZONE_DMA, &hold, NULL),
		-EINVAL);
	assert_int_equal(
		pcpmm_zone_lock_read(machine, 1, NORMAL, &hold, NULL), -EINVAL);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		/* Order 4 has no list: a hold each. */
		page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 4);
		assert_non_null(page);
		assert_int_equal(pcpmm_free_pages(cpu, page, 4), 0);
	}
	assert_int_equal(
		pcpmm_zone_lock_read(machine, 0, NORMAL, &hold, &wait), 0);
	assert_int_equal(hold.count, 2 * ROUNDS);
	assert_true(hold.max >= hold.min && hold.sum >= hold.max);
	assert_int_equal(wait.count, 0);
	/* Another zone's lock was not taken. */
	assert_int_equal(
		pcpmm_zone_lock_read(machine, 0, PCPMM_ZONE_DMA32, &hold, NULL),
		0);
	assert_int_equal(hold.count, 0);
	/* Once more: from nothing. */
	assert_int_equal(pcpmm_lock_stat_set(machine, true), 0);
	assert_int_equal(
		pcpmm_zone_lock_read(machine, 0, NORMAL, &hold, NULL), 0);
	assert_int_equal(hold.count, 0);
	assert_int_equal(pcpmm_lock_stat_set(machine, false), 0);
	assert_int_equal(
		pcpmm_zone_lock_read(machine, 0, NORMAL, NULL, NULL), -EINVAL);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- a long hold, and a CPU that waits for its end ---------------------- */

static uint32_t held;

static void hold_long(struct pcpmm_cpu *cpu, void *arg)
{
	struct zone *zone = arg;

	zone_lock_irqsave(&cpu->base, zone);
	atomic_store_release_u32(&held, 1);
	usleep(HOLD_NS / 1000);
	zone_unlock_irqrestore(&cpu->base, zone);
}

static void meet(struct pcpmm_machine *machine, struct pcpmm_cpu *cpu)
{
	struct zone *zone = machine_zone(machine, 0, NORMAL);
	struct pcpmm_cpu_thread *thread;

	atomic_store_relaxed_u32(&held, 0);
	thread = pcpmm_cpu_run(machine, 1, -1, hold_long, zone);
	assert_non_null(thread);
	while (!atomic_load_acquire_u32(&held))
		;
	zone_lock_irqsave(&cpu->base, zone);
	zone_unlock_irqrestore(&cpu->base, zone);
	pcpmm_cpu_join(thread);
	assert_int_equal(
		pcpmm_zone_lock_read(machine, 0, NORMAL, &hold, &wait), 0);
}

/* Where the host is busy, this thread may come when the lock is free again. */
static void test_a_wait(void **state)
{
	struct pcpmm_machine *machine = shape_create(&shape);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	unsigned int rounds = 0;

	(void)state;
	assert_int_equal(pcpmm_lock_stat_set(machine, true), 0);
	do
		meet(machine, cpu);
	while (++rounds < ROUNDS && !wait.count);
	assert_int_equal(hold.count, 2 * rounds);
	assert_true(hold.max >= HOLD_NS);
	assert_int_equal(wait.count, 1);
	assert_true(wait.max > 0);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_off_and_on),
		cmocka_unit_test(test_a_wait),
	};

	return cmocka_run_group_tests_name("zone_lock", tests, NULL, NULL);
}
