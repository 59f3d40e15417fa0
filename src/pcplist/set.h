/* SPDX-License-Identifier: MIT */
/*
 * All lists of a machine, and one drain: what a drain of any strategy has in
 * common (__drain_all_pages(), Linux 4.11 to 6.12).
 *
 *   drain of all zones   trylock the drain mutex; busy: -EBUSY, nothing drained
 *   drain of one zone    lock it
 *   mask                 online CPUs seen to hold pages, or all if forced
 *   each CPU in it       the strategy's drain_mask
 *   end                  counters and time, unlock
 *
 * Strategies older than the mutex replace the first three lines by what they
 * have instead (no_mutex, lock, mark).
 *
 * What keeps two of these apart, if they meet at one list:
 *
 *                             another drain         the CPU's own drain
 *   drain under the mutex     the mutex             the list's guard
 *   drain of ipi_mask_locked  the strategy's lock   interrupts off
 *   drain of the other IPIs   nothing: each drainer interrupts off
 *                             has calls of its own
 *   the CPU's own drain       see the last column   one thread is the CPU
 *
 * Rows: a drain by any CPU, by strategy. Own drain: owner.drain_own on the CPU
 * that has the list. A machine has one strategy, so two different rows of the
 * first three never meet.
 */
#ifndef PCPLIST_SET_H
#define PCPLIST_SET_H

#include <pcpmm/drain.h>

#include "cpu/mutex.h"
#include "cpu/rcu.h"
#include "pcplist/pcp.h"

#define MASK_WORDS CPUMASK_WORDS(PCPMM_CPUS_MAX)

/* What kthread creation costs in the machine's own memory: -ENOMEM or 0. */
typedef int pcp_stack_fn(struct cpu *on);

struct pcp_set {
	/* Written at creation. */
	struct pcp_owner_ops owner; /* a copy: one load less on the hot path */
	const struct pcp_drain_ops *ops;
	const struct pcp_rules *rules;
	uint16_t orders[NR_TYPES]; /* bit an order: listed, by the rules */
	const struct smp *smp; /* the machine's CPUs */
	unsigned int nr_zones;
	struct pcp_slot **slots; /* [smp->nr], each [nr_zones] */
	void *slots_block;
	size_t slots_size; /* bytes */
	struct rcu rcu; /* rcu_swap's readers */
	const struct pcpmm_strategy *external;
	pcp_stack_fn *try_stack;
	void *state; /* the strategy's, by its init */

	/* One drain at a time; holder: its thread, 0: nobody's. */
	struct mutex mutex;
	uint64_t holder;
	/*
	 * CPUs to visit. Bits of CPUs that went offline stay; their lists are
	 * empty. Under the mutex, but ipi_mask's: there every drainer writes
	 * it at any time, which is that strategy's fault.
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

	const uint64_t *mask; /* CPUs to visit; no_mutex: unless `only` */
	unsigned int online; /* CPUs, as seen by the look */
	unsigned int with_pages; /* of those */
	unsigned int visited; /* bits in mask; no_mutex: set by drain_mask */
	uint64_t pages; /* given back */
	uint64_t start_ns;
};

/*
 * Slots of all CPUs of @smp for each of @zones, empty and disabled. -ENOMEM;
 * pcp_set_fini() frees them.
 */
int pcp_set_init_slots(struct pcp_set *set, const struct smp *smp,
	struct zone *const *zones, unsigned int nr_zones);

/*
 * The strategy @ops with what it needs, lists by @rules. The slots are there; rcu,
 * external and try_stack are set. 0, -errno.
 */
int pcp_set_init(struct pcp_set *set, const struct pcp_drain_ops *ops,
	const struct pcp_rules *rules);
void pcp_set_fini(struct pcp_set *set);

/*
 * Are blocks of @order, 0..ORDER_MAX, listed if their pageblock, or the request,
 * is of @type? pcp_allowed_order(), and not ISOLATE.
 */
static force_inline bool pcp_has_list(
	const struct pcp_set *set, unsigned int order, unsigned int type)
{
	return set->orders[type] >> order & 1;
}

static inline bool pcp_cpu_online(const struct pcp_set *set, unsigned int cpu)
{
	return smp_is_online(set->smp, cpu);
}

/*
 * Empty others' lists: what @drain says. Counted, but for -EBUSY (all zones,
 * and a drain is under way) and -EDEADLK (one zone, and this thread is inside
 * a drain: it would wait for itself).
 */
int pcp_drain(struct pcp_set *set, struct pcp_drain *drain);

/*
 * drain_pages: lists of @zone (NULL: all) of @cpu, as which the caller runs, or
 * which it has taken down; @by acts. Pages.
 */
unsigned int pcp_drain_own(struct pcp_set *set, struct cpu *by,
	const struct cpu *cpu, const struct zone *zone);

/* --- for strategies --------------------------------------------------- */

/*
 * An online CPU is looked at: counted in @drain; true: it holds pages of the
 * drain's zones. Racy: a CPU that gets its first page after the look is missed.
 */
bool pcp_look_at(
	const struct pcp_set *set, struct pcp_drain *drain, unsigned int cpu);

/* Where an iteration over a drain's lists is; begins zeroed. */
struct pcp_cursor {
	unsigned int cpu, zone;
};

/*
 * The next list of the drain's zones on the CPUs in its mask, CPU by CPU;
 * NULL: no more.
 */
struct pcp_slot *pcp_next_slot(const struct pcp_set *set,
	const struct pcp_drain *drain, struct pcp_cursor *at);

/* The drain mutex, for a strategy that has other business under it. */
void pcp_drains_lock(struct pcp_set *set, struct cpu *by);
void pcp_drains_unlock(struct pcp_set *set, struct cpu *by);

/* drain_all_pages(NULL), by @by: of all zones, of CPUs that hold pages. */
static inline void pcp_drain_everything(struct pcp_set *set, struct cpu *by)
{
	struct pcp_drain drain = {.by = by, .only = -1};

	pcp_drain(set, &drain);
}

#endif
