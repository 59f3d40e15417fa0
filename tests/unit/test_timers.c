/* SPDX-License-Identifier: MIT */
/* Time and timers by themselves: order, bases, deferral, rounding. */
#include "support/harness.h"

#include "cpu/runq.h"
#include "cpu/timer.h"

#define CPUS 3

struct entry {
	struct timer timer;
	unsigned int name;
};

static struct cpu cpus[CPUS];
static struct cpu *table[CPUS] = {&cpus[0], &cpus[1], &cpus[2]};
static struct smp smp;
static struct timers timers;
static struct entry entries[8];
static unsigned int order[16], fired;

static void note(struct timer *timer)
{
	order[fired++] = ((struct entry *)timer)->name;
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(smp_init(&smp, table, CPUS), 0);
	assert_int_equal(timers_init(&timers, &smp), 0);
	for (unsigned int i = 0; i < CPUS; i++)
		cpu_init(&cpus[i], i);
	for (unsigned int i = 0; i < HARNESS_COUNT(entries); i++)
		entries[i] = (struct entry){{.fn = note}, i};
	fired = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < CPUS; i++)
		cpu_fini(&cpus[i]);
	timers_fini(&timers);
	smp_fini(&smp);
	return 0;
}

static struct timer *start(unsigned int i, unsigned int cpu, uint64_t delay)
{
	assert_false(timer_pending(&entries[i].timer));
	timer_add(&timers, &entries[i].timer, cpu, delay);
	assert_true(timer_pending(&entries[i].timer));
	return &entries[i].timer;
}

static struct timer *defer(unsigned int i, unsigned int cpu, uint64_t delay)
{
	entries[i].timer.deferrable = true;
	return start(i, cpu, delay);
}

static void expect_order(const char *expected)
{
	assert_int_equal(fired, strlen(expected));
	for (unsigned int i = 0; i < fired; i++)
		assert_int_equal(order[i], expected[i] - '0');
}

static void test_order(void **state)
{
	(void)state;
	start(0, 1, 5);
	start(1, 1, 2);
	start(2, 1, 5);
	start(3, 1, 1);
	timers_elapse(&timers, 4);
	expect_order("31");
	timers_elapse(&timers, 1);
	expect_order("3102");
	assert_false(timer_pending(&entries[2].timer));
	assert_int_equal(timers_now(&timers), 5);
}

static void test_stopped_timers_do_not_run(void **state)
{
	struct timer *timer;

	(void)state;
	timer = start(0, 0, 1);
	start(1, 0, 1);
	assert_true(timer_del(&timers, timer));
	assert_false(timer_del(&timers, timer));
	timers_elapse(&timers, 1);
	expect_order("1");
}

/* With a stopped tick a deferrable timer waits for one that is not. */
static void test_deferral(void **state)
{
	(void)state;
	defer(0, 2, 1);
	start(1, 2, 4);
	start(2, 1, 1);
	atomic_store_relaxed_u8(&cpus[2].tick_stopped, 1);
	timers_elapse(&timers, 3);
	expect_order("2");
	assert_int_equal(timers_next(&timers, 2), 4);
	timers_elapse(&timers, 1);
	expect_order("201");
	assert_int_equal(timers_next(&timers, 2), NEVER);
}

static void test_restarted_tick(void **state)
{
	(void)state;
	defer(0, 2, 1);
	atomic_store_relaxed_u8(&cpus[2].tick_stopped, 1);
	timers_elapse(&timers, 100);
	expect_order("");
	assert_int_equal(timers_next(&timers, 2), NEVER);
	atomic_store_relaxed_u8(&cpus[2].tick_stopped, 0);
	timers_elapse(&timers, 1);
	expect_order("0");
}

static void test_migration(void **state)
{
	(void)state;
	start(0, 0, 3);
	defer(1, 0, 2);
	start(2, 1, 2);
	timers_migrate(&timers, 0, 1);
	assert_int_equal(entries[0].timer.cpu, 1);
	atomic_store_relaxed_u8(&cpus[0].tick_stopped, 1);
	timers_elapse(&timers, 3);
	expect_order("210");
}

/* Down within the first quarter of a second, else up, and never to now. */
static void test_rounding(void **state)
{
	(void)state;
	assert_int_equal(timers_round(&timers, HZ), HZ);
	assert_int_equal(timers_round(&timers, HZ + HZ / 4 - 1), HZ);
	assert_int_equal(timers_round(&timers, HZ + HZ / 4), 2 * HZ);
	assert_int_equal(timers_round(&timers, 5), 5);
	timers_elapse(&timers, 10);
	assert_int_equal(timers_round(&timers, HZ), HZ - 10);
	timers_elapse(&timers, HZ - 11);
	assert_int_equal(timers_round(&timers, 1), 1);
	assert_int_equal(timers_round(&timers, HZ), HZ + 1);
}

/* Once an interval, and no two CPUs at the same moment; offline ones have none. */
static void test_spread(void **state)
{
	(void)state;
	smp_set_online(&smp, 0, true);
	smp_set_online(&smp, 2, true);
	assert_int_equal(timers_spread(&timers, HZ, 0), HZ);
	assert_int_equal(timers_spread(&timers, HZ, 2), HZ / 2);
	timers_elapse(&timers, HZ / 2);
	assert_int_equal(timers_spread(&timers, HZ, 2), HZ);
	assert_int_equal(timers_spread(&timers, HZ, 0), HZ / 2);
	timers_elapse(&timers, 10 * HZ + 1);
	assert_int_equal(timers_spread(&timers, HZ, 2), HZ - 1);
	assert_int_equal(timers_spread(&timers, HZ, 0), HZ / 2 - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_order),
		TEST(test_stopped_timers_do_not_run),
		TEST(test_deferral),
		TEST(test_restarted_tick),
		TEST(test_migration),
		TEST(test_rounding),
		TEST(test_spread),
	};

	return cmocka_run_group_tests_name("timers", tests, NULL, NULL);
}
