/* SPDX-License-Identifier: MIT */
/* What a strategy costs the owner of a list that no CPU drains. */
#ifndef ARENA_OWNER_H
#define ARENA_OWNER_H

#include "arena.h"

#define OWNER_ARENAS_MAX (PCPMM_NR_DRAINS + 1)

struct owner_cost {
	double pair_ns; /* a hot allocation and free */
	double ratio; /* to pair_ns of the base */
};

/*
 * Measure pairs of @order in all @arenas in turns, for @seconds each; none of
 * their CPUs is in use. Ratios are to arena @base. 0 or -errno.
 */
int owner_measure(struct arena *const *arenas, unsigned int nr,
	unsigned int base, unsigned int order, double seconds,
	struct owner_cost *costs);

#endif
