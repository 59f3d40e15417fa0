/* SPDX-License-Identifier: MIT */
/*
 * rcu_swap: two lists a CPU and zone, one in use and one empty. The drainer
 * exchanges them, waits for a grace period, and then is the only user of the
 * list that was in use.
 *
 * Origin: Nicolas Saenz Julienne, "mm/page_alloc: Remote per-cpu lists drain
 * support", RFC of 8 Oct 2021, and again, not expedited, 8 Feb 2022.
 *
 * Owner pays: a section (with the kernel's own flavour, sched, the
 * interrupts-off section it has anyway) and one dependent load (guard_rcu.h).
 * Interrupted: no CPU by the drain; by an expedited grace period the CPUs that
 * are neither idle nor nohz_full.
 * Progress: one grace period a drain, for any number of CPUs; with qsbr only if
 * each thread reaches a quiescent state, sleeps or is idle; with epoch as soon
 * as the sections that are running have ended.
 *
 *   lp        the owner's lists, published; read exactly once a section
 *   private   the drainer's lists, under the drain mutex; empty outside it
 *
 * [rcu.swap] release, pairs with [rcu.deref] acquire: the empty list, and
 * the high 0 that pcp_disable stored before.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/memory.h"
#include "arch/mutant.h"
#include "cpu/noise.h"
#include "cpu/rcu.h"
#include "pcplist/owner.h"
#include "pcplist/set.h"
#include "pcplist/strategies/strategies.h"
#include "pcplist/bulk.h"

/* --- draining --------------------------------------------------------- */

static struct pcp_lists *drain_lists(const struct pcp_slot *slot)
{
	return slot->private;
}

/* If this does not hold, pages could get two owners: abort. */
static void expect_empty(const struct pcp_slot *slot, const char *when)
{
	int count = drain_lists(slot)->count;

	if (!count)
		return;
	fprintf(stderr,
		"pcpmm: cpu %u zone %u: %d pages on the drainer's list %s\n",
		slot->cpu->id, slot->zone->id, count, when);
	abort();
}

/* [rcu.swap] */
static void swap(struct pcp_slot *slot)
{
	struct pcp_lists *empty = drain_lists(slot);

	expect_empty(slot, "before a drain");
	slot->private = slot->lp;
	atomic_store_release_ptr((void **)&slot->lp, empty);
}

static unsigned int empty_drain_lists(struct cpu *by, struct pcp_slot *slot)
{
	struct pcp_lists *lists = drain_lists(slot);
	unsigned int pages = 0;

	if (lists->count)
		pages = pcp_free_bulk(by, slot, lists, lists->count, PCP_DRAIN);
	expect_empty(slot, "after a drain");
	return pages;
}

/* Count the CPUs that an expedited grace period disturbs. Racy. */
static void count_grace_period(struct pcp_set *set, const struct cpu *by)
{
	atomic_add_relaxed_u64(&set->stats.grace_periods, 1);
	if (set->rcu.flavour == PCPMM_RCU_QSBR ||
		set->rcu.flavour == PCPMM_RCU_EPOCH ||
		set->rcu.grace != PCPMM_GRACE_EXPEDITED)
		return;
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++) {
		struct cpu *other = set->smp->cpu[cpu];

		if (other == by || cpu_is_idle(other) ||
			atomic_load_relaxed_u8(&other->nohz_full))
			continue;
		noise_count_remote(other, PCPMM_NOISE_GRACE_PERIOD);
		pcp_count_cal(set, cpu);
		atomic_add_relaxed_u64(&set->stats.cpus_interrupted, 1);
	}
}

/* Asleep, as synchronize_rcu() sleeps: readers may need this CPU. */
static void wait_grace_period(
	struct pcp_set *set, const struct pcp_drain *drain)
{
	count_grace_period(set, drain->by);
	sched_sleep();
	rcu_wait(&set->rcu, drain->mask);
	sched_wake();
}

/* Swap all lists, wait for one grace period, empty all. No CPU: no wait. */
static void rcu_swap_drain_mask(struct pcp_set *set, struct pcp_drain *drain)
{
	struct pcp_cursor swapped = {0}, emptied = {0};
	struct pcp_slot *slot;

	if (!drain->visited)
		return;
	while ((slot = pcp_next_slot(set, drain, &swapped)))
		swap(slot);
	if (!MUTANT(RCU_NO_GRACE_PERIOD))
		wait_grace_period(set, drain);
	while ((slot = pcp_next_slot(set, drain, &emptied)))
		drain->pages += empty_drain_lists(drain->by, slot);
}

/* --- two lists -------------------------------------------------------- */

static const struct pcp_owner_ops *owner_of(enum pcpmm_rcu rcu)
{
	return rcu == PCPMM_RCU_SCHED  ? &rcu_sched_owner
	       : rcu == PCPMM_RCU_MEMB ? &rcu_memb_owner
	       : rcu == PCPMM_RCU_QSBR ? &rcu_qsbr_owner
				       : &rcu_epoch_owner;
}

static size_t second_lists_size(void)
{
	return round_up_pow2(sizeof(struct pcp_lists), CACHE_LINE);
}

/* The second lists, each on cache lines of its own, and their pools. */
static int rcu_swap_init(struct pcp_set *set)
{
	size_t size = second_lists_size();
	int ret = rcu_init(&set->rcu);
	char *at, *pool;

	if (ret)
		return ret;
	at = memory_alloc_aligned(set->smp->nr * set->nr_zones * size);
	set->state = at;
	pool = pcp_map_pools(set, true);
	if (!at || !pool)
		return -ENOMEM;
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		for (unsigned int i = 0; i < set->nr_zones; i++) {
			struct pcp_slot *slot = &set->slots[cpu][i];
			struct pcp_lists *second = (struct pcp_lists *)at;

			second->pool = (struct pcp_chunk *)pool;
			slot->private = second;
			at += size;
			pool += pcp_pool_size(slot->zone);
		}
	set->owner = *owner_of(set->rcu.flavour);
	return 0;
}

static void rcu_swap_fini(struct pcp_set *set)
{
	free(set->state);
	rcu_fini(&set->rcu);
}

static int rcu_swap_pages_aside(const struct pcp_slot *slot)
{
	return drain_lists(slot)->count;
}

/* The kernel's second lists: a count, padded, and a list head for each list. */
static void rcu_swap_memory(
	const struct pcp_set *set, struct pcpmm_drain_memory *memory)
{
	const struct pcp_slot *slot = set->slots[0];

	memory->here.list =
		sizeof(slot->lp) + sizeof(slot->private) + second_lists_size();
	memory->here.cpu = rcu_memory_cpu(&set->rcu);
	memory->here.machine = pcp_mask_size(set);
	memory->kernel.list =
		2 * KERNEL_POINTER + 8 + NR_PCP_LISTS * KERNEL_LIST_HEAD;
	memory->kernel.machine = KERNEL_CPUMASK;
}

/* rcu_swap_init() replaces the owner's paths by those of the flavour. */
const struct pcp_drain_ops rcu_swap_ops = {
	.name = "rcu_swap",
	.owner = &rcu_sched_owner,
	.drain_mask = rcu_swap_drain_mask,
	.memory = rcu_swap_memory,
	.init = rcu_swap_init,
	.fini = rcu_swap_fini,
	.pages_aside = rcu_swap_pages_aside,
};
