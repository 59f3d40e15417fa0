/* SPDX-License-Identifier: MIT */
/* A kick calls the handler on its thread, even inside a loop without calls. */
#include "support/harness.h"

#include <pthread.h>
#include <signal.h>

#include "arch/atomic.h"
#include "arch/kick.h"
#include "arch/thread.h"

static uint32_t looks, stop, target_tid;
static uint64_t looked_as;

static void look(void)
{
	looked_as = arch_self();
	errno = EINTR; /* must not reach the interrupted code */
	atomic_store_release_u32(&looks, atomic_load_relaxed_u32(&looks) + 1);
}

static void *never_calls_in(void *arg)
{
	struct thread *self = thread_get();

	assert_non_null(self);
	errno = 0;
	atomic_store_release_u32(&target_tid, self->tid);
	while (!atomic_load_relaxed_u32(&stop))
		;
	assert_int_equal(errno, 0);
	*(uint64_t *)arg = arch_self();
	thread_put(self);
	return NULL;
}

static void test_reaches_a_busy_loop(void **state)
{
	int signal = kick_install(0, look);
	uint64_t expected = 0;
	pthread_t thread;

	(void)state;
	assert_true(signal > 0);
	assert_int_equal(
		kick_install(signal, look), signal); /* again: the same */
	assert_int_equal(
		pthread_create(&thread, NULL, never_calls_in, &expected), 0);
	while (!atomic_load_acquire_u32(&target_tid))
		sched_yield();
	for (uint32_t i = 1; i <= 100; i++) {
		kick_send(target_tid, signal);
		while (atomic_load_acquire_u32(&looks) != i)
			sched_yield();
	}
	atomic_store_relaxed_u32(&stop, 1);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(looked_as, expected);
	kick_send(target_tid, signal); /* to an ended thread: no effect */
	assert_int_equal(looks, 100);
}

static void of_the_program(int signal)
{
	(void)signal;
}

static void test_a_signal_that_is_taken(void **state)
{
	struct sigaction action = {.sa_handler = of_the_program}, now;

	(void)state;
	assert_int_equal(sigaction(SIGUSR2, &action, NULL), 0);
	assert_int_equal(kick_install(SIGUSR2, look), -EBUSY);
	assert_int_equal(sigaction(SIGUSR2, NULL, &now), 0);
	assert_true(now.sa_handler == of_the_program);
	assert_int_equal(kick_install(SIGKILL, look), -EINVAL);
	assert_int_equal(kick_install(12345, look), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reaches_a_busy_loop),
		cmocka_unit_test(test_a_signal_that_is_taken),
	};

	return cmocka_run_group_tests_name("kick", tests, NULL, NULL);
}
