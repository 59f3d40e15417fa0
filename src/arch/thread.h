/* SPDX-License-Identifier: MIT */
/*
 * Threads of the library and of the program, and the struct in which each of
 * them keeps its own data.
 *
 * A thread of the program has a struct thread from thread_get() to the matching
 * thread_put(); one of thread_start() has it for its whole life. The library
 * has no thread-local variables: a library that is loaded late may find no
 * space for them, and a signal handler can not allocate them.
 */
#ifndef ARCH_THREAD_H
#define ARCH_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/compiler.h"

struct task;

/* Written by its thread alone, which includes the thread's signal handler. */
struct thread {
	uint32_t tid; /* as the host names it; constant */
	uint32_t users; /* thread_get() less thread_put() */

	/* src/cpu: its tasks, and the state that keeps its handler out. */
	struct task *tasks;
	uint32_t held_off; /* nesting */
	uint32_t missed; /* a signal came meanwhile */
	uint32_t in_irq; /* nesting, over all its CPUs */

	/* arch/rcu_flavour.h: on how many CPUs it reads, by flavour. */
	uint32_t memb, qsbr;
	uint32_t idle; /* of those of qsbr */
	uint32_t
		reading; /* waits inside a section of another CPU: stays online */
};

/* This thread's identity: not 0, and unique among living threads. */
static force_inline uint64_t arch_self(void);

/* This thread's struct; NULL: it has none. Safe in a signal handler. */
struct thread *thread_current(void);
/* The same, made if there is none yet. NULL with errno (ENOMEM, EAGAIN). */
struct thread *thread_get(void);
void thread_put(struct thread *thread);

/* Bytes that a started thread costs, without its stack. */
size_t thread_memory(void);

/*
 * Start a thread that runs @fn(@arg), pinned to @host_cpu unless that is < 0.
 * @name (at most 15 characters, or NULL) is the thread's name on the host.
 * NULL with errno (EAGAIN, EINVAL, ENOMEM).
 */
struct thread *thread_start(
	int host_cpu, const char *name, void (*fn)(void *), void *arg);
/* Wait, quiescent to RCU, for its end, and free it. */
void thread_join(struct thread *thread);

#include "thread_arch.h"

#endif
