/* SPDX-License-Identifier: MIT */
/*
 * A CPU goes idle and comes back. Its thread keeps the claim; the thread's task
 * is off the CPU, like a sleeping one.
 */
#include <errno.h>
#include <pcpmm/cpu.h>

#include "machine/cpus.h"
#include "machine/refuse.h"
#include "service/tick.h"

int pcpmm_cpu_idle_enter(struct pcpmm_cpu *cpu, bool tick_stopped)
{
	int ret = machine_check_owner(cpu, "goes idle");

	if (ret)
		return ret;
	if (!machine_may_part(cpu))
		return -EBUSY;
	tick_idle_enter(cpu, tick_stopped);
	machine_idle_enter(cpu);
	return 0;
}

int pcpmm_cpu_idle_exit(struct pcpmm_cpu *cpu)
{
	if (atomic_load_relaxed_u64(&cpu->idle_thread) != arch_self())
		return -EINVAL;
	machine_idle_exit(cpu);
	tick_idle_exit(cpu);
	return 0;
}
