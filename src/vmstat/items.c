/* SPDX-License-Identifier: MIT */
/* Names of the counters. */
#include "vmstat/items.h"

#include <string.h>

#define VMSTAT_NAME(item, name) [item] = name,

const char *const vmstat_zone_names[] = {VMSTAT_ZONE_ITEMS(VMSTAT_NAME)};
const char *const vmstat_numa_names[] = {VMSTAT_NUMA_ITEMS(VMSTAT_NAME)};
const char *const vmstat_node_names[] = {VMSTAT_NODE_ITEMS(VMSTAT_NAME)};
const char *const vmstat_event_names[] = {VMSTAT_EVENTS(VMSTAT_NAME)};

int vmstat_find(const char *const *names, int nr, const char *name)
{
	for (int i = 0; i < nr; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}
