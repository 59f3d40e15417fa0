/* SPDX-License-Identifier: MIT */
/* CPU ownership and the queue of interrupts that wait for a CPU. */
#include "arch/cpu.h"

#include <errno.h>
#include <stdlib.h>

void arch_cpu_init(struct arch_cpu *cpu, uint32_t id, struct pcpmm_cpu *context)
{
	*cpu = (struct arch_cpu){.id = id, .context = context};
}

static void free_calls(struct arch_call *call)
{
	while (call) {
		struct arch_call *next = call->next;

		free(call);
		call = next;
	}
}

void arch_cpu_fini(struct arch_cpu *cpu)
{
	free_calls(cpu->calls);
	free_calls(cpu->inject);
	cpu->calls = cpu->inject = NULL;
}

/* [cpu.enter] acquire, pairs with [cpu.leave]: what the last owner did. */
bool arch_cpu_enter(struct arch_cpu *cpu)
{
	uint64_t nobody = 0;

	return atomic_cmpxchg_acquire_u64(&cpu->owner, &nobody, arch_self());
}

/* [cpu.leave] release, pairs with [cpu.enter]. */
void arch_cpu_leave(struct arch_cpu *cpu)
{
	arch_cpu_poll(cpu);
	atomic_store_release_u64(&cpu->owner, 0);
}

static struct arch_call *new_call(arch_call_fn *fn, void *arg)
{
	struct arch_call *call = malloc(sizeof(*call));

	if (call)
		*call = (struct arch_call){.fn = fn, .arg = arg};
	return call;
}

/* [call.push] release, pairs with [call.take]: the call's own fields. */
int arch_cpu_raise(struct arch_cpu *cpu, arch_call_fn *fn, void *arg)
{
	struct arch_call *call = new_call(fn, arg);
	void *top;

	if (!call)
		return -ENOMEM;
	top = atomic_load_relaxed_ptr((void *const *)&cpu->calls);
	do {
		call->next = top;
	} while (!atomic_cmpxchg_release_ptr((void **)&cpu->calls, &top, call));
	return 0;
}

int arch_cpu_inject(struct arch_cpu *cpu, arch_call_fn *fn, void *arg)
{
	struct arch_call *call = new_call(fn, arg);

	if (!call)
		return -ENOMEM;
	call->next = cpu->inject;
	cpu->inject = call;
	return 0;
}

static struct arch_call *oldest_first(struct arch_call *call)
{
	struct arch_call *reversed = NULL;

	while (call) {
		struct arch_call *next = call->next;

		call->next = reversed;
		reversed = call;
		call = next;
	}
	return reversed;
}

/* Interrupt context: masked, so a second interrupt waits for the first. */
static unsigned int run_calls(struct arch_cpu *cpu, struct arch_call *newest)
{
	struct arch_call *call = oldest_first(newest);
	unsigned int nr = 0;

	cpu->irq_off++;
	cpu->in_irq++;
	while (call) {
		struct arch_call *next = call->next;

		call->fn(cpu->context, call->arg);
		free(call);
		call = next;
		nr++;
	}
	cpu->in_irq--;
	cpu->irq_off--;
	return nr;
}

/* [call.take] acquire, pairs with [call.push]. */
unsigned int arch_cpu_take_calls(struct arch_cpu *cpu)
{
	unsigned int nr = 0;

	while (arch_cpu_has_calls(cpu))
		nr += run_calls(cpu,
			atomic_xchg_acquire_ptr((void **)&cpu->calls, NULL));
	return nr;
}

unsigned int arch_cpu_take_inject(struct arch_cpu *cpu)
{
	struct arch_call *newest = cpu->inject;

	cpu->inject = NULL;
	return run_calls(cpu, newest);
}
