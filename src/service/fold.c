/* SPDX-License-Identifier: MIT */
/*
 * What a tick does to counters and lists: fold, let lists decay, then count down
 * remote lists.
 *
 * The kernel does both in refresh_cpu_vm_stats(); here src/vmstat folds,
 * src/pcplist drains, and this file calls both.
 */
#include <errno.h>
#include <pcpmm/vmstat.h>

#include "arch/mutant.h"
#include "machine/numa.h"
#include "machine/refuse.h"
#include "service/fold.h"
#include "cpu/entry.h"

#define EXPIRE_FOLDS 3 /* quiet folds before a remote list is drained */

/* Amounts that a fold of all zones and nodes adds to the machine's sums. */
struct folded {
	int64_t zone[NR_ZONE_ITEMS];
	int64_t node[NR_NODE_ITEMS];
	unsigned int numa; /* a bit for each item that has changed */
};

/* Number of sums that changed. */
static unsigned int add_to_sums(
	struct pcpmm_machine *machine, const struct folded *folded)
{
	unsigned int changes =
		vmstat_fold_sums(&machine->zone_sum, folded->zone) +
		vmstat_fold_sums(&machine->node_sum, folded->node);

	for (int i = 0; i < NR_NUMA_ITEMS; i++)
		changes += folded->numa >> i & 1;
	return changes;
}

/* --- lists of remote nodes --------------------------------------------- */

/*
 * Count one more fold without a change. At the third, one batch goes back to
 * the zone: 1 if so. From 6.6 on counting is a change, too. @on acts: the list's
 * own CPU, or one that folds remotely. For a remote fold the list has a lock
 * (pcp_lock); expire needs none, since remote folds are then its only writers,
 * one at a time.
 */
static unsigned int count_down(struct pcpmm_cpu *on, struct pcp_slot *slot)
{
	struct pcpmm_machine *machine = on->machine;
	unsigned int pages;

	if (--slot->expire)
		return machine->config.fold_expire == PCPMM_EXPIRE_COUNTED;
	/* A FIFO task that displaced a worker inside the list's section would
	 * keep all drainers of the list waiting. */
	preempt_disable(&on->base);
	pages = machine->pcps.owner.drain_own(&on->base, slot,
		(unsigned int)atomic_load_relaxed_s32(&slot->batch));
	preempt_enable(&on->base);
	atomic_add_relaxed_u64(&machine->fold_stats.pages, pages);
	return pages != 0;
}

static unsigned int expire_pageset(struct pcpmm_cpu *cpu, struct zone *zone)
{
	struct pcp_slot *slot = &cpu->slots[zone->id];

	if (!slot->expire || !pcp_count(slot))
		return 0;
	if (zone->nid == cpu->base.nid) {
		slot->expire = 0;
		return 0;
	}
	return count_down(cpu, slot);
}

/* --- lists that have grown: decay_pcp_high(), 6.7 ------------------------ */

/* A batch a hold of the list's lock. 1: high, or the list, became smaller. */
static unsigned int decay_pageset(struct pcpmm_cpu *cpu, struct pcp_slot *slot)
{
	struct pcpmm_machine *machine = cpu->machine;
	const struct pcp_decay decay = pcp_decay(slot);
	const int batch = atomic_load_relaxed_s32(&slot->batch);

	for (int left = decay.pages; left > 0; left -= batch) {
		unsigned int pages;

		preempt_disable(&cpu->base);
		pages = machine->pcps.owner.drain_own(
			&cpu->base, slot, (unsigned int)MIN(left, batch));
		preempt_enable(&cpu->base);
		atomic_add_relaxed_u64(&machine->fold_stats.pages, pages);
	}
	return decay.todo;
}

/* --- folds ------------------------------------------------------------- */

unsigned int fold_own(struct pcpmm_cpu *cpu, bool pagesets)
{
	struct pcpmm_machine *machine = cpu->machine;
	bool own = machine->config.fold == PCPMM_FOLD_LOCAL &&
		   machine->config.fold_expire != PCPMM_EXPIRE_NO;
	struct folded folded = {0};
	unsigned int changes = 0;

	/* First: an update in between sets it again. */
	if (!MUTANT(DIRTY_CLEARED_LAST))
		atomic_store_relaxed_u8(&cpu->base.stat_dirty, 0);
	for (unsigned int i = 0; i < machine->zones.nr; i++) {
		struct zone *zone = machine->zones.zone[i];
		unsigned int numa = numa_move_diffs(cpu, i);

		if ((vmstat_fold(&cpu->base, &zone->stat, folded.zone) ||
			    (numa && !MUTANT(NUMA_DIFFS_KEEP_LISTS))) &&
			own)
			cpu->slots[i].expire = EXPIRE_FOLDS;
		folded.numa |= numa;
		if (!pagesets || cpu->base.in_irq)
			continue;
		changes += decay_pageset(cpu, &cpu->slots[i]);
		if (own)
			changes += expire_pageset(cpu, zone);
	}
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		vmstat_fold(&cpu->base, &machine->nodes[nid].stat, folded.node);
	if (MUTANT(DIRTY_CLEARED_LAST))
		atomic_store_relaxed_u8(&cpu->base.stat_dirty, 0);
	return changes + add_to_sums(machine, &folded);
}

unsigned int fold_remote(struct pcpmm_cpu *on, unsigned int id, bool pagesets)
{
	struct pcpmm_machine *machine = on->machine;
	struct pcpmm_cpu *cpu = &machine->cpus[id];
	struct folded folded = {0};
	unsigned int changes = 0;

	for (unsigned int i = 0; i < machine->zones.nr; i++) {
		struct zone *zone = machine->zones.zone[i];
		struct pcp_slot *slot = &cpu->slots[i];

		if (vmstat_fold_remote(id, &zone->stat, folded.zone))
			slot->expire = EXPIRE_FOLDS;
		folded.numa |= numa_move_diffs(cpu, i);
		if (pagesets && zone->nid != cpu->base.nid && slot->expire &&
			pcp_count(slot))
			changes += count_down(on, slot);
	}
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		vmstat_fold_remote(id, &machine->nodes[nid].stat, folded.node);
	return changes + add_to_sums(machine, &folded);
}

void fold_dead(struct pcpmm_machine *machine, unsigned int id)
{
	struct folded folded = {0};

	for (unsigned int i = 0; i < machine->zones.nr; i++)
		vmstat_fold_remote(
			id, &machine->zones.zone[i]->stat, folded.zone);
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		vmstat_fold_remote(id, &machine->nodes[nid].stat, folded.node);
	add_to_sums(machine, &folded);
	numa_move_dead(machine, &machine->cpus[id]);
}

int pcpmm_vmstat_fold(struct pcpmm_cpu *cpu, int pagesets)
{
	int ret = machine_check_owner(cpu, "folds its counters");

	return ret ? ret : (int)fold_own(cpu, pagesets != 0);
}

int pcpmm_vmstat_window_set(struct pcpmm_machine *machine,
	void (*fn)(struct pcpmm_cpu *cpu, void *arg), void *arg)
{
	if (!machine->config.allow_unsound)
		return -EPERM;
	if (machine->zone_sum.account != PCPMM_ACCOUNT_LOCAL_CMPXCHG ||
		vmstat_marks_dirty(machine))
		return -EINVAL;
	for (unsigned int i = 0; i < machine->zones.nr; i++)
		vmstat_set_window(&machine->zones.zone[i]->stat, fn, arg);
	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
		vmstat_set_window(&machine->nodes[nid].stat, fn, arg);
	return 0;
}
