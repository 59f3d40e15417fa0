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
 * priority beside the drainer's; none while a FIFO task has the CPU. The drainer then
 * sleeps with the drain mutex held, later drains of one zone wait for it, and drains
 * of all zones return without draining. (The mails of the 2021 and 2022 series.)
 */
#include "pcplist/drain_items.h"
#include "pcplist/owner.h"
#include "pcplist/strategies/strategies.h"

static void workqueue_drain_mask(struct pcp_set *set, struct pcp_drain *drain)
{
	drain_items_run(set, set->state, drain);
}

static int workqueue_init(struct pcp_set *set)
{
	struct drain_item *items;
	int ret = drain_items_create(set, &items);

	set->state = items;
	return ret;
}

static void workqueue_fini(struct pcp_set *set)
{
	drain_items_destroy(set->state);
}

/* The workers, here as in the kernel, are those of the CPU's pool. */
static void workqueue_memory(
	const struct pcp_set *set, struct pcpmm_drain_memory *memory)
{
	memory->here.cpu = drain_items_memory();
	memory->here.machine = pcp_mask_size(set);
	memory->kernel.cpu = KERNEL_WORK;
	memory->kernel.machine = KERNEL_CPUMASK;
}

const struct pcp_drain_ops workqueue_ops = {
	.name = "workqueue",
	.owner = &irqoff_owner,
	.recurses = drain_items_recurse,
	.drain_mask = workqueue_drain_mask,
	.memory = workqueue_memory,
	.init = workqueue_init,
	.fini = workqueue_fini,
};
