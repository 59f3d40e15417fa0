/* SPDX-License-Identifier: MIT */
/*
 * ipi_mask: interrupt only CPUs that hold pages. Three forms:
 *
 *   ipi_mask_posted   Gilad Ben-Yossef's posting that Milton Miller reviewed
 *                     (2012): set or clear inside the loop over zones, so that
 *                     the last zone alone decides
 *   ipi_mask          as merged in 3.4 (74046494ea68), used to 4.10: a sum over
 *                     zones, then set or clear; one static mask without a lock
 *   ipi_mask_locked   Miller's: clear all first and only set, under a lock
 *
 * Cost to the owner: interrupts off and on (irqoff.c). Who is interrupted: CPUs
 * seen to hold pages. Progress: as ipi_all. The mask is static since memory can
 * not be had in reclaim; without a lock, a second caller rewrites it while the
 * first has not yet read it, which then misses CPUs and comes back early. What
 * was missed stays listed: nothing is lost, a retry fails that need not have.
 * force (which came with 5.11) visits every CPU, so that pcp_disable keeps its
 * promise here as well.
 */
#include <errno.h>
#include <stdlib.h>

#include "pcplist/ipi.h"
#include "pcplist/irqoff.h"
#include "pcplist/strategies/strategies.h"

struct ipi_mask {
	struct ipi_drains *drains;
	struct spinlock
		lock; /* ipi_mask_locked: the mask, to the last answer */
};

static void count_cpu(
	const struct pcp_set *set, struct pcp_drain *drain, unsigned int cpu)
{
	drain->online++;
	drain->with_pages += pcp_holds_pages(set, cpu, drain->zone);
}

/* --- three ways to a mask --------------------------------------------- */

static void mark_posted(struct pcp_set *set, struct pcp_drain *drain)
{
	for (unsigned int cpu = 0; cpu < set->nr_cpus; cpu++) {
		const struct pcp_slot *slots = set->slots[cpu];

		if (!pcp_cpu_online(set, cpu))
			continue;
		count_cpu(set, drain, cpu);
		for (unsigned int i = 0; i < set->nr_zones; i++)
			if (!drain->zone || drain->zone == slots[i].zone)
				cpumask_set(
					set->mask, cpu, pcp_count(&slots[i]));
	}
}

static void mark_merged(struct pcp_set *set, struct pcp_drain *drain)
{
	for (unsigned int cpu = 0; cpu < set->nr_cpus; cpu++) {
		if (!pcp_cpu_online(set, cpu))
			continue;
		count_cpu(set, drain, cpu);
		cpumask_set(
			set->mask, cpu, pcp_holds_pages(set, cpu, drain->zone));
	}
}

static void mark_cleared_first(struct pcp_set *set, struct pcp_drain *drain)
{
	cpumask_clear(set->mask, set->nr_cpus);
	for (unsigned int cpu = 0; cpu < set->nr_cpus; cpu++) {
		if (!pcp_cpu_online(set, cpu))
			continue;
		count_cpu(set, drain, cpu);
		if (pcp_holds_pages(set, cpu, drain->zone))
			cpumask_set(set->mask, cpu, true);
	}
}

/* --- and to the CPUs in it -------------------------------------------- */

static int run(struct pcp_set *set, struct pcp_drain *drain,
	void (*mark)(struct pcp_set *set, struct pcp_drain *drain))
{
	struct ipi_mask *state = set->state;

	pcp_drain_begin(drain);
	if (drain->only < 0) {
		mark(set, drain);
		ipi_drain_mask(state->drains, drain,
			drain->force ? set->online : set->mask);
	} else {
		ipi_drain_cpu(state->drains, drain, (unsigned int)drain->only);
	}
	pcp_drain_end(set, drain);
	return 0;
}

static int posted_drain_all(struct pcp_set *set, struct pcp_drain *drain)
{
	return run(set, drain, mark_posted);
}

static int merged_drain_all(struct pcp_set *set, struct pcp_drain *drain)
{
	return run(set, drain, mark_merged);
}

/* Interrupts stay on: the holder may be waiting for an answer from here. */
static int locked_drain_all(struct pcp_set *set, struct pcp_drain *drain)
{
	struct ipi_mask *state = set->state;
	unsigned int turns = 0;

	while (!lock_try(NULL, &state->lock, 0))
		sched_help(drain->by, &turns);
	run(set, drain, mark_cleared_first);
	lock_release(NULL, &state->lock, 0);
	return 0;
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
	IRQOFF_OWNER_OPS,
	.drain_all = posted_drain_all,
	.init = ipi_mask_init,
	.fini = ipi_mask_fini,
};

const struct pcp_drain_ops ipi_mask_ops = {
	.name = "ipi_mask",
	IRQOFF_OWNER_OPS,
	.drain_all = merged_drain_all,
	.init = ipi_mask_init,
	.fini = ipi_mask_fini,
};

const struct pcp_drain_ops ipi_mask_locked_ops = {
	.name = "ipi_mask_locked",
	IRQOFF_OWNER_OPS,
	.drain_all = locked_drain_all,
	.init = ipi_mask_init,
	.fini = ipi_mask_fini,
};
