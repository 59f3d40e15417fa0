/* SPDX-License-Identifier: MIT */
/*
 * A task: a thread's place on a CPU.
 *
 * The thread that entered a CPU has one there; so has a worker while it waits
 * for that CPU or runs on it. A thread that runs as several CPUs has several.
 *
 * Who writes what:
 *   self, thread, next_mine,       its thread
 *   asleep, sleeps, wakes
 *   saved, waiting, next, granted, the holder of the CPU's run lock; the
 *   displaced, stalled             task's thread waits for granted
 *   prio                           its thread, under the run lock
 */
#ifndef CPU_TASK_H
#define CPU_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu/call.h"

struct cpu;
struct thread;

enum task_kind {
	TASK_USER, /* the thread that entered the CPU */
	TASK_KWORKER, /* runs work items */
	TASK_KTHREAD, /* likewise, FIFO */
	TASK_PROXY, /* takes the interrupts of an idle CPU */
};

/* Priorities above those of FIFO tasks, 1 to 99. */
#define PRIO_DEADLINE 100 /* a normal task that is served */
#define PRIO_INTERRUPT 101 /* TASK_PROXY */

/* State of the CPU that is saved with the task while another task runs. */
struct task_context {
	uint32_t irq_off, preempt_off, in_irq, held, memalloc;
};

/*
 * Tells the task that runs on a CPU to look at the waiting ones. In a waiting task,
 * which stays until it has run there; or the CPU's own, for all others: a call in the
 * running task might still be queued when that task is gone.
 */
struct resched {
	struct call call;
	uint32_t queued;
};

struct task {
	uint64_t self; /* its thread's arch_self() */
	struct thread *thread;
	enum task_kind kind;
	uint32_t prio; /* 0 normal, 1..99 FIFO; read racily */
	struct cpu *cpu;
	struct task *next_mine; /* next task of the same thread */
	bool asleep; /* left the CPU until it wakes */
	/* A worker's: called as the CPU before it sleeps, and when it has the
	 * CPU again. NULL: no worker. */
	void (*sleeps)(struct task *task);
	void (*wakes)(struct task *task);

	uint32_t granted; /* 1: it has the CPU; waited for */
	uint8_t waiting; /* on the CPU's list; read racily */
	uint8_t hog; /* other kworkers go before it; any thread, relaxed */
	bool stalled; /* in a stall section: cpu/psi.h */
	bool displaced; /* waits because another task went before it */
	struct task *next; /* of that list */
	struct task_context saved;
	struct resched resched;
};

#endif
