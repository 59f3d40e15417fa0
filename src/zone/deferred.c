/* SPDX-License-Identifier: MIT */
/* Frees that wait for somebody with the zone lock; see deferred.h. */
#include "zone/deferred.h"

#include "arch/mutant.h"
#include "zone/buddy.h"

/* [defer.push] The links are frame numbers: 0 ends the stack. */
void zone_defer(struct zone *zone, uint32_t pfn)
{
	struct pcpmm_page *page = &zone->memmap[pfn];
	unsigned int order = frame_order(page);
	void *top = atomic_load_relaxed_ptr((void *const *)&zone->deferred);

	frame_set_state(page, FRAME_DEFERRED);
	do {
		page->next = top ? page_pfn(zone, top) : 0;
	} while (!atomic_cmpxchg_release_ptr(
		(void **)&zone->deferred, &top, page));
	atomic_add_relaxed_u64(&zone->deferred_pages, 1UL << order);
}

/* [defer.reap] The block goes by the type that its pageblock has by now. */
unsigned long zone_reap(struct cpu *cpu, struct zone *zone)
{
	struct pcpmm_page *page =
		atomic_xchg_acquire_ptr((void **)&zone->deferred, NULL);
	unsigned long pages = 0;

	while (page) {
		uint32_t pfn = page_pfn(zone, page), next = page->next;
		unsigned int order =
			MUTANT(REAP_LOSES_ORDER) ? 0 : frame_order(page);

		frame_set_state(page, FRAME_PCP);
		buddy_free_past_lists(
			cpu, zone, pfn, order, zone_block_type(zone, pfn));
		pages += 1UL << order;
		page = next ? &zone->memmap[next] : NULL;
	}
	atomic_add_relaxed_u64(&zone->deferred_pages, -pages);
	return pages;
}
