/* SPDX-License-Identifier: MIT */
/* Items: queueing, waiting for them, taking them back; see workqueue.h. */
#include "cpu/workqueue.h"

#include <errno.h>
#include <stdlib.h>

#include "arch/clock.h"
#include "arch/mutant.h"
#include "cpu/copy.h"
#include "cpu/worker_pool.h"

/* --- queues and pools ------------------------------------------------------ */

void workqueues_init(
	struct workqueues *all, const struct smp *smp, bool mem_reclaim)
{
	*all = (struct workqueues){
		.smp = smp,
		.mm_percpu = {.name = "mm_percpu_wq",
			.mem_reclaim = mem_reclaim,
			.all = all},
		.system = {.name = "events", .all = all},
	};
	mutex_init(&all->start);
}

/* [wq.use] */
bool workqueues_started(const struct workqueues *all)
{
	return atomic_load_acquire_u32(&all->started);
}

static void stop(struct workqueues *all)
{
	unsigned int nr = all->pools ? all->smp->nr : 0;

	/* A pool may need the rescuer to finish, and the rescuer joins pools. */
	for (unsigned int id = 0; id < nr; id++)
		pool_finish(&all->pools[id]);
	rescuer_stop(&all->mm_percpu);
	for (unsigned int id = 0; id < nr; id++)
		pool_free_workers(&all->pools[id]);
	free(all->pools);
	all->pools = NULL;
}

static int start(struct workqueues *all)
{
	int ret = 0;

	all->pools = calloc(all->smp->nr, sizeof(all->pools[0]));
	if (!all->pools)
		return -ENOMEM;
	for (unsigned int id = 0; !ret && id < all->smp->nr; id++)
		ret = pool_start(&all->pools[id], all, all->smp->cpu[id]);
	if (!ret && all->mm_percpu.mem_reclaim)
		ret = rescuer_start(&all->mm_percpu);
	if (ret)
		stop(all);
	return ret;
}

int workqueues_start(struct workqueues *all)
{
	int ret = 0;

	if (workqueues_started(all))
		return 0;
	mutex_lock(&all->start);
	if (!workqueues_started(all))
		ret = start(all);
	/* [wq.started] */
	if (!ret)
		atomic_store_release_u32(&all->started, 1);
	mutex_unlock(&all->start);
	return ret;
}

void workqueues_fini(struct workqueues *all)
{
	if (!all->smp)
		return;
	if (workqueues_started(all))
		stop(all);
	mutex_fini(&all->start);
}

/* --- queueing ---------------------------------------------------------------- */

void work_init(struct work *work, struct workqueue *wq, unsigned int cpu,
	call_fn *fn, void *arg)
{
	*work = (struct work){.fn = fn, .arg = arg, .wq = wq, .cpu = cpu};
}

/* Under the lock. With cpu_intensive an idle worker watches a running one. */
static void __queue(struct worker_pool *pool, struct work *work)
{
	atomic_store_relaxed_u32(&work->pending, 1);
	work->queued_ns = clock_now_ns();
	work_list_add(&pool->list, work);
	atomic_add_relaxed_u64(&pool->stats.queued, 1);
	if (__pool_needs_more(pool) || pool->all->cpu_intensive)
		__pool_wake(pool);
}

bool work_queue(struct work *work)
{
	struct worker_pool *pool = work_pool(work);
	bool queued;

	pool_lock(pool);
	queued = !work->pending;
	if (queued)
		__queue(pool, work);
	pool_unlock(pool);
	return queued;
}

unsigned int work_state(const struct work *work)
{
	struct worker_pool *pool = work_pool(work);
	unsigned int state;

	pool_lock(pool);
	state = work->pending ? PCPMM_WORK_PENDING : 0;
	if (__pool_worker_of(pool, work))
		state |= PCPMM_WORK_RUNNING;
	pool_unlock(pool);
	return state;
}

/* --- waiting ------------------------------------------------------------------ */

static void add_waiter(struct work_waiter **list, struct work_waiter *waiter)
{
	waiter->next = *list;
	*list = waiter;
}

/* Under the lock. false: the item neither is pending nor runs. */
static bool __await(
	struct worker_pool *pool, struct work *work, struct work_waiter *waiter)
{
	struct worker *worker;

	if (work->pending) {
		add_waiter(&work->waiters, waiter);
		return true;
	}
	worker = MUTANT(FLUSH_AT_RUNNING) ? NULL : __pool_worker_of(pool, work);
	if (!worker)
		return false;
	add_waiter(&worker->waiters, waiter);
	return true;
}

bool work_flush(struct work *work)
{
	struct worker_pool *pool = work_pool(work);
	struct work_waiter waiter = {.done = 0};
	bool waits;

	pool_lock(pool);
	waits = __await(pool, work, &waiter);
	pool_unlock(pool);
	/* [wq.flush] is in the wait. */
	if (waits)
		sched_wait(&waiter.done, 0);
	return waits;
}

/* A pending item is on the pool's list, or scheduled for one worker. */
static void __unlist(struct worker_pool *pool, struct work *work)
{
	work_list_del(&pool->list, work);
	for (struct worker *worker = pool->workers; worker;
		worker = worker->next)
		work_list_del(&worker->scheduled, work);
}

void workqueues_stats(
	const struct workqueues *all, struct pcpmm_work_stats *stats)
{
	*stats = (struct pcpmm_work_stats){0};
	for (unsigned int id = 0; workqueues_started(all) && id < all->smp->nr;
		id++) {
		struct pcpmm_work_stats one;
		uint64_t *sum = (uint64_t *)stats, *word = (uint64_t *)&one;

		copy_words(&one, &all->pools[id].stats, sizeof(one));
		for (size_t i = 0; i < sizeof(one) / sizeof(*word); i++)
			sum[i] += word[i];
	}
}

/*
 * pending stays set until the run has ended, so that the item, which may queue
 * itself, does not come back. Those who wait for the run that does not take
 * place wait for this end instead.
 */
bool work_cancel_sync(struct work *work)
{
	struct worker_pool *pool = work_pool(work);
	struct work_waiter waiter = {.done = 0}, *others;
	struct worker *worker;
	bool was_pending;

	pool_lock(pool);
	was_pending = work->pending;
	if (was_pending)
		__unlist(pool, work);
	atomic_store_relaxed_u32(&work->pending, 1);
	worker = __pool_worker_of(pool, work);
	if (worker)
		add_waiter(&worker->waiters, &waiter);
	pool_unlock(pool);
	if (worker)
		sched_wait(&waiter.done, 0);
	pool_lock(pool);
	atomic_store_relaxed_u32(&work->pending, 0);
	others = work->waiters;
	work->waiters = NULL;
	__waiters_done(others);
	pool_unlock(pool);
	return was_pending;
}

/* --- who runs --------------------------------------------------------------- */

const struct workqueue *workqueue_of_current(const struct workqueues *all)
{
	const struct worker *worker = worker_current();

	return worker && worker->all == all ? worker->wq : NULL;
}

bool work_is_current(const struct work *work)
{
	const struct worker *worker = worker_current();

	return worker && worker->work == work;
}
