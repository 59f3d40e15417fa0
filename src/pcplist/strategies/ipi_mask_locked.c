/* SPDX-License-Identifier: MIT */
/*
 * ipi_mask_locked: interrupt only CPUs that hold pages, by a mask that two drains
 * do not spoil. The axis ipi_mask_lock says what it is protected by, one row of a
 * table each:
 *
 *   spin      a spin lock, interrupts on, preemption off
 *   none      nothing: a second drainer clears the mask that the first has made
 *             and not yet copied; the first misses CPUs, returns early and tries
 *             again before their pages are back
 *   mutex     a mutex: each waiting drainer sleeps, in the slow path of an
 *             allocation
 *   raw_spin  a spin lock with interrupts off: the waiting CPU can not take the
 *             call that the holder waits for. A waiter gives up after LOCKUP_NS
 *             and lets interrupts in, where a kernel hangs
 *   trylock   as spin, but preemption is on between two tries
 *   own_bit   no lock: drainers set bits only, and a CPU that has emptied its lists
 *             clears its own
 *   summary   no lock and no shared mask: owners keep a word each that says whether
 *             they have pages (guard_summary.h), drainers make a mask of their own
 *
 * Origin: Milton Miller's review of Gilad Ben-Yossef's posting, linux-mm, 11 Jan
 * 2012: clear all bits first, then only set, hence a lock. He was for spin, or
 * trylock with cond_resched(); he feared a scheduling storm, an OOM-killed waiter
 * and unfairness with a mutex; and he thought that CPUs which take themselves out
 * of the mask only hide the lock. That a waiter must answer IPIs is his remark, too.
 * None was merged. The word per CPU was named in the discussion.
 *
 * Owner pays: interrupts off and on (guard_irqoff.h); summary: guard_summary.h.
 * Interrupted: CPUs that were seen to hold pages; own_bit: and those that have
 * emptied their lists by themselves since the last drain.
 * Progress: as ipi_all, and after the drains before it.
 * force visits every CPU.
 */
#include <errno.h>
#include <stdlib.h>

#include "arch/clock.h"
#include "arch/memory.h"
#include "arch/mutant.h"
#include "cpu/irq_lock.h"
#include "pcplist/ipi.h"
#include "pcplist/owner.h"
#include "pcplist/strategies/strategies.h"

/* The kernel's hard lockup detector waits 10 s. */
#define LOCKUP_NS 100000000u

struct mask_lock;

struct ipi_mask {
	const struct mask_lock *how;
	struct ipi_drains *drains;
	struct spinlock spin;
	struct mutex mutex;
	/* summary: of each CPU, a byte for each zone; and masks, [by]. */
	uint8_t *has_pages;
	size_t has_pages_stride;
	uint64_t *masks;
};

/* One value of the axis. NULL: nothing to do. */
struct mask_lock {
	void (*lock)(
		struct pcp_set *set, struct ipi_mask *state, struct cpu *by);
	void (*unlock)(struct ipi_mask *state, struct cpu *by);
	void (*mark)(struct pcp_set *set, struct pcp_drain *drain);
	ipi_drained_fn *drained;
};

/* --- locks ------------------------------------------------------------ */

static void count_wait(struct pcp_set *set)
{
	atomic_add_relaxed_u64(&set->stats.mask_waits, 1);
}

/* Interrupts stay on: the holder may wait for this CPU to take its call. */
static void spin_lock(
	struct pcp_set *set, struct ipi_mask *state, struct cpu *by)
{
	unsigned int turns = 0;

	preempt_disable(by);
	if (lock_try(NULL, &state->spin, 0))
		return;
	count_wait(set);
	do
		sched_help(by, &turns);
	while (!lock_try(NULL, &state->spin, 0));
}

/* With cond_resched() in between: preempt_enable() lets waiting tasks run. */
static void try_lock(
	struct pcp_set *set, struct ipi_mask *state, struct cpu *by)
{
	unsigned int turns = 0;

	preempt_disable(by);
	if (lock_try(NULL, &state->spin, 0))
		return;
	count_wait(set);
	do {
		preempt_enable(by);
		sched_help(by, &turns);
		preempt_disable(by);
	} while (!lock_try(NULL, &state->spin, 0));
}

static void spin_unlock(struct ipi_mask *state, struct cpu *by)
{
	lock_release(NULL, &state->spin, 0);
	preempt_enable(by);
}

static void sleep_lock(
	struct pcp_set *set, struct ipi_mask *state, struct cpu *by)
{
	(void)by;
	if (mutex_trylock(&state->mutex))
		return;
	count_wait(set);
	atomic_add_relaxed_u64(&set->stats.mask_sleeps, 1);
	mutex_lock(&state->mutex);
}

static void sleep_unlock(struct ipi_mask *state, struct cpu *by)
{
	(void)by;
	mutex_unlock(&state->mutex);
}

/* After the bound the waiter takes interrupts, so that the holder can end. */
static void raw_spin_lock(
	struct pcp_set *set, struct ipi_mask *state, struct cpu *by)
{
	uint64_t end = clock_now_ns() + LOCKUP_NS;
	bool locked_up = false;
	unsigned int turns = 0;

	irq_save(by);
	if (lock_try(NULL, &state->spin, 0))
		return;
	count_wait(set);
	while (!lock_try(NULL, &state->spin, 0)) {
		sched_help(by, &turns);
		if (locked_up || clock_now_ns() < end)
			continue;
		locked_up = true;
		atomic_add_relaxed_u64(&set->stats.lockups, 1);
		irq_restore(by);
	}
	if (locked_up)
		irq_save(by);
}

static void raw_spin_unlock(struct ipi_mask *state, struct cpu *by)
{
	lock_release(NULL, &state->spin, 0);
	irq_restore(by);
}

static void mask_lock(struct pcp_set *set, struct pcp_drain *drain)
{
	struct ipi_mask *state = set->state;

	if (state->how->lock)
		state->how->lock(set, state, drain->by);
}

static void mask_unlock(struct pcp_set *set, struct pcp_drain *drain)
{
	struct ipi_mask *state = set->state;

	if (state->how->unlock)
		state->how->unlock(state, drain->by);
}

/* --- masks ------------------------------------------------------------ */

static void mark_holders(
	const struct pcp_set *set, const struct pcp_drain *drain)
{
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		if (pcp_cpu_online(set, cpu) &&
			pcp_holds_pages(set, cpu, drain->zone))
			cpumask_set(set->mask, cpu, true);
}

static void mark_cleared_first(struct pcp_set *set, struct pcp_drain *drain)
{
	cpumask_clear(set->mask, set->smp->nr);
	pcp_drain_point(set, drain, PCPMM_DRAIN_CLEARED);
	mark_holders(set, drain);
	drain->mask = set->mask;
}

static void mark_only_set(struct pcp_set *set, struct pcp_drain *drain)
{
	mark_holders(set, drain);
	drain->mask = set->mask;
}

/*
 * own_bit. After the drain: a drainer that finds the bit clear comes back at once.
 * Not if pages of other zones are listed: a drain of these may have set the bit.
 * [mask.own] release, pairs with [mask.copy] acquire in ipi.c: the pages that were
 * given back.
 */
static void clear_own_bit(struct pcp_set *set, struct cpu *cpu)
{
	if (!pcp_holds_pages(set, cpu->id, NULL))
		atomic_and_release_u64(
			&set->mask[cpu->id / 64], ~(1ULL << cpu->id % 64));
}

static bool says_it_has_pages(const struct pcp_set *set,
	const struct ipi_mask *state, unsigned int cpu, const struct zone *zone)
{
	const uint8_t *has = state->has_pages + cpu * state->has_pages_stride;

	if (zone)
		return atomic_load_relaxed_u8(&has[zone->id]);
	for (unsigned int i = 0; i < set->nr_zones; i++)
		if (atomic_load_relaxed_u8(&has[i]))
			return true;
	return false;
}

static void mark_by_summary(struct pcp_set *set, struct pcp_drain *drain)
{
	struct ipi_mask *state = set->state;
	unsigned int words = CPUMASK_WORDS(set->smp->nr);
	uint64_t *mask = state->masks + drain->by->id * words;

	for (unsigned int i = 0; i < words; i++)
		mask[i] = 0;
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		if (pcp_cpu_online(set, cpu) &&
			says_it_has_pages(set, state, cpu, drain->zone))
			mask[cpu / 64] |= 1ULL << cpu % 64;
	drain->mask = mask;
}

static void mark(struct pcp_set *set, struct pcp_drain *drain)
{
	struct ipi_mask *state = set->state;

	state->how->mark(set, drain);
	if (drain->force)
		drain->mask = set->smp->online;
}

/* --- the table -------------------------------------------------------- */

static const struct mask_lock mask_locks[PCPMM_NR_IPI_MASK_LOCKS] = {
	[PCPMM_IPI_MASK_LOCK_SPIN] = {spin_lock, spin_unlock,
		mark_cleared_first, NULL},
	[PCPMM_IPI_MASK_LOCK_NONE] = {NULL, NULL, mark_cleared_first, NULL},
	[PCPMM_IPI_MASK_LOCK_MUTEX] = {sleep_lock, sleep_unlock,
		mark_cleared_first, NULL},
	[PCPMM_IPI_MASK_LOCK_RAW_SPIN] = {raw_spin_lock, raw_spin_unlock,
		mark_cleared_first, NULL},
	[PCPMM_IPI_MASK_LOCK_TRYLOCK] = {try_lock, spin_unlock,
		mark_cleared_first, NULL},
	[PCPMM_IPI_MASK_LOCK_OWN_BIT] = {NULL, NULL, mark_only_set,
		clear_own_bit},
	[PCPMM_IPI_MASK_LOCK_SUMMARY] = {NULL, NULL, mark_by_summary, NULL},
};

/* --- the drain -------------------------------------------------------- */

static void ipi_mask_locked_drain_mask(
	struct pcp_set *set, struct pcp_drain *drain)
{
	struct ipi_mask *state = set->state;

	ipi_drain_mask(state->drains, drain);
}

/* A line of bytes for each CPU, which its slots point into. */
static int init_summary(struct pcp_set *set, struct ipi_mask *state)
{
	size_t stride = round_up_pow2(set->nr_zones, CACHE_LINE);
	unsigned int nr = set->smp->nr;

	state->has_pages_stride = stride;
	state->has_pages = memory_alloc_aligned(nr * stride);
	state->masks =
		calloc(nr * (size_t)CPUMASK_WORDS(nr), sizeof(state->masks[0]));
	if (!state->has_pages || !state->masks)
		return -ENOMEM;
	for (unsigned int cpu = 0; cpu < nr; cpu++)
		for (unsigned int i = 0; i < set->nr_zones; i++)
			set->slots[cpu][i].private =
				&state->has_pages[cpu * stride + i];
	set->owner = irqoff_summary_owner;
	return 0;
}

static int ipi_mask_locked_init(struct pcp_set *set)
{
	struct ipi_mask *state = calloc(1, sizeof(*state));

	set->state = state;
	if (!state)
		return -ENOMEM;
	mutex_init(&state->mutex);
	state->how = &mask_locks[set->ipi_mask_lock];
	state->drains = ipi_drains_create(set, state->how->drained);
	if (!state->drains)
		return -ENOMEM;
	return set->ipi_mask_lock == PCPMM_IPI_MASK_LOCK_SUMMARY
		       ? init_summary(set, state)
		       : 0;
}

static void ipi_mask_locked_fini(struct pcp_set *set)
{
	struct ipi_mask *state = set->state;

	if (!state)
		return;
	ipi_drains_destroy(state->drains);
	mutex_fini(&state->mutex);
	free(state->has_pages);
	free(state->masks);
	free(state);
}

/* Lists that were changed outside the guard, by a restore. */
static void ipi_mask_locked_restored(struct pcp_slot *slot)
{
	if (slot->private)
		atomic_store_relaxed_u8(slot->private, pcp_count(slot) != 0);
}

static void ipi_mask_locked_memory(
	const struct pcp_set *set, struct pcpmm_drain_memory *memory)
{
	const struct ipi_mask *state = set->state;
	enum pcpmm_ipi_mask_lock how = set->ipi_mask_lock;

	memory->here.pair = ipi_drains_pair();
	memory->here.machine =
		ipi_drains_once() + sizeof(*state) + pcp_mask_size(set);
	if (how == PCPMM_IPI_MASK_LOCK_SUMMARY) {
		memory->here.list = sizeof(set->slots[0]->private);
		memory->here.cpu = state->has_pages_stride + pcp_mask_size(set);
		memory->here.machine -= pcp_mask_size(set);
	}
	/* Neither was posted as code. */
	memory->kernel_known = how != PCPMM_IPI_MASK_LOCK_SUMMARY &&
			       how != PCPMM_IPI_MASK_LOCK_OWN_BIT;
	if (memory->kernel_known)
		memory->kernel.machine =
			KERNEL_CPUMASK +
			(how == PCPMM_IPI_MASK_LOCK_NONE ? 0
				: how == PCPMM_IPI_MASK_LOCK_MUTEX
					? KERNEL_MUTEX
					: KERNEL_SPINLOCK);
}

const struct pcp_drain_ops ipi_mask_locked_ops = {
	.name = "ipi_mask_locked",
	.owner = &irqoff_owner,
	.drain_mask = ipi_mask_locked_drain_mask,
	.memory = ipi_mask_locked_memory,
	.no_mutex = true,
	.ipi_mask_2012 = true,
	.lock = mask_lock,
	.unlock = mask_unlock,
	.mark = mark,
	.init = ipi_mask_locked_init,
	.fini = ipi_mask_locked_fini,
	.restored = ipi_mask_locked_restored,
};
