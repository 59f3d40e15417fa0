/* SPDX-License-Identifier: MIT */
/*
 * The owner's alloc and free, written once; a strategy gives its guard as a
 * constant and the compiler leaves no call behind (tests/codegen checks).
 *
 * Each section enters the guard once and uses only the pcp it returned.
 */
#ifndef PCPLIST_CORE_H
#define PCPLIST_CORE_H

#include "pcplist/pcp.h"

/* Head of the list, after a refill if it is empty; pfn, 0: zone is out. */
static force_inline uint32_t pcp_take(struct pcp_slot *slot,
	struct pcp_lists *pcp, unsigned int order, unsigned int type,
	unsigned int alloc_flags)
{
	struct zone *zone = slot->zone;
	struct frame_list *list = &pcp->lists[pcp_index(order, type)];
	uint32_t pfn;

	if (unlikely(!list->first) &&
		!pcp_refill(slot, pcp, order, type, alloc_flags))
		return 0;
	pfn = frame_list_pop(zone->memmap, list);
	pcp_add_count(pcp, -(1 << order));
	return pfn;
}

static force_inline uint32_t pcp_core_alloc(const struct pcp_guard *guard,
	struct pcp_slot *slot, unsigned int order, unsigned int type,
	unsigned int alloc_flags)
{
	struct pcp_lists *pcp = guard->enter(slot);
	uint32_t pfn;

	if (unlikely(!pcp))
		return 0;
	/* Every allocation makes the next spill smaller again. */
	slot->free_factor >>= 1;
	cpu_guard_point(slot->cpu);
	pfn = pcp_take(slot, pcp, order, type, alloc_flags);
	guard->leave(slot, pcp);
	return pfn;
}

/* One section for all; free_factor is left alone, as in the kernel. */
static force_inline unsigned int pcp_core_alloc_bulk(
	const struct pcp_guard *guard, struct pcp_slot *slot, unsigned int type,
	unsigned int alloc_flags, unsigned int nr, struct pcpmm_page **pages)
{
	struct pcp_lists *pcp = guard->enter(slot);
	unsigned int got = 0;

	if (unlikely(!pcp))
		return 0;
	cpu_guard_point(slot->cpu);
	while (got < nr) {
		uint32_t pfn = pcp_take(slot, pcp, 0, type, alloc_flags);

		if (unlikely(!pfn))
			break;
		pages[got++] = &slot->zone->memmap[pfn];
	}
	guard->leave(slot, pcp);
	return got;
}

/*
 * Push, and spill at the mark (free_unref_page_commit). The frame keeps the
 * type of its pageblock, so that a HIGHATOMIC page that lay on the MOVABLE
 * list goes back to the buddy as what it is.
 */
static force_inline void pcp_commit(struct pcp_slot *slot,
	struct pcp_lists *pcp, uint32_t pfn, unsigned int order,
	unsigned int type)
{
	struct zone *zone = slot->zone;
	struct pcpmm_page *page = &zone->memmap[pfn];
	unsigned int index = pcp_index(order, pcp_list_type(type));
	bool free_high =
		order && order <= PCPMM_COSTLY_ORDER && slot->free_factor;
	int high;

	frame_set_head(page, FRAME_PCP, order, type);
	frame_list_add_head(zone->memmap, &pcp->lists[index], pfn);
	pcp_add_count(pcp, 1 << order);
	high = pcp_spill_at(slot, free_high);
	if (unlikely(pcp->count >= high))
		pcp_free_bulk(slot->cpu, slot, pcp,
			pcp_spill_size(slot, pcp->count, high, free_high),
			index);
}

static force_inline bool pcp_core_free(const struct pcp_guard *guard,
	struct pcp_slot *slot, uint32_t pfn, unsigned int order,
	unsigned int type)
{
	struct pcp_lists *pcp = guard->enter(slot);

	if (unlikely(!pcp))
		return false;
	cpu_guard_point(slot->cpu);
	pcp_commit(slot, pcp, pfn, order, type);
	guard->leave(slot, pcp);
	return true;
}

static force_inline unsigned int pcp_core_free_batch(
	const struct pcp_guard *guard, struct pcp_slot *slot,
	struct pcpmm_page **pages, unsigned int nr)
{
	struct zone *zone = slot->zone;
	struct pcp_lists *pcp = guard->enter(slot);

	if (unlikely(!pcp))
		return 0;
	cpu_guard_point(slot->cpu);
	for (unsigned int i = 0; i < nr; i++) {
		uint32_t pfn = page_pfn(zone, pages[i]);

		if (event_enabled(slot->cpu, PCPMM_EVENT_MM_PAGE_FREE_BATCHED))
			pcp_record_free_batched(slot->cpu, zone, pages[i]);
		pcp_commit(slot, pcp, pfn, 0, zone_block_type(zone, pfn));
	}
	guard->leave(slot, pcp);
	return nr;
}

/* All of it, or @pages, in one section. @by: who frees, if the owner is dead. */
static force_inline unsigned int pcp_core_drain_own(
	const struct pcp_guard *guard, struct cpu *by, struct pcp_slot *slot,
	unsigned int pages)
{
	struct pcp_lists *pcp = guard->enter(slot);
	unsigned int freed = 0;
	int nr;

	if (unlikely(!pcp))
		return 0;
	nr = pages ? (int)pages : pcp->count;
	if (pcp->count)
		freed = pcp_free_bulk(by, slot, pcp, nr, 0);
	guard->leave(slot, pcp);
	return freed;
}

#endif
