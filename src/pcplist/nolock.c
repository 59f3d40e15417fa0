/* SPDX-License-Identifier: MIT */
/* Allocate from and free to a CPU's lists without waiting; see nolock.h. */
#include "pcplist/nolock.h"

#include "pcplist/core.h"
#include "pcplist/set.h"

static bool has_way_in(
	const struct pcp_set *set, unsigned int order, unsigned int type)
{
	return set->ops->nolock && pcp_has_list(set, order, type);
}

uint32_t pcp_nolock_alloc(const struct pcp_set *set, struct pcp_slot *slot,
	unsigned int order, unsigned int type, unsigned int alloc_flags)
{
	if (!has_way_in(set, order, type))
		return 0;
	return pcp_core_alloc(set->ops->nolock, slot, order, type, alloc_flags);
}

bool pcp_nolock_free(const struct pcp_set *set, struct pcp_slot *slot,
	uint32_t pfn, unsigned int order, unsigned int type)
{
	struct zone *zone = slot->zone;
	struct pcp_lists *pcp;

	if (!has_way_in(set, order, type))
		return false;
	pcp = pcp_enter(set->ops->nolock, slot);
	if (!pcp)
		return false;
	cpu_guard_point(slot->cpu);
	frame_set_head(&zone->memmap[pfn],
		FRAME_HEAD(FRAME_PCP, order, type, zone->id));
	pcp_stack_push(pcp->pool,
		&pcp->lists[pcp_index_6_1(order, pcp_listed_as_6_1(type))],
		pfn);
	pcp_add_count(pcp, 1 << order);
	if (MUTANT(NOLOCK_SPILLS) &&
		pcp->count >= atomic_load_relaxed_s32(&slot->high))
		pcp_free_bulk(slot->cpu, slot, pcp, pcp->count, PCP_DRAIN);
	pcp_leave(set->ops->nolock, slot, pcp);
	return true;
}
