/* SPDX-License-Identifier: MIT */
/* What frees have spilled, of all zones; and what runs between two chunks. */
#include <errno.h>
#include <pcpmm/spill.h>

#include "machine/machine.h"

void pcpmm_spill_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_spill_stats *stats)
{
	*stats = (struct pcpmm_spill_stats){0};
	for (unsigned int i = 0; i < machine->zones.nr; i++) {
		const struct pcpmm_spill_stats *zone =
			&machine->zones.zone[i]->spills;
		uint64_t most = atomic_load_relaxed_u64(&zone->hold_max);

		stats->holds += atomic_load_relaxed_u64(&zone->holds);
		stats->pages += atomic_load_relaxed_u64(&zone->pages);
		stats->hold_max = MAX(stats->hold_max, most);
		stats->given_up += atomic_load_relaxed_u64(&zone->given_up);
		stats->pages_left += atomic_load_relaxed_u64(&zone->pages_left);
	}
}

int pcpmm_spill_window_set(struct pcpmm_machine *machine,
	void (*fn)(struct pcpmm_cpu *cpu, void *arg), void *arg)
{
	struct pcp_set *set = &machine->pcps;

	if (set->spill_hold != PCPMM_SPILL_HOLD_CHUNKS ||
		set->owner.guard != PCP_GUARD_pcp_lock)
		return -EINVAL;
	set->chunks = (struct pcp_chunks){fn, arg};
	return 0;
}
