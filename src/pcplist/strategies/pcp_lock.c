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

/* Pages that one hold of the lock frees; preemption is off meanwhile. */
static unsigned int drain_chunk(
	struct cpu *by, struct pcp_slot *slot, int pages)
{
	unsigned int freed = 0;

	preempt_disable(by);
	if (!lock_list(by, slot)) {
		preempt_enable(by);
		return 0;
	}
	freed = pcp_free_bulk(by, slot, &slot->own, pages, PCP_DRAIN);
	lock_release(by, &slot->lock, LOCK_RANK_PCP);
	preempt_enable(by);
	return freed;
}

/*
 * drain_pages_zone(): the number of pages at the first look, in chunks, with
 * the lock released in between; pages that the owner frees meanwhile may stay.
 * drain_zone_pages(): @pages in one hold. The list may be the CPU's own or
 * another CPU's.
 */
static unsigned int pcp_lock_drain(
	struct cpu *by, struct pcp_slot *slot, unsigned int pages)
{
	unsigned int freed = 0;
	int left = pcp_count(slot);
	int chunk = slot->zone->pcp_rules->drain_chunk(
		atomic_load_relaxed_s32(&slot->batch));

	if (pages)
		return drain_chunk(by, slot, MIN(left, (int)pages));
	for (; left > 0; left -= chunk)
		freed += drain_chunk(by, slot, MIN(left, chunk));
	return freed;
}

static void pcp_lock_drain_mask(struct pcp_set *set, struct pcp_drain *drain)
{
	struct pcp_cursor at = {0};
	struct pcp_slot *slot;

	while ((slot = pcp_next_slot(set, drain, &at)))
		drain->pages += pcp_lock_drain(drain->by, slot, 0);
}

const struct pcp_drain_ops pcp_lock_ops = {
	.name = "pcp_lock",
	.owner = &pcp_lock_owner,
	.drain_own = pcp_lock_drain,
	.reaches_others = true,
	.drain_mask = pcp_lock_drain_mask,
};
