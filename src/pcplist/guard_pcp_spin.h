/* SPDX-License-Identifier: MIT */
/*
 * pcp_spin: the owner's list, guarded by interrupts off and the lock in it, for
 * which the owner waits; "mm/page_alloc: Remote per-cpu page list drain support",
 * v2 of 3 Nov 2021 (Nicolas Saenz Julienne).
 *
 * Cost to the owner: that of irqoff, and an uncontended lock and its release. An
 * owner that meets a drainer waits for it, with interrupts off.
 *
 * Why interrupts are off: an interrupt that allocates inside the section of its own
 * CPU would wait for itself for ever. (Since 6.2 the owner only tries instead, and
 * interrupts stay on: guard_pcp_lock.h.)
 */
#ifndef PCPLIST_GUARD_PCP_SPIN_H
#define PCPLIST_GUARD_PCP_SPIN_H

#include "arch/mutant.h"
#include "cpu/entry.h"
#include "cpu/lock.h"
#include "cpu/noise.h"
#include "pcplist/pcp.h"

/* A drainer has the lock. Interrupts are off. */
static noinline cold void guard_spin_wait(
	struct cpu *cpu, struct spinlock *lock)
{
	noise_count(cpu, PCPMM_NOISE_PCP_LOCK);
	lock_acquire(cpu, lock, LOCK_RANK_PCP);
}

static force_inline void guard_spin_lock(struct cpu *cpu, struct spinlock *lock)
{
	if (unlikely(!lock_try(cpu, lock, LOCK_RANK_PCP)))
		guard_spin_wait(cpu, lock);
}

static force_inline void guard_spin_mask(struct cpu *cpu)
{
	if (!MUTANT(SPIN_IRQS_LEFT_ON))
		irq_mask(cpu);
}

static force_inline void guard_spin_unmask(struct cpu *cpu)
{
	if (!MUTANT(SPIN_IRQS_LEFT_ON))
		irq_unmask(cpu);
}

static force_inline struct pcp_lists *guard_pcp_spin_enter(
	struct cpu *cpu, struct pcp_slot *slot)
{
	guard_spin_mask(cpu);
	guard_spin_lock(cpu, &slot->lock);
	return &slot->own;
}

static force_inline void guard_pcp_spin_leave(
	struct cpu *cpu, struct pcp_slot *slot, struct pcp_lists *pcp)
{
	(void)pcp;
	lock_release(cpu, &slot->lock, LOCK_RANK_PCP);
	guard_spin_unmask(cpu);
}

#endif
