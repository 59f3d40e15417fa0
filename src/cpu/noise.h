/* SPDX-License-Identifier: MIT */
/*
 * Interruptions of a CPU: written by the CPU itself with interrupts off, read
 * racily by any thread.
 */
#ifndef CPU_NOISE_H
#define CPU_NOISE_H

#include <pcpmm/noise.h>

#include "cpu/cpu.h"

struct noise {
	struct pcpmm_noise sums;
	struct pcpmm_histogram times;
};

/* An interruption of the running task that took @ns. Owner, interrupts off. */
void noise_add(struct cpu *cpu, enum pcpmm_noise_cause cause, uint64_t ns);
/* An interruption whose time is not known. Owner, interrupts off. */
void noise_count(struct cpu *cpu, enum pcpmm_noise_cause cause);
/* The same by another CPU, for a cause that only other CPUs count. */
void noise_count_remote(struct cpu *cpu, enum pcpmm_noise_cause cause);
/* The CPU was idle, and worked for @ns. Owner, interrupts off. */
void noise_add_idle(struct cpu *cpu, uint64_t ns);

#endif
