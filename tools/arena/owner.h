/* SPDX-License-Identifier: MIT */
/* What a strategy costs the owner of a list while nobody drains it. */
#ifndef ARENA_OWNER_H
#define ARENA_OWNER_H

#include "arena.h"

#define OWNER_ARENAS_MAX (PCPMM_NR_DRAINS + 1)

struct owner_cost {
	double pair_ns; /* a hot allocation and free */
	double ratio; /* to the base's */
};

/*
 * Measure pairs of @order in all @arenas, none of whose CPUs is in use, in
 * turns, for @seconds each; @base is the index that ratios are to. 0 or -errno.
 */
int owner_measure(struct arena *const *arenas, unsigned int nr,
	unsigned int base, unsigned int order, double seconds,
	struct owner_cost *costs);

#endif
