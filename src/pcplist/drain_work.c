/* SPDX-License-Identifier: MIT */
/* drain_local_pages as a work item. */
#include "pcplist/drain_work.h"

/* On the CPU itself, in task context. */
static void drain_local_pages(struct cpu *cpu, void *arg)
{
	struct drain_work *work = arg;

	atomic_add_relaxed_u64(
		&work->set->stats.cpus_interrupted, sched_displaces_user(cpu));
	work->pages = pcp_drain_own(work->set, cpu, cpu, work->zone);
}

void drain_work_init(struct drain_work *work, struct pcp_set *set)
{
	*work = (struct drain_work){
		.work.call = {.fn = drain_local_pages, .arg = work},
		.set = set,
	};
}

void drain_work_queue(struct drain_work *work, const struct pcp_drain *drain)
{
	work->zone = drain->zone;
	atomic_add_relaxed_u64(&work->set->stats.works, 1);
	worker_queue(work->worker, &work->work);
}

void drain_work_flush(struct drain_work *work, struct pcp_drain *drain)
{
	work_flush(&work->work);
	drain->pages += work->pages;
}
