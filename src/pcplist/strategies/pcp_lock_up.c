/* SPDX-License-Identifier: MIT */
/*
 * pcp_lock in a kernel for one CPU (CONFIG_SMP=n, axis up). A spin lock is nothing
 * there, and what a trylock of nothing gives was changed twice:
 *
 *   trylock_succeeds  It succeeds, always, and since 6.2 (574907741599) interrupts
 *                     are on inside: one that comes enters the list that it has
 *                     interrupted. Unsound.
 *   irqs_off          It succeeds, and interrupts are off, as before 6.2
 *                     (038a102535eb, Vlastimil Babka, January 2026, in 6.1.192).
 *   trylock_fails     It fails, always (7.x, a373f371166d): the lists are never
 *                     used, every page comes from the buddy and goes there.
 *
 * Owner pays: nothing; interrupts off and on; or a call that fails, and the zone
 * lock.
 * Interrupted: no CPU, there is no other.
 * Progress: a drain is the CPU's own; with trylock_fails there is nothing to drain.
 */
#include <errno.h>
#include <stdlib.h>

#include "arch/memory.h"
#include "pcplist/core.h"
#include "pcplist/guard_external.h"
#include "pcplist/guard_irqoff.h"
#include "pcplist/owner.h"
#include "pcplist/set.h"
#include "pcplist/strategies/strategies.h"

/* A kernel has neither a lock nor a mask there. */
static void up_memory(
	const struct pcp_set *set, struct pcpmm_drain_memory *memory)
{
	memory->here.machine = pcp_mask_size(set);
	if (!set->state)
		return;
	memory->here.list = sizeof(set->slots[0]->private);
	memory->here.machine += sizeof(struct external_slot);
}

static void drain_own_lists(struct pcp_set *set, struct pcp_drain *drain)
{
	drain->pages += pcp_drain_own(set, drain->by, drain->by, drain->zone);
}

/* --- irqs_off ------------------------------------------------------------- */

/* A soft mask holds no NMI off: there nobody tries (axis nolock_refuses). */
static const struct pcp_guard irqs_off_guard = {
	.enter = guard_irqoff_enter,
	.leave = guard_irqoff_leave,
	.masks = true,
};

static const struct pcp_drain_ops irqs_off_ops = {
	.name = "pcp_lock",
	.nolock = &irqs_off_guard,
	.owner = &irqoff_owner,
	.drain_mask = drain_own_lists,
	.memory = up_memory,
};

/* --- a trylock of nothing --------------------------------------------------- */

static bool trylock_succeeds(void *memory)
{
	(void)memory;
	return true;
}

static bool trylock_fails(void *memory)
{
	(void)memory;
	return false;
}

static void unlock_nothing(void *memory)
{
	(void)memory;
}

static int no_lock_init(struct pcp_set *set, bool (*trylock)(void *))
{
	struct external_slot *outside = memory_alloc_aligned(sizeof(*outside));

	set->state = outside;
	if (!outside)
		return -ENOMEM;
	outside->enter = trylock;
	outside->leave = unlock_nothing;
	for (unsigned int i = 0; i < set->nr_zones; i++)
		set->slots[0][i].private = outside;
	return 0;
}

static void no_lock_fini(struct pcp_set *set)
{
	free(set->state);
}

/* --- trylock_succeeds ------------------------------------------------------- */

static int succeeds_init(struct pcp_set *set)
{
	return no_lock_init(set, trylock_succeeds);
}

static const struct pcp_guard no_guard = {
	.enter = guard_external_enter,
	.leave = guard_external_leave,
};

static const struct pcp_drain_ops trylock_succeeds_ops = {
	.name = "pcp_lock",
	.nolock = &no_guard,
	.owner = &external_owner,
	.drain_mask = drain_own_lists,
	.memory = up_memory,
	.init = succeeds_init,
	.fini = no_lock_fini,
};

/* --- trylock_fails ---------------------------------------------------------- */

static int fails_init(struct pcp_set *set)
{
	return no_lock_init(set, trylock_fails);
}

static void drain_nothing(struct pcp_set *set, struct pcp_drain *drain)
{
	(void)set, (void)drain;
}

static unsigned int drain_no_list(
	struct cpu *by, struct pcp_slot *slot, unsigned int pages)
{
	(void)by, (void)slot, (void)pages;
	return 0;
}

static const struct pcp_drain_ops trylock_fails_ops = {
	.name = "pcp_lock",
	.owner = &external_owner,
	.drain_own = drain_no_list,
	.drain_mask = drain_nothing,
	.memory = up_memory,
	.init = fails_init,
	.fini = no_lock_fini,
};

const struct pcp_drain_ops *pcp_lock_up_ops(enum pcpmm_up up)
{
	return up == PCPMM_UP_IRQS_OFF		 ? &irqs_off_ops
	       : up == PCPMM_UP_TRYLOCK_SUCCEEDS ? &trylock_succeeds_ops
						 : &trylock_fails_ops;
}
