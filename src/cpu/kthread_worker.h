/* SPDX-License-Identifier: MIT */
/*
 * kthread workers: threads bound to a CPU that run items there, when the running
 * task lets them. Items of one worker run one after the other. Nothing is shared
 * with the pools of work queues (workqueue.h).
 *
 * [work.done] release, pairs with [work.flush] acquire: what the item did.
 */
#ifndef CPU_KTHREAD_WORKER_H
#define CPU_KTHREAD_WORKER_H

#include "cpu/cpu.h"
#include "cpu/sched.h"

struct kthread_worker;

/*
 * A work item. Its owner may queue it again once its function has begun or, if
 * a task waits for it, once it was flushed.
 */
struct kthread_work {
	struct call call; /* fn runs as the CPU, not in an interrupt */
	uint32_t done; /* waited for */
};

/*
 * A thread @name for @cpu: a kworker, or a FIFO kthread of @prio. NULL with
 * errno (ENOMEM, EAGAIN).
 */
struct kthread_worker *kthread_worker_create(struct cpu *cpu,
	enum task_kind kind, unsigned int prio, const char *name);
/* Bytes of a worker, without its thread's stack. */
size_t kthread_worker_memory(void);
/* Run the queued items, end the thread and wait for it. NULL is allowed. */
void kthread_worker_destroy(struct kthread_worker *worker);

/* Queue @work; the worker wakes and waits for its CPU. Any thread. */
void kthread_queue_work(
	struct kthread_worker *worker, struct kthread_work *work);
/* [work.flush] Wait, asleep, until it has run. */
void kthread_flush_work(struct kthread_work *work);

#endif
