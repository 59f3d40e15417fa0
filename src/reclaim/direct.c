/* SPDX-License-Identifier: MIT */
/* Direct reclaim: its passes, and the retry check. */
#include "reclaim/reclaim.h"
#include "zone/watermark.h"

static void record(const struct request *request, enum pcpmm_event_kind kind,
	uint64_t reclaimed)
{
	struct pcpmm_event event = {
		.kind = (uint8_t)kind,
		.order = (uint8_t)request->order,
		.gfp = request->gfp,
		.got = (int32_t)reclaimed,
	};

	if (event_enabled(request->cpu, kind))
		event_record(request->cpu, &event);
}

/* Each node of the zonelist once. */
static void shrink_nodes(struct reclaim *reclaim, const struct request *request,
	struct scan_control *sc)
{
	struct reclaim_node *last = NULL;

	for (struct zone **at = request->first; *at; at++) {
		struct reclaim_node *node = &reclaim->nodes[(*at)->nid];

		if (!request_may_use(request, *at) || node == last)
			continue;
		reclaim_shrink_node(reclaim, node, sc);
		last = node;
	}
}

struct reclaim_progress reclaim_direct(
	struct reclaim *reclaim, const struct request *request)
{
	struct scan_control sc = {
		.cpu = request->cpu,
		.order = request->order,
		.highest_zoneidx = request->highest_zoneidx,
		.target = PCPMM_RECLAIM_TARGET,
	};

	record(request, PCPMM_EVENT_MM_VMSCAN_DIRECT_RECLAIM_BEGIN, 0);
	reclaim->count(request->cpu,
		ALLOCSTALL_DMA + (int)request->highest_zoneidx, 1);
	request->cpu->memalloc = true;
	for (sc.priority = DEF_PRIORITY;
		sc.priority >= 0 && sc.reclaimed < sc.target; sc.priority--)
		shrink_nodes(reclaim, request, &sc);
	reclaim_shrink_cache(reclaim, &sc, 0);
	request->cpu->memalloc = false;
	record(request, PCPMM_EVENT_MM_VMSCAN_DIRECT_RECLAIM_END, sc.reclaimed);
	atomic_add_relaxed_u64(&reclaim->stats.direct, 1);
	atomic_add_relaxed_u64(&reclaim->stats.direct_pages, sc.reclaimed);
	return (struct reclaim_progress){
		.lru = sc.from_lists,
		.cache = sc.reclaimed - sc.from_lists,
	};
}

void reclaim_helped(struct reclaim *reclaim, const struct request *request)
{
	struct zone *zone = *request->first;

	atomic_store_relaxed_u32(&reclaim->nodes[zone->nid].failures, 0);
}

/* --- retry --------------------------------------------------------------- */

bool reclaim_has_hope(struct reclaim *reclaim, const struct request *request)
{
	for (struct zone **at = request->first; *at; at++) {
		const struct zone *zone = *at;
		uint64_t available;

		if (!request_may_use(request, zone))
			continue;
		available = reclaim_reclaimable(reclaim, zone) +
			    vmstat_snapshot(&zone->stat, NR_FREE_PAGES);
		if (zone_watermark_check(zone, request->order,
			    zone_mark_pages(zone, MARK_MIN),
			    request->highest_zoneidx, request->alloc_flags,
			    (int64_t)available))
			return true;
	}
	return false;
}
