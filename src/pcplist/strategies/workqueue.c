/* SPDX-License-Identifier: MIT */
/*
 * workqueue: a work item on each CPU that holds pages, and a flush of each. The
 * items go through mm_percpu_wq, and so wait in the CPU's pool behind items of
 * all queues (cpu/worker_pool.h).
 *
 * Origin: Mel Gorman, January 2017, Linux 4.11 to 5.19: 0ccce3b92421 (no drain
 * from IPI context: "slower, but fewer IPIs"), bd233f538d51 (drain mutex and
 * its trylock rule), ce612879ddc7 (mm_percpu_wq, which has a rescuer).
 *
 * Owner pays: interrupts off and on (guard_irqoff.h).
 * Interrupted: the task on each CPU that holds pages, by a kworker that takes
 * the CPU over.
 * Progress: late by the items that run before it and do not sleep, whatever their
 * priority beside the drainer's; none while a FIFO task has the CPU. The drainer then sleeps with
 * the drain mutex held, later drains of one zone wait for it, and drains of all
 * zones return without draining. (The mails of the 2021 and 2022 series.)
 */
#include <errno.h>
#include <stdlib.h>

#include "cpu/workqueue.h"
#include "pcplist/drain_work.h"
#include "pcplist/owner.h"
#include "pcplist/strategies/strategies.h"

struct wq_drain {
	struct work work;
	struct drain_work drain;
};

static void workqueue_drain_mask(struct pcp_set *set, struct pcp_drain *drain)
{
	struct wq_drain *drains = set->state;

	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		if (cpumask_test(drain->mask, cpu)) {
			drain_work_prepare(&drains[cpu].drain, drain);
			work_queue(&drains[cpu].work);
		}
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		if (cpumask_test(drain->mask, cpu)) {
			work_flush(&drains[cpu].work);
			drain->pages += drains[cpu].drain.pages;
		}
}

/* An item of mm_percpu_wq would wait for the queue that it holds up. */
static bool workqueue_recurses(const struct pcp_set *set)
{
	return workqueue_of_current(set->workqueues) ==
	       &set->workqueues->mm_percpu;
}

static int workqueue_init(struct pcp_set *set)
{
	struct wq_drain *drains = calloc(set->smp->nr, sizeof(drains[0]));

	if (!drains)
		return -ENOMEM;
	set->state = drains;
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++) {
		drains[cpu].drain.set = set;
		work_init(&drains[cpu].work, &set->workqueues->mm_percpu, cpu,
			drain_work_fn, &drains[cpu].drain);
	}
	return workqueues_start(set->workqueues);
}

static void workqueue_fini(struct pcp_set *set)
{
	free(set->state);
}

const struct pcp_drain_ops workqueue_ops = {
	.name = "workqueue",
	.owner = &irqoff_owner,
	.recurses = workqueue_recurses,
	.drain_mask = workqueue_drain_mask,
	.init = workqueue_init,
	.fini = workqueue_fini,
};
