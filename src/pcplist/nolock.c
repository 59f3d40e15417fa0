/* SPDX-License-Identifier: MIT */
/* Allocate from and free to a CPU's lists without waiting; see nolock.h. */
#include "pcplist/nolock.h"

#include "pcplist/core.h"
#include "pcplist/set.h"
#include "zone/rmqueue.h"

/* pcp_refill(), by one try. */
static bool refill(struct pcp_slot *slot, struct pcp_lists *pcp,
	unsigned int order, unsigned int type)
{
	const struct pcp_rules *rules = slot->zone->pcp_rules;
	unsigned int nr = (unsigned int)rules->refill_size(
		atomic_load_relaxed_s32(&slot->batch), order);
	struct pcp_filler filler;
	unsigned int got;

	pcp_stack_fill(&filler, pcp->pool,
		&pcp->lists[pcp_index_6_1(order, type)], nr);
	got = zone_rmqueue_bulk_nolock(
		slot->cpu, slot->zone, order, nr, type, &filler.sink);
	pcp_stack_filled(&filler);
	pcp_add_count(pcp, (int)(got << order));
	return got != 0;
}

static uint32_t take(struct pcp_slot *slot, struct pcp_lists *pcp,
	unsigned int order, unsigned int type)
{
	struct pcp_stack *list = &pcp->lists[pcp_index_6_1(order, type)];
	uint32_t pfn;

	if (!pcp_stack_can_pop(list) && !pcp_stack_pull(pcp->pool, list) &&
		!refill(slot, pcp, order, type))
		return 0;
	pfn = pcp_stack_pop(list);
	pcp_add_count(pcp, -(1 << order));
	return pfn;
}

/* @set has a list for the block; NULL: there is no way in, or it is busy. */
static struct pcp_lists *try_enter(const struct pcp_set *set,
	struct pcp_slot *slot, unsigned int order, unsigned int type)
{
	if (!set->ops->nolock || !pcp_has_list(set, order, type))
		return NULL;
	return pcp_enter(set->ops->nolock, slot);
}

uint32_t pcp_nolock_alloc(const struct pcp_set *set, struct pcp_slot *slot,
	unsigned int order, unsigned int type)
{
	struct pcp_lists *pcp = try_enter(set, slot, order, type);
	uint32_t pfn;

	if (!pcp)
		return 0;
	slot->free_factor >>= 1;
	cpu_guard_point(slot->cpu);
	pfn = take(slot, pcp, order, type);
	pcp_leave(set->ops->nolock, slot, pcp);
	return pfn;
}

bool pcp_nolock_free(const struct pcp_set *set, struct pcp_slot *slot,
	uint32_t pfn, unsigned int order, unsigned int type)
{
	struct pcp_lists *pcp = try_enter(set, slot, order, type);
	struct zone *zone = slot->zone;

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
