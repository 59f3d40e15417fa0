/* SPDX-License-Identifier: MIT */
/* How large a machine is. */
#include <pcpmm/machine.h>

#include "machine/machine.h"

unsigned int pcpmm_nr_cpus(const struct pcpmm_machine *machine)
{
	return machine->smp.nr;
}

unsigned int pcpmm_nr_nodes(const struct pcpmm_machine *machine)
{
	return machine->nr_nodes;
}

void pcpmm_footprint_read(
	const struct pcpmm_machine *machine, struct pcpmm_footprint *footprint)
{
	*footprint = (struct pcpmm_footprint){
		.memmap_reserved = machine->zones.memmap_size,
		.percpu = machine->pcps.slots_size +
			  pcp_pools_used(&machine->pcps) + machine->diffs.size +
			  machine->smp.nr * (machine->numa_size +
						    sizeof(struct pcpmm_cpu)),
		.frame_size = sizeof(struct pcpmm_page),
	};
	for (unsigned int i = 0; i < machine->zones.nr; i++)
		footprint->frames += machine->zones.zone[i]->spanned;
}
