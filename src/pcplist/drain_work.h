/* SPDX-License-Identifier: MIT */
/*
 * pcpu_drain: what a worker needs to drain the CPU it is bound to. One a CPU,
 * under the drain mutex.
 */
#ifndef PCPLIST_DRAIN_WORK_H
#define PCPLIST_DRAIN_WORK_H

#include "pcplist/set.h"

struct drain_work {
	struct pcp_set *set;
	const struct zone *zone; /* NULL: all */
	unsigned int pages; /* out */
};

/* drain_local_pages() as a work item's function; @arg: a struct drain_work. */
void drain_work_fn(struct cpu *cpu, void *arg);

/* Before it is queued. */
void drain_work_prepare(struct drain_work *work, const struct pcp_drain *drain);

#endif
