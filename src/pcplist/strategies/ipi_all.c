/* SPDX-License-Identifier: MIT */
/*
 * ipi_all: interrupt every CPU and wait for all of them.
 *
 * Origin: drain_all_pages() of every kernel to 3.3, on_each_cpu(). The zone
 * argument is of 3.19; before, it always drained all zones.
 *
 * Owner pays: interrupts off and on (guard_irqoff.h).
 * Interrupted: every online CPU, whether it holds a page or not.
 * Progress: as soon as each CPU has interrupts on. So a CPU whose task never
 * calls the allocator, FIFO or isolated, is drained, and its task is disturbed.
 * Nothing serialises two drains. force has no effect: every CPU is visited
 * anyway.
 */
#include <errno.h>

#include "pcplist/ipi.h"
#include "pcplist/owner.h"
#include "pcplist/strategies/strategies.h"

/* No look: by the counters of 2012 it never saves an interrupt. */
static void ipi_all_mark(struct pcp_set *set, struct pcp_drain *drain)
{
	drain->mask = set->smp->online;
}

static void ipi_all_drain_mask(struct pcp_set *set, struct pcp_drain *drain)
{
	ipi_drain_mask(set->state, drain);
}

static int ipi_all_init(struct pcp_set *set)
{
	set->state = ipi_drains_create(set, NULL);
	return set->state ? 0 : -ENOMEM;
}

static void ipi_all_fini(struct pcp_set *set)
{
	ipi_drains_destroy(set->state);
}

/* The kernel's calls are those that all its function calls share. */
static void ipi_all_memory(
	const struct pcp_set *set, struct pcpmm_drain_memory *memory)
{
	(void)set;
	memory->here.pair = ipi_drains_pair();
	memory->here.machine = ipi_drains_once();
}

const struct pcp_drain_ops ipi_all_ops = {
	.name = "ipi_all",
	.owner = &irqoff_owner,
	.drain_mask = ipi_all_drain_mask,
	.memory = ipi_all_memory,
	.no_mutex = true,
	.mark = ipi_all_mark,
	.init = ipi_all_init,
	.fini = ipi_all_fini,
};
