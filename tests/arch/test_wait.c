/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a word: no wake is lost, the waker's earlier stores are visible,
 * a time-out is reported, and a thread that sleeps is quiescent to RCU.
 */
#include "support/harness.h"

#include <pthread.h>

#include "arch/atomic.h"
#include "arch/clock.h"
#include "arch/rcu_flavour.h"
#include "arch/thread.h"
#include "arch/wait.h"

#define ROUNDS 20000

/* --- two threads that pass a word to each other -------------------------- */

static uint32_t word;
static uint64_t passed; /* plain: ordered by the word only */

static void *passer(void *arg)
{
	uint32_t parity = (uint32_t)(uintptr_t)arg;

	for (int i = 0; i < ROUNDS; i++) {
		uint32_t now = (uint32_t)(2 * i) + parity;

		for (uint32_t seen = atomic_load_acquire_u32(&word);
			seen != now; seen = atomic_load_acquire_u32(&word))
			wait_word(&word, seen);
		passed++;
		atomic_store_release_u32(&word, now + 1);
		wake_word(&word);
	}
	return NULL;
}

static void test_no_wake_is_lost(void **state)
{
	pthread_t thread;

	(void)state;
	word = 0;
	passed = 0;
	assert_int_equal(pthread_create(&thread, NULL, passer, (void *)1), 0);
	passer((void *)0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(passed, 2 * ROUNDS);
}

/* --- time ------------------------------------------------------------------- */

static void test_a_time_out_is_one(void **state)
{
	uint32_t never = 7;
	uint64_t start = clock_now_ns();

	(void)state;
	assert_false(wait_word_ms(&never, 7, 20));
	assert_true(clock_now_ns() - start >= 20u * 1000 * 1000);
	assert_true(wait_word_ms(&never, 8, 60000));
	assert_true(clock_now_ns() - start < 60000u * 1000 * 1000ull);
}

/* --- awake ------------------------------------------------------------------- */

static uint32_t lock_word = 1, turns_taken;

static void *drops_it(void *arg)
{
	(void)arg;
	while (!atomic_load_relaxed_u32(&turns_taken))
		sched_yield();
	atomic_store_release_u32(&lock_word, 0);
	return NULL;
}

static void test_spins_until_zero(void **state)
{
	unsigned int turns = 0;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, drops_it, NULL), 0);
	spin_pause(&turns);
	assert_int_equal(turns, 1);
	atomic_store_relaxed_u32(&turns_taken, turns);
	spin_until_zero(&lock_word);
	assert_int_equal(atomic_load_acquire_u32(&lock_word), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

/* --- and RCU ------------------------------------------------------------------- */

static uint32_t joined, release;

/* A reader of qsbr that only waits. */
static void *sleeping_reader(void *arg)
{
	struct thread *self = thread_get();

	(void)arg;
	assert_non_null(self);
	rcu_thread_join(self, PCPMM_RCU_QSBR);
	atomic_store_release_u32(&joined, 1);
	wait_word(&release, 0);
	assert_true(rcu_qsbr_is_online(self));
	rcu_thread_part(self, PCPMM_RCU_QSBR);
	thread_put(self);
	return NULL;
}

static void test_a_sleeper_is_quiescent(void **state)
{
	pthread_t thread;

	(void)state;
	assert_int_equal(
		pthread_create(&thread, NULL, sleeping_reader, NULL), 0);
	while (!atomic_load_acquire_u32(&joined))
		sched_yield();
	rcu_wait_qsbr(); /* hangs if the sleeper is not quiescent */
	atomic_store_release_u32(&release, 1);
	wake_word(&release);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_wake_is_lost),
		cmocka_unit_test(test_a_time_out_is_one),
		cmocka_unit_test(test_spins_until_zero),
		cmocka_unit_test(test_a_sleeper_is_quiescent),
	};

	return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
