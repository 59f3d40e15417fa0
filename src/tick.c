/* SPDX-License-Identifier: MIT */
/*
 * What a tick does to counters and lists: fold, then count down remote lists.
 *
 * The kernel does both in refresh_cpu_vm_stats(); here a fold only folds, and
 * this file, which knows both rooms, puts them together (KF C.4).
 */
#include <errno.h>
#include <pcpmm/vmstat.h>

#include "machine.h"

#define EXPIRE_FOLDS 3 /* quiet folds before a remote list is drained */

/* A remote node's list nobody used for a while: one batch back. 1 if so. */
static unsigned int expire_pageset(struct pcpmm_cpu *cpu, struct zone *zone)
{
	struct pcp_slot *slot = &cpu->slots[zone->id];
	unsigned int pages;

	if (!slot->expire || !pcp_count(slot))
		return 0;
	if (zone->nid == cpu->nid) {
		slot->expire = 0;
		return 0;
	}
	if (--slot->expire)
		return 0;
	pages = cpu->machine->drain->drain_own(&cpu->arch, slot,
		(unsigned int)atomic_load_relaxed_s32(&slot->batch));
	atomic_add_relaxed_s64(
		(int64_t *)&cpu->machine->fold_stats.pages, pages);
	return pages != 0;
}

unsigned int tick_fold(struct pcpmm_cpu *cpu, bool pagesets)
{
	struct pcpmm_machine *machine = cpu->machine;
	int64_t zone_sums[NR_ZONE_ITEMS] = {0};
	int64_t node_sums[NR_NODE_ITEMS] = {0};
	bool own = machine->fold == PCPMM_FOLD_LOCAL; /* the countdown */
	unsigned int changes = 0;

	for (unsigned int i = 0; i < machine->nr_zones; i++) {
		struct zone *zone = machine->zones[i];

		if (vmstat_fold(&cpu->arch, &zone->stat, zone_sums) && own)
			cpu->slots[i].expire = EXPIRE_FOLDS;
		if (pagesets && own && !cpu->arch.in_irq)
			changes += expire_pageset(cpu, zone);
	}
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		vmstat_fold(&cpu->arch, &machine->nodes[nid].stat, node_sums);
	return changes + vmstat_fold_sums(&machine->zone_sum, zone_sums) +
	       vmstat_fold_sums(&machine->node_sum, node_sums);
}

/*
 * Another CPU's countdown. expire is the shepherd's alone where folds are
 * remote, so it needs no lock; the list has one (pcp_lock).
 */
static unsigned int expire_remote(
	struct pcpmm_cpu *on, struct pcp_slot *slot, unsigned int nid)
{
	unsigned int pages;

	if (slot->zone->nid == nid || !slot->expire || !pcp_count(slot) ||
		--slot->expire)
		return 0;
	pages = on->machine->drain->drain_own(&on->arch, slot,
		(unsigned int)atomic_load_relaxed_s32(&slot->batch));
	atomic_add_relaxed_s64(
		(int64_t *)&on->machine->fold_stats.pages, pages);
	return pages != 0;
}

unsigned int tick_fold_remote(
	struct pcpmm_cpu *on, unsigned int id, bool pagesets)
{
	struct pcpmm_machine *machine = on->machine;
	struct pcpmm_cpu *cpu = &machine->cpus[id];
	int64_t zone_sums[NR_ZONE_ITEMS] = {0};
	int64_t node_sums[NR_NODE_ITEMS] = {0};
	unsigned int changes = 0;

	for (unsigned int i = 0; i < machine->nr_zones; i++) {
		struct pcp_slot *slot = &cpu->slots[i];

		if (vmstat_fold_remote(id, &machine->zones[i]->stat, zone_sums))
			slot->expire = EXPIRE_FOLDS;
		if (pagesets)
			changes += expire_remote(on, slot, cpu->nid);
	}
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		vmstat_fold_remote(id, &machine->nodes[nid].stat, node_sums);
	return changes + vmstat_fold_sums(&machine->zone_sum, zone_sums) +
	       vmstat_fold_sums(&machine->node_sum, node_sums);
}

/* The dead CPU's NUMA events move to the zone as well. */
static void fold_dead_numa(struct pcpmm_machine *machine, unsigned int id)
{
	for (unsigned int z = 0; z < machine->nr_zones; z++) {
		uint64_t *numa = machine->cpus[id].numa[z];

		for (int i = 0; i < NR_NUMA_ITEMS; i++) {
			atomic_add_relaxed_s64(
				&machine->zones[z]->numa[i], (int64_t)numa[i]);
			atomic_store_relaxed_u64(&numa[i], 0);
		}
	}
}

void tick_fold_dead(struct pcpmm_machine *machine, unsigned int id)
{
	int64_t zone_sums[NR_ZONE_ITEMS] = {0};
	int64_t node_sums[NR_NODE_ITEMS] = {0};

	for (unsigned int i = 0; i < machine->nr_zones; i++)
		vmstat_fold_dead(id, &machine->zones[i]->stat, zone_sums);
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		vmstat_fold_dead(id, &machine->nodes[nid].stat, node_sums);
	vmstat_fold_sums(&machine->zone_sum, zone_sums);
	vmstat_fold_sums(&machine->node_sum, node_sums);
	fold_dead_numa(machine, id);
}

int pcpmm_vmstat_fold(struct pcpmm_cpu *cpu, int pagesets)
{
	if (!arch_cpu_is_mine(&cpu->arch)) {
		machine_refuse(cpu->machine, &cpu->machine->misuse.wrong_thread,
			"CPU %u is folded by a thread that is not on it",
			cpu->arch.id);
		return -EPERM;
	}
	return (int)tick_fold(cpu, pagesets != 0);
}
