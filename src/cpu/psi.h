/* SPDX-License-Identifier: MIT */
/*
 * Pressure stall information (pcpmm/psi.h): the states of a CPU, and the machine's
 * sums and averages.
 *
 *   states[some]    = nr_stalled > 0
 *   states[full]    = some, and all tasks that run or wait are stalled, or the
 *                     running one is
 *   states[nonidle] = a task runs or waits, or nr_stalled > 0
 *
 * Each section of a CPU's run lock ends with psi_change(), so the states are those
 * of the CPU's lists. A stalled task that sleeps is on no list: nr_stalled counts
 * it.
 */
#ifndef CPU_PSI_H
#define CPU_PSI_H

#include <pcpmm/psi.h>

#include "cpu/mutex.h"
#include "cpu/smp.h"

enum psi_state { PSI_SOME, PSI_FULL, PSI_NONIDLE, NR_PSI_STATES };
enum psi_average { PSI_AVG10, PSI_AVG60, PSI_AVG300, NR_PSI_AVERAGES };

#define PSI_PERIOD_NS 2000000000ull

/* Under the CPU's run lock. */
struct psi_cpu {
	uint32_t nr_stalled; /* tasks of this CPU in a stall section */
	bool states[NR_PSI_STATES]; /* since since_ns */
	uint64_t since_ns;
	uint64_t ns[NR_PSI_STATES]; /* until since_ns */
};

/* Sums and averages of PSI_SOME and PSI_FULL; under the mutex. */
struct psi {
	const struct smp *smp;
	struct psi_cpu *cpus; /* [cpu]; NULL: off */
	uint64_t (*seen)[NR_PSI_STATES]; /* [cpu] at the last collection */
	struct mutex mutex;
	uint64_t updated_ns; /* end of the last period; read racily */
	uint64_t total_ns[PSI_NONIDLE];
	uint64_t averaged_ns[PSI_NONIDLE]; /* of total: in the averages */
	double avg[PSI_NONIDLE][NR_PSI_AVERAGES]; /* percent */
};

/* Start at @now for the CPUs of @smp, which are idle. 0 or -ENOMEM. */
int psi_init(struct psi *psi, const struct smp *smp, uint64_t now);
void psi_fini(struct psi *psi);

/* The tasks of the CPU have changed. Under its run lock. */
void psi_change(struct cpu *cpu, uint64_t now);

/*
 * Begin a stall section of the running task: false, and nothing to end, if it is
 * in one already, or psi is off. Owner.
 */
bool psi_memstall_enter(struct cpu *cpu);
void psi_memstall_leave(struct psi *psi, struct cpu *cpu);

/* A CPU's times until @now. Any thread. */
void psi_cpu_times(struct cpu *cpu, uint64_t now, uint64_t ns[NR_PSI_STATES]);
/* Collect the CPUs' times, and average if a period is over. Mutex held. */
void psi_update(struct psi *psi, uint64_t now);

#endif
