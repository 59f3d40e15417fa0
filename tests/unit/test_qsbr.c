/* SPDX-License-Identifier: MIT */
/*
 * qsbr: a thread is one reader for all its CPUs. No grace period may end
 * because one of these CPUs was used or is idle, and none may wait for a thread
 * whose CPUs are all idle.
 */
#include "support/drains.h"

#include "machine/machine.h"
#include "cpu/entry.h"

/*
 * Inside a section on one CPU (as an interrupt would find it) the thread's
 * other CPU is used, or idle: no grace period may end by that.
 */
static void try_section(bool idle)
{
	const struct combo *qsbr = &sound_combos[NR_SOUND - 1];
	struct pcpmm_machine *machine = combo_create(qsbr, PCPMM_IPI_SIGNAL);
	struct pcpmm_cpu *reader = pcpmm_cpu_enter(machine, 1);
	struct pcpmm_cpu *other = pcpmm_cpu_enter(machine, 2);
	struct drainer drainer;
	int early;

	assert_true(fill(reader, PCPMM_GFP_KERNEL, NORMAL) > 0);
	if (idle)
		assert_int_equal(pcpmm_cpu_idle_enter(other, false), 0);
	irq_save(&reader->base); /* sched_section() of rcu_swap */
	drainer_start(&drainer, machine, 0, ALL);
	for (int64_t end = now_ms() + LIMIT_MS;
		!stats_of(machine).grace_periods;)
		assert_true(now_ms() < end);
	pause_us(5000);
	if (!idle)
		assert_true(fill(other, PCPMM_GFP_KERNEL, NORMAL) > 0);
	early = word_comes(&drainer.done, 1, STARVED_MS);
	irq_restore(&reader->base);
	if (idle)
		assert_int_equal(pcpmm_cpu_idle_exit(other), 0);
	assert_int_equal(pcpmm_cpu_leave(other), 0);
	assert_int_equal(pcpmm_cpu_leave(reader), 0);
	assert_int_equal(drainer_end(&drainer), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
	assert_false(early);
}

static void test_qsbr_reader_on_two_cpus(void **state)
{
	(void)state;
	try_section(false);
}

static void test_qsbr_reader_whose_other_cpu_is_idle(void **state)
{
	(void)state;
	try_section(true);
}

static void test_qsbr_thread_whose_cpus_are_all_idle(void **state)
{
	const struct combo *qsbr = &sound_combos[NR_SOUND - 1];
	struct pcpmm_machine *machine = combo_create(qsbr, PCPMM_IPI_SIGNAL);
	struct pcpmm_cpu *first = pcpmm_cpu_enter(machine, 1);
	struct pcpmm_cpu *second = pcpmm_cpu_enter(machine, 2);
	struct drainer drainer;
	int done;

	(void)state;
	assert_int_equal(pcpmm_cpu_idle_enter(first, false), 0);
	assert_true(fill(second, PCPMM_GFP_KERNEL, NORMAL) > 0);
	assert_int_equal(pcpmm_cpu_idle_enter(second, false), 0);
	drainer_start(&drainer, machine, 0, ALL);
	done = word_comes(&drainer.done, 1, 2000);
	assert_int_equal(pcpmm_cpu_idle_exit(first), 0);
	assert_int_equal(pcpmm_cpu_idle_exit(second), 0);
	assert_int_equal(pcpmm_cpu_leave(first), 0);
	assert_int_equal(pcpmm_cpu_leave(second), 0);
	assert_int_equal(drainer_end(&drainer), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
	assert_int_equal(done, 1);
}

/* A safe point is a quiescent state of qsbr, too. */
static void test_qsbr_poll_is_quiescent(void **state)
{
	const struct combo *qsbr = &sound_combos[NR_SOUND - 1];
	struct pcpmm_machine *machine = combo_create(qsbr, PCPMM_IPI_SIGNAL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 1);
	int64_t end = now_ms() + 1000;
	struct drainer drainer;
	int done;

	(void)state;
	assert_true(fill(cpu, PCPMM_GFP_KERNEL, NORMAL) > 0);
	drainer_start(&drainer, machine, 0, ALL);
	while (!word_read(&drainer.done) && now_ms() < end)
		assert_int_equal(pcpmm_cpu_poll(cpu), 0);
	done = word_read(&drainer.done);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	assert_int_equal(drainer_end(&drainer), 0);
	pcpmm_machine_destroy(machine);
	assert_int_equal(done, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_qsbr_reader_on_two_cpus),
		cmocka_unit_test(test_qsbr_reader_whose_other_cpu_is_idle),
		cmocka_unit_test(test_qsbr_thread_whose_cpus_are_all_idle),
		cmocka_unit_test(test_qsbr_poll_is_quiescent),
	};

	return cmocka_run_group_tests_name("qsbr", tests, NULL, NULL);
}
