/* SPDX-License-Identifier: MIT */
/*
 * ipi_mask: interrupt only CPUs that hold pages. Three forms, two of them here:
 *
 *   ipi_mask_posted   Gilad Ben-Yossef's posting that Milton Miller reviewed
 *                     (2012): set or clear inside the loop over zones, so that
 *                     the last zone alone decides
 *   ipi_mask          as merged in 3.4 (74046494ea68), up to 4.10: a sum over
 *                     zones, then set or clear; one static mask without a lock
 *   ipi_mask_locked   Miller's: clear all first, then only set, under a lock
 *                     (ipi_mask_locked.c)
 *
 * Owner pays: interrupts off and on (guard_irqoff.h).
 * Interrupted: CPUs that were seen to hold pages.
 * Progress: as ipi_all. The mask is static because reclaim can not allocate
 * one. Without a lock, a second drainer rewrites the mask before the first has
 * read it. The first then misses CPUs and returns early. Their pages stay
 * listed, so none is lost, but the retry after the drain may fail without them.
 * force (which came with 5.11) visits every CPU, so that pcp_disable works with
 * these strategies, too.
 */
#include <errno.h>

#include "pcplist/ipi.h"
#include "pcplist/owner.h"
#include "pcplist/strategies/strategies.h"

/* --- two ways to a mask --------------------------------------------- */

/* The CPUs to visit: those marked, or all online ones if forced. */
static void use_mask(const struct pcp_set *set, struct pcp_drain *drain)
{
	drain->mask = drain->force ? set->smp->online : set->mask;
}

static void mark_posted(struct pcp_set *set, struct pcp_drain *drain)
{
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++) {
		const struct pcp_slot *slots = set->slots[cpu];

		if (!pcp_cpu_online(set, cpu))
			continue;
		for (unsigned int i = 0; i < set->nr_zones; i++)
			if (!drain->zone || drain->zone == slots[i].zone)
				cpumask_set(
					set->mask, cpu, pcp_count(&slots[i]));
	}
	use_mask(set, drain);
}

static void mark_merged(struct pcp_set *set, struct pcp_drain *drain)
{
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		if (pcp_cpu_online(set, cpu))
			cpumask_set(set->mask, cpu,
				pcp_holds_pages(set, cpu, drain->zone));
	use_mask(set, drain);
}

/* --- the drain -------------------------------------------------------- */

static void ipi_mask_drain_mask(struct pcp_set *set, struct pcp_drain *drain)
{
	ipi_drain_mask(set->state, drain);
}

static int ipi_mask_init(struct pcp_set *set)
{
	set->state = ipi_drains_create(set, NULL);
	return set->state ? 0 : -ENOMEM;
}

static void ipi_mask_fini(struct pcp_set *set)
{
	ipi_drains_destroy(set->state);
}

static void ipi_mask_memory(
	const struct pcp_set *set, struct pcpmm_drain_memory *memory)
{
	memory->here.pair = ipi_drains_pair();
	memory->here.machine = ipi_drains_once() + pcp_mask_size(set);
	memory->kernel.machine = KERNEL_CPUMASK;
}

const struct pcp_drain_ops ipi_mask_posted_ops = {
	.name = "ipi_mask_posted",
	.owner = &irqoff_owner,
	.drain_mask = ipi_mask_drain_mask,
	.memory = ipi_mask_memory,
	.no_mutex = true,
	.ipi_mask_2012 = true,
	.mark = mark_posted,
	.init = ipi_mask_init,
	.fini = ipi_mask_fini,
};

const struct pcp_drain_ops ipi_mask_ops = {
	.name = "ipi_mask",
	.owner = &irqoff_owner,
	.drain_mask = ipi_mask_drain_mask,
	.memory = ipi_mask_memory,
	.no_mutex = true,
	.ipi_mask_2012 = true,
	.mark = mark_merged,
	.init = ipi_mask_init,
	.fini = ipi_mask_fini,
};
