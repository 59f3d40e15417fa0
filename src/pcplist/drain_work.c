/* SPDX-License-Identifier: MIT */
/* drain_local_pages as a work item. */
#include "pcplist/drain_work.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

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

int drain_works_create(struct pcp_set *set, struct drain_work **at)
{
	unsigned int nr = set->smp->nr;
	struct drain_work *works = calloc(nr, sizeof(works[0]));

	*at = works;
	for (unsigned int cpu = 0; works && cpu < nr; cpu++) {
		char name[24];

		snprintf(name, sizeof(name), "kworker/%u", cpu);
		drain_work_init(&works[cpu], set);
		works[cpu].worker = worker_create(
			set->smp->cpu[cpu], TASK_KWORKER, 0, name);
		if (!works[cpu].worker)
			return -errno;
	}
	return works ? 0 : -ENOMEM;
}

void drain_works_destroy(struct drain_work *works, unsigned int nr)
{
	for (unsigned int cpu = 0; works && cpu < nr; cpu++)
		worker_destroy(works[cpu].worker);
	free(works);
}

void drain_works_run(struct drain_work *works, struct pcp_drain *drain)
{
	unsigned int nr = works[0].set->smp->nr;

	for (unsigned int cpu = 0; cpu < nr; cpu++)
		if (cpumask_test(drain->mask, cpu))
			drain_work_queue(&works[cpu], drain);
	for (unsigned int cpu = 0; cpu < nr; cpu++)
		if (cpumask_test(drain->mask, cpu))
			drain_work_flush(&works[cpu], drain);
}
