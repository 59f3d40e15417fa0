/* SPDX-License-Identifier: MIT */
/*
 * Workers: threads bound to a CPU that run work items there, when the running
 * task lets them. Items of one worker run one after the other.
 *
 * [work.done] release, pairs with [work.flush] acquire: what the item did.
 */
#ifndef CPU_WORKER_H
#define CPU_WORKER_H

#include "cpu/cpu.h"
#include "cpu/sched.h"

struct worker;

/*
 * A work item. Its owner may queue it again once its function has begun or, if
 * a task waits for it, once it was flushed.
 */
struct work {
	struct call call; /* fn runs as the CPU, not in an interrupt */
	uint32_t done; /* waited for */
};

/*
 * A thread @name for @cpu: a kworker, or a FIFO kthread of @prio. NULL with
 * errno (ENOMEM, EAGAIN).
 */
struct worker *worker_create(struct cpu *cpu, enum task_kind kind,
	unsigned int prio, const char *name);
/* Bytes of a worker, without its thread's stack. */
size_t worker_memory(void);
/* Run the queued items, end the thread and wait for it. NULL is allowed. */
void worker_destroy(struct worker *worker);

/* Queue @work; the worker wakes and waits for its CPU. Any thread. */
void worker_queue(struct worker *worker, struct work *work);
/* [work.flush] Wait, asleep, until it has run. */
void work_flush(struct work *work);

#endif
