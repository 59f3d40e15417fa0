/* SPDX-License-Identifier: MIT */
/*
 * A thread on its CPUs; runq.h says which task goes before which.
 *
 *   operation   by            effect
 *   enter       any thread    waits until the CPU is its own
 *   leave       the owner     the best waiting task goes on, or the CPU idles
 *   sleep/wake  a thread      leave and enter for all CPUs it runs on
 *
 * A task that goes before the owner gets the CPU where the owner takes
 * interrupts: entry.c.
 */
#ifndef CPU_SCHED_H
#define CPU_SCHED_H

#include "cpu/runq.h"

/* @self is this thread, which has its struct until the task has left. */
void sched_enter(struct thread *self, struct cpu *cpu, struct task *task);
void sched_leave(struct cpu *cpu, struct task *task);

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

/* This thread has interrupts off on some CPU it runs on, or is in one. */
bool sched_is_atomic(void);

/*
 * One turn of waiting for an interrupt to be taken by @target: take those of all
 * CPUs of this thread; @target's too if no task runs there.
 */
void sched_help(struct cpu *target, unsigned int *turns);

#endif
