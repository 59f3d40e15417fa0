/* SPDX-License-Identifier: MIT */
/* Pressure stall information, read (pcpmm/psi.h). */
#include <errno.h>
#include <pcpmm/psi.h>

#include "arch/clock.h"
#include "machine/refuse.h"

static struct pcpmm_psi_line line_of(
	const struct psi *psi, enum psi_state state)
{
	return (struct pcpmm_psi_line){
		.avg10 = psi->avg[state][PSI_AVG10],
		.avg60 = psi->avg[state][PSI_AVG60],
		.avg300 = psi->avg[state][PSI_AVG300],
		.total = psi->total_ns[state] / 1000,
	};
}

int pcpmm_psi_read(struct pcpmm_machine *machine, struct pcpmm_psi *out)
{
	struct psi *psi = &machine->psi;

	if (!psi->cpus)
		return -EOPNOTSUPP;
	if (sched_is_atomic()) {
		machine_refuse(machine, MISUSE_BAD_ARGUMENT,
			"pressure is read by a thread that has interrupts off, "
			"or is in one");
		return -EINVAL;
	}
	mutex_lock(&psi->mutex);
	psi_update(psi, clock_now_ns());
	out->some = line_of(psi, PSI_SOME);
	out->full = line_of(psi, PSI_FULL);
	mutex_unlock(&psi->mutex);
	return 0;
}

int pcpmm_psi_cpu_read(struct pcpmm_cpu *cpu, struct pcpmm_psi_cpu *times)
{
	uint64_t ns[NR_PSI_STATES];

	if (!cpu->machine->psi.cpus)
		return -EOPNOTSUPP;
	psi_cpu_times(&cpu->base, clock_now_ns(), ns);
	*times = (struct pcpmm_psi_cpu){.some = ns[PSI_SOME],
		.full = ns[PSI_FULL],
		.nonidle = ns[PSI_NONIDLE]};
	return 0;
}
