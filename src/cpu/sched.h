/* SPDX-License-Identifier: MIT */
/*
 * A thread on its CPUs; runq.h says which task goes before which.
 *
 *   operation   by            effect
 *   enter       any thread    waits until the CPU is its own
 *   leave       the owner     the best waiting task goes on, or the CPU idles
 *   sleep/wake  a thread      leave and enter for all CPUs it runs on
 *
 * The owner hands the CPU to a task that goes before it where it takes
 * interrupts: entry.c.
 */
#ifndef CPU_SCHED_H
#define CPU_SCHED_H

#include "cpu/runq.h"

/* @self is this thread; it keeps its struct until the task has left. */
void sched_enter(struct thread *self, struct cpu *cpu, struct task *task);
void sched_leave(struct cpu *cpu, struct task *task);

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

/* A task that the running one went before waits for the CPU. Owner. */
static inline bool sched_displaces_any(const struct cpu *cpu)
{
	return cpu->nr_displaced != 0;
}

/* This thread has interrupts off on a CPU, or is in an interrupt. */
bool sched_is_atomic(void);
/* It has neither, and preemption is on: it may wait for other tasks. */
bool sched_may_sleep(void);

/*
 * One turn of a wait until @target has taken an interrupt: take the interrupts
 * of all CPUs of this thread, and those of @target if no task runs there.
 */
void sched_help(struct cpu *target, unsigned int *turns);

#endif
