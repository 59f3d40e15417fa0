/* SPDX-License-Identifier: MIT */
/*
 * Mutants: places where a test build leaves out a necessary step, to show that
 * the tests notice (tests/mutants). A file is built with -DPCPMM_MUTANT=NAME;
 * elsewhere MUTANT() is false and the compiler drops it.
 */
#ifndef ARCH_MUTANT_H
#define ARCH_MUTANT_H

enum mutant {
	NO_MUTANT,
	RCU_NO_GRACE_PERIOD, /* the drainer does not wait */
	RCU_EPOCH_NOT_ENTERED, /* the owner does not enter its section */
	RCU_DEREF_OUTSIDE, /* the list is looked up before its section */
	PCP_LOCK_NOT_TAKEN, /* the drainer does not lock */
	IRQS_LEFT_ON, /* the owner's section can be interrupted */
	NO_DRAIN_MUTEX, /* two drains at once */
	THROTTLED_NOT_WOKEN, /* kswapd does not wake throttled tasks */
	LRU_NOT_ISOLATED, /* isolated pages still look listed */
	MERGE_NEVER_LIKELY, /* a freed block always goes to the head */
	TYPES_MIX, /* blocks merge across pageblocks of any types */
	CARVE_LOSES_LAST, /* of the rest of a carved block */
	CARVED_BACKWARDS, /* a refill's blocks are listed last one first */
	FREED_AS_LISTED, /* HIGHATOMIC and CMA become MOVABLE */
	RUN_UNALIGNED, /* any run counts as an aligned block */
	MANY_COUNT_ONCE, /* as one block */
	MEMALLOC_OF_THE_CPU, /* a task displaced in reclaim loses memalloc */
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
