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
	unsigned int cpus;
	unsigned int nodes;
	enum pcpmm_drain drain;
	enum pcpmm_account account;
	int trace; /* record events as well */
	unsigned int ops; /* a CPU */
	uint64_t seed;
};

/* What happened; a combination that did not do a thing tested nothing. */
struct combo_count {
	uint64_t allocs, frees, crossings, interrupts, drains, failed;
};

/* Abort with last words if anything is wrong. */
void combo_run(const struct combo *combo, struct combo_count *count);

#endif
