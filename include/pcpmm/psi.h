/* SPDX-License-Identifier: MIT */
/*
 * Pressure stall information for memory: how much time tasks lose in direct
 * reclaim. pcpmm_config.psi says what a stall section is; other sections of the
 * kernel (kswapd, waits for a page that was reclaimed too early) do not count.
 *
 * A CPU's state, of which the time is taken at each change of its tasks:
 *
 *   nonidle  a task runs or waits for the CPU, or is in a stall section
 *   some     a task of the CPU is in a stall section, asleep or not
 *   full     some, and no task that is in none runs or waits; or the running task
 *            is in one
 *
 * The machine's times are the CPUs' times, weighted by how long each CPU was not
 * idle. Averages go by periods of 2 s. No thread keeps them: a reader, and the end
 * of a stall section, bring them up to date; the time since the last update is
 * taken to be evenly spread over the periods that went by.
 */
#ifndef PCPMM_PSI_H
#define PCPMM_PSI_H

#include <pcpmm/types.h>

PCPMM_BEGIN_DECLS

struct pcpmm_psi_line {
	double avg10, avg60, avg300; /* percent of the time, 0..100 */
	uint64_t total; /* us since creation */
};

struct pcpmm_psi {
	struct pcpmm_psi_line some, full;
};

/*
 * /proc/pressure/memory. 0; -EOPNOTSUPP: psi is off; -EINVAL: the thread has
 * interrupts off, or is in one. Any thread.
 */
PCPMM_API int pcpmm_psi_read(
	struct pcpmm_machine *machine, struct pcpmm_psi *psi);

/* One CPU's own times since creation; unit: ns. */
struct pcpmm_psi_cpu {
	uint64_t some, full, nonidle;
};
/* 0; -EOPNOTSUPP: psi is off. Any thread. */
PCPMM_API int pcpmm_psi_cpu_read(
	struct pcpmm_cpu *cpu, struct pcpmm_psi_cpu *times);

PCPMM_END_DECLS

#endif
