/* SPDX-License-Identifier: MIT */
/*
 * CPU hotplug: an ordered list of plain calls (page_alloc_cpu_online(),
 * page_alloc_cpu_dead(), Linux 6.1).
 *
 * Offline: no task runs on the CPU any more; drain its lists, move its events
 * and diffs, resize the pagesets of the CPUs that stay, refresh thresholds.
 * A CPU that comes online gets thresholds for the new number of CPUs, and the drift
 * marks follow; with threshold_refresh down_only they stay as they are.
 * Online: the pagesets of *all* nodes are divided by one CPU more, since the
 * CPU is not in the masks yet; only the next recalculation corrects that.
 */
#include <errno.h>
#include <pcpmm/cpu.h>

#include "machine/cpus.h"
#include "machine/refuse.h"
#include "machine/tunables.h"
#include "reclaim/lru_batch.h"
#include "service/fold.h"
#include "service/shepherd.h"
#include "service/slab.h"
#include "service/tick.h"
#include "cpu/entry.h"

static void set_online(struct pcpmm_machine *machine, unsigned int id, bool on)
{
	smp_set_online(&machine->smp, id, on);
	machine->nodes[machine->cpus[id].base.nid].nr_cpus_online +=
		on ? 1u : -1u;
}

/* vm_events_fold_cpu: the dead CPU's events become the caller's. */
static void move_events(struct pcpmm_cpu *to, struct pcpmm_cpu *from)
{
	for (int i = 0; i < NR_VM_EVENTS; i++) {
		count_add(to, &to->events[i],
			atomic_xchg_relaxed_u64(&from->events[i], 0));
	}
}

static int check(struct pcpmm_cpu *on, unsigned int id, bool online)
{
	struct pcpmm_machine *machine = on->machine;

	int ret = machine_check_owner(on, "plugs CPUs");

	if (ret)
		return ret;
	if (id >= machine->smp.nr || machine_cpu_online(machine, id) != online)
		return -EINVAL;
	return 0;
}

/* The calling thread enters the CPU, so that no other thread can. */
static int take_down(struct pcpmm_cpu *on, struct pcpmm_cpu *cpu)
{
	struct pcpmm_machine *machine = on->machine;
	int ret;

	if (smp_nr_online(&machine->smp) == 1)
		return -EINVAL;
	ret = machine_try_enter(cpu);
	if (ret)
		return ret;
	cpu_poll(&cpu->base);
	set_online(machine, cpu->base.id, false);
	/* [work.offline] full, pairs with [work.counted]. */
	atomic_fence_seq_cst();
	/* [work.gone] acquire, pairs with [work.ended]. */
	if (atomic_load_acquire_u32(&cpu->works)) {
		set_online(machine, cpu->base.id, true);
		machine_leave(cpu);
		return -EBUSY;
	}
	if (shepherd_work(machine, cpu->base.id))
		vmstat_work_cancel(shepherd_work(machine, cpu->base.id));
	timers_migrate(&machine->timers, cpu->base.id, on->base.id);
	if (machine->pcps.ops->cpu_offline)
		machine->pcps.ops->cpu_offline(&machine->pcps, &cpu->base);
	lru_batch_drain(&machine->reclaim, &on->base, cpu->base.id);
	slab_cpu_offline(on, cpu->base.id);
	pcp_drain_own(&machine->pcps, &on->base, &cpu->base, NULL);
	move_events(on, cpu);
	fold_dead(machine, cpu->base.id);
	tunables_update_pagesets(machine, 0);
	tunables_update_thresholds(machine);
	machine_leave(cpu);
	return 0;
}

/* Hotplug sleeps, which the caller can not do there. */
static int refuse_atomic(struct pcpmm_machine *machine, unsigned int id)
{
	machine_refuse(machine, MISUSE_BAD_ARGUMENT,
		"hotplug of CPU %u by a thread that has interrupts off, or is "
		"in one",
		id);
	return -EINVAL;
}

int pcpmm_cpu_offline(struct pcpmm_cpu *on, unsigned int id)
{
	struct pcpmm_machine *machine = on->machine;
	int ret;

	if (sched_is_atomic())
		return refuse_atomic(machine, id);
	mutex_lock(&machine->config_lock);
	ret = check(on, id, true);
	if (!ret)
		ret = take_down(on, &machine->cpus[id]);
	mutex_unlock(&machine->config_lock);
	if (ret)
		machine_refuse(machine, MISUSE_NONE,
			"CPU %u can not go offline: %s", id,
			ret == -EBUSY ? "a thread or a work item is on it"
			: ret == -EPERM
				? "the caller is not on the CPU it names"
				: "it is not online, or the last one");
	return ret;
}

int pcpmm_cpu_online(struct pcpmm_cpu *on, unsigned int id)
{
	struct pcpmm_machine *machine = on->machine;
	int ret;

	if (sched_is_atomic())
		return refuse_atomic(machine, id);
	mutex_lock(&machine->config_lock);
	ret = check(on, id, false);
	if (!ret) {
		tunables_update_pagesets(machine, 1);
		tick_cpu_online(&machine->cpus[id]);
		set_online(machine, id, true);
		if (machine->config.threshold_refresh ==
			PCPMM_THRESHOLD_REFRESH_UP_AND_DOWN)
			tunables_update_thresholds(machine);
	}
	mutex_unlock(&machine->config_lock);
	if (ret)
		machine_refuse(
			machine, MISUSE_NONE, "CPU %u can not come online", id);
	else if (machine->pcps.ops->cpu_online)
		machine->pcps.ops->cpu_online(
			&machine->pcps, &on->base, &machine->cpus[id].base);
	return ret;
}
