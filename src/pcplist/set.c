/* SPDX-License-Identifier: MIT */
/* The rules that strategies share; see set.h. */
#include "pcplist/set.h"

#include <errno.h>
#include <stdlib.h>

#include "arch/clock.h"
#include "arch/mutant.h"

int pcp_set_init(struct pcp_set *set, const struct pcp_drain_ops *ops)
{
	mutex_init(&set->mutex);
	set->mask = calloc(CPUMASK_WORDS(set->nr_cpus), sizeof(set->mask[0]));
	if (!set->mask)
		return -ENOMEM;
	set->ops = ops;
	return ops->init ? ops->init(set) : 0;
}

void pcp_set_fini(struct pcp_set *set)
{
	if (set->ops && set->ops->fini)
		set->ops->fini(set);
	free(set->mask);
	mutex_fini(&set->mutex);
}

/* --- whom ------------------------------------------------------------- */

bool pcp_holds_pages(
	const struct pcp_set *set, unsigned int cpu, const struct zone *zone)
{
	const struct pcp_slot *slots = set->slots[cpu];

	if (zone)
		return pcp_count(&slots[zone->id]) != 0;
	for (unsigned int i = 0; i < set->nr_zones; i++)
		if (pcp_count(&slots[i]))
			return true;
	return false;
}

/* Bits of online CPUs are set or cleared, others left as they are. */
static void mark_cpus(struct pcp_set *set, struct pcp_drain *drain)
{
	for (unsigned int cpu = 0; cpu < set->nr_cpus; cpu++) {
		bool holds;

		if (!pcp_cpu_online(set, cpu))
			continue;
		holds = pcp_holds_pages(set, cpu, drain->zone);
		drain->online++;
		drain->with_pages += holds;
		cpumask_set(set->mask, cpu, holds || drain->force);
	}
}

static void mark_one(struct pcp_set *set, struct pcp_drain *drain)
{
	cpumask_clear(set->mask, set->nr_cpus);
	cpumask_set(set->mask, (unsigned int)drain->only, true);
	drain->online = drain->with_pages = 1;
}

/* --- one drain -------------------------------------------------------- */

unsigned int pcp_drain_own(struct pcp_set *set, struct cpu *by,
	const struct cpu *cpu, const struct zone *zone)
{
	struct pcp_slot *slots = set->slots[cpu->id];
	unsigned int pages = 0;

	for (unsigned int i = 0; i < set->nr_zones; i++)
		if (!zone || zone == slots[i].zone)
			pages += set->ops->drain_own(by, &slots[i], 0);
	return pages;
}

void pcp_drain_slots(struct pcp_set *set, struct pcp_drain *drain,
	void (*fn)(struct pcp_set *set, struct pcp_drain *drain,
		struct pcp_slot *slot))
{
	for (unsigned int cpu = 0; cpu < set->nr_cpus; cpu++) {
		struct pcp_slot *slots = set->slots[cpu];

		if (!cpumask_test(set->mask, cpu))
			continue;
		for (unsigned int i = 0; i < set->nr_zones; i++)
			if (!drain->zone || drain->zone == slots[i].zone)
				fn(set, drain, &slots[i]);
	}
}

void pcp_drain_begin(struct pcp_drain *drain)
{
	drain->start_ns = clock_now_ns();
}

/* The drain of one CPU is no drain_all: the counters of 2012 leave it out. */
void pcp_drain_end(struct pcp_set *set, const struct pcp_drain *drain)
{
	struct pcpmm_drain_stats *stats = &set->stats;
	uint64_t ns = clock_now_ns() - drain->start_ns;

	if (drain->only < 0) {
		atomic_add_relaxed_u64(&stats->pcp_global_drain, 1);
		atomic_add_relaxed_u64(&stats->pcp_global_ipi_saved,
			drain->with_pages * 2 < drain->online);
	}
	atomic_add_relaxed_u64(&stats->cpus_visited, drain->visited);
	atomic_add_relaxed_u64(&stats->pages, drain->pages);
	atomic_add_relaxed_u64(&stats->time_ns, ns);
	lock_acquire(NULL, &set->stats_lock, 0);
	if (ns > stats->time_max_ns)
		atomic_store_relaxed_u64(&stats->time_max_ns, ns);
	pcpmm_histogram_add(&set->times, ns);
	lock_release(NULL, &set->stats_lock, 0);
}

/* A thread that holds the mutex, and drains again, would wait for itself. */
static int lock_drains(struct pcp_set *set, const struct pcp_drain *drain)
{
	if (MUTANT(NO_DRAIN_MUTEX))
		return 0;
	if (!drain->zone) {
		if (!mutex_trylock(&set->mutex)) {
			atomic_add_relaxed_u64(&set->stats.busy, 1);
			return -EBUSY;
		}
	} else if (atomic_load_relaxed_u64(&set->holder) == arch_self()) {
		return -EDEADLK;
	} else {
		mutex_lock(&set->mutex);
	}
	pcp_drains_locked(set, drain->by, !drain->zone);
	return 0;
}

void pcp_drains_locked(struct pcp_set *set, struct cpu *by, bool trylock)
{
	atomic_store_relaxed_u64(&set->holder, arch_self());
	lock_rank_push(by, LOCK_RANK_DRAIN, trylock);
}

void pcp_drains_unlock(struct pcp_set *set, struct cpu *by)
{
	lock_rank_pop(by, LOCK_RANK_DRAIN);
	atomic_store_relaxed_u64(&set->holder, 0);
	mutex_unlock(&set->mutex);
}

int pcp_drain_serialised(struct pcp_set *set, struct pcp_drain *drain,
	void (*act)(struct pcp_set *set, struct pcp_drain *drain))
{
	int ret = lock_drains(set, drain);

	if (ret)
		return ret;
	pcp_drain_begin(drain);
	if (drain->only < 0)
		mark_cpus(set, drain);
	else
		mark_one(set, drain);
	for (unsigned int cpu = 0; cpu < set->nr_cpus; cpu++)
		drain->visited += cpumask_test(set->mask, cpu);
	if (drain->visited)
		act(set, drain);
	pcp_drain_end(set, drain);
	if (!MUTANT(NO_DRAIN_MUTEX))
		pcp_drains_unlock(set, drain->by);
	return 0;
}
