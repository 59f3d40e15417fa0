/* SPDX-License-Identifier: MIT */
/*
 * irqoff_summary: interrupts off, and at the end of each section the owner brings a
 * byte up to date that says whether the list has pages. The bytes of a CPU lie
 * beside each other, so that a drainer looks at one line of a CPU instead of one
 * for each zone. For ipi_mask_locked with ipi_mask_lock = summary.
 *
 * Cost to the owner: beside that of irqoff, a load and a comparison; a store when
 * the list gets its first page or loses its last one.
 *
 * The byte is stored with interrupts off. A drainer reads it racily: a CPU that
 * gets its first page after the look is missed, as with the counts.
 */
#ifndef PCPLIST_GUARD_SUMMARY_H
#define PCPLIST_GUARD_SUMMARY_H

#include "cpu/entry.h"
#include "pcplist/pcp.h"

static force_inline struct pcp_lists *guard_summary_enter(
	struct cpu *cpu, struct pcp_slot *slot)
{
	irq_mask(cpu);
	return &slot->own;
}

static force_inline void guard_summary_leave(
	struct cpu *cpu, struct pcp_slot *slot, struct pcp_lists *pcp)
{
	uint8_t *has_pages = slot->private;
	uint8_t has = pcp->count != 0;

	if (unlikely(*has_pages != has))
		atomic_store_relaxed_u8(has_pages, has);
	irq_unmask(cpu);
}

#endif
