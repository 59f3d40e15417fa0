/* SPDX-License-Identifier: MIT */
/* drain_local_pages as a work item, on the CPU itself, in task context. */
#include "pcplist/drain_work.h"

void drain_work_fn(struct cpu *cpu, void *arg)
{
	struct drain_work *work = arg;

	atomic_add_relaxed_u64(
		&work->set->stats.cpus_interrupted, sched_displaces_user(cpu));
	work->pages = pcp_drain_own(work->set, cpu, cpu, work->zone);
}

void drain_work_prepare(struct drain_work *work, const struct pcp_drain *drain)
{
	work->zone = drain->zone;
	atomic_add_relaxed_u64(&work->set->stats.works, 1);
}
