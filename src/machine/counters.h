/* SPDX-License-Identifier: MIT */
/* Which counters a machine has, by its axis layout. */
#ifndef MACHINE_COUNTERS_H
#define MACHINE_COUNTERS_H

#include "machine/machine.h"

void counters_init(struct counters *counters, enum pcpmm_layout layout);

/* Room that the kernel's counters need; at least that of 6.1's. */
unsigned int counters_zone_items(const struct counters *counters);
unsigned int counters_node_items(const struct counters *counters);

/* Where a name of /proc/vmstat is counted. */
enum counter_place {
	COUNTER_OF_ZONES,
	COUNTER_OF_NUMA,
	COUNTER_OF_NODES,
	COUNTER_OF_EVENTS,
	COUNTER_NOWHERE, /* the kernel has no such name, or nobody counts it */
};

/* @item: its number there. */
enum counter_place counters_find(
	const struct counters *counters, const char *name, int *item);

/* The number of a zone's (@zone) or a node's item that the kernel has; or -1. */
int counters_item(const struct counters *counters, bool zone, const char *name);

#endif
