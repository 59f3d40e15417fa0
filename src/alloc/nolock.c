/* SPDX-License-Identifier: MIT */
/*
 * alloc_pages_nolock() and free_pages_nolock(): the way through the allocator on
 * which every lock is tried once.
 *
 *   alloc  one pass over the zonelist, down to min; list, else buddy; no slow path
 *   free   list, without a spill; else buddy, without a reap; else deferred
 *
 * The memory of every frame exists from the start, so there is no deferred
 * initialisation, during which the kernel refuses such an allocation.
 */
#include <errno.h>
#include <pcpmm/nolock.h>

#include "alloc/freelist.h"
#include "alloc/page_free.h"
#include "pcplist/nolock.h"
#include "zone/deferred.h"

#define GFP_NOLOCK                                                             \
	(PCPMM___GFP_ZERO | PCPMM___GFP_NOWARN | PCPMM___GFP_NOMEMALLOC |      \
		PCPMM___GFP_COMP)

static void count(uint64_t *counter, uint64_t nr)
{
	atomic_add_relaxed_u64(counter, nr);
}

/* The context is one in which a trylock says what is so. */
static bool may_try(const struct pcpmm_cpu *cpu)
{
	const struct pcpmm_config *config = &cpu->machine->config;

	switch (config->nolock_refuses) {
	case PCPMM_NOLOCK_REFUSES_UP_NMI:
		return config->up == PCPMM_UP_NO || !cpu->base.in_nmi;
	case PCPMM_NOLOCK_REFUSES_RT_IRQ:
		return !cpu->base.in_irq; /* of which an NMI is one */
	default:
		return true;
	}
}

/* --- alloc ---------------------------------------------------------------- */

static uint32_t take_block(
	struct pcpmm_cpu *cpu, struct zone *zone, const struct request *request)
{
	uint32_t pfn =
		pcp_nolock_alloc(&cpu->machine->pcps, &cpu->slots[zone->id],
			request->order, request->type, request->alloc_flags);

	return pfn ? pfn
		   : zone_rmqueue_buddy(&cpu->base, zone, request->order,
			     request->type, request->alloc_flags);
}

static struct pcpmm_page *one_pass(
	struct pcpmm_cpu *cpu, const struct request *request)
{
	for (struct zone **at = request->first; *at; at++) {
		struct zone *zone = *at;
		uint32_t pfn;

		if (zone->type > request->highest_zoneidx ||
			!zone_watermark_fast(zone, request->order,
				request->mark, request->highest_zoneidx,
				request->alloc_flags, request->gfp))
			continue;
		pfn = take_block(cpu, zone, request);
		if (!pfn)
			continue;
		count_add(cpu, &cpu->events[PGALLOC_DMA + zone->type],
			1UL << request->order);
		count_numa(cpu, zone, request->preferred, 1);
		return prepare(cpu, zone, pfn, request);
	}
	return NULL;
}

static struct pcpmm_page *alloc_from(
	struct pcpmm_cpu *cpu, unsigned int nid, unsigned int order)
{
	struct pcpmm_nolock_stats *stats = &cpu->machine->nolock;
	struct pcpmm_page *page = NULL;
	struct request request;

	if (request_init(&request, cpu, nid, GFP_NOLOCK, order)) {
		request.mark = MARK_MIN;
		request.alloc_flags = ALLOC_NOLOCK;
		page = one_pass(cpu, &request);
	}
	count(page ? &stats->allocs : &stats->alloc_failed, 1);
	if (event_enabled(&cpu->base, PCPMM_EVENT_MM_PAGE_ALLOC))
		freelist_record_alloc(cpu, GFP_NOLOCK, order,
			gfp_migratetype(GFP_NOLOCK), page);
	return page;
}

struct pcpmm_page *pcpmm_alloc_pages_nolock(
	struct pcpmm_cpu *cpu, unsigned int nid, unsigned int order)
{
	struct pcpmm_machine *machine = cpu->machine;

	if (!cpu_is_mine(&cpu->base)) {
		machine_refuse_thread(cpu, "allocates");
		return NULL;
	}
	if (order > ORDER_MAX || nid >= machine->nr_nodes) {
		machine_refuse(machine, MISUSE_BAD_ARGUMENT,
			"order %u of node %u without waiting: at most order "
			"%u, of %u nodes",
			order, nid, ORDER_MAX, machine->nr_nodes);
		return NULL;
	}
	if (may_try(cpu) && pcp_has_list(&machine->pcps, order,
				    gfp_migratetype(GFP_NOLOCK)))
		return alloc_from(cpu, nid, order);
	count(&machine->nolock.alloc_refused, 1);
	return NULL;
}

/* --- free ----------------------------------------------------------------- */

/* PGFREE counts a block once it is freed. */
static void free_claimed(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order)
{
	struct pcpmm_machine *machine = cpu->machine;
	struct pcpmm_nolock_stats *stats = &machine->nolock;
	struct zone *zone = machine->zones.zone[frame_zone(page)];
	uint32_t pfn = page_pfn(zone, page);
	unsigned int type = zone_block_type(zone, pfn);
	bool may = may_try(cpu);

	if (may && pcp_nolock_free(&machine->pcps, &cpu->slots[zone->id], pfn,
			   order, type)) {
		count(&stats->free_listed, 1);
	} else if (may &&
		   zone_free_nolock(&cpu->base, zone, pfn, order, type)) {
		count(&stats->free_zone, 1);
	} else {
		zone_defer(zone, pfn);
		count(&stats->free_deferred, 1);
		return; /* who reaps it counts it */
	}
	count_add(cpu, &cpu->events[PGFREE], 1UL << order);
}

int pcpmm_free_pages_nolock(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order)
{
	int ret;

	if (!cpu_is_mine(&cpu->base))
		return machine_refuse_thread(cpu, "frees");
	ret = check_page(cpu, page, order);
	if (!ret)
		free_claimed(cpu, page, order);
	return ret;
}
