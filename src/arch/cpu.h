/* SPDX-License-Identifier: MIT */
/*
 * A CPU: one host thread at a time, its soft interrupt mask, its preemption
 * count and the interrupts that wait for it.
 *
 * Masking is a flag in memory, not a signal mask: 0.7 ns against 300 ns. An
 * interrupt that finds the flag set stays queued; whoever clears the flag
 * takes it.
 *
 * Who writes what:
 *   owner                  enter/leave, by compare-and-exchange; any thread
 *                          may read it and then knows only about itself
 *   irq_off, in_irq,       the owner's thread alone; an interrupt on it
 *   preempt_off, held      leaves them as it found them
 *   calls                  anybody pushes, the owner takes all
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/atomic.h"
#include "arch/compiler.h"

struct event_ring;
struct pcpmm_cpu; /* opaque here: what the rooms above make of a CPU */

/* An interrupt on its way: fn(the CPU it arrives on, arg). */
typedef void arch_call_fn(struct pcpmm_cpu *cpu, void *arg);
struct arch_call {
	struct arch_call *next;
	arch_call_fn *fn;
	void *arg;
};

struct arch_cpu {
	uint64_t owner; /* thread identity, 0: nobody */
	uint32_t irq_off; /* nesting */
	uint32_t preempt_off; /* nesting */
	uint32_t in_irq; /* nesting */
	uint32_t held; /* lock ranks held, one bit each */
	struct arch_call *calls; /* newest first */
	struct arch_call *inject; /* taken inside the next guard section */
	struct event_ring *ring; /* NULL: not tracing */
	uint32_t trace_mask; /* events to record */
	uint32_t id;
	struct pcpmm_cpu *context; /* what calls are given */
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

void arch_cpu_init(
	struct arch_cpu *cpu, uint32_t id, struct pcpmm_cpu *context);
/* Free calls that nobody took. */
void arch_cpu_fini(struct arch_cpu *cpu);

/* false: another thread (or this one) is on it already. */
bool arch_cpu_enter(struct arch_cpu *cpu);
void arch_cpu_leave(struct arch_cpu *cpu);

/* Queue fn(context, arg) for @cpu. -ENOMEM. Any thread. */
int arch_cpu_raise(struct arch_cpu *cpu, arch_call_fn *fn, void *arg);
/* Likewise for the next guard section; owner only. */
int arch_cpu_inject(struct arch_cpu *cpu, arch_call_fn *fn, void *arg);

/* Run what is queued, in order of arrival. Number run. Owner, irqs on. */
unsigned int arch_cpu_take_calls(struct arch_cpu *cpu);
unsigned int arch_cpu_take_inject(struct arch_cpu *cpu);

/*
 * Something is waiting. A stale false is fine: the next safe point or unmask
 * looks again.
 */
static always_inline bool arch_cpu_has_calls(struct arch_cpu *cpu)
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
	if (unlikely(cpu->inject != NULL) && !cpu->irq_off)
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
}

#endif
