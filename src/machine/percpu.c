/* SPDX-License-Identifier: MIT */
/*
 * What each CPU has of a machine: lists of every zone, NUMA events, and a diff
 * of every counter; and the values that the diffs are folded into.
 */
#include "machine/machine.h"

#include <errno.h>
#include <stdlib.h>

#include "arch/memory.h"
#include "vmstat/diff.h"

/* A CPU's lists, then its NUMA events; lines of its own. */
int percpu_setup_lists(struct pcpmm_machine *machine)
{
	size_t slots = machine->nr_zones * sizeof(struct pcp_slot);
	size_t per_cpu =
		slots + round_up_pow2(machine->nr_zones *
					      sizeof(machine->cpus[0].numa[0]),
				CACHE_LINE);
	char *at;

	machine->percpu_size =
		machine->nr_cpus * (per_cpu + sizeof(struct pcpmm_cpu));
	machine->percpu = memory_alloc_aligned(machine->nr_cpus * per_cpu);
	machine->slots = calloc(machine->nr_cpus, sizeof(machine->slots[0]));
	if (!machine->percpu || !machine->slots)
		return -ENOMEM;
	at = machine->percpu;
	for (unsigned int i = 0; i < machine->nr_cpus; i++) {
		struct pcpmm_cpu *cpu = &machine->cpus[i];

		cpu->slots = machine->slots[i] = (struct pcp_slot *)at;
		cpu->numa = (uint64_t(*)[NR_NUMA_ITEMS])(at + slots);
		for (unsigned int z = 0; z < machine->nr_zones; z++)
			pcp_slot_init(
				&cpu->slots[z], machine->zones[z], &cpu->base);
		at += per_cpu;
	}
	return 0;
}

static void stat_init(struct vmstat *stat, struct pcpmm_machine *machine,
	struct vmstat *parent, unsigned int nr_items,
	const struct pcpmm_config *config)
{
	*stat = (struct vmstat){
		.online = machine->online,
		.nr_cpus = machine->nr_cpus,
		.parent = parent,
		.nr_items = (uint16_t)nr_items,
		.account = (uint8_t)config->account,
		.width = config->diff == PCPMM_DIFF_S8 ? WIDTH_S8 : WIDTH_S32,
	};
}

/* Shared values, each stat on lines of its own. */
static int stat_alloc_values(struct vmstat *stat)
{
	stat->value =
		memory_alloc_aligned(stat->nr_items * sizeof(stat->value[0]));
	return stat->value ? 0 : -ENOMEM;
}

/* A CPU's diffs of all stats lie together and apart from other CPUs'. */
static int stat_alloc_diffs(struct pcpmm_machine *machine,
	struct vmstat **stats, unsigned int nr_stats)
{
	size_t per_cpu = 0;
	char *at;

	for (unsigned int i = 0; i < nr_stats; i++)
		per_cpu +=
			vmstat_diffs_size(stats[i]->nr_items, stats[i]->width);
	per_cpu = round_up_pow2(per_cpu, CACHE_LINE);
	machine->stats = memory_alloc_aligned(machine->nr_cpus * per_cpu);
	if (!machine->stats)
		return -ENOMEM;
	machine->percpu_size += machine->nr_cpus * per_cpu;
	at = machine->stats;
	for (unsigned int i = 0; i < nr_stats; i++) {
		struct vmstat *stat = stats[i];

		stat->diffs = calloc(machine->nr_cpus, sizeof(stat->diffs[0]));
		if (!stat->diffs)
			return -ENOMEM;
		for (unsigned int c = 0; c < machine->nr_cpus; c++)
			stat->diffs[c] = at + c * per_cpu;
		at += vmstat_diffs_size(stat->nr_items, stat->width);
	}
	return 0;
}

int percpu_setup_stats(
	struct pcpmm_machine *machine, const struct pcpmm_config *config)
{
	struct vmstat *stats[ZONES_MAX + PCPMM_NODES_MAX];
	unsigned int nr = 0;
	int ret;

	stat_init(&machine->zone_sum, machine, NULL, NR_ZONE_ITEMS, config);
	stat_init(&machine->node_sum, machine, NULL, NR_NODE_ITEMS, config);
	for (unsigned int i = 0; i < machine->nr_zones; i++) {
		stats[nr] = &machine->zones[i]->stat;
		stat_init(stats[nr++], machine, &machine->zone_sum,
			NR_ZONE_ITEMS, config);
	}
	for (unsigned int i = 0; i < machine->nr_nodes; i++) {
		stats[nr] = &machine->nodes[i].stat;
		stat_init(stats[nr++], machine, &machine->node_sum,
			NR_NODE_ITEMS, config);
	}
	ret = stat_alloc_values(&machine->zone_sum);
	if (!ret)
		ret = stat_alloc_values(&machine->node_sum);
	for (unsigned int i = 0; !ret && i < nr; i++)
		ret = stat_alloc_values(stats[i]);
	return ret ? ret : stat_alloc_diffs(machine, stats, nr);
}
