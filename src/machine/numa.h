/* SPDX-License-Identifier: MIT */
/* NUMA counters of a zone: sums over CPUs. */
#ifndef MACHINE_NUMA_H
#define MACHINE_NUMA_H

#include "machine/machine.h"

/* A zone's NUMA counter, per-CPU parts included. Any thread, racy. */
uint64_t numa_read(
	const struct pcpmm_machine *machine, const struct zone *zone, int item);
/* The same of all zones. */
uint64_t numa_read_all(const struct pcpmm_machine *machine, int item);
/* Hot allocs are NUMA events from now on. Under config_lock. */
void numa_begin(struct pcpmm_machine *machine);
/* The counts of a dead CPU become its zones'. Under config_lock. */
void numa_move_dead(struct pcpmm_machine *machine, struct pcpmm_cpu *cpu);
/* Set all of them to 0. Under config_lock, with numa_stat 0 already. */
void numa_clear(struct pcpmm_machine *machine);

#endif
