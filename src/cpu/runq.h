/* SPDX-License-Identifier: MIT */
/*
 * The tasks of a CPU. Tasks are threads; the CPU is handed from one to the next,
 * and all but one wait.
 *
 *   A waiting task goes before the running one if its priority is higher, or
 *   if both are normal, the waiting one is a kworker and the running one is the
 *   user's. So a worker waits for ever behind a FIFO task, and a FIFO kthread
 *   behind one of equal priority. Among kworkers, one whose item has used up its
 *   time (struct task.hog) is like a task of the user. While starved tasks are
 *   served (starvation.h) normal tasks go before FIFO tasks.
 *
 * Each operation is one section of the CPU's run lock, with the thread's signal
 * handler held off: an interrupt may hand the CPU over, too. None of them waits
 * for the CPU or takes an interrupt. A signal that came meanwhile is noted in the
 * thread's struct; the caller takes it by entry_missed(), before it waits.
 */
#ifndef CPU_RUNQ_H
#define CPU_RUNQ_H

#include "cpu/cpu.h"

struct psi_cpu;

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

/* @task is @self's, on @cpu, with a fresh context. Before runq_enter(). */
void runq_adopt(struct thread *self, struct cpu *cpu, struct task *task);
/* true: it runs; false: it waits for runq_wait_granted(). */
bool runq_enter(struct thread *self, struct cpu *cpu, struct task *task);
/* Adopt and enter if no task runs there. */
bool runq_try_enter(struct thread *self, struct cpu *cpu, struct task *task);
/* The running task leaves; the best waiting one runs, or the CPU is idle. */
void runq_leave(struct cpu *cpu, struct task *task);
/* The same for a task that will come back, by runq_enter(). */
void runq_sleep(struct thread *self, struct cpu *cpu, struct task *task);
/*
 * The best waiting task goes before the running one: that one waits, first of
 * its equals, for runq_wait_granted(). *@by: what the other is. false: none.
 */
bool runq_preempt(struct thread *self, struct cpu *cpu, enum task_kind *by);
/* Sleep until @task has the CPU. */
void runq_wait_granted(struct task *task);

/* Change the priority of the running task. The caller asks cpu_resched(). Owner. */
void runq_set_prio(struct cpu *cpu, unsigned int prio);
/*
 * The CPU looks at its waiting tasks as soon as it takes interrupts. @self: this
 * thread, NULL if it is on no CPU; it calls entry_missed() afterwards.
 */
void runq_look_again(struct thread *self, struct cpu *cpu);
/* The running task begins or ends a stall section. psi is on. Owner. */
void runq_set_stalled(struct cpu *cpu, bool stalled);
/* The CPU's states and times. psi is on. Any thread. */
void runq_copy_psi(struct cpu *cpu, struct psi_cpu *copy);

/* The CPU looks at its waiting tasks when interrupts are on again. Owner. */
void runq_resched_later(struct cpu *cpu);

#endif
