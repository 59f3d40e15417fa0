/* SPDX-License-Identifier: MIT */
/*
 * Work queues: functions to run on a CPU, one after the other, by threads that
 * all bound queues of the machine share (Linux 6.1).
 *
 *   struct work         a function, bound to a queue and a CPU
 *   struct workqueue    the queue: a name, and perhaps a rescuer
 *   struct worker_pool  a CPU's workers and one list of items of all queues, in
 *                       order of queueing (worker_pool.h)
 *   struct worker       a thread of a pool, or a rescuer (rescuer.c)
 *
 * An item, under the lock of its pool:
 *
 *             pending  a worker has it  work_queue()     work_flush() waits for
 *   idle      no       no               -> queued        nothing
 *   queued    yes      no               false            the end of that run
 *   running   no       yes              -> run again     the end of this run
 *   run again yes      yes              false            the end of the next run
 *
 * One worker at a time runs an item: a worker that takes an item which another
 * one runs leaves it to that one. Once fn has begun, nothing but fn's owner uses
 * the item: fn may free it.
 *
 * [wq.done] release, pairs with [wq.flush] acquire: what the item did.
 */
#ifndef CPU_WORKQUEUE_H
#define CPU_WORKQUEUE_H

#include <pcpmm/workqueue.h>

#include "cpu/mutex.h"
#include "cpu/smp.h"

struct worker;
struct worker_pool;
struct work_waiter;
struct workqueues;

struct workqueue {
	const char *name;
	bool mem_reclaim; /* WQ_MEM_RECLAIM: it has a rescuer */
	struct workqueues *all; /* constant */
	struct worker *rescuer; /* NULL: none */
};

struct work {
	/* Constant. */
	call_fn *fn; /* runs as the CPU, not in an interrupt; may sleep */
	void *arg;
	struct workqueue *wq;
	unsigned int cpu;

	/* Under the pool's lock. */
	struct work *next; /* of the list that it is on */
	struct work_waiter *waiters; /* for the end of the pending run */
	uint64_t queued_ns;
	uint32_t pending; /* 1: on a list; read racily */
};

/* Take memory for a new worker's stack, by a task on @on: -ENOMEM or 0. */
typedef int worker_stack_fn(struct cpu *on);

/* The queues and pools of a machine. */
struct workqueues {
	/* Set before workqueues_start(). */
	const struct smp *smp;
	worker_stack_fn *stack; /* NULL: costs nothing */
	bool cpu_intensive; /* the rule of 6.5, see worker_pool.h */

	struct workqueue mm_percpu; /* mm_percpu_wq */
	struct workqueue system; /* system_wq */

	struct mutex start; /* one starter at a time */
	/* [wq.started] release, pairs with [wq.use] acquire: the pools. */
	uint32_t started;
	struct worker_pool *pools; /* [smp->nr] */
	struct pcpmm_histogram waits; /* from queueing to the beginning */
	struct spinlock waits_lock; /* innermost */
};

/* No thread yet. @mem_reclaim: mm_percpu_wq has a rescuer. */
void workqueues_init(
	struct workqueues *all, const struct smp *smp, bool mem_reclaim);
/*
 * Start two workers a CPU, and the rescuers; once, further calls find them
 * started. 0, -EAGAIN, -ENOMEM. A thread that may wait.
 */
int workqueues_start(struct workqueues *all);
bool workqueues_started(const struct workqueues *all);
/* Run what is queued, end all threads. No thread may queue any more. */
void workqueues_fini(struct workqueues *all);

/* An idle item of @wq for CPU @cpu. Before or after workqueues_start(). */
void work_init(struct work *work, struct workqueue *wq, unsigned int cpu,
	call_fn *fn, void *arg);

/* false: it was pending. Any thread, interrupts too; the pools are started. */
bool work_queue(struct work *work);

/* Queued, and not begun. Racy. */
static inline bool work_pending(const struct work *work)
{
	return atomic_load_relaxed_u32(&work->pending);
}

/*
 * PCPMM_WORK_PENDING, PCPMM_WORK_RUNNING, both or 0: work_busy(). Advisory: it may
 * have changed by the time of return.
 */
unsigned int work_state(const struct work *work);

/*
 * [wq.flush] Wait, asleep, until the run that was queued last has ended. false:
 * there was nothing to wait for.
 */
bool work_flush(struct work *work);

/*
 * Take it off the list and wait for the end of a run; meanwhile it can not be
 * queued. true: it was pending. One thread at a time.
 */
bool work_cancel_sync(struct work *work);

/* The queue, of @all, whose item this thread runs; NULL: none. */
const struct workqueue *workqueue_of_current(const struct workqueues *all);
/* This thread runs @work. */
bool work_is_current(const struct work *work);

/* Sums over all pools. Racy. */
void workqueues_stats(
	const struct workqueues *all, struct pcpmm_work_stats *stats);

#endif
