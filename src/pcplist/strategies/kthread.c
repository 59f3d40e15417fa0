/* SPDX-License-Identifier: MIT */
/*
 * kthread: a FIFO kthread a CPU instead of the shared work queue.
 *
 * Origin: Suren Baghdasaryan, "mm: page_alloc: replace mm_percpu_wq with
 * kthreads in drain_all_pages", RFC of 24 Feb 2022; dropped on 17 Mar 2022.
 *
 *   kthread_posted   creates a CPU's worker with the drain mutex held. The
 *                    creation allocates the struct kthread_worker, may reclaim
 *                    for that and so drain: a drain of all zones finds the mutex
 *                    taken and drains nothing, a drain of one zone waits for
 *                    itself (Hillf Danton, 2 Mar 2022). Instead of a CPU without
 *                    worker, the *caller's* lists are drained.
 *   kthread          creates the worker before it takes the mutex and assigns
 *                    it inside (Suren's answer, which changes nothing else). A
 *                    CPU without worker is sent an IPI: that fallback was never
 *                    posted, it is this library's own.
 *
 * Owner pays: interrupts off and on (guard_irqoff.h).
 * Interrupted: the task on each CPU that holds pages, by the kthread that takes
 * the CPU over.
 * Progress: none while a FIFO task runs: priority 1 is the lowest, and a task
 * of equal priority is not preempted. Axis kthread_prio has 50 and none as well:
 * then FIFO tasks below 50 are preempted, or all FIFO tasks go first.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cpu/kthread_worker.h"
#include "pcplist/drain_work.h"
#include "pcplist/ipi.h"
#include "pcplist/owner.h"
#include "pcplist/strategies/strategies.h"

static const unsigned int prios[PCPMM_NR_KTHREAD_PRIOS] = {
	[PCPMM_KTHREAD_PRIO_FIFO_LOW] = 1,
	[PCPMM_KTHREAD_PRIO_FIFO] = 50,
	[PCPMM_KTHREAD_PRIO_NORMAL] = 0,
};

struct kthread_drain {
	struct kthread_work work;
	struct kthread_worker *worker; /* NULL: offline, or creation failed */
	struct drain_work drain;
};

struct kthread {
	struct kthread_drain *works; /* [cpu] */
	struct ipi_drains *drains; /* for CPUs without worker; our own */
	uint64_t queued[MASK_WORDS]; /* of one drain */
};

/* --- draining --------------------------------------------------------- */

/* As posted: the function drains the CPU that it is called on. */
static void without_worker_posted(
	struct pcp_set *set, struct pcp_drain *drain, unsigned int cpu)
{
	(void)cpu;
	atomic_add_relaxed_u64(&set->stats.misses, 1);
	drain->pages += pcp_drain_own(set, drain->by, drain->by, drain->zone);
}

/* This library's own: neither the RFC nor the answer to its review has it. */
static void without_worker(
	struct pcp_set *set, struct pcp_drain *drain, unsigned int cpu)
{
	struct kthread *state = set->state;

	ipi_drain_cpu(state->drains, drain, cpu);
}

typedef void without_fn(
	struct pcp_set *set, struct pcp_drain *drain, unsigned int cpu);

static void queue_drain(struct kthread_drain *work, struct pcp_drain *drain)
{
	drain_work_prepare(&work->drain, drain);
	kthread_queue_work(work->worker, &work->work);
}

static void flush_drain(struct kthread_drain *work, struct pcp_drain *drain)
{
	kthread_flush_work(&work->work);
	drain->pages += work->drain.pages;
}

static void drain_mask(
	struct pcp_set *set, struct pcp_drain *drain, without_fn *without)
{
	struct kthread *state = set->state;

	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++) {
		bool queue = cpumask_test(drain->mask, cpu) &&
			     state->works[cpu].worker;

		cpumask_set(state->queued, cpu, queue);
		if (queue)
			queue_drain(&state->works[cpu], drain);
	}
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		if (cpumask_test(state->queued, cpu))
			flush_drain(&state->works[cpu], drain);
		else if (cpumask_test(drain->mask, cpu))
			without(set, drain, cpu);
}

static void posted_drain_mask(struct pcp_set *set, struct pcp_drain *drain)
{
	drain_mask(set, drain, without_worker_posted);
}

static void kthread_drain_mask(struct pcp_set *set, struct pcp_drain *drain)
{
	drain_mask(set, drain, without_worker);
}

/* --- workers come and go ---------------------------------------------- */

/* The worker's struct is allocated by @on, from the machine; NULL: at boot. */
static struct kthread_worker *create_worker(
	struct pcp_set *set, struct cpu *on, struct cpu *cpu)
{
	char name[24];

	if (on && set->try_worker && set->try_worker(on))
		return NULL;
	snprintf(name, sizeof(name), "pg_drain/%u", cpu->id);
	return kthread_worker_create(
		cpu, TASK_KTHREAD, prios[set->kthread_prio], name);
}

static void posted_cpu_online(
	struct pcp_set *set, struct cpu *on, struct cpu *cpu)
{
	struct kthread *state = set->state;
	struct kthread_drain *work = &state->works[cpu->id];

	pcp_drains_lock(set, on);
	if (!work->worker && pcp_cpu_online(set, cpu->id))
		work->worker = create_worker(set, on, cpu);
	pcp_drains_unlock(set, on);
}

/* If two CPUs bring the same CPU up, the second one's worker is not needed. */
static void kthread_cpu_online(
	struct pcp_set *set, struct cpu *on, struct cpu *cpu)
{
	struct kthread *state = set->state;
	struct kthread_drain *work = &state->works[cpu->id];
	struct kthread_worker *worker = create_worker(set, on, cpu);

	pcp_drains_lock(set, on);
	if (!work->worker && pcp_cpu_online(set, cpu->id)) {
		work->worker = worker;
		worker = NULL;
	}
	pcp_drains_unlock(set, on);
	kthread_worker_destroy(worker);
}

/* No work item is queued: drains flush before they release the mutex. */
static void kthread_cpu_offline(struct pcp_set *set, struct cpu *cpu)
{
	struct kthread *state = set->state;
	struct kthread_drain *work = &state->works[cpu->id];
	struct kthread_worker *worker;

	pcp_drains_lock(set, NULL);
	worker = work->worker;
	work->worker = NULL;
	pcp_drains_unlock(set, NULL);
	kthread_worker_destroy(worker);
}

static int kthread_init(struct pcp_set *set)
{
	struct kthread *state = calloc(1, sizeof(*state));

	set->state = state;
	if (!state)
		return -ENOMEM;
	state->works = calloc(set->smp->nr, sizeof(state->works[0]));
	state->drains = ipi_drains_create(set, NULL);
	if (!state->works || !state->drains)
		return -ENOMEM;
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++) {
		struct kthread_drain *work = &state->works[cpu];

		work->drain.set = set;
		work->work.call =
			(struct call){.fn = drain_work_fn, .arg = &work->drain};
		if (!pcp_cpu_online(set, cpu))
			continue;
		work->worker = create_worker(set, NULL, set->smp->cpu[cpu]);
		if (!work->worker)
			return -errno;
	}
	return 0;
}

static void kthread_fini(struct pcp_set *set)
{
	struct kthread *state = set->state;

	if (!state)
		return;
	for (unsigned int cpu = 0; state->works && cpu < set->smp->nr; cpu++)
		kthread_worker_destroy(state->works[cpu].worker);
	ipi_drains_destroy(state->drains);
	free(state->works);
	free(state);
}

/*
 * In the kernel: a zone, a kthread_work (list, function, two pointers' worth of
 * worker and count) and a pointer to the kthread_worker (flags and lock, two lists,
 * two pointers).
 */
static void kthread_memory(
	const struct pcp_set *set, struct pcpmm_drain_memory *memory)
{
	memory->here.cpu =
		sizeof(struct kthread_drain) + kthread_worker_memory();
	memory->here.pair = ipi_drains_pair();
	memory->here.machine =
		ipi_drains_once() + pcp_mask_size(set) + sizeof(struct kthread);
	memory->here.threads = 1;
	memory->kernel.cpu = KERNEL_POINTER +
			     (KERNEL_LIST_HEAD + 3 * KERNEL_POINTER) +
			     KERNEL_POINTER +
			     (8 + 2 * KERNEL_LIST_HEAD + 2 * KERNEL_POINTER);
	memory->kernel.machine = KERNEL_CPUMASK;
	memory->kernel.threads = 1;
}

const struct pcp_drain_ops kthread_posted_ops = {
	.name = "kthread_posted",
	.owner = &irqoff_owner,
	.drain_mask = posted_drain_mask,
	.memory = kthread_memory,
	.init = kthread_init,
	.fini = kthread_fini,
	.cpu_online = posted_cpu_online,
	.cpu_offline = kthread_cpu_offline,
};

const struct pcp_drain_ops kthread_ops = {
	.name = "kthread",
	.owner = &irqoff_owner,
	.drain_mask = kthread_drain_mask,
	.memory = kthread_memory,
	.init = kthread_init,
	.fini = kthread_fini,
	.cpu_online = kthread_cpu_online,
	.cpu_offline = kthread_cpu_offline,
};
