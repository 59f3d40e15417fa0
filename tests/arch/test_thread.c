/* SPDX-License-Identifier: MIT */
/* Host threads run on the requested host CPU, or report why not. */
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

/* --- the struct of a thread ------------------------------------------------- */

static void see_own_struct(void *arg)
{
	struct thread **seen = arg;
	struct thread *self = thread_get();

	assert_ptr_equal(self, thread_current());
	thread_put(self); /* the library keeps the struct */
	__atomic_store_n(seen, thread_current(), __ATOMIC_RELEASE);
}

static void test_one_of_ours_has_its_struct(void **state)
{
	struct thread *thread, *seen = NULL;

	(void)state;
	thread = thread_start(-1, NULL, see_own_struct, &seen);
	assert_non_null(thread);
	while (!__atomic_load_n(&seen, __ATOMIC_ACQUIRE))
		sched_yield();
	assert_ptr_equal(seen, thread);
	thread_join(thread);
}

static void test_one_of_the_program_gets_it(void **state)
{
	struct thread *self, *again;

	(void)state;
	assert_null(thread_current());
	self = thread_get();
	assert_non_null(self);
	assert_true(self->tid != 0);
	again = thread_get();
	assert_ptr_equal(self, again);
	thread_put(again);
	assert_ptr_equal(thread_current(), self);
	thread_put(self);
	assert_null(thread_current());
}

static void tell_self(void *arg)
{
	*(uint64_t *)arg = arch_self();
}

static void test_selves_differ(void **state)
{
	uint64_t other = 0;
	struct thread *thread = thread_start(-1, NULL, tell_self, &other);

	(void)state;
	assert_non_null(thread);
	thread_join(thread);
	assert_true(other && arch_self() && other != arch_self());
	assert_true(arch_self() == arch_self());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_of_ours_has_its_struct),
		cmocka_unit_test(test_one_of_the_program_gets_it),
		cmocka_unit_test(test_selves_differ),
		cmocka_unit_test(test_pinned_to_each_allowed_cpu),
		cmocka_unit_test(test_not_pinned_unless_asked),
		cmocka_unit_test(test_no_such_host_cpu),
	};

	return cmocka_run_group_tests_name("thread", tests, NULL, NULL);
}
