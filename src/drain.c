/* SPDX-License-Identifier: MIT */
/* Emptying a CPU's lists from another CPU, one CPU at a time. */
#include <errno.h>
#include <pcpmm/restore.h>

#include "machine.h"

unsigned int drain_cpu(
	struct pcpmm_cpu *by, struct pcpmm_cpu *cpu, struct zone *zone)
{
	struct pcpmm_machine *machine = by->machine;
	unsigned int pages = 0;

	for (unsigned int i = 0; i < machine->nr_zones; i++)
		if (!zone || zone == machine->zones[i])
			pages += machine->drain->drain(
				&by->arch, &cpu->zones[i].slot, 0);
	return pages;
}

int pcpmm_drain_pages_zone(struct pcpmm_cpu *on, unsigned int id,
	unsigned int nid, unsigned int zone_type, unsigned int pages)
{
	struct pcpmm_machine *machine = on->machine;
	struct zone *zone = machine_zone(machine, nid, zone_type);

	if (!arch_cpu_is_mine(&on->arch))
		return -EPERM;
	if (id >= machine->nr_cpus || !zone || !zone_populated(zone))
		return -EINVAL;
	machine->drain->drain(
		&on->arch, &machine->cpus[id].zones[zone->id].slot, pages);
	return 0;
}
