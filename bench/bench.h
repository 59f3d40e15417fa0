/* SPDX-License-Identifier: MIT */
/*
 * pcpmm-bench: the cost of an allocation and a free, beside other allocators.
 *
 *   main      options, then for each repetition every cell in shuffled order
 *   table     the benchmarks: name, body, sizes
 *   body_*    one idea each: the work of a chunk
 *   lane      a cell: one benchmark of one contestant on 1 or 2 pinned CPUs
 *   contest*  the contestants: pcpmm, null, malloc, and what dlopen() finds
 *   report    medians, net of null, ratios; text and JSON
 *   guards    the hot pair by drain strategy
 *   counters  a counter update by account and width
 *   instances two CPUs in one zone and in two of its type
 *   lru       a page added to the LRU, or an object of a sheaf, with and without pwlocks
 *
 * All but breakdown.c and counters.c use the public headers only.
 */
#ifndef BENCH_H
#define BENCH_H

#include <pcpmm/pcpmm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ck_ring.h>

#define CPUS_MAX 2 /* lanes of a cell */
#define CONTESTANTS_MAX 8
#define BENCHMARKS_MAX 32
#define REPETITIONS_MAX 1000
#define CHUNKS_MAX 4096 /* samples kept per lane and cell */
#define PAGES_MAX 65536 /* pages a lane holds at once */
#define STEPS_MAX 4096 /* of a mixed load, before it repeats */

/* The calls of libpcpmm itself, so that it is measured without a wrapper. */
struct contestant {
	const char *name;
	struct pcpmm_page *(*alloc)(
		struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);
	int (*free)(struct pcpmm_cpu *cpu, struct pcpmm_page *page,
		unsigned int order);
	char origin[128]; /* path of the library, or a description */
};

/* All contestants found; [0] is null, [1] is pcpmm. Returns their number. */
#define CONTESTANT_NULL 0
#define CONTESTANT_PCPMM 1
unsigned int contestants_find(struct contestant *contestants);

struct rng {
	uint64_t state;
};
uint64_t rng_next(struct rng *rng);
/* 0..n-1 */
uint32_t rng_below(struct rng *rng, uint32_t n);
void rng_shuffle(struct rng *rng, uint32_t *items, uint32_t n);

/* One measured piece of work; unit: ns. */
struct sample {
	uint64_t alloc_ns;
	uint64_t free_ns; /* 0: allocations and frees alternate */
	uint64_t pairs;
};

struct step {
	uint16_t slot;
	uint16_t order;
};

/* One CPU's part of a cell; only its thread uses it once that runs. */
struct lane {
	struct pcpmm_cpu *cpu;
	const struct contestant *who;
	const struct benchmark *what;
	struct team *team;
	unsigned int index;
	bool failed; /* an allocation returned NULL, a free was refused */

	struct pcpmm_page **pages; /* [PAGES_MAX] */
	uint32_t *order_of_free; /* [PAGES_MAX], a permutation */
	struct step *steps; /* [STEPS_MAX] */
	uint8_t *slot_order; /* [256] of a mixed load's live blocks */

	double *pair_ns; /* [CHUNKS_MAX] */
	double *alloc_ns; /* [CHUNKS_MAX] */
	bool split; /* alloc and free were timed separately */
	uint32_t chunks;
	uint64_t pairs; /* of all measured chunks */
	uint64_t cpu_ns; /* this thread's CPU time during them */
};

/* Shared by the lanes of a cell. */
struct team {
	struct lane lanes[CPUS_MAX];
	unsigned int nr_lanes;
	uint64_t min_time_ns;
	uint64_t clock_ns; /* cost of reading the clock, subtracted */
	unsigned int ready; /* lanes that wait for the start */
	unsigned int stop; /* 1: a lane could not start, or is done (cross) */
	ck_ring_t ring;
	ck_ring_buffer_t *ring_buffer; /* [RING_ENTRIES] */
};
#define RING_ENTRIES 1024

struct benchmark {
	const char *name;
	const char *what; /* one line for --list */
	unsigned int order;
	unsigned int pages; /* held at once */
	unsigned int cpus; /* bit n-1: runs on n CPUs */
	/* Before the first chunk. NULL: nothing. */
	void (*prepare)(struct lane *lane, struct rng *rng);
	/* One timed piece. false: the allocator failed. */
	bool (*chunk)(struct lane *lane, struct sample *sample);
	/* Free the blocks that chunks left allocated. NULL: nothing. */
	void (*finish)(struct lane *lane);
	/* Work of all lanes but the first. NULL: the same as the first's. */
	void (*assist)(struct lane *lane);
};

extern const struct benchmark benchmarks[];
extern const unsigned int nr_benchmarks;

bool hot_chunk(struct lane *lane, struct sample *sample);
bool lifo_chunk(struct lane *lane, struct sample *sample);
bool fifo_chunk(struct lane *lane, struct sample *sample);
bool random_chunk(struct lane *lane, struct sample *sample);
void random_prepare(struct lane *lane, struct rng *rng);
void mixed_prepare(struct lane *lane, struct rng *rng);
bool mixed_chunk(struct lane *lane, struct sample *sample);
void mixed_finish(struct lane *lane);
void cross_prepare(struct lane *lane, struct rng *rng);
bool cross_chunk(struct lane *lane, struct sample *sample);
void cross_finish(struct lane *lane);
void cross_assist(struct lane *lane);

/* One repetition of one cell; unit: ns per pair. */
struct result {
	double pair_ns; /* median over chunks, mean over lanes */
	double alloc_ns; /* of that, the allocation; 0: not separate */
	double cpu_ns; /* thread time per pair, all chunks */
	uint64_t pairs;
};

struct options {
	bool list, quick, breakdown, guards, counters, instances, lru;
	const char *filter;
	const char *json;
	unsigned int repetitions;
	uint64_t min_time_ns;
	uint64_t seed;
};

/* A benchmark on a number of CPUs, all contestants and repetitions. */
struct cell {
	const struct benchmark *what;
	unsigned int cpus;
	char name[48]; /* "hot_o0/cpus:1" */
	struct result *results[CONTESTANTS_MAX]; /* [repetition] */
};

struct bench {
	struct options options;
	struct pcpmm_machine *machine;
	struct contestant contestants[CONTESTANTS_MAX];
	unsigned int nr_contestants;
	struct cell cells[BENCHMARKS_MAX * CPUS_MAX];
	unsigned int nr_cells;
	int host_cpus[CPUS_MAX];
	unsigned int nr_host_cpus; /* usable by this program, <= CPUS_MAX */
	struct team team;
	struct rng rng;
};

/*
 * The machine that is measured: 2 CPUs, 8 GiB, drained by @drain with its
 * axes. NULL after a message.
 */
struct pcpmm_machine *bench_machine(enum pcpmm_drain drain, enum pcpmm_rcu rcu,
	const struct pcpmm_strategy *external);
/* The same in two steps, for other axes. false, NULL: after a message. */
bool bench_config(struct pcpmm_config *config);
struct pcpmm_machine *bench_create(const struct pcpmm_config *config);
/* true: every page came back; false after a message. */
bool bench_nothing_lost(struct pcpmm_machine *machine, const char *after);
/* Drain all lists; at rest only. */
void bench_empty_lists(struct pcpmm_machine *machine);

int team_init(struct team *team, const struct options *options);
void team_fini(struct team *team);
/* Run one cell once. false after a message. */
bool team_run(struct bench *bench, const struct cell *cell,
	const struct contestant *who, unsigned int repetition,
	struct result *result);

void report_text(const struct bench *bench);
/* 0 or -errno after a message. */
int report_json(const struct bench *bench, const char *path);

/* Quantile @p, 0..1. Sorts @values. */
double quantile(double *values, size_t n, double p);
/*
 * Median of @ns over @base, of the same repetition each; @nr: 1..REPETITIONS_MAX.
 * 0: @base is NULL. A base that was too short to be measured gives the ratio 0.
 */
double median_ratio(const double *ns, const double *base, unsigned int nr);
/* Over the repetitions of contestant @who; net: minus null's. */
struct spread {
	double p25, median, p75;
};
struct spread spread_pair(
	const struct cell *cell, unsigned int who, unsigned int repetitions);
struct spread spread_alloc(
	const struct cell *cell, unsigned int who, unsigned int repetitions);
struct spread spread_net(
	const struct cell *cell, unsigned int who, unsigned int repetitions);
/* Net of @who over net of pcpmm, repetition by repetition; 0: undefined. */
double ratio_to_pcpmm(
	const struct cell *cell, unsigned int who, unsigned int repetitions);
double ratio_to_null(
	const struct cell *cell, unsigned int who, unsigned int repetitions);

/* Build and host: keys and values, NULL-terminated. */
struct fact {
	const char *key;
	char value[256];
};
#define FACTS_MAX 16
unsigned int context_facts(const struct bench *bench, struct fact *facts);

/* Where the cycles of the hot pair go. Exit status. */
int breakdown_run(const struct options *options, int host_cpu);

/* What each drain strategy costs the owner. Exit status. */
int guards_run(const struct options *options, int host_cpu);

/* What several instances of a zone type do for two CPUs. Exit status. */
int instances_run(struct bench *bench);

/* What the owner of an LRU batch, or of a sheaf, pays for pwlocks. Exit status. */
int lru_run(const struct options *options, int host_cpu);

/* What a counter update costs. Exit status. */
int counters_run(const struct options *options, const int *host_cpus,
	unsigned int nr_host_cpus);

#endif
