/* SPDX-License-Identifier: MIT */
/* The benchmarks. */
#include "bench.h"

#define ONE 1u
#define TWO 2u

const struct benchmark benchmarks[] = {
	{"hot_o0", "allocate and free one page", 0, 1, ONE | TWO,
		.chunk = hot_chunk},
	{"hot_o1", "the same, 2 pages", 1, 1, ONE | TWO, .chunk = hot_chunk},
	{"hot_o3", "the same, 8 pages", 3, 1, ONE | TWO, .chunk = hot_chunk},
	{"hot_o9", "the same, 512 pages", 9, 1, ONE | TWO, .chunk = hot_chunk},
	{"lifo_512", "512 pages, the last freed first", 0, 512, ONE | TWO,
		.chunk = lifo_chunk},
	{"fifo_512", "512 pages, the first freed first", 0, 512, ONE | TWO,
		.chunk = fifo_chunk},
	{"random_512", "512 pages, freed in a random order", 0, 512, ONE | TWO,
		.prepare = random_prepare, .chunk = random_chunk},
	{"fifo_64k", "65536 pages, the first freed first", 0, 65536, ONE | TWO,
		.chunk = fifo_chunk},
	{"random_64k", "65536 pages, freed in a random order", 0, 65536,
		ONE | TWO, .prepare = random_prepare, .chunk = random_chunk},
	{"mixed_o0_4", "orders 0..4, a random one of 256 blocks replaced", 0,
		256, ONE | TWO, .prepare = mixed_prepare, .chunk = mixed_chunk,
		.finish = mixed_finish},
	{"cross_o0", "one CPU allocates, the other frees; a page", 0,
		RING_ENTRIES, TWO, .prepare = cross_prepare,
		.chunk = cross_chunk, .finish = cross_finish,
		.assist = cross_assist},
};

const unsigned int nr_benchmarks = sizeof(benchmarks) / sizeof(benchmarks[0]);

_Static_assert(sizeof(benchmarks) / sizeof(benchmarks[0]) <= BENCHMARKS_MAX,
	"room for a cell of each");
