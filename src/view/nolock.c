/* SPDX-License-Identifier: MIT */
/* What calls that may not wait have done, and what they left to others. */
#include <pcpmm/nolock.h>

#include "machine/machine.h"

void pcpmm_nolock_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_nolock_stats *stats)
{
	const struct pcpmm_nolock_stats *sums = &machine->nolock;

	*stats = (struct pcpmm_nolock_stats){
		.allocs = atomic_load_relaxed_u64(&sums->allocs),
		.alloc_failed = atomic_load_relaxed_u64(&sums->alloc_failed),
		.alloc_refused = atomic_load_relaxed_u64(&sums->alloc_refused),
		.free_listed = atomic_load_relaxed_u64(&sums->free_listed),
		.free_zone = atomic_load_relaxed_u64(&sums->free_zone),
		.free_deferred = atomic_load_relaxed_u64(&sums->free_deferred),
		.reaped_pages = atomic_load_relaxed_u64(&sums->reaped_pages),
	};
}

uint64_t pcpmm_zone_deferred_pages(struct pcpmm_machine *machine,
	unsigned int nid, enum pcpmm_zone_type type)
{
	const struct zone *zone = machine_populated_zone(machine, nid, type);

	return zone ? atomic_load_relaxed_u64(&zone->deferred_pages) : 0;
}
