/* SPDX-License-Identifier: MIT */
/*
 * A drain by work items of mm_percpu_wq, one a CPU: as workqueue does it, and
 * percpu_spinlock_2021 while its key is off.
 */
#ifndef PCPLIST_DRAIN_ITEMS_H
#define PCPLIST_DRAIN_ITEMS_H

#include "pcplist/set.h"

struct drain_item;

/* An item for each CPU; the pools are started. 0, -ENOMEM, -EAGAIN. */
int drain_items_create(struct pcp_set *set, struct drain_item **items);
/* NULL: nothing to do. */
void drain_items_destroy(struct drain_item *items);
/* An item on each CPU in the drain's mask, then a flush of each. */
void drain_items_run(
	struct pcp_set *set, struct drain_item *items, struct pcp_drain *drain);

/*
 * This thread runs an item of mm_percpu_wq: it would wait for the queue that it
 * holds up.
 */
bool drain_items_recurse(const struct pcp_set *set);
/* Bytes a CPU. The workers are those of the CPU's pool. */
size_t drain_items_memory(void);

#endif
