/* SPDX-License-Identifier: MIT */
/*
 * pcp_spinlock_2021: a lock in each list, which drainers take, and for which owners
 * wait with interrupts off.
 *
 * Origin: Nicolas Saenz Julienne, "mm/page_alloc: Remote per-cpu page list drain
 * support", v2 of 3 Nov 2021: a spin lock inside each per_cpu_pages, for every
 * machine. Not merged: Mel Gorman measured 1 to 25 % more system time of page faults
 * (3 Dec 2021). His own series of 2022 has the same lock, tried instead of waited for
 * (pcp_lock.c).
 *
 * Owner pays: interrupts off and on, an uncontended lock and its release
 * (guard_pcp_spin.h).
 * Interrupted: no CPU; an owner that meets a drainer waits until the list is empty.
 * Progress: a drainer waits for at most one section of the owner for each list. The
 * whole list is freed in one hold.
 */
#include "arch/mutant.h"
#include "cpu/irq_lock.h"
#include "pcplist/bulk.h"
#include "pcplist/owner.h"
#include "pcplist/set.h"
#include "pcplist/strategies/strategies.h"

/* @pages of the list, or all (0), of the CPU's own list or another CPU's. */
static unsigned int pcp_spinlock_drain(
	struct cpu *by, struct pcp_slot *slot, unsigned int pages)
{
	unsigned int freed = 0;
	int count;

	if (!MUTANT(SPIN_NOT_TAKEN))
		lock_irqsave(by, &slot->lock, LOCK_RANK_PCP);
	count = slot->own.count;
	if (count)
		freed = pcp_free_bulk(by, slot, &slot->own,
			pages ? MIN(count, (int)pages) : count, PCP_DRAIN);
	if (!MUTANT(SPIN_NOT_TAKEN))
		lock_irqrestore(by, &slot->lock, LOCK_RANK_PCP);
	return freed;
}

static void pcp_spinlock_drain_mask(
	struct pcp_set *set, struct pcp_drain *drain)
{
	struct pcp_cursor at = {0};
	struct pcp_slot *slot;

	while ((slot = pcp_next_slot(set, drain, &at)))
		drain->pages += pcp_spinlock_drain(drain->by, slot, 0);
}

static void pcp_spinlock_memory(
	const struct pcp_set *set, struct pcpmm_drain_memory *memory)
{
	memory->here.list = sizeof(set->slots[0]->lock);
	memory->here.machine = pcp_mask_size(set);
	memory->kernel.list = KERNEL_SPINLOCK;
	memory->kernel.machine = KERNEL_CPUMASK;
}

const struct pcp_drain_ops pcp_spinlock_2021_ops = {
	.name = "pcp_spinlock_2021",
	.owner = &pcp_spin_owner,
	.drain_own = pcp_spinlock_drain,
	.reaches_others = true,
	.drain_mask = pcp_spinlock_drain_mask,
	.memory = pcp_spinlock_memory,
};
