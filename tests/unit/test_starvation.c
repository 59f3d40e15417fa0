/* SPDX-License-Identifier: MIT */
/*
 * Normal tasks behind a FIFO task: after how much of the machine's time a work item
 * runs, by each answer, and what the FIFO task notices.
 */
#include <sched.h>
#include <stdatomic.h>

#include "support/fold.h"

#define SPINNER 1
#define MS(ms) ((uint64_t)(ms)*PCPMM_HZ / 1000)

static struct pcpmm_machine *machine;
static struct pcpmm_cpu *cpu;
static struct pcpmm_cpu_thread *thread;
static atomic_bool ready, stop;

static void spin(struct pcpmm_cpu *spinner, void *arg)
{
	(void)arg;
	change(spinner);
	assert_int_equal(pcpmm_cpu_set_fifo(spinner, 50), 0);
	atomic_store(&ready, true);
	while (!atomic_load(&stop))
		sched_yield();
}

static void begin(enum pcpmm_starvation answer)
{
	static const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_NORMAL] = {1024, 65536, 65536, 65536}}};
	struct pcpmm_config config = config_of(&node, 1, 2);

	config.starvation = answer;
	machine = create_or_fail(&config);
	cpu = pcpmm_cpu_enter(machine, 0);
	assert_int_equal(pcpmm_shepherd_start(machine, 0), 0);
	atomic_store(&ready, false);
	atomic_store(&stop, false);
	thread = pcpmm_cpu_run(machine, SPINNER, -1, spin, NULL);
	assert_non_null(thread);
	while (!atomic_load(&ready))
		sched_yield();
}

static void end(void)
{
	atomic_store(&stop, true);
	pcpmm_cpu_join(thread);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	pcpmm_shepherd_stop(machine);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static uint64_t interruptions(void)
{
	struct pcpmm_noise noise;

	pcpmm_noise_read(pcpmm_cpu_get(machine, SPINNER), &noise);
	return noise.count[PCPMM_NOISE_KWORKER];
}

/* It is counted when the spinner goes on, after the item has run. */
static void expect_interrupted_once(void)
{
	const struct timespec pause = {.tv_nsec = 200000};

	for (int i = 0; i < 10000 && !interruptions(); i++)
		nanosleep(&pause, NULL);
	assert_int_equal(interruptions(), 1);
}

/* A work item waits for the spinner's CPU, and was seen to. */
static void queue_work(void)
{
	struct pcpmm_cpu_state state = {.waiting = 0};

	assert_int_equal(pcpmm_shepherd_pass(cpu), 1);
	while (!state.waiting)
		pcpmm_cpu_state_read(pcpmm_cpu_get(machine, SPINNER), &state);
}

/* Ticks until the item has run; at most @most. */
static uint64_t ticks_until_folded(uint64_t most)
{
	uint64_t ticks = 0;

	for (; ticks < most && !mapped(machine); ticks++)
		assert_int_equal(pcpmm_tick_advance(machine, 1), 0);
	return ticks;
}

/*
 * The item waits for its CPU from some moment on; the server's second begins with
 * the tick that sees it wait.
 */
static void test_fair_server(void **state)
{
	uint64_t ticks;

	(void)state;
	begin(PCPMM_STARVATION_FAIR_SERVER);
	queue_work();
	assert_int_equal(mapped(machine), 0);
	ticks = ticks_until_folded(10 * PCPMM_HZ);
	assert_int_equal(mapped(machine), 1);
	assert_true(ticks >= MS(950));
	assert_true(ticks < 5 * PCPMM_HZ); /* unless the host stops a thread */
	expect_interrupted_once();
	end();
}

static void test_none(void **state)
{
	(void)state;
	begin(PCPMM_STARVATION_NONE);
	queue_work();
	assert_int_equal(pcpmm_tick_advance(machine, 100 * PCPMM_HZ), 0);
	assert_int_equal(mapped(machine), 0);
	assert_int_equal(interruptions(), 0);
	end();
}

/* By the FIFO task's own second, which began before the item came. */
static void test_rt_throttle(void **state)
{
	(void)state;
	begin(PCPMM_STARVATION_RT_THROTTLE);
	assert_int_equal(pcpmm_tick_advance(machine, MS(900)), 0);
	assert_int_equal(interruptions(), 0);
	queue_work();
	assert_true(ticks_until_folded(10 * PCPMM_HZ) <= 5 * PCPMM_HZ);
	assert_int_equal(mapped(machine), 1);
	end();
}

static void test_stalld(void **state)
{
	(void)state;
	begin(PCPMM_STARVATION_STALLD);
	queue_work();
	assert_int_equal(
		pcpmm_tick_advance(machine, 60 * (uint64_t)PCPMM_HZ), 0);
	assert_int_equal(mapped(machine), 0);
	ticks_until_folded(200 * (uint64_t)PCPMM_HZ);
	assert_int_equal(mapped(machine), 1);
	expect_interrupted_once();
	end();
}

/* The FIFO task gets its CPU back, and again after each second. */
static void test_fifo_goes_on(void **state)
{
	(void)state;
	begin(PCPMM_STARVATION_FAIR_SERVER);
	queue_work();
	ticks_until_folded(10 * PCPMM_HZ);
	for (int i = 0; i < 20; i++)
		assert_int_equal(pcpmm_tick_advance(machine, PCPMM_HZ), 0);
	assert_true(interruptions() <= 2); /* the item's second run */
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fair_server),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_rt_throttle),
		cmocka_unit_test(test_stalld),
		cmocka_unit_test(test_fifo_goes_on),
	};

	return cmocka_run_group_tests_name("starvation", tests, NULL, NULL);
}
