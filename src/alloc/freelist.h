/* SPDX-License-Identifier: MIT */
/*
 * One request, one zone: if the zone is above its mark, a block from the list
 * of this CPU, else from the buddy. Inline, since every allocation uses it.
 */
#ifndef ALLOC_FREELIST_H
#define ALLOC_FREELIST_H

#include <string.h>

#include "alloc/gfp.h"
#include "machine/machine.h"
#include "machine/refuse.h"
#include "zone/highatomic.h"
#include "zone/request.h"
#include "zone/rmqueue.h"
#include "zone/watermark.h"

/* --- freelist.c ----------------------------------------------------------- */

/*
 * get_page_from_freelist: the first zone of the request's list, from
 * request->zonelist on, that is above the mark and has a block; NULL.
 */
struct pcpmm_page *freelist_take(
	struct pcpmm_cpu *cpu, struct request *request);
/* Up to @nr single pages from the list of @zone; number stored. */
unsigned int freelist_take_bulk(struct pcpmm_cpu *cpu, struct zone *zone,
	const struct request *request, unsigned int nr,
	struct pcpmm_page **pages);
/* Answer @zone's boost: wake kswapd, or remove the boost. */
void freelist_answer_boost(struct pcpmm_cpu *cpu, struct zone *zone);
void freelist_record_alloc(struct pcpmm_cpu *cpu, uint32_t gfp,
	unsigned int order, unsigned int type, const struct pcpmm_page *page);
/*
 * What comes before the check of the mark. Reader fold_when_low: below low, all CPUs
 * fold. Lists of 6.7 and later: true, the zone is above its high mark, so the
 * request's own is not asked; the first request that finds it below says so in
 * ZONE_BELOW_HIGH.
 */
bool freelist_look_first(struct zone *zone, const struct request *request);
/* Report an impossible @gfp or @order, or a thread that is not @cpu's owner. */
void alloc_refuse(struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);

static force_inline bool may_alloc(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order)
{
	if (likely(cpu_is_mine(&cpu->base) && !cpu->base.in_nmi &&
		    order <= ORDER_MAX && gfp_is_valid(gfp)))
		return true;
	alloc_refuse(cpu, gfp, order);
	return false;
}

/* --- one zone ------------------------------------------------------------- */

static force_inline bool above_mark(
	struct zone *zone, const struct request *request)
{
	if (unlikely(zone_flags(zone) &
		     (ZONE_FOLD_WHEN_LOW | ZONE_LISTS_TUNED)) &&
		freelist_look_first(zone, request))
		return true;
	return zone_watermark_fast(zone, request->order, request->mark,
		       request->highest_zoneidx, request->alloc_flags,
		       request->gfp) ||
	       (request->alloc_flags & ALLOC_NO_WATERMARKS);
}

/* zone_statistics(): local or other by the CPU, hit or miss by @preferred. */
static force_inline void count_numa(struct pcpmm_cpu *cpu, struct zone *zone,
	const struct zone *preferred, uint64_t nr)
{
	uint64_t *numa = cpu->numa[zone->id];

	if (unlikely(!atomic_load_relaxed_s32(
		    &cpu->machine->config.sysctl.numa_stat)))
		return;
	count_add(cpu,
		&numa[zone->nid == cpu->base.nid ? NUMA_LOCAL : NUMA_OTHER],
		nr);
	if (likely(zone->nid == preferred->nid)) {
		count_add(cpu, &numa[NUMA_HIT], nr);
		return;
	}
	count_add(cpu, &numa[NUMA_MISS], nr);
	count_add(cpu, &cpu->numa[preferred->id][NUMA_FOREIGN], nr);
}

static force_inline struct pcpmm_page *prepare(struct pcpmm_cpu *cpu,
	struct zone *zone, uint32_t pfn, const struct request *request)
{
	struct pcpmm_page *page = &zone->memmap[pfn];
	char *backing = cpu->machine->backing;

	frame_set_head(page, FRAME_HEAD(FRAME_HELD, request->order,
				     request->type, zone->id));
	if (unlikely(backing && (request->gfp & PCPMM___GFP_ZERO)))
		memset(backing + ((size_t)pfn << PCPMM_PAGE_SHIFT), 0,
			PCPMM_PAGE_SIZE << request->order);
	return page;
}

/* From 7.3 on the reserve grows here, for a request at the min mark. */
static force_inline uint32_t rmqueue_buddy(
	struct pcpmm_cpu *cpu, struct zone *zone, const struct request *request)
{
	uint32_t pfn = zone_rmqueue_buddy(&cpu->base, zone, request->order,
		request->type, request->alloc_flags);

	if (request->mark == MARK_MIN &&
		unlikely(request->alloc_flags & ALLOC_HIGHATOMIC) && pfn &&
		zone->rules->reserves_at_min)
		zone_reserve_highatomic(&cpu->base, zone, pfn, request->order);
	return pfn;
}

static force_inline struct pcpmm_page *rmqueue(
	struct pcpmm_cpu *cpu, struct zone *zone, const struct request *request)
{
	unsigned int order = request->order;
	uint32_t pfn = 0;

	if (likely(pcp_has_list(&cpu->machine->pcps, order, request->type) &&
		    !request->direct))
		pfn = cpu->machine->pcps.owner.alloc(&cpu->slots[zone->id],
			order, request->type, request->alloc_flags);
	if (unlikely(!pfn))
		pfn = rmqueue_buddy(cpu, zone, request);
	if (unlikely(zone_flags(zone) & ZONE_BOOSTED_WATERMARK))
		freelist_answer_boost(cpu, zone);
	if (unlikely(!pfn))
		return NULL;
	count_add(cpu, &cpu->events[PGALLOC_DMA + zone->type], 1UL << order);
	count_numa(cpu, zone, request->preferred, 1);
	return prepare(cpu, zone, pfn, request);
}

/* --- the request ------------------------------------------------------------ */

/* Keep types apart only where there is a lower zone to fall back to. */
static force_inline unsigned int nofragment(
	struct pcpmm_machine *machine, const struct zone *preferred)
{
	if (preferred->type != PCPMM_ZONE_NORMAL)
		return 0;
	if (machine->nr_nodes > 1 && !zone_populated(machine_zone(machine,
					     preferred->nid, PCPMM_ZONE_DMA32)))
		return 0;
	return ALLOC_NOFRAGMENT;
}

/* false: no zone may serve the request. */
static force_inline bool request_init(struct request *request,
	struct pcpmm_cpu *cpu, unsigned int nid, uint32_t gfp,
	unsigned int order)
{
	*request = (struct request){
		.cpu = &cpu->base,
		.gfp = gfp,
		.order = order,
		.type = gfp_migratetype(gfp),
		.highest_zoneidx = gfp_zone(gfp),
		.alloc_flags =
			gfp & PCPMM___GFP_KSWAPD_RECLAIM ? ALLOC_KSWAPD : 0,
		.mark = MARK_LOW,
		.killed = &cpu->killed,
	};
	request->first = cpu->lists[nid].first[request->highest_zoneidx];
	request->zonelist = request->first;
	request->preferred = *request->first;
	if (unlikely(!request->preferred))
		return false;
	if (unlikely(gfp & PCPMM___GFP_THISNODE) &&
		request->preferred->nid != nid)
		return false;
	request->alloc_flags |= nofragment(cpu->machine, request->preferred);
	if (unlikely(request->preferred->rules->reserves_at_min))
		request->alloc_flags |= gfp_reserve_flags(gfp, order);
	return true;
}

#endif
