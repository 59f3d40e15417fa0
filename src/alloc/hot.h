/* SPDX-License-Identifier: MIT */
/*
 * The hot paths of alloc and free: one order, one guard, no surprise.
 *
 * Neither has a stack frame, and neither writes before it knows that it will
 * succeed: each way out is a tail call, either before anything has changed
 * (alloc_generic(), free_generic()) or with the guard on (hot->alloc_more,
 * hot->free_more). tests/codegen/hot.sh checks the instructions.
 *
 * One word answers several questions at once:
 *
 *   cpu->may          this thread is on the CPU; nothing is recorded or injected
 *   special_gfp       no memory has to be zeroed
 *   *route->gate      the gfp is possible; the zone is local and above its low
 *                     mark; it has no boost to answer, no snapshot to read
 *   frame's head      held, and of this order; later its next state, as a whole
 *   pageblock's word  which list, and the head that the frame gets there
 *   slot->soft        neither high nor RECLAIM_ACTIVE can make this free spill;
 *                     from 6.7, where each free changes the state: never
 *   list's pointer    where the number is, and whether there is one, or room
 *
 * The lists are those of rules_6_1.h, which the guard's ops inline, too. Kernels
 * with fewer lists have a lower cpu->hot_order.
 */
#ifndef ALLOC_HOT_H
#define ALLOC_HOT_H

#include "alloc/door.h"
#include "alloc/freelist.h"
#include "alloc/page_free.h"
#include "alloc/route.h"
#include "arch/mutant.h"
#include "pcplist/core.h"
#include "zone/gate.h"
#include "zone/pageblock.h"

/* Compiled for one guard. */
struct hot {
	const struct pcp_guard *guard;
	/* The rest of a hot path, inside the guard that it has entered. */
	struct pcpmm_page *(*alloc_more)(struct pcpmm_cpu *cpu, uint32_t gfp,
		unsigned int order, struct pcp_lists *pcp);
	int (*free_more)(struct pcpmm_cpu *cpu, struct pcpmm_page *page,
		unsigned int order, struct pcp_lists *pcp);
	/* The guard could not be entered. */
	struct pcpmm_page *(*alloc_busy)(
		struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);
	int (*free_busy)(struct pcpmm_cpu *cpu, struct pcpmm_page *page,
		unsigned int order);
	bool exchange; /* a free claims its page: free_check = exchange */
};

static force_inline struct pcp_lists *hot_enter(
	const struct hot *hot, struct pcpmm_cpu *cpu, struct pcp_slot *slot)
{
	return MUTANT(HOT_NO_GUARD) ? &slot->own
				    : hot->guard->enter(&cpu->base, slot);
}

static force_inline void hot_leave(const struct hot *hot, struct pcpmm_cpu *cpu,
	struct pcp_slot *slot, struct pcp_lists *pcp)
{
	if (!MUTANT(HOT_NO_GUARD))
		hot->guard->leave(&cpu->base, slot, pcp);
}

static force_inline void hot_count(struct pcpmm_cpu *cpu, uint64_t *events)
{
	if (!MUTANT(HOT_NO_EVENTS))
		count_add(cpu, events, 1);
}

static force_inline bool hot_must_poll(
	const struct hot *hot, const struct pcpmm_cpu *cpu)
{
	return hot->guard->masks && cpu_has_calls(&cpu->base);
}

/* --- alloc ---------------------------------------------------------------- */

/* Lists of @order and up, of the three types that requests name. */
#define HOT_FITS(order)                                                        \
	(((1ULL << NR_ORDERS) - (1ULL << (order))) *                           \
		(NONEMPTY_BIT(0, 0) | NONEMPTY_BIT(0, 1) |                     \
			NONEMPTY_BIT(0, 2)))

/* Some list that the request may use has a block of @order or more. Racy. */
static force_inline bool hot_fits(const struct route *route, unsigned int order)
{
	return route->any_fit &&
	       (atomic_load_relaxed_u64(&route->slot->zone->nonempty) &
		       HOT_FITS(order));
}

/* The zone is above its low mark, by the block that is asked for. */
static force_inline bool hot_above_mark(
	const struct route *route, unsigned int order)
{
	int64_t gate = atomic_load_relaxed_s64(route->gate);

	if (MUTANT(HOT_NO_MARK))
		return true;
	if (order)
		gate -= (1L << order) - 1;
	return atomic_below_relaxed_s64(&route->reserve, gate);
}

#define HOT_TYPES (PCPMM___GFP_MOVABLE | PCPMM___GFP_RECLAIMABLE)
_Static_assert(
	PCPMM___GFP_MOVABLE ==
			PCPMM_MIGRATE_MOVABLE * sizeof(struct pcp_stack) &&
		PCPMM___GFP_RECLAIMABLE ==
			PCPMM_MIGRATE_RECLAIMABLE * sizeof(struct pcp_stack),
	"hot_list()");

/* The list of order 0: the type's place in gfp makes it an offset. */
static force_inline struct pcp_stack *hot_list(
	struct pcp_lists *pcp, uint32_t gfp)
{
	return (struct pcp_stack *)((char *)pcp->lists + (gfp & HOT_TYPES));
}

/* @order is a constant 0, or 1 to 3. */
static force_inline struct pcpmm_page *hot_alloc(const struct hot *hot,
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order)
{
	const struct route *route = route_of(cpu, gfp);
	struct pcp_slot *slot;
	struct pcp_lists *pcp;
	struct pcp_stack *list;
	struct pcpmm_page *page;

	OPTIMIZER_HIDE_VAR(route);
	if (!MUTANT(HOT_NO_OWNER) && unlikely(!cpu_may(&cpu->base)))
		return alloc_generic(cpu, gfp, order);
	if (unlikely(gfp & cpu->special_gfp))
		return alloc_generic(cpu, gfp, order);
	if (unlikely(!hot_above_mark(route, order)))
		return alloc_generic(cpu, gfp, order);
	slot = route->slot;
	if (order && unlikely(!hot_fits(route, order)))
		return alloc_generic(cpu, gfp, order);
	pcp = hot_enter(hot, cpu, slot);
	if (unlikely(!pcp))
		return hot->alloc_busy(cpu, gfp, order);
	list = hot_list(pcp, gfp) + PCPMM_MIGRATE_PCPTYPES * order;
	if (unlikely(slot->free_factor && !MUTANT(HOT_NO_FREE_FACTOR)) ||
		unlikely(!pcp_stack_can_pop(list)))
		return hot->alloc_more(cpu, gfp, order, pcp);
	page = &cpu->memmap[pcp_stack_pop(list)];
	pcp_add_count(pcp, -(1 << order));
	hot_count(cpu, &pcp_events_of(slot, order)->allocs);
	hot_leave(hot, cpu, slot, pcp);
	frame_set_head(page, route->head | order << 8);
	if (unlikely(hot_must_poll(hot, cpu)))
		return alloc_interrupted(cpu, page);
	return page;
}

/* The list's top is empty, or free_factor shrinks with this allocation. */
static force_inline struct pcpmm_page *hot_alloc_more(
	const struct pcp_guard *guard, struct pcpmm_cpu *cpu, uint32_t gfp,
	unsigned int order, struct pcp_lists *pcp)
{
	const struct route *route = route_of(cpu, gfp);
	struct pcp_slot *slot = route->slot;
	struct zone *zone = slot->zone;
	unsigned int flags = route->alloc_flags;
	uint32_t pfn;

	if (gfp & PCPMM___GFP_KSWAPD_RECLAIM)
		flags |= ALLOC_KSWAPD;
	pcp_allocated(slot);
	pfn = pcp_take(slot, pcp, order, gfp_migratetype(gfp), flags);
	pcp_leave(guard, slot, pcp);
	if (unlikely(!pfn))
		return alloc_unlisted(cpu, gfp, order);
	if (unlikely(zone_flags(zone) & ZONE_BOOSTED_WATERMARK))
		freelist_answer_boost(cpu, zone);
	count_add(cpu, &pcp_events_of(slot, order)->allocs, 1);
	frame_set_head(&cpu->memmap[pfn], route->head | order << 8);
	return &cpu->memmap[pfn];
}

/* --- free ----------------------------------------------------------------- */

/*
 * The page's number; of what is no frame of this machine, or no frame at all, a
 * number that is too large: the bits below a frame's size become the highest.
 */
static force_inline uint64_t hot_pfn(
	const struct pcpmm_page *memmap, const struct pcpmm_page *page)
{
	uint64_t offset = (uintptr_t)page - (uintptr_t)memmap;

	return offset >> 4 | offset << 60;
}

_Static_assert(sizeof(struct pcpmm_page) == 1 << 4, "hot_pfn()");

/* The count that this free would make is one that some rule may spill. */
static force_inline bool hot_may_spill(const struct pcp_slot *slot, int count)
{
	if (likely(!atomic_below_relaxed_s32(&slot->soft, count)))
		return false;
	return count >= atomic_load_relaxed_s32(&slot->high) ||
	       (!MUTANT(HOT_NO_SPILL) &&
		       (zone_flags(slot->zone) &
			       (ZONE_RECLAIM_ACTIVE | ZONE_EACH_FREE)));
}

static force_inline int hot_free(const struct hot *hot, struct pcpmm_cpu *cpu,
	struct pcpmm_page *page, unsigned int order)
{
	struct pcpmm_page *memmap = cpu->memmap;
	uint64_t word, pfn = hot_pfn(memmap, page);
	struct pcp_slot *slot;
	struct pcp_lists *pcp;
	struct pcp_stack *list;
	uint32_t *next;
	int count;

	if (!MUTANT(HOT_NO_OWNER) && unlikely(!cpu_may(&cpu->base)))
		return free_generic(cpu, page, order);
	if (!MUTANT(HOT_NO_CHECK) && unlikely(pfn >= cpu->nr_frames))
		return free_generic(cpu, page, order);
	if (!MUTANT(HOT_NO_CHECK) &&
		unlikely(!frame_heads(page, FRAME_HELD, order)))
		return free_generic(cpu, page, order);
	word = atomic_load_relaxed_u64(block_word_at(memmap, pfn));
	if (unlikely(!word))
		return free_generic(cpu, page, order);
	if (MUTANT(HOT_LIST_OF_HOLDER))
		word = pcp_block_word(
			frame_zone(page), frame_type(page), frame_type(page));
	slot = pcp_word_slot(cpu->slots, word);
	OPTIMIZER_HIDE_VAR(slot);
	if (hot->exchange && unlikely(!frame_claim(page, order)))
		return page_free_lost(cpu, page);
	pcp = hot_enter(hot, cpu, slot);
	if (unlikely(!pcp))
		return hot->free_busy(cpu, page, order);
	count = pcp->count + (1 << order);
	if (unlikely(hot_may_spill(slot, count)))
		return hot->free_more(cpu, page, order, pcp);
	if (order && unlikely(slot->free_factor) && !MUTANT(HOT_NO_FREE_HIGH))
		return hot->free_more(cpu, page, order, pcp);
	list = pcp_word_list(pcp, word) + PCPMM_MIGRATE_PCPTYPES * order;
	next = pcp_stack_next(list);
	OPTIMIZER_HIDE_VAR(next);
	if (unlikely(!pcp_is_number(next)))
		return hot->free_more(cpu, page, order, pcp);
	pcp_stack_push_at(list, next, (uint32_t)pfn);
	atomic_store_relaxed_s32(&pcp->count, count);
	frame_set_head(page, (uint32_t)(word >> 32) | order << 8);
	hot_count(cpu, &pcp_events_of(slot, order)->frees);
	hot_leave(hot, cpu, slot, pcp);
	if (unlikely(hot_must_poll(hot, cpu)))
		return free_interrupted(cpu);
	return 0;
}

/* The rules decide: the list may spill. Or its top is full. */
static force_inline int hot_free_more(const struct pcp_guard *guard,
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order,
	struct pcp_lists *pcp)
{
	struct pcp_slot *slot = &cpu->slots[frame_zone(page)];
	uint32_t pfn = page_pfn(slot->zone, page);
	unsigned int type = zone_block_type(slot->zone, pfn);

	count_add(cpu, &pcp_events_of(slot, order)->frees, 1);
	if (pcp_commit(guard, slot, pcp, pfn, order, type))
		pcp_leave(guard, slot, pcp);
	return 0;
}

#endif
