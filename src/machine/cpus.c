/* SPDX-License-Identifier: MIT */
/* CPUs as the program sees them: entering, leaving, running, interrupting. */
#include "machine/cpus.h"

#include <errno.h>
#include <pcpmm/cpu.h>
#include <stdlib.h>

#include "cpu/rcu.h"
#include "machine/refuse.h"
#include "cpu/entry.h"

#define FIFO_MAX 99

struct pcpmm_cpu *pcpmm_cpu_get(struct pcpmm_machine *machine, unsigned int id)
{
	return id < machine->smp.nr ? &machine->cpus[id] : NULL;
}

unsigned int pcpmm_cpu_id(const struct pcpmm_cpu *cpu)
{
	return cpu->base.id;
}

unsigned int pcpmm_cpu_node(const struct pcpmm_cpu *cpu)
{
	return cpu->base.nid;
}

struct pcpmm_machine *pcpmm_cpu_machine(struct pcpmm_cpu *cpu)
{
	return cpu->machine;
}

bool pcpmm_cpu_is_online(const struct pcpmm_cpu *cpu)
{
	return machine_cpu_online(cpu->machine, cpu->base.id);
}

/* --- entering and leaving ------------------------------------------------ */

static struct pcpmm_cpu *enter_failed(
	struct pcpmm_machine *machine, unsigned int id, int error)
{
	machine_refuse(machine, MISUSE_NONE, "CPU %u can not be entered: %s",
		id,
		error == EINVAL	  ? "there is no such CPU"
		: error == EBUSY  ? "a thread is on it"
		: error == ENODEV ? "it is offline"
				  : "no memory for the thread");
	errno = error;
	return NULL;
}

/* Online is checked after the claim: offline claims its CPU as well. */
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

/*
 * The thread registers as a reader before the first signal can find it on a
 * CPU. false, and the claim is released: there is no memory for its struct.
 */
static bool run_claimed(struct pcpmm_cpu *cpu)
{
	struct thread *self = thread_get();

	if (!self) {
		cpu_unclaim(&cpu->base);
		return false;
	}
	atomic_store_relaxed_u32(&cpu->killed, 0);
	atomic_store_relaxed_u32(&cpu->oom_victim, 0);
	rcu_thread_join(self, cpu->machine->pcps.rcu.flavour);
	sched_enter(self, &cpu->base, &cpu->base.user);
	return true;
}

int machine_try_enter(struct pcpmm_cpu *cpu)
{
	if (!cpu_claim(&cpu->base))
		return -EBUSY;
	return run_claimed(cpu) ? 0 : -errno;
}

void machine_leave(struct pcpmm_cpu *cpu)
{
	struct thread *self = cpu->base.thread;

	cpu_poll(&cpu->base);
	sched_leave(&cpu->base, &cpu->base.user);
	cpu_unclaim(&cpu->base);
	rcu_thread_part(self, cpu->machine->pcps.rcu.flavour);
	thread_put(self);
}

void machine_abandon(struct pcpmm_cpu *cpu)
{
	if (atomic_load_relaxed_u64(&cpu->idle_thread) == arch_self())
		machine_idle_exit(cpu);
	if (!cpu_is_mine(&cpu->base))
		return;
	cpu->base.irq_off = cpu->base.preempt_off = 0;
	machine_leave(cpu);
}

struct pcpmm_cpu *pcpmm_cpu_enter(
	struct pcpmm_machine *machine, unsigned int id)
{
	struct pcpmm_cpu *cpu = claim(machine, id);

	if (cpu && !run_claimed(cpu))
		return enter_failed(machine, id, errno);
	return cpu;
}

/* Also false in a function that reclaim, or a worker, has called. */
bool machine_may_part(const struct pcpmm_cpu *cpu)
{
	return !cpu->base.irq_off && !cpu->base.preempt_off &&
	       !cpu->base.memalloc && cpu_runs_user(&cpu->base);
}

int pcpmm_cpu_leave(struct pcpmm_cpu *cpu)
{
	int ret = machine_check_owner(cpu, "is left");

	if (ret)
		return ret;
	if (!machine_may_part(cpu))
		return -EBUSY;
	machine_leave(cpu);
	return 0;
}

int pcpmm_irq_disable(struct pcpmm_cpu *cpu)
{
	int ret = machine_check_owner(cpu, "masks interrupts");

	if (ret)
		return ret;
	irq_save(&cpu->base);
	return 0;
}

int pcpmm_irq_enable(struct pcpmm_cpu *cpu)
{
	int ret = machine_check_owner(cpu, "unmasks interrupts");

	if (ret)
		return ret;
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
	int ret = machine_check_owner(cpu, "polls");

	if (ret)
		return ret;
	if (cpu->base.irq_off)
		return 0;
	if (!sched_is_atomic())
		rcu_quiescent(&cpu->base);
	return (int)cpu_take_calls(&cpu->base);
}

int pcpmm_irq_inject(struct pcpmm_cpu *cpu,
	void (*fn)(struct pcpmm_cpu *, void *), void *arg)
{
	int ret;

	if (!fn)
		return -EINVAL;
	ret = machine_check_owner(cpu, "injects an interrupt");
	if (!ret)
		ret = cpu_inject(&cpu->base, fn, arg);
	if (!ret)
		cpu_poll(&cpu->base);
	return ret;
}

int pcpmm_nmi_run(struct pcpmm_cpu *cpu, void (*fn)(struct pcpmm_cpu *, void *),
	void *arg)
{
	if (!fn)
		return -EINVAL;
	if (!cpu_is_mine(&cpu->base))
		return machine_refuse_thread(cpu, "runs an NMI");
	cpu_run_nmi(&cpu->base, fn, arg);
	cpu_poll(&cpu->base);
	return 0;
}

_Static_assert((int)PCPMM_NMI_IN_PCP == (int)NMI_IN_PCP &&
		       (int)PCPMM_NMI_IN_ZONE == (int)NMI_IN_ZONE,
	"the same places");

int pcpmm_nmi_inject(struct pcpmm_cpu *cpu, enum pcpmm_nmi_place place,
	void (*fn)(struct pcpmm_cpu *, void *), void *arg)
{
	int ret;

	if (!fn || (unsigned int)place >= NR_NMI_PLACES)
		return -EINVAL;
	ret = machine_check_owner(cpu, "injects an NMI");
	return ret ? ret
		   : cpu_inject_nmi(&cpu->base, (enum nmi_place)place, fn, arg);
}

/* --- what runs on it -------------------------------------------------- */

int pcpmm_cpu_set_fifo(struct pcpmm_cpu *cpu, unsigned int priority)
{
	int ret = machine_check_owner(cpu, "sets a priority");

	if (ret)
		return ret;
	/* The interrupt may have come while a worker has the CPU; or this is a
	 * worker's item. */
	if (priority > FIFO_MAX || cpu->base.in_irq ||
		!cpu_runs_user(&cpu->base))
		return -EINVAL;
	sched_set_prio(&cpu->base, priority);
	return 0;
}

void machine_idle_enter(struct pcpmm_cpu *cpu)
{
	struct thread *self = cpu->base.thread;

	cpu_poll(&cpu->base);
	atomic_store_relaxed_u64(&cpu->idle_thread, arch_self());
	if (cpu->machine->pcps.rcu.flavour == PCPMM_RCU_QSBR)
		rcu_idle_enter(self);
	sched_leave(&cpu->base, &cpu->base.user);
}

void machine_idle_exit(struct pcpmm_cpu *cpu)
{
	struct thread *self = thread_current();

	atomic_store_relaxed_u64(&cpu->idle_thread, 0);
	if (cpu->machine->pcps.rcu.flavour == PCPMM_RCU_QSBR)
		rcu_idle_exit(self);
	sched_enter(self, &cpu->base, &cpu->base.user);
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
		.waiting = atomic_load_relaxed_u32(&cpu->base.nr_waiting),
	};
}

void pcpmm_cpu_kill(struct pcpmm_cpu *cpu)
{
	struct reclaim *reclaim = &cpu->machine->reclaim;

	atomic_store_relaxed_u32(&cpu->killed, 1);
	for (unsigned int nid = 0; nid < reclaim->nr_nodes; nid++)
		reclaim_wake_throttled(&reclaim->nodes[nid]);
}

void pcpmm_cpu_oom_kill(struct pcpmm_cpu *cpu)
{
	machine_mark_oom_victim(cpu);
	pcpmm_cpu_kill(cpu);
}

/* --- threads that are CPUs -------------------------------------------- */

struct pcpmm_cpu_thread {
	struct pcpmm_cpu *cpu;
	void (*fn)(struct pcpmm_cpu *, void *);
	void *arg;
	struct thread *thread;
};

/*
 * pcpmm_cpu_run() has claimed the CPU, so that it can report a failure; this
 * thread enters it. On the way out, interrupts and preemption that @fn has left
 * disabled are enabled again.
 */
static void cpu_main(void *opaque)
{
	struct pcpmm_cpu_thread *thread = opaque;

	run_claimed(thread->cpu); /* finds the struct of thread_start() */
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
