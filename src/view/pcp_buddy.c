/* SPDX-License-Identifier: MIT */
/* Counters of pcp_buddy, of all CPUs and zones, and who owns a pageblock. */
#include <errno.h>
#include <pcpmm/pcp_buddy.h>

#include "machine/machine.h"
#include "pcplist/pieces.h"

static bool has_pieces(const struct pcpmm_machine *machine)
{
	return machine->pcps.owner.guard == PCP_GUARD_pieces;
}

void pcpmm_pcp_buddy_stats_read(const struct pcpmm_machine *machine,
	struct pcpmm_pcp_buddy_stats *stats)
{
	uint64_t *sum = (uint64_t *)stats;

	*stats = (struct pcpmm_pcp_buddy_stats){0};
	if (!has_pieces(machine))
		return;
	for (unsigned int id = 0; id < machine->smp.nr; id++)
		for (unsigned int i = 0; i < machine->zones.nr; i++) {
			const uint64_t *from = (const uint64_t *)&pieces_of(
				&machine->cpus[id].slots[i])
						       ->stats;

			for (size_t f = 0; f < sizeof(*stats) / sizeof(*sum);
				f++)
				sum[f] += atomic_load_relaxed_u64(&from[f]);
		}
}

int pcpmm_pcp_buddy_owner(const struct pcpmm_machine *machine, uint64_t pfn)
{
	const struct zone *zone = zones_zone_of_pfn(&machine->zones, pfn);

	if (!zone || !has_pieces(machine))
		return -EINVAL;
	return (int)block_owner_of(
		       pieces_of(&machine->cpus[0].slots[zone->id])->owners,
		       pfn) -
	       1;
}
