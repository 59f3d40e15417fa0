/* SPDX-License-Identifier: MIT */
/* Sums over CPUs; see counts.h. */
#include "view/counts.h"

uint64_t zone_listed_pages(
	const struct pcpmm_machine *machine, const struct zone *zone)
{
	uint64_t pages = 0;

	for (unsigned int id = 0; id < machine->smp.nr; id++)
		pages +=
			(uint64_t)pcp_count(&machine->cpus[id].slots[zone->id]);
	return pages;
}

/* Events that kswapd counts while it is on no CPU; 0 for other events. */
static uint64_t kswapd_events(const struct pcpmm_machine *machine, int event)
{
	uint64_t sum = 0;

	for (unsigned int nid = 0; nid < machine->nr_nodes; nid++) {
		const struct reclaim_node *node = &machine->reclaim.nodes[nid];

		if (event == KSWAPD_LOW_WMARK_HIT_QUICKLY)
			sum += atomic_load_relaxed_u64(&node->low_hit_quickly);
		if (event == KSWAPD_HIGH_WMARK_HIT_QUICKLY)
			sum += atomic_load_relaxed_u64(&node->high_hit_quickly);
	}
	return sum;
}

static bool hot_paths_count(int event)
{
	return event == PGFREE ||
	       (event >= PGALLOC_DMA && event < PGALLOC_DMA + PCPMM_NR_ZONES);
}

/* Pages that the hot paths moved. */
static uint64_t hot_pages(const struct pcp_slot *slot, int event)
{
	uint64_t sum = 0;

	for (unsigned int order = 0; order < PCP_EVENT_ORDERS; order++) {
		const struct pcp_events *of =
			&slot->events[PCP_EVENT_ORDERS - 1 - order];

		if (event == PGFREE)
			sum += atomic_load_relaxed_u64(&of->frees) << order;
		else if (event == PGALLOC_DMA + slot->zone->type)
			sum += atomic_load_relaxed_u64(&of->allocs) << order;
	}
	return sum;
}

uint64_t events_read(const struct pcpmm_machine *machine, int event)
{
	uint64_t sum = kswapd_events(machine, event);

	for (unsigned int i = 0; i < machine->smp.nr; i++) {
		const struct pcpmm_cpu *cpu = &machine->cpus[i];

		sum += atomic_load_relaxed_u64(&cpu->events[event]);
		for (unsigned int z = 0;
			hot_paths_count(event) && z < machine->zones.nr; z++)
			sum += hot_pages(&cpu->slots[z], event);
	}
	return sum;
}
