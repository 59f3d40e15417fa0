/* SPDX-License-Identifier: MIT */
/*
 * States of a vmstat work item: what is pending, what runs, which of them the
 * shepherd leaves alone; and when items of many CPUs run again.
 */
#include "support/fold.h"

#include "service/shepherd.h"

#define CPUS 8

static struct pcpmm_machine *machine;
static struct pcpmm_cpu *cpu;

static void begin(void (*adjust)(struct pcpmm_config *config))
{
	static const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_NORMAL] = {1024, 65536, 65536, 65536}}};
	struct pcpmm_config config = config_of(&node, 1, CPUS);

	adjust(&config);
	machine = create_or_fail(&config);
	cpu = pcpmm_cpu_enter(machine, 0);
	assert_int_equal(pcpmm_shepherd_start(machine, 0), 0);
}

static void end(void)
{
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	pcpmm_shepherd_stop(machine);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void skips_pending(struct pcpmm_config *config)
{
	config->shepherd_skips = PCPMM_SHEPHERD_SKIPS_PENDING;
}

static void skips_busy(struct pcpmm_config *config)
{
	config->shepherd_skips = PCPMM_SHEPHERD_SKIPS_BUSY;
}

/* Items that a pass queues while CPU 0's one runs. FIFO keeps its worker out. */
static int queued_while_running(void)
{
	struct vmstat_work *work = shepherd_work(machine, 0);
	int queued;

	assert_int_equal(pcpmm_cpu_set_fifo(cpu, 1), 0);
	change(cpu);
	atomic_store_relaxed_u32(&work->running, 1);
	assert_false(vmstat_work_pending(work));
	assert_true(vmstat_work_busy(work));
	queued = pcpmm_shepherd_pass(cpu);
	atomic_store_relaxed_u32(&work->running, 0);
	return queued;
}

/* Leitao, 2026: a running item was queued again, and ran twice in a row. */
static void test_running_is_not_pending(void **state)
{
	(void)state;
	begin(skips_pending);
	assert_int_equal(queued_while_running(), 1);
	end();
	begin(skips_busy);
	assert_int_equal(queued_while_running(), 0);
	end();
}

static void rounded(struct pcpmm_config *config)
{
	config->fold_requeue = PCPMM_FOLD_REQUEUE_ROUND;
}

static void spread(struct pcpmm_config *config)
{
	config->fold_requeue = PCPMM_FOLD_REQUEUE_SPREAD;
}

/* The most items that run again at one tick of a second. */
static unsigned int most_at_once(void)
{
	unsigned int most = 0;

	for (unsigned int id = 1; id < CPUS; id++) {
		struct pcpmm_cpu *other = pcpmm_cpu_enter(machine, id);

		change(other);
		assert_int_equal(pcpmm_cpu_leave(other), 0);
	}
	assert_int_equal(pcpmm_shepherd_pass(cpu), CPUS - 1);
	while (stats_of(machine).requeues < CPUS - 1)
		;
	for (unsigned int tick = 0; tick < PCPMM_HZ; tick++) {
		uint64_t before = stats_of(machine).works;
		unsigned int now;

		assert_int_equal(pcpmm_tick_advance(machine, 1), 0);
		now = (unsigned int)(stats_of(machine).works - before);
		if (now > most)
			most = now;
	}
	return most;
}

static void test_spread(void **state)
{
	(void)state;
	begin(rounded);
	assert_int_equal(most_at_once(), CPUS - 1);
	end();
	begin(spread);
	assert_int_equal(most_at_once(), 1);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_running_is_not_pending),
		cmocka_unit_test(test_spread),
	};

	return cmocka_run_group_tests_name("vmstat work", tests, NULL, NULL);
}
