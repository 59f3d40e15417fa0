/* SPDX-License-Identifier: MIT */
/*
 * Fold all CPUs by interrupt, from inside an allocation.
 *
 * Origin: before aa45484031dd (2.6.36) its author called vmstat_update on all CPUs
 * while memory was low. It cured the drift; at the LSF/MM summit of 2010 the storm of
 * interrupts was disliked. A check costs (online CPUs - 1) interrupts.
 *
 * Each CPU has a node for each other one, as in pcplist/ipi.c. Only the task that the
 * program has on a CPU waits for other CPUs. An allocation that can not wait (in an
 * interrupt, or with interrupts off) folds its own CPU only, and so does one of kswapd
 * or of another daemon: a thread that waits until that daemon leaves its second CPU
 * takes no polled interrupts on the first one, so each would wait for the other.
 */
#include "service/fold_low.h"

#include <errno.h>

#include "arch/memory.h"
#include "arch/mutant.h"
#include "cpu/entry.h"
#include "cpu/sched.h"
#include "service/fold.h"
#include "zone/gate.h"

struct low_call {
	struct call call;
	uint32_t done;
} cacheline_aligned;

static size_t calls_size(const struct pcpmm_machine *machine)
{
	return (size_t)machine->smp.nr * machine->smp.nr *
	       sizeof(struct low_call);
}

/* [fold.done] release, pairs with [fold.wait]: the counters that it has changed. */
static void fold_here(struct cpu *cpu, void *arg)
{
	struct low_call *call = arg;

	fold_own(machine_cpu(cpu), false);
	atomic_store_release_u32(&call->done, 1);
}

static void send(struct pcpmm_machine *machine, struct low_call *call,
	unsigned int target)
{
	*call = (struct low_call){.call = {.fn = fold_here, .arg = call}};
	if (cpu_queue_call(machine->smp.cpu[target], &call->call))
		atomic_add_relaxed_u64(&machine->fold_stats.low_ipis, 1);
}

/* [fold.wait] acquire, pairs with [fold.done]. */
static void wait(struct pcpmm_machine *machine, const struct low_call *call,
	unsigned int target)
{
	unsigned int turns = 0;

	if (MUTANT(LOW_FOLD_NOT_AWAITED))
		return;
	while (!atomic_load_acquire_u32(&call->done))
		sched_help(machine->smp.cpu[target], &turns);
}

static void fold_others(struct pcpmm_cpu *cpu)
{
	struct pcpmm_machine *machine = cpu->machine;
	unsigned int self = cpu->base.id, nr = machine->smp.nr;
	struct low_call *calls =
		(struct low_call *)machine->low_calls + (size_t)self * nr;
	uint64_t asked[CPUMASK_WORDS(PCPMM_CPUS_MAX)] = {0};

	/* All are sent before the first wait. */
	for (unsigned int id = 0; id < nr; id++)
		if (id != self && machine_cpu_online(machine, id)) {
			cpumask_set(asked, id, true);
			send(machine, &calls[id], id);
		}
	for (unsigned int id = 0; id < nr; id++)
		if (cpumask_test(asked, id))
			wait(machine, &calls[id], id);
}

static void fold_low(struct pcpmm_cpu *cpu)
{
	atomic_add_relaxed_u64(&cpu->machine->fold_stats.low_checks, 1);
	fold_own(cpu, false);
	if (cpu_runs_user(&cpu->base) && !cpu->base.in_irq &&
		!sched_is_atomic())
		fold_others(cpu);
}

int fold_low_init(struct pcpmm_machine *machine)
{
	machine->low_calls = memory_map_lazy(calls_size(machine));
	if (!machine->low_calls)
		return -ENOMEM;
	machine->fold_low = fold_low;
	for (unsigned int i = 0; i < machine->zones.nr; i++)
		zone_set_flag(machine->zones.zone[i], ZONE_FOLD_WHEN_LOW);
	return 0;
}

void fold_low_fini(struct pcpmm_machine *machine)
{
	if (machine->low_calls)
		memory_unmap(machine->low_calls, calls_size(machine));
}
