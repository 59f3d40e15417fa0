/* SPDX-License-Identifier: MIT */
/*
 * NUMA events as diffs of CPUs, which move up to zone and machine: to 5.13.
 *
 *   diff = (events of the CPU - moved) % (NUMA_DIFF_MAX + 1)
 *   value of all zones = sum of zones' values + events - diffs
 *
 * The kernel's diff moves up when it exceeds NUMA_DIFF_MAX, all of it, and events come
 * one by one, so what is left of it follows from the number of events: the hot paths
 * count as always, and only a fold writes, `moved`. It is the owner's; a fold from
 * afar and the clear of vm.numa_stat write it, too, relaxed: whoever is last has
 * moved up what he has seen, and the rest is in the diff.
 */
#include "machine/numa.h"

#include "arch/mutant.h"

static uint64_t moved_of(
	const struct pcpmm_cpu *cpu, unsigned int zone, int item)
{
	return atomic_load_relaxed_u64(&cpu->numa_moved[zone][item]);
}

/* Events fall below what was moved while counting is switched off. */
static unsigned int diff_of(
	const struct pcpmm_cpu *cpu, unsigned int zone, int item)
{
	int64_t since = numa_events_of(cpu, zone, item) -
			(int64_t)moved_of(cpu, zone, item);

	return since > 0 ? (unsigned int)((uint64_t)since % (NUMA_DIFF_MAX + 1))
			 : 0;
}

uint64_t numa_read_all(const struct pcpmm_machine *machine, int item)
{
	int64_t sum = 0;

	for (unsigned int z = 0; z < machine->zones.nr; z++) {
		const struct zone *zone = machine->zones.zone[z];

		sum += (int64_t)numa_read(machine, zone, item);
		for (unsigned int i = 0; i < machine->smp.nr; i++)
			if (machine->numa_moved)
				sum -= diff_of(&machine->cpus[i], z, item);
	}
	return sum < 0 ? 0 : (uint64_t)sum;
}

bool numa_has_diffs(const struct pcpmm_cpu *cpu, unsigned int zone)
{
	for (int i = 0; cpu->numa_moved && i < NR_NUMA_ITEMS; i++)
		if (diff_of(cpu, zone, i))
			return true;
	return false;
}

unsigned int numa_move_diffs(struct pcpmm_cpu *cpu, unsigned int zone)
{
	unsigned int items = 0;

	for (int i = 0; cpu->numa_moved && i < NR_NUMA_ITEMS; i++) {
		if (diff_of(cpu, zone, i))
			items |= 1u << i;
		atomic_store_relaxed_u64(&cpu->numa_moved[zone][i],
			(uint64_t)numa_events_of(cpu, zone, i));
	}
	return items;
}
