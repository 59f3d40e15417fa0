/* SPDX-License-Identifier: MIT */
/* The host's mutex excludes, a trylock never waits, a waiter is quiescent. */
#include "support/harness.h"

#include <pthread.h>

#include "arch/atomic.h"
#include "arch/mutex.h"
#include "arch/rcu_flavour.h"
#include "arch/thread.h"

#define THREADS 4
#define ROUNDS 20000

static struct arch_mutex mutex;
static uint64_t counter; /* plain: protected by the mutex only */

static void *count(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		if (i % 2)
			arch_mutex_lock(&mutex);
		else
			while (!arch_mutex_trylock(&mutex))
				sched_yield();
		counter++;
		arch_mutex_unlock(&mutex);
	}
	return NULL;
}

static void test_threads_exclude_each_other(void **state)
{
	pthread_t thread[THREADS];

	(void)state;
	arch_mutex_init(&mutex);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, count, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	assert_int_equal(counter, (uint64_t)THREADS * ROUNDS);
	assert_true(arch_mutex_trylock(&mutex));
	assert_false(arch_mutex_trylock(&mutex));
	arch_mutex_unlock(&mutex);
	arch_mutex_fini(&mutex);
}

static uint32_t joined;

static void *waiting_reader(void *arg)
{
	struct thread *self = thread_get();

	(void)arg;
	assert_non_null(self);
	rcu_thread_join(self, PCPMM_RCU_QSBR);
	atomic_store_release_u32(&joined, 1);
	arch_mutex_lock(&mutex);
	arch_mutex_unlock(&mutex);
	rcu_thread_part(self, PCPMM_RCU_QSBR);
	thread_put(self);
	return NULL;
}

static void test_a_waiter_is_quiescent(void **state)
{
	pthread_t thread;

	(void)state;
	arch_mutex_init(&mutex);
	arch_mutex_lock(&mutex);
	assert_int_equal(
		pthread_create(&thread, NULL, waiting_reader, NULL), 0);
	while (!atomic_load_acquire_u32(&joined))
		sched_yield();
	rcu_wait_qsbr(); /* hangs if the waiter is not quiescent */
	arch_mutex_unlock(&mutex);
	assert_int_equal(pthread_join(thread, NULL), 0);
	arch_mutex_fini(&mutex);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads_exclude_each_other),
		cmocka_unit_test(test_a_waiter_is_quiescent),
	};

	return cmocka_run_group_tests_name("mutex", tests, NULL, NULL);
}
