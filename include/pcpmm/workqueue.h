/* SPDX-License-Identifier: MIT */
/*
 * Work queues: functions of the program that run on a CPU by its pool of workers,
 * behind and before the library's own items.
 *
 * Each CPU has one pool for the items of all queues, in the order in which they
 * were queued. So a drain by the strategy workqueue, or a fold by vmstat_update,
 * waits behind an item of any queue that keeps its CPU; an item that sleeps lets
 * the next one run. src/cpu/worker_pool.h has the rules, docs/strategies.md what
 * they mean for drains.
 *
 * The pools exist once the drain strategy is workqueue, the shepherd was started
 * with a local fold, or the program has created a work item: two threads a CPU,
 * and the rescuer of mm_percpu_wq.
 */
#ifndef PCPMM_WORKQUEUE_H
#define PCPMM_WORKQUEUE_H

#include <pcpmm/histogram.h>
#include <pcpmm/types.h>

PCPMM_BEGIN_DECLS

enum pcpmm_wq {
	/* "mm_percpu_wq": drains, vmstat_update; it has a rescuer unless
	 * pcpmm_config.wq_mem_reclaim is false (ce612879ddc7). */
	PCPMM_MM_PERCPU_WQ,
	PCPMM_SYSTEM_WQ, /* "events": everything else; no rescuer */
	PCPMM_NR_WQS
};

/* Name of a queue as the kernel prints it; NULL when out of range. */
PCPMM_API const char *pcpmm_wq_name(unsigned int wq);

/*
 * An item's function, as @cpu, in task context: it may allocate, free, sleep and
 * wait as a thread that has entered the CPU may. It must not leave the CPU, change
 * its priority or go idle; interrupts and preemption that it leaves off are turned
 * on again. A drain by an item of mm_percpu_wq is refused with the strategy
 * workqueue (-EDEADLK): it would wait for the queue that it holds up.
 */
typedef void pcpmm_work_fn(struct pcpmm_cpu *cpu, void *arg);

struct pcpmm_work;

/*
 * An item that runs @fn(cpu, @arg) on CPU @id, by queue @wq. It is not queued yet.
 * NULL with errno: EINVAL (no such CPU or queue, no @fn; the pools are to be
 * started by a thread that has interrupts off), ENOMEM, EAGAIN (no thread for a
 * worker). Any thread.
 */
PCPMM_API struct pcpmm_work *pcpmm_work_create(struct pcpmm_machine *machine,
	unsigned int id, enum pcpmm_wq wq, pcpmm_work_fn *fn, void *arg);

/*
 * Take it back if it is pending, wait for its end if it runs (as cancel does), and
 * free it; before the machine is destroyed. NULL is allowed. 0, or as cancel:
 * nothing is freed.
 */
PCPMM_API int pcpmm_work_destroy(struct pcpmm_work *work);

/*
 * queue_work_on(). 1: queued; 0: it was pending. An item that runs may be queued
 * again: it runs once more, after the end of this run. -ENODEV: the CPU is
 * offline. Any thread, interrupts too.
 */
PCPMM_API int pcpmm_work_queue(struct pcpmm_work *work);

/*
 * flush_work(): wait for the end of the run that was queued last; its CPUs are
 * free meanwhile. It may wait for ever: behind a FIFO task, or an item that does
 * not end. 1; 0: the item was idle; -EDEADLK: the item waits for itself; -EINVAL:
 * the thread has interrupts or preemption off.
 */
PCPMM_API int pcpmm_work_flush(struct pcpmm_work *work);

/*
 * cancel_work_sync(): the item is neither pending nor running on return. 1: it was
 * pending; 0; -EDEADLK, -EINVAL as above. One thread at a time.
 */
PCPMM_API int pcpmm_work_cancel(struct pcpmm_work *work);

#define PCPMM_WORK_PENDING 1u /* queued and not begun: work_pending() */
#define PCPMM_WORK_RUNNING 2u
/* Bits of the above: work_busy(). Advisory. Any thread. */
PCPMM_API unsigned int pcpmm_work_state(const struct pcpmm_work *work);

/*
 * msleep(): the task that runs as @cpu, an item or any other, sleeps for @ms and
 * leaves its CPUs meanwhile. 0, -EPERM, -EINVAL (interrupts or preemption off).
 */
PCPMM_API int pcpmm_msleep(struct pcpmm_cpu *cpu, unsigned int ms);

/*
 * Sums since creation, over all CPUs, the library's items included. Each field is
 * read as one atomic 64-bit load; two fields may be of different moments.
 */
struct pcpmm_work_stats {
	uint64_t queued;
	uint64_t run; /* begun, by workers and rescuers */
	uint64_t rescued; /* of those: by a rescuer */
	uint64_t maydays; /* calls for a rescuer */
	uint64_t created; /* workers beyond the first two of each CPU */
	uint64_t create_failed; /* tries without memory or thread */
	uint64_t cpu_intensive; /* runs that used up their time */
};
PCPMM_API void pcpmm_work_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_work_stats *stats);

/* Time of each item from queueing to its beginning. Any thread; racy. */
PCPMM_API void pcpmm_work_histogram(
	const struct pcpmm_machine *machine, struct pcpmm_histogram *histogram);

PCPMM_END_DECLS

#endif
