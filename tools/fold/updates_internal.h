/* SPDX-License-Identifier: MIT */
/* State of the measurement of updates: machines, words and results. */
#ifndef FOLD_UPDATES_INTERNAL_H
#define FOLD_UPDATES_INTERNAL_H

#include <pcpmm/types.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "updates.h"

#define REPETITIONS 5 /* on each set */
#define TURNS 1024 /* a chunk */
#define CHUNKS_MAX 2048
#define NR_MACHINES (UPDATES_MAX - UPDATE_ACCOUNTS)

struct line {
	_Alignas(64) _Atomic int64_t word;
};

/* A CPU's diff, either width. */
struct diff {
	_Alignas(64) _Atomic int32_t threshold;
	_Atomic int32_t s32;
	_Atomic int8_t s8;
};

/* A counter as in the library, but without a guard. */
struct plain {
	struct diff *diffs[2]; /* [cpu] */
	struct line *up;
	unsigned int width;
};

struct ground {
	struct pcpmm_machine *machines[NR_MACHINES];
	struct pcpmm_cpu *cpus[NR_MACHINES]; /* CPU 0 of each */
	struct line own, shared, up;
	struct diff diff;
	struct plain plain[PCPMM_NR_DIFFS];
	atomic_bool contend, contending;
	uint64_t time_ns; /* for one measurement of a kind */
	int item; /* of a node */
	/* Read before a thread is pinned, as a pinned thread sees one CPU. */
	int other_host_cpu; /* < 0: none */
	double ns[UPDATES_MAX][REPETITIONS];
	double shared_lines[NR_MACHINES];
	double chunks[CHUNKS_MAX];
	int ret;
};

/* TURNS turns of @what, one of UPDATE_NOTHING..UPDATES_MAX - 1. */
void updates_run(struct ground *ground, unsigned int what);

#endif
