/* SPDX-License-Identifier: MIT */
/*
 * Allocations and frees of a recorded kernel, which has decided already: the
 * zone, the list, and whether the list was bypassed (pcpmm/recorded.h).
 */
#include <errno.h>
#include <pcpmm/alloc.h>
#include <pcpmm/recorded.h>

#include "alloc/freelist.h"
#include "alloc/page_free.h"

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
		machine_refuse(machine, MISUSE_BAD_ARGUMENT,
			"recorded choice: node %u zone %d type %d", choice->nid,
			(int)choice->zone_type, (int)choice->type);
		return NULL;
	}
	*request = (struct request){
		.cpu = &cpu->base,
		.gfp = gfp,
		.order = order,
		.type = choice->type,
		.preferred = zone,
		.alloc_flags = gfp_slowpath_flags(gfp, order),
		.direct = choice->direct != 0,
	};
	return zone;
}

/* As a pass of freelist_take(), but only looks. */
static struct zone *first_above(const struct request *request)
{
	for (struct zone **at = request->first; *at; at++) {
		struct zone *zone = *at;

		if (!request_may_use(request, zone))
			continue;
		if (zone->nid != request->preferred->nid &&
			(request->alloc_flags & ALLOC_NOFRAGMENT))
			return NULL;
		if (zone_watermark_fast(zone, request->order, request->mark,
			    request->highest_zoneidx, request->alloc_flags,
			    request->gfp) ||
			(request->alloc_flags & ALLOC_NO_WATERMARKS))
			return zone;
	}
	return NULL;
}

static struct zone *zone_now(struct request *request)
{
	struct zone *zone = first_above(request);

	if (!zone && (request->alloc_flags & ALLOC_NOFRAGMENT)) {
		request->alloc_flags &= ~ALLOC_NOFRAGMENT;
		zone = first_above(request);
	}
	if (!zone) {
		request->alloc_flags =
			gfp_slowpath_flags(request->gfp, request->order);
		request->mark = MARK_MIN;
		zone = first_above(request);
	}
	return zone ? zone : request->preferred;
}

int pcpmm_recorded_choice(struct pcpmm_cpu *cpu, unsigned int nid, uint32_t gfp,
	unsigned int order, struct pcpmm_choice *choice)
{
	struct request request;
	const struct zone *zone;

	if (machine_check_owner(cpu, "asks for a zone"))
		return -EPERM;
	if (nid >= cpu->machine->nr_nodes || order > ORDER_MAX ||
		!may_alloc(cpu, gfp, order) ||
		!request_init(&request, cpu, nid, gfp, order))
		return -EINVAL;
	zone = zone_now(&request);
	*choice = (struct pcpmm_choice){
		.nid = zone->nid,
		.zone_type = (enum pcpmm_zone_type)zone->type,
		.type = (enum pcpmm_migratetype)request.type,
	};
	return 0;
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
		freelist_record_alloc(cpu, gfp, order, request.type, page);
	return page;
}

unsigned int pcpmm_recorded_alloc_bulk(struct pcpmm_cpu *cpu,
	const struct pcpmm_choice *choice, uint32_t gfp, unsigned int nr,
	struct pcpmm_page **pages)
{
	struct request request;
	struct zone *zone = recorded_request(cpu, choice, gfp, 0, &request);

	return zone ? freelist_take_bulk(cpu, zone, &request, nr, pages) : 0;
}

int pcpmm_recorded_free(struct pcpmm_cpu *cpu, struct pcpmm_page *page,
	unsigned int order, const struct pcpmm_choice *choice)
{
	struct pcpmm_machine *machine = cpu->machine;
	struct zone *zone;
	uint32_t pfn;
	int ret;

	if ((unsigned int)choice->type >= PCPMM_NR_MIGRATETYPES) {
		machine_refuse(machine, MISUSE_BAD_ARGUMENT,
			"recorded free: type %d", (int)choice->type);
		return -EINVAL;
	}
	ret = check_free(cpu, page, order);
	if (ret)
		return ret;
	zone = cpu->machine->zones.zone[frame_zone(page)];
	pfn = page_pfn(zone, page);
	if (choice->direct)
		free_to_buddy(cpu, zone, pfn, order, choice->type);
	else
		free_block(cpu, zone, pfn, order, choice->type);
	return 0;
}
