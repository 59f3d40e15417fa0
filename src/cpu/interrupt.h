/* SPDX-License-Identifier: MIT */
/*
 * Interrupts by signal: what makes a thread look at its CPUs' queues.
 *
 * The signal says nothing but "look": which CPUs are meant stands in memory
 * that this thread owns, so one that comes too late, twice, or to a thread
 * that has left is harmless.
 */
#ifndef ARCH_INTERRUPT_H
#define ARCH_INTERRUPT_H

#include "cpu/cpu.h"

/*
 * Handle @signal from now on in this process. 0, -EINVAL (no such signal),
 * -EBUSY (somebody else handles it).
 */
int interrupt_install(int signal);

/* Something was queued for @cpu: tell its thread, if it listens. */
void interrupt_send(struct cpu *cpu);

/* This thread as the host names it. */
uint32_t interrupt_self_tid(void);

#endif
