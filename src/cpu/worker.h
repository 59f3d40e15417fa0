/* SPDX-License-Identifier: MIT */
/*
 * Workers: threads bound to a CPU that run work items there, when the task on
 * it lets them. Items of one worker run one after the other.
 *
 * [work.done] release, pairs with [work.flush] acquire: what the item did.
 */
#ifndef CPU_WORKER_H
#define CPU_WORKER_H

#include "cpu/cpu.h"
#include "cpu/sched.h"

struct worker;

/*
 * Its owner's, which may queue it again once its function has begun, or, if a
 * task waits for it, once it was flushed.
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
/* Runs what is queued, then ends the thread. Waits. NULL is allowed. */
void worker_destroy(struct worker *worker);

/* Any thread. The worker wakes and waits for its CPU. */
void worker_queue(struct worker *worker, struct work *work);
/* [work.flush] Wait, asleep, until it has run. */
void work_flush(struct work *work);

#endif
