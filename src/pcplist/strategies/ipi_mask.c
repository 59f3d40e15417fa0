/* SPDX-License-Identifier: MIT */
/*
 * ipi_mask: interrupt only CPUs that hold pages. Three forms:
 *
 *   ipi_mask_posted   Gilad Ben-Yossef's posting that Milton Miller reviewed
 *                     (2012): set or clear inside the loop over zones, so that
 *                     the last zone alone decides
 *   ipi_mask          as merged in 3.4 (74046494ea68), up to 4.10: a sum over
 *                     zones, then set or clear; one static mask without a lock
 *   ipi_mask_locked   Miller's: clear all first, then only set, under a lock
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
#include <stdlib.h>

#include "pcplist/ipi.h"
#include "pcplist/owner.h"
#include "pcplist/strategies/strategies.h"

struct ipi_mask {
	struct ipi_drains *drains;
	/* ipi_mask_locked: the mask, from the look to the last answer */
	struct spinlock lock;
};

/* --- three ways to a mask --------------------------------------------- */

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

static void mark_cleared_first(struct pcp_set *set, struct pcp_drain *drain)
{
	cpumask_clear(set->mask, set->smp->nr);
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		if (pcp_cpu_online(set, cpu) &&
			pcp_holds_pages(set, cpu, drain->zone))
			cpumask_set(set->mask, cpu, true);
	use_mask(set, drain);
}

/* Interrupts stay on: the holder may wait for this CPU to take its call. */
static void mask_lock(struct pcp_set *set, struct pcp_drain *drain)
{
	struct ipi_mask *state = set->state;
	unsigned int turns = 0;

	while (!lock_try(NULL, &state->lock, 0))
		sched_help(drain->by, &turns);
}

static void mask_unlock(struct pcp_set *set, struct pcp_drain *drain)
{
	struct ipi_mask *state = set->state;

	(void)drain;
	lock_release(NULL, &state->lock, 0);
}

/* --- the drain -------------------------------------------------------- */

static void ipi_mask_drain_mask(struct pcp_set *set, struct pcp_drain *drain)
{
	struct ipi_mask *state = set->state;

	ipi_drain_mask(state->drains, drain);
}

static int ipi_mask_init(struct pcp_set *set)
{
	struct ipi_mask *state = calloc(1, sizeof(*state));

	set->state = state;
	if (state)
		state->drains = ipi_drains_create(set);
	return state && state->drains ? 0 : -ENOMEM;
}

static void ipi_mask_fini(struct pcp_set *set)
{
	struct ipi_mask *state = set->state;

	if (state)
		ipi_drains_destroy(state->drains);
	free(state);
}

const struct pcp_drain_ops ipi_mask_posted_ops = {
	.name = "ipi_mask_posted",
	.owner = &irqoff_owner,
	.drain_mask = ipi_mask_drain_mask,
	.no_mutex = true,
	.mark = mark_posted,
	.init = ipi_mask_init,
	.fini = ipi_mask_fini,
};

const struct pcp_drain_ops ipi_mask_ops = {
	.name = "ipi_mask",
	.owner = &irqoff_owner,
	.drain_mask = ipi_mask_drain_mask,
	.no_mutex = true,
	.mark = mark_merged,
	.init = ipi_mask_init,
	.fini = ipi_mask_fini,
};

const struct pcp_drain_ops ipi_mask_locked_ops = {
	.name = "ipi_mask_locked",
	.owner = &irqoff_owner,
	.drain_mask = ipi_mask_drain_mask,
	.no_mutex = true,
	.lock = mask_lock,
	.unlock = mask_unlock,
	.mark = mark_cleared_first,
	.init = ipi_mask_init,
	.fini = ipi_mask_fini,
};
