/* SPDX-License-Identifier: MIT */
/*
 * rcu: the owner reads which lists are in force and uses them inside a section
 * that a drainer's grace period waits for; the RFC of 8 Oct 2021.
 *
 * Cost to the owner: a section and one dependent load. By flavour:
 *   sched   the section is interrupts off, as in the kernel
 *   memb    that and liburcu's read lock
 *   qsbr    interrupts off, and at the end the thread says it is quiescent
 *   epoch   interrupts off, and a section of the CPU's record
 *
 * slot->lp is read exactly once a section. [rcu.deref] acquire, pairs with
 * [rcu.swap] release: the empty lists, and the high 0 that pcp_disable stored
 * before.
 */
#ifndef PCPLIST_GUARD_RCU_H
#define PCPLIST_GUARD_RCU_H

#include "arch/mutant.h"
#include "cpu/entry.h"
#include "cpu/rcu.h"
#include "pcplist/pcp.h"

/* [rcu.deref] */
static force_inline struct pcp_lists *guard_rcu_deref(struct pcp_slot *slot)
{
	return atomic_load_acquire_ptr((void *const *)&slot->lp);
}

static force_inline struct pcp_lists *guard_rcu_sched_enter(
	struct cpu *cpu, struct pcp_slot *slot)
{
	struct pcp_lists *pcp =
		MUTANT(RCU_DEREF_OUTSIDE) ? guard_rcu_deref(slot) : NULL;

	MUTANT_WINDOW(RCU_DEREF_OUTSIDE);
	irq_mask(cpu);
	return pcp ? pcp : guard_rcu_deref(slot);
}

static force_inline void guard_rcu_sched_leave(
	struct cpu *cpu, struct pcp_slot *slot, struct pcp_lists *pcp)
{
	(void)slot, (void)pcp;
	rcu_sched_leave();
	irq_unmask(cpu);
}

static force_inline struct pcp_lists *guard_rcu_memb_enter(
	struct cpu *cpu, struct pcp_slot *slot)
{
	irq_mask(cpu);
	rcu_memb_enter();
	return guard_rcu_deref(slot);
}

static force_inline void guard_rcu_memb_leave(
	struct cpu *cpu, struct pcp_slot *slot, struct pcp_lists *pcp)
{
	(void)slot, (void)pcp;
	rcu_memb_leave();
	irq_unmask(cpu);
}

/* Entered as sched is. */
static force_inline void guard_rcu_qsbr_leave(
	struct cpu *cpu, struct pcp_slot *slot, struct pcp_lists *pcp)
{
	(void)slot, (void)pcp;
	rcu_qsbr_leave(cpu);
	irq_unmask(cpu);
}

static force_inline struct pcp_lists *guard_rcu_epoch_enter(
	struct cpu *cpu, struct pcp_slot *slot)
{
	irq_mask(cpu);
	if (!MUTANT(RCU_EPOCH_NOT_ENTERED))
		rcu_epoch_enter(cpu->rcu_record);
	return guard_rcu_deref(slot);
}

static force_inline void guard_rcu_epoch_leave(
	struct cpu *cpu, struct pcp_slot *slot, struct pcp_lists *pcp)
{
	(void)slot, (void)pcp;
	if (!MUTANT(RCU_EPOCH_NOT_ENTERED))
		rcu_epoch_leave(cpu->rcu_record);
	irq_unmask(cpu);
}

#endif
