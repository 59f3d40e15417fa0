/* SPDX-License-Identifier: MIT */
/* One drain, from the mutex to the counters; see set.h. */
#include "pcplist/set.h"

#include <errno.h>
#include <stdlib.h>

#include "arch/clock.h"
#include "arch/memory.h"
#include "arch/mutant.h"
#include "zone/gate.h"

#define POOL_ALIGN ((size_t)1 << PCPMM_PAGE_SHIFT)

size_t pcp_pool_size(const struct zone *zone)
{
	return round_up_pow2(
		PCP_LISTS_CHUNKS(zone->managed) * sizeof(struct pcp_chunk),
		POOL_ALIGN);
}

char *pcp_map_pools(struct pcp_set *set, bool second)
{
	size_t size = 0;

	for (unsigned int i = 0; i < set->nr_zones; i++)
		size += pcp_pool_size(set->slots[0][i].zone);
	set->pools_size = size * set->smp->nr;
	set->pools[second] = memory_map_sparse(set->pools_size);
	return set->pools[second];
}

/* A pool that no list has a chunk of is not looked at: that would touch it. */
static racy_reader size_t pool_used(const struct pcp_lists *pcp)
{
	for (unsigned int i = 0; i < NR_PCP_LISTS; i++)
		if (RACY_READ(pcp->lists[i].newest))
			return (1 + (size_t)RACY_READ(pcp->pool[0].newer)) *
			       sizeof(struct pcp_chunk);
	return 0;
}

/* With second lists, lp and private are the two; a swap exchanges them. */
racy_reader size_t pcp_pools_used(const struct pcp_set *set)
{
	size_t size = 0;

	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		for (unsigned int i = 0; i < set->nr_zones; i++) {
			const struct pcp_slot *slot = &set->slots[cpu][i];

			size += pool_used(pcp_lists_of(slot));
			if (set->pools[1])
				size += pool_used(RACY_READ(slot->private));
		}
	return size;
}

static int init_own_pools(struct pcp_set *set)
{
	char *pool = pcp_map_pools(set, false);

	if (!pool)
		return -ENOMEM;
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		for (unsigned int i = 0; i < set->nr_zones; i++) {
			struct pcp_slot *slot = &set->slots[cpu][i];

			slot->own.pool = (struct pcp_chunk *)pool;
			pool += pcp_pool_size(slot->zone);
		}
	return 0;
}

/* One block for all CPUs; each slot has cache lines of its own. */
int pcp_set_init_slots(struct pcp_set *set, const struct smp *smp,
	struct zone *const *zones, unsigned int nr_zones)
{
	struct pcp_slot *slots;

	set->smp = smp;
	set->nr_zones = nr_zones;
	set->slots_size = smp->nr * nr_zones * sizeof(struct pcp_slot);
	slots = memory_alloc_in_page(
		PCP_SLOT_IN_PAGE, set->slots_size, &set->slots_block);
	set->slots = calloc(smp->nr, sizeof(set->slots[0]));
	if (!slots || !set->slots)
		return -ENOMEM;
	for (unsigned int cpu = 0; cpu < smp->nr; cpu++) {
		set->slots[cpu] = slots + cpu * nr_zones;
		for (unsigned int i = 0; i < nr_zones; i++)
			pcp_slot_init(
				&set->slots[cpu][i], zones[i], smp->cpu[cpu]);
	}
	return init_own_pools(set);
}

/* Freed pages of pageblocks of @type go to the lists of @listed. */
static void lead_to_list(
	struct pcp_set *set, unsigned int type, unsigned int listed)
{
	for (unsigned int i = 0; i < set->nr_zones; i++) {
		struct zone *zone = set->slots[0][i].zone;

		zone->block_word[type] = pcp_block_word(zone->id, type, listed);
	}
}

/* Bit an order: blocks are listed as @listed. */
static uint16_t orders_of(
	const struct pcp_set *set, const struct pcp_rules *rules, int listed)
{
	uint16_t orders = 0;

	if (set->ops->lists)
		return set->ops->lists->orders;
	for (unsigned int order = 0; order <= ORDER_MAX; order++)
		if (rules->list_of(order, (unsigned int)listed) >= 0)
			orders |= (uint16_t)(1u << order);
	return orders;
}

static void use_rules(struct pcp_set *set, const struct pcp_rules *rules)
{
	set->rules = rules;
	for (unsigned int type = 0; type < NR_TYPES; type++) {
		int listed = rules->listed_as(type);

		if (listed < 0)
			continue;
		set->orders[type] = orders_of(set, rules, listed);
		lead_to_list(set, type, (unsigned int)listed);
	}
	for (unsigned int i = 0; i < set->nr_zones; i++) {
		struct zone *zone = set->slots[0][i].zone;

		zone->pcp_rules = rules;
		if (rules->tuned)
			zone_set_flag(zone, ZONE_LISTS_TUNED);
		if (rules->each_free)
			zone_set_flag(zone, ZONE_EACH_FREE);
		if (set->spill_hold == PCPMM_SPILL_HOLD_CHUNKS)
			zone->spill_chunks = &set->chunks;
	}
}

int pcp_set_init(struct pcp_set *set, const struct pcp_drain_ops *ops,
	const struct pcp_rules *rules)
{
	mutex_init(&set->mutex);
	set->mask = calloc(CPUMASK_WORDS(set->smp->nr), sizeof(set->mask[0]));
	set->cal = calloc(set->smp->nr, sizeof(set->cal[0]));
	if (!set->mask || !set->cal)
		return -ENOMEM;
	set->ops = ops;
	use_rules(set, rules);
	set->owner = *ops->owner;
	if (ops->drain_own)
		set->owner.drain_own = ops->drain_own;
	return ops->init ? ops->init(set) : 0;
}

void pcp_set_fini(struct pcp_set *set)
{
	if (set->ops && set->ops->fini)
		set->ops->fini(set);
	free(set->mask);
	free(set->cal);
	free(set->slots);
	free(set->slots_block);
	for (int i = 0; i < 2; i++)
		memory_unmap(set->pools[i], set->pools_size);
	mutex_fini(&set->mutex);
}

/* --- the drain mutex, or its replacement -------------------------------- */

static void drains_locked(struct pcp_set *set, struct cpu *by, bool trylock)
{
	atomic_store_relaxed_u64(&set->holder, arch_self());
	lock_rank_push(by, LOCK_RANK_DRAIN, trylock);
}

void pcp_drains_lock(struct pcp_set *set, struct cpu *by)
{
	mutex_lock(&set->mutex);
	drains_locked(set, by, false);
}

void pcp_drains_unlock(struct pcp_set *set, struct cpu *by)
{
	lock_rank_pop(by, LOCK_RANK_DRAIN);
	atomic_store_relaxed_u64(&set->holder, 0);
	mutex_unlock(&set->mutex);
}

static int try_lock_drains(struct pcp_set *set, struct cpu *by)
{
	if (!mutex_trylock(&set->mutex)) {
		atomic_add_relaxed_u64(&set->stats.busy, 1);
		return -EBUSY;
	}
	drains_locked(set, by, true);
	return 0;
}

/* A thread that drains again while it holds the mutex would wait for itself. */
static int lock_drains(struct pcp_set *set, const struct pcp_drain *drain)
{
	if (MUTANT(NO_DRAIN_MUTEX))
		return 0;
	if (!drain->zone)
		return try_lock_drains(set, drain->by);
	if (atomic_load_relaxed_u64(&set->holder) == arch_self())
		return -EDEADLK;
	pcp_drains_lock(set, drain->by);
	return 0;
}

static int drain_lock(struct pcp_set *set, struct pcp_drain *drain)
{
	if (!set->ops->no_mutex)
		return lock_drains(set, drain);
	if (set->ops->lock)
		set->ops->lock(set, drain);
	return 0;
}

static void drain_unlock(struct pcp_set *set, struct pcp_drain *drain)
{
	if (set->ops->no_mutex) {
		if (set->ops->unlock)
			set->ops->unlock(set, drain);
	} else if (!MUTANT(NO_DRAIN_MUTEX)) {
		pcp_drains_unlock(set, drain->by);
	}
}

/* --- which CPUs ------------------------------------------------------- */

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

/* Bits of online CPUs are set or cleared, other bits stay as they are. */
static void mark_cpus(struct pcp_set *set, struct pcp_drain *drain)
{
	for (unsigned int cpu = 0; cpu < set->smp->nr; cpu++)
		if (pcp_cpu_online(set, cpu))
			cpumask_set(set->mask, cpu,
				drain->force ||
					pcp_holds_pages(set, cpu, drain->zone));
}

static void mark_one(struct pcp_set *set, unsigned int cpu)
{
	cpumask_clear(set->mask, set->smp->nr);
	cpumask_set(set->mask, cpu, true);
}

static void mark(struct pcp_set *set, struct pcp_drain *drain)
{
	drain->mask = set->mask;
	if (set->ops->no_mutex) {
		if (drain->only >= 0)
			return;
		set->ops->mark(set, drain);
		drain->marked = cpumask_weight(drain->mask, set->smp->nr);
		return;
	}
	if (drain->only < 0)
		mark_cpus(set, drain);
	else
		mark_one(set, (unsigned int)drain->only);
	drain->visited = drain->marked =
		cpumask_weight(set->mask, set->smp->nr);
}

/* --- one drain -------------------------------------------------------- */

/*
 * The counters of 2012, by the rule of the posted patch: an integer half, and the
 * mask as it was computed. They count drain_all_pages(), not the drain of one CPU.
 */
static void count(struct pcp_set *set, const struct pcp_drain *drain)
{
	struct pcpmm_drain_stats *stats = &set->stats;
	uint64_t ns = clock_now_ns() - drain->start_ns;

	if (drain->only < 0) {
		atomic_add_relaxed_u64(&stats->pcp_global_drain, 1);
		atomic_add_relaxed_u64(&stats->pcp_global_ipi_saved,
			drain->marked < smp_nr_online(set->smp) / 2);
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

static bool recurses(struct pcp_set *set)
{
	if (!set->ops->recurses || !set->ops->recurses(set))
		return false;
	atomic_add_relaxed_u64(&set->stats.recursions, 1);
	return true;
}

int pcp_drain(struct pcp_set *set, struct pcp_drain *drain)
{
	int ret = recurses(set) ? -EDEADLK : drain_lock(set, drain);

	if (ret)
		return ret;
	drain->start_ns = clock_now_ns();
	mark(set, drain);
	if (drain->only < 0)
		pcp_drain_point(set, drain, PCPMM_DRAIN_MARKED);
	set->ops->drain_mask(set, drain);
	count(set, drain);
	drain_unlock(set, drain);
	return 0;
}

unsigned int pcp_drain_own(struct pcp_set *set, struct cpu *by,
	const struct cpu *cpu, const struct zone *zone)
{
	struct pcp_slot *slots = set->slots[cpu->id];
	unsigned int pages = 0;

	for (unsigned int i = 0; i < set->nr_zones; i++)
		if (!zone || zone == slots[i].zone)
			pages += set->owner.drain_own(by, &slots[i], 0);
	return pages;
}

struct pcp_slot *pcp_next_slot(const struct pcp_set *set,
	const struct pcp_drain *drain, struct pcp_cursor *at)
{
	for (; at->cpu < set->smp->nr; at->cpu++, at->zone = 0) {
		if (!cpumask_test(drain->mask, at->cpu))
			continue;
		while (at->zone < set->nr_zones) {
			struct pcp_slot *slot =
				&set->slots[at->cpu][at->zone++];

			if (!drain->zone || drain->zone == slot->zone)
				return slot;
		}
	}
	return NULL;
}
