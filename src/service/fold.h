/* SPDX-License-Identifier: MIT */
/* Folds of all of a CPU's counters, and what goes with them. */
#ifndef SERVICE_FOLD_H
#define SERVICE_FOLD_H

#include "machine/machine.h"

/* refresh_cpu_vm_stats() on the CPU itself. Number of changes. */
unsigned int fold_own(struct pcpmm_cpu *cpu, bool pagesets);
/* The same for CPU @id from another one. Config lock. */
unsigned int fold_remote(struct pcpmm_cpu *on, unsigned int id, bool pagesets);
/*
 * cpu_vm_stats_fold() of a CPU that no task runs on. An interrupt that was sent to it
 * while it was online may come meanwhile, and fold too: each diff is exchanged.
 */
void fold_dead(struct pcpmm_machine *machine, unsigned int id);

/* Each counter update sets a flag of its CPU: service/quiet.c. */
static inline bool vmstat_marks_dirty(const struct pcpmm_machine *machine)
{
	return machine->config.fold_quiet >= PCPMM_FOLD_QUIET_DIRTY;
}

#endif
