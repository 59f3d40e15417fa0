/* SPDX-License-Identifier: MIT */
/*
 * What pwlocks costs the owner of per-CPU data, with the key off (lru_drain = work)
 * and on (pwlocks):
 *
 *   an LRU batch  pcpmm_lru_add() of held pages, for each size of a batch
 *   a sheaf       pcpmm_slab_alloc() and free of an object of 64 bytes
 *
 * The two take turns, in a new random order in each repetition, so that a ratio
 * compares measurements of the same moment. Nobody drains meanwhile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "clock.h"

#define PAGES 1860 /* a chunk: full batches of 15 and of 31 */
#define PAIRS 2000 /* a chunk of allocations and frees */
#define OBJECT 64 /* bytes: the posted kmalloc(64) */
#define SHEAF 32 /* objects; the pair stays inside a sheaf */
#define ROWS 7

struct row {
	enum pcpmm_lru_batch batch;
	enum pcpmm_lru_drain drain;
	unsigned int base; /* index of the row that the ratio is to */
	bool sheaf; /* an object, not a page */
	struct pcpmm_machine *machine;
	double ns[REPETITIONS_MAX];
};

struct turn {
	const struct row *row;
	uint64_t time_ns, clock_ns;
	double ns; /* out; < 0: a call failed */
};

static struct pcpmm_page *pages[PAGES];

/* --- one row, on its CPU ------------------------------------------------- */

static bool hold(struct pcpmm_cpu *cpu)
{
	for (unsigned int i = 0; i < PAGES; i++) {
		pages[i] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
		if (!pages[i])
			return false;
	}
	return true;
}

/* Time of PAIRS pairs: the sheaf is neither empty nor full. */
static bool pairs(
	struct pcpmm_cpu *cpu, struct pcpmm_slab_cache *cache, uint64_t *took)
{
	uint64_t start = time_ns();
	bool done = true;

	for (unsigned int i = 0; i < PAIRS; i++) {
		uint64_t object =
			pcpmm_slab_alloc(cpu, cache, PCPMM_GFP_KERNEL);

		done &= !pcpmm_slab_free(cpu, cache, object);
	}
	*took = time_ns() - start;
	return done;
}

static bool let_go(struct pcpmm_cpu *cpu)
{
	bool done = true;

	for (unsigned int i = 0; i < PAGES; i++)
		done &= !pcpmm_free_pages(cpu, pages[i], 0);
	return done;
}

/* Time of PAGES calls; the pages are taken back outside of it. */
static bool chunk(struct pcpmm_cpu *cpu, uint64_t *took)
{
	uint64_t start = time_ns();
	bool done = true;

	for (unsigned int i = 0; i < PAGES; i++)
		done &= !pcpmm_lru_add(cpu, pages[i], PCPMM_LRU_INACTIVE_FILE);
	*took = time_ns() - start;
	done &= !pcpmm_lru_add_drain(cpu); /* all batches were full */
	for (unsigned int i = 0; i < PAGES; i++)
		done &= !pcpmm_lru_del(cpu, pages[i]);
	return done;
}

static bool run_chunk(
	struct pcpmm_cpu *cpu, struct pcpmm_slab_cache *cache, uint64_t *took)
{
	return cache ? pairs(cpu, cache, took) : chunk(cpu, took);
}

/* Median over chunks, after a warm-up of a quarter of the time. */
static double measure(struct pcpmm_cpu *cpu, const struct turn *turn,
	struct pcpmm_slab_cache *cache)
{
	static double ns[CHUNKS_MAX];
	uint64_t warm = time_ns() + turn->time_ns / 4, took;
	uint64_t end = warm + turn->time_ns;
	size_t n = 0;

	while (time_ns() < warm)
		if (!run_chunk(cpu, cache, &took))
			return -1;
	do {
		if (!run_chunk(cpu, cache, &took))
			return -1;
		took -= took < turn->clock_ns ? took : turn->clock_ns;
		ns[n++ % CHUNKS_MAX] = (double)took / (cache ? PAIRS : PAGES);
	} while (time_ns() < end);
	return quantile(ns, n < CHUNKS_MAX ? n : CHUNKS_MAX, 0.5);
}

static double measure_pages(struct pcpmm_cpu *cpu, const struct turn *turn)
{
	double ns = hold(cpu) ? measure(cpu, turn, NULL) : -1;

	return ns >= 0 && let_go(cpu) ? ns : -1;
}

static double measure_objects(struct pcpmm_cpu *cpu, const struct turn *turn)
{
	struct pcpmm_slab_cache *cache =
		pcpmm_slab_create(turn->row->machine, OBJECT, SHEAF);
	double ns = cache ? measure(cpu, turn, cache) : -1;

	return cache && !pcpmm_slab_destroy(cpu, cache) ? ns : -1;
}

static void on_cpu(struct pcpmm_cpu *cpu, void *arg)
{
	struct turn *turn = arg;

	turn->ns = turn->row->sheaf ? measure_objects(cpu, turn)
				    : measure_pages(cpu, turn);
}

/* --- all of them ------------------------------------------------------ */

static bool create_machines(struct row *rows)
{
	for (unsigned int i = 0; i < ROWS; i++) {
		struct pcpmm_config config;

		if (!bench_config(&config))
			return false;
		config.lru_batch = rows[i].batch;
		config.lru_drain = rows[i].drain;
		rows[i].machine = bench_create(&config);
		if (!rows[i].machine)
			return false;
	}
	return true;
}

static bool run_turn(struct row *row, unsigned int repetition,
	struct turn *turn, int host_cpu)
{
	struct pcpmm_cpu_thread *thread;

	turn->row = row;
	thread = pcpmm_cpu_run(row->machine, 0, host_cpu, on_cpu, turn);
	if (!thread)
		return false;
	pcpmm_cpu_join(thread);
	row->ns[repetition] = turn->ns;
	bench_empty_lists(row->machine);
	return turn->ns >= 0 && bench_nothing_lost(row->machine, "lru");
}

static bool run_all(
	struct row *rows, const struct options *options, int host_cpu)
{
	struct turn turn = {
		.time_ns = options->min_time_ns, .clock_ns = clock_cost_ns()};
	struct rng rng = {options->seed};
	uint32_t order[ROWS];

	for (uint32_t i = 0; i < ROWS; i++)
		order[i] = i;
	for (unsigned int n = 0; n < options->repetitions; n++) {
		rng_shuffle(&rng, order, ROWS);
		for (unsigned int i = 0; i < ROWS; i++)
			if (!run_turn(&rows[order[i]], n, &turn, host_cpu))
				return false;
	}
	return true;
}

static void print_rows(const struct row *rows, unsigned int repetitions)
{
	printf("# ns a page added to the LRU, its part of the drain of a full\n"
	       "# batch included; sheaf: ns an object allocated and freed;\n"
	       "# ratios to key off, of the same repetition\n"
	       "# %-14s %8s %8s %6s\n",
		"batch/drain", "p25", "median", "ratio");
	for (unsigned int i = 0; i < ROWS; i++) {
		static double ns[REPETITIONS_MAX];
		char name[32];

		snprintf(name, sizeof(name), "%s/%s",
			rows[i].sheaf ? "sheaf"
				      : pcpmm_lru_batch_name(rows[i].batch),
			pcpmm_lru_drain_name(rows[i].drain));
		/* quantile() sorts its argument. */
		memcpy(ns, rows[i].ns, sizeof(ns));
		printf("%-16s %8.2f %8.2f %6.2f\n", name,
			quantile(ns, repetitions, 0.25),
			quantile(ns, repetitions, 0.5),
			median_ratio(rows[i].ns, rows[rows[i].base].ns,
				repetitions));
	}
}

int lru_run(const struct options *options, int host_cpu)
{
	static struct row rows[ROWS] = {
		{PCPMM_LRU_BATCH_NONE, PCPMM_LRU_DRAIN_WORK, 0, false, NULL,
			{0}},
		{PCPMM_LRU_BATCH_15, PCPMM_LRU_DRAIN_WORK, 1, false, NULL, {0}},
		{PCPMM_LRU_BATCH_15, PCPMM_LRU_DRAIN_PWLOCKS, 1, false, NULL,
			{0}},
		{PCPMM_LRU_BATCH_31, PCPMM_LRU_DRAIN_WORK, 3, false, NULL, {0}},
		{PCPMM_LRU_BATCH_31, PCPMM_LRU_DRAIN_PWLOCKS, 3, false, NULL,
			{0}},
		{PCPMM_LRU_BATCH_NONE, PCPMM_LRU_DRAIN_WORK, 5, true, NULL,
			{0}},
		{PCPMM_LRU_BATCH_NONE, PCPMM_LRU_DRAIN_PWLOCKS, 5, true, NULL,
			{0}},
	};
	int status = EXIT_FAILURE;

	if (create_machines(rows) && run_all(rows, options, host_cpu)) {
		print_rows(rows, options->repetitions);
		status = EXIT_SUCCESS;
	}
	for (unsigned int i = 0; i < ROWS; i++)
		pcpmm_machine_destroy(rows[i].machine);
	return status;
}
