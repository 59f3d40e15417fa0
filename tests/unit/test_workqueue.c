/* SPDX-License-Identifier: MIT */
/*
 * The pool of workers of a CPU, by the rules of src/cpu/worker_pool.h: which item
 * runs when, who waits for whom, who creates workers, and when a rescuer helps.
 *
 * The CPUs belong to no machine; a stack function stands for the memory of a new
 * worker.
 */
#include "support/drains.h"

#include <pthread.h>
#include <sched.h>

#include "arch/wait.h"
#include "cpu/lock.h"
#include "cpu/worker_pool.h"
#include "support/cpu.h"

#define CPUS 2
#define A_WHILE_MS 100 /* what must not happen has this long to happen */

struct bench {
	struct cpu cpu[CPUS];
	struct cpu *table[CPUS];
	struct smp smp;
	struct workqueues all;
	struct worker_pool *pool; /* of CPU 0 */
};

/* --- the memory of workers ------------------------------------------------- */

static int stacks; /* asked for */
static int stack_ret; /* what the function returns */
static struct work *stack_needs; /* it waits for this item; NULL */

static int take_stack(struct cpu *on)
{
	assert_true(cpu_is_mine(on));
	word_add(&stacks, 1);
	if (stack_needs)
		work_flush(stack_needs);
	return word_read(&stack_ret);
}

/* --- the bench --------------------------------------------------------------- */

static void bench_init(struct bench *bench, bool mem_reclaim)
{
	*bench = (struct bench){0};
	stacks = stack_ret = 0;
	stack_needs = NULL;
	for (unsigned int id = 0; id < CPUS; id++) {
		cpu_init(&bench->cpu[id], id);
		bench->table[id] = &bench->cpu[id];
	}
	assert_int_equal(smp_init(&bench->smp, bench->table, CPUS), 0);
	for (unsigned int id = 0; id < CPUS; id++)
		smp_set_online(&bench->smp, id, true);
	workqueues_init(&bench->all, &bench->smp, mem_reclaim);
	bench->all.stack = take_stack;
	assert_false(workqueues_started(&bench->all));
}

static void bench_start(struct bench *bench, bool mem_reclaim)
{
	bench_init(bench, mem_reclaim);
	assert_int_equal(workqueues_start(&bench->all), 0);
	assert_int_equal(workqueues_start(&bench->all), 0);
	bench->pool = &bench->all.pools[0];
}

static void bench_end(struct bench *bench)
{
	workqueues_fini(&bench->all);
	smp_fini(&bench->smp);
	for (unsigned int id = 0; id < CPUS; id++)
		cpu_fini(&bench->cpu[id]);
}

static struct pcpmm_work_stats work_stats(const struct bench *bench)
{
	struct pcpmm_work_stats stats;

	workqueues_stats(&bench->all, &stats);
	return stats;
}

static unsigned int nr_running(struct worker_pool *pool)
{
	unsigned int nr;

	pool_lock(pool);
	nr = pool->nr_running;
	pool_unlock(pool);
	return nr;
}

static unsigned int nr_idle(struct worker_pool *pool)
{
	unsigned int nr;

	pool_lock(pool);
	nr = pool->nr_idle;
	pool_unlock(pool);
	return nr;
}

static bool is_creating(struct worker_pool *pool)
{
	bool creating;

	pool_lock(pool);
	creating = pool->manager != NULL;
	pool_unlock(pool);
	return creating;
}

/* Tasks that wait for the polled CPU. */
static int nr_waiting(struct cpu *cpu)
{
	int nr = 0;

	lock_acquire(NULL, &cpu->run_lock, 0);
	for (struct task *task = cpu->waiting; task; task = task->next)
		nr++;
	lock_release(NULL, &cpu->run_lock, 0);
	return nr;
}

#define UNTIL(condition)                                                       \
	do {                                                                   \
		int64_t end = now_ms() + LIMIT_MS;                             \
                                                                               \
		while (!(condition)) {                                         \
			assert_true(now_ms() < end);                           \
			sched_yield();                                         \
		}                                                              \
	} while (0)

/* --- items ------------------------------------------------------------------- */

struct item {
	struct work work;
	uint32_t sleep; /* it sleeps until this is 0 */
	int hold; /* it keeps the CPU until this is 0 */
	int asleep, holds; /* it does */
	int began, ended; /* runs */
	int inside, overlaps; /* runs at the same time */
	int *clock, place; /* counter shared by items; at its last end */
	struct work *again; /* it queues this; NULL */
	bool again_ret;
	const struct workqueue *current;
};

static void run_item(struct cpu *cpu, void *arg)
{
	struct item *item = arg;

	assert_true(cpu_is_mine(cpu));
	item->overlaps += word_add(&item->inside, 1) != 1;
	item->current = workqueue_of_current(item->work.wq->all);
	assert_true(work_is_current(&item->work));
	word_add(&item->began, 1);
	if (item->again) {
		item->again_ret = work_queue(item->again);
		item->again = NULL;
	}
	word_write(&item->asleep, 1);
	sched_wait(&item->sleep, 1);
	assert_true(cpu_is_mine(cpu));
	word_write(&item->holds, 1);
	while (word_read(&item->hold)) {
		cpu_poll(cpu);
		sched_yield();
	}
	if (item->clock)
		item->place = word_add(item->clock, 1);
	word_add(&item->inside, -1);
	word_add(&item->ended, 1);
}

static void item_init(struct item *item, struct workqueue *wq)
{
	*item = (struct item){.began = 0};
	work_init(&item->work, wq, 0, run_item, item);
}

/* Queue @item, which keeps the CPU. */
static void queue_held(struct item *item)
{
	item->hold = 1;
	assert_true(work_queue(&item->work));
	UNTIL(word_read(&item->holds));
}

/* Queue @item, which sleeps; all others of its pool do. */
static void queue_asleep(struct item *item)
{
	item->sleep = 1;
	assert_true(work_queue(&item->work));
	UNTIL(word_read(&item->asleep));
	UNTIL(!nr_running(work_pool(&item->work)));
}

static void wake(struct item *item)
{
	atomic_store_release_u32(&item->sleep, 0);
	wake_word(&item->sleep);
}

static void release(struct item *item)
{
	wake(item);
	word_write(&item->hold, 0);
	work_flush(&item->work);
}

/* --- order ------------------------------------------------------------------- */

/* One list a CPU, in the order of queueing, whatever the queue. */
static void test_order_is_the_pools(void **state)
{
	struct bench bench;
	struct item first, items[6];
	int clock = 0;

	(void)state;
	bench_start(&bench, true);
	item_init(&first, &bench.all.system);
	queue_held(&first);
	for (int i = 0; i < 6; i++) {
		item_init(&items[i],
			i % 2 ? &bench.all.mm_percpu : &bench.all.system);
		items[i].clock = &clock;
		assert_true(work_queue(&items[i].work));
		assert_true(work_pending(&items[i].work));
	}
	release(&first);
	for (int i = 0; i < 6; i++) {
		work_flush(&items[i].work);
		assert_int_equal(items[i].place, i + 1);
		assert_ptr_equal(items[i].current, items[i].work.wq);
	}
	assert_null(workqueue_of_current(&bench.all));
	assert_int_equal(work_stats(&bench).queued, 7);
	assert_int_equal(work_stats(&bench).run, 7);
	bench_end(&bench);
}

/* CPUs have pools of their own. */
static void test_other_cpus_do_not_wait(void **state)
{
	struct bench bench;
	struct item held, other;

	(void)state;
	bench_start(&bench, true);
	item_init(&held, &bench.all.system);
	queue_held(&held);
	item_init(&other, &bench.all.system);
	work_init(&other.work, &bench.all.system, 1, run_item, &other);
	assert_true(work_queue(&other.work));
	assert_true(work_flush(&other.work));
	assert_int_equal(other.ended, 1);
	release(&held);
	bench_end(&bench);
}

/* An item that keeps the CPU holds up the next; one that sleeps does not. */
static void test_running_or_asleep(void **state)
{
	struct bench bench;
	struct item first, second, third;

	(void)state;
	bench_start(&bench, true);
	item_init(&first, &bench.all.system);
	item_init(&second, &bench.all.mm_percpu);
	item_init(&third, &bench.all.system);
	queue_held(&first);
	assert_int_equal(nr_running(bench.pool), 1);
	assert_true(work_queue(&second.work));
	assert_true(work_pending(&second.work));
	assert_int_equal(second.began, 0);
	release(&first);
	work_flush(&second.work);

	first.asleep = first.holds = 0;
	queue_asleep(&first);
	assert_true(work_queue(&third.work));
	work_flush(&third.work);
	assert_int_equal(third.ended, 1);
	assert_int_equal(first.ended, 1); /* of its first run */
	release(&first);
	bench_end(&bench);
}

/* Awake again, it counts again: what is queued then waits for it. */
static void test_running_again_after_a_sleep(void **state)
{
	struct bench bench;
	struct item first, second;

	(void)state;
	bench_start(&bench, true);
	item_init(&first, &bench.all.system);
	item_init(&second, &bench.all.system);
	first.hold = 1;
	queue_asleep(&first);
	wake(&first);
	UNTIL(word_read(&first.holds));
	assert_int_equal(nr_running(bench.pool), 1);
	assert_true(work_queue(&second.work));
	assert_int_equal(nr_waiting(&bench.cpu[0]), 0);
	assert_true(work_pending(&second.work));
	release(&first);
	work_flush(&second.work);
	assert_int_equal(nr_running(bench.pool), 0);
	bench_end(&bench);
}

/* A woken worker waits for the CPU behind a FIFO task, and all items with it. */
static void test_behind_a_fifo_task(void **state)
{
	struct bench bench;
	struct item items[3];
	int clock = 0;

	(void)state;
	bench_start(&bench, true);
	assert_true(enter_cpu(&bench.cpu[0]));
	sched_set_prio(&bench.cpu[0], 1);
	for (int i = 0; i < 3; i++) {
		item_init(&items[i], &bench.all.mm_percpu);
		items[i].clock = &clock;
		assert_true(work_queue(&items[i].work));
	}
	UNTIL(nr_waiting(&bench.cpu[0]));
	for (int i = 0; i < 100; i++)
		cpu_poll(&bench.cpu[0]);
	assert_int_equal(items[0].began, 0);
	assert_int_equal(stacks, 0);
	/* The task sleeps, as in a drain: now they run. */
	work_flush(&items[2].work);
	for (int i = 0; i < 3; i++)
		assert_int_equal(items[i].place, i + 1);
	leave_cpu(&bench.cpu[0]);
	bench_end(&bench);
}

/* --- one item ------------------------------------------------------------------ */

static void test_pending_is_not_queued_twice(void **state)
{
	struct bench bench;
	struct item first, item;

	(void)state;
	bench_start(&bench, true);
	item_init(&first, &bench.all.system);
	item_init(&item, &bench.all.system);
	assert_int_equal(work_state(&item.work), 0);
	queue_held(&first);
	assert_int_equal(work_state(&first.work), PCPMM_WORK_RUNNING);
	assert_false(work_pending(&first.work));
	assert_true(work_queue(&item.work));
	assert_false(work_queue(&item.work));
	assert_int_equal(work_state(&item.work), PCPMM_WORK_PENDING);
	release(&first);
	work_flush(&item.work);
	assert_int_equal(item.ended, 1);
	assert_false(work_flush(&item.work));
	bench_end(&bench);
}

/*
 * Queued while it runs it runs once more, not at the same time: another worker
 * that takes it leaves it to the one that has it.
 */
static void test_running_is_queued_again(void **state)
{
	struct bench bench;
	struct item item, next;

	(void)state;
	bench_start(&bench, true);
	item_init(&item, &bench.all.system);
	item_init(&next, &bench.all.system);
	queue_asleep(&item);
	assert_true(work_queue(&item.work));
	assert_false(work_queue(&item.work));
	assert_int_equal(work_state(&item.work),
		PCPMM_WORK_PENDING | PCPMM_WORK_RUNNING);
	/* A worker has passed the item on when it has run the next one. */
	assert_true(work_queue(&next.work));
	work_flush(&next.work);
	assert_int_equal(item.began, 1);
	assert_true(work_pending(&item.work));
	release(&item);
	assert_int_equal(item.ended, 2);
	assert_int_equal(item.overlaps, 0);
	assert_int_equal(work_state(&item.work), 0);
	bench_end(&bench);
}

/* vmstat_update() queues itself. */
static void test_item_queues_itself(void **state)
{
	struct bench bench;
	struct item item;

	(void)state;
	bench_start(&bench, true);
	item_init(&item, &bench.all.mm_percpu);
	item.again = &item.work;
	assert_true(work_queue(&item.work));
	UNTIL(word_read(&item.ended) == 2);
	assert_true(item.again_ret);
	work_flush(&item.work);
	assert_int_equal(item.overlaps, 0);
	bench_end(&bench);
}

/* --- waiting for an item ------------------------------------------------------- */

struct flusher {
	pthread_t thread;
	struct item *item;
	bool cancel, ret;
	int began, ended; /* ended: runs of the item by the time of return */
	int returned;
};

static void *flusher_main(void *arg)
{
	struct flusher *flusher = arg;
	struct work *work = &flusher->item->work;

	word_write(&flusher->began, 1);
	flusher->ret =
		flusher->cancel ? work_cancel_sync(work) : work_flush(work);
	flusher->ended = word_read(&flusher->item->ended);
	word_write(&flusher->returned, 1);
	return NULL;
}

static void flusher_start(
	struct flusher *flusher, struct item *item, bool cancel)
{
	*flusher = (struct flusher){.item = item, .cancel = cancel};
	assert_int_equal(
		pthread_create(&flusher->thread, NULL, flusher_main, flusher),
		0);
	UNTIL(word_read(&flusher->began));
}

/* The other thread has this long to return too early. */
static void a_while(const int *word)
{
	int64_t end = now_ms() + A_WHILE_MS;

	while (!word_read(word) && now_ms() < end)
		sched_yield();
}

/* It returns when the item has ended, not when it has begun. */
static void test_flush_waits_for_the_end(void **state)
{
	struct bench bench;
	struct item item;
	struct flusher flusher;

	(void)state;
	bench_start(&bench, true);
	item_init(&item, &bench.all.system);
	queue_held(&item);
	flusher_start(&flusher, &item, false);
	a_while(&flusher.returned);
	word_write(&item.hold, 0);
	pthread_join(flusher.thread, NULL);
	assert_int_equal(flusher.ended, 1);
	assert_true(flusher.ret);
	bench_end(&bench);
}

/* Of an item that runs and is queued again it is the second run that counts. */
static void test_flush_waits_for_the_last_run(void **state)
{
	struct bench bench;
	struct item item;
	struct flusher flusher;

	(void)state;
	bench_start(&bench, true);
	item_init(&item, &bench.all.system);
	queue_held(&item);
	assert_true(work_queue(&item.work));
	flusher_start(&flusher, &item, false);
	a_while(&flusher.returned);
	word_write(&item.hold, 0);
	pthread_join(flusher.thread, NULL);
	assert_int_equal(flusher.ended, 2);
	bench_end(&bench);
}

static void test_cancel(void **state)
{
	struct bench bench;
	struct item first, item;
	struct flusher waits, cancels;

	(void)state;
	bench_start(&bench, true);
	item_init(&first, &bench.all.system);
	item_init(&item, &bench.all.system);
	/* Pending: it does not run, and those who wait for it go on. */
	queue_held(&first);
	assert_true(work_queue(&item.work));
	flusher_start(&waits, &item, false);
	assert_true(work_cancel_sync(&item.work));
	pthread_join(waits.thread, NULL);
	assert_int_equal(work_state(&item.work), 0);
	/* Running: its end is waited for, and it can not be queued meanwhile. */
	flusher_start(&cancels, &first, true);
	UNTIL(work_pending(&first.work));
	assert_false(work_queue(&first.work));
	assert_false(word_read(&cancels.returned));
	word_write(&first.hold, 0);
	pthread_join(cancels.thread, NULL);
	assert_int_equal(cancels.ended, 1);
	assert_false(cancels.ret);
	assert_int_equal(item.began, 0);
	assert_true(work_queue(&first.work));
	assert_true(work_flush(&first.work));
	bench_end(&bench);
}

/* An item that waits for another of its CPU sleeps: the other runs. */
static void flush_other(struct cpu *cpu, void *arg)
{
	(void)cpu;
	work_flush(arg);
}

static void test_item_waits_for_an_item(void **state)
{
	struct bench bench;
	struct item inner;
	struct work outer;

	(void)state;
	bench_start(&bench, true);
	item_init(&inner, &bench.all.system);
	work_init(&outer, &bench.all.system, 0, flush_other, &inner.work);
	inner.hold = 1;
	assert_true(work_queue(&outer));
	assert_true(work_queue(&inner.work));
	UNTIL(word_read(&inner.holds));
	release(&inner);
	work_flush(&outer);
	assert_int_equal(inner.ended, 1);
	bench_end(&bench);
}

/* fn may free its item. */
static void free_item(struct cpu *cpu, void *arg)
{
	(void)cpu;
	free(arg);
}

static void test_item_frees_itself(void **state)
{
	struct bench bench;

	(void)state;
	bench_start(&bench, true);
	for (int i = 0; i < 100; i++) {
		struct work *work = malloc(sizeof(*work));

		assert_non_null(work);
		work_init(work, &bench.all.system, 0, free_item, work);
		assert_true(work_queue(work));
	}
	bench_end(&bench); /* runs what is queued */
}

/* --- workers -------------------------------------------------------------------- */

/* Before a worker works another one must be idle; the manager creates it. */
static void test_reserve(void **state)
{
	struct bench bench;
	struct item first, second, third;

	(void)state;
	bench_start(&bench, true);
	item_init(&first, &bench.all.system);
	item_init(&second, &bench.all.system);
	item_init(&third, &bench.all.system);
	assert_int_equal(bench.pool->nr_workers, 2);
	queue_asleep(&first);
	assert_int_equal(nr_idle(bench.pool), 1);
	assert_int_equal(word_read(&stacks), 0);
	/* The second worker would leave none idle. */
	queue_asleep(&second);
	assert_int_equal(word_read(&stacks), 1);
	assert_int_equal(work_stats(&bench).created, 1);
	assert_int_equal(bench.pool->nr_workers, 3);
	assert_true(work_queue(&third.work));
	work_flush(&third.work);
	assert_int_equal(work_stats(&bench).created, 2);
	release(&first);
	release(&second);
	bench_end(&bench);
}

/* Without memory the manager tries again, and the items wait. */
static void test_creation_is_tried_again(void **state)
{
	struct bench bench;
	struct item first, second;

	(void)state;
	bench_start(&bench, false);
	item_init(&first, &bench.all.mm_percpu);
	item_init(&second, &bench.all.mm_percpu);
	queue_asleep(&first);
	word_write(&stack_ret, -ENOMEM);
	assert_true(work_queue(&second.work));
	UNTIL(work_stats(&bench).create_failed == 1);
	assert_true(is_creating(bench.pool));
	assert_int_equal(second.began, 0);
	word_write(&stack_ret, 0);
	work_flush(&second.work);
	assert_int_equal(work_stats(&bench).created, 1);
	assert_int_equal(work_stats(&bench).rescued, 0);
	release(&first);
	bench_end(&bench);
}

/* It stops trying when a worker comes back, which does the work. */
static void test_creation_is_given_up(void **state)
{
	struct bench bench;
	struct item first, second;

	(void)state;
	bench_start(&bench, false);
	item_init(&first, &bench.all.system);
	item_init(&second, &bench.all.system);
	queue_asleep(&first);
	word_write(&stack_ret, -ENOMEM);
	assert_true(work_queue(&second.work));
	UNTIL(work_stats(&bench).create_failed == 1);
	release(&first);
	work_flush(&second.work);
	assert_int_equal(second.ended, 1);
	UNTIL(!is_creating(bench.pool));
	assert_int_equal(work_stats(&bench).created, 0);
	bench_end(&bench);
}

/* --- the rescuer ------------------------------------------------------------------ */

/* The memory of a worker needs an item of the queue: the rescuer runs it. */
static void test_rescuer(void **state)
{
	struct bench bench;
	struct item asleep, needed, foreign;

	(void)state;
	bench_start(&bench, true);
	item_init(&asleep, &bench.all.system);
	item_init(&needed, &bench.all.mm_percpu);
	item_init(&foreign, &bench.all.system);
	queue_asleep(&asleep);
	stack_needs = &needed.work;
	assert_true(work_queue(&foreign.work));
	assert_true(work_queue(&needed.work));
	assert_true(work_flush(&needed.work));
	assert_int_equal(work_stats(&bench).rescued, 1);
	/* Then the worker is there, and runs what is left. */
	work_flush(&foreign.work);
	assert_int_equal(work_stats(&bench).rescued, 1);
	assert_int_equal(work_stats(&bench).created, 1);
	assert_true(work_stats(&bench).maydays >= 1);
	release(&asleep);
	bench_end(&bench);
}

/* A queue without WQ_MEM_RECLAIM waits for ever. */
static void test_without_rescuer(void **state)
{
	struct bench bench;
	struct item asleep, needed;

	(void)state;
	bench_start(&bench, false);
	item_init(&asleep, &bench.all.system);
	item_init(&needed, &bench.all.mm_percpu);
	queue_asleep(&asleep);
	stack_needs = &needed.work;
	assert_true(work_queue(&needed.work));
	UNTIL(word_read(&stacks) == 1);
	a_while(&needed.began);
	assert_int_equal(word_read(&needed.began), 0);
	/* A worker that comes back ends it. */
	release(&asleep);
	work_flush(&needed.work);
	bench_end(&bench);
}

/* It runs its own queue's items only. */
static void test_rescuer_runs_its_queue_only(void **state)
{
	struct bench bench;
	struct item asleep, foreign, own[2];
	int clock = 0;

	(void)state;
	bench_start(&bench, true);
	item_init(&asleep, &bench.all.system);
	item_init(&foreign, &bench.all.system);
	queue_asleep(&asleep);
	word_write(&stack_ret, -ENOMEM);
	assert_true(work_queue(&foreign.work));
	for (int i = 0; i < 2; i++) {
		item_init(&own[i], &bench.all.mm_percpu);
		own[i].clock = &clock;
		assert_true(work_queue(&own[i].work));
	}
	for (int i = 0; i < 2; i++) {
		work_flush(&own[i].work);
		assert_int_equal(own[i].place, i + 1);
	}
	assert_int_equal(word_read(&foreign.began), 0);
	assert_true(work_pending(&foreign.work));
	word_write(&stack_ret, 0);
	release(&asleep);
	work_flush(&foreign.work);
	assert_int_equal(work_stats(&bench).rescued, 2);
	bench_end(&bench);
}

/* A pool with a running worker needs no help, however long that runs. */
static void test_rescuer_leaves_a_busy_pool_alone(void **state)
{
	struct bench bench;
	struct item item, foreign, own;

	(void)state;
	bench_start(&bench, true);
	item_init(&item, &bench.all.system);
	item_init(&foreign, &bench.all.system);
	item_init(&own, &bench.all.mm_percpu);
	item.hold = 1;
	queue_asleep(&item);
	word_write(&stack_ret, -ENOMEM);
	assert_true(work_queue(&foreign.work));
	UNTIL(is_creating(bench.pool));
	wake(&item);
	UNTIL(word_read(&item.holds));
	assert_int_equal(work_stats(&bench).maydays, 0);
	assert_true(work_queue(&own.work));
	/* Two calls would be due. */
	for (int64_t end = now_ms() + MAYDAY_INTERVAL_MS * 2; now_ms() < end;)
		sched_yield();
	assert_int_equal(work_stats(&bench).maydays, 0);
	assert_int_equal(word_read(&own.began), 0);
	word_write(&stack_ret, 0);
	release(&item);
	work_flush(&own.work);
	assert_int_equal(work_stats(&bench).rescued, 0);
	work_flush(&foreign.work);
	bench_end(&bench);
}

/* Nor does it help behind a FIFO task. */
static void test_rescuer_behind_a_fifo_task(void **state)
{
	struct bench bench;
	struct item asleep, own;

	(void)state;
	bench_start(&bench, true);
	item_init(&asleep, &bench.all.system);
	item_init(&own, &bench.all.mm_percpu);
	queue_asleep(&asleep);
	word_write(&stack_ret, -ENOMEM);
	assert_true(work_queue(&own.work));
	UNTIL(word_read(&stacks) == 1);
	assert_true(enter_cpu(&bench.cpu[0]));
	if (!word_read(&own.began)) {
		sched_set_prio(&bench.cpu[0], 1);
		UNTIL(nr_waiting(&bench.cpu[0]) || word_read(&own.began));
		a_while(&own.began);
	}
	leave_cpu(&bench.cpu[0]);
	work_flush(&own.work);
	assert_int_equal(work_stats(&bench).rescued, 1);
	word_write(&stack_ret, 0);
	release(&asleep);
	bench_end(&bench);
}

/* --- cpu_intensive ------------------------------------------------------------------ */

/* An item that has used up its time is displaced, and goes on afterwards. */
static void test_cpu_intensive(void **state)
{
	struct bench bench;
	struct item hog, other;

	(void)state;
	bench_init(&bench, true);
	bench.all.cpu_intensive = true;
	assert_int_equal(workqueues_start(&bench.all), 0);
	bench.pool = &bench.all.pools[0];
	item_init(&hog, &bench.all.system);
	item_init(&other, &bench.all.mm_percpu);
	queue_held(&hog);
	assert_true(work_queue(&other.work));
	work_flush(&other.work);
	assert_int_equal(word_read(&hog.ended), 0);
	assert_int_equal(work_stats(&bench).cpu_intensive, 1);
	release(&hog);
	assert_int_equal(nr_running(bench.pool), 0);
	bench_end(&bench);
}

/* One that sleeps now and then has not. */
static void test_cpu_intensive_after_a_sleep(void **state)
{
	struct bench bench;
	struct item item;

	(void)state;
	bench_init(&bench, true);
	bench.all.cpu_intensive = true;
	assert_int_equal(workqueues_start(&bench.all), 0);
	bench.pool = &bench.all.pools[0];
	item_init(&item, &bench.all.system);
	queue_asleep(&item);
	for (int64_t end = now_ms() + CPU_INTENSIVE_MS * 2; now_ms() < end;)
		sched_yield();
	release(&item);
	assert_int_equal(work_stats(&bench).cpu_intensive, 0);
	bench_end(&bench);
}

/* --- start and stop -------------------------------------------------------------------- */

/* The end runs what is queued, behind items that still sleep. */
static void test_end_runs_what_is_queued(void **state)
{
	struct bench bench;
	struct item asleep, items[10];

	(void)state;
	bench_start(&bench, true);
	item_init(&asleep, &bench.all.system);
	queue_asleep(&asleep);
	for (int i = 0; i < 10; i++) {
		item_init(&items[i], &bench.all.mm_percpu);
		items[i].again = i ? &items[i - 1].work : NULL;
		assert_true(work_queue(&items[i].work));
	}
	wake(&asleep);
	bench_end(&bench);
	assert_int_equal(asleep.ended, 1);
	for (int i = 0; i < 10; i++)
		assert_true(items[i].ended >= 1);
	/* Never started, or not even initialised: nothing to end. */
	bench_init(&bench, true);
	bench_end(&bench);
	workqueues_fini(&(struct workqueues){0});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_is_the_pools),
		cmocka_unit_test(test_other_cpus_do_not_wait),
		cmocka_unit_test(test_running_or_asleep),
		cmocka_unit_test(test_running_again_after_a_sleep),
		cmocka_unit_test(test_behind_a_fifo_task),
		cmocka_unit_test(test_pending_is_not_queued_twice),
		cmocka_unit_test(test_running_is_queued_again),
		cmocka_unit_test(test_item_queues_itself),
		cmocka_unit_test(test_flush_waits_for_the_end),
		cmocka_unit_test(test_flush_waits_for_the_last_run),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_item_waits_for_an_item),
		cmocka_unit_test(test_item_frees_itself),
		cmocka_unit_test(test_reserve),
		cmocka_unit_test(test_creation_is_tried_again),
		cmocka_unit_test(test_creation_is_given_up),
		cmocka_unit_test(test_rescuer),
		cmocka_unit_test(test_without_rescuer),
		cmocka_unit_test(test_rescuer_runs_its_queue_only),
		cmocka_unit_test(test_rescuer_leaves_a_busy_pool_alone),
		cmocka_unit_test(test_rescuer_behind_a_fifo_task),
		cmocka_unit_test(test_cpu_intensive),
		cmocka_unit_test(test_cpu_intensive_after_a_sleep),
		cmocka_unit_test(test_end_runs_what_is_queued),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
