/* SPDX-License-Identifier: MIT */
/*
 * rcu_swap: two lists a CPU and zone, one in use and one empty. The drainer
 * exchanges them, waits for a grace period, and then has what was listed to
 * itself.
 *
 * Origin: Nicolas Saenz Julienne, "mm/page_alloc: Remote per-cpu lists drain
 * support", RFC of 8 Oct 2021, and again, not expedited, 8 Feb 2022.
 *
 * Cost to the owner: a section (with the kernel's own flavour, sched, the
 * interrupts-off section it has anyway) and one dependent load. Who is
 * interrupted: nobody by the drain; by an expedited grace period the CPUs that
 * are neither idle nor nohz_full. Progress: one grace period a drain, however
 * many CPUs; with qsbr only if each of them calls in, sleeps or is idle.
 *
 *   lp      the owner's, published; read exactly once a section
 *   drain   the drainer's, under the drain mutex; empty outside it
 *
 * [rcu.swap] release, pairs with [rcu.deref] acquire: the empty list, and
 * that a disabled one has high 0 before (pcp_disable).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/memory.h"
#include "arch/mutant.h"
#include "cpu/noise.h"
#include "cpu/rcu.h"
#include "pcplist/core.h"
#include "pcplist/set.h"
#include "pcplist/strategies/strategies.h"

/* --- the guard, by flavour -------------------------------------------- */

/* [rcu.deref] */
static force_inline struct pcp_lists *deref(struct pcp_slot *slot)
{
	return atomic_load_acquire_ptr((void *const *)&slot->lp);
}

static force_inline struct pcp_lists *sched_section(struct pcp_slot *slot)
{
	struct pcp_lists *pcp = MUTANT(RCU_DEREF_OUTSIDE) ? deref(slot) : NULL;

	MUTANT_WINDOW(RCU_DEREF_OUTSIDE);
	irq_save(slot->cpu);
	return pcp ? pcp : deref(slot);
}

static force_inline void sched_section_end(
	struct pcp_slot *slot, struct pcp_lists *pcp)
{
	(void)pcp;
	rcu_sched_leave();
	irq_restore(slot->cpu);
}

static force_inline struct pcp_lists *memb_section(struct pcp_slot *slot)
{
	irq_save(slot->cpu);
	rcu_memb_enter();
	return deref(slot);
}

static force_inline void memb_section_end(
	struct pcp_slot *slot, struct pcp_lists *pcp)
{
	(void)pcp;
	rcu_memb_leave();
	irq_restore(slot->cpu);
}

static force_inline void qsbr_section_end(
	struct pcp_slot *slot, struct pcp_lists *pcp)
{
	(void)pcp;
	rcu_qsbr_leave();
	irq_restore(slot->cpu);
}

static const struct pcp_guard guard_sched = {sched_section, sched_section_end};
static const struct pcp_guard guard_memb = {memb_section, memb_section_end};
static const struct pcp_guard guard_qsbr = {sched_section, qsbr_section_end};

/* --- the owner's paths, by flavour ------------------------------------ */

static uint32_t sched_alloc(struct pcp_slot *slot, unsigned int order,
	unsigned int type, unsigned int alloc_flags)
{
	return pcp_core_alloc(&guard_sched, slot, order, type, alloc_flags);
}

static uint32_t memb_alloc(struct pcp_slot *slot, unsigned int order,
	unsigned int type, unsigned int alloc_flags)
{
	return pcp_core_alloc(&guard_memb, slot, order, type, alloc_flags);
}

static uint32_t qsbr_alloc(struct pcp_slot *slot, unsigned int order,
	unsigned int type, unsigned int alloc_flags)
{
	return pcp_core_alloc(&guard_qsbr, slot, order, type, alloc_flags);
}

static unsigned int sched_alloc_bulk(struct pcp_slot *slot, unsigned int type,
	unsigned int alloc_flags, unsigned int nr, struct pcpmm_page **pages)
{
	return pcp_core_alloc_bulk(
		&guard_sched, slot, type, alloc_flags, nr, pages);
}

static unsigned int memb_alloc_bulk(struct pcp_slot *slot, unsigned int type,
	unsigned int alloc_flags, unsigned int nr, struct pcpmm_page **pages)
{
	return pcp_core_alloc_bulk(
		&guard_memb, slot, type, alloc_flags, nr, pages);
}

static unsigned int qsbr_alloc_bulk(struct pcp_slot *slot, unsigned int type,
	unsigned int alloc_flags, unsigned int nr, struct pcpmm_page **pages)
{
	return pcp_core_alloc_bulk(
		&guard_qsbr, slot, type, alloc_flags, nr, pages);
}

static bool sched_free(struct pcp_slot *slot, uint32_t pfn, unsigned int order,
	unsigned int type)
{
	return pcp_core_free(&guard_sched, slot, pfn, order, type);
}

static bool memb_free(struct pcp_slot *slot, uint32_t pfn, unsigned int order,
	unsigned int type)
{
	return pcp_core_free(&guard_memb, slot, pfn, order, type);
}

static bool qsbr_free(struct pcp_slot *slot, uint32_t pfn, unsigned int order,
	unsigned int type)
{
	return pcp_core_free(&guard_qsbr, slot, pfn, order, type);
}

static unsigned int sched_free_batch(
	struct pcp_slot *slot, struct pcpmm_page **pages, unsigned int nr)
{
	return pcp_core_free_batch(&guard_sched, slot, pages, nr);
}

static unsigned int memb_free_batch(
	struct pcp_slot *slot, struct pcpmm_page **pages, unsigned int nr)
{
	return pcp_core_free_batch(&guard_memb, slot, pages, nr);
}

static unsigned int qsbr_free_batch(
	struct pcp_slot *slot, struct pcpmm_page **pages, unsigned int nr)
{
	return pcp_core_free_batch(&guard_qsbr, slot, pages, nr);
}

static unsigned int sched_drain_own(
	struct cpu *by, struct pcp_slot *slot, unsigned int pages)
{
	return pcp_core_drain_own(&guard_sched, by, slot, pages);
}

static unsigned int memb_drain_own(
	struct cpu *by, struct pcp_slot *slot, unsigned int pages)
{
	return pcp_core_drain_own(&guard_memb, by, slot, pages);
}

static unsigned int qsbr_drain_own(
	struct cpu *by, struct pcp_slot *slot, unsigned int pages)
{
	return pcp_core_drain_own(&guard_qsbr, by, slot, pages);
}

/* --- draining --------------------------------------------------------- */

/* A broken invariant would hand pages to two owners: stop here. */
static void expect_empty(const struct pcp_slot *slot, const char *when)
{
	if (!slot->drain->count)
		return;
	fprintf(stderr,
		"pcpmm: cpu %u zone %u: %d pages on the drainer's list %s\n",
		slot->cpu->id, slot->zone->id, slot->drain->count, when);
	abort();
}

/* [rcu.swap] */
static void swap(struct pcp_slot *slot)
{
	struct pcp_lists *empty = slot->drain;

	expect_empty(slot, "before a drain");
	slot->drain = slot->lp;
	atomic_store_release_ptr((void **)&slot->lp, empty);
}

static unsigned int empty_drain_list(struct cpu *by, struct pcp_slot *slot)
{
	unsigned int pages = 0;

	if (slot->drain->count)
		pages = pcp_free_bulk(
			by, slot, slot->drain, slot->drain->count, 0);
	expect_empty(slot, "after a drain");
	return pages;
}

/* CPUs that an expedited grace period disturbs. Racy: they come and go. */
static void count_grace_period(struct pcp_set *set, const struct cpu *by)
{
	atomic_add_relaxed_u64(&set->stats.grace_periods, 1);
	if (set->rcu == PCPMM_RCU_QSBR || set->grace != PCPMM_GRACE_EXPEDITED)
		return;
	for (unsigned int cpu = 0; cpu < set->nr_cpus; cpu++) {
		struct cpu *other = set->cpus[cpu];

		if (other == by || cpu_is_idle(other) ||
			atomic_load_relaxed_u8(&other->nohz_full))
			continue;
		noise_count_remote(other, PCPMM_NOISE_GRACE_PERIOD);
		atomic_add_relaxed_u64(&set->stats.cpus_interrupted, 1);
	}
}

/* Asleep, as synchronize_rcu() sleeps: readers may need this CPU. */
static void wait_grace_period(
	struct pcp_set *set, const struct pcp_drain *drain)
{
	count_grace_period(set, drain->by);
	sched_sleep();
	if (set->rcu == PCPMM_RCU_SCHED)
		rcu_wait_sched(
			set->cpus, set->nr_cpus, drain->mask, set->grace);
	else if (set->rcu == PCPMM_RCU_MEMB)
		rcu_wait_memb();
	else
		rcu_wait_qsbr();
	sched_wake();
}

/* All are swapped, one grace period, all are emptied; none: no wait. */
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
		drain->pages += empty_drain_list(drain->by, slot);
}

/* --- two lists -------------------------------------------------------- */

static const struct pcp_drain_ops *ops_of(enum pcpmm_rcu rcu)
{
	return rcu == PCPMM_RCU_SCHED  ? &rcu_swap_ops
	       : rcu == PCPMM_RCU_MEMB ? &rcu_swap_memb_ops
				       : &rcu_swap_qsbr_ops;
}

/* Second lists, whole lines each. */
static int rcu_swap_init(struct pcp_set *set)
{
	size_t size = round_up_pow2(sizeof(struct pcp_lists), CACHE_LINE);
	int ret = rcu_prepare(set->rcu, set->grace);
	char *at;

	if (ret)
		return ret;
	at = memory_alloc_aligned(set->nr_cpus * set->nr_zones * size);
	set->state = at;
	if (!at)
		return -ENOMEM;
	for (unsigned int cpu = 0; cpu < set->nr_cpus; cpu++)
		for (unsigned int i = 0; i < set->nr_zones; i++) {
			set->slots[cpu][i].drain = (struct pcp_lists *)at;
			at += size;
		}
	set->ops = ops_of(set->rcu);
	return 0;
}

static void rcu_swap_fini(struct pcp_set *set)
{
	free(set->state);
}

const struct pcp_drain_ops rcu_swap_ops = {
	.name = "rcu_swap",
	.alloc = sched_alloc,
	.alloc_bulk = sched_alloc_bulk,
	.free = sched_free,
	.free_batch = sched_free_batch,
	.drain_own = sched_drain_own,
	.drain_mask = rcu_swap_drain_mask,
	.init = rcu_swap_init,
	.fini = rcu_swap_fini,
};

const struct pcp_drain_ops rcu_swap_memb_ops = {
	.name = "rcu_swap",
	.alloc = memb_alloc,
	.alloc_bulk = memb_alloc_bulk,
	.free = memb_free,
	.free_batch = memb_free_batch,
	.drain_own = memb_drain_own,
	.drain_mask = rcu_swap_drain_mask,
	.init = rcu_swap_init,
	.fini = rcu_swap_fini,
};

const struct pcp_drain_ops rcu_swap_qsbr_ops = {
	.name = "rcu_swap",
	.alloc = qsbr_alloc,
	.alloc_bulk = qsbr_alloc_bulk,
	.free = qsbr_free,
	.free_batch = qsbr_free_batch,
	.drain_own = qsbr_drain_own,
	.drain_mask = rcu_swap_drain_mask,
	.init = rcu_swap_init,
	.fini = rcu_swap_fini,
};
