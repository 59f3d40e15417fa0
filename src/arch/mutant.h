/* SPDX-License-Identifier: MIT */
/*
 * Mutants: places where a test build leaves out a necessary step, to show that
 * the tests notice (tests/mutants). A file is built with -DPCPMM_MUTANT=NAME, where
 * NAME may be a variable; elsewhere MUTANT() is false and the compiler drops it.
 */
#ifndef ARCH_MUTANT_H
#define ARCH_MUTANT_H

enum mutant {
	NO_MUTANT,
	RCU_NO_GRACE_PERIOD, /* the drainer does not wait */
	RCU_EPOCH_NOT_ENTERED, /* the owner does not enter its section */
	RCU_DEREF_OUTSIDE, /* the list is looked up before its section */
	PCP_LOCK_NOT_TAKEN, /* the drainer does not lock */
	PCP_LOCK_LOOKS_OUTSIDE, /* the drainer passes an empty-looking list by */
	SPIN_NOT_TAKEN, /* the drainer of 2021 does not lock */
	SPIN_IRQS_LEFT_ON, /* an owner that waits can be interrupted */
	KEY_READ_TWICE, /* when a section ends, too */
	OWN_BIT_CLEARED_FIRST, /* a CPU leaves the mask before it has drained */
	IRQS_LEFT_ON, /* the owner's section can be interrupted */
	NO_DRAIN_MUTEX, /* two drains at once */
	THROTTLED_NOT_WOKEN, /* kswapd does not wake throttled tasks */
	LRU_NOT_ISOLATED, /* isolated pages still look listed */
	MERGE_NEVER_LIKELY, /* a freed block always goes to the head */
	TYPES_MIX, /* blocks merge across pageblocks of any types */
	CLAIM_GOES_ON, /* to orders that may not be claimed */
	CLAIM_TAKES_RESERVE, /* a pageblock of HIGHATOMIC as any other */
	STEAL_RETYPES, /* the pageblock of a single block taken */
	STEAL_SAYS_LOCKED, /* by a zone_locked line */
	MODE_FORGOTTEN, /* each block of a refill begins with its own type */
	DRAINED_AS_CACHED, /* 6.12: as the type of its list */
	LARGE_FREED_WHOLE, /* 6.12: a block of two pageblocks as one */
	MERGE_KEEPS_TYPE, /* 6.12: pageblocks of merged blocks keep their types */
	REFILL_COUNTED_ONCE, /* 6.12: all blocks at once */
	RESERVE_GROWS_BY_LISTS, /* 7.3: at any mark, by a list's block as well */
	RESERVE_FOR_ALL, /* 5.10: for __GFP_HIGH without ALLOC_HARDER */
	RESERVED_HIDDEN, /* 6.12: checks leave out the reserve's size as well */
	HIGHATOMIC_MERGES, /* 6.1: its blocks merge with others */
	REFILL_FIELD_OF_6_1, /* 5.10: percpu_refill by the rule of 6.1 */
	CARVE_LOSES_LAST, /* of the rest of a carved block */
	CARVED_BACKWARDS, /* a refill's blocks are listed last one first */
	FREED_AS_LISTED, /* HIGHATOMIC and CMA become MOVABLE */
	STACK_TAKES_NEWEST, /* a spill takes a top's newest numbers */
	STACK_CHUNK_LOST, /* an empty bottom is not given back */
	RUN_UNALIGNED, /* any run counts as an aligned block */
	MANY_COUNT_ONCE, /* as one block */
	REFILL_REVERSED, /* a list gives the block first that came last */
	LIST_IS_A_QUEUE, /* an allocation takes the coldest block */
	FREED_TO_THE_TAIL, /* a freed block becomes the coldest */
	SPILL_FROM_HEAD, /* a spill gives back the hottest blocks */
	SPILL_SPARES_LARGE, /* a spill ends before a block that is too large */
	NEVER_MERGES, /* a freed block stays as it is */
	MERGE_ALWAYS_LIKELY, /* a freed block always goes to the tail */
	RULES_BY_TABLE, /* no mistake: no list rule is inlined */
	BULK_HALVES_FACTOR, /* a bulk allocation shrinks the next spill */
	REFILL_HALVES_FACTOR, /* only an allocation that refills does */
	NUMA_DIFFS_KEEP_LISTS, /* NUMA diffs begin no countdown */
	DIRTY_CLEARED_LAST, /* an update during a fold is forgotten */
	CANCEL_WITHOUT_FOLD, /* return to user cancels the work and keeps diffs */
	DEFERRABLE_FIRES, /* a timer expires on a CPU with a stopped tick */
	QUIET_WHILE_STOPPED, /* folds at each idle entry */
	ITEM_ORDER_BY_QUEUE, /* a worker prefers another queue's items */
	RUNNING_NOT_RESTORED, /* a worker that slept stays uncounted */
	FLUSH_AT_RUNNING, /* a flush returns when the item has begun */
	RESCUER_HELPS_BUSY, /* a pool with a running worker calls mayday */
	PWLOCKS_DRAINS_CALLER, /* the function drains the CPU that it runs on */
	PWLOCKS_LOCKS_OWN, /* a remote drainer takes the lock of its own batch */
	PWLOCKS_OWNER_LOCAL, /* the owner takes no lock, the drainer does */
	SHEAF_FLUSHES_CALLER, /* a flush empties the sheaf of who runs it */
	SHEAF_OWNER_LOCAL, /* a sheaf's owner takes no lock, the flush does */
	CHUNKS_LOSS_UNTOLD, /* the caller unlocks what a spill has lost */
	CHUNKS_AMOUNT_AGAIN, /* each chunk computes the spill's size anew */
	CHUNKS_OF_NOTHING, /* a spill goes on although the lists are empty */
	BATCH_KEEPS_LOST_LOCK, /* a batched free goes on without the lock */
	NOLOCK_SPILLS, /* a free that may not wait trims its list */
	REAP_LOSES_ORDER, /* a deferred block is freed as one page */
	BUDDY_OWNER_KEPT, /* a CPU that goes offline still owns its pageblocks */
	BUDDY_OWNER_READ_ONCE, /* a free does not look again inside the lock */
	BUDDY_RECOVERS_ANY_TYPE, /* phase 0 takes blocks of other types, too */
	BUDDY_NOT_LISTED_AGAIN, /* a drain does not list the owner's block */
	INSTANCE_0_FIRST, /* all CPUs allocate from the same instance */
	SIBLINGS_ARE_HIGHER, /* a reserve counts the instances that follow */
	SIBLINGS_UNUSED, /* a CPU falls back to lower types at once */
	/* These leave out a part of the hot paths, and pcpmm-bench breakdown has
	 * them as well, to see what the part costs. */
	HOT_NO_OWNER, /* any thread may */
	HOT_NO_GUARD, /* the section is not protected */
	HOT_NO_EVENTS, /* nothing is counted */
	HOT_NO_CHECK, /* a freed page is not looked at */
	HOT_NO_MARK, /* an allocation does not ask for the low mark */
	HOT_NO_FREE_FACTOR, /* an allocation leaves free_factor as it is */
	HOT_NO_FREE_HIGH, /* a free of order 1 to 3 never empties the lists */
	HOT_NO_SPILL, /* until the count is at high, whatever kswapd does */
	HOT_LIST_OF_HOLDER, /* a free goes by the type that was requested */
	GATE_WITHOUT_BOOST, /* a boost does not narrow the gate */
	WORD_KEEPS_TYPE, /* a pageblock's word outlives its type */
	LOW_FOLD_NOT_AWAITED, /* a check does not wait for the CPUs' folds */
	LIMIT_NOT_ATOMIC, /* two failures at once count as one */
	MEMALLOC_OF_THE_CPU, /* a task displaced in reclaim loses memalloc */
	CLAIM_NOT_ATOMIC, /* two frees of a page may both succeed */
};

#ifdef PCPMM_MUTANT
#include <sched.h>
#define MUTANT(name) (PCPMM_MUTANT == (name))
/* Holds open a window of two instructions that the mutant creates. */
#define MUTANT_WINDOW(name) (MUTANT(name) ? (void)sched_yield() : (void)0)
#else
#define MUTANT(name) 0
#define MUTANT_WINDOW(name) ((void)0)
#endif

#endif
