/* SPDX-License-Identifier: MIT */
/*
 * pcp_lock: the owner's list, guarded by the lock in it; since 6.0
 * (pcp_spin_trylock).
 *
 * Cost to the owner: one uncontended trylock and release, a locked exchange
 * on a line it owns. An owner that loses the trylock to a drainer goes to the
 * buddy instead of waiting.
 *
 * Why a trylock: an interrupt that allocates while its own CPU is inside the
 * section would otherwise wait for itself for ever. The kernel also turns
 * preemption off inside, which here would cost a fifth of an alloc and free
 * pair; without it, a task that preempts the owner loses the trylock, too.
 */
#ifndef PCPLIST_GUARD_PCP_LOCK_H
#define PCPLIST_GUARD_PCP_LOCK_H

#include "cpu/noise.h"
#include "pcplist/pcp.h"
#include "cpu/entry.h"

/* An interrupt that loses to the task it interrupted is not interference. */
static inline void guard_pcp_lock_busy(struct cpu *cpu)
{
	if (!cpu->in_irq) {
		irq_save(cpu);
		noise_count(cpu, PCPMM_NOISE_PCP_LOCK);
		irq_restore(cpu);
	}
}

static force_inline struct pcp_lists *guard_pcp_lock_enter(
	struct cpu *cpu, struct pcp_slot *slot)
{
	if (unlikely(!lock_try(cpu, &slot->lock, LOCK_RANK_PCP)))
		return NULL;
	return &slot->own;
}

static force_inline void guard_pcp_lock_leave(
	struct cpu *cpu, struct pcp_slot *slot, struct pcp_lists *pcp)
{
	(void)pcp;
	lock_release(cpu, &slot->lock, LOCK_RANK_PCP);
}

#endif
