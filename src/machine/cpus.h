/* SPDX-License-Identifier: MIT */
/* The program's threads on a machine's CPUs. */
#ifndef MACHINE_CPUS_H
#define MACHINE_CPUS_H

#include "machine/machine.h"

/*
 * Enter @cpu, online or not. 0; -EBUSY: it is another thread's; -ENOMEM,
 * -EAGAIN: this thread can not be one. And leave it.
 */
int machine_try_enter(struct pcpmm_cpu *cpu);
void machine_leave(struct pcpmm_cpu *cpu);
/* If this thread is on @cpu, it leaves, whatever it has left off. */
void machine_abandon(struct pcpmm_cpu *cpu);

/* The CPU is idle: its task is off it, and keeps its claim. Then back. */
void machine_idle_enter(struct pcpmm_cpu *cpu);
void machine_idle_exit(struct pcpmm_cpu *cpu);

/* Nothing is left off, and reclaim is not on the way: the task may go. */
bool machine_may_part(const struct pcpmm_cpu *cpu);

static inline bool machine_cpu_killed(const struct pcpmm_cpu *cpu)
{
	return atomic_load_relaxed_u32(&cpu->killed);
}

#endif
