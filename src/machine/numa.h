/* SPDX-License-Identifier: MIT */
/* NUMA counters of a zone: sums over CPUs. */
#ifndef MACHINE_NUMA_H
#define MACHINE_NUMA_H

#include "machine/machine.h"

/* A zone's NUMA counter, per-CPU parts included. Any thread, racy. */
uint64_t numa_read(
	const struct pcpmm_machine *machine, const struct zone *zone, int item);
/* Events that @cpu has counted, without what it had when it last died. Racy. */
int64_t numa_events_of(
	const struct pcpmm_cpu *cpu, unsigned int zone, int item);
/* Of all zones, as /proc/vmstat has it: without what is in diffs. */
uint64_t numa_read_all(const struct pcpmm_machine *machine, int item);

/* A diff of 16 bit moves up when it is larger. */
#define NUMA_DIFF_MAX 65533

/* Some diff of @cpu is not 0; false if there are none. Racy. */
bool numa_has_diffs(const struct pcpmm_cpu *cpu, unsigned int zone);
/* All diffs of @cpu move up. A bit for each item whose diff was not 0. */
unsigned int numa_move_diffs(struct pcpmm_cpu *cpu, unsigned int zone);

/* Hot allocs are NUMA events from now on. Under config_lock. */
void numa_begin(struct pcpmm_machine *machine);
/* The counts of a dead CPU become its zones'. Under config_lock. */
void numa_move_dead(struct pcpmm_machine *machine, struct pcpmm_cpu *cpu);
/* Set all of them to 0. Under config_lock, with numa_stat 0 already. */
void numa_clear(struct pcpmm_machine *machine);

#endif
