/* SPDX-License-Identifier: MIT */
/*
 * The owner's paths, written once. The guard is a constant, so the compiler
 * leaves no call of it behind (tests/codegen checks). owner.c has one
 * PCP_OWNER_OPS() for each guard.
 *
 * Each section enters the guard once and uses only the pcp that it returned.
 *
 * The choice of the list, and the check for a free that empties all lists, are
 * inlined from rules_6_1.h, which older and newer kernels do not contradict; other
 * rules are called through the zone.
 */
#ifndef PCPLIST_CORE_H
#define PCPLIST_CORE_H

#include "arch/mutant.h"
#include "pcplist/bulk.h"
#include "pcplist/chunks.h"
#include "pcplist/rules_6_1.h"
#include "pcplist/rules_tuned.h"
#include "cpu/entry.h"

/* Both are called as @cpu, which has @slot. */
struct pcp_guard {
	/* NULL: the caller goes to the buddy instead. */
	struct pcp_lists *(*enter)(struct cpu *cpu, struct pcp_slot *slot);
	/* Does not look for interrupts that came meanwhile: pcp_leave() does. */
	void (*leave)(
		struct cpu *cpu, struct pcp_slot *slot, struct pcp_lists *pcp);
	/* enter() returned NULL; NULL: there is nothing to count. Not NULL, of
	 * a trylock alone: its section can be left and entered again. */
	void (*busy)(struct cpu *cpu);
	bool masks; /* interrupts are off inside */
};

static force_inline void pcp_lost(
	const struct pcp_guard *guard, struct cpu *cpu)
{
	if (guard->busy)
		guard->busy(cpu);
}

static force_inline struct pcp_lists *pcp_enter(
	const struct pcp_guard *guard, struct pcp_slot *slot)
{
	struct pcp_lists *pcp = guard->enter(slot->cpu, slot);

	if (unlikely(!pcp))
		pcp_lost(guard, slot->cpu);
	return pcp;
}

static force_inline void pcp_leave(const struct pcp_guard *guard,
	struct pcp_slot *slot, struct pcp_lists *pcp)
{
	guard->leave(slot->cpu, slot, pcp);
	if (guard->masks)
		cpu_poll(slot->cpu);
}

/* Head of the list, after a refill if it is empty; pfn, 0: zone is empty. */
static force_inline uint32_t pcp_take(struct pcp_slot *slot,
	struct pcp_lists *pcp, unsigned int order, unsigned int type,
	unsigned int alloc_flags)
{
	struct pcp_stack *list = &pcp->lists[pcp_index_6_1(order, type)];
	uint32_t pfn;

	if (unlikely(!pcp_stack_can_pop(list)) &&
		!pcp_stack_pull(pcp->pool, list) &&
		!pcp_refill(slot, pcp, order, type, alloc_flags))
		return 0;
	if (MUTANT(LIST_IS_A_QUEUE))
		pcp_stack_take_oldest(pcp->pool, list, &pfn, 1);
	else
		pfn = pcp_stack_pop(list);
	pcp_add_count(pcp, -(1 << order));
	return pfn;
}

/*
 * The rules' alloc(), inlined: the next spill is smaller again. From 6.7 this is
 * free_count; to 5.10 it stays 0.
 */
static force_inline void pcp_allocated(struct pcp_slot *slot)
{
	if (MUTANT(RULES_BY_TABLE))
		pcp_ask_alloc(slot);
	else if (!MUTANT(REFILL_HALVES_FACTOR))
		slot->free_factor >>= 1;
}

static force_inline uint32_t pcp_core_alloc(const struct pcp_guard *guard,
	struct pcp_slot *slot, unsigned int order, unsigned int type,
	unsigned int alloc_flags)
{
	struct pcp_lists *pcp = pcp_enter(guard, slot);
	uint32_t pfn;

	if (unlikely(!pcp))
		return 0;
	pcp_allocated(slot);
	cpu_guard_point(slot->cpu);
	pfn = pcp_take(slot, pcp, order, type, alloc_flags);
	pcp_leave(guard, slot, pcp);
	return pfn;
}

/* One section for all pages; free_factor does not change, as in the kernel. */
static force_inline unsigned int pcp_core_alloc_bulk(
	const struct pcp_guard *guard, struct pcp_slot *slot, unsigned int type,
	unsigned int alloc_flags, unsigned int nr, struct pcpmm_page **pages)
{
	struct pcp_lists *pcp = pcp_enter(guard, slot);
	unsigned int got = 0;

	if (unlikely(!pcp))
		return 0;
	cpu_guard_point(slot->cpu);
	if (MUTANT(BULK_HALVES_FACTOR))
		slot->free_factor >>= 1;
	while (got < nr) {
		uint32_t pfn = pcp_take(slot, pcp, 0, type, alloc_flags);

		if (unlikely(!pfn))
			break;
		pages[got++] = &slot->zone->memmap[pfn];
	}
	pcp_leave(guard, slot, pcp);
	return got;
}

/* Inside the guard, or, in chunks, in and out; true: inside it. */
static force_inline bool pcp_spill(const struct pcp_guard *guard,
	struct pcp_slot *slot, struct pcp_lists *pcp, int pages, int freed)
{
	if (guard->busy && unlikely(slot->zone->spill_chunks != NULL))
		return pcp_free_chunks(guard, slot, pcp, pages, freed);
	pcp_free_bulk(slot->cpu, slot, pcp, pages, freed);
	return true;
}

/* Spill, and what the kernel does after it, also if the guard is lost by then. */
static force_inline bool pcp_spill_and_look(const struct pcp_guard *guard,
	struct pcp_slot *slot, struct pcp_lists *pcp, int pages, int freed)
{
	bool inside = pcp_spill(guard, slot, pcp, pages, freed);

	if (unlikely(zone_flags(slot->zone) & ZONE_BELOW_HIGH))
		pcp_look_at_high(slot->zone);
	return inside;
}

/*
 * Push, and spill at the mark (free_unref_page_commit()). The frame keeps the
 * type of its pageblock, so that a HIGHATOMIC page that was on the MOVABLE list
 * goes back to the buddy as HIGHATOMIC. false: the block is listed, but the guard
 * is gone: the caller neither leaves it nor uses @pcp again.
 */
static force_inline bool pcp_commit(const struct pcp_guard *guard,
	struct pcp_slot *slot, struct pcp_lists *pcp, uint32_t pfn,
	unsigned int order, unsigned int type)
{
	struct zone *zone = slot->zone;
	struct pcpmm_page *page = &zone->memmap[pfn];
	unsigned int index = pcp_index_6_1(order, pcp_listed_as_6_1(type));
	int pages;

	frame_set_head(page, FRAME_HEAD(FRAME_PCP, order, type, zone->id));
	if (MUTANT(FREED_TO_THE_TAIL))
		pcp_stack_append(pcp->pool, &pcp->lists[index], pfn);
	else
		pcp_stack_push(pcp->pool, &pcp->lists[index], pfn);
	pcp_add_count(pcp, 1 << order);
	if (likely(!pcp_may_spill(slot, pcp->count, order)))
		return true;
	if (!order && zone_flags(zone) & ZONE_LISTS_TUNED &&
		!MUTANT(RULES_BY_TABLE) &&
		pcp_tuned_quiet_free(slot, pcp->count))
		return true;
	pages = pcp_freed(slot, pcp->count, order);
	if (!pages)
		return true;
	return pcp_spill_and_look(guard, slot, pcp, pages, (int)index);
}

static force_inline bool pcp_core_free(const struct pcp_guard *guard,
	struct pcp_slot *slot, uint32_t pfn, unsigned int order,
	unsigned int type)
{
	struct pcp_lists *pcp = pcp_enter(guard, slot);

	if (unlikely(!pcp))
		return false;
	cpu_guard_point(slot->cpu);
	if (pcp_commit(guard, slot, pcp, pfn, order, type))
		pcp_leave(guard, slot, pcp);
	return true;
}

static force_inline unsigned int pcp_core_free_batch(
	const struct pcp_guard *guard, struct pcp_slot *slot,
	struct pcpmm_page **pages, unsigned int nr)
{
	struct zone *zone = slot->zone;
	struct pcp_lists *pcp = pcp_enter(guard, slot);

	if (unlikely(!pcp))
		return 0;
	cpu_guard_point(slot->cpu);
	for (unsigned int i = 0; i < nr; i++) {
		uint32_t pfn = page_pfn(zone, pages[i]);

		if (event_enabled(slot->cpu, PCPMM_EVENT_MM_PAGE_FREE_BATCHED))
			pcp_record_free_batched(slot->cpu, zone, pages[i]);
		if (unlikely(!pcp_commit(guard, slot, pcp, pfn, 0,
			    zone_block_type(zone, pfn))) &&
			!MUTANT(BATCH_KEEPS_LOST_LOCK))
			return i + 1;
	}
	pcp_leave(guard, slot, pcp);
	return nr;
}

/* All pages of the slot, or @pages, in one section. @by: the CPU that frees. */
static force_inline unsigned int pcp_core_drain_own(
	const struct pcp_guard *guard, struct cpu *by, struct pcp_slot *slot,
	unsigned int pages)
{
	struct pcp_lists *pcp = pcp_enter(guard, slot);
	unsigned int freed = 0;
	int nr;

	if (unlikely(!pcp))
		return 0;
	nr = pages ? (int)pages : pcp->count;
	if (pcp->count)
		freed = pcp_free_bulk(by, slot, pcp, nr, PCP_DRAIN);
	pcp_leave(guard, slot, pcp);
	return freed;
}

#endif
