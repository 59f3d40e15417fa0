/* SPDX-License-Identifier: MIT */
/*
 * A CPU goes idle and comes back. Its thread keeps the claim; the thread's task
 * is off the CPU, like a sleeping one.
 */
#include <errno.h>
#include <pcpmm/cpu.h>

#include "machine/cpus.h"
#include "machine/refuse.h"
#include "service/shepherd.h"

int pcpmm_cpu_idle_enter(struct pcpmm_cpu *cpu, bool tick_stopped)
{
	int ret = machine_check_owner(cpu, "goes idle");

	if (ret)
		return ret;
	if (!machine_may_part(cpu))
		return -EBUSY;
	atomic_store_relaxed_u8(&cpu->base.tick_stopped, tick_stopped);
	if (tick_stopped)
		shepherd_quiet(cpu);
	machine_idle_enter(cpu);
	return 0;
}

int pcpmm_cpu_idle_exit(struct pcpmm_cpu *cpu)
{
	if (atomic_load_relaxed_u64(&cpu->idle_thread) != arch_self())
		return -EINVAL;
	machine_idle_exit(cpu);
	return 0;
}
