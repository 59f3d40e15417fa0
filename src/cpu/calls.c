/* SPDX-License-Identifier: MIT */
/* The queue of interrupts that wait for a CPU, and the kick for its thread. */
#include <errno.h>
#include <stdlib.h>

#include "arch/kick.h"
#include "cpu/cpu.h"

void calls_init(struct cpu *cpu)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(cpu->reserve); i++)
		call_push(&cpu->spent, &cpu->reserve[i].call);
}

/* Part of the CPU: never freed. */
static bool is_embedded(const struct cpu *cpu, const struct call *call)
{
	uintptr_t offset = (uintptr_t)call - (uintptr_t)cpu;

	return offset < sizeof(*cpu);
}

static void free_calls(const struct cpu *cpu, struct call *call)
{
	while (call) {
		struct call *next = call->next;

		if (!is_embedded(cpu, call))
			free(container_of(call, struct raised_call, call));
		call = next;
	}
}

/* Only nodes of cpu_raise() can be left at the end. */
void calls_fini(struct cpu *cpu)
{
	free_calls(cpu, cpu->calls);
	free_calls(cpu, cpu->inject);
	free_calls(cpu, cpu->spent);
	cpu->calls = cpu->inject = cpu->spent = NULL;
}

/* --- the queue -------------------------------------------------------- */

/*
 * [kick.send] full, pairs with [kick.look]: the call was queued before tid is
 * read; a thread that takes the CPU writes tid before it looks at the queue.
 * One of the two sees the other.
 */
static void kick(const struct cpu *cpu)
{
	const struct thread *self;
	uint32_t tid;

	if (!cpu->ipi_signal)
		return;
	atomic_fence_seq_cst();
	tid = atomic_load_relaxed_u32(&cpu->tid);
	if (!tid)
		return;
	self = thread_current();
	if (!self || tid != self->tid)
		kick_send(tid, cpu->ipi_signal);
}

bool cpu_queue_call(struct cpu *cpu, struct call *call)
{
	bool first = call_push(&cpu->calls, call);

	if (first)
		kick(cpu);
	return first;
}

/* --- functions of the program ------------------------------------------ */

/*
 * This may run in a signal handler, where nothing can be freed: the node is
 * kept for the next raiser.
 */
static void run_raised(struct cpu *cpu, void *arg)
{
	struct raised_call *raised = arg;
	program_fn *fn = raised->fn;

	arg = raised->arg;
	call_push(&raised->cpu->spent, &raised->call);
	fn(cpu_public(cpu), arg);
}

/* A node that was used before; NULL: none is free right now. */
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

static bool in_interrupt(void)
{
	const struct thread *self = thread_current();

	return self && self->in_irq;
}

/* An interrupt may have come inside malloc(), so it must not call malloc(). */
static struct raised_call *new_raised(
	struct cpu *cpu, program_fn *fn, void *arg)
{
	struct raised_call *raised = reuse(cpu);

	if (!raised && !in_interrupt())
		raised = malloc(sizeof(*raised));
	if (raised)
		*raised = (struct raised_call){
			.call = {.fn = run_raised, .arg = raised},
			.cpu = cpu,
			.fn = fn,
			.arg = arg};
	return raised;
}

int cpu_raise(struct cpu *cpu, program_fn *fn, void *arg)
{
	struct raised_call *raised = new_raised(cpu, fn, arg);

	if (!raised)
		return -ENOMEM;
	cpu_queue_call(cpu, &raised->call);
	return 0;
}

/* Interrupts are masked, since one may take the list. */
static void inject(struct cpu *cpu, struct call *call)
{
	irq_mask(cpu);
	call->next = cpu->inject;
	cpu->inject = call;
	cpu_update_may(cpu, cpu->owner);
	irq_unmask(cpu);
}

int cpu_inject(struct cpu *cpu, program_fn *fn, void *arg)
{
	struct raised_call *raised = new_raised(cpu, fn, arg);

	if (!raised)
		return -ENOMEM;
	inject(cpu, &raised->call);
	return 0;
}

int cpu_inject_nmi(
	struct cpu *cpu, enum nmi_place place, program_fn *fn, void *arg)
{
	struct nmi *nmi = &cpu->nmi[place];

	if (nmi->fn)
		return -EBUSY;
	nmi->arg = arg;
	nmi->fn = fn;
	if (place == NMI_IN_PCP)
		inject(cpu, &nmi->call);
	return 0;
}
