/* SPDX-License-Identifier: MIT */
/*
 * Rescuers: the thread of a WQ_MEM_RECLAIM queue that runs the queue's items
 * where a pool can not create a worker, perhaps because that takes memory which
 * only one of these items would free.
 *
 *   pool      a manager creates for MAYDAY_INITIAL_MS, and then every
 *             MAYDAY_INTERVAL_MS: mayday, if a worker is still needed
 *   rescuer   visits the CPUs in turn, runs its queue's items there, no others
 *
 * There is no timer: a rescuer that a manager has woken looks at the clock. It
 * waits for a CPU as any worker does, so it does not help behind a FIFO task;
 * and a pool that is busy does not call it.
 */
#include <errno.h>
#include <stdlib.h>

#include "arch/clock.h"
#include "arch/mutant.h"
#include "arch/wait.h"
#include "cpu/worker_pool.h"

#define MS 1000000ull /* ns */

/* Maydays of a creation that began @ns ago. */
static uint64_t calls_after(uint64_t ns)
{
	if (ns < MAYDAY_INITIAL_MS * MS)
		return 0;
	return 1 + (ns - MAYDAY_INITIAL_MS * MS) / (MAYDAY_INTERVAL_MS * MS);
}

static bool __has_item(
	const struct worker_pool *pool, const struct workqueue *wq)
{
	const struct work *work = pool->list.first;

	while (work && work->wq != wq)
		work = work->next;
	return work != NULL;
}

/* --- helping a pool ---------------------------------------------------------- */

/* Move the queue's items to the rescuer; it runs them in their order. */
static void __take_all(struct worker *rescuer, struct worker_pool *pool)
{
	struct work *work = pool->list.first;

	while (work) {
		struct work *next = work->next;

		if (work->wq == rescuer->rescues) {
			work_list_del(&pool->list, work);
			work_list_add(&rescuer->scheduled, work);
		}
		work = next;
	}
}

static void __attach(struct worker *rescuer, struct worker_pool *pool)
{
	rescuer->next = pool->workers;
	pool->workers = rescuer;
	pool->rescued = true;
}

static void __detach(struct worker *rescuer, struct worker_pool *pool)
{
	struct worker **link = &pool->workers;

	while (*link != rescuer)
		link = &(*link)->next;
	*link = rescuer->next;
	pool->rescued = false;
	if (pool->stop)
		__pool_wake_all(pool);
}

static void rescue(struct worker *rescuer, struct worker_pool *pool)
{
	rescuer->pool = pool;
	worker_enter(rescuer);
	pool_lock(pool);
	__attach(rescuer, pool);
	__take_all(rescuer, pool);
	while (rescuer->scheduled.first) {
		struct work *work = rescuer->scheduled.first;

		work_list_del(&rescuer->scheduled, work);
		__worker_run(rescuer, work);
	}
	__detach(rescuer, pool);
	/* Other queues' items are left to a worker, if one is idle by now. */
	if (__pool_needs_more(pool))
		__pool_wake(pool);
	pool_unlock(pool);
	worker_leave(rescuer);
	rescuer->pool = NULL;
}

/* --- the clock ----------------------------------------------------------------- */

/*
 * Does @pool call, at @now or since @before? *@ms: until its next call, if that
 * is sooner.
 */
static bool calls(struct worker *rescuer, struct worker_pool *pool,
	uint64_t before, uint64_t now, uint32_t *ms)
{
	uint64_t began, next, nr;
	bool called = false;

	pool_lock(pool);
	began = pool->create_ns;
	if (began && now >= began) {
		nr = calls_after(now - began);
		called =
			nr > (before > began ? calls_after(before - began) : 0);
		called = called && __has_item(pool, rescuer->rescues) &&
			 (__pool_needs_to_create(pool) ||
				 MUTANT(RESCUER_HELPS_BUSY));
		if (called)
			atomic_add_relaxed_u64(&pool->stats.maydays, 1);
		next = (MAYDAY_INITIAL_MS + nr * MAYDAY_INTERVAL_MS) * MS -
		       (now - began);
		if (!*ms || next / MS + 1 < *ms)
			*ms = (uint32_t)(next / MS + 1);
	}
	pool_unlock(pool);
	return called;
}

static void rescuer_main(void *arg)
{
	struct worker *rescuer = arg;
	struct workqueues *all = rescuer->all;
	uint64_t before = 0;

	worker_begin(rescuer);
	while (!atomic_load_acquire_u32(&rescuer->stop)) {
		/* [rescuer.look] acquire, pairs with [rescuer.wake]. */
		uint32_t seen = atomic_load_acquire_u32(&rescuer->wake);
		uint64_t now = clock_now_ns();
		uint32_t ms = 0;

		for (unsigned int id = 0; id < all->smp->nr; id++)
			if (calls(rescuer, &all->pools[id], before, now, &ms))
				rescue(rescuer, &all->pools[id]);
		before = now;
		if (ms)
			wait_word_ms(&rescuer->wake, seen, ms);
		else
			wait_word(&rescuer->wake, seen);
	}
}

/* [rescuer.wake] release, pairs with [rescuer.look]: create_ns, or stop. */
static void wake(struct worker *rescuer)
{
	atomic_add_release_u32(&rescuer->wake, 1);
	wake_word(&rescuer->wake);
}

void rescuers_wake(struct workqueues *all)
{
	struct worker *rescuer = all->mm_percpu.rescuer;

	if (rescuer)
		wake(rescuer);
}

/* --- start and stop -------------------------------------------------------------- */

int rescuer_start(struct workqueue *wq)
{
	struct worker *rescuer = calloc(1, sizeof(*rescuer));
	int ret;

	if (!rescuer)
		return -ENOMEM;
	rescuer->all = wq->all;
	rescuer->rescues = wq;
	work_list_init(&rescuer->scheduled);
	ret = daemon_start(&rescuer->daemon, wq->name,
		wq->all->smp->cpu[0]->rcu, TASK_KWORKER, 0, rescuer_main,
		rescuer);
	if (ret) {
		free(rescuer);
		return ret;
	}
	wq->rescuer = rescuer;
	return 0;
}

void rescuer_stop(struct workqueue *wq)
{
	struct worker *rescuer = wq->rescuer;

	if (!rescuer)
		return;
	atomic_store_release_u32(&rescuer->stop, 1);
	wake(rescuer);
	daemon_join(&rescuer->daemon);
	wq->rescuer = NULL;
	free(rescuer);
}
