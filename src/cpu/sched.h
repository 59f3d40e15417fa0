/* SPDX-License-Identifier: MIT */
/*
 * The choice of the task that runs on a CPU. Tasks are threads; the CPU is
 * handed from one to the next, and all but one wait.
 *
 *   A waiting task goes before the running one if its priority is higher, or
 *   if both are normal, the waiting one is a kworker and the running one is the
 *   user's. So a worker waits for ever behind a FIFO task, and a FIFO kthread
 *   behind one of equal priority.
 *
 *   operation   by            effect
 *   enter       any thread    waits until the CPU is its own
 *   leave       the owner     the best waiting task goes on, or the CPU idles
 *   preempt     the owner     the same, if that task goes before the running
 *                             one; returns when the CPU is its own again
 *   sleep/wake  a thread      leave and enter for all CPUs it runs on
 *
 * All of these hold the CPU's run lock, with this thread's interrupts held off:
 * an interrupt may hand the CPU over, too.
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
 * false: another thread has claimed it.
 */
bool cpu_claim(struct cpu *cpu);
void cpu_unclaim(struct cpu *cpu);

/* @self is this thread; it keeps its struct until the task has left. */
void sched_enter(struct thread *self, struct cpu *cpu, struct task *task);
void sched_leave(struct cpu *cpu, struct task *task);

/* Interrupts and preemption on, not in an interrupt. */
void sched_preempt(struct cpu *cpu);
/* The same when interrupts are on again. Owner. */
void sched_preempt_later(struct cpu *cpu);
/* Change the priority of the running task. Owner. */
void sched_set_prio(struct cpu *cpu, unsigned int prio);

/*
 * Around a wait: leave every CPU that this thread runs on, except those with
 * interrupts or preemption off; and enter them again.
 */
void sched_sleep(void);
void sched_wake(void);
/* Sleep for @ms. */
void sched_pause_ms(uint32_t ms);
/* Wait, asleep, until *word is not @value any more. Acquire. */
void sched_wait(uint32_t *word, uint32_t value);

/* The thread that entered the CPU waits for this task. Owner. */
static inline bool sched_displaces_user(const struct cpu *cpu)
{
	return atomic_load_relaxed_u8(&cpu->user.waiting) != 0;
}

/* Number of CPUs that this thread runs on with interrupts off. */
unsigned int sched_nr_masked(void);
/* This thread has interrupts off on a CPU, or is in an interrupt. */
bool sched_is_atomic(void);

/* Take the interrupts of all CPUs that this thread runs on. In its handler. */
void sched_interrupt(void);

/*
 * One turn of a wait until @target has taken an interrupt: take the interrupts
 * of all CPUs of this thread, and those of @target if no task runs there.
 */
void sched_help(struct cpu *target, unsigned int *turns);

#endif
