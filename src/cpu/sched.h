/* SPDX-License-Identifier: MIT */
/*
 * Who runs on a CPU. Tasks are threads; the CPU is handed from one to the
 * next, and all but one wait.
 *
 *   A waiting task goes before the running one if its priority is higher, or
 *   if both are normal and it is the system's (a kworker). So a worker waits
 *   for ever behind a FIFO task, and a FIFO kthread behind an equal one.
 *
 *   operation   by            effect
 *   enter       any thread    waits until the CPU is its own
 *   leave       the owner     the best waiting task goes on, or the CPU idles
 *   preempt     the owner     the same, if that task goes before it; comes
 *                             back when it is its turn again
 *   sleep/wake  a thread      leave and enter for all CPUs it runs on
 *
 * All under the CPU's run lock, with this thread's interrupts held off: an
 * interrupt may itself hand the CPU over.
 */
#ifndef CPU_SCHED_H
#define CPU_SCHED_H

#include "cpu/cpu.h"

void cpu_init(struct cpu *cpu, uint32_t id);
/* Frees calls that were never taken. */
void cpu_fini(struct cpu *cpu);

void task_init(struct task *task, enum task_kind kind, unsigned int prio);

/*
 * Claim the CPU for the task of a thread of the program, which then enters it.
 * false: it is another thread's.
 */
bool cpu_claim(struct cpu *cpu);
void cpu_unclaim(struct cpu *cpu);

/* @self is this thread, which has its struct until the task has left. */
void sched_enter(struct thread *self, struct cpu *cpu, struct task *task);
void sched_leave(struct cpu *cpu, struct task *task);

/* Interrupts and preemption on, not in an interrupt. */
void sched_preempt(struct cpu *cpu);
/* The same when interrupts are on again. Owner. */
void sched_preempt_later(struct cpu *cpu);
/* The running task's priority is another from now on. Owner. */
void sched_set_prio(struct cpu *cpu, unsigned int prio);

/*
 * About to wait for something: give up every CPU this thread runs on, but for
 * those with interrupts or preemption off; and take them back.
 */
void sched_sleep(void);
void sched_wake(void);
/* Sleep for that long. */
void sched_pause_ms(uint32_t ms);
/* Wait, asleep, until *word is not @value any more. Acquire. */
void sched_wait(uint32_t *word, uint32_t value);

/* Owner: the thread that entered the CPU would run, if this task did not. */
static inline bool sched_displaces_user(const struct cpu *cpu)
{
	return atomic_load_relaxed_u8(&cpu->user.waiting) != 0;
}

/* On how many CPUs it runs on this thread has interrupts off. */
unsigned int sched_nr_masked(void);
/* This thread has interrupts off on some CPU it runs on, or is in one. */
bool sched_is_atomic(void);

/* Take interrupts of all CPUs that this thread runs on; from its handler. */
void sched_interrupt(void);

/*
 * One turn of waiting for an interrupt to be taken by @target: take those of all
 * CPUs of this thread; @target's too if no task runs there.
 */
void sched_help(struct cpu *target, unsigned int *turns);

#endif
