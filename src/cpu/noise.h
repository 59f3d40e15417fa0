/* SPDX-License-Identifier: MIT */
/*
 * What disturbs a CPU: written by the CPU itself with interrupts held off,
 * read racily by anybody.
 */
#ifndef CPU_NOISE_H
#define CPU_NOISE_H

#include <pcpmm/noise.h>

#include "cpu/cpu.h"

struct noise {
	struct pcpmm_noise sums;
	struct pcpmm_histogram times;
};

/* One interruption of its task that took @ns. Owner, interrupts off. */
void noise_add(struct cpu *cpu, enum pcpmm_noise_cause cause, uint64_t ns);
/* One of a kind whose time is not known. Owner, interrupts off. */
void noise_count(struct cpu *cpu, enum pcpmm_noise_cause cause);
/* The same by another CPU; for a cause that only others count. */
void noise_count_remote(struct cpu *cpu, enum pcpmm_noise_cause cause);
/* The idle CPU had to work for @ns. Owner, interrupts off. */
void noise_add_idle(struct cpu *cpu, uint64_t ns);

#endif
