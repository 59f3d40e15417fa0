/* SPDX-License-Identifier: MIT */
/* Workers: who works, who is idle, who creates another one; worker_pool.h. */
#include "cpu/worker_pool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/clock.h"
#include "arch/mutant.h"
#include "arch/wait.h"
#include "cpu/entry.h"
#include "cpu/noise.h"

#define NR_AT_START 2 /* one works, one stays in reserve */

/* --- the lock ---------------------------------------------------------------- */

void pool_lock(struct worker_pool *pool)
{
	lock_acquire_irqsave(&pool->lock);
}

void pool_unlock(struct worker_pool *pool)
{
	lock_release_irqrestore(&pool->lock);
}

/* --- lists ---------------------------------------------------------------------- */

void work_list_init(struct work_list *list)
{
	list->first = NULL;
	list->end = &list->first;
}

void work_list_add(struct work_list *list, struct work *work)
{
	work->next = NULL;
	*list->end = work;
	list->end = &work->next;
}

void work_list_del(struct work_list *list, struct work *work)
{
	struct work **link = &list->first;

	while (*link && *link != work)
		link = &(*link)->next;
	if (!*link)
		return;
	*link = work->next;
	if (list->end == &work->next)
		list->end = link;
}

/* The item that came first, of whatever queue. */
static struct work *__take(struct worker_pool *pool)
{
	struct work *work = pool->list.first;

	if (MUTANT(ITEM_ORDER_BY_QUEUE))
		for (struct work *at = work; at; at = at->next)
			if (at->wq != work->wq) {
				work = at;
				break;
			}
	work_list_del(&pool->list, work);
	return work;
}

/* --- idle workers ------------------------------------------------------------- */

/* [pool.wake] release, pairs with [pool.look]; the lock orders the rest. */
static void wake(struct worker *worker)
{
	atomic_add_release_u32(&worker->wake, 1);
	wake_word(&worker->wake);
}

void __pool_wake(struct worker_pool *pool)
{
	if (pool->idle)
		wake(pool->idle);
}

void __pool_wake_all(struct worker_pool *pool)
{
	for (struct worker *worker = pool->workers; worker;
		worker = worker->next)
		wake(worker);
}

static void __enter_idle(struct worker_pool *pool, struct worker *worker)
{
	worker->next_idle = pool->idle;
	pool->idle = worker;
	pool->nr_idle++;
	if (pool->stop)
		__pool_wake_all(pool);
}

static void __leave_idle(struct worker_pool *pool, struct worker *worker)
{
	struct worker **link = &pool->idle;

	while (*link != worker)
		link = &(*link)->next_idle;
	*link = worker->next_idle;
	pool->nr_idle--;
}

/* Idle workers may end: no item is left, and none is running. */
static bool __is_over(const struct worker_pool *pool)
{
	return pool->stop && !pool->list.first && !pool->rescued &&
	       pool->nr_idle == pool->nr_workers;
}

/* --- nr_running ----------------------------------------------------------------- */

static void __count(struct worker_pool *pool, struct worker *worker, bool runs)
{
	if (worker->rescues || worker->counted == runs)
		return;
	worker->counted = runs;
	pool->nr_running += runs ? 1u : -1u;
}

/* Idle time of the CPU that the worker used is accounted while it is on it. */
static void stay_begins(struct worker *worker)
{
	worker->was_idle = !sched_displaces_user(worker->daemon.task.cpu);
	worker->since_ns = clock_now_ns();
}

static void stay_ends(struct worker *worker)
{
	struct cpu *cpu = worker->daemon.task.cpu;

	if (!worker->was_idle)
		return;
	irq_save(cpu);
	noise_add_idle(cpu, clock_now_ns() - worker->since_ns);
	irq_restore(cpu);
}

static struct worker *worker_of(struct task *task)
{
	return container_of(task, struct worker, daemon.task);
}

/* An item sleeps: the next one need not wait for it. */
static void worker_sleeps(struct task *task)
{
	struct worker *worker = worker_of(task);
	struct worker_pool *pool = worker->pool;

	stay_ends(worker);
	if (worker->rescues || !worker->work)
		return;
	pool_lock(pool);
	__count(pool, worker, false);
	if (__pool_needs_more(pool))
		__pool_wake(pool);
	pool_unlock(pool);
}

static void worker_wakes(struct task *task)
{
	struct worker *worker = worker_of(task);
	struct worker_pool *pool = worker->pool;

	stay_begins(worker);
	if (worker->rescues || !worker->work)
		return;
	pool_lock(pool);
	worker->began_ns = clock_now_ns();
	atomic_store_relaxed_u8(&task->hog, 0);
	if (!MUTANT(RUNNING_NOT_RESTORED))
		__count(pool, worker, true);
	pool_unlock(pool);
}

void worker_begin(struct worker *worker)
{
	worker->daemon.task.sleeps = worker_sleeps;
	worker->daemon.task.wakes = worker_wakes;
}

struct worker *worker_current(void)
{
	struct thread *self = thread_current();
	struct task *task = self ? self->tasks : NULL;

	for (; task; task = task->next_mine)
		if (task->sleeps == worker_sleeps)
			return worker_of(task);
	return NULL;
}

void worker_enter(struct worker *worker)
{
	daemon_enter(&worker->daemon, worker->pool->cpu);
	stay_begins(worker);
}

void worker_leave(struct worker *worker)
{
	stay_ends(worker);
	daemon_leave(&worker->daemon, worker->pool->cpu);
}

/* --- running items -------------------------------------------------------------- */

struct worker *__pool_worker_of(
	const struct worker_pool *pool, const struct work *work)
{
	struct worker *worker = pool->workers;

	while (worker && worker->work != work)
		worker = worker->next;
	return worker;
}

/* [wq.done] The waiter may be gone by the wakeup; then no thread waits there. */
void __waiters_done(struct work_waiter *waiters)
{
	while (waiters) {
		struct work_waiter *waiter = waiters;

		waiters = waiter->next;
		atomic_store_release_u32(&waiter->done, 1);
		wake_word(&waiter->done);
	}
}

static void __note_wait(struct worker *worker, const struct work *work)
{
	struct workqueues *all = worker->all;

	atomic_add_relaxed_u64(&worker->pool->stats.run, 1);
	if (worker->rescues)
		atomic_add_relaxed_u64(&worker->pool->stats.rescued, 1);
	lock_acquire(NULL, &all->waits_lock, 0);
	pcpmm_histogram_add(&all->waits, clock_now_ns() - work->queued_ns);
	lock_release(NULL, &all->waits_lock, 0);
}

/* The item may be gone when fn returns. */
static void __run_one(struct worker *worker, struct work *work)
{
	struct worker_pool *pool = worker->pool;
	call_fn *fn = work->fn;
	void *arg = work->arg;

	__note_wait(worker, work);
	worker->work = work;
	worker->wq = work->wq;
	worker->waiters = work->waiters;
	worker->began_ns = clock_now_ns();
	work->waiters = NULL;
	atomic_store_relaxed_u32(&work->pending, 0);
	pool_unlock(pool);
	fn(pool->cpu, arg);
	pool_lock(pool);
	__waiters_done(worker->waiters);
	worker->waiters = NULL;
	worker->work = NULL;
	worker->wq = NULL;
	atomic_store_relaxed_u8(&worker->daemon.task.hog, 0);
	/* A hog counts again. */
	__count(pool, worker, true);
}

void __worker_run(struct worker *worker, struct work *work)
{
	struct worker *other = __pool_worker_of(worker->pool, work);

	if (other) {
		work_list_add(&other->scheduled, work);
		return;
	}
	__run_one(worker, work);
	while (worker->scheduled.first) {
		work = worker->scheduled.first;
		work_list_del(&worker->scheduled, work);
		__run_one(worker, work);
	}
}

/* --- creating workers ------------------------------------------------------------ */

static void worker_main(void *arg);

static struct worker *worker_create(struct worker_pool *pool, int *error)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	char name[24];

	*error = -ENOMEM;
	if (!worker)
		return NULL;
	worker->all = pool->all;
	worker->pool = pool;
	work_list_init(&worker->scheduled);
	pool_lock(pool);
	snprintf(name, sizeof(name), "kworker/%u:%u", pool->cpu->id,
		pool->nr_workers++);
	worker->next = pool->workers;
	pool->workers = worker;
	__enter_idle(pool, worker);
	pool_unlock(pool);
	*error = daemon_start(&worker->daemon, name, pool->cpu->rcu,
		TASK_KWORKER, 0, worker_main, worker);
	return worker;
}

/* A worker whose thread did not start. */
static void worker_free(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;
	struct worker **link = &pool->workers;

	pool_lock(pool);
	__leave_idle(pool, worker);
	while (*link != worker)
		link = &(*link)->next;
	*link = worker->next;
	pool->nr_workers--;
	pool_unlock(pool);
	free(worker);
}

/* 0 or -errno. @on: the CPU whose memory its stack takes; NULL: at the start. */
static int add_worker(struct worker_pool *pool, struct cpu *on)
{
	struct worker *worker;
	int ret;

	if (on && pool->all->stack && pool->all->stack(on))
		return -ENOMEM;
	worker = worker_create(pool, &ret);
	if (worker && ret)
		worker_free(worker);
	if (!ret && on)
		atomic_add_relaxed_u64(&pool->stats.created, 1);
	return ret;
}

/* Sleep until the next try; the end of the pool wakes the manager. */
static void cool_down(struct worker *worker)
{
	uint32_t seen = atomic_load_acquire_u32(&worker->wake);

	sched_sleep();
	wait_word_ms(&worker->wake, seen, CREATE_COOLDOWN_MS);
	sched_wake();
}

static bool still_needs_to_create(struct worker_pool *pool)
{
	bool needs;

	pool_lock(pool);
	needs = __pool_needs_to_create(pool);
	pool_unlock(pool);
	return needs;
}

/*
 * The manager: create a worker, by the CPU's own memory, and try again until
 * there is an idle worker, or none is needed. false: another worker is at it.
 * Drops the lock.
 */
static bool __manage(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;

	if (pool->manager)
		return false;
	pool->manager = worker;
	do {
		pool->create_ns = clock_now_ns();
		pool_unlock(pool);
		rescuers_wake(pool->all);
		while (add_worker(pool, pool->cpu)) {
			atomic_add_relaxed_u64(&pool->stats.create_failed, 1);
			if (!still_needs_to_create(pool))
				break;
			cool_down(worker);
			if (!still_needs_to_create(pool))
				break;
		}
		pool_lock(pool);
	} while (__pool_needs_to_create(pool));
	pool->create_ns = 0;
	pool->manager = NULL;
	return true;
}

/* --- a worker's life -------------------------------------------------------------- */

/* On the CPU: items one after the other, until others can do the rest. */
static void work_off(struct worker *worker)
{
	struct worker_pool *pool = worker->pool;

	pool_lock(pool);
	__leave_idle(pool, worker);
	while (__pool_needs_more(pool)) {
		if (!pool->nr_idle && __manage(worker))
			continue;
		__count(pool, worker, true);
		do
			__worker_run(worker, __take(pool));
		while (pool->list.first && pool->nr_running <= 1);
		__count(pool, worker, false);
		break;
	}
	__enter_idle(pool, worker);
	pool_unlock(pool);
}

/*
 * cpu_intensive: ms until a running worker has used up its time; 0: none is
 * watched. One that has is taken out of nr_running.
 */
static uint32_t __watch(struct worker_pool *pool)
{
	uint64_t now = clock_now_ns();
	uint32_t soonest = 0;

	for (struct worker *worker = pool->workers; worker;
		worker = worker->next) {
		uint64_t ms = (now - worker->began_ns) / 1000000;

		if (!worker->counted || !worker->work)
			continue;
		if (ms >= CPU_INTENSIVE_MS) {
			__count(pool, worker, false);
			atomic_store_relaxed_u8(&worker->daemon.task.hog, 1);
			atomic_add_relaxed_u64(&pool->stats.cpu_intensive, 1);
		} else if (!soonest || CPU_INTENSIVE_MS - ms < soonest) {
			soonest = (uint32_t)(CPU_INTENSIVE_MS - ms);
		}
	}
	return soonest;
}

enum next { NEXT_WORK, NEXT_WAIT, NEXT_END };

/* What an idle worker does next; *@ms: the longest wait, 0: no limit. */
static enum next look(struct worker *worker, uint32_t *ms)
{
	struct worker_pool *pool = worker->pool;
	enum next next = NEXT_WAIT;

	*ms = 0;
	pool_lock(pool);
	/* [pool.look] acquire, pairs with [pool.wake]. */
	worker->seen = atomic_load_acquire_u32(&worker->wake);
	if (pool->all->cpu_intensive && pool->idle == worker &&
		pool->list.first)
		*ms = __watch(pool);
	if (__pool_needs_more(pool))
		next = NEXT_WORK;
	else if (__is_over(pool))
		next = NEXT_END;
	pool_unlock(pool);
	return next;
}

static void worker_main(void *arg)
{
	struct worker *worker = arg;
	enum next next;
	uint32_t ms;

	worker_begin(worker);
	while ((next = look(worker, &ms)) != NEXT_END) {
		if (next == NEXT_WORK) {
			worker_enter(worker);
			work_off(worker);
			worker_leave(worker);
		} else if (ms) {
			wait_word_ms(&worker->wake, worker->seen, ms);
		} else {
			wait_word(&worker->wake, worker->seen);
		}
	}
}

int pool_start(
	struct worker_pool *pool, struct workqueues *all, struct cpu *cpu)
{
	int ret = 0;

	pool->all = all;
	pool->cpu = cpu;
	work_list_init(&pool->list);
	for (unsigned int i = 0; !ret && i < NR_AT_START; i++)
		ret = add_worker(pool, NULL);
	return ret;
}

void pool_finish(struct worker_pool *pool)
{
	struct worker *worker;

	if (!pool->all)
		return;
	pool_lock(pool);
	pool->stop = true;
	__pool_wake_all(pool);
	/* The last one was there first: no rescuer, and its thread runs. */
	worker = pool->workers;
	while (worker && worker->next)
		worker = worker->next;
	pool_unlock(pool);
	/* It ends when all is done; then no worker is added any more. */
	if (worker)
		daemon_join(&worker->daemon);
}

void pool_free_workers(struct worker_pool *pool)
{
	while (pool->workers) {
		struct worker *worker = pool->workers;

		if (worker->daemon.thread)
			daemon_join(&worker->daemon);
		pool->workers = worker->next;
		free(worker);
	}
}
