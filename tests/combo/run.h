/* SPDX-License-Identifier: MIT */
/*
 * One body for all combinations: real threads on the CPUs of one machine do
 * everything that may be done at the same time, for a bounded number of
 * operations; then all is freed and every page and count has to be there.
 *
 * Each page carries its holder's mark in its memory while it is held, written
 * without any synchronisation but the allocator's: a page that two hold, or
 * one that is handed on before its last holder was done, shows as a wrong
 * mark, and to ThreadSanitizer as a race.
 */
#ifndef TESTS_COMBO_RUN_H
#define TESTS_COMBO_RUN_H

#include <pcpmm/pcpmm.h>

struct combo {
	unsigned int cpus; /* with a thread on each */
	unsigned int nodes;
	enum pcpmm_drain drain;
	enum pcpmm_rcu rcu;
	enum pcpmm_ipi ipi;
	enum pcpmm_account account;
	enum pcpmm_diff diff;
	enum pcpmm_fold fold;
	enum pcpmm_reader reader;
	enum pcpmm_count_order count_order;
	enum pcpmm_wmark_check wmark_check;
	enum pcpmm_marks marks;
	int shepherd; /* makes a pass every millisecond */
	int reclaim; /* LRU pages, a cache, somebody to kill; less memory */
	unsigned int nap_ms; /* kswapd's; 0: there is none */
	int restarts; /* of kswapd, while all goes on */
	int hotplug; /* one CPU more, that comes and goes */
	int trace; /* record events as well */
	int drains_often; /* instead of folds and readers */
	unsigned int ops; /* a CPU */
	uint64_t seed;
};

/* What happened; a combination that did not do a thing tested nothing. */
struct combo_count {
	uint64_t allocs, frees, crossings, interrupts, drains, failed;
	uint64_t hotplugs, idles, fifos, visited;
	uint64_t works, remote_folds;
	uint64_t lent, taken, busy; /* pages for reclaim, and back */
	uint64_t reclaimed, shrunk, kills;
	uint64_t steal_direct, steal_kswapd, throttled, drains_after;
};

/* Sound combinations of strategy and flavour, from 0 on; false: no more. */
int combo_strategy(unsigned int i, struct combo *combo);
/* The @i-th of all sound triples of account, width and fold, in a circle. */
#define COMBO_COUNTERS 8
void combo_counters(unsigned int i, struct combo *combo);
/* What reclaim believes and how it is checked, likewise; with reclaim. */
void combo_reclaim(unsigned int i, struct combo *combo);
/*
 * Where kswapd asks for a snapshot and the throttle believes the counter, what
 * diffs hide keeps tasks throttled for ever, unless somebody folds: the shepherd
 * has to. A remote fold is its own.
 */
int combo_reader_needs_fold(enum pcpmm_reader reader);
int combo_needs_fold(const struct combo *combo);
/* "cpus 4, rcu_swap qsbr, signal, ..." */
void combo_name(const struct combo *combo, char *name, size_t size);

/* Abort with last words if anything is wrong. */
void combo_run(const struct combo *combo, struct combo_count *count);

#endif
