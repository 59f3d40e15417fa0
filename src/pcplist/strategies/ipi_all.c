/* SPDX-License-Identifier: MIT */
/*
 * ipi_all: interrupt every CPU and wait for all of them.
 *
 * Origin: drain_all_pages() of every kernel to 3.3, on_each_cpu(). The zone
 * argument is of 3.19; before, it always drained all zones.
 *
 * Cost to the owner: interrupts off and on (irqoff.c). Who is interrupted:
 * every online CPU, whether it holds a page or not. Progress: as soon as each
 * CPU has interrupts on, so a task that never calls in, FIFO or isolated, is
 * drained and disturbed. Nothing serialises two drains, and force means
 * nothing: everybody is visited anyway.
 */
#include <errno.h>

#include "pcplist/ipi.h"
#include "pcplist/irqoff.h"
#include "pcplist/strategies/strategies.h"

/* The look is for the counters of 2012 only. */
static void look_at_cpus(const struct pcp_set *set, struct pcp_drain *drain)
{
	for (unsigned int cpu = 0; cpu < set->nr_cpus; cpu++)
		if (pcp_cpu_online(set, cpu)) {
			drain->online++;
			drain->with_pages +=
				pcp_holds_pages(set, cpu, drain->zone);
		}
}

static int ipi_all_drain_all(struct pcp_set *set, struct pcp_drain *drain)
{
	pcp_drain_begin(drain);
	if (drain->only < 0) {
		look_at_cpus(set, drain);
		ipi_drain_mask(set->state, drain, set->online);
	} else {
		ipi_drain_cpu(set->state, drain, (unsigned int)drain->only);
	}
	pcp_drain_end(set, drain);
	return 0;
}

static int ipi_all_init(struct pcp_set *set)
{
	set->state = ipi_drains_create(set);
	return set->state ? 0 : -ENOMEM;
}

static void ipi_all_fini(struct pcp_set *set)
{
	ipi_drains_destroy(set->state);
}

const struct pcp_drain_ops ipi_all_ops = {
	.name = "ipi_all",
	IRQOFF_OWNER_OPS,
	.drain_all = ipi_all_drain_all,
	.init = ipi_all_init,
	.fini = ipi_all_fini,
};
