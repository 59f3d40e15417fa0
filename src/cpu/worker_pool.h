/* SPDX-License-Identifier: MIT */
/*
 * The normal pool of a CPU: its workers, and the items of all queues for it.
 *
 *   nr_running = workers that run an item and do not sleep
 *
 *   An item that comes while nr_running > 0 waits for that worker, whatever queue
 *   it is of. If nr_running becomes 0 with items left, because a worker sleeps
 *   inside the library (task->sleeps), an idle worker is woken. A woken worker
 *   first waits for the CPU, then looks for items: behind a FIFO task all wait.
 *
 *   Before a worker takes its first item it sees to it that another worker is
 *   idle. If there is none it becomes the manager and creates one: that takes
 *   memory, so it may reclaim, drain, and wait for items of this very pool.
 *
 *   need more      items, nr_running = 0
 *   need to create items, nr_running = 0, and no idle worker
 *
 * Rescuers (rescuer.c) are not counted in nr_running.
 *
 * cpu_intensive, as in 6.5: a worker whose item has run for CPU_INTENSIVE_MS
 * without sleeping is taken out of nr_running, and all other workers go before
 * it. No tick finds that out here: while items wait, the first idle worker looks
 * at the clock. The time is the host's, so it includes waits for the CPU.
 */
#ifndef CPU_WORKER_POOL_H
#define CPU_WORKER_POOL_H

#include "cpu/daemon.h"
#include "cpu/lock.h"
#include "cpu/workqueue.h"

#define MAYDAY_INITIAL_MS 10 /* of creation, before rescuers are called */
#define MAYDAY_INTERVAL_MS 100 /* between further calls */
#define CREATE_COOLDOWN_MS 1000 /* between tries to create a worker */
#define CPU_INTENSIVE_MS 10 /* workqueue.cpu_intensive_thresh_us */

struct work_list {
	struct work *first;
	struct work **end; /* where the next one goes */
};

/* A task that waits for the end of a run; on its stack. */
struct work_waiter {
	struct work_waiter *next;
	uint32_t done; /* waited for */
};

struct worker_pool {
	struct workqueues *all;
	struct cpu *cpu;
	struct spinlock lock; /* of all that follows but stats; no rank */
	struct work_list list; /* not begun */
	struct worker *workers; /* all, rescuers that help here included */
	struct worker *idle; /* the last one to become idle first */
	unsigned int nr_workers; /* without rescuers */
	unsigned int nr_idle;
	unsigned int nr_running;
	struct worker *manager; /* creates a worker; NULL: none */
	uint64_t create_ns; /* when it began to; 0: it does not */
	bool rescued; /* a rescuer is here */
	bool stop; /* idle workers end */
	struct pcpmm_work_stats stats; /* relaxed adds */
};

/*
 * One thread. Its own: seen, since_ns, was_idle. Under the lock of its pool: the
 * rest.
 */
struct worker {
	struct daemon daemon;
	struct workqueues *all;
	struct worker_pool *pool; /* a rescuer's: where it helps; or NULL */
	struct workqueue *rescues; /* NULL: it is no rescuer */
	struct worker *next; /* of pool->workers */
	struct worker *next_idle;
	uint32_t wake; /* counts wakeups; waited for */
	uint32_t seen; /* wakeups that it has answered */
	uint32_t stop; /* of a rescuer */
	bool counted; /* in nr_running */
	struct work *work; /* that it runs; perhaps freed: compare only */
	const struct workqueue *wq; /* of that item; read by its own thread */
	struct work_list scheduled; /* items that only it may run */
	struct work_waiter *waiters; /* for the end of this run */
	uint64_t began_ns; /* this item, or since it slept last */
	uint64_t since_ns; /* on the CPU */
	bool was_idle; /* the CPU, before the worker came */
};

static inline struct worker_pool *work_pool(const struct work *work)
{
	return &work->wq->all->pools[work->cpu];
}

/* The lock, with this thread's interrupts held off; they are taken at the end. */
void pool_lock(struct worker_pool *pool);
void pool_unlock(struct worker_pool *pool);

/* 0 or -errno. */
int pool_start(
	struct worker_pool *pool, struct workqueues *all, struct cpu *cpu);
/* Run what is queued; workers then end. */
void pool_finish(struct worker_pool *pool);
/* Wait for their ends and free them; after rescuers have ended. */
void pool_free_workers(struct worker_pool *pool);

/* --- under the lock ------------------------------------------------------ */

void work_list_init(struct work_list *list);
void work_list_add(struct work_list *list, struct work *work);
void work_list_del(struct work_list *list, struct work *work);

static inline bool __pool_needs_more(const struct worker_pool *pool)
{
	return pool->list.first && !pool->nr_running;
}

static inline bool __pool_needs_to_create(const struct worker_pool *pool)
{
	return __pool_needs_more(pool) && !pool->nr_idle;
}

/* Wake the first idle worker; it is idle until it has the CPU. */
void __pool_wake(struct worker_pool *pool);
void __pool_wake_all(struct worker_pool *pool);
/* The worker that runs @work; NULL. */
struct worker *__pool_worker_of(
	const struct worker_pool *pool, const struct work *work);
/* Wake those who wait for the end of a run. */
void __waiters_done(struct work_waiter *waiters);
/*
 * On the CPU: run @work, which is on no list, then what was scheduled for this
 * worker meanwhile. Drops the lock.
 */
void __worker_run(struct worker *worker, struct work *work);

/* --- on the CPU ------------------------------------------------------------ */

/* This thread's worker; NULL: it is none. */
struct worker *worker_current(void);
/* Prepare a worker's task, by its own thread. */
void worker_begin(struct worker *worker);
/* Enter the pool's CPU, and leave it. */
void worker_enter(struct worker *worker);
void worker_leave(struct worker *worker);

/* --- rescuer.c ------------------------------------------------------------- */

/* 0 or -errno. */
int rescuer_start(struct workqueue *wq);
void rescuer_stop(struct workqueue *wq);
/* A manager begins to create a worker: rescuers look at their clocks. */
void rescuers_wake(struct workqueues *all);

#endif
