/* SPDX-License-Identifier: MIT */
/*
 * Which task runs on a CPU: workers before, behind and between a thread's
 * operations, tasks that wait for a CPU, and the context of each task.
 */
#include "support/drains.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "machine/machine.h"

#include "arch/kick.h"
#include "arch/wait.h"
#include "cpu/lock.h"
#include "cpu/entry.h"
#include "cpu/sched.h"
#include "cpu/kthread_worker.h"
#include "support/cpu.h"

/* --- one CPU, its workers and their items ----------------------------- */

struct item {
	struct kthread_work work;
	struct cpu *cpu;
	int ran;
	int hold, at_hold; /* the item waits until hold is 0 */
	struct task_context seen;
	enum task_kind kind;
	uint64_t thread;
	int *order, place; /* counter shared by items; its value at the run */
};

static void run_item(struct cpu *cpu, void *arg)
{
	struct item *item = arg;

	assert_ptr_equal(cpu, item->cpu);
	item->seen = (struct task_context){cpu->irq_off, cpu->preempt_off,
		cpu->in_irq, cpu->held, cpu->memalloc};
	item->kind = cpu->curr->kind;
	item->thread = arch_self();
	if (item->order)
		item->place = word_add(item->order, 1);
	word_write(&item->at_hold, 1);
	while (word_read(&item->hold))
		sched_yield();
	word_add(&item->ran, 1);
}

static void item_init(struct item *item, struct cpu *cpu)
{
	*item = (struct item){
		.work.call = {.fn = run_item, .arg = item}, .cpu = cpu};
}

static void start_cpu(struct cpu *cpu, enum pcpmm_ipi ipi)
{
	cpu_init(cpu, 0);
	if (ipi == PCPMM_IPI_POLLED)
		return;
	assert_int_equal(kick_install(SIGURG, entry_signal), SIGURG);
	cpu->ipi_signal = SIGURG;
}

static struct kthread_worker *kworker(struct cpu *cpu)
{
	struct kthread_worker *worker =
		kthread_worker_create(cpu, TASK_KWORKER, 0, "kworker");

	assert_non_null(worker);
	return worker;
}

static struct kthread_worker *kthread(struct cpu *cpu, unsigned int prio)
{
	struct kthread_worker *worker =
		kthread_worker_create(cpu, TASK_KTHREAD, prio, "kthread");

	assert_non_null(worker);
	return worker;
}

/* Used by most tests: a polled CPU, a worker on it, an item for it. */
struct one {
	struct cpu cpu;
	struct kthread_worker *worker;
	struct item item;
};

/* @prio 0: a kworker; else a kthread of that priority. */
static void one_init(struct one *one, unsigned int prio)
{
	start_cpu(&one->cpu, PCPMM_IPI_POLLED);
	one->worker = prio ? kthread(&one->cpu, prio) : kworker(&one->cpu);
	item_init(&one->item, &one->cpu);
}

static void one_fini(struct one *one)
{
	kthread_worker_destroy(one->worker);
	cpu_fini(&one->cpu);
}

/* Tasks that wait for a CPU. Polled only: a signal's handler takes the lock. */
static int nr_waiting(struct cpu *cpu)
{
	int nr = 0;

	assert_int_equal(cpu->ipi_signal, 0);
	lock_acquire(NULL, &cpu->run_lock, 0);
	for (struct task *task = cpu->waiting; task; task = task->next)
		nr++;
	lock_release(NULL, &cpu->run_lock, 0);
	return nr;
}

static void until_waiting(struct cpu *cpu, int nr)
{
	int64_t end = now_ms() + LIMIT_MS;

	while (nr_waiting(cpu) < nr) {
		assert_true(now_ms() < end);
		sched_yield();
	}
}

/* --- entering a CPU --------------------------------------------------- */

static void test_claim_enter_leave(void **state)
{
	struct cpu cpu;

	(void)state;
	start_cpu(&cpu, PCPMM_IPI_POLLED);
	assert_true(cpu_is_idle(&cpu));
	assert_true(cpu_claim(&cpu));
	assert_false(cpu_claim(&cpu));
	assert_false(enter_cpu(&cpu));
	assert_true(cpu_is_idle(&cpu)); /* claimed, not yet entered */
	cpu_unclaim(&cpu);
	assert_true(enter_cpu(&cpu));
	assert_true(cpu_is_mine(&cpu));
	assert_true(cpu_runs_user(&cpu));
	assert_false(enter_cpu(&cpu));
	leave_cpu(&cpu);
	assert_false(cpu_is_mine(&cpu));
	assert_true(cpu_is_idle(&cpu));
	assert_null(cpu.curr);
	cpu_fini(&cpu);
}

/* On a CPU that no thread has entered an item runs at once. */
static void test_worker_on_an_idle_cpu(void **state)
{
	struct one one;

	(void)state;
	one_init(&one, 0);
	for (int i = 1; i <= 100; i++) {
		kthread_queue_work(one.worker, &one.item.work);
		kthread_flush_work(&one.item.work);
		assert_int_equal(one.item.ran, i);
	}
	assert_int_equal(one.item.kind, TASK_KWORKER);
	assert_true(one.item.thread != arch_self());
	kthread_queue_work(one.worker, &one.item.work);
	kthread_worker_destroy(one.worker); /* runs queued items first */
	assert_int_equal(one.item.ran, 101);
	assert_true(cpu_is_idle(&one.cpu));
	kthread_worker_destroy(NULL);
	cpu_fini(&one.cpu);
}

/* --- priorities ------------------------------------------------------- */

enum ending { ENDS_FIFO, ENDS_SLEEPING, ENDS_LEAVING };

static void end_by(enum ending ending, struct cpu *cpu, struct item *item)
{
	if (ending == ENDS_FIFO)
		sched_set_prio(cpu, 0);
	else if (ending == ENDS_SLEEPING)
		kthread_flush_work(&item->work);
	else
		leave_cpu(cpu);
}

/* A worker waits behind a FIFO task until that ends, sleeps or leaves. */
static void test_behind_a_fifo_task(void **state)
{
	static const unsigned int kthread_prios[] = {0, 1, 49, 50};

	(void)state;
	for (int ending = 0; ending <= ENDS_LEAVING; ending++)
		for (size_t i = 0; i < HARNESS_COUNT(kthread_prios); i++) {
			unsigned int prio = kthread_prios[i];
			struct one one;

			one_init(&one, prio);
			assert_true(enter_cpu(&one.cpu));
			sched_set_prio(&one.cpu, 50);
			kthread_queue_work(one.worker, &one.item.work);
			until_waiting(&one.cpu, 1);
			cpu_poll(&one.cpu);
			preempt_disable(&one.cpu);
			preempt_enable(&one.cpu);
			irq_save(&one.cpu);
			irq_restore(&one.cpu);
			assert_int_equal(word_read(&one.item.ran), 0);
			end_by((enum ending)ending, &one.cpu, &one.item);
			kthread_flush_work(&one.item.work);
			assert_int_equal(one.item.ran, 1);
			if (ending != ENDS_LEAVING) {
				assert_true(cpu_is_mine(&one.cpu));
				leave_cpu(&one.cpu);
			}
			one_fini(&one);
		}
}

/* A worker of higher priority runs first, at the next poll. */
static void test_before_a_lower_task(void **state)
{
	static const unsigned int prios[][2] = {
		{0, 0}, {1, 0}, {2, 1}, {99, 98}}; /* worker's, task's */

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(prios); i++) {
		struct one one;

		one_init(&one, prios[i][0]);
		assert_true(enter_cpu(&one.cpu));
		sched_set_prio(&one.cpu, prios[i][1]);
		kthread_queue_work(one.worker, &one.item.work);
		until_waiting(&one.cpu, 1);
		assert_int_equal(word_read(&one.item.ran), 0);
		cpu_poll(&one.cpu); /* returns when the worker has left */
		assert_int_equal(word_read(&one.item.ran), 1);
		assert_true(cpu_runs_user(&one.cpu));
		assert_false(sched_displaces_user(&one.cpu));
		leave_cpu(&one.cpu);
		one_fini(&one);
	}
}

/* The same by signal, without a poll. */
static void test_before_a_task_that_never_looks(void **state)
{
	struct kthread_worker *worker[2];
	struct cpu cpu;
	struct item item[2];

	(void)state;
	start_cpu(&cpu, PCPMM_IPI_SIGNAL);
	worker[0] = kworker(&cpu);
	worker[1] = kthread(&cpu, 1);
	assert_true(enter_cpu(&cpu));
	for (int i = 0; i < 100; i++)
		for (int w = 0; w < 2; w++) {
			int64_t end = now_ms() + LIMIT_MS;

			item_init(&item[w], &cpu);
			kthread_queue_work(worker[w], &item[w].work);
			while (!word_read(&item[w].ran))
				assert_true(now_ms() < end);
		}
	leave_cpu(&cpu);
	for (int w = 0; w < 2; w++)
		kthread_worker_destroy(worker[w]);
	cpu_fini(&cpu);
}

/* A task becomes normal with interrupts off: the worker runs at the enable. */
static void test_prio_falls_while_masked(void **state)
{
	struct one one;
	int ran;

	(void)state;
	one_init(&one, 0);
	assert_true(enter_cpu(&one.cpu));
	sched_set_prio(&one.cpu, 50);
	kthread_queue_work(one.worker, &one.item.work);
	until_waiting(&one.cpu, 1);
	irq_save(&one.cpu);
	sched_set_prio(&one.cpu, 0);
	assert_int_equal(word_read(&one.item.ran), 0);
	irq_restore(&one.cpu);
	ran = word_read(&one.item.ran);
	leave_cpu(&one.cpu);
	one_fini(&one);
	assert_int_equal(ran, 1);
}

/* Of two waiting workers the one of higher priority runs first. */
static void test_the_best_goes_first(void **state)
{
	struct kthread_worker *low, *high;
	struct item first, second;
	struct cpu cpu;
	int order = 0;

	(void)state;
	start_cpu(&cpu, PCPMM_IPI_POLLED);
	low = kworker(&cpu);
	high = kthread(&cpu, 1);
	item_init(&first, &cpu);
	item_init(&second, &cpu);
	first.order = second.order = &order;
	assert_true(enter_cpu(&cpu));
	sched_set_prio(&cpu, 99);
	kthread_queue_work(low, &first.work);
	until_waiting(&cpu, 1);
	kthread_queue_work(high, &second.work);
	until_waiting(&cpu, 2);
	sched_set_prio(&cpu, 0);
	assert_int_equal(second.place, 1);
	assert_int_equal(first.place, 2);
	leave_cpu(&cpu);
	kthread_worker_destroy(low);
	kthread_worker_destroy(high);
	cpu_fini(&cpu);
}

/* --- preemption off, interrupts off ----------------------------------- */

static void test_deferred_to_the_enable(void **state)
{
	struct one one;

	(void)state;
	one_init(&one, 0);
	assert_true(enter_cpu(&one.cpu));
	preempt_disable(&one.cpu);
	preempt_disable(&one.cpu);
	kthread_queue_work(one.worker, &one.item.work);
	until_waiting(&one.cpu, 1);
	cpu_poll(&one.cpu); /* does not preempt */
	preempt_enable(&one.cpu);
	assert_int_equal(word_read(&one.item.ran), 0);
	preempt_enable(&one.cpu);
	assert_int_equal(word_read(&one.item.ran), 1);

	irq_save(&one.cpu);
	irq_save(&one.cpu);
	kthread_queue_work(one.worker, &one.item.work);
	until_waiting(&one.cpu, 1);
	cpu_poll(&one.cpu);
	preempt_disable(&one.cpu);
	preempt_enable(&one.cpu);
	irq_restore(&one.cpu);
	assert_int_equal(word_read(&one.item.ran), 1);
	irq_restore(&one.cpu);
	assert_int_equal(word_read(&one.item.ran), 2);
	leave_cpu(&one.cpu);
	one_fini(&one);
}

/* Masks, counts and lock ranks are the task's, not the CPU's. */
static void test_context_is_per_task(void **state)
{
	struct one one;

	(void)state;
	one_init(&one, 0);
	assert_true(enter_cpu(&one.cpu));
	one.cpu.held = 1u << LOCK_RANK_DRAIN;
	for (int asleep = 0; asleep < 2; asleep++) {
		kthread_queue_work(one.worker, &one.item.work);
		if (!asleep) {
			until_waiting(&one.cpu, 1);
			cpu_poll(&one.cpu);
		}
		kthread_flush_work(&one.item.work);
		assert_int_equal(one.item.ran, asleep + 1);
		assert_int_equal(one.item.seen.held, 0);
		assert_int_equal(one.item.seen.irq_off, 0);
		assert_int_equal(one.item.seen.preempt_off, 0);
		assert_int_equal(one.item.seen.in_irq, 0);
		assert_int_equal(one.cpu.held, 1u << LOCK_RANK_DRAIN);
		assert_int_equal(one.cpu.irq_off, 0);
		assert_true(cpu_is_mine(&one.cpu));
	}
	one.cpu.held = 0;
	leave_cpu(&one.cpu);
	one_fini(&one);
}

/* --- sleeping --------------------------------------------------------- */

/* A sleeping thread leaves all its CPUs, except those with interrupts off. */
static void test_sleep_gives_up_all_cpus(void **state)
{
	struct kthread_worker *worker[3];
	struct cpu cpu[3];
	struct item item[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		start_cpu(&cpu[i], PCPMM_IPI_POLLED);
		worker[i] = kworker(&cpu[i]);
		item_init(&item[i], &cpu[i]);
		assert_true(enter_cpu(&cpu[i]));
		sched_set_prio(&cpu[i], 99);
	}
	irq_save(&cpu[2]);
	assert_true(sched_is_atomic());
	for (int i = 0; i < 3; i++) {
		kthread_queue_work(worker[i], &item[i].work);
		until_waiting(&cpu[i], 1);
	}
	sched_sleep();
	WAIT_FOR(&item[0].ran, 1);
	WAIT_FOR(&item[1].ran, 1);
	assert_true(cpu_is_mine(&cpu[2]));
	assert_false(cpu_is_mine(&cpu[0]));
	sched_wake();
	for (int i = 0; i < 3; i++)
		assert_true(cpu_is_mine(&cpu[i]));
	assert_int_equal(word_read(&item[2].ran), 0);
	irq_restore(&cpu[2]);
	assert_false(sched_is_atomic());
	for (int i = 0; i < 3; i++) {
		leave_cpu(&cpu[i]);
		kthread_flush_work(&item[i].work);
		assert_int_equal(item[i].ran, 1);
		kthread_worker_destroy(worker[i]);
		cpu_fini(&cpu[i]);
	}
}

struct sleeper {
	struct cpu *cpu;
	uint32_t word;
	int woken;
};

static void *sleep_on_word(void *arg)
{
	struct sleeper *sleeper = arg;

	assert_true(enter_cpu(sleeper->cpu));
	sched_wait(&sleeper->word, 0);
	assert_true(cpu_is_mine(sleeper->cpu));
	word_write(&sleeper->woken, 1);
	leave_cpu(sleeper->cpu);
	return NULL;
}

/* A woken thread waits for the task on its CPU, unless that is lower. */
static void test_wake_waits_for_the_cpu(void **state)
{
	struct sleeper sleeper = {0};
	struct one one;
	pthread_t thread;

	(void)state;
	one_init(&one, 0);
	one.item.hold = 1;
	sleeper.cpu = &one.cpu;
	assert_int_equal(
		pthread_create(&thread, NULL, sleep_on_word, &sleeper), 0);
	kthread_queue_work(one.worker, &one.item.work);
	WAIT_FOR(&one.item.at_hold, 1);
	atomic_store_release_u32(&sleeper.word, 1);
	wake_word(&sleeper.word);
	until_waiting(&one.cpu, 1);
	assert_int_equal(word_read(&sleeper.woken), 0);
	word_write(&one.item.hold, 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(sleeper.woken, 1);
	one_fini(&one);
}

/* --- many tasks for one CPU ------------------------------------------- */

#define THREADS 6

struct crowd {
	struct cpu *cpu;
	int turns;
	long count; /* plain: written by the task on the CPU */
	int inside, wrong;
	bool sleep;
};

static void *take_turns(void *arg)
{
	struct thread *self = thread_get();
	struct crowd *crowd = arg;
	struct task task;

	task_init(&task, TASK_KWORKER, 0);
	for (int i = 0; i < crowd->turns; i++) {
		sched_enter(self, crowd->cpu, &task);
		if (word_add(&crowd->inside, 1) != 1 ||
			!cpu_is_mine(crowd->cpu) || crowd->cpu->curr != &task)
			word_write(&crowd->wrong, 1);
		crowd->count++;
		word_add(&crowd->inside, -1);
		if (i % 4 == 3) {
			sched_sleep();
			sched_wake();
		}
		sched_leave(crowd->cpu, &task);
	}
	thread_put(self);
	return NULL;
}

static void test_one_at_a_time(void **state)
{
	struct crowd crowd = {.turns = is_slow_run() ? 200 : 3000};
	pthread_t thread[THREADS];
	struct cpu cpu;

	(void)state;
	start_cpu(&cpu, PCPMM_IPI_SIGNAL);
	crowd.cpu = &cpu;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, take_turns, &crowd),
			0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	assert_int_equal(crowd.wrong, 0);
	assert_int_equal(crowd.count, (long)THREADS * crowd.turns);
	assert_true(cpu_is_idle(&cpu));
	assert_null(cpu.waiting);
	cpu_fini(&cpu);
}

/* A task that enters, polls and leaves between workers of both kinds. */
static void test_user_between_workers(void **state)
{
	int rounds = is_slow_run() ? 200 : 3000;
	struct kthread_worker *worker[2];
	struct cpu cpu;
	struct item item[2];

	(void)state;
	start_cpu(&cpu, PCPMM_IPI_SIGNAL);
	worker[0] = kworker(&cpu);
	worker[1] = kthread(&cpu, 1);
	for (int i = 0; i < 2; i++) {
		item_init(&item[i], &cpu);
		item[i].work.done = 1;
	}
	for (int round = 0; round < rounds; round++) {
		assert_true(enter_cpu(&cpu));
		for (int i = 0; i < 2; i++) {
			kthread_flush_work(&item[i].work);
			kthread_queue_work(worker[i], &item[i].work);
		}
		sched_set_prio(&cpu, (unsigned int)round % 3);
		cpu_poll(&cpu);
		assert_true(cpu_is_mine(&cpu));
		assert_true(cpu.curr == &cpu.user);
		leave_cpu(&cpu);
	}
	for (int i = 0; i < 2; i++) {
		kthread_worker_destroy(worker[i]);
		assert_int_equal(item[i].ran, rounds);
	}
	cpu_fini(&cpu);
}

/* --- the public functions --------------------------------------------- */

static struct pcpmm_cpu_state state_of(const struct pcpmm_cpu *cpu)
{
	struct pcpmm_cpu_state state;

	pcpmm_cpu_state_read(cpu, &state);
	return state;
}

static struct pcpmm_machine *machine_with(enum pcpmm_drain drain)
{
	struct stage stage;

	stage_init(&stage, drain);
	return stage_create(&stage);
}

static void expect_refused(struct pcpmm_cpu *cpu, struct pcpmm_page *page)
{
	assert_null(pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0));
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), -EPERM);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), -EPERM);
	assert_int_equal(pcpmm_vmstat_fold(cpu, 0), -EPERM);
	assert_int_equal(pcpmm_cpu_poll(cpu), -EPERM);
	assert_int_equal(pcpmm_irq_disable(cpu), -EPERM);
	assert_int_equal(pcpmm_cpu_set_fifo(cpu, 1), -EPERM);
	assert_int_equal(pcpmm_cpu_idle_enter(cpu, false), -EPERM);
	assert_int_equal(pcpmm_cpu_leave(cpu), -EPERM);
	assert_null(pcpmm_cpu_enter(pcpmm_cpu_machine(cpu), 0));
	assert_int_equal(errno, EBUSY);
}

static void *exit_elsewhere(void *arg)
{
	return (void *)(intptr_t)pcpmm_cpu_idle_exit(arg);
}

static void count_call(struct pcpmm_cpu *cpu, void *arg)
{
	(void)cpu;
	word_add(arg, 1);
}

static void test_idle(void **state)
{
	struct pcpmm_machine *machine = machine_with(PCPMM_DRAIN_WORKQUEUE);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	pthread_t thread;
	int calls = 0;
	void *ret;

	(void)state;
	assert_int_equal(pcpmm_cpu_idle_exit(cpu), -EINVAL);
	assert_int_equal(pcpmm_irq_disable(cpu), 0);
	assert_int_equal(pcpmm_cpu_idle_enter(cpu, true), -EBUSY);
	assert_int_equal(pcpmm_irq_enable(cpu), 0);
	assert_false(state_of(cpu).idle || state_of(cpu).tick_stopped);
	assert_int_equal(pcpmm_cpu_idle_enter(cpu, true), 0);
	assert_true(state_of(cpu).idle && state_of(cpu).tick_stopped);
	expect_refused(cpu, page);
	assert_int_equal(pthread_create(&thread, NULL, exit_elsewhere, cpu), 0);
	assert_int_equal(pthread_join(thread, &ret), 0);
	assert_int_equal((int)(intptr_t)ret, -EINVAL);
	assert_int_equal(pcpmm_irq_raise(cpu, count_call, &calls), 0);
	assert_int_equal(calls, 0);
	assert_int_equal(pcpmm_cpu_idle_exit(cpu), 0);
	assert_int_equal(calls, 1);
	assert_false(state_of(cpu).idle || state_of(cpu).tick_stopped);
	assert_int_equal(pcpmm_cpu_idle_exit(cpu), -EINVAL);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	/* Destroyed while idle: the thread leaves the CPU. */
	assert_int_equal(pcpmm_cpu_idle_enter(cpu, false), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_fifo(void **state)
{
	struct pcpmm_machine *machine = machine_with(PCPMM_DRAIN_PCP_LOCK);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	assert_int_equal(
		pcpmm_cpu_set_fifo(pcpmm_cpu_get(machine, 1), 1), -EPERM);
	assert_int_equal(pcpmm_cpu_set_fifo(cpu, 100), -EINVAL);
	assert_int_equal(state_of(cpu).fifo, 0);
	assert_int_equal(pcpmm_cpu_set_fifo(cpu, 99), 0);
	assert_int_equal(state_of(cpu).fifo, 99);
	assert_int_equal(pcpmm_cpu_idle_enter(cpu, false), 0);
	assert_int_equal(pcpmm_cpu_idle_exit(cpu), 0);
	assert_int_equal(state_of(cpu).fifo, 99); /* still the same task */
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	assert_int_equal(state_of(cpu).fifo, 0);
	assert_ptr_equal(pcpmm_cpu_enter(machine, 0), cpu);
	assert_int_equal(state_of(cpu).fifo, 0);
	pcpmm_cpu_set_nohz_full(cpu, true);
	assert_true(state_of(cpu).nohz_full && state_of(cpu).online);
	pcpmm_cpu_set_nohz_full(cpu, false);
	assert_false(state_of(cpu).nohz_full);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claim_enter_leave),
		cmocka_unit_test(test_worker_on_an_idle_cpu),
		cmocka_unit_test(test_behind_a_fifo_task),
		cmocka_unit_test(test_before_a_lower_task),
		cmocka_unit_test(test_before_a_task_that_never_looks),
		cmocka_unit_test(test_prio_falls_while_masked),
		cmocka_unit_test(test_the_best_goes_first),
		cmocka_unit_test(test_deferred_to_the_enable),
		cmocka_unit_test(test_context_is_per_task),
		cmocka_unit_test(test_sleep_gives_up_all_cpus),
		cmocka_unit_test(test_wake_waits_for_the_cpu),
		cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_user_between_workers),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_fifo),
	};

	return cmocka_run_group_tests_name("sched", tests, NULL, NULL);
}
