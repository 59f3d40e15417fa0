/* SPDX-License-Identifier: MIT */
/*
 * One body for all combinations: real threads on the CPUs of one machine run
 * all operations that may be concurrent, a bounded number of them; then all
 * pages are freed, and every page and count must be right.
 *
 * Each held page has its holder's mark in its memory, written without any
 * synchronisation but the allocator's: a page with two holders, or one that is
 * reused before its last holder was done, shows as a wrong mark, and to
 * ThreadSanitizer as a race.
 */
#ifndef TESTS_COMBO_RUN_H
#define TESTS_COMBO_RUN_H

#include <pcpmm/pcpmm.h>

struct combo {
	unsigned int cpus; /* each with a thread */
	unsigned int nodes;
	enum pcpmm_drain drain;
	enum pcpmm_rcu rcu;
	enum pcpmm_ipi_mask_lock ipi_mask_lock;
	enum pcpmm_spill_hold spill_hold;
	int isolated; /* the last CPU is nohz_full from the start */
	enum pcpmm_ipi ipi;
	enum pcpmm_account account;
	enum pcpmm_diff diff;
	enum pcpmm_fold fold;
	enum pcpmm_reader reader;
	enum pcpmm_count_order count_order;
	enum pcpmm_wmark_check wmark_check;
	enum pcpmm_marks marks;
	enum pcpmm_zone_lock zone_lock;
	enum pcpmm_free_check free_check;
	enum pcpmm_fold_quiet fold_quiet;
	enum pcpmm_fold_timer fold_timer;
	enum pcpmm_shepherd_skips shepherd_skips;
	enum pcpmm_starvation starvation;
	enum pcpmm_lru_batch lru_batch;
	enum pcpmm_lru_drain lru_drain;
	enum pcpmm_nolock_refuses nolock_refuses;
	enum pcpmm_zone_rules zone_rules;
	enum pcpmm_up up;
	int counted; /* fold_expire counted, where lists expire */
	int shepherd; /* makes a pass every millisecond */
	int reclaim; /* LRU pages, a cache, an OOM callback; less memory */
	unsigned int nap_ms; /* kswapd's; 0: there is none */
	int restarts; /* kswapd is stopped and started meanwhile */
	int split; /* two zones of type Normal on a node */
	int hotplug; /* one more CPU, which goes offline and online */
	int trace; /* record events as well */
	int drains_often; /* instead of folds and readers */
	unsigned int ops; /* per CPU */
	uint64_t seed;
};

/* Number of operations done, so that a test can check that they happened. */
struct combo_count {
	uint64_t allocs, frees, crossings, interrupts, drains, failed;
	uint64_t hotplugs, idles, fifos, visited;
	uint64_t works, remote_folds;
	uint64_t nolocks, deferred; /* allocations; frees */
	uint64_t lent, taken, busy; /* pages for reclaim, and back */
	uint64_t reclaimed, shrunk, kills;
	uint64_t lru_works, lru_remote, lru_skipped, lru_returns;
	uint64_t steal_direct, steal_kswapd, throttled, drains_after;
};

/* Sound combinations of strategy and flavour, from 0 on; false: no more. */
int combo_strategy(unsigned int i, struct combo *combo);
/* The @i-th sound triple of account, width and fold; modulo COMBO_COUNTERS. */
#define COMBO_COUNTERS 8
void combo_counters(unsigned int i, struct combo *combo);
/* Reclaim, with the @i-th reader and watermark check, modulo their numbers. */
void combo_reclaim(unsigned int i, struct combo *combo);
/*
 * Where kswapd takes a snapshot and the throttle reads the counter, pages in
 * diffs keep tasks throttled for ever, unless the shepherd folds. The shepherd
 * also does the remote folds.
 */
int combo_reader_needs_fold(enum pcpmm_reader reader);
int combo_needs_fold(const struct combo *combo);
/* LRU batches: none, or drained in the @i-th way; modulo COMBO_LRUS. */
#define COMBO_LRUS 4
void combo_lru(unsigned int i, struct combo *combo);
/* A kernel for one CPU, the @i-th, where the machine can have it. */
void combo_up(unsigned int i, struct combo *combo);
/* The @i-th rules of ticks and their folds, after the reader was chosen. */
void combo_ticks(unsigned int i, struct combo *combo);
/* "cpus 4, rcu_swap qsbr, signal, ..." */
void combo_name(const struct combo *combo, char *name, size_t size);

/* Abort with last words if anything is wrong. */
void combo_run(const struct combo *combo, struct combo_count *count);

#endif
