/* SPDX-License-Identifier: MIT */
/*
 * Passes over a zonelist: the first zone above the mark that has a block. If no
 * zone is above its mark, slowpath.c goes on.
 */
#include "alloc/freelist.h"

#include "arch/mutant.h"
#include "zone/gate.h"

cold void alloc_refuse(struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order)
{
	struct pcpmm_machine *machine = cpu->machine;

	if (machine_check_owner(cpu, "allocates"))
		return;
	if (order > ORDER_MAX)
		machine_refuse(machine, MISUSE_BAD_ARGUMENT,
			"order %u; at most %u", order, ORDER_MAX);
	else
		machine_refuse(machine, MISUSE_BAD_ARGUMENT,
			"gfp %#x names two migratetypes or two zones, or no "
			"such node",
			gfp);
}

noinline void freelist_record_alloc(struct pcpmm_cpu *cpu, uint32_t gfp,
	unsigned int order, unsigned int type, const struct pcpmm_page *page)
{
	struct pcpmm_machine *machine = cpu->machine;
	const struct zone *zone =
		page ? machine->zones.zone[frame_zone(page)] : NULL;
	struct pcpmm_event event = {
		.kind = PCPMM_EVENT_MM_PAGE_ALLOC,
		.pfn = page ? (uint32_t)(page - machine->zones.memmap) : 0,
		.gfp = gfp,
		.order = (uint8_t)order,
		.migratetype = (uint8_t)type,
		.zone_type = zone ? zone->type : 0,
		.nid = zone ? zone->nid : 0,
	};

	event_record(&cpu->base, &event);
}

/*
 * kswapd answers a boost. Without kswapd the boost is removed at once, as if
 * the node had been balanced.
 */
cold void freelist_answer_boost(struct pcpmm_cpu *cpu, struct zone *zone)
{
	struct reclaim *reclaim = &cpu->machine->reclaim;

	zone_clear_flag(zone, ZONE_BOOSTED_WATERMARK);
	if (atomic_load_relaxed_u8(&reclaim->kswapd))
		kswapd_wakeup(reclaim, &cpu->base, zone, 0, 0, zone->type);
	else
		zone_set_boost(zone, 0);
}

static cold void fold_if_low(struct pcpmm_cpu *cpu, const struct zone *zone)
{
	if (vmstat_read(&zone->stat, NR_FREE_PAGES) <
		zone_mark_pages(zone, MARK_LOW))
		cpu->machine->fold_low(cpu);
}

/* get_page_from_freelist(), 6.7: by the request's own order and flags. */
static bool above_high(struct zone *zone, const struct request *request)
{
	if (zone_watermark_fast(zone, request->order, MARK_HIGH,
		    request->highest_zoneidx, request->alloc_flags,
		    request->gfp))
		return true;
	zone_set_flag(zone, ZONE_BELOW_HIGH);
	return false;
}

noinline bool freelist_look_first(
	struct zone *zone, const struct request *request)
{
	uint32_t flags = zone_flags(zone);

	if (unlikely(flags & ZONE_FOLD_WHEN_LOW))
		fold_if_low(machine_cpu(request->cpu), zone);
	return flags & ZONE_LISTS_TUNED && !(flags & ZONE_BELOW_HIGH) &&
	       above_high(zone, request);
}

/* One pass over the zonelist; with NOFRAGMENT it ends after the local node. */
static noinline struct pcpmm_page *try_zones(
	struct pcpmm_cpu *cpu, const struct request *request)
{
	for (struct zone **at = request->zonelist; *at; at++) {
		struct zone *zone = *at;
		struct pcpmm_page *page;

		if (unlikely(zone->type > request->highest_zoneidx))
			continue;
		if (unlikely(request->gfp & PCPMM___GFP_THISNODE) &&
			zone->nid != request->preferred->nid)
			continue;
		if (unlikely(zone->nid != request->preferred->nid) &&
			(request->alloc_flags & ALLOC_NOFRAGMENT))
			return NULL;
		if (unlikely(!above_mark(zone, request)))
			continue;
		page = rmqueue(cpu, zone, request);
		if (unlikely(!page))
			continue;
		if (unlikely(request->alloc_flags & ALLOC_HIGHATOMIC) &&
			(!zone->rules->reserves_at_min ||
				MUTANT(RESERVE_GROWS_BY_LISTS)))
			zone_reserve_highatomic(&cpu->base, zone,
				page_pfn(zone, page), request->order);
		return page;
	}
	return NULL;
}

/*
 * get_page_from_freelist: mixing types in a local block is better than going
 * to a remote node, and better than failing.
 */
struct pcpmm_page *freelist_take(struct pcpmm_cpu *cpu, struct request *request)
{
	struct pcpmm_page *page = try_zones(cpu, request);

	if (page || !(request->alloc_flags & ALLOC_NOFRAGMENT))
		return page;
	request->alloc_flags &= ~ALLOC_NOFRAGMENT;
	request->zonelist = request->first;
	return try_zones(cpu, request);
}

/* Several single pages in one section. No mm_page_alloc event for these. */
unsigned int freelist_take_bulk(struct pcpmm_cpu *cpu, struct zone *zone,
	const struct request *request, unsigned int nr,
	struct pcpmm_page **pages)
{
	unsigned int got =
		cpu->machine->pcps.owner.alloc_bulk(&cpu->slots[zone->id],
			request->type, request->alloc_flags, nr, pages);
	for (unsigned int i = 0; i < got; i++)
		prepare(cpu, zone, page_pfn(zone, pages[i]), request);
	count_add(cpu, &cpu->events[PGALLOC_DMA + zone->type], got);
	count_numa(cpu, zone, request->preferred, got);
	return got;
}
