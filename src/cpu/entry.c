/* SPDX-License-Identifier: MIT */
/*
 * Interrupt context: how a CPU takes its queued calls, and what it does on the
 * way out. The inline functions of cpu.h call this file when there is something
 * to do; it lies above calls.c, sched.c, rcu.c and noise.c.
 */
#include "arch/clock.h"
#include "cpu/noise.h"
#include "cpu/rcu.h"
#include "cpu/sched.h"

/* The raiser may reuse a node as soon as its function begins. */
static unsigned int run_list(struct cpu *cpu, struct call *newest)
{
	struct call *call = call_oldest_first(newest);
	unsigned int nr = 0;

	while (call) {
		struct call *next = call->next;
		void *arg = call->arg;

		call->fn(cpu, arg);
		call = next;
		nr++;
	}
	return nr;
}

static void irq_enter(struct cpu *cpu)
{
	irq_save(cpu);
	cpu->in_irq++;
	cpu->thread->in_irq++;
}

/* The callers look for calls that came before the mask ended. */
static void irq_exit(struct cpu *cpu)
{
	cpu->thread->in_irq--;
	cpu->in_irq--;
	compiler_barrier();
	cpu->irq_off -= IRQ_MASKED;
	compiler_barrier();
}

/* A look at the waiting tasks is not noise; a task that then goes first is. */
static bool counts_as_noise(const struct call *call)
{
	while (call && call->quiet)
		call = call->next;
	return call != NULL;
}

/* Masked before the queue is taken, so that later calls run later. */
static unsigned int take_once(struct cpu *cpu)
{
	uint64_t start = clock_now_ns();
	bool counts, was_offline;
	struct call *newest;
	unsigned int nr;

	irq_enter(cpu);
	was_offline = rcu_interrupt_enter(cpu->thread);
	newest = call_take(&cpu->calls);
	counts = counts_as_noise(newest);
	nr = run_list(cpu, newest);
	if (counts && cpu_runs_user(cpu))
		noise_add(cpu, PCPMM_NOISE_IPI, clock_now_ns() - start);
	else if (counts)
		noise_add_idle(cpu, clock_now_ns() - start);
	rcu_interrupt_exit(was_offline);
	irq_exit(cpu);
	return nr;
}

unsigned int cpu_take_calls(struct cpu *cpu)
{
	unsigned int nr = 0;

	do {
		while (cpu_has_calls(cpu))
			nr += take_once(cpu);
		if (!cpu->need_resched || cpu->preempt_off)
			break;
		sched_preempt(cpu);
	} while (cpu_has_calls(cpu));
	return nr;
}

void cpu_resched(struct cpu *cpu)
{
	if (cpu->preempt_off)
		return;
	if (cpu->irq_off) {
		sched_preempt_later(cpu);
		return;
	}
	sched_preempt(cpu);
	cpu_poll(cpu);
}

void cpu_take_missed(struct cpu *cpu)
{
	cpu->missed = 0;
	compiler_barrier();
	sched_interrupt();
}

/* With interrupts off, injected calls join the queue until they are on. */
void cpu_take_inject(struct cpu *cpu)
{
	bool now = !cpu->irq_off;
	struct call *newest;

	irq_enter(cpu);
	newest = cpu->inject;
	cpu->inject = NULL;
	if (now)
		run_list(cpu, newest);
	irq_exit(cpu);
	if (now) {
		cpu_poll(cpu); /* calls that came while these ran */
		return;
	}
	newest = call_oldest_first(newest);
	while (newest) {
		struct call *next = newest->next;

		call_push(&cpu->calls, newest);
		newest = next;
	}
}
