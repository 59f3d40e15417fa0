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
	int shepherd; /* makes a pass every millisecond */
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
};

/* Sound combinations of strategy and flavour, from 0 on; false: no more. */
int combo_strategy(unsigned int i, struct combo *combo);
/* The @i-th sound triple of account, width and fold, round and round. */
void combo_counters(unsigned int i, struct combo *combo);
/* "cpus 4, rcu_swap qsbr, signal, ..." */
void combo_name(const struct combo *combo, char *name, size_t size);

/* Abort with last words if anything is wrong. */
void combo_run(const struct combo *combo, struct combo_count *count);

#endif
