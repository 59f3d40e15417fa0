/* SPDX-License-Identifier: MIT */
/*
 * pcp_lock: a lock in each list, which drainers take.
 *
 * Origin: Mel Gorman and Nicolas Saenz Julienne, "Drain remote per-cpu
 * directly", merged in Linux 6.0 (4b23a68f9536, 443c2accd1b6, 01b44456a7aa);
 * interrupts stay on since 6.2 (574907741599, in 6.1.192 as well).
 *
 * Owner pays: one uncontended trylock and release (guard_pcp_lock.h).
 * Interrupted: no CPU; an owner that loses the trylock to a drainer goes to the
 * buddy instead of waiting.
 * Progress: a drainer waits for at most one section of the owner for each list.
 * So a CPU whose task never calls the allocator, or that is isolated, is
 * drained like any other.
 */
#include "arch/mutant.h"
#include "pcplist/core.h"
#include "pcplist/guard_pcp_lock.h"
#include "pcplist/owner.h"
#include "pcplist/set.h"
#include "pcplist/strategies/strategies.h"
#include "cpu/entry.h"
#include "pcplist/bulk.h"

/*
 * A task that this one, or one before it, has displaced may hold the lock of this CPU's list. Then
 * false, and the pages of that list stay.
 */
static bool lock_list(struct cpu *by, struct pcp_slot *slot)
{
	if (MUTANT(PCP_LOCK_NOT_TAKEN))
		return true;
	if (slot->cpu == by && sched_displaces_any(by))
		return lock_try(by, &slot->lock, LOCK_RANK_PCP);
	lock_acquire(by, &slot->lock, LOCK_RANK_PCP);
	return true;
}

/*
 * One hold of the lock, with preemption off: frees at most @pages. *@left: the
 * pages that are listed after it.
 */
static unsigned int drain_chunk(
	struct cpu *by, struct pcp_slot *slot, int pages, int *left)
{
	unsigned int freed = 0;

	*left = 0;
	preempt_disable(by);
	if (lock_list(by, slot)) {
		pages = MIN(pages, slot->own.count);
		if (pages > 0)
			freed = pcp_free_bulk(
				by, slot, &slot->own, pages, PCP_DRAIN);
		*left = slot->own.count;
		lock_release(by, &slot->lock, LOCK_RANK_PCP);
	}
	preempt_enable(by);
	return freed;
}

/*
 * drain_pages_zone(), Linux 6.1.192 and 6.12: chunks, with the lock released in
 * between. The count is read inside the lock, which is taken at least once: an
 * owner in the middle of a refill holds the lock while its list still looks
 * empty (66eca1021a42), and what an owner frees between two chunks is drained
 * as well. Not chased: what it frees after the chunk that left the list empty.
 */
static unsigned int drain_pages_zone(struct cpu *by, struct pcp_slot *slot)
{
	const struct pcp_rules *rules = slot->zone->pcp_rules;
	int left, chunk, seen = pcp_count(slot);
	unsigned int freed = 0;

	if (MUTANT(PCP_LOCK_LOOKS_OUTSIDE) && !seen)
		return 0;
	do {
		chunk = rules->drain_chunk(
			atomic_load_relaxed_s32(&slot->batch));
		freed += drain_chunk(by, slot, chunk, &left);
		if (MUTANT(PCP_LOCK_LOOKS_OUTSIDE))
			left = MAX(0, seen -= chunk);
	} while (left);
	return freed;
}

/* drain_zone_pages(): @pages in one hold; an empty-looking list is let be. */
static unsigned int pcp_lock_drain(
	struct cpu *by, struct pcp_slot *slot, unsigned int pages)
{
	int left;

	if (!pages)
		return drain_pages_zone(by, slot);
	return pcp_count(slot) ? drain_chunk(by, slot, (int)pages, &left) : 0;
}

static void pcp_lock_drain_mask(struct pcp_set *set, struct pcp_drain *drain)
{
	struct pcp_cursor at = {0};
	struct pcp_slot *slot;

	while ((slot = pcp_next_slot(set, drain, &at)))
		drain->pages += pcp_lock_drain(drain->by, slot, 0);
}

static void pcp_lock_memory(
	const struct pcp_set *set, struct pcpmm_drain_memory *memory)
{
	memory->here.list = sizeof(set->slots[0]->lock);
	memory->here.machine = pcp_mask_size(set);
	memory->kernel.list = KERNEL_SPINLOCK;
	memory->kernel.machine = KERNEL_CPUMASK;
}

/* As the owner: a trylock, which fails inside the section that it interrupts. */
static const struct pcp_guard nolock_guard = {
	.enter = guard_pcp_lock_enter,
	.leave = guard_pcp_lock_leave,
	.busy = guard_pcp_lock_busy,
};

const struct pcp_drain_ops pcp_lock_ops = {
	.name = "pcp_lock",
	.nolock = &nolock_guard,
	.owner = &pcp_lock_owner,
	.drain_own = pcp_lock_drain,
	.reaches_others = true,
	.drain_mask = pcp_lock_drain_mask,
	.memory = pcp_lock_memory,
};
