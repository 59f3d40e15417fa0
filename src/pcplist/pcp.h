/* SPDX-License-Identifier: MIT */
/*
 * Per-CPU page lists: a CPU's stock of pages of one zone.
 *
 *   count = sum over lists of blocks << order        (inside the guard)
 *   batch = pages moved to or from the zone at once
 *   high  = count at which a free spills
 *
 * A drain strategy decides two things: how the owner enters its list (the
 * guard, hot: guard_*.h, inlined into the owner's paths by owner.c) and how
 * drainers empty it (the ops, cold: one file a strategy).
 *
 * What keeps two operations on one slot apart:
 *
 *                   alloc, free  drain  resize
 *   alloc, free     owner        guard  racy
 *   drain                        mutex  racy
 *   resize                              config mutex
 *
 *   owner         Both are the owner's: one task at a time runs on the CPU.
 *   guard         The strategy's guard.
 *   mutex         The drain mutex; for strategies without it see set.h.
 *   racy          No exclusion: a stale high or batch is in force for one more
 *                 operation.
 *   config mutex  Both callers hold it.
 */
#ifndef PCPLIST_PCP_H
#define PCPLIST_PCP_H

#include "pcplist/rules.h"
#include "pcplist/stack.h"
#include "zone/zone.h"

#define NR_PCP_LISTS PCPMM_NR_PCP_LISTS
#define PCP_DRAIN (-1) /* no page was just freed */
#define PCP_SLOT_SIZE 256u /* bytes; also its alignment */
/* Where the first CPU's slots begin in a page: apart from CPU_IN_PAGE's words. */
#define PCP_SLOT_IN_PAGE 0xa00u
_Static_assert(PCP_SLOT_IN_PAGE % PCP_SLOT_SIZE == 0, "aligned");

/*
 * The listed pages. Changed inside the guard. Drainers read count racily, to
 * find CPUs that hold pages: a page that they miss was not listed when they
 * looked.
 */
struct pcp_lists {
	int count; /* pages */
	struct pcp_stack lists[NR_PCP_LISTS];
	struct pcp_chunk *pool; /* of these lists alone; constant */
};

/* Chunks that suffice for the lists of a zone with @pages managed pages. */
#define PCP_LISTS_CHUNKS(pages) PCP_POOL_CHUNKS(NR_PCP_LISTS, pages)

/*
 * Blocks that the owner's hot paths (alloc/hot.h) have moved, of one order. The
 * owner adds, by this_cpu operations; any thread reads racily. An alloc counts as
 * PGALLOC, numa_hit and numa_local, as the hot path serves only requests whose
 * preferred zone is on the CPU's own node; a free counts as PGFREE.
 */
struct pcp_events {
	uint64_t allocs;
	uint64_t frees;
};

#define PCP_EVENT_ORDERS (PCPMM_COSTLY_ORDER + 1)

/*
 * A CPU's per_cpu_pages of one zone. free_factor, or what is instead of it from 6.7
 * on, and expire: inside the guard, or at a fold of the CPU itself; batch, and to
 * 6.6 high: see the table above. From 6.7 high belongs to the owner, as free_count
 * does, and its bounds are the zone's.
 *
 * The lists in force are *lp. All strategies but rcu_swap leave that at `own`
 * and do not look at it.
 */
struct pcp_slot {
	struct zone *zone;
	struct cpu *cpu; /* the owner */
	/* [order], from the highest down; see pcp_events_of(). */
	struct pcp_events events[PCP_EVENT_ORDERS];
	int soft; /* see pcp_soft() */
	int high; /* pages; 0: disabled, every free spills */
	union {
		int16_t free_factor; /* to 6.6: log2 by which a spill grows */
		int16_t free_count; /* from 6.7: pages of late frees */
	};
	uint8_t expire; /* folds until a remote node's stock is drained */
	uint8_t alloc_factor; /* from 6.7: log2 by which a refill grows */
	struct spinlock lock; /* pcp_lock's guard, and pcp_spin's */
	struct pcp_lists own;
	struct pcp_lists *lp; /* rcu_swap: published; else &own */
	void *private; /* the strategy's, by its init */
	uint64_t numa_base; /* allocs that are no NUMA events: machine/numa.c */
	int batch; /* pages */
	uint8_t flags; /* from 6.7: PREV_FREE_HIGH_ORDER; the owner's */
} __attribute__((aligned(PCP_SLOT_SIZE)));

_Static_assert(
	sizeof(struct pcp_slot) == PCP_SLOT_SIZE, "see pcp_block_word()");
/* What a hot pair of order 0 touches is one cache line. */
#define PCP_HOT_START offsetof(struct pcp_slot, events[PCP_EVENT_ORDERS - 1])
_Static_assert(PCP_HOT_START % CACHE_LINE == 0, "begins a line");
_Static_assert(offsetof(struct pcp_slot, own.lists[PCPMM_MIGRATE_PCPTYPES]) -
			       PCP_HOT_START <=
		       CACHE_LINE,
	"ends in it");

static force_inline struct pcp_events *pcp_events_of(
	struct pcp_slot *slot, unsigned int order)
{
	return &slot->events[PCP_EVENT_ORDERS - 1 - order];
}

/*
 * The largest count that no rule spills, whatever the zone's flags: below it a
 * free needs no other look. Set by pcp_resize(); as stale as high.
 */
static inline int pcp_soft(const struct pcp_rules *rules, int high, int batch)
{
	const struct pcpmm_pcp_state state = {.high = high, .batch = batch};

	if (rules->each_free)
		return -1;
	return rules->spill_at(&state, 0, PCPMM_ZONE_RECLAIM_ACTIVE, false) - 1;
}

/*
 * The word of a pageblock (zone/pageblock.h): in the upper half the head that a
 * freed frame of order 0 gets, in the lower half where its list is:
 *
 *   lower half = zone id * PCP_SLOT_SIZE + 8 * type of the list
 */
static inline uint64_t pcp_block_word(
	unsigned int zone_id, unsigned int block_type, unsigned int list_type)
{
	return (uint64_t)FRAME_HEAD(FRAME_PCP, 0, block_type, zone_id) << 32 |
	       zone_id * PCP_SLOT_SIZE | list_type * sizeof(struct pcp_stack);
}

static force_inline struct pcp_slot *pcp_word_slot(
	struct pcp_slot *slots, uint64_t word)
{
	return (struct pcp_slot *)((char *)slots +
				   ((uint32_t)word & ~(PCP_SLOT_SIZE - 1)));
}

/* Of order 0. */
static force_inline struct pcp_stack *pcp_word_list(
	struct pcp_lists *pcp, uint64_t word)
{
	return (struct pcp_stack *)((char *)pcp->lists +
				    (word & (PCP_SLOT_SIZE - 1)));
}

struct pcp_set;
struct pcp_drain;
struct pcpmm_drain_memory;

/* The guards of guards.h, in its order. */
enum pcp_guard_id {
	PCP_GUARD_irqoff,
	PCP_GUARD_irqoff_summary,
	PCP_GUARD_pcp_lock,
	PCP_GUARD_pcp_spin,
	PCP_GUARD_percpu_spin,
	PCP_GUARD_rcu_sched,
	PCP_GUARD_rcu_memb,
	PCP_GUARD_rcu_qsbr,
	PCP_GUARD_rcu_epoch,
	PCP_GUARD_external,
	PCP_GUARD_pieces, /* not in guards.h: no stacks, so no hot path */
	NR_PCP_GUARDS
};

/* The hot half: the owner's operations, with one guard compiled in. */
struct pcp_owner_ops {
	enum pcp_guard_id guard;
	/* A block of @order from the list of @type; pfn, 0: use the buddy. */
	uint32_t (*alloc)(struct pcp_slot *slot, unsigned int order,
		unsigned int type, unsigned int alloc_flags);
	/* Up to @nr single pages in one section; number stored. */
	unsigned int (*alloc_bulk)(struct pcp_slot *slot, unsigned int type,
		unsigned int alloc_flags, unsigned int nr,
		struct pcpmm_page **pages);
	/* Put on the list for block type @type; false: use the buddy. */
	bool (*free)(struct pcp_slot *slot, uint32_t pfn, unsigned int order,
		unsigned int type);
	/*
	 * Put single pages of one zone on their lists in one section. Number
	 * taken: all, 0 if the list is busy, or, with spill_hold = chunks, those
	 * up to the one whose spill lost the lock.
	 */
	unsigned int (*free_batch)(struct pcp_slot *slot,
		struct pcpmm_page **pages, unsigned int nr);
	/*
	 * Free up to @pages pages (0: all) of @slot. @by acts: the slot's own
	 * CPU, or the CPU that has taken that one down. Pages freed.
	 */
	unsigned int (*drain_own)(
		struct cpu *by, struct pcp_slot *slot, unsigned int pages);
};

struct pcp_guard; /* pcplist/core.h */

/* What is wrong with a slot's lists: a text, and a frame that it is about. */
struct pcp_fault {
	const char *what;
	uint64_t pfn;
};

/*
 * Lists that are not the stacks of struct pcp_lists, for what walks or fills lists
 * at rest.
 */
struct pcp_lists_ops {
	uint16_t orders; /* bit an order: listed, whatever the rules say */
	/* All of the slot's invariants; *@pages on its lists. false: *@fault. */
	bool (*check)(const struct pcp_set *set, const struct pcp_slot *slot,
		int64_t *pages, struct pcp_fault *fault);
	/*
	 * Blocks to report for list @list of the rules: sum of length << order is
	 * count. Racy while CPUs run.
	 */
	unsigned int (*length)(const struct pcp_slot *slot, unsigned int list);
	/* A block that is neither free nor held, to the end of its list. */
	void (*put)(struct pcp_slot *slot, uint32_t pfn, unsigned int order,
		unsigned int type);
	/* A block back to the zone; false: there is none. */
	bool (*give)(struct cpu *by, struct pcp_slot *slot, unsigned int order,
		unsigned int type);
};

/* The cold half. */
struct pcp_drain_ops {
	const char *name;
	/* How a caller that may not wait enters a list of its CPU, whatever it has
	 * interrupted (pcplist/nolock.h). NULL: it has no such way. */
	const struct pcp_guard *nolock;
	const struct pcp_owner_ops *owner; /* copied to the set */
	/* Replaces the owner's, if not NULL. */
	unsigned int (*drain_own)(
		struct cpu *by, struct pcp_slot *slot, unsigned int pages);
	bool reaches_others; /* any CPU may drain_own any list */
	/* true: this thread runs where a drain would wait for itself. NULL:
	 * nowhere. */
	bool (*recurses)(const struct pcp_set *set);
	/*
	 * Empty the lists of drain->zone on the CPUs in drain->mask, which may
	 * be empty; adds to drain->pages.
	 */
	void (*drain_mask)(struct pcp_set *set, struct pcp_drain *drain);

	/*
	 * For drains of kernels up to 4.10, which have no drain mutex. lock and
	 * unlock: what a drainer holds instead, from before the look to after
	 * the last CPU (NULL: nothing). mark: the look, which sets drain->mask.
	 * drain_mask then counts drain->visited and obeys drain->only itself.
	 */
	bool no_mutex;
	/* Of the series that counted pcp_global_drain in /proc/vmstat. */
	bool ipi_mask_2012;
	void (*lock)(struct pcp_set *set, struct pcp_drain *drain);
	void (*unlock)(struct pcp_set *set, struct pcp_drain *drain);
	void (*mark)(struct pcp_set *set, struct pcp_drain *drain);

	/* Adds what the strategy needs; all zero before, kernel_known true. */
	void (*memory)(
		const struct pcp_set *set, struct pcpmm_drain_memory *memory);

	/* Any of these may be NULL: nothing to do. */
	int (*init)(struct pcp_set *set); /* once; 0 or -errno */
	void (*fini)(struct pcp_set *set); /* also after a failed init */
	/* @on brought @cpu online. What can not be allocated stays missing. */
	void (*cpu_online)(
		struct pcp_set *set, struct cpu *on, struct cpu *cpu);
	/* @cpu goes offline; no task runs on it any more. */
	void (*cpu_offline)(struct pcp_set *set, struct cpu *cpu);
	/* The lists of @slot were changed from outside, before any CPU ran. */
	void (*restored)(struct pcp_slot *slot);
	/* Pages of @slot on lists that are not in force; 0 between drains. */
	int (*pages_aside)(const struct pcp_slot *slot);
	const struct pcp_lists_ops *lists; /* NULL: stacks */
};

/* The strategy of a value of enum pcpmm_drain; NULL: there is none. */
const struct pcp_drain_ops *pcp_drain_ops_of(unsigned int drain);

/* A new slot: empty, disabled until its first resize. */
void pcp_slot_init(struct pcp_slot *slot, struct zone *zone, struct cpu *cpu);
/*
 * pageset_update: batch first, then high. Any thread, config mutex. From 6.7 @high
 * is not used: see pcp_set_bounds().
 */
void pcp_resize(struct pcp_slot *slot, int high, int batch);
/* From 6.7: bounds of high of all CPUs' lists. Any thread, config mutex. */
void pcp_set_bounds(struct zone *zone, int high_min, int high_max);
/* The state that the rules work on, as the owner sees it; or racily. */
struct pcpmm_pcp_state pcp_state_of(const struct pcp_slot *slot);
/* Owner, inside the guard; or at rest. What only a resize writes stays. */
void pcp_store_state(
	struct pcp_slot *slot, const struct pcpmm_pcp_state *state);
/*
 * From 6.7, at a fold of the slot's own CPU: lower high, and say what is above it.
 * Outside the guard, as in the kernel: what the owner does to high meanwhile, if the
 * fold has interrupted it, may be lost.
 */
struct pcp_decay pcp_decay(struct pcp_slot *slot);
/* Pages on the lists in force, racy. */
int pcp_count(const struct pcp_slot *slot);

/* The lists in force, for readers at rest and for the owner. */
static inline struct pcp_lists *pcp_lists_of(const struct pcp_slot *slot)
{
	return atomic_load_acquire_ptr((void *const *)&slot->lp);
}

/* --- inside the guard ------------------------------------------------- */

/* Written inside the section only; drainers outside read it racily. */
static force_inline void pcp_add_count(struct pcp_lists *pcp, int pages)
{
	atomic_store_relaxed_s32(&pcp->count, pcp->count + pages);
}

#endif
