/* SPDX-License-Identifier: MIT */
/*
 * Allocation: which zone, from its list or its buddy.
 *
 *   alloc_pages -> freelist (first zone above the mark) -> rmqueue (list,
 *   else buddy) -> prepare
 *
 * What to try when none is above its mark: slowpath.c.
 */
#include <pcpmm/alloc.h>
#include <pcpmm/recorded.h>
#include <string.h>

#include "alloc/gfp.h"
#include "machine/machine.h"
#include "alloc/request.h"
#include "zone/highatomic.h"
#include "zone/rmqueue.h"
#include "zone/watermark.h"

/* --- accounting ------------------------------------------------------- */

/* zone_statistics: local or other by the CPU, hit or miss by the wish. */
static force_inline void count_numa(struct pcpmm_cpu *cpu, struct zone *zone,
	const struct zone *preferred, uint64_t nr)
{
	uint64_t *numa = cpu->numa[zone->id];

	if (unlikely(!atomic_load_relaxed_s32(&cpu->machine->sysctl.numa_stat)))
		return;
	count_add(cpu, &numa[zone->nid == cpu->nid ? NUMA_LOCAL : NUMA_OTHER],
		nr);
	if (likely(zone->nid == preferred->nid)) {
		count_add(cpu, &numa[NUMA_HIT], nr);
		return;
	}
	count_add(cpu, &numa[NUMA_MISS], nr);
	count_add(cpu, &cpu->numa[preferred->id][NUMA_FOREIGN], nr);
}

static noinline void record_alloc(struct pcpmm_cpu *cpu, uint32_t gfp,
	unsigned int order, unsigned int type, const struct pcpmm_page *page)
{
	struct pcpmm_machine *machine = cpu->machine;
	const struct zone *zone = page ? machine->zones[page->zone] : NULL;
	struct pcpmm_event event = {
		.kind = PCPMM_EVENT_MM_PAGE_ALLOC,
		.pfn = page ? (uint32_t)(page - machine->memmap) : 0,
		.gfp = gfp,
		.order = (uint8_t)order,
		.migratetype = (uint8_t)type,
		.zone_type = zone ? zone->type : 0,
		.nid = zone ? zone->nid : 0,
	};

	event_record(&cpu->base, &event);
}

/* --- one zone --------------------------------------------------------- */

/*
 * A boost is kswapd's to answer. Where there is none it is taken off at once,
 * as if it had balanced.
 */
static cold void answer_boost(struct pcpmm_cpu *cpu, struct zone *zone)
{
	struct reclaim *reclaim = &cpu->machine->reclaim;

	zone_clear_flag(zone, ZONE_BOOSTED_WATERMARK);
	if (atomic_load_relaxed_u8(&reclaim->kswapd))
		kswapd_wakeup(reclaim, &cpu->base, zone, 0, 0, zone->type);
	else
		atomic_store_relaxed_u64(&zone->boost, 0);
}

static force_inline struct pcpmm_page *prepare(struct pcpmm_cpu *cpu,
	struct zone *zone, uint32_t pfn, const struct request *request)
{
	struct pcpmm_page *page = &zone->memmap[pfn];
	char *backing = cpu->machine->backing;

	frame_set_head(page, FRAME_HELD, request->order, request->type);
	page->zone = zone->id;
	if (unlikely(backing && (request->gfp & PCPMM___GFP_ZERO)))
		memset(backing + ((size_t)pfn << PCPMM_PAGE_SHIFT), 0,
			PCPMM_PAGE_SIZE << request->order);
	return page;
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
		pfn = zone_rmqueue_buddy(&cpu->base, zone, order, request->type,
			request->alloc_flags);
	if (unlikely(zone_flags(zone) & ZONE_BOOSTED_WATERMARK))
		answer_boost(cpu, zone);
	if (unlikely(!pfn))
		return NULL;
	count_add(cpu, &cpu->events[PGALLOC_DMA + zone->type], 1UL << order);
	count_numa(cpu, zone, request->preferred, 1);
	return prepare(cpu, zone, pfn, request);
}

/* --- all zones -------------------------------------------------------- */

static force_inline bool above_mark(
	struct zone *zone, const struct request *request)
{
	return zone_watermark_fast(zone, request->order, request->mark,
		       request->highest_zoneidx, request->alloc_flags) ||
	       (request->alloc_flags & ALLOC_NO_WATERMARKS);
}

/* One pass over the zonelist; with NOFRAGMENT it ends with the node. */
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
		if (unlikely(request->alloc_flags & ALLOC_HIGHATOMIC))
			zone_reserve_highatomic(&cpu->base, zone,
				(uint32_t)(page - zone->memmap));
		return page;
	}
	return NULL;
}

/*
 * get_page_from_freelist: mixing types in a local block is better than going
 * to a remote node, and better than failing.
 */
struct pcpmm_page *request_from_freelist(
	struct pcpmm_cpu *cpu, struct request *request)
{
	struct pcpmm_page *page = try_zones(cpu, request);

	if (page || !(request->alloc_flags & ALLOC_NOFRAGMENT))
		return page;
	request->alloc_flags &= ~ALLOC_NOFRAGMENT;
	request->zonelist = request->first;
	return try_zones(cpu, request);
}

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

/* false: no zone at all may serve it. */
static force_inline bool request_init(struct request *request,
	struct pcpmm_cpu *cpu, unsigned int nid, uint32_t gfp,
	unsigned int order)
{
	*request = (struct request){
		.gfp = gfp,
		.order = order,
		.type = gfp_migratetype(gfp),
		.highest_zoneidx = gfp_zone(gfp),
		.alloc_flags =
			gfp & PCPMM___GFP_KSWAPD_RECLAIM ? ALLOC_KSWAPD : 0,
		.mark = MARK_LOW,
	};
	request->first =
		cpu->machine->nodes[nid].first[request->highest_zoneidx];
	request->zonelist = request->first;
	request->preferred = *request->first;
	if (unlikely(!request->preferred))
		return false;
	if (unlikely(gfp & PCPMM___GFP_THISNODE) &&
		request->preferred->nid != nid)
		return false;
	request->alloc_flags |= nofragment(cpu->machine, request->preferred);
	return true;
}

/* --- the door --------------------------------------------------------- */

static cold void refuse(struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order)
{
	struct pcpmm_machine *machine = cpu->machine;

	if (!cpu_is_mine(&cpu->base))
		machine_refuse(machine, &machine->misuse.wrong_thread,
			"CPU %u allocates on a thread that is not on it",
			cpu->base.id);
	else if (order > ORDER_MAX)
		machine_refuse(machine, &machine->misuse.bad_argument,
			"order %u; at most %u", order, ORDER_MAX);
	else
		machine_refuse(machine, &machine->misuse.bad_argument,
			"gfp %#x names two migratetypes or two zones, or no "
			"such node",
			gfp);
}

static force_inline bool may_alloc(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order)
{
	if (likely(cpu_is_mine(&cpu->base) && order <= ORDER_MAX &&
		    gfp_is_valid(gfp)))
		return true;
	refuse(cpu, gfp, order);
	return false;
}

/*
 * The preferred zone had nothing, if it was tried at all: the rest of the
 * list, then the slow path.
 */
static noinline struct pcpmm_page *alloc_elsewhere(struct pcpmm_cpu *cpu,
	unsigned int nid, uint32_t gfp, unsigned int order, bool was_tried)
{
	struct request request;
	struct pcpmm_page *page;

	if (!request_init(&request, cpu, nid, gfp, order))
		return NULL;
	request.zonelist += was_tried;
	page = request_from_freelist(cpu, &request);
	return page ? page : request_slowpath(cpu, &request);
}

/*
 * The first look of the first pass is made here, in registers: this request
 * never has an address. To the caller all looks are one pass over the list.
 */
static force_inline struct pcpmm_page *alloc_on(struct pcpmm_cpu *cpu,
	unsigned int nid, uint32_t gfp, unsigned int order)
{
	struct pcpmm_page *page = NULL;
	struct request request;
	bool try;

	if (unlikely(!may_alloc(cpu, gfp, order)))
		return NULL;
	try = request_init(&request, cpu, nid, gfp, order) &&
	      above_mark(request.preferred, &request);
	if (likely(try))
		page = rmqueue(cpu, request.preferred, &request);
	if (unlikely(!page))
		page = alloc_elsewhere(cpu, nid, gfp, order, try);
	if (event_enabled(&cpu->base, PCPMM_EVENT_MM_PAGE_ALLOC))
		record_alloc(cpu, gfp, order, gfp_migratetype(gfp), page);
	return page;
}

struct pcpmm_page *pcpmm_alloc_pages(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order)
{
	return alloc_on(cpu, cpu->nid, gfp, order);
}

struct pcpmm_page *pcpmm_alloc_pages_node(struct pcpmm_cpu *cpu,
	unsigned int nid, uint32_t gfp, unsigned int order)
{
	if (unlikely(nid >= cpu->machine->nr_nodes)) {
		refuse(cpu, gfp, order);
		return NULL;
	}
	return alloc_on(cpu, nid, gfp, order);
}

/* --- many at once ----------------------------------------------------- */

/* A zone that stays above its low mark with all of them gone. */
static struct zone *zone_for_bulk(
	const struct request *request, unsigned int nr)
{
	for (struct zone **at = request->zonelist; *at; at++) {
		struct zone *zone = *at;
		uint64_t mark = zone_mark_pages(zone, MARK_LOW) + nr;

		if (zone->type <= request->highest_zoneidx &&
			zone_watermark_check(zone, 0, mark,
				request->highest_zoneidx, request->alloc_flags,
				zone_free_believed(zone)))
			return zone;
	}
	return NULL;
}

static unsigned int bulk_from_list(struct pcpmm_cpu *cpu, struct zone *zone,
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

/* __alloc_pages_bulk: no mm_page_alloc event for what the list gives. */
unsigned int pcpmm_alloc_pages_bulk(struct pcpmm_cpu *cpu, uint32_t gfp,
	unsigned int nr, struct pcpmm_page **pages)
{
	struct request request;
	struct zone *zone = NULL;
	unsigned int got = 0;

	if (unlikely(!may_alloc(cpu, gfp, 0)))
		return 0;
	if (nr > 1 && request_init(&request, cpu, cpu->nid, gfp, 0))
		zone = zone_for_bulk(&request, nr);
	if (zone)
		got = bulk_from_list(cpu, zone, &request, nr, pages);
	if (!got && nr) {
		pages[0] = pcpmm_alloc_pages(cpu, gfp, 0);
		got = pages[0] != NULL;
	}
	return got;
}

/* --- what a kernel has decided already -------------------------------- */

/* NULL, refused: no such zone, or a type that no list has. */
static struct zone *recorded_request(struct pcpmm_cpu *cpu,
	const struct pcpmm_choice *choice, uint32_t gfp, unsigned int order,
	struct request *request)
{
	struct pcpmm_machine *machine = cpu->machine;
	struct zone *zone =
		machine_zone(machine, choice->nid, choice->zone_type);

	if (!may_alloc(cpu, gfp, order))
		return NULL;
	if (!zone || !zone_managed(zone) ||
		(unsigned int)choice->type >= PCPMM_MIGRATE_PCPTYPES) {
		machine_refuse(machine, &machine->misuse.bad_argument,
			"recorded choice: node %u zone %d type %d", choice->nid,
			(int)choice->zone_type, (int)choice->type);
		return NULL;
	}
	*request = (struct request){
		.gfp = gfp,
		.order = order,
		.type = choice->type,
		.preferred = zone,
		.alloc_flags = gfp_slowpath_flags(gfp, order),
		.direct = choice->direct != 0,
	};
	return zone;
}

struct pcpmm_page *pcpmm_recorded_alloc(struct pcpmm_cpu *cpu,
	const struct pcpmm_choice *choice, uint32_t gfp, unsigned int order)
{
	struct request request;
	struct zone *zone = recorded_request(cpu, choice, gfp, order, &request);
	struct pcpmm_page *page;

	if (!zone)
		return NULL;
	page = rmqueue(cpu, zone, &request);
	if (event_enabled(&cpu->base, PCPMM_EVENT_MM_PAGE_ALLOC))
		record_alloc(cpu, gfp, order, request.type, page);
	return page;
}

unsigned int pcpmm_recorded_alloc_bulk(struct pcpmm_cpu *cpu,
	const struct pcpmm_choice *choice, uint32_t gfp, unsigned int nr,
	struct pcpmm_page **pages)
{
	struct request request;
	struct zone *zone = recorded_request(cpu, choice, gfp, 0, &request);

	return zone ? bulk_from_list(cpu, zone, &request, nr, pages) : 0;
}
