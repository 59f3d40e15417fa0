/* SPDX-License-Identifier: MIT */
/* A CPU's tick: when it stops and restarts, and time that goes by. */
#ifndef SERVICE_TICK_H
#define SERVICE_TICK_H

#include "machine/machine.h"

/* The CPU goes idle; @may_stop: it expects to stay so. Owner. */
void tick_idle_enter(struct pcpmm_cpu *cpu, bool may_stop);
/* It runs a task again. Owner. */
void tick_idle_exit(struct pcpmm_cpu *cpu);
/* It has come online: its tick runs. */
void tick_cpu_online(struct pcpmm_cpu *cpu);

/* A tick of an online CPU with a task. Any thread. */
void tick_on(struct pcpmm_cpu *cpu);
/* @ticks go by. Any thread, not in an interrupt. */
void tick_elapse(struct pcpmm_machine *machine, uint64_t ticks);
/* A thread of the library drives the time. */
bool tick_is_driven(const struct pcpmm_machine *machine);

/* @id if it is a housekeeping CPU, else the first online one; @id: there is none. */
unsigned int tick_housekeeping_cpu(
	const struct pcpmm_machine *machine, unsigned int id);

/* The CPU's timer interrupt. */
void tick_init(struct pcpmm_cpu *cpu);

#endif
