/* SPDX-License-Identifier: MIT */
/*
 * Cost of a counter update by account and width, without any call around it:
 * repeated inc (one in 1.5 thresholds updates the shared lines) and mod up and
 * down below the threshold; beside it the same rule without a guard, a plain
 * increment and atomic adds.
 *
 * Looks inside the library, as its public call also looks up a name.
 */
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "clock.h"

#include "machine/machine.h"
#include "vmstat/diff.h"

#define TURNS 4096 /* a chunk */
#define ITEM NR_FILE_MAPPED
#define NR_COUNTERS (PCPMM_NR_ACCOUNTS * PCPMM_NR_DIFFS)
#define ROWS_MAX (NR_COUNTERS + PCPMM_NR_DIFFS + 3)

/* Alone on its cache line and the next, as hosts prefetch lines in pairs. */
struct word {
	int64_t value;
	char rest[2 * CACHE_LINE - sizeof(int64_t)];
} __attribute__((aligned(2 * CACHE_LINE)));

static struct word own, shared;

struct turn {
	const struct row *row;
	struct pcpmm_cpu *cpu;
	struct vmstat *stat;
	uint64_t time_ns, clock_ns;
	double ns[2]; /* out: inc, mod */
};

struct row {
	char name[32];
	void (*inc)(struct turn *turn); /* a chunk */
	void (*mod)(struct turn *turn); /* NULL: only inc */
	struct pcpmm_machine *machine; /* of the counters; NULL: none */
	enum pcpmm_diff diff;
	bool contended;
	double ns[2][REPETITIONS_MAX];
};

/* --- chunks ----------------------------------------------------------- */

static void chunk_inc(struct turn *turn)
{
	for (unsigned int i = 0; i < TURNS; i++)
		vmstat_inc(&turn->cpu->base, turn->stat, ITEM);
}

/* Eight up, eight down. */
static long delta_of(unsigned int i)
{
	return i & 8 ? -1 : 1;
}

static void chunk_mod(struct turn *turn)
{
	for (unsigned int i = 0; i < TURNS; i++)
		vmstat_mod(&turn->cpu->base, turn->stat, ITEM, delta_of(i));
}

/* The rule of vmstat/counter.c without a guard. */
static noinline void unguarded(struct cpu *cpu, struct vmstat *stat,
	int item, long delta, int mode)
{
	void *diffs = stat->diffs[cpu->id];
	int threshold = diff_threshold(diffs, stat->width);
	int64_t n = diff_load(diffs, stat->width, item) + (int64_t)delta;
	int64_t overstep = mode * (threshold >> 1);

	if (likely(n <= threshold && n >= -threshold)) {
		diff_store(diffs, stat->width, item, (int)n);
		return;
	}
	diff_store(diffs, stat->width, item, (int)-overstep);
	for (; stat; stat = stat->parent)
		atomic_add_relaxed_s64(&stat->value[item], n + overstep);
}

static void chunk_unguarded_inc(struct turn *turn)
{
	for (unsigned int i = 0; i < TURNS; i++)
		unguarded(&turn->cpu->base, turn->stat, ITEM, 1, 1);
}

static void chunk_unguarded_mod(struct turn *turn)
{
	for (unsigned int i = 0; i < TURNS; i++)
		unguarded(&turn->cpu->base, turn->stat, ITEM, delta_of(i), 0);
}

static void chunk_increment(struct turn *turn)
{
	(void)turn;
	for (unsigned int i = 0; i < TURNS; i++) {
		own.value++;
		compiler_barrier();
	}
}

static void add_often(struct word *word)
{
	for (unsigned int i = 0; i < TURNS; i++)
		atomic_add_relaxed_s64(&word->value, 1);
}

static void chunk_atomic(struct turn *turn)
{
	(void)turn;
	add_often(&own);
}

static void chunk_contended(struct turn *turn)
{
	(void)turn;
	add_often(&shared);
}

/* --- a turn of a row -------------------------------------------------- */

/* Did both threads run? The host may have displaced one of them. */
static bool was_contended(int64_t before)
{
	return atomic_load_relaxed_s64(&shared.value) - before >=
	       TURNS + TURNS / 4;
}

/*
 * Median over chunks, after a warm-up of a quarter of the time. 0: contention
 * was wanted and never happened.
 */
static double measure(struct turn *turn, void (*chunk)(struct turn *turn))
{
	static double ns[CHUNKS_MAX];
	uint64_t warm = time_ns() + turn->time_ns / 4;
	uint64_t end = warm + turn->time_ns;
	uint32_t n = 0;

	while (time_ns() < warm)
		chunk(turn);
	do {
		int64_t before = atomic_load_relaxed_s64(&shared.value);
		uint64_t start = time_ns(), took;

		chunk(turn);
		took = time_ns() - start;
		took -= MIN(took, turn->clock_ns);
		if (!turn->row->contended || was_contended(before))
			ns[n++ % CHUNKS_MAX] = (double)took / TURNS;
	} while (time_ns() < end);
	return quantile(ns, MIN(n, CHUNKS_MAX), 0.5);
}

static void on_cpu(struct pcpmm_cpu *cpu, void *arg)
{
	struct turn *turn = arg;

	turn->cpu = cpu;
	turn->stat = &cpu->machine->nodes[0].stat;
	turn->ns[0] = measure(turn, turn->row->inc);
	turn->ns[1] = turn->row->mod ? measure(turn, turn->row->mod) : 0;
}

static uint32_t contend; /* 1: go on; 0: stop */

static void contend_on_cpu(struct pcpmm_cpu *cpu, void *arg)
{
	(void)cpu, (void)arg;
	while (atomic_load_relaxed_u32(&contend))
		add_often(&shared);
}

static bool run_turn(struct row *row, struct turn *turn, const int *host_cpus)
{
	struct pcpmm_cpu_thread *thread, *other = NULL;

	turn->row = row;
	if (row->contended) {
		atomic_store_relaxed_u32(&contend, 1);
		other = pcpmm_cpu_run(
			row->machine, 1, host_cpus[1], contend_on_cpu, NULL);
	}
	thread = pcpmm_cpu_run(row->machine, 0, host_cpus[0], on_cpu, turn);
	if (thread)
		pcpmm_cpu_join(thread);
	atomic_store_relaxed_u32(&contend, 0);
	if (other)
		pcpmm_cpu_join(other);
	return thread && (other || !row->contended);
}

static bool run_all(struct row *rows, unsigned int nr,
	const struct options *options, const int *host_cpus)
{
	struct turn turn = {
		.time_ns = options->min_time_ns, .clock_ns = clock_cost_ns()};
	struct rng rng = {options->seed};
	uint32_t order[ROWS_MAX];

	for (uint32_t i = 0; i < nr; i++)
		order[i] = i;
	for (unsigned int n = 0; n < options->repetitions; n++) {
		rng_shuffle(&rng, order, nr);
		for (unsigned int i = 0; i < nr; i++) {
			struct row *row = &rows[order[i]];

			if (!run_turn(row, &turn, host_cpus)) {
				fprintf(stderr, "pcpmm-bench: %s: %s\n",
					row->name, strerror(errno));
				return false;
			}
			row->ns[0][n] = turn.ns[0];
			row->ns[1][n] = turn.ns[1];
		}
	}
	return true;
}

/* --- rows ------------------------------------------------------------- */

static bool create_machines(struct pcpmm_machine **machines)
{
	for (unsigned int i = 0; i < NR_COUNTERS; i++) {
		struct pcpmm_config config;

		if (!bench_config(&config))
			return false;
		config.account = i / PCPMM_NR_DIFFS;
		config.diff = i % PCPMM_NR_DIFFS;
		machines[i] = bench_create(&config);
		if (!machines[i])
			return false;
	}
	return true;
}

/* @two: the host has two CPUs for this program. */
static unsigned int fill_rows(
	struct row *rows, struct pcpmm_machine **machines, bool two)
{
	unsigned int nr = 0;

	for (unsigned int diff = 0; diff < PCPMM_NR_DIFFS; diff++) {
		rows[nr] = (struct row){.inc = chunk_unguarded_inc,
			.mod = chunk_unguarded_mod,
			.machine = machines[diff],
			.diff = diff};
		snprintf(rows[nr].name, sizeof(rows[nr].name), "unguarded/%s",
			pcpmm_diff_name(diff));
		nr++;
	}
	for (unsigned int i = 0; i < NR_COUNTERS; i++, nr++) {
		rows[nr] = (struct row){.inc = chunk_inc,
			.mod = chunk_mod,
			.machine = machines[i],
			.diff = i % PCPMM_NR_DIFFS};
		snprintf(rows[nr].name, sizeof(rows[nr].name), "%s/%s",
			pcpmm_account_name(i / PCPMM_NR_DIFFS),
			pcpmm_diff_name(i % PCPMM_NR_DIFFS));
	}
	rows[nr++] = (struct row){.name = "increment",
		.inc = chunk_increment,
		.machine = machines[0]};
	rows[nr++] = (struct row){
		.name = "atomic", .inc = chunk_atomic, .machine = machines[0]};
	if (two)
		rows[nr++] = (struct row){.name = "atomic/contended",
			.inc = chunk_contended,
			.machine = machines[0],
			.contended = true};
	return nr;
}

/* --- report ----------------------------------------------------------- */

/* In a run of inc: number of updates per update of the shared lines. */
static double updates_per_move(struct pcpmm_machine *machine)
{
	struct vmstat *stat = &machine->nodes[0].stat;
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	int64_t before, after = 0;
	unsigned int moves = 0;

	for (unsigned int i = 0; cpu && i < TURNS; i++) {
		before = vmstat_read_raw(stat, ITEM);
		vmstat_inc(&cpu->base, stat, ITEM);
		after = vmstat_read_raw(stat, ITEM);
		moves += after != before;
	}
	pcpmm_cpu_leave(cpu);
	return moves ? (double)TURNS / moves : 0;
}

/* After the ratios: quantile() sorts. */
static void print_row(const struct row *row, const double (*ratios)[2],
	double (*ns)[REPETITIONS_MAX], unsigned int repetitions)
{
	printf("%-20s", row->name);
	for (unsigned int op = 0; op < (row->mod ? 2 : 1); op++) {
		printf("%s %8.2f %8.2f", op ? "  " : "",
			quantile(ns[op], repetitions, 0.25),
			quantile(ns[op], repetitions, 0.5));
		if (row->mod)
			printf(" %6.2f", (*ratios)[op]);
	}
	putchar('\n');
}

static void print_rows(
	struct row *rows, unsigned int nr, unsigned int repetitions)
{
	double ratios[ROWS_MAX][2];

	printf("# ns an update; ratios to unguarded of the same width, in the "
	       "same repetition\n"
	       "# one inc in %.1f moves up, to two shared lines; no mod does\n"
	       "# %-18s %8s %8s %6s   %8s %8s %6s\n",
		updates_per_move(rows[0].machine), "counter", "inc p25",
		"median", "ratio", "mod p25", "median", "ratio");
	for (unsigned int i = 0; i < nr; i++)
		for (unsigned int op = 0; op < 2; op++)
			ratios[i][op] = median_ratio(rows[i].ns[op],
				rows[rows[i].diff].ns[op], repetitions);
	for (unsigned int i = 0; i < nr; i++)
		print_row(&rows[i], &ratios[i], rows[i].ns, repetitions);
}

int counters_run(const struct options *options, const int *host_cpus,
	unsigned int nr_host_cpus)
{
	static struct row rows[ROWS_MAX];
	struct pcpmm_machine *machines[NR_COUNTERS] = {NULL};
	int status = EXIT_FAILURE;
	unsigned int nr;

	if (create_machines(machines)) {
		nr = fill_rows(rows, machines, nr_host_cpus > 1);
		if (run_all(rows, nr, options, host_cpus)) {
			print_rows(rows, nr, options->repetitions);
			status = EXIT_SUCCESS;
		}
	}
	for (unsigned int i = 0; i < NR_COUNTERS; i++)
		pcpmm_machine_destroy(machines[i]);
	return status;
}
