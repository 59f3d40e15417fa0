/* SPDX-License-Identifier: MIT */
/*
 * Where a CPU takes interrupts and lets other tasks go first: at a poll, at an
 * unmask and when preemption is on again. The inline functions look; entry.c has
 * the work.
 */
#ifndef CPU_ENTRY_H
#define CPU_ENTRY_H

#include "cpu/cpu.h"

/* --- the slow half ------------------------------------------------------ */

/*
 * Run the queued calls in order of arrival, then let tasks that go first have
 * the CPU. Number of calls run. Owner, interrupts on.
 */
unsigned int cpu_take_calls(struct cpu *cpu);
/*
 * Take injected calls inside a guard section: now if interrupts are on,
 * otherwise once they are.
 */
void cpu_take_inject(struct cpu *cpu);
/*
 * Run @fn(@cpu, @arg) as a non-maskable interrupt, whatever is masked. Owner. What
 * was interrupted stays as it is: the function finds its locks taken.
 */
void cpu_run_nmi(struct cpu *cpu, program_fn *fn, void *arg);
/* The one that waits for @place. */
void cpu_take_nmi(struct cpu *cpu, enum nmi_place place);
/* Take the thread's interrupts that came while this CPU was IRQ_LOCKED. */
void cpu_take_missed(struct cpu *cpu);
/*
 * Let a waiting task go first if it may; with interrupts or preemption off, as
 * soon as they are on. Owner.
 */
void cpu_resched(struct cpu *cpu);

/* --- one CPU: masks and points -------------------------------------------- */

/* A place where an interrupt may be taken. */
static force_inline void cpu_poll(struct cpu *cpu)
{
	if (unlikely(cpu_has_calls(cpu)) && !cpu->irq_off)
		cpu_take_calls(cpu);
}

/* The same inside a guard section, where injected interrupts wait too. */
static force_inline void cpu_guard_point(struct cpu *cpu)
{
	if (unlikely(cpu->inject != NULL))
		cpu_take_inject(cpu);
}

/* The same under a zone lock, for NMIs. */
static force_inline void cpu_zone_point(struct cpu *cpu)
{
	if (unlikely(cpu->nmi[NMI_IN_ZONE].fn != NULL))
		cpu_take_nmi(cpu, NMI_IN_ZONE);
}

static force_inline void irq_save(struct cpu *cpu)
{
	irq_mask(cpu);
}

/* Unmask first, look second: what arrives in between is seen by one of us. */
static force_inline void irq_restore(struct cpu *cpu)
{
	irq_unmask(cpu);
	cpu_poll(cpu);
}

static force_inline void preempt_disable(struct cpu *cpu)
{
	cpu->preempt_off++;
	compiler_barrier();
}

static force_inline void preempt_enable(struct cpu *cpu)
{
	compiler_barrier();
	cpu->preempt_off--;
	compiler_barrier();
	if (unlikely(cpu->need_resched))
		cpu_resched(cpu);
}

/* --- all CPUs of a thread ------------------------------------------------- */

/* What the signal handler of a kicked thread runs. */
void entry_signal(void);
/* A signal that came while @self held its handler off. */
void entry_missed(struct thread *self);
/* A place where this thread may take interrupts. */
void entry_poll_all(const struct thread *self);
/* On how many CPUs it runs on this thread has interrupts off. */
unsigned int entry_nr_masked(void);

#endif
