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
#include "arch/task.h"

struct event_ring;
struct arch_noise;

struct arch_lock {
	uint32_t word; /* 0 free, 1 taken; written under no other rule */
};

/* A function raised for a CPU, and where its node goes when it has run. */
struct arch_raised {
	struct arch_call call;
	struct arch_cpu *cpu;
	arch_call_fn *fn;
	void *arg;
};

struct arch_cpu {
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
	struct arch_call *calls; /* newest first */
	struct arch_call *inject; /* taken inside the next guard section */
	struct event_ring *ring; /* NULL: not tracing */
	uint32_t id;
	struct pcpmm_cpu *context; /* what calls are given */

	/* Cold. */
	struct arch_call *spent; /* nodes of arch_cpu_raise(), to use again */
	struct arch_raised reserve[4]; /* the first of them */
	struct arch_lock run_lock; /* innermost; no rank */
	uint32_t tid; /* thread to signal, 0: nobody runs */
	int ipi_signal; /* 0: interrupts are polled for */
	uint8_t rcu; /* enum pcpmm_rcu: what its tasks may read by */
	uint8_t nohz_full; /* anybody, relaxed: a property, not a state */
	uint8_t tick_stopped; /* owner writes, relaxed */
	uint32_t claimed; /* 1: some thread has entered it */
	struct arch_task *curr; /* NULL: idle */
	struct arch_task *waiting; /* longest first */
	struct arch_task user; /* of the thread that claimed it */
	struct arch_noise *noise; /* NULL: not accounted */
};

/* This thread's identity: nonzero, unique among living threads. */
static always_inline uint64_t arch_self(void)
{
	return (uint64_t)(uintptr_t)__builtin_thread_pointer();
}

static always_inline bool arch_cpu_is_mine(const struct arch_cpu *cpu)
{
	return atomic_load_relaxed_u64(&cpu->owner) == arch_self();
}

/* Racy: it may get an owner, or lose it, at any moment. */
static inline bool arch_cpu_is_idle(const struct arch_cpu *cpu)
{
	return !atomic_load_relaxed_u64(&cpu->owner);
}

void arch_cpu_init(
	struct arch_cpu *cpu, uint32_t id, struct pcpmm_cpu *context);
/* Free calls that nobody took. */
void arch_cpu_fini(struct arch_cpu *cpu);

/*
 * Claim the CPU for a thread of the program; false: it is another's. Enter:
 * claim it for this thread and run on it, after workers that are just there.
 */
bool arch_cpu_claim(struct arch_cpu *cpu);
void arch_cpu_unclaim(struct arch_cpu *cpu);
bool arch_cpu_enter(struct arch_cpu *cpu);
/* Takes what waits, gives the CPU to whoever waits for it, unclaims it. */
void arch_cpu_leave(struct arch_cpu *cpu);

/* Priority of the task that entered it; 0: normal, or nobody has. Racy. */
static inline uint32_t arch_cpu_task_prio(const struct arch_cpu *cpu)
{
	return atomic_load_relaxed_u32(&cpu->claimed)
		       ? atomic_load_relaxed_u32(&cpu->user.prio)
		       : 0;
}

/* The task of the thread that entered it is running: can be disturbed. */
static inline bool arch_cpu_runs_user(const struct arch_cpu *cpu)
{
	return cpu->curr == &cpu->user;
}

/*
 * Queue @call. true: the queue was empty, so an interrupt was sent. Any
 * thread; the node must stay until fn has begun.
 */
bool arch_cpu_call(struct arch_cpu *cpu, struct arch_call *call);
/*
 * Queue fn(context, arg) with a node of its own. -ENOMEM; inside an interrupt
 * also when all that are at hand are under way. Any thread.
 */
int arch_cpu_raise(struct arch_cpu *cpu, arch_call_fn *fn, void *arg);
/* Likewise for the next guard section; owner only. */
int arch_cpu_inject(struct arch_cpu *cpu, arch_call_fn *fn, void *arg);

/*
 * Run what is queued, in order of arrival, then let go first who may. Number
 * run. Owner, irqs on.
 */
unsigned int arch_cpu_take_calls(struct arch_cpu *cpu);
/* Inside a guard section: now if irqs are on, else at the end of it. */
void arch_cpu_take_inject(struct arch_cpu *cpu);
/* Somebody may go first: see whether, unless it must wait. Owner. */
void arch_cpu_resched(struct arch_cpu *cpu);

/*
 * Something is waiting. A stale false is fine: the next safe point or unmask
 * looks again.
 */
static always_inline bool arch_cpu_has_calls(const struct arch_cpu *cpu)
{
	return atomic_load_relaxed_ptr((void *const *)&cpu->calls) != NULL;
}

/* A place where an interrupt may be taken. */
static always_inline void arch_cpu_poll(struct arch_cpu *cpu)
{
	if (unlikely(arch_cpu_has_calls(cpu)) && !cpu->irq_off)
		arch_cpu_take_calls(cpu);
}

/* The same inside a guard section, where injected interrupts wait too. */
static always_inline void arch_cpu_guard_point(struct arch_cpu *cpu)
{
	if (unlikely(cpu->inject != NULL))
		arch_cpu_take_inject(cpu);
}

static always_inline void irq_save(struct arch_cpu *cpu)
{
	cpu->irq_off++;
	compiler_barrier();
}

/* Unmask first, look second: what arrives in between is seen by one of us. */
static always_inline void irq_restore(struct arch_cpu *cpu)
{
	compiler_barrier();
	cpu->irq_off--;
	compiler_barrier();
	arch_cpu_poll(cpu);
}

static always_inline void preempt_disable(struct arch_cpu *cpu)
{
	cpu->preempt_off++;
	compiler_barrier();
}

static always_inline void preempt_enable(struct arch_cpu *cpu)
{
	compiler_barrier();
	cpu->preempt_off--;
	compiler_barrier();
	if (unlikely(cpu->need_resched))
		arch_cpu_resched(cpu);
}

#endif
