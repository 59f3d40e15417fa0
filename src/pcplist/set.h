/* SPDX-License-Identifier: MIT */
/*
 * All lists of a machine, and the rules of emptying other CPUs' that several
 * strategies share (KF E.4).
 *
 *   drain of all zones   trylock the drain mutex; busy: -EBUSY, nothing drained
 *   drain of one zone    lock it
 *   mask                 online CPUs seen to hold pages, or all if forced
 *   each CPU in it       the strategy's own way
 *
 * What two drains may do at once:
 *                     serialised   by IPI        own
 *   serialised        mutex        -             the guard
 *   by IPI (to 4.10)               each has its  the guard
 *                                  own calls
 *   own                                          is one thread
 * A machine has one strategy, so the first two never meet.
 */
#ifndef PCPLIST_SET_H
#define PCPLIST_SET_H

#include <pcpmm/drain.h>

#include "cpu/mutex.h"
#include "cpu/smp.h"
#include "pcplist/pcp.h"

#define MASK_WORDS CPUMASK_WORDS(PCPMM_CPUS_MAX)

/* What kthread creation costs in the machine's own memory: -ENOMEM or 0. */
typedef int pcp_stack_fn(struct cpu *on);

struct pcp_set {
	/* Written at creation. */
	const struct pcp_drain_ops *ops;
	const struct smp *smp;
	struct cpu **cpus; /* [nr_cpus] */
	struct pcp_slot **slots; /* [nr_cpus], each [nr_zones] */
	void *slots_block;
	size_t slots_size; /* bytes */
	unsigned int nr_cpus;
	unsigned int nr_zones;
	const uint64_t *online; /* the machine's; read racily */
	enum pcpmm_rcu rcu;
	enum pcpmm_grace grace;
	const struct pcpmm_strategy *external;
	pcp_stack_fn *try_stack;
	void *state; /* the strategy's, by its init */

	/* One drain at a time; holder: its thread, 0: nobody's. */
	struct mutex mutex;
	uint64_t holder;
	/*
	 * CPUs to visit. Bits of CPUs that went offline stay; their lists are
	 * empty. Under the mutex, but ipi_mask's: there everybody writes it,
	 * which is that strategy's fault.
	 */
	uint64_t *mask;
	struct spinlock stats_lock; /* innermost, no rank */
	struct pcpmm_drain_stats stats; /* relaxed adds but for the times */
	struct pcpmm_histogram times;
};

/* One drain: what is asked for, and what came of it. */
struct pcp_drain {
	struct cpu *by;
	struct zone *zone; /* NULL: all */
	bool force; /* CPUs without pages as well */
	int only; /* this CPU and no other; -1 */

	unsigned int online; /* CPUs, as seen by the look */
	unsigned int with_pages; /* of those */
	unsigned int visited;
	uint64_t pages; /* given back */
	uint64_t start_ns;
};

/* Slots of all CPUs and zones, empty and disabled. -ENOMEM. */
int pcp_slots_init(struct pcp_set *set, const struct smp *smp,
	struct zone *const *zones, unsigned int nr_zones);
void pcp_slots_fini(struct pcp_set *set);

/* @ops with what it needs; cpus, slots, nr_* and online are set. 0, -errno. */
int pcp_set_init(struct pcp_set *set, const struct pcp_drain_ops *ops);
void pcp_set_fini(struct pcp_set *set);

/* Racy: a CPU that gets its first page after the look is missed. */
bool pcp_holds_pages(
	const struct pcp_set *set, unsigned int cpu, const struct zone *zone);

static inline bool pcp_cpu_online(const struct pcp_set *set, unsigned int cpu)
{
	return cpumask_test(set->online, cpu);
}

/*
 * @fn for each list of the drain's zones on the CPUs in set->mask, CPU by CPU.
 */
void pcp_drain_slots(struct pcp_set *set, struct pcp_drain *drain,
	void (*fn)(struct pcp_set *set, struct pcp_drain *drain,
		struct pcp_slot *slot));

/*
 * drain_pages: lists of @zone (NULL: all) of @cpu, as which the caller runs, or
 * which it has taken down; @by acts. Pages.
 */
unsigned int pcp_drain_own(struct pcp_set *set, struct cpu *by,
	const struct cpu *cpu, const struct zone *zone);

/* Mutex, mask, @act on the CPUs in set->mask, statistics. As drain_all. */
int pcp_drain_serialised(struct pcp_set *set, struct pcp_drain *drain,
	void (*act)(struct pcp_set *set, struct pcp_drain *drain));

/*
 * The drain mutex, for who has other business under it. locked: it was just
 * taken, by trylock or not.
 */
void pcp_drains_locked(struct pcp_set *set, struct cpu *by, bool trylock);
void pcp_drains_unlock(struct pcp_set *set, struct cpu *by);

/* drain_all_pages(NULL), by @by: of all zones, of CPUs that hold pages. */
static inline void pcp_drain_everything(struct pcp_set *set, struct cpu *by)
{
	struct pcp_drain drain = {.by = by, .only = -1};

	set->ops->drain_all(set, &drain);
}

/* A drain begins, and ends with its results counted. */
void pcp_drain_begin(struct pcp_drain *drain);
void pcp_drain_end(struct pcp_set *set, const struct pcp_drain *drain);

#endif
