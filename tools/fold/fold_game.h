/* SPDX-License-Identifier: MIT */
/*
 * The game of `pcpmm fold`: every CPU changes a counter, CPU 0 makes all CPUs
 * fold their diffs (/proc/sys/vm/stat_refresh), and the counter is compared
 * with the sum of all changes.
 */
#ifndef FOLD_FOLD_GAME_H
#define FOLD_FOLD_GAME_H

#include "../arena/arena.h"

/* One CPU's changes. */
struct fold_part {
	_Atomic int64_t added; /* written by its CPU; CPU 0 reads at rest */
	uint64_t random;
};

/* The data of an arena of this game; zeroed before it begins. */
struct fold_book {
	struct fold_part parts[ARENA_CPUS_MAX];
	unsigned int round; /* CPU 0 only */
	atomic_uint compared; /* rounds; normal tasks wait for it */
	uint64_t error_max; /* |counter - exact count| before a fold; pages */
	uint64_t error_bound; /* CPUs x threshold */
};

/* The choice is an enum pcpmm_fold, the data a struct fold_book. */
extern const struct arena_game fold_game;

/* No victims; the choice is an enum pcpmm_account: machines for hot pairs. */
extern const struct arena_game account_game;

#endif
