/* SPDX-License-Identifier: MIT */
/* The program's threads on a machine's CPUs. */
#ifndef MACHINE_CPUS_H
#define MACHINE_CPUS_H

#include "machine/machine.h"

/*
 * Enter @cpu, online or not, and leave it. 0; -EBUSY: another thread is on it;
 * -ENOMEM, -EAGAIN: this thread can not enter CPUs.
 */
int machine_try_enter(struct pcpmm_cpu *cpu);
void machine_leave(struct pcpmm_cpu *cpu);
/* If this thread is on @cpu, leave it, also with interrupts disabled. */
void machine_abandon(struct pcpmm_cpu *cpu);

/* The task releases the CPU and keeps its claim; exit takes it back. */
void machine_idle_enter(struct pcpmm_cpu *cpu);
void machine_idle_exit(struct pcpmm_cpu *cpu);

/* May the task leave? Interrupts and preemption on, not in reclaim. */
bool machine_may_part(const struct pcpmm_cpu *cpu);

static inline bool machine_cpu_killed(const struct pcpmm_cpu *cpu)
{
	return atomic_load_relaxed_u32(&cpu->killed);
}

/* mark_oom_victim(): the task on @cpu may use ALLOC_OOM. Any thread. */
static inline void machine_mark_oom_victim(struct pcpmm_cpu *cpu)
{
	atomic_store_relaxed_u32(&cpu->oom_victim, 1);
}

/* The running task is the one that was chosen, not a worker in its place. */
static inline bool machine_cpu_is_oom_victim(const struct pcpmm_cpu *cpu)
{
	return atomic_load_relaxed_u32(&cpu->oom_victim) &&
	       cpu_runs_user(&cpu->base);
}

#endif
