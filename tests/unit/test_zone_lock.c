/* SPDX-License-Identifier: MIT */
/*
 * Zone locks of each kind: their measurement, each hold and each wait and
 * nothing unasked; exclusion; the order of tickets.
 */
#include "support/harness.h"

#include "machine/machine.h"

#include <sched.h>
#include <unistd.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define ROUNDS 200
#define HOLD_NS 3000000

#define CPUS 4

static struct pcpmm_machine *create(enum pcpmm_zone_lock zone_lock)
{
	const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_DMA32] = {1024, 4096, 4096, 4096},
			[NORMAL] = {5120, 65536, 65536, 65536}},
	};
	struct pcpmm_config config = config_of(&node, 1, CPUS);

	config.zone_lock = zone_lock;
	return create_or_fail(&config);
}

static const enum pcpmm_zone_lock ttas = PCPMM_ZONE_LOCK_TTAS;
static const enum pcpmm_zone_lock backoff = PCPMM_ZONE_LOCK_BACKOFF;
static const enum pcpmm_zone_lock ticket = PCPMM_ZONE_LOCK_TICKET;

static struct pcpmm_histogram hold, wait;

static void test_off_and_on(void **state)
{
	struct pcpmm_machine *machine =
		create(*(const enum pcpmm_zone_lock *)*state);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *page;

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
	struct pcpmm_machine *machine =
		create(*(const enum pcpmm_zone_lock *)*state);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	unsigned int rounds = 0;

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

/* --- the order of arrival ----------------------------------------------- */

static unsigned int order[CPUS], arrived;

static void take_turn(struct pcpmm_cpu *cpu, void *arg)
{
	struct zone *zone = arg;

	zone_lock_irqsave(&cpu->base, zone);
	order[arrived++] = pcpmm_cpu_id(cpu);
	zone_unlock_irqrestore(&cpu->base, zone);
}

static void test_tickets_are_served_in_order(void **state)
{
	struct pcpmm_machine *machine =
		create(*(const enum pcpmm_zone_lock *)*state);
	struct zone *zone = machine_zone(machine, 0, NORMAL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_cpu_thread *thread[CPUS];

	arrived = 0;
	zone_lock_irqsave(&cpu->base, zone);
	for (unsigned int i = CPUS - 1; i > 0; i--) {
		uint32_t next = atomic_load_relaxed_u32(&zone->next_ticket);

		thread[i] = pcpmm_cpu_run(machine, i, -1, take_turn, zone);
		assert_non_null(thread[i]);
		while (atomic_load_relaxed_u32(&zone->next_ticket) == next)
			sched_yield();
	}
	zone_unlock_irqrestore(&cpu->base, zone);
	for (unsigned int i = 1; i < CPUS; i++)
		pcpmm_cpu_join(thread[i]);
	for (unsigned int i = 1; i < CPUS; i++)
		assert_int_equal(order[i - 1], CPUS - i);
	pcpmm_machine_destroy(machine);
}

/* The word that counts the tickets starts again at 0. */
static void test_tickets_wrap(void **state)
{
	struct pcpmm_machine *machine =
		create(*(const enum pcpmm_zone_lock *)*state);
	struct zone *zone = machine_zone(machine, 0, NORMAL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	zone->lock.word = zone->next_ticket = UINT32_MAX;
	for (int i = 0; i < 3; i++) {
		zone_lock_irqsave(&cpu->base, zone);
		zone_unlock_irqrestore(&cpu->base, zone);
	}
	assert_int_equal(zone->lock.word, 2);
	assert_int_equal(zone->next_ticket, 2);
	pcpmm_machine_destroy(machine);
}

/* --- all CPUs at once ---------------------------------------------------- */

static void churn(struct pcpmm_cpu *cpu, void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < 100 * ROUNDS; i++) {
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 4 + i % 2);

		assert_non_null(page);
		assert_int_equal(pcpmm_free_pages(cpu, page, 4 + i % 2), 0);
	}
}

static void test_all_at_once(void **state)
{
	struct pcpmm_machine *machine =
		create(*(const enum pcpmm_zone_lock *)*state);
	struct pcpmm_cpu_thread *thread[CPUS];

	for (unsigned int i = 0; i < CPUS; i++) {
		thread[i] = pcpmm_cpu_run(machine, i, -1, churn, NULL);
		assert_non_null(thread[i]);
	}
	for (unsigned int i = 0; i < CPUS; i++)
		pcpmm_cpu_join(thread[i]);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

#define WITH(kind, test)                                                       \
	{                                                                      \
		.name = #test "/" #kind, .test_func = test,                    \
		.initial_state = (void *)&kind                                 \
	}
#define ALL(test) WITH(ttas, test), WITH(backoff, test), WITH(ticket, test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALL(test_off_and_on),
		ALL(test_a_wait),
		ALL(test_all_at_once),
		WITH(ticket, test_tickets_are_served_in_order),
		WITH(ticket, test_tickets_wrap),
	};

	return cmocka_run_group_tests_name("zone_lock", tests, NULL, NULL);
}
