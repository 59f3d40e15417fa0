/* SPDX-License-Identifier: MIT */
/* Which tasks the workers of drain kthread preempt, by their priority. */
#include "support/drains.h"

#define BETWEEN 10 /* FIFO: above fifo_low, below fifo */

struct spinner {
	unsigned int prio;
	int ready, stop;
};

static void spin(struct pcpmm_cpu *cpu, void *arg)
{
	struct spinner *spinner = arg;

	assert_true(fill(cpu, PCPMM_GFP_KERNEL, NORMAL));
	assert_int_equal(pcpmm_cpu_set_fifo(cpu, spinner->prio), 0);
	word_write(&spinner->ready, 1);
	while (!word_read(&spinner->stop))
		;
}

static void drains(
	enum pcpmm_kthread_prio prio, unsigned int spinner_prio, bool ends)
{
	struct spinner spinner = {.prio = spinner_prio};
	struct pcpmm_cpu_thread *thread;
	struct pcpmm_machine *machine;
	struct drainer drainer;
	struct stage stage;

	stage_init(&stage, PCPMM_DRAIN_KTHREAD);
	stage.config.kthread_prio = prio;
	machine = stage_create(&stage);
	thread = pcpmm_cpu_run(machine, 1, -1, spin, &spinner);
	assert_non_null(thread);
	WAIT_FOR(&spinner.ready, 1);
	drainer_start(&drainer, machine, 0, ALL);
	assert_int_equal(
		word_comes(&drainer.done, 1, ends ? LIMIT_MS : STARVED_MS),
		ends);
	word_write(&spinner.stop, 1);
	pcpmm_cpu_join(thread);
	assert_int_equal(drainer_end(&drainer), 0);
	assert_int_equal(noise_of(machine, 1).count[PCPMM_NOISE_KTHREAD], ends);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_over_a_normal_task(void **state)
{
	(void)state;
	for (int prio = 0; prio < PCPMM_NR_KTHREAD_PRIOS; prio++)
		drains((enum pcpmm_kthread_prio)prio, 0, true);
}

static void test_over_a_fifo_task(void **state)
{
	(void)state;
	drains(PCPMM_KTHREAD_PRIO_FIFO, BETWEEN, true);
	drains(PCPMM_KTHREAD_PRIO_FIFO_LOW, BETWEEN, false);
	drains(PCPMM_KTHREAD_PRIO_NORMAL, BETWEEN, false);
}

/* A task of equal priority is not preempted. */
static void test_equals(void **state)
{
	(void)state;
	drains(PCPMM_KTHREAD_PRIO_FIFO_LOW, 1, false);
	drains(PCPMM_KTHREAD_PRIO_FIFO, 50, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_over_a_normal_task),
		cmocka_unit_test(test_over_a_fifo_task),
		cmocka_unit_test(test_equals),
	};

	return cmocka_run_group_tests_name("kthread prio", tests, NULL, NULL);
}
