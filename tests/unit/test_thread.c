/* SPDX-License-Identifier: MIT */
/* Host threads run where they are told, and say why they can not. */
#include "support/harness.h"

#include "arch/thread.h"

#include <sched.h>

static void look(void *arg)
{
	cpu_set_t *set = arg;

	assert_int_equal(sched_getaffinity(0, sizeof(*set), set), 0);
}

static void test_pinned_to_each_allowed_cpu(void **state)
{
	cpu_set_t allowed, seen;
	int nr = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	for (int i = 0; i < CPU_SETSIZE; i++) {
		struct thread *thread;

		if (!CPU_ISSET(i, &allowed))
			continue;
		thread = thread_start(i, "look", look, &seen);
		assert_non_null(thread);
		thread_join(thread);
		assert_int_equal(CPU_COUNT(&seen), 1);
		assert_true(CPU_ISSET(i, &seen));
		nr++;
	}
	assert_int_equal(nr, CPU_COUNT(&allowed));
}

static void test_not_pinned_unless_asked(void **state)
{
	struct thread *thread;
	cpu_set_t allowed, seen;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	thread = thread_start(-1, NULL, look, &seen);
	assert_non_null(thread);
	thread_join(thread);
	assert_true(CPU_EQUAL(&allowed, &seen));
}

static void test_no_such_host_cpu(void **state)
{
	(void)state;
	errno = 0;
	assert_null(thread_start(CPU_SETSIZE, NULL, look, NULL));
	assert_int_equal(errno, EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pinned_to_each_allowed_cpu),
		cmocka_unit_test(test_not_pinned_unless_asked),
		cmocka_unit_test(test_no_such_host_cpu),
	};

	return cmocka_run_group_tests_name("thread", tests, NULL, NULL);
}
