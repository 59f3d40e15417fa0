/* SPDX-License-Identifier: MIT */
/*
 * A task: a thread's place on a CPU.
 *
 * The thread that entered a CPU has one there; so has a worker while it waits
 * for that CPU or runs on it. A thread that is several CPUs has several.
 *
 * Who writes what:
 *   self, tid, next_mine, asleep   its thread
 *   saved, waiting, next, granted  whoever holds the CPU's run lock; the
 *                                  task's thread waits for granted
 *   prio                           its thread, under the run lock
 */
#ifndef ARCH_TASK_H
#define ARCH_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu/call.h"

struct cpu;
enum task_kind {
	TASK_USER, /* the thread that entered the CPU */
	TASK_KWORKER, /* runs work items */
	TASK_KTHREAD, /* likewise, FIFO */
	TASK_PROXY, /* answers an idle CPU's interrupts for it */
};

/* What belongs to the task, not to the CPU, when another one runs. */
struct task_context {
	uint32_t irq_off, preempt_off, in_irq, held, memalloc;
};

struct task {
	uint64_t self; /* its thread; arch_self() */
	uint32_t tid; /* its thread, as the host names it */
	enum task_kind kind;
	uint32_t prio; /* 0 normal, 1..99 FIFO; read racily */
	struct cpu *cpu;
	struct task *next_mine; /* others of the same thread */
	bool asleep; /* gave the CPU up until it wakes */

	uint32_t granted; /* 1: the CPU is its own; a futex */
	uint8_t waiting; /* on the CPU's list; read racily */
	struct task *next; /* of that list */
	struct task_context saved;
	struct call resched; /* tells the running task to look */
	uint32_t resched_queued;
};

#endif
