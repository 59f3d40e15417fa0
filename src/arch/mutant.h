/* SPDX-License-Identifier: MIT */
/*
 * Mutants: places where a test build leaves out what makes the code right, to
 * show that the tests would notice (tests/mutants). A file is built with
 * -DPCPMM_MUTANT=NAME; elsewhere MUTANT() is false and the compiler drops it.
 */
#ifndef ARCH_MUTANT_H
#define ARCH_MUTANT_H

enum mutant {
	NO_MUTANT,
	RCU_NO_GRACE_PERIOD, /* the drainer goes on at once */
	RCU_EPOCH_NOT_ENTERED, /* the section is none to the drainer */
	RCU_DEREF_OUTSIDE, /* the list is looked up before its section */
	PCP_LOCK_NOT_TAKEN, /* the drainer does not lock */
	IRQS_LEFT_ON, /* the owner's section can be interrupted */
	NO_DRAIN_MUTEX, /* two drains at once */
	THROTTLED_NOT_WOKEN, /* kswapd tells nobody that there is memory */
	LRU_NOT_ISOLATED, /* what reclaim has taken off looks still listed */
	MEMALLOC_OF_THE_CPU, /* who is displaced while he reclaims loses it */
};

#ifdef PCPMM_MUTANT
#include <sched.h>
#define MUTANT(name) (PCPMM_MUTANT == (name))
/* Where a mistake opens a window of two instructions: hold it open. */
#define MUTANT_WINDOW(name) (MUTANT(name) ? (void)sched_yield() : (void)0)
#else
#define MUTANT(name) 0
#define MUTANT_WINDOW(name) ((void)0)
#endif

#endif
