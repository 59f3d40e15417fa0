/* SPDX-License-Identifier: MIT */
/*
 * irqoff: the owner's list, guarded by interrupts off; in every kernel before
 * 6.0 (local_irq_save, later local_lock_irqsave). Only code on the same CPU can
 * then touch the list, so a drainer has to run something there.
 *
 * Cost to the owner: the soft mask, one increment and one decrement of its own
 * memory. An interrupt waits for the end of the section, and so does a task
 * that is to preempt the owner. In turn, an interrupt that allocates always
 * gets the list.
 */
#ifndef PCPLIST_GUARD_IRQOFF_H
#define PCPLIST_GUARD_IRQOFF_H

#include "arch/mutant.h"
#include "cpu/entry.h"
#include "pcplist/pcp.h"

static force_inline struct pcp_lists *guard_irqoff_enter(
	struct cpu *cpu, struct pcp_slot *slot)
{
	if (!MUTANT(IRQS_LEFT_ON))
		irq_mask(cpu);
	return &slot->own;
}

static force_inline void guard_irqoff_leave(
	struct cpu *cpu, struct pcp_slot *slot, struct pcp_lists *pcp)
{
	(void)slot, (void)pcp;
	if (!MUTANT(IRQS_LEFT_ON))
		irq_unmask(cpu);
}

#endif
