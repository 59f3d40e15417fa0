/* SPDX-License-Identifier: MIT */
/* Drains by work items; see drain_items.h. */
#include "pcplist/drain_items.h"

#include <errno.h>
#include <stdlib.h>

#include "cpu/workqueue.h"
#include "pcplist/drain_work.h"

struct drain_item {
	struct work work;
	struct drain_work drain;
};

int drain_items_create(struct pcp_set *set, struct drain_item **at)
{
	struct drain_item *items = calloc(set->smp->nr, sizeof(items[0]));

	*at = items;
	if (!items)
		return -ENOMEM;
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++) {
		items[cpu].drain.set = set;
		work_init(&items[cpu].work, &set->workqueues->mm_percpu, cpu,
			drain_work_fn, &items[cpu].drain);
	}
	return workqueues_start(set->workqueues);
}

void drain_items_destroy(struct drain_item *items)
{
	free(items);
}

void drain_items_run(
	struct pcp_set *set, struct drain_item *items, struct pcp_drain *drain)
{
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		if (cpumask_test(drain->mask, cpu)) {
			drain_work_prepare(&items[cpu].drain, drain);
			work_queue(&items[cpu].work);
		}
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		if (cpumask_test(drain->mask, cpu)) {
			work_flush(&items[cpu].work);
			drain->pages += items[cpu].drain.pages;
		}
}

bool drain_items_recurse(const struct pcp_set *set)
{
	return workqueue_of_current(set->workqueues) ==
	       &set->workqueues->mm_percpu;
}

size_t drain_items_memory(void)
{
	return sizeof(struct drain_item);
}
