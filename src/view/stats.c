/* SPDX-License-Identifier: MIT */
/* Counters by name, and one CPU's lists. */
#include <errno.h>
#include <pcpmm/vmstat.h>
#include <string.h>

#include "machine/counters.h"
#include "machine/numa.h"
#include "machine/refuse.h"
#include "view/counts.h"

const char *const drain_event_names[] = {
	"pcp_global_drain", "pcp_global_ipi_saved", NULL};

int drain_event_read(
	const struct pcpmm_machine *machine, const char *name, uint64_t *value)
{
	const struct pcpmm_drain_stats *stats = &machine->pcps.stats;
	const uint64_t *const values[] = {
		&stats->pcp_global_drain, &stats->pcp_global_ipi_saved};

	if (!machine->pcps.ops->ipi_mask_2012)
		return -ENOENT;
	for (int i = 0; drain_event_names[i]; i++)
		if (!strcmp(drain_event_names[i], name)) {
			*value = atomic_load_relaxed_u64(values[i]);
			return 0;
		}
	return -ENOENT;
}

int pcpmm_vmstat_read(
	struct pcpmm_machine *machine, const char *name, uint64_t *value)
{
	int item;

	switch (counters_find(&machine->counters, name, &item)) {
	case COUNTER_OF_ZONES:
		*value = vmstat_read(&machine->zone_sum, item);
		return 0;
	case COUNTER_OF_NUMA:
		*value = numa_read_all(machine, item);
		return 0;
	case COUNTER_OF_NODES:
		*value = vmstat_read(&machine->node_sum, item);
		return 0;
	case COUNTER_OF_EVENTS:
		*value = events_read(machine, item);
		return 0;
	case COUNTER_NOWHERE:
		break;
	}
	return drain_event_read(machine, name, value);
}

int pcpmm_stat_item(int zone_type, const char *name)
{
	int item =
		zone_type < 0
			? vmstat_find(vmstat_node_names, NR_NODE_ITEMS, name)
			: vmstat_find(vmstat_zone_names, NR_ZONE_ITEMS, name);

	return item < 0 ? -ENOENT : item;
}

/* The zone's or, with @zone_type < 0, the node's counters, or NULL. */
static struct vmstat *stat_of(
	struct pcpmm_machine *machine, unsigned int nid, int zone_type)
{
	struct zone *zone;

	if (nid >= machine->nr_nodes)
		return NULL;
	if (zone_type < 0)
		return &machine->nodes[nid].stat;
	zone = machine_populated_zone(machine, nid, (unsigned int)zone_type);
	return zone ? &zone->stat : NULL;
}

/* Find the counters, and return the item's number, -ENOENT or -EINVAL. */
static int find_stat(struct pcpmm_machine *machine, unsigned int nid,
	int zone_type, const char *name, struct vmstat **stat)
{
	int item;

	*stat = stat_of(machine, nid, zone_type);
	if (!*stat)
		return -EINVAL;
	item = counters_item(&machine->counters, zone_type >= 0, name);
	return item < 0 ? -ENOENT : item;
}

int pcpmm_zone_stat_read(struct pcpmm_machine *machine, unsigned int nid,
	int zone_type, const char *name, uint64_t *value)
{
	struct vmstat *stat;
	int item = find_stat(machine, nid, zone_type, name, &stat);

	if (item == -ENOENT && zone_type >= 0) {
		item = vmstat_find(vmstat_numa_names, NR_NUMA_ITEMS, name);
		if (item < 0)
			return -ENOENT;
		*value = numa_read(machine,
			machine_zone(machine, nid, (unsigned int)zone_type),
			item);
		return 0;
	}
	if (item < 0)
		return item;
	*value = vmstat_read(stat, item);
	return 0;
}

int pcpmm_zone_stat_snapshot(struct pcpmm_machine *machine, unsigned int nid,
	int zone_type, const char *name, uint64_t *value)
{
	struct vmstat *stat;
	int item = find_stat(machine, nid, zone_type, name, &stat);

	if (item < 0)
		return item;
	*value = vmstat_snapshot(stat, item);
	return 0;
}

static bool is_between(int item, int first, int last)
{
	return item >= first && item <= last;
}

/* Counters that the library keeps itself, and pcpmm_validate() checks. */
static bool is_own(bool zone, int item)
{
	if (zone)
		return item == NR_FREE_PAGES || item == NR_FREE_CMA_PAGES ||
		       is_between(item, NR_ZONE_INACTIVE_ANON,
			       NR_ZONE_ACTIVE_FILE);
	return is_between(item, NR_INACTIVE_ANON, NR_ACTIVE_FILE) ||
	       is_between(item, NR_ISOLATED_ANON, NR_ISOLATED_FILE);
}

/* 0: @item of @stat is the program's to change, on this thread. */
static int check_mod(struct pcpmm_cpu *cpu, const struct vmstat *stat,
	int zone_type, int item)
{
	const struct counters *counters = &cpu->machine->counters;
	int ret = machine_check_owner(cpu, "counts");

	if (unlikely(ret))
		return ret;
	if (unlikely(!stat || (unsigned int)item >= stat->nr_items ||
		     is_own(zone_type >= 0, item)))
		return -EINVAL;
	if (unlikely(!(zone_type < 0 ? counters->node : counters->zone)[item]))
		return -EINVAL;
	return 0;
}

int pcpmm_stat_mod_item(struct pcpmm_cpu *cpu, unsigned int nid, int zone_type,
	int item, long delta)
{
	struct vmstat *stat = stat_of(cpu->machine, nid, zone_type);
	int ret = check_mod(cpu, stat, zone_type, item);

	if (unlikely(ret))
		return ret;
	if (unlikely(delta > INT32_MAX || delta < INT32_MIN))
		return -EINVAL;
	vmstat_mod(&cpu->base, stat, item, delta);
	return 0;
}

int pcpmm_stat_inc_item(
	struct pcpmm_cpu *cpu, unsigned int nid, int zone_type, int item)
{
	struct vmstat *stat = stat_of(cpu->machine, nid, zone_type);
	int ret = check_mod(cpu, stat, zone_type, item);

	if (likely(!ret))
		vmstat_inc(&cpu->base, stat, item);
	return ret;
}

int pcpmm_stat_dec_item(
	struct pcpmm_cpu *cpu, unsigned int nid, int zone_type, int item)
{
	struct vmstat *stat = stat_of(cpu->machine, nid, zone_type);
	int ret = check_mod(cpu, stat, zone_type, item);

	if (likely(!ret))
		vmstat_dec(&cpu->base, stat, item);
	return ret;
}

int pcpmm_stat_mod(struct pcpmm_cpu *cpu, unsigned int nid, int zone_type,
	const char *name, long delta)
{
	struct vmstat *stat;
	int item = find_stat(cpu->machine, nid, zone_type, name, &stat);
	int ret = machine_check_owner(cpu, "counts");

	if (ret)
		return ret;
	if (item < 0)
		return item;
	return pcpmm_stat_mod_item(cpu, nid, zone_type, item, delta);
}

static unsigned int list_length(const struct pcp_set *set,
	const struct pcp_slot *slot, unsigned int list)
{
	const struct pcp_lists *pcp = pcp_lists_of(slot);

	if (set->ops->lists)
		return set->ops->lists->length(slot, list);
	return pcp_stack_length(pcp->pool, &pcp->lists[list]);
}

/*
 * Walks the lists, so only the CPU's thread calls it, or any at rest. What the rules
 * remember is racy where other CPUs free to the list: it is for reports.
 */
int pcpmm_pcp_read(const struct pcpmm_cpu *cpu, unsigned int nid,
	unsigned int zone_type, struct pcpmm_pcp_info *info)
{
	const struct zone *zone =
		machine_populated_zone(cpu->machine, nid, zone_type);
	const struct pcp_slot *slot;
	struct pcpmm_pcp_state state;

	if (!zone)
		return -EINVAL;
	slot = &cpu->slots[zone->id];
	state = pcp_state_of(slot);
	*info = (struct pcpmm_pcp_info){
		.count = pcp_count(slot),
		.high = atomic_load_relaxed_s32(&slot->high),
		.batch = atomic_load_relaxed_s32(&slot->batch),
		.free_factor = state.free_factor,
		.high_min = state.high_min,
		.high_max = state.high_max,
		.free_count = state.free_count,
		.alloc_factor = state.alloc_factor,
		.flags = state.flags,
		.stat_threshold = vmstat_threshold(&zone->stat, cpu->base.id),
	};
	for (unsigned int i = 0; i < NR_PCP_LISTS; i++)
		info->blocks[i] =
			(uint16_t)list_length(&cpu->machine->pcps, slot, i);
	return 0;
}
