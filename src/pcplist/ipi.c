/* SPDX-License-Identifier: MIT */
/*
 * Function calls on other CPUs. Each CPU has a node for each other one, like
 * the kernel's call_single_data, so that several CPUs can call the same target
 * at once. A drainer that waits takes its own interrupts; otherwise two
 * drainers would wait for each other.
 */
#include "pcplist/ipi.h"

#include <stdlib.h>

#include "arch/memory.h"
#include "arch/mutant.h"
#include "cpu/entry.h"

struct ipi_call {
	struct call call;
	const struct ipi_drains *drains;
	const struct zone *zone;
	uint32_t done;
	unsigned int pages; /* out */
	bool interrupted; /* out: a task was running there */
} cacheline_aligned;

struct ipi_drains {
	struct pcp_set *set;
	ipi_drained_fn *drained; /* NULL: nothing to do */
	size_t size;
	struct ipi_call *calls; /* [by][target] */
};

struct ipi_drains *ipi_drains_create(
	struct pcp_set *set, ipi_drained_fn *drained)
{
	struct ipi_drains *drains = malloc(sizeof(*drains));

	if (!drains)
		return NULL;
	drains->set = set;
	drains->drained = drained;
	drains->size =
		(size_t)set->smp->nr * set->smp->nr * sizeof(drains->calls[0]);
	drains->calls = memory_map_lazy(drains->size);
	if (drains->calls)
		return drains;
	free(drains);
	return NULL;
}

void ipi_drains_destroy(struct ipi_drains *drains)
{
	if (!drains)
		return;
	memory_unmap(drains->calls, drains->size);
	free(drains);
}

size_t ipi_drains_pair(void)
{
	return sizeof(struct ipi_call);
}

size_t ipi_drains_once(void)
{
	return sizeof(struct ipi_drains);
}

/* drain_local_pages(). On @cpu, with interrupts off. Returns pages freed. */
static unsigned int drain_local(const struct ipi_drains *drains,
	struct cpu *cpu, const struct zone *zone)
{
	unsigned int pages;

	if (MUTANT(OWN_BIT_CLEARED_FIRST))
		cpumask_set(drains->set->mask, cpu->id, false);
	pages = pcp_drain_own(drains->set, cpu, cpu, zone);
	if (drains->drained && !MUTANT(OWN_BIT_CLEARED_FIRST))
		drains->drained(drains->set, cpu);
	return pages;
}

/* [ipi.done] release, pairs with [ipi.wait]: the counts, and the buddy's. */
static void drain_here(struct cpu *cpu, void *arg)
{
	struct ipi_call *call = arg;

	call->interrupted = cpu_runs_user(cpu);
	call->pages = drain_local(call->drains, cpu, call->zone);
	atomic_store_release_u32(&call->done, 1);
}

static struct ipi_call *call_of(const struct ipi_drains *drains,
	const struct pcp_drain *drain, unsigned int target)
{
	size_t by = drain->by->id;

	return &drains->calls[by * drains->set->smp->nr + target];
}

static void send(
	struct ipi_drains *drains, struct pcp_drain *drain, unsigned int target)
{
	struct ipi_call *call = call_of(drains, drain, target);

	*call = (struct ipi_call){
		.call = {.fn = drain_here, .arg = call},
		.drains = drains,
		.zone = drain->zone,
	};
	if (cpu_queue_call(drains->set->smp->cpu[target], &call->call)) {
		atomic_add_relaxed_u64(&drains->set->stats.ipis, 1);
		pcp_count_cal(drains->set, target);
	}
}

/* [ipi.wait] acquire, pairs with [ipi.done]. */
static void wait(
	struct ipi_drains *drains, struct pcp_drain *drain, unsigned int target)
{
	struct ipi_call *call = call_of(drains, drain, target);
	unsigned int turns = 0;

	while (!atomic_load_acquire_u32(&call->done))
		sched_help(drains->set->smp->cpu[target], &turns);
	drain->pages += call->pages;
	atomic_add_relaxed_u64(
		&drains->set->stats.cpus_interrupted, call->interrupted);
}

static void drain_self(struct ipi_drains *drains, struct pcp_drain *drain)
{
	irq_save(drain->by);
	drain->pages += drain_local(drains, drain->by, drain->zone);
	irq_restore(drain->by);
}

void ipi_drain_cpu(
	struct ipi_drains *drains, struct pcp_drain *drain, unsigned int cpu)
{
	if (cpu == drain->by->id) {
		drain_self(drains, drain);
		return;
	}
	send(drains, drain, cpu);
	wait(drains, drain, cpu);
}

/*
 * The online CPUs of the mask, as it is now, but @self. [mask.copy] acquire, pairs
 * with [mask.own] release: a CPU that took itself out has given its pages back.
 */
static void copy_mask(const struct pcp_set *set, const struct pcp_drain *drain,
	unsigned int self, uint64_t *copy)
{
	for (unsigned int i = 0; i < CPUMASK_WORDS(set->smp->nr); i++)
		copy[i] = atomic_load_acquire_u64(&drain->mask[i]) &
			  atomic_load_relaxed_u64(&set->smp->online[i]);
	copy[self / 64] &= ~(1ULL << self % 64);
}

/*
 * on_each_cpu_mask(), Linux 3.4: the mask is copied once, then all calls are
 * sent, then it waits for each; the own CPU's turn comes last, by the mask as it
 * is by then.
 */
static void drain_all(struct ipi_drains *drains, struct pcp_drain *drain)
{
	struct pcp_set *set = drains->set;
	uint64_t asked[MASK_WORDS] = {0};
	unsigned int self = drain->by->id;

	copy_mask(set, drain, self, asked);
	drain->visited += cpumask_weight(asked, set->smp->nr);
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		if (cpumask_test(asked, cpu))
			send(drains, drain, cpu);
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		if (cpumask_test(asked, cpu))
			wait(drains, drain, cpu);
	if (!cpumask_test(drain->mask, self))
		return;
	drain_self(drains, drain);
	drain->visited++;
}

void ipi_drain_mask(struct ipi_drains *drains, struct pcp_drain *drain)
{
	if (drain->only < 0) {
		drain_all(drains, drain);
		return;
	}
	ipi_drain_cpu(drains, drain, (unsigned int)drain->only);
	drain->visited++;
}
