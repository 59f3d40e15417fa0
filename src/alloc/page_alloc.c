/* SPDX-License-Identifier: MIT */
/*
 * Allocation:
 *
 *   page_alloc  ->  freelist (first zone above the mark; its list, else its
 *   buddy)  ->  slowpath, when no zone is above its mark  ->  failed, when
 *   there is no page
 */
#include <pcpmm/alloc.h>

#include "alloc/door.h"
#include "alloc/failed.h"
#include "alloc/freelist.h"
#include "alloc/slowpath.h"

/*
 * Try the zonelist, then the slow path. @was_tried: not the preferred zone,
 * which had no block.
 */
static noinline struct pcpmm_page *alloc_elsewhere(struct pcpmm_cpu *cpu,
	unsigned int nid, uint32_t gfp, unsigned int order, bool was_tried)
{
	struct request request;
	struct pcpmm_page *page = NULL;

	if (request_init(&request, cpu, nid, gfp, order)) {
		request.zonelist += was_tried;
		page = freelist_take(cpu, &request);
		if (!page)
			page = slowpath(cpu, &request);
	}
	if (unlikely(!page))
		alloc_failed(cpu, gfp, order);
	return page;
}

/*
 * The preferred zone is tried here, with a request that stays in registers:
 * only inlined functions get its address. The result is that of one pass over
 * the zonelist.
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
		freelist_record_alloc(
			cpu, gfp, order, gfp_migratetype(gfp), page);
	return page;
}

noinline struct pcpmm_page *alloc_generic(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order)
{
	return alloc_on(cpu, cpu->base.nid, gfp, order);
}

/* One try at the preferred zone's buddy, then the other zones. */
noinline struct pcpmm_page *alloc_unlisted(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order)
{
	struct pcpmm_page *page = NULL;
	struct request request;
	bool try = request_init(&request, cpu, cpu->base.nid, gfp, order);

	if (try) {
		request.direct = true;
		page = rmqueue(cpu, request.preferred, &request);
	}
	return page ? page
		    : alloc_elsewhere(cpu, cpu->base.nid, gfp, order, try);
}

cold struct pcpmm_page *alloc_interrupted(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page)
{
	cpu_poll(&cpu->base);
	return page;
}

/* For callers without the header's inline call. */
struct pcpmm_page *pcpmm_alloc_pages(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order)
{
	return cpu->base.door.alloc_pages(cpu, gfp, order);
}

struct pcpmm_page *pcpmm_alloc_pages_node(struct pcpmm_cpu *cpu,
	unsigned int nid, uint32_t gfp, unsigned int order)
{
	if (unlikely(nid >= cpu->machine->nr_nodes)) {
		alloc_refuse(cpu, gfp, order);
		return NULL;
	}
	return alloc_on(cpu, nid, gfp, order);
}

/* --- many at once ----------------------------------------------------- */

/*
 * The first zone of the preferred node that stays above its low mark without @nr
 * of its pages. Many pages at once are not worth another node's.
 */
static struct zone *zone_for_bulk(
	const struct request *request, unsigned int nr)
{
	const struct zone *preferred = request->preferred;

	for (struct zone **at = request->first; *at; at++) {
		struct zone *zone = *at;
		uint64_t mark = zone_mark_pages(zone, MARK_LOW) + nr;

		if (zone->nid != preferred->nid)
			break;
		if (zone->type <= request->highest_zoneidx &&
			zone_watermark_fast_pages(zone, mark, preferred->type,
				request->alloc_flags))
			return zone;
	}
	return NULL;
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
	if (nr > 1 && request_init(&request, cpu, cpu->base.nid, gfp, 0))
		zone = zone_for_bulk(&request, nr);
	if (zone)
		got = freelist_take_bulk(cpu, zone, &request, nr, pages);
	if (!got && nr) {
		pages[0] = pcpmm_alloc_pages(cpu, gfp, 0);
		got = pages[0] != NULL;
	}
	return got;
}
