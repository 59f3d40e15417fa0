/* SPDX-License-Identifier: MIT */
/*
 * A CPU's vmstat work: vmstat_update(), a delayed work item that folds the CPU's
 * diffs on the CPU itself (Linux 6.1).
 *
 *   pending   NOT, or on a TIMER, or QUEUED on mm_percpu_wq, whose items wait in
 *             the CPU's pool behind everybody else's; NOT again as soon as it
 *             begins to run
 *   running   it runs; it may be pending again
 *
 *             a pass: a diff is not 0           a worker takes it
 *      NOT --------------------------> QUEUED --------------------------> NOT
 *       |                                ^
 *       | it ran, and folded something   | the timer expired
 *       +---------------------------> TIMER
 *
 * The timer is deferrable. To 6.8 it lies on the CPU itself, and never expires
 * there while the CPU's tick is stopped; the shepherd passes a pending item by.
 */
#ifndef SERVICE_VMSTAT_WORK_H
#define SERVICE_VMSTAT_WORK_H

#include "cpu/workqueue.h"
#include "machine/machine.h"

enum vmstat_pending { PENDING_NOT, PENDING_TIMER, PENDING_QUEUED };

struct vmstat_work {
	struct work update; /* no task waits for it */
	struct work refresh; /* config mutex; its queuer waits for it */
	struct timer timer; /* of update */
	struct pcpmm_cpu *cpu;
	uint32_t pending; /* enum vmstat_pending */
	uint32_t running;
};

/* One for each CPU; they stay until the machine is destroyed. NULL: no memory. */
struct vmstat_work *vmstat_works_create(struct pcpmm_machine *machine);

/*
 * Stop the timer, and wait for what is queued. The caller has made
 * shepherd_runs() false, so nothing is queued or started any more.
 */
void vmstat_work_stop(struct vmstat_work *work);

/* vm.stat_interval in ticks. Any thread. */
uint64_t vmstat_interval(const struct pcpmm_machine *machine);

/* May be stale for one more look, as in the kernel. */
static inline bool vmstat_work_pending(const struct vmstat_work *work)
{
	return atomic_load_relaxed_u32(&work->pending) != PENDING_NOT;
}

static inline bool vmstat_work_busy(const struct vmstat_work *work)
{
	return vmstat_work_pending(work) ||
	       atomic_load_relaxed_u32(&work->running);
}

/* queue_delayed_work_on(): now. false: it is pending. Config mutex. */
bool vmstat_work_queue(struct vmstat_work *work);
/* The same after vm.stat_interval, rounded to a second. Any thread. */
bool vmstat_work_delay(struct vmstat_work *work);
/* Stop the timer. An item that is queued stays so. Any thread. */
void vmstat_work_cancel(struct vmstat_work *work);

/* Wait for the end of the run that is queued now. Config mutex. */
void vmstat_work_flush(struct vmstat_work *work);

/* The CPU has diffs to fold, as far as the shepherd looks. Any thread, racy. */
bool vmstat_needs_update(const struct pcpmm_machine *machine, unsigned int id);

/* On the CPU itself. Number of changes. */
unsigned int vmstat_fold_here(struct pcpmm_cpu *cpu);

#endif
