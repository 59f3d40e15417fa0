/* SPDX-License-Identifier: MIT */
/*
 * A CPU: the task that runs on it, its soft interrupt mask, its preemption
 * count and the interrupts that wait for it.
 *
 * Masking is a flag in memory, not a signal mask: 0.7 ns against 300 ns. An
 * interrupt that finds the flag set stays queued; whoever clears the flag
 * takes it. sched.h has who runs, interrupt.h how an interrupt gets here.
 *
 * Who writes what:
 *   owner                  under the run lock; any thread may read it and
 *                          then knows only about itself
 *   irq_off, in_irq,       the owner's thread alone; an interrupt on it
 *   preempt_off, held,     leaves them as it found them, and may set missed.
 *   memalloc, holds_off,   irq_off is read racily by grace periods, behind a
 *   missed                 membarrier
 *   need_resched           the owner's thread, and who grants it the CPU
 *   calls                  anybody pushes, the owner takes all
 *   spent                  the owner pushes, anybody takes all
 *   curr, waiting, tid     under the run lock; tid is read racily by who
 *                          sends a signal: see interrupt.c
 *   claimed                by compare-and-exchange
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/atomic.h"
#include "arch/compiler.h"
#include "cpu/task.h"

struct event_ring;
struct noise;

struct spinlock {
	uint32_t word; /* 0 free, 1 taken; written under no other rule */
};

/* A function raised for a CPU, and where its node goes when it has run. */
struct raised_call {
	struct call call;
	struct cpu *cpu;
	call_fn *fn;
	void *arg;
};

struct cpu {
	uint64_t owner; /* thread of the running task, 0: idle */
	uint32_t irq_off; /* nesting */
	uint32_t preempt_off; /* nesting */
	uint32_t in_irq; /* nesting */
	uint32_t held; /* lock ranks held, one bit each */
	uint32_t memalloc; /* PF_MEMALLOC: reclaims, so has the reserves */
	uint16_t holds_off; /* this thread's interrupts, of all its CPUs */
	uint16_t missed; /* meanwhile some came; its handler writes it */
	uint32_t need_resched; /* a waiting task may go first */
	uint32_t trace_mask; /* events to record */
	struct call *calls; /* newest first */
	struct call *inject; /* taken inside the next guard section */
	struct event_ring *ring; /* NULL: not tracing */
	uint32_t id;
	struct pcpmm_cpu *context; /* what calls are given */

	/* Cold. */
	struct call *spent; /* nodes of cpu_raise(), to use again */
	struct raised_call reserve[4]; /* the first of them */
	struct spinlock run_lock; /* innermost; no rank */
	uint32_t tid; /* thread to signal, 0: nobody runs */
	int ipi_signal; /* 0: interrupts are polled for */
	uint8_t rcu; /* enum pcpmm_rcu: what its tasks may read by */
	uint8_t nohz_full; /* anybody, relaxed: a property, not a state */
	uint8_t tick_stopped; /* owner writes, relaxed */
	uint32_t claimed; /* 1: some thread has entered it */
	struct task *curr; /* NULL: idle */
	struct task *waiting; /* longest first */
	struct task user; /* of the thread that claimed it */
	struct noise *noise; /* NULL: not accounted */
};

/* This thread's identity: nonzero, unique among living threads. */
static force_inline uint64_t arch_self(void)
{
	return (uint64_t)(uintptr_t)__builtin_thread_pointer();
}

static force_inline bool cpu_is_mine(const struct cpu *cpu)
{
	return atomic_load_relaxed_u64(&cpu->owner) == arch_self();
}

/* Racy: it may get an owner, or lose it, at any moment. */
static inline bool cpu_is_idle(const struct cpu *cpu)
{
	return !atomic_load_relaxed_u64(&cpu->owner);
}

void cpu_init(
	struct cpu *cpu, uint32_t id, struct pcpmm_cpu *context);
/* Free calls that nobody took. */
void cpu_fini(struct cpu *cpu);

/*
 * Claim the CPU for a thread of the program; false: it is another's. Enter:
 * claim it for this thread and run on it, after workers that are just there.
 */
bool cpu_claim(struct cpu *cpu);
void cpu_unclaim(struct cpu *cpu);
bool cpu_enter(struct cpu *cpu);
/* Takes what waits, gives the CPU to whoever waits for it, unclaims it. */
void cpu_leave(struct cpu *cpu);

/* Priority of the task that entered it; 0: normal, or nobody has. Racy. */
static inline uint32_t cpu_task_prio(const struct cpu *cpu)
{
	return atomic_load_relaxed_u32(&cpu->claimed)
		       ? atomic_load_relaxed_u32(&cpu->user.prio)
		       : 0;
}

/* The task of the thread that entered it is running: can be disturbed. */
static inline bool cpu_runs_user(const struct cpu *cpu)
{
	return cpu->curr == &cpu->user;
}

/*
 * Queue @call. true: the queue was empty, so an interrupt was sent. Any
 * thread; the node must stay until fn has begun.
 */
bool cpu_queue_call(struct cpu *cpu, struct call *call);
/*
 * Queue fn(context, arg) with a node of its own. -ENOMEM; inside an interrupt
 * also when all that are at hand are under way. Any thread.
 */
int cpu_raise(struct cpu *cpu, call_fn *fn, void *arg);
/* Likewise for the next guard section; owner only. */
int cpu_inject(struct cpu *cpu, call_fn *fn, void *arg);

/*
 * Run what is queued, in order of arrival, then let go first who may. Number
 * run. Owner, irqs on.
 */
unsigned int cpu_take_calls(struct cpu *cpu);
/* Inside a guard section: now if irqs are on, else at the end of it. */
void cpu_take_inject(struct cpu *cpu);
/* Somebody may go first: see whether, unless it must wait. Owner. */
void cpu_resched(struct cpu *cpu);

/*
 * Something is waiting. A stale false is fine: the next safe point or unmask
 * looks again.
 */
static force_inline bool cpu_has_calls(const struct cpu *cpu)
{
	return atomic_load_relaxed_ptr((void *const *)&cpu->calls) != NULL;
}

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

static force_inline void irq_save(struct cpu *cpu)
{
	cpu->irq_off++;
	compiler_barrier();
}

/* Unmask first, look second: what arrives in between is seen by one of us. */
static force_inline void irq_restore(struct cpu *cpu)
{
	compiler_barrier();
	cpu->irq_off--;
	compiler_barrier();
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

#endif
