/* SPDX-License-Identifier: MIT */
/* Refill and spill: inside the guard of the slot, by the rules of its kernel. */
#ifndef PCPLIST_BULK_H
#define PCPLIST_BULK_H

#include "pcplist/pcp.h"
#include "pcplist/rules_6_1.h"

/* Fill an empty list from the zone. Number of blocks added. */
unsigned int pcp_refill(struct pcp_slot *slot, struct pcp_lists *pcp,
	unsigned int order, unsigned int type, unsigned int alloc_flags);

/*
 * The same of any list: up to @nr blocks to its tail, in order of allocation.
 * Number of blocks added. @cpu acts.
 */
unsigned int pcp_add_blocks(struct cpu *cpu, struct zone *zone,
	struct pcp_lists *pcp, unsigned int order, unsigned int nr,
	unsigned int type, unsigned int alloc_flags);

/* The rules decide whether this free spills: it may. */
static force_inline bool pcp_may_spill(
	const struct pcp_slot *slot, int count, unsigned int order)
{
	if (unlikely(zone_flags(slot->zone) &
		     (ZONE_RECLAIM_ACTIVE | ZONE_EACH_FREE)))
		return true;
	if (unlikely(pcp_may_free_high_6_1(order) && slot->free_factor))
		return true;
	return count >= atomic_load_relaxed_s32(&slot->high);
}

/*
 * A block of @order was listed, and makes @count pages: what the rules change by
 * it. Pages to spill; 0: none.
 */
int pcp_freed(struct pcp_slot *slot, int count, unsigned int order);
/* The rules' alloc(), by the table; pcp_allocated() is the same. */
void pcp_ask_alloc(struct pcp_slot *slot);
/* The count at which a free of order 0 would spill. */
int pcp_spill_at(const struct pcp_slot *slot, int count);
/* From 6.7, after a spill: the zone may be above its high watermark again. */
void pcp_look_at_high(struct zone *zone);

/*
 * Give @pages pages back to the zone, list by list, each list's tail first.
 * @freed: the list of the page just freed, or PCP_DRAIN; the rules say which
 * list is first and which is next. @by acts. Pages freed.
 */
unsigned int pcp_free_bulk(struct cpu *by, const struct pcp_slot *slot,
	struct pcp_lists *pcp, int pages, int freed);

/* --- for lists that are no stacks (piece_spill.c, piece_refill.c) ------------- */

/* Record a refill that asked for @nr blocks of @order and got @got. */
void pcp_record_refill(struct cpu *cpu, const struct zone *zone,
	unsigned int order, unsigned int type, int nr, unsigned int got);
/* Record that @page leaves a list for the zone. */
void pcp_record_drain(
	struct cpu *by, const struct zone *zone, const struct pcpmm_page *page);
/* Record that of @pages asked @freed went to the zone; @count was listed. */
void pcp_record_bulk(struct cpu *by, const struct pcp_slot *slot, int pages,
	int count, unsigned int freed);
/* Count a spill's hold of the zone lock, in which @pages went back. That lock. */
void pcp_count_hold(struct zone *zone, unsigned int pages);

/* Record that a page of a batched free is about to enter its list. */
void pcp_record_free_batched(struct cpu *cpu, const struct zone *zone,
	const struct pcpmm_page *page);

#endif
