/* SPDX-License-Identifier: MIT */
/*
 * The owner's paths guarded by interrupts off: what every kernel did before
 * 6.0 (local_irq_save, later local_lock_irqsave). Only code on the same CPU can
 * then touch the list, so a drainer has to get something run there.
 */
#ifndef PCPLIST_IRQOFF_H
#define PCPLIST_IRQOFF_H

#include "pcplist/pcp.h"

uint32_t irqoff_alloc(struct pcp_slot *slot, unsigned int order,
	unsigned int type, unsigned int alloc_flags);
unsigned int irqoff_alloc_bulk(struct pcp_slot *slot, unsigned int type,
	unsigned int alloc_flags, unsigned int nr, struct pcpmm_page **pages);
bool irqoff_free(struct pcp_slot *slot, uint32_t pfn, unsigned int order,
	unsigned int type);
unsigned int irqoff_free_batch(
	struct pcp_slot *slot, struct pcpmm_page **pages, unsigned int nr);
unsigned int irqoff_drain_own(
	struct cpu *by, struct pcp_slot *slot, unsigned int pages);

/* The owner's half of a strategy's ops. */
#define IRQOFF_OWNER_OPS                                                       \
	.alloc = irqoff_alloc, .alloc_bulk = irqoff_alloc_bulk,                \
	.free = irqoff_free, .free_batch = irqoff_free_batch,                  \
	.drain_own = irqoff_drain_own

#endif
