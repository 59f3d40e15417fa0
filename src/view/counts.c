/* SPDX-License-Identifier: MIT */
/* VM events: sums over CPUs. */
#include "view/counts.h"

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

uint64_t events_read(const struct pcpmm_machine *machine, int event)
{
	uint64_t sum = kswapd_events(machine, event);

	for (unsigned int i = 0; i < machine->smp.nr; i++)
		sum += atomic_load_relaxed_u64(&machine->cpus[i].events[event]);
	return sum;
}
