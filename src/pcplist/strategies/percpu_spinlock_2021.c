/* SPDX-License-Identifier: MIT */
/*
 * percpu_spinlock_2021: one lock a CPU for its lists of all zones, used only if a
 * static key is on; else work items, as before.
 *
 * Origin: Nicolas Saenz Julienne, linux-mm, 21 Sep 2021 (v1 of his work on drains):
 * a local lock and a spin lock side by side, of which the key
 * remote_pcpu_cache_access chooses one; it is on if the kernel was booted with
 * nohz_full CPUs. Not merged: two modes, of which one is hardly tested (Andrew
 * Morton); spin locks and local locks have different rules (Peter Zijlstra); use a
 * plain spin lock for each CPU, and measure first (Thomas Gleixner). The posting had
 * the LRU batches under the same lock; they are not simulated.
 *
 * Key: on if a CPU of the machine is nohz_full at creation; it does not change then.
 *
 * Owner pays: interrupts off and on; with the key an uncontended lock and its release
 * (guard_percpu_spin.h).
 * Interrupted: with the key no CPU, an owner that meets a drainer waits until all its
 * lists are empty. Without it the task on each CPU with pages.
 * Progress: with the key a drainer waits for at most one section of the owner for each
 * CPU; without it, as workqueue.
 */
#include <errno.h>
#include <stdlib.h>

#include "arch/memory.h"
#include "arch/mutant.h"
#include "cpu/irq_lock.h"
#include "pcplist/bulk.h"
#include "pcplist/drain_items.h"
#include "pcplist/guard_percpu_spin.h"
#include "pcplist/owner.h"
#include "pcplist/strategies/strategies.h"

struct percpu_spinlock {
	bool key;
	struct percpu_spin *locks; /* [cpu] */
	struct drain_item *items; /* [cpu]; without the key */
};

/* All zones of the drain in one hold of the CPU's lock. */
static unsigned int drain_cpu(struct pcp_set *set,
	const struct pcp_drain *drain, struct spinlock *lock, unsigned int cpu)
{
	unsigned int freed = 0;

	if (!MUTANT(SPIN_NOT_TAKEN))
		lock_irqsave(drain->by, lock, LOCK_RANK_PCP);
	for (unsigned int i = 0; i < set->nr_zones; i++) {
		struct pcp_slot *slot = &set->slots[cpu][i];

		if (slot->own.count &&
			(!drain->zone || drain->zone == slot->zone))
			freed += pcp_free_bulk(drain->by, slot, &slot->own,
				slot->own.count, PCP_DRAIN);
	}
	if (!MUTANT(SPIN_NOT_TAKEN))
		lock_irqrestore(drain->by, lock, LOCK_RANK_PCP);
	return freed;
}

static void percpu_spinlock_drain_mask(
	struct pcp_set *set, struct pcp_drain *drain)
{
	struct percpu_spinlock *state = set->state;

	if (!state->key) {
		drain_items_run(set, state->items, drain);
		return;
	}
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		if (cpumask_test(drain->mask, cpu))
			drain->pages += drain_cpu(
				set, drain, &state->locks[cpu].lock, cpu);
}

static bool percpu_spinlock_recurses(const struct pcp_set *set)
{
	const struct percpu_spinlock *state = set->state;

	return !state->key && drain_items_recurse(set);
}

static bool has_nohz_full(const struct smp *smp)
{
	for (unsigned int cpu = 0; cpu < smp->nr; cpu++)
		if (atomic_load_relaxed_u8(&smp->cpu[cpu]->nohz_full))
			return true;
	return false;
}

static int percpu_spinlock_init(struct pcp_set *set)
{
	struct percpu_spinlock *state = calloc(1, sizeof(*state));
	unsigned int nr = set->smp->nr;

	set->state = state;
	if (!state)
		return -ENOMEM;
	state->key = has_nohz_full(set->smp);
	state->locks = memory_alloc_aligned(nr * sizeof(state->locks[0]));
	if (!state->locks)
		return -ENOMEM;
	for (unsigned int cpu = 0; cpu < nr; cpu++) {
		state->locks[cpu].key = state->key;
		for (unsigned int i = 0; i < set->nr_zones; i++)
			set->slots[cpu][i].private = &state->locks[cpu];
	}
	return state->key ? 0 : drain_items_create(set, &state->items);
}

static void percpu_spinlock_fini(struct pcp_set *set)
{
	struct percpu_spinlock *state = set->state;

	if (!state)
		return;
	drain_items_destroy(state->items);
	free(state->locks);
	free(state);
}

/* In the kernel a CPU has its work item in either mode; its local lock is empty. */
static void percpu_spinlock_memory(
	const struct pcp_set *set, struct pcpmm_drain_memory *memory)
{
	const struct percpu_spinlock *state = set->state;

	memory->here.list = sizeof(set->slots[0]->private);
	memory->here.cpu = sizeof(struct percpu_spin);
	memory->here.machine = pcp_mask_size(set) + sizeof(*state);
	if (!state->key)
		memory->here.cpu += drain_items_memory();
	memory->kernel.cpu = KERNEL_SPINLOCK + KERNEL_WORK;
	memory->kernel.machine = KERNEL_CPUMASK + KERNEL_STATIC_KEY;
}

const struct pcp_drain_ops percpu_spinlock_2021_ops = {
	.name = "percpu_spinlock_2021",
	.owner = &percpu_spin_owner,
	.recurses = percpu_spinlock_recurses,
	.drain_mask = percpu_spinlock_drain_mask,
	.memory = percpu_spinlock_memory,
	.init = percpu_spinlock_init,
	.fini = percpu_spinlock_fini,
};
