/* SPDX-License-Identifier: MIT */
/*
 * pcp_lock: a lock in each list, and drainers that simply take it.
 *
 * Origin: Mel Gorman and Nicolas Saenz Julienne, "Drain remote per-cpu
 * directly", merged in Linux 6.0 (4b23a68f9536, 443c2accd1b6, 01b44456a7aa);
 * interrupts stay on since 6.2 (574907741599, in 6.1.192 as well).
 *
 * Cost to the owner: one uncontended trylock and release, a locked exchange
 * on a line it owns. Who is interrupted: nobody; an owner that meets a drainer
 * (or its own interrupted self) goes to the buddy instead of waiting.
 * Progress: a drainer waits for one section of the owner at most a list, so a
 * CPU that never calls in, or is isolated, is drained all the same.
 *
 * Why a trylock: an interrupt that allocates while its own CPU is inside the
 * section would otherwise wait for itself for ever. The kernel also turns
 * preemption off inside, which here would be a fifth of the pair: so a task
 * that took the CPU over does not wait either.
 */
#include "arch/mutant.h"
#include "cpu/noise.h"
#include "pcplist/core.h"
#include "pcplist/set.h"
#include "pcplist/strategies/strategies.h"

/* Its own interrupted self is no interference. */
static cold struct pcp_lists *turned_away(struct cpu *cpu)
{
	if (!cpu->in_irq)
		noise_count(cpu, PCPMM_NOISE_PCP_LOCK);
	return NULL;
}

static force_inline struct pcp_lists *enter(struct pcp_slot *slot)
{
	if (unlikely(!lock_try(slot->cpu, &slot->lock, LOCK_RANK_PCP)))
		return turned_away(slot->cpu);
	return &slot->own;
}

static force_inline void leave(struct pcp_slot *slot, struct pcp_lists *pcp)
{
	(void)pcp;
	lock_release(slot->cpu, &slot->lock, LOCK_RANK_PCP);
}

static const struct pcp_guard guard = {.enter = enter, .leave = leave};

static uint32_t pcp_lock_alloc(struct pcp_slot *slot, unsigned int order,
	unsigned int type, unsigned int alloc_flags)
{
	return pcp_core_alloc(&guard, slot, order, type, alloc_flags);
}

static unsigned int pcp_lock_alloc_bulk(struct pcp_slot *slot,
	unsigned int type, unsigned int alloc_flags, unsigned int nr,
	struct pcpmm_page **pages)
{
	return pcp_core_alloc_bulk(&guard, slot, type, alloc_flags, nr, pages);
}

static bool pcp_lock_free(struct pcp_slot *slot, uint32_t pfn,
	unsigned int order, unsigned int type)
{
	return pcp_core_free(&guard, slot, pfn, order, type);
}

static unsigned int pcp_lock_free_batch(
	struct pcp_slot *slot, struct pcpmm_page **pages, unsigned int nr)
{
	return pcp_core_free_batch(&guard, slot, pages, nr);
}

/*
 * Whoever stands still behind this task may hold the lock of its own list;
 * what it then has in hand is not chased. false: so it is.
 */
static bool lock_list(struct cpu *by, struct pcp_slot *slot)
{
	if (MUTANT(PCP_LOCK_NOT_TAKEN))
		return true;
	if (slot->cpu == by && sched_displaces_user(by))
		return lock_try(by, &slot->lock, LOCK_RANK_PCP);
	lock_acquire(by, &slot->lock, LOCK_RANK_PCP);
	return true;
}

/* Pages that this hold of the lock frees; it is held without a break. */
static unsigned int drain_chunk(
	struct cpu *by, struct pcp_slot *slot, int pages)
{
	unsigned int freed = 0;

	preempt_disable(by);
	if (!lock_list(by, slot)) {
		preempt_enable(by);
		return 0;
	}
	freed = pcp_free_bulk(by, slot, &slot->own, pages, 0);
	lock_release(by, &slot->lock, LOCK_RANK_PCP);
	preempt_enable(by);
	return freed;
}

/*
 * drain_pages_zone: what was there at the first look, in chunks of
 * batch << 5 with the lock dropped in between; what the owner frees
 * meanwhile is not chased. drain_zone_pages: @pages in one hold. The same for
 * the own list and for another CPU's.
 */
static unsigned int pcp_lock_drain(
	struct cpu *by, struct pcp_slot *slot, unsigned int pages)
{
	unsigned int freed = 0;
	int left = pcp_count(slot);
	int chunk = atomic_load_relaxed_s32(&slot->batch)
		    << PCP_BATCH_SCALE_MAX;

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
	.alloc = pcp_lock_alloc,
	.alloc_bulk = pcp_lock_alloc_bulk,
	.free = pcp_lock_free,
	.free_batch = pcp_lock_free_batch,
	.drain_own = pcp_lock_drain,
	.reaches_others = true,
	.drain_mask = pcp_lock_drain_mask,
};
