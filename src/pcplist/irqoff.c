/* SPDX-License-Identifier: MIT */
/*
 * irqoff: the owner's list, guarded by interrupts off.
 *
 * Cost to the owner: the soft mask, one increment and one decrement of its own
 * memory. An interrupt, and with it whoever wants to take the CPU over, waits
 * for the end of the section; so does an interrupt that allocates, which in
 * turn always gets the list.
 */
#include "pcplist/irqoff.h"

#include "arch/mutant.h"
#include "pcplist/core.h"

static force_inline struct pcp_lists *enter(struct pcp_slot *slot)
{
	if (!MUTANT(IRQS_LEFT_ON))
		irq_save(slot->cpu);
	return &slot->own;
}

static force_inline void leave(struct pcp_slot *slot, struct pcp_lists *pcp)
{
	(void)pcp;
	if (!MUTANT(IRQS_LEFT_ON))
		irq_restore(slot->cpu);
}

static const struct pcp_guard guard = {.enter = enter, .leave = leave};

uint32_t irqoff_alloc(struct pcp_slot *slot, unsigned int order,
	unsigned int type, unsigned int alloc_flags)
{
	return pcp_core_alloc(&guard, slot, order, type, alloc_flags);
}

unsigned int irqoff_alloc_bulk(struct pcp_slot *slot, unsigned int type,
	unsigned int alloc_flags, unsigned int nr, struct pcpmm_page **pages)
{
	return pcp_core_alloc_bulk(&guard, slot, type, alloc_flags, nr, pages);
}

bool irqoff_free(struct pcp_slot *slot, uint32_t pfn, unsigned int order,
	unsigned int type)
{
	return pcp_core_free(&guard, slot, pfn, order, type);
}

unsigned int irqoff_free_batch(
	struct pcp_slot *slot, struct pcpmm_page **pages, unsigned int nr)
{
	return pcp_core_free_batch(&guard, slot, pages, nr);
}

unsigned int irqoff_drain_own(
	struct cpu *by, struct pcp_slot *slot, unsigned int pages)
{
	return pcp_core_drain_own(&guard, by, slot, pages);
}
