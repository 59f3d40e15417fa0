/* SPDX-License-Identifier: MIT */
/*
 * Work items of the program on a machine: results and refusals of each call, what
 * an item may do as its CPU, and that drains and folds go through the same pool.
 */
#include "support/drains.h"

#include <pthread.h>
#include <sched.h>

struct item {
	struct pcpmm_work *work;
	int hold, holds, ended;
	void (*act)(struct pcpmm_cpu *cpu, struct item *item);
	int ret;
	int *clock, place;
};

static void run_item(struct pcpmm_cpu *cpu, void *arg)
{
	struct item *item = arg;

	if (item->act)
		item->act(cpu, item);
	word_write(&item->holds, 1);
	while (word_read(&item->hold)) {
		pcpmm_cpu_poll(cpu);
		sched_yield();
	}
	if (item->clock)
		item->place = word_add(item->clock, 1);
	word_add(&item->ended, 1);
}

static void item_init(struct item *item, struct pcpmm_machine *machine,
	unsigned int id, enum pcpmm_wq wq)
{
	*item = (struct item){.ended = 0};
	item->work = pcpmm_work_create(machine, id, wq, run_item, item);
	assert_non_null(item->work);
}

static void queue(struct item *item)
{
	assert_int_equal(pcpmm_work_queue(item->work), 1);
}

static void queue_held(struct item *item)
{
	item->hold = 1;
	queue(item);
	while (!word_read(&item->holds))
		sched_yield();
}

static void end(struct item *item)
{
	word_write(&item->hold, 0);
	assert_true(pcpmm_work_flush(item->work) >= 0);
	assert_int_equal(pcpmm_work_destroy(item->work), 0);
}

static struct pcpmm_machine *machine_of(enum pcpmm_drain drain)
{
	struct stage stage;

	stage_init(&stage, drain);
	return stage_create(&stage);
}

static struct pcpmm_work_stats work_stats(struct pcpmm_machine *machine)
{
	struct pcpmm_work_stats stats;

	pcpmm_work_stats_read(machine, &stats);
	return stats;
}

/* --- calls ------------------------------------------------------------------- */

static void test_results(void **state)
{
	struct pcpmm_machine *machine = machine_of(PCPMM_DRAIN_PCP_LOCK);
	struct pcpmm_histogram histogram;
	struct item item, next;

	(void)state;
	assert_int_equal(work_stats(machine).queued, 0); /* not started */
	item_init(&item, machine, 1, PCPMM_SYSTEM_WQ);
	item_init(&next, machine, 1, PCPMM_MM_PERCPU_WQ);
	assert_int_equal(pcpmm_work_state(item.work), 0);
	assert_int_equal(pcpmm_work_flush(item.work), 0);
	assert_int_equal(pcpmm_work_cancel(item.work), 0);
	queue_held(&item);
	queue(&next);
	assert_int_equal(pcpmm_work_queue(next.work), 0);
	assert_int_equal(pcpmm_work_state(item.work), PCPMM_WORK_RUNNING);
	assert_int_equal(pcpmm_work_state(next.work), PCPMM_WORK_PENDING);
	assert_int_equal(pcpmm_work_cancel(next.work), 1);
	queue(&next);
	word_write(&item.hold, 0);
	assert_int_equal(pcpmm_work_flush(next.work) >= 0, 1);
	assert_int_equal(next.ended, 1);
	assert_int_equal(work_stats(machine).queued, 3);
	assert_int_equal(work_stats(machine).run, 2);
	pcpmm_work_histogram(machine, &histogram);
	assert_int_equal(histogram.count, 2);
	end(&next);
	end(&item);
	assert_int_equal(pcpmm_work_destroy(NULL), 0);
	assert_string_equal(pcpmm_wq_name(PCPMM_MM_PERCPU_WQ), "mm_percpu_wq");
	assert_string_equal(pcpmm_wq_name(PCPMM_SYSTEM_WQ), "events");
	assert_null(pcpmm_wq_name(PCPMM_NR_WQS));
	pcpmm_machine_destroy(machine);
}

static void create_in_an_interrupt(struct pcpmm_cpu *cpu, void *arg)
{
	*(struct pcpmm_work **)arg = pcpmm_work_create(
		pcpmm_cpu_machine(cpu), 0, PCPMM_SYSTEM_WQ, run_item, NULL);
}

static void test_refusals(void **state)
{
	struct pcpmm_machine *machine = machine_of(PCPMM_DRAIN_PCP_LOCK);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_work *work = (struct pcpmm_work *)machine;
	struct item item;

	(void)state;
	errno = 0;
	assert_null(pcpmm_work_create(
		machine, STAGE_CPUS, PCPMM_SYSTEM_WQ, run_item, NULL));
	assert_int_equal(errno, EINVAL);
	assert_null(
		pcpmm_work_create(machine, 0, PCPMM_NR_WQS, run_item, NULL));
	assert_null(pcpmm_work_create(machine, 0, PCPMM_SYSTEM_WQ, NULL, NULL));
	assert_int_equal(
		pcpmm_irq_raise(cpu, create_in_an_interrupt, &work), 0);
	assert_null(work);
	assert_non_null(strstr(pcpmm_last_error(machine), "interrupts off"));

	item_init(&item, machine, 1, PCPMM_SYSTEM_WQ);
	pcpmm_irq_disable(cpu);
	assert_int_equal(pcpmm_work_queue(item.work), 1); /* any thread may */
	assert_int_equal(pcpmm_work_flush(item.work), -EINVAL);
	assert_int_equal(pcpmm_work_cancel(item.work), -EINVAL);
	assert_int_equal(pcpmm_work_destroy(item.work), -EINVAL);
	assert_int_equal(pcpmm_msleep(cpu, 1), -EINVAL);
	pcpmm_irq_enable(cpu);
	assert_int_equal(pcpmm_msleep(cpu, 1), 0);
	assert_int_equal(pcpmm_msleep(pcpmm_cpu_get(machine, 2), 1), -EPERM);
	end(&item);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	pcpmm_machine_destroy(machine);
}

/* --- in an item ---------------------------------------------------------------- */

static void allocate(struct pcpmm_cpu *cpu, struct item *item)
{
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);

	assert_non_null(page);
	assert_int_equal(pcpmm_msleep(cpu, 1), 0);
	item->ret = pcpmm_free_pages(cpu, page, 0);
}

static void misbehave(struct pcpmm_cpu *cpu, struct item *item)
{
	assert_int_equal(pcpmm_cpu_leave(cpu), -EBUSY);
	assert_int_equal(pcpmm_cpu_idle_enter(cpu, false), -EBUSY);
	assert_int_equal(pcpmm_cpu_set_fifo(cpu, 1), -EINVAL);
	assert_int_equal(pcpmm_work_flush(item->work), -EDEADLK);
	assert_int_equal(pcpmm_work_cancel(item->work), -EDEADLK);
	assert_int_equal(pcpmm_work_destroy(item->work), -EDEADLK);
	pcpmm_irq_disable(cpu); /* and forgets it */
}

static void test_what_an_item_may_do(void **state)
{
	struct pcpmm_machine *machine = machine_of(PCPMM_DRAIN_PCP_LOCK);
	struct item item;

	(void)state;
	item_init(&item, machine, 1, PCPMM_SYSTEM_WQ);
	item.act = allocate;
	queue(&item);
	assert_int_equal(pcpmm_work_flush(item.work), 1);
	assert_int_equal(item.ret, 0);
	assert_true(count_of(machine, 1, NORMAL) > 0);
	item.act = misbehave;
	queue(&item);
	pcpmm_work_flush(item.work);
	item.act = allocate; /* interrupts are on again: it may sleep */
	queue(&item);
	end(&item);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void drain(struct pcpmm_cpu *cpu, struct item *item)
{
	item->ret = pcpmm_drain_all_pages(cpu, 0, ALL, false);
}

/* An item of mm_percpu_wq would wait for itself; one of another queue does not. */
static void test_drain_by_an_item(void **state)
{
	struct pcpmm_machine *machine = machine_of(PCPMM_DRAIN_WORKQUEUE);
	struct item own, other;

	(void)state;
	fill_idle(machine, 1, PCPMM_GFP_KERNEL);
	item_init(&own, machine, 1, PCPMM_MM_PERCPU_WQ);
	item_init(&other, machine, 1, PCPMM_SYSTEM_WQ);
	own.act = other.act = drain;
	queue(&own);
	pcpmm_work_flush(own.work);
	assert_int_equal(own.ret, -EDEADLK);
	assert_int_equal(stats_of(machine).recursions, 1);
	assert_true(count_of(machine, 1, NORMAL) > 0);
	assert_non_null(strstr(pcpmm_last_error(machine), "mm_percpu_wq"));
	queue(&other);
	pcpmm_work_flush(other.work);
	assert_int_equal(other.ret, 0);
	assert_int_equal(count_of(machine, 1, NORMAL), 0);
	assert_int_equal(stats_of(machine).recursions, 1);
	end(&own);
	end(&other);
	pcpmm_machine_destroy(machine);
}

/* The other strategies have no queue to wait for. */
static void test_drain_by_an_item_otherwise(void **state)
{
	struct pcpmm_machine *machine = machine_of(PCPMM_DRAIN_PCP_LOCK);
	struct item own;

	(void)state;
	fill_idle(machine, 1, PCPMM_GFP_KERNEL);
	item_init(&own, machine, 2, PCPMM_MM_PERCPU_WQ);
	own.act = drain;
	queue(&own);
	pcpmm_work_flush(own.work);
	assert_int_equal(own.ret, 0);
	assert_int_equal(count_of(machine, 1, NORMAL), 0);
	end(&own);
	pcpmm_machine_destroy(machine);
}

/* --- the library's items in the same pool ------------------------------------------ */

struct call {
	struct pcpmm_machine *machine;
	int (*act)(struct pcpmm_cpu *cpu);
	int began, ended, foreign; /* runs of the foreign item by the end */
	struct item *item;
};

static void make_call(struct pcpmm_cpu *cpu, void *arg)
{
	struct call *call = arg;

	word_write(&call->began, 1);
	call->act(cpu);
	call->foreign = word_read(&call->item->ended);
	word_write(&call->ended, 1);
}

static int drain_all(struct pcpmm_cpu *cpu)
{
	return pcpmm_drain_all_pages(cpu, 0, ALL, false);
}

/* A drain, and a refresh, wait for a foreign item of the CPU. */
static void test_behind_a_foreign_item(void **state)
{
	int (*const acts[])(struct pcpmm_cpu *) = {
		drain_all, pcpmm_vmstat_refresh};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(acts); i++) {
		struct pcpmm_machine *machine =
			machine_of(PCPMM_DRAIN_WORKQUEUE);
		struct call call = {.machine = machine, .act = acts[i]};
		struct pcpmm_cpu_thread *thread;
		struct item item;
		int64_t limit;

		assert_int_equal(pcpmm_shepherd_start(machine, 0), 0);
		fill_idle(machine, 1, PCPMM_GFP_KERNEL);
		item_init(&item, machine, 1, PCPMM_SYSTEM_WQ);
		call.item = &item;
		queue_held(&item);
		thread = pcpmm_cpu_run(machine, 0, -1, make_call, &call);
		assert_non_null(thread);
		for (limit = now_ms() + STARVED_MS;
			now_ms() < limit && !word_read(&call.ended);)
			sched_yield();
		assert_false(word_read(&call.ended));
		word_write(&item.hold, 0);
		pcpmm_cpu_join(thread);
		assert_int_equal(call.foreign, 1);
		end(&item);
		pcpmm_machine_destroy(machine);
	}
}

/* vmstat_update is queued behind it. */
static void test_fold_behind_a_foreign_item(void **state)
{
	struct pcpmm_machine *machine = machine_of(PCPMM_DRAIN_PCP_LOCK);
	struct pcpmm_cpu *cpu;
	struct item item, last;
	uint64_t queued;

	(void)state;
	assert_int_equal(pcpmm_shepherd_start(machine, 0), 0);
	fill_idle(machine, 1, PCPMM_GFP_KERNEL);
	item_init(&item, machine, 1, PCPMM_SYSTEM_WQ);
	item_init(&last, machine, 1, PCPMM_SYSTEM_WQ);
	queue_held(&item);
	cpu = pcpmm_cpu_enter(machine, 0);
	queued = work_stats(machine).run;
	assert_true(pcpmm_shepherd_pass(cpu) > 0);
	queue(&last);
	assert_int_equal(work_stats(machine).run, queued);
	word_write(&item.hold, 0);
	pcpmm_work_flush(last.work);
	assert_true(work_stats(machine).run >= queued + 2);
	end(&last);
	end(&item);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	pcpmm_machine_destroy(machine);
}

/* --- hotplug ----------------------------------------------------------------------------- */

static void test_hotplug(void **state)
{
	struct pcpmm_machine *machine = machine_of(PCPMM_DRAIN_WORKQUEUE);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct item item;

	(void)state;
	item_init(&item, machine, 1, PCPMM_SYSTEM_WQ);
	queue_held(&item);
	/* Its worker is on the CPU; the thread would wait for it. */
	item.act = allocate;
	word_write(&item.hold, 0);
	pcpmm_work_flush(item.work);
	assert_int_equal(pcpmm_cpu_offline(cpu, 1), 0);
	assert_int_equal(pcpmm_work_queue(item.work), -ENODEV);
	assert_int_equal(pcpmm_cpu_online(cpu, 1), 0);
	queue(&item);
	end(&item);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void sleep_long(struct pcpmm_cpu *cpu, struct item *item)
{
	word_write(&item->holds, 1);
	while (word_read(&item->hold))
		pcpmm_msleep(cpu, 1);
}

/* A CPU with an item of the program that sleeps stays online. */
static void test_hotplug_with_an_item(void **state)
{
	struct pcpmm_machine *machine = machine_of(PCPMM_DRAIN_WORKQUEUE);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct item item;

	(void)state;
	item_init(&item, machine, 1, PCPMM_SYSTEM_WQ);
	item.act = sleep_long;
	queue_held(&item);
	assert_int_equal(pcpmm_cpu_offline(cpu, 1), -EBUSY);
	assert_true(pcpmm_cpu_is_online(pcpmm_cpu_get(machine, 1)));
	assert_non_null(strstr(pcpmm_last_error(machine), "work item"));
	word_write(&item.hold, 0);
	pcpmm_work_flush(item.work);
	assert_int_equal(pcpmm_cpu_offline(cpu, 1), 0);
	end(&item);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	pcpmm_machine_destroy(machine);
}

/* --- from an interrupt --------------------------------------------------------------------- */

static void queue_from_an_interrupt(struct pcpmm_cpu *cpu, void *arg)
{
	(void)cpu;
	pcpmm_work_queue(arg);
}

/* Interrupts queue items of a CPU while its task and another CPU queue, too. */
static void test_queue_from_interrupts(void **state)
{
	struct pcpmm_machine *machine = machine_of(PCPMM_DRAIN_WORKQUEUE);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct item items[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		item_init(&items[i], machine, 1, PCPMM_SYSTEM_WQ);
	for (int i = 0; i < 2000; i++) {
		pcpmm_irq_raise(
			cpu, queue_from_an_interrupt, items[i % 2].work);
		pcpmm_work_queue(items[2].work);
	}
	for (int i = 0; i < 3; i++) {
		pcpmm_work_flush(items[i].work);
		assert_true(items[i].ended > 0);
		end(&items[i]);
	}
	assert_int_equal(work_stats(machine).queued, work_stats(machine).run);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_what_an_item_may_do),
		cmocka_unit_test(test_drain_by_an_item),
		cmocka_unit_test(test_drain_by_an_item_otherwise),
		cmocka_unit_test(test_behind_a_foreign_item),
		cmocka_unit_test(test_fold_behind_a_foreign_item),
		cmocka_unit_test(test_hotplug),
		cmocka_unit_test(test_hotplug_with_an_item),
		cmocka_unit_test(test_queue_from_interrupts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
