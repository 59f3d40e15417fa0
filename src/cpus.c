/* SPDX-License-Identifier: MIT */
/* CPUs at the door: entering, leaving, running, interrupting. */
#include <errno.h>
#include <pcpmm/cpu.h>
#include <stdlib.h>

#include "arch/thread.h"
#include "machine.h"

struct pcpmm_cpu *pcpmm_cpu_get(struct pcpmm_machine *machine, unsigned int id)
{
	return id < machine->nr_cpus ? &machine->cpus[id] : NULL;
}

unsigned int pcpmm_cpu_id(const struct pcpmm_cpu *cpu)
{
	return cpu->arch.id;
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
	return cpu_is_online(cpu->machine, cpu->arch.id);
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

/* Online is looked at from inside: hotplug enters the CPU it takes down. */
struct pcpmm_cpu *pcpmm_cpu_enter(
	struct pcpmm_machine *machine, unsigned int id)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_get(machine, id);

	if (!cpu)
		return enter_failed(machine, id, EINVAL);
	if (!arch_cpu_enter(&cpu->arch))
		return enter_failed(machine, id, EBUSY);
	if (!cpu_is_online(machine, id)) {
		arch_cpu_leave(&cpu->arch);
		return enter_failed(machine, id, ENODEV);
	}
	return cpu;
}

static int refuse_thread(struct pcpmm_cpu *cpu)
{
	machine_refuse(cpu->machine, &cpu->machine->misuse.wrong_thread,
		"CPU %u is used by a thread that is not on it", cpu->arch.id);
	return -EPERM;
}

int pcpmm_cpu_leave(struct pcpmm_cpu *cpu)
{
	if (!arch_cpu_is_mine(&cpu->arch))
		return refuse_thread(cpu);
	if (cpu->arch.irq_off || cpu->arch.preempt_off)
		return -EBUSY;
	arch_cpu_leave(&cpu->arch);
	return 0;
}

int pcpmm_irq_disable(struct pcpmm_cpu *cpu)
{
	if (!arch_cpu_is_mine(&cpu->arch))
		return refuse_thread(cpu);
	irq_save(&cpu->arch);
	return 0;
}

int pcpmm_irq_enable(struct pcpmm_cpu *cpu)
{
	if (!arch_cpu_is_mine(&cpu->arch))
		return refuse_thread(cpu);
	if (cpu->arch.irq_off <= cpu->arch.in_irq)
		return -EINVAL;
	irq_restore(&cpu->arch);
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
	ret = arch_cpu_raise(&cpu->arch, fn, arg);
	if (!ret && arch_cpu_is_mine(&cpu->arch))
		arch_cpu_poll(&cpu->arch);
	return ret;
}

int pcpmm_cpu_poll(struct pcpmm_cpu *cpu)
{
	if (!arch_cpu_is_mine(&cpu->arch))
		return refuse_thread(cpu);
	if (cpu->arch.irq_off)
		return 0;
	return (int)arch_cpu_take_calls(&cpu->arch);
}

int pcpmm_irq_inject(struct pcpmm_cpu *cpu,
	void (*fn)(struct pcpmm_cpu *, void *), void *arg)
{
	if (!fn)
		return -EINVAL;
	if (!arch_cpu_is_mine(&cpu->arch))
		return refuse_thread(cpu);
	return arch_cpu_inject(&cpu->arch, fn, arg);
}

/* --- threads that are CPUs -------------------------------------------- */

struct pcpmm_cpu_thread {
	struct pcpmm_cpu *cpu;
	void (*fn)(struct pcpmm_cpu *, void *);
	void *arg;
	struct arch_thread *thread;
};

/*
 * The starter took the CPU in its own name, so that a failure is its to
 * report; the thread takes it over.
 */
static void cpu_main(void *opaque)
{
	struct pcpmm_cpu_thread *thread = opaque;
	struct arch_cpu *cpu = &thread->cpu->arch;

	atomic_store_relaxed_u64(&cpu->owner, arch_self());
	thread->fn(thread->cpu, thread->arg);
	cpu->irq_off = cpu->preempt_off = 0;
	arch_cpu_leave(cpu);
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
	thread->cpu = pcpmm_cpu_enter(machine, id);
	if (thread->cpu) {
		thread->thread = thread_start(host_cpu, cpu_main, thread);
		if (thread->thread)
			return thread;
		error = errno;
		arch_cpu_leave(&thread->cpu->arch);
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
