/* SPDX-License-Identifier: MIT */
/*
 * pcpu_drain: the work item by which a worker drains the CPU it is bound to.
 * One a CPU, under the drain mutex.
 */
#ifndef PCPLIST_DRAIN_WORK_H
#define PCPLIST_DRAIN_WORK_H

#include "cpu/worker.h"
#include "pcplist/set.h"

struct drain_work {
	struct work work;
	struct worker *worker; /* NULL: none */
	struct pcp_set *set;
	const struct zone *zone; /* NULL: all */
	unsigned int pages; /* out */
};

void drain_work_init(struct drain_work *work, struct pcp_set *set);
void drain_work_queue(struct drain_work *work, const struct pcp_drain *drain);
/* Wait, asleep, for a work item that was queued. */
void drain_work_flush(struct drain_work *work, struct pcp_drain *drain);

/*
 * An item and a kworker of normal priority for each CPU. 0 or -errno; *works may be
 * set in either case, for drain_works_destroy().
 */
int drain_works_create(struct pcp_set *set, struct drain_work **works);
/* NULL: nothing to do. */
void drain_works_destroy(struct drain_work *works, unsigned int nr);
/* An item on each CPU in the drain's mask, then a flush of each. */
void drain_works_run(struct drain_work *works, struct pcp_drain *drain);

#endif
