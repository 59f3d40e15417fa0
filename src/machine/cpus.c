/* SPDX-License-Identifier: MIT */
/* CPUs at the door: entering, leaving, running, interrupting. */
#include <errno.h>
#include <pcpmm/cpu.h>
#include <stdlib.h>

#include "cpu/rcu.h"
#include "cpu/sched.h"
#include "arch/thread.h"
#include "machine/machine.h"

#define FIFO_MAX 99

struct pcpmm_cpu *pcpmm_cpu_get(struct pcpmm_machine *machine, unsigned int id)
{
	return id < machine->nr_cpus ? &machine->cpus[id] : NULL;
}

unsigned int pcpmm_cpu_id(const struct pcpmm_cpu *cpu)
{
	return cpu->base.id;
}

unsigned int pcpmm_cpu_node(const struct pcpmm_cpu *cpu)
{
	return cpu->nid;
}

struct pcpmm_machine *pcpmm_cpu_machine(struct pcpmm_cpu *cpu)
{
	return cpu->machine;
}

bool pcpmm_cpu_is_online(const struct pcpmm_cpu *cpu)
{
	return machine_cpu_online(cpu->machine, cpu->base.id);
}

static struct pcpmm_cpu *enter_failed(
	struct pcpmm_machine *machine, unsigned int id, int error)
{
	machine_refuse(machine, NULL, "CPU %u can not be entered: %s", id,
		error == EINVAL	 ? "there is no such CPU"
		: error == EBUSY ? "a thread is on it"
				 : "it is offline");
	errno = error;
	return NULL;
}

/* Online is looked at from inside: hotplug claims the CPU it takes down. */
static struct pcpmm_cpu *claim(struct pcpmm_machine *machine, unsigned int id)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_get(machine, id);

	if (!cpu)
		return enter_failed(machine, id, EINVAL);
	if (!cpu_claim(&cpu->base))
		return enter_failed(machine, id, EBUSY);
	if (!machine_cpu_online(machine, id)) {
		cpu_unclaim(&cpu->base);
		return enter_failed(machine, id, ENODEV);
	}
	return cpu;
}

/* A reader registers before the first signal can find it on a CPU. */
static void run_claimed(struct pcpmm_cpu *cpu)
{
	atomic_store_relaxed_u32(&cpu->killed, 0);
	rcu_thread_join(cpu->machine->pcps.rcu);
	sched_enter(&cpu->base, &cpu->base.user);
}

bool machine_try_enter(struct pcpmm_cpu *cpu)
{
	if (!cpu_claim(&cpu->base))
		return false;
	run_claimed(cpu);
	return true;
}

void machine_leave(struct pcpmm_cpu *cpu)
{
	enum pcpmm_rcu rcu = cpu->machine->pcps.rcu;

	cpu_leave(&cpu->base);
	rcu_thread_part(rcu);
}

void machine_abandon(struct pcpmm_cpu *cpu)
{
	if (atomic_load_relaxed_u64(&cpu->idle_thread) == arch_self())
		pcpmm_cpu_idle_exit(cpu);
	if (!cpu_is_mine(&cpu->base))
		return;
	cpu->base.irq_off = cpu->base.preempt_off = 0;
	machine_leave(cpu);
}

struct pcpmm_cpu *pcpmm_cpu_enter(
	struct pcpmm_machine *machine, unsigned int id)
{
	struct pcpmm_cpu *cpu = claim(machine, id);

	if (cpu)
		run_claimed(cpu);
	return cpu;
}

static int refuse_thread(struct pcpmm_cpu *cpu)
{
	machine_refuse(cpu->machine, &cpu->machine->misuse.wrong_thread,
		"CPU %u is used by a thread that is not on it", cpu->base.id);
	return -EPERM;
}

int machine_check_waits(struct pcpmm_cpu *cpu, const char *what)
{
	struct pcpmm_machine *machine = cpu->machine;

	if (!cpu_is_mine(&cpu->base)) {
		machine_refuse(machine, &machine->misuse.wrong_thread,
			"CPU %u %s on a thread that is not on it%s",
			cpu->base.id, what,
			pcpmm_cpu_is_online(cpu) ? "" : "; it is offline");
		return -EPERM;
	}
	if (!sched_is_atomic() && !cpu->base.preempt_off)
		return 0;
	machine_refuse(machine, &machine->misuse.bad_argument,
		"CPU %u %s with interrupts off, or inside a list's guard",
		cpu->base.id, what);
	return -EINVAL;
}

/* Also not by a function of the program's that reclaim has called. */
static bool may_part(const struct pcpmm_cpu *cpu)
{
	return !cpu->base.irq_off && !cpu->base.preempt_off &&
	       !cpu->base.memalloc;
}

int pcpmm_cpu_leave(struct pcpmm_cpu *cpu)
{
	if (!cpu_is_mine(&cpu->base))
		return refuse_thread(cpu);
	if (!may_part(cpu))
		return -EBUSY;
	machine_leave(cpu);
	return 0;
}

int pcpmm_irq_disable(struct pcpmm_cpu *cpu)
{
	if (!cpu_is_mine(&cpu->base))
		return refuse_thread(cpu);
	irq_save(&cpu->base);
	return 0;
}

int pcpmm_irq_enable(struct pcpmm_cpu *cpu)
{
	if (!cpu_is_mine(&cpu->base))
		return refuse_thread(cpu);
	if (cpu->base.irq_off <= cpu->base.in_irq)
		return -EINVAL;
	irq_restore(&cpu->base);
	return 0;
}

int pcpmm_irq_raise(struct pcpmm_cpu *cpu,
	void (*fn)(struct pcpmm_cpu *, void *), void *arg)
{
	int ret;

	if (!fn)
		return -EINVAL;
	if (!pcpmm_cpu_is_online(cpu))
		return -ENODEV;
	ret = cpu_raise(&cpu->base, fn, arg);
	if (!ret && cpu_is_mine(&cpu->base))
		cpu_poll(&cpu->base);
	return ret;
}

int pcpmm_cpu_poll(struct pcpmm_cpu *cpu)
{
	if (!cpu_is_mine(&cpu->base))
		return refuse_thread(cpu);
	if (cpu->base.irq_off)
		return 0;
	rcu_quiescent();
	return (int)cpu_take_calls(&cpu->base);
}

int pcpmm_irq_inject(struct pcpmm_cpu *cpu,
	void (*fn)(struct pcpmm_cpu *, void *), void *arg)
{
	if (!fn)
		return -EINVAL;
	if (!cpu_is_mine(&cpu->base))
		return refuse_thread(cpu);
	return cpu_inject(&cpu->base, fn, arg);
}

/* --- what runs on it -------------------------------------------------- */

int pcpmm_cpu_set_fifo(struct pcpmm_cpu *cpu, unsigned int priority)
{
	if (!cpu_is_mine(&cpu->base))
		return refuse_thread(cpu);
	/* An interrupt may have come while a worker has the CPU. */
	if (priority > FIFO_MAX || cpu->base.in_irq)
		return -EINVAL;
	sched_set_prio(&cpu->base, priority);
	return 0;
}

/* The thread keeps its claim: its task is off the CPU, like a sleeping one. */
int pcpmm_cpu_idle_enter(struct pcpmm_cpu *cpu, bool tick_stopped)
{
	if (!cpu_is_mine(&cpu->base))
		return refuse_thread(cpu);
	if (!may_part(cpu))
		return -EBUSY;
	atomic_store_relaxed_u8(&cpu->base.tick_stopped, tick_stopped);
	if (tick_stopped)
		shepherd_quiet(cpu);
	cpu_poll(&cpu->base);
	atomic_store_relaxed_u64(&cpu->idle_thread, arch_self());
	if (cpu->machine->pcps.rcu == PCPMM_RCU_QSBR)
		rcu_idle_enter();
	sched_leave(&cpu->base, &cpu->base.user);
	return 0;
}

int pcpmm_cpu_idle_exit(struct pcpmm_cpu *cpu)
{
	if (atomic_load_relaxed_u64(&cpu->idle_thread) != arch_self())
		return -EINVAL;
	atomic_store_relaxed_u64(&cpu->idle_thread, 0);
	if (cpu->machine->pcps.rcu == PCPMM_RCU_QSBR)
		rcu_idle_exit();
	sched_enter(&cpu->base, &cpu->base.user);
	atomic_store_relaxed_u8(&cpu->base.tick_stopped, 0);
	return 0;
}

void pcpmm_cpu_set_nohz_full(struct pcpmm_cpu *cpu, bool nohz_full)
{
	atomic_store_relaxed_u8(&cpu->base.nohz_full, nohz_full);
}

void pcpmm_cpu_state_read(
	const struct pcpmm_cpu *cpu, struct pcpmm_cpu_state *state)
{
	*state = (struct pcpmm_cpu_state){
		.online = pcpmm_cpu_is_online(cpu),
		.nohz_full = atomic_load_relaxed_u8(&cpu->base.nohz_full),
		.idle = cpu_is_idle(&cpu->base),
		.tick_stopped = atomic_load_relaxed_u8(&cpu->base.tick_stopped),
		.fifo = cpu_task_prio(&cpu->base),
		.calls_pending = cpu_has_calls(&cpu->base),
	};
}

void pcpmm_cpu_kill(struct pcpmm_cpu *cpu)
{
	struct reclaim *reclaim = &cpu->machine->reclaim;

	atomic_store_relaxed_u32(&cpu->killed, 1);
	for (unsigned int nid = 0; nid < reclaim->nr_nodes; nid++)
		reclaim_wake_throttled(&reclaim->nodes[nid]);
}

/* --- where the machine's own threads run ------------------------------ */

/* Racy: where a task is wrong, it waits or disturbs, and goes on. */
static unsigned int how_spare(const struct pcpmm_cpu *cpu, int nid)
{
	return 8 * !cpu_task_prio(&cpu->base) +
	       4 * !atomic_load_relaxed_u8(&cpu->base.nohz_full) +
	       2 * (nid < 0 || (unsigned int)nid == cpu->nid) +
	       cpu_is_idle(&cpu->base);
}

static struct pcpmm_cpu *housekeeper(struct pcpmm_machine *machine, int nid)
{
	struct pcpmm_cpu *best = &machine->cpus[0];
	unsigned int best_spare = 0;

	for (unsigned int id = 0; id < machine->nr_cpus; id++) {
		struct pcpmm_cpu *cpu = &machine->cpus[id];
		unsigned int spare = 1 + how_spare(cpu, nid);

		if (!machine_cpu_online(machine, id) || spare <= best_spare)
			continue;
		best = cpu;
		best_spare = spare;
	}
	return best;
}

/* Hotplug does not take a CPU down while somebody runs there. */
struct pcpmm_cpu *machine_enter_spare(
	struct pcpmm_machine *machine, int nid, struct task *task)
{
	for (;;) {
		struct pcpmm_cpu *cpu = housekeeper(machine, nid);

		sched_enter(&cpu->base, task);
		if (machine_cpu_online(machine, cpu->base.id))
			return cpu;
		sched_leave(&cpu->base, task);
	}
}

/* --- threads that are CPUs -------------------------------------------- */

struct pcpmm_cpu_thread {
	struct pcpmm_cpu *cpu;
	void (*fn)(struct pcpmm_cpu *, void *);
	void *arg;
	struct thread *thread;
};

/*
 * The starter claimed the CPU, so that a failure is its to report; the thread
 * runs on it. Whatever it left off, is on again.
 */
static void cpu_main(void *opaque)
{
	struct pcpmm_cpu_thread *thread = opaque;

	run_claimed(thread->cpu);
	thread->fn(thread->cpu, thread->arg);
	machine_abandon(thread->cpu);
}

struct pcpmm_cpu_thread *pcpmm_cpu_run(struct pcpmm_machine *machine,
	unsigned int id, int host_cpu, void (*fn)(struct pcpmm_cpu *, void *),
	void *arg)
{
	struct pcpmm_cpu_thread *thread = malloc(sizeof(*thread));
	int error;

	if (!thread)
		return NULL;
	*thread = (struct pcpmm_cpu_thread){.fn = fn, .arg = arg};
	thread->cpu = claim(machine, id);
	if (thread->cpu) {
		thread->thread = thread_start(host_cpu, NULL, cpu_main, thread);
		if (thread->thread)
			return thread;
		error = errno;
		cpu_unclaim(&thread->cpu->base);
		errno = error;
	}
	error = errno;
	free(thread);
	errno = error;
	return NULL;
}

void pcpmm_cpu_join(struct pcpmm_cpu_thread *thread)
{
	thread_join(thread->thread);
	free(thread);
}
