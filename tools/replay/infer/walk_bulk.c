/* SPDX-License-Identifier: MIT */
/*
 * Bulk allocations that the bulk_alloc probes announce.
 *
 * The probes say how many pages were got, not which. The pages are those at
 * the head of the list of the type that gfp asks for, except for two kinds:
 * pages from __alloc_pages() have an event of their own, and pages taken
 * before a refill of that list have been taken off it by then. Pages that were
 * on the list before the trace get made-up numbers; a page that is freed later
 * without ever having been seen is taken to be one of them.
 */
#include "../read/gfp.h"
#include "infer_internal.h"

/* Pages at the head to skip: the line of their allocation is late. */
#define WALK_BULK_SKIP 8

void walk_bulk_begin(struct infer *infer, uint32_t at)
{
	struct walk_cpu *cpu = &infer->cpus[infer_event(infer, at)->cpu];

	cpu->bulk = at;
	cpu->bulk_single = 0;
	cpu->bulk_taken = 0;
	cpu->refill_was_open = false;
}

static unsigned walk_bulk_zone_max(uint32_t gfp)
{
	if (gfp & 0x1)
		return REPLAY_ZONE_DMA;
	if (gfp & 0x4)
		return REPLAY_ZONE_DMA32;
	if ((gfp & 0xa) == 0xa)
		return REPLAY_ZONE_MOVABLE;
	return REPLAY_ZONE_NORMAL;
}

/* How well the head of a list fits, from 0 (empty) to 3 (taken unseen). */
static int walk_bulk_fit(struct infer *infer, const struct shadow_list *list)
{
	const struct page_info *page;

	if (list->head == REPLAY_NO_PFN)
		return list->open ? 1 : 0;
	page = pfnmap_find(&infer->pages, list->head);
	return page->fate == FATE_FREE ? 3 : page->fate == FATE_NONE ? 2 : 0;
}

/*
 * The zone that served the bulk allocation: the highest zone allowed on the
 * node asked for (none: the node of this CPU's last allocation), unless the
 * list of a lower zone fits better.
 */
static uint16_t walk_bulk_zone(
	struct infer *infer, const struct replay_event *begin)
{
	const struct replay_zone *zones = infer->out->zones;
	const struct walk_cpu *cpu = &infer->cpus[begin->cpu];
	unsigned max = walk_bulk_zone_max(begin->gfp), node = begin->pfn;
	int list = replay_list_of(0, replay_gfp_migratetype(begin->gfp));
	uint16_t best = REPLAY_NO_ZONE;
	int fit, best_fit = -1;

	if (begin->pfn == REPLAY_NO_PFN)
		node = cpu->home_zone == REPLAY_NO_ZONE
			       ? 0
			       : zones[cpu->home_zone].node;
	for (uint16_t z = 0; z < infer->out->nr_zones; z++) {
		if (zones[z].index > max || !zones[z].spanned)
			continue;
		fit = 2 *
		      walk_bulk_fit(infer, &infer->slots[infer_slot_index(infer,
								 begin->cpu, z)]
						    .list[list]);
		fit += zones[z].node == node;
		if (fit > best_fit ||
			(fit == best_fit &&
				zones[z].index > zones[best].index)) {
			best = z;
			best_fit = fit;
		}
	}
	return best;
}

/* Takes pages that were on the list before the trace and have no event. */
static void walk_bulk_unknown(
	struct infer *infer, uint32_t slot, int list, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (!initial_add_unseen(infer, slot, list, FATE_FREE))
			return;
		infer->nr_unresolved++;
		shadow_count(infer, slot, -1);
	}
}

void walk_bulk_end(struct infer *infer, uint32_t at)
{
	const struct replay_event *event = infer_event(infer, at), *begin;
	struct walk_cpu *cpu = &infer->cpus[event->cpu];
	uint32_t first = (uint32_t)infer->out->nr_bulk_pfns;
	uint32_t want = event->arg, have, slot;
	uint16_t zone;
	int list;

	if (cpu->bulk == INFER_NONE)
		return;
	begin = infer_event(infer, cpu->bulk);
	cpu->bulk = INFER_NONE;
	have = cpu->bulk_single + cpu->bulk_taken;
	zone = walk_bulk_zone(infer, begin);
	if (want <= have || zone == REPLAY_NO_ZONE)
		return;
	want -= have;
	list = replay_list_of(0, replay_gfp_migratetype(begin->gfp));
	slot = infer_slot_index(infer, event->cpu, zone);
	want -= walk_bulk_unseen(
		infer, slot, list, REPLAY_NO_PFN, want, WALK_BULK_SKIP);
	if (want &&
		(infer->slots[slot].list[list].open || cpu->refill_was_open))
		walk_bulk_unknown(infer, slot, list, want);
	emit_bulk(infer, slot, list, first, event->line);
}

/*
 * The page of the free at `at` was never seen before. If a bulk allocation
 * took an unknown page of the same zone and type, it is taken to be that one.
 */
bool walk_bulk_resolve(struct infer *infer, uint32_t at)
{
	const struct replay_event *event = infer_event(infer, at);
	size_t nr_zones = infer->out->nr_zones;

	if (!infer->nr_unresolved || event->order)
		return false;
	for (size_t i = 0; i < infer->nr_inits; i++) {
		struct init_page *init = &infer->inits[i];

		if (init->pfn < INFER_MADE_UP ||
			init->slot % nr_zones != event->zone ||
			init->list != event->mt)
			continue;
		init->pfn = event->pfn;
		init->next = at;
		infer->nr_unresolved--;
		return true;
	}
	return false;
}
