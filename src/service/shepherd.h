/* SPDX-License-Identifier: MIT */
/* The shepherd's state, as far as CPUs and the other services look at it. */
#ifndef SERVICE_SHEPHERD_H
#define SERVICE_SHEPHERD_H

#include "cpu/daemon.h"
#include "cpu/timer.h"
#include "service/vmstat_work.h"

/* Made by the first start; it stays until the machine is destroyed. */
struct shepherd {
	struct pcpmm_machine *machine;
	struct vmstat_work *works; /* [cpu]; NULL: remote fold */
	uint32_t runs; /* written last in start, first in stop */

	/* The thread; the services mutex. */
	struct daemon daemon; /* no thread: passes by hand */
	uint32_t interval_ms;
	uint32_t wakeups; /* waited for: stop, and the timer */
	uint32_t stop;
	struct timer timer; /* PCPMM_INTERVAL_TICKS */
	uint32_t due; /* it expired */
};

/*
 * NULL: never started. [shepherd.get] acquire, pairs with [shepherd.made]: the
 * fields above the thread's.
 */
static inline struct shepherd *shepherd_get(const struct pcpmm_machine *machine)
{
	return atomic_load_acquire_ptr((void *const *)&machine->shepherd);
}

/*
 * Work items may be queued: each has a worker. Under the config mutex or the
 * timer lock it stays so; elsewhere stale, and who queues looks again.
 */
static inline bool shepherd_runs(const struct pcpmm_machine *machine)
{
	const struct shepherd *shepherd = shepherd_get(machine);

	return shepherd && atomic_load_relaxed_u32(&shepherd->runs);
}

/* CPU @id's work item; NULL: the shepherd does not run, or folds remotely. */
static inline struct vmstat_work *shepherd_work(
	const struct pcpmm_machine *machine, unsigned int id)
{
	const struct shepherd *shepherd = shepherd_get(machine);

	return shepherd && atomic_load_relaxed_u32(&shepherd->runs) &&
			       shepherd->works
		       ? &shepherd->works[id]
		       : NULL;
}

/* Config mutex. -EINVAL, refused: a local fold whose workers do not run. */
int shepherd_check_started(struct pcpmm_machine *machine);
/* One CPU's diffs, by @on. Config mutex. */
unsigned int shepherd_fold_remote(
	struct pcpmm_cpu *on, unsigned int id, bool pagesets);

/* The machine is at rest, and stopped. */
void shepherd_destroy(struct pcpmm_machine *machine);

#endif
