/* SPDX-License-Identifier: MIT */
/*
 * When a CPU's tick stops and restarts: tick_nohz_stop_tick(),
 * tick_nohz_full_update_tick() and tick_nohz_idle_exit(), Linux 6.1.
 *
 * Stop, in the kernel's order:
 *
 *   1  stopped already, and programmed for the same moment: return
 *   2  not stopped yet: quiet_vmstat(), mark it stopped
 *   3  program the timer for the next event
 *
 * tick_stopped and tick_next are the owner's; another thread clears tick_stopped
 * when a second task waits on a nohz_full CPU, where the kernel kicks the CPU. A
 * stop that the owner makes at that moment wins, and is undone with the next tick.
 */
#include "service/tick.h"

#include <errno.h>
#include <pcpmm/cpu.h>
#include <pcpmm/tick.h>

#include "cpu/entry.h"
#include "cpu/timer.h"
#include "machine/refuse.h"
#include "service/quiet.h"
#include "service/shepherd.h"

/* --- housekeeping --------------------------------------------------------- */

static bool is_isolated(const struct pcpmm_machine *machine, unsigned int id)
{
	return atomic_load_relaxed_u8(&machine->cpus[id].base.nohz_full);
}

/* First online CPU that is not nohz_full and not @but; nr: there is none. */
static unsigned int first_housekeeping(
	const struct pcpmm_machine *machine, unsigned int but)
{
	unsigned int id = 0;

	while (id < machine->smp.nr &&
		(id == but || !machine_cpu_online(machine, id) ||
			is_isolated(machine, id)))
		id++;
	return id;
}

unsigned int tick_housekeeping_cpu(
	const struct pcpmm_machine *machine, unsigned int id)
{
	unsigned int other;

	if (!is_isolated(machine, id))
		return id;
	other = first_housekeeping(machine, id);
	return other < machine->smp.nr ? other : id;
}

/* It keeps the time for nohz_full CPUs, so its tick goes on. */
static bool is_timekeeper(const struct pcpmm_cpu *cpu)
{
	const struct pcpmm_machine *machine = cpu->machine;
	bool any = false;

	if (first_housekeeping(machine, machine->smp.nr) != cpu->base.id)
		return false;
	for (unsigned int id = 0; !any && id < machine->smp.nr; id++)
		any = is_isolated(machine, id);
	return any;
}

/* --- stop and restart ----------------------------------------------------- */

static bool is_stopped(const struct pcpmm_cpu *cpu)
{
	return atomic_load_relaxed_u8(&cpu->base.tick_stopped);
}

static void stop(struct pcpmm_cpu *cpu)
{
	uint64_t next = timers_next(&cpu->machine->timers, cpu->base.id);
	bool was_stopped = is_stopped(cpu);

	quiet_at_stop(cpu, was_stopped, next == cpu->base.tick_next);
	atomic_store_relaxed_u8(&cpu->base.tick_stopped, 1);
	cpu->base.tick_next = next;
}

static void restart(struct pcpmm_cpu *cpu)
{
	atomic_store_relaxed_u8(&cpu->base.tick_stopped, 0);
}

/*
 * One task runs, or a FIFO task, which no normal task disturbs. A task that is
 * about to come or go is seen at the next tick.
 */
static bool may_run_without(const struct pcpmm_cpu *cpu)
{
	return atomic_load_relaxed_u8(&cpu->base.nohz_full) &&
	       (cpu_task_prio(&cpu->base) ||
		       !atomic_load_relaxed_u32(&cpu->base.nr_waiting));
}

void tick_idle_enter(struct pcpmm_cpu *cpu, bool may_stop)
{
	struct timers *timers = &cpu->machine->timers;

	if (!may_stop || is_timekeeper(cpu))
		return;
	if (!is_stopped(cpu) &&
		timers_next(timers, cpu->base.id) <= timers_now(timers) + 1)
		return;
	stop(cpu);
}

void tick_idle_exit(struct pcpmm_cpu *cpu)
{
	if (!may_run_without(cpu))
		restart(cpu);
}

void tick_cpu_online(struct pcpmm_cpu *cpu)
{
	restart(cpu);
}

/* --- ticks ---------------------------------------------------------------- */

/* On the CPU, in the interrupt. The task that it interrupted goes on. */
static void tick_interrupt(struct cpu *base, void *arg)
{
	struct pcpmm_cpu *cpu = arg;

	(void)base;
	/* [tick.free] release, pairs with [tick.queue]: the node was read. */
	atomic_store_release_u32(&cpu->base.tick_queued, 0);
	if (!is_stopped(cpu) && may_run_without(cpu))
		stop(cpu);
}

void tick_init(struct pcpmm_cpu *cpu)
{
	cpu->base.tick = (struct call){.fn = tick_interrupt, .arg = cpu};
}

void tick_on(struct pcpmm_cpu *cpu)
{
	uint32_t unused = 0;

	if (is_stopped(cpu)) {
		if (!may_run_without(cpu))
			restart(cpu);
		return;
	}
	/* [tick.queue] acquire, pairs with [tick.free]. */
	if (may_run_without(cpu) &&
		atomic_cmpxchg_acquire_u32(&cpu->base.tick_queued, &unused, 1))
		cpu_queue_call(&cpu->base, &cpu->base.tick);
}

/* --- isolation while the CPU runs ----------------------------------------- */

int pcpmm_cpu_isolate(struct pcpmm_cpu *on, unsigned int id, bool isolated)
{
	struct pcpmm_machine *machine = on->machine;
	struct vmstat_work *work;
	int ret = machine_check_waits(on, "isolates CPUs");

	if (ret)
		return ret;
	mutex_lock(&machine->config_lock);
	if (id >= machine->smp.nr ||
		(isolated &&
			first_housekeeping(machine, id) == machine->smp.nr)) {
		machine_refuse(machine, MISUSE_BAD_ARGUMENT,
			"CPU %u can not be isolated: there is no such CPU, or "
			"no other housekeeping CPU is online",
			id);
		ret = -EINVAL;
	} else {
		pcpmm_cpu_set_nohz_full(&machine->cpus[id], isolated);
		work = shepherd_work(machine, id);
		if (isolated && work && machine->config.isolation_flush)
			vmstat_work_flush(work);
	}
	mutex_unlock(&machine->config_lock);
	return ret;
}
