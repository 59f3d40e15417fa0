/* SPDX-License-Identifier: MIT */
/* Free one block: onto the list of its type, else to the buddy. Inline. */
#ifndef ALLOC_PAGE_FREE_H
#define ALLOC_PAGE_FREE_H

#include "machine/machine.h"
#include "machine/refuse.h"
#include "zone/rmqueue.h"

/* Report why the page can not be freed; -EINVAL. */
int page_free_refuse(struct pcpmm_cpu *cpu, const struct pcpmm_page *page,
	unsigned int order);
/* Report that another thread frees the page at this moment; -EINVAL. */
int page_free_lost(struct pcpmm_cpu *cpu, const struct pcpmm_page *page);
void page_free_record(struct pcpmm_cpu *cpu, const struct pcpmm_page *page);

static force_inline bool may_free(const struct pcpmm_machine *machine,
	const struct pcpmm_page *page, unsigned int order)
{
	return likely(zones_have_frame(&machine->zones, page) &&
		      frame_heads(page, FRAME_HELD, order));
}

/* @pages pages, which a free with the zone lock found deferred, are free now. */
void page_free_reaped(struct pcpmm_cpu *cpu, unsigned long pages);

/* Straight to the buddy, with the block's own type. */
static inline void free_to_buddy(struct pcpmm_cpu *cpu, struct zone *zone,
	uint32_t pfn, unsigned int order, unsigned int type)
{
	unsigned long reaped;

	frame_set_state(&zone->memmap[pfn], FRAME_PCP);
	reaped = zone_free_one(&cpu->base, zone, pfn, order, type);
	if (unlikely(reaped))
		page_free_reaped(cpu, reaped);
}

static force_inline void free_block(struct pcpmm_cpu *cpu, struct zone *zone,
	uint32_t pfn, unsigned int order, unsigned int type)
{
	if (likely(pcp_has_list(&cpu->machine->pcps, order, type))) {
		if (likely(cpu->machine->pcps.owner.free(
			    &cpu->slots[zone->id], pfn, order, type)))
			count_add(cpu, &cpu->events[PGFREE], 1UL << order);
		else
			free_to_buddy(cpu, zone, pfn, order, type);
		return;
	}
	count_add(cpu, &cpu->events[PGFREE], 1UL << order);
	free_to_buddy(cpu, zone, pfn, order, type);
}

/* The page is held. true: no longer, and it is this thread's to free. */
static force_inline bool claim(const struct pcpmm_machine *machine,
	struct pcpmm_page *page, unsigned int order)
{
	if (machine->config.free_check == PCPMM_FREE_CHECK_EXCHANGE)
		return frame_claim(page, order);
	frame_set_state(page, FRAME_PCP);
	return true;
}

/* 0, and the page is claimed. This thread is on @cpu. */
static force_inline int check_page(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order)
{
	if (unlikely(!may_free(cpu->machine, page, order)))
		return page_free_refuse(cpu, page, order);
	if (unlikely(!claim(cpu->machine, page, order)))
		return page_free_lost(cpu, page);
	if (event_enabled(&cpu->base, PCPMM_EVENT_MM_PAGE_FREE))
		page_free_record(cpu, page);
	return 0;
}

/* The same, of any thread. */
static force_inline int check_free(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order)
{
	int ret = machine_check_owner(cpu, "frees");

	return unlikely(ret) ? ret : check_page(cpu, page, order);
}

#endif
