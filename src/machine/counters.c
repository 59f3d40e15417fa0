/* SPDX-License-Identifier: MIT */
/* Which counters a machine has; see counters.h. */
#include "machine/counters.h"

#include <string.h>

#include "vmstat/names.h"

void counters_init(struct counters *counters, enum pcpmm_layout layout)
{
	const struct vmstat_names *names = vmstat_names_of(layout);

	counters->names = names;
	for (int i = 0; i < NR_ZONE_ITEMS; i++)
		counters->zone[i] =
			vmstat_names_have(names->zone, vmstat_zone_names[i]);
	for (int i = 0; i < NR_NODE_ITEMS; i++)
		counters->node[i] =
			vmstat_names_have(names->node, vmstat_node_names[i]);
	for (int i = 0; i < NR_VM_EVENTS; i++)
		counters->of_node[i] = (int16_t)counters_item(
			counters, false, vmstat_event_names[i]);
}

unsigned int counters_zone_items(const struct counters *counters)
{
	return vmstat_names_items(counters->names->zone, vmstat_zone_names,
		NR_ZONE_ITEMS, NR_ZONE_ITEMS_6_1);
}

unsigned int counters_node_items(const struct counters *counters)
{
	return vmstat_names_items(counters->names->node, vmstat_node_names,
		NR_NODE_ITEMS, NR_NODE_ITEMS_6_1);
}

int counters_item(const struct counters *counters, bool zone, const char *name)
{
	int item = zone ? vmstat_find(vmstat_zone_names, NR_ZONE_ITEMS, name)
			: vmstat_find(vmstat_node_names, NR_NODE_ITEMS, name);

	if (item >= 0 && !(zone ? counters->zone : counters->node)[item])
		return -1;
	return item;
}

enum counter_place counters_find(
	const struct counters *counters, const char *name, int *item)
{
	*item = counters_item(counters, true, name);
	if (*item >= 0)
		return COUNTER_OF_ZONES;
	*item = vmstat_find(vmstat_numa_names, NR_NUMA_ITEMS, name);
	if (*item >= 0)
		return COUNTER_OF_NUMA;
	*item = counters_item(counters, false, name);
	if (*item >= 0)
		return COUNTER_OF_NODES;
	*item = vmstat_find(vmstat_event_names, NR_VM_EVENTS, name);
	if (*item >= 0 && vmstat_names_have(counters->names->rest, name))
		return COUNTER_OF_EVENTS;
	return COUNTER_NOWHERE;
}
