/* SPDX-License-Identifier: MIT */
/*
 * A tick tells the task that runs on a CPU to look at the waiting ones, and that task
 * is a proxy: a thread that takes an idle CPU's interrupts while it waits for them. The
 * call lay in the proxy, on that thread's stack, and was still queued when the proxy
 * was gone: the next thread on the CPU called whatever was there.
 */
#include "support/harness.h"

#include "cpu/runq.h"
#include "support/cpu.h"

static void stand_in_and_leave(struct cpu *cpu, struct thread *self)
{
	struct task proxy;
	const char *call;

	task_init(&proxy, TASK_PROXY, PRIO_INTERRUPT);
	assert_true(runq_try_enter(self, cpu, &proxy));
	runq_look_again(self, cpu); /* a tick of the CPU, after its last poll */
	sched_leave(cpu, &proxy);
	call = (const char *)cpu->calls;
	assert_non_null(call);
	assert_false(call >= (const char *)&proxy &&
		     call < (const char *)(&proxy + 1));
}

static void test_call_outlives_the_proxy(void **state)
{
	struct thread *self = thread_get();
	static struct cpu cpu;

	(void)state;
	assert_non_null(self);
	cpu_init(&cpu, 0);
	stand_in_and_leave(&cpu, self);
	assert_true(enter_cpu(&cpu)); /* takes the call */
	assert_null(cpu.calls);
	leave_cpu(&cpu);
	thread_put(self);
	cpu_fini(&cpu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call_outlives_the_proxy),
	};

	return cmocka_run_group_tests_name(
		"resched of a proxy", tests, NULL, NULL);
}
