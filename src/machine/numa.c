/* SPDX-License-Identifier: MIT */
/*
 * NUMA counters of a zone: read, and cleared when counting is switched off.
 *
 *   count of a zone = zone's value + sum of the words of all CPUs
 *   numa_hit and numa_local: + sum over CPUs and orders of hot allocs
 *                            - numa_base of each CPU's slot
 *
 * An owner adds to its word without a lock; the words of a dead CPU move to the
 * value of the zone. The hot path counts one event for each allocation, whether
 * numa_stat is 1 or 0, and is not told of a change: numa_base is what the events
 * were when counting began. vm.numa_stat = 0 clears the counters since Linux 4.15
 * (4518085e127d): the handler switches counting off, then zeroes zones and CPUs.
 */
#include "machine/numa.h"

/* Blocks that the hot paths have allocated from @slot. */
static uint64_t hot_allocs(const struct pcp_slot *slot)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < PCP_EVENT_ORDERS; i++)
		sum += atomic_load_relaxed_u64(&slot->events[i].allocs);
	return sum;
}

/* Of these, the NUMA events since counting began. */
static int64_t hot_events(const struct pcpmm_machine *machine,
	const struct pcp_slot *slot, int item)
{
	if ((item != NUMA_HIT && item != NUMA_LOCAL) ||
		!atomic_load_relaxed_u32(&machine->numa_counting))
		return 0;
	return (int64_t)(hot_allocs(slot) -
			 atomic_load_relaxed_u64(&slot->numa_base));
}

int64_t numa_events_of(const struct pcpmm_cpu *cpu, unsigned int zone, int item)
{
	return (int64_t)atomic_load_relaxed_u64(&cpu->numa[zone][item]) +
	       hot_events(cpu->machine, &cpu->slots[zone], item);
}

/* The sum can be below 0 while a CPU dies or the counters are cleared. */
uint64_t numa_read(
	const struct pcpmm_machine *machine, const struct zone *zone, int item)
{
	int64_t sum = atomic_load_relaxed_s64(&zone->numa[item]);

	for (unsigned int i = 0; i < machine->smp.nr; i++)
		sum += numa_events_of(&machine->cpus[i], zone->id, item);
	return sum < 0 ? 0 : (uint64_t)sum;
}

/*
 * The cut is exact: an allocation whose event was counted before the read of
 * numa_base is not a NUMA event, a later one is.
 */
void numa_begin(struct pcpmm_machine *machine)
{
	for (unsigned int i = 0; i < machine->smp.nr; i++)
		for (unsigned int z = 0; z < machine->zones.nr; z++) {
			struct pcp_slot *slot = &machine->cpus[i].slots[z];

			atomic_store_relaxed_u64(
				&slot->numa_base, hot_allocs(slot));
		}
	atomic_store_relaxed_u32(&machine->numa_counting, 1);
}

void numa_move_dead(struct pcpmm_machine *machine, struct pcpmm_cpu *cpu)
{
	for (unsigned int z = 0; z < machine->zones.nr; z++) {
		struct zone *zone = machine->zones.zone[z];
		struct pcp_slot *slot = &cpu->slots[z];
		uint64_t *numa = cpu->numa[z];

		for (int i = 0; i < NR_NUMA_ITEMS; i++) {
			atomic_add_relaxed_s64(&zone->numa[i],
				(int64_t)atomic_xchg_relaxed_u64(&numa[i], 0) +
					hot_events(machine, slot, i));
		}
		atomic_store_relaxed_u64(&slot->numa_base, hot_allocs(slot));
		numa_move_diffs(cpu, z);
	}
}

/*
 * The clear does not store to the words of the CPUs. An owner's add reads its
 * word, adds and writes, in separate steps as other CPUs see it; the add would
 * overwrite a 0 that was stored between them, and restore the old count. So the
 * clear subtracts the sum that it has read from the zone's value, by an atomic
 * add. An owner's add at the same time is in that sum and lost, or is not in it
 * and survives as the first count after the clear; of an allocation that counts
 * two items (hit and local) one may be lost and the other survive. Owners that
 * have seen numa_stat at 1 may add after the clear, too.
 *
 * No value is torn, as each word is one atomic 64-bit access. None wraps: while
 * the caller has the config mutex the words only grow (hotplug moves a dead CPU's
 * words under it), so that the count stays at 0 or above.
 */
void numa_clear(struct pcpmm_machine *machine)
{
	atomic_store_relaxed_u32(&machine->numa_counting, 0);
	for (unsigned int z = 0; z < machine->zones.nr; z++) {
		struct zone *zone = machine->zones.zone[z];

		for (int i = 0; i < NR_NUMA_ITEMS; i++)
			atomic_add_relaxed_s64(&zone->numa[i],
				-(int64_t)numa_read(machine, zone, i));
	}
	for (unsigned int id = 0; id < machine->smp.nr; id++)
		for (unsigned int z = 0; z < machine->zones.nr; z++)
			numa_move_diffs(&machine->cpus[id], z);
}
