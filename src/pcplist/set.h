/* SPDX-License-Identifier: MIT */
/*
 * All lists of a machine, and one drain: the steps that the drains of all
 * strategies share (__drain_all_pages(), Linux 4.11 to 6.12).
 *
 *   drain of all zones   trylock the drain mutex; busy: -EBUSY, nothing drained
 *   drain of one zone    lock it
 *   mask                 online CPUs seen to hold pages, or all if forced
 *   each CPU in it       the strategy's drain_mask
 *   end                  counters and time, unlock
 *
 * Strategies older than the mutex replace the first three lines by functions of
 * their own (no_mutex, lock, mark).
 *
 * What keeps two drains of one list apart:
 *
 *                             another drain   own drain
 *   drain under the mutex     mutex           guard
 *   drain of ipi_mask_locked  strategy lock   interrupts off
 *   drain of other IPIs       nothing         interrupts off
 *   own drain                 (as above)      owner
 *
 * Rows and columns:
 *   drain           pcp_drain() by any CPU, by the strategy of the machine. A
 *                   machine has one strategy: of the first three rows one is
 *                   in use.
 *   own drain       owner.drain_own() on the CPU that has the list.
 * Cells:
 *   mutex           The drain mutex.
 *   guard           The guard of the list.
 *   strategy lock   The lock in ipi_mask_locked.c, as ipi_mask_lock says; with
 *                   none, own_bit and summary it is nothing, too.
 *   interrupts off  Both run on the CPU that has the list; one of them is an
 *                   interrupt, which the other holds off.
 *   nothing         Each drainer has calls of its own; the CPU that has the
 *                   list takes them one after the other.
 *   owner           Both run on the CPU that has the list, which is one thread.
 */
#ifndef PCPLIST_SET_H
#define PCPLIST_SET_H

#include <pcpmm/drain.h>

#include "cpu/mutex.h"
#include "cpu/rcu.h"
#include "cpu/workqueue.h"
#include "pcplist/chunks.h"
#include "pcplist/pcp.h"

#define MASK_WORDS CPUMASK_WORDS(PCPMM_CPUS_MAX)

/*
 * What the creation of a kthread worker allocates in its caller, @on, from the
 * machine's own memory: the page of the slab that struct kthread_worker comes
 * from. (The thread's stack is kthreadd's allocation, not the caller's.) -ENOMEM
 * or 0.
 */
typedef int pcp_worker_fn(struct cpu *on);

struct pcp_set {
	/* Written at creation. */
	struct pcp_owner_ops owner; /* a copy: one load less on the hot path */
	const struct pcp_drain_ops *ops;
	const struct pcp_rules *rules; /* each zone's pcp_rules */
	uint16_t orders[NR_TYPES]; /* bit an order: listed, by the rules */
	const struct smp *smp; /* the machine's CPUs */
	unsigned int nr_zones;
	struct pcp_slot **slots; /* [smp->nr], each [nr_zones] */
	void *slots_block; /* their memory */
	size_t slots_size; /* bytes */
	/* Pools of the slots' own lists, and of second ones; untouched memory. */
	void *pools[2];
	size_t pools_size; /* bytes of each */
	struct rcu rcu; /* rcu_swap's readers */
	const struct pcpmm_strategy *external;
	pcp_worker_fn *try_worker;
	enum pcpmm_kthread_prio kthread_prio;
	enum pcpmm_ipi_mask_lock ipi_mask_lock;
	enum pcpmm_spill_hold spill_hold;
	struct pcp_chunks chunks; /* each zone's spill_chunks, if chunks */
	struct workqueues *workqueues; /* the machine's */
	void *state; /* the strategy's, by its init */

	/* One drain at a time. holder: its thread; 0: no drain is running. */
	struct mutex mutex;
	uint64_t holder;
	/*
	 * CPUs to visit. Bits of CPUs that went offline stay; their lists are
	 * empty. Written under the mutex; with ipi_mask by every drainer at any
	 * time, which is the bug of that strategy.
	 */
	uint64_t *mask;
	struct spinlock stats_lock; /* innermost, no rank */
	struct pcpmm_drain_stats stats; /* relaxed adds but for the times */
	struct pcpmm_histogram times;
	uint64_t *cal; /* [smp->nr] function call interrupts; relaxed adds */
	/* See pcpmm_drain_window_set(); written at rest. */
	void (*window)(
		struct pcpmm_cpu *cpu, enum pcpmm_drain_point point, void *arg);
	void *window_arg;
};

/* One drain: the request, and its results. */
struct pcp_drain {
	struct cpu *by;
	struct zone *zone; /* NULL: all */
	bool force; /* CPUs without pages as well */
	int only; /* this CPU and no other; -1 */

	const uint64_t *mask; /* CPUs to visit; no_mutex: unless `only` */
	unsigned int
		marked; /* bits in it as computed: weight(cpus_with_pcps) */
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
 * Address space for a pool of each slot, on pages of its own, for lists that hold
 * all pages of the zone. @second: for a strategy's second lists. The first slot's;
 * each one's is followed by the next one's, pcp_pool_size() further. NULL: none.
 */
char *pcp_map_pools(struct pcp_set *set, bool second);
size_t pcp_pool_size(const struct zone *zone);

/*
 * Set up the strategy @ops, and lists by @rules. The caller has initialised the
 * slots and set rcu, external, try_worker, ipi_mask_lock and spill_hold. 0,
 * -errno.
 */
int pcp_set_init(struct pcp_set *set, const struct pcp_drain_ops *ops,
	const struct pcp_rules *rules);
void pcp_set_fini(struct pcp_set *set);

/*
 * true: blocks of @order, 0..ORDER_MAX, are listed if their pageblock, or the
 * request, is of @type. pcp_allowed_order(), and not ISOLATE.
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
 * Empty lists of all CPUs, as @drain says. 0, and the drain is counted; -EBUSY
 * (all zones, and another drain is under way); -EDEADLK (this thread is inside a
 * drain of one zone, or where the strategy can not drain: it would wait for
 * itself).
 */
int pcp_drain(struct pcp_set *set, struct pcp_drain *drain);

/*
 * drain_pages(): empty the lists of @zone (NULL: all) of @cpu. The caller runs
 * as @cpu, or has taken it down; @by acts. Pages freed.
 */
unsigned int pcp_drain_own(struct pcp_set *set, struct cpu *by,
	const struct cpu *cpu, const struct zone *zone);

/* Bytes of pools that lists have used: touched memory. Racy. */
size_t pcp_pools_used(const struct pcp_set *set);

/* Function call interrupts sent to a CPU by drains. Racy. */
static inline uint64_t pcp_cal(const struct pcp_set *set, unsigned int cpu)
{
	return atomic_load_relaxed_u64(&set->cal[cpu]);
}

/* --- for strategies --------------------------------------------------- */

static inline void pcp_count_cal(struct pcp_set *set, unsigned int cpu)
{
	atomic_add_relaxed_u64(&set->cal[cpu], 1);
}

/* A place where a program may look on. */
static inline void pcp_drain_point(const struct pcp_set *set,
	const struct pcp_drain *drain, enum pcpmm_drain_point point)
{
	if (unlikely(set->window != NULL))
		set->window(cpu_public(drain->by), point, set->window_arg);
}

/*
 * The CPU holds pages of @zone (NULL: of any zone). Racy: a CPU that gets its first
 * page after the look is missed.
 */
bool pcp_holds_pages(
	const struct pcp_set *set, unsigned int cpu, const struct zone *zone);

/* Position of an iteration over a drain's lists; begins zeroed. */
struct pcp_cursor {
	unsigned int cpu, zone;
};

/*
 * The next list of the drain's zones on the CPUs in its mask, CPU by CPU;
 * NULL: no more.
 */
struct pcp_slot *pcp_next_slot(const struct pcp_set *set,
	const struct pcp_drain *drain, struct pcp_cursor *at);

/* The drain mutex, for strategies that protect other data by it, too. */
void pcp_drains_lock(struct pcp_set *set, struct cpu *by);
void pcp_drains_unlock(struct pcp_set *set, struct cpu *by);

/* What struct pcpmm_drain_memory.kernel is computed from: x86-64, bytes. */
#define KERNEL_POINTER 8
#define KERNEL_LIST_HEAD 16
#define KERNEL_SPINLOCK 4
#define KERNEL_MUTEX 32
#define KERNEL_STATIC_KEY 16
#define KERNEL_CPUMASK (8192 / 8) /* NR_CPUS of Debian */
/* struct pcpu_drain: a zone, and a work_struct (data, list, function). */
#define KERNEL_WORK (KERNEL_POINTER + 8 + KERNEL_LIST_HEAD + KERNEL_POINTER)

/* The mask of a machine. */
static inline size_t pcp_mask_size(const struct pcp_set *set)
{
	return CPUMASK_WORDS(set->smp->nr) * sizeof(set->mask[0]);
}

/* drain_all_pages(NULL), by @by: all zones, CPUs that hold pages. */
static inline int pcp_drain_everything(struct pcp_set *set, struct cpu *by)
{
	struct pcp_drain drain = {.by = by, .only = -1};

	return pcp_drain(set, &drain);
}

#endif
