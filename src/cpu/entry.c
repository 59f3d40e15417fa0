/* SPDX-License-Identifier: MIT */
/* Whose a CPU is, and the queue of interrupts that wait for it. */
#include "cpu/cpu.h"

#include <errno.h>
#include <stdlib.h>

#include "arch/clock.h"
#include "cpu/interrupt.h"
#include "cpu/noise.h"
#include "cpu/rcu.h"
#include "cpu/sched.h"

void cpu_init(struct cpu *cpu, uint32_t id, struct pcpmm_cpu *context)
{
	*cpu = (struct cpu){.id = id, .context = context};
	task_init(&cpu->user, TASK_USER, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(cpu->reserve); i++)
		call_push(&cpu->spent, &cpu->reserve[i].call);
}

static bool is_reserve(const struct cpu *cpu, const struct call *call)
{
	uintptr_t offset = (uintptr_t)call - (uintptr_t)cpu->reserve;

	return offset < sizeof(cpu->reserve);
}

static void free_calls(const struct cpu *cpu, struct call *call)
{
	while (call) {
		struct call *next = call->next;

		if (!is_reserve(cpu, call))
			free(container_of(call, struct raised_call, call));
		call = next;
	}
}

/* Only nodes of cpu_raise() can be left at the end. */
void cpu_fini(struct cpu *cpu)
{
	free_calls(cpu, cpu->calls);
	free_calls(cpu, cpu->inject);
	free_calls(cpu, cpu->spent);
	cpu->calls = cpu->inject = cpu->spent = NULL;
}

/* --- whose it is ------------------------------------------------------ */

/* [cpu.claim] acquire, pairs with [cpu.unclaim]: the last one's task. */
bool cpu_claim(struct cpu *cpu)
{
	uint32_t nobody = 0;

	if (!atomic_cmpxchg_acquire_u32(&cpu->claimed, &nobody, 1))
		return false;
	/* Nothing else: its call may still be queued from the last time. */
	atomic_store_relaxed_u32(&cpu->user.prio, 0);
	return true;
}

/* [cpu.unclaim] release, pairs with [cpu.claim]. */
void cpu_unclaim(struct cpu *cpu)
{
	atomic_store_release_u32(&cpu->claimed, 0);
}

bool cpu_enter(struct cpu *cpu)
{
	if (!cpu_claim(cpu))
		return false;
	sched_enter(cpu, &cpu->user);
	return true;
}

void cpu_leave(struct cpu *cpu)
{
	cpu_poll(cpu);
	sched_leave(cpu, &cpu->user);
	cpu_unclaim(cpu);
}

/* --- the queue -------------------------------------------------------- */

bool cpu_queue_call(struct cpu *cpu, struct call *call)
{
	bool first = call_push(&cpu->calls, call);

	if (first)
		interrupt_send(cpu);
	return first;
}

/* --- nodes of their own ----------------------------------------------- */

/*
 * It may run in a signal handler, where nothing can be freed: the node is kept
 * for whoever raises next.
 */
static void run_raised(struct pcpmm_cpu *context, void *arg)
{
	struct raised_call *raised = arg;
	call_fn *fn = raised->fn;

	arg = raised->arg;
	call_push(&raised->cpu->spent, &raised->call);
	fn(context, arg);
}

/* One that was used before; NULL: none is at hand just now. */
static struct raised_call *reuse(struct cpu *cpu)
{
	struct call *first = call_take(&cpu->spent), *rest;

	if (!first)
		return NULL;
	for (rest = first->next; rest;) {
		struct call *next = rest->next;

		call_push(&cpu->spent, rest);
		rest = next;
	}
	return container_of(first, struct raised_call, call);
}

/* An interrupt may have come inside malloc(): there it must not be called. */
static struct raised_call *new_raised(
	struct cpu *cpu, call_fn *fn, void *arg)
{
	struct raised_call *raised = reuse(cpu);

	if (!raised && !sched_in_irq())
		raised = malloc(sizeof(*raised));
	if (raised)
		*raised = (struct raised_call){
			.call = {.fn = run_raised, .arg = raised},
			.cpu = cpu,
			.fn = fn,
			.arg = arg};
	return raised;
}

int cpu_raise(struct cpu *cpu, call_fn *fn, void *arg)
{
	struct raised_call *raised = new_raised(cpu, fn, arg);

	if (!raised)
		return -ENOMEM;
	cpu_queue_call(cpu, &raised->call);
	return 0;
}

/* Masked, as an interrupt may take what is there. */
int cpu_inject(struct cpu *cpu, call_fn *fn, void *arg)
{
	struct raised_call *raised = new_raised(cpu, fn, arg);

	if (!raised)
		return -ENOMEM;
	irq_save(cpu);
	raised->call.next = cpu->inject;
	cpu->inject = &raised->call;
	irq_restore(cpu);
	return 0;
}

/* --- interrupt context ------------------------------------------------ */

/* A node is its raiser's again as soon as its function begins. */
static unsigned int run_list(struct cpu *cpu, struct call *newest)
{
	struct call *call = call_oldest_first(newest);
	unsigned int nr = 0;

	while (call) {
		struct call *next = call->next;
		void *arg = call->arg;

		call->fn(cpu->context, arg);
		call = next;
		nr++;
	}
	return nr;
}

static void irq_enter(struct cpu *cpu)
{
	irq_save(cpu);
	cpu->in_irq++;
}

/* What comes from here on, to the end of the mask, is looked for by callers. */
static void irq_exit(struct cpu *cpu)
{
	cpu->in_irq--;
	compiler_barrier();
	cpu->irq_off--;
	compiler_barrier();
}

/* A look at the waiting tasks is none: if one goes first, that is. */
static bool counts_as_noise(const struct call *call)
{
	while (call && call->quiet)
		call = call->next;
	return call != NULL;
}

/* Masked before the queue is taken, so that later calls stay later. */
static unsigned int take_once(struct cpu *cpu)
{
	uint64_t start = clock_now_ns();
	struct call *newest;
	unsigned int nr;
	bool counts, was_offline;

	irq_enter(cpu);
	was_offline = rcu_interrupt_enter();
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

/* With irqs off it joins the others, for when they are on. */
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
		cpu_poll(cpu); /* what came during them */
		return;
	}
	newest = call_oldest_first(newest);
	while (newest) {
		struct call *next = newest->next;

		call_push(&cpu->calls, newest);
		newest = next;
	}
}
