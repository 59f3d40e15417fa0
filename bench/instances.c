/* SPDX-License-Identifier: MIT */
/*
 * What several instances of a zone type do for two CPUs that share it: loads that take
 * the zone's lock, in one Normal zone and in two (zone_instances). The machines take
 * turns, in a new random order in each repetition, so that a ratio compares measurements
 * of the same moment. Each load runs a second time with the locks measured, which
 * makes it slower, so the two are apart.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define LOADS 4
#define MACHINES 2 /* of 1 and of 2 instances */
#define ROWS (LOADS * MACHINES)

static const struct benchmark loads[LOADS] = {
	{"hot_o4", "a block that no list keeps", 4, 1, 2, .chunk = hot_chunk},
	{"mixed_o0_4", "orders 0..4, a random one of 256 blocks replaced", 0,
		256, 2, .prepare = mixed_prepare, .chunk = mixed_chunk,
		.finish = mixed_finish},
	{"fifo_64k", "65536 pages, the first freed first", 0, 65536, 2,
		.chunk = fifo_chunk},
	{"random_64k", "65536 pages, freed in a random order", 0, 65536, 2,
		.prepare = random_prepare, .chunk = random_chunk},
};

struct row {
	struct cell cell;
	struct pcpmm_machine *machine;
	double ns[REPETITIONS_MAX]; /* a pair */
	/* Of the measured runs together. */
	uint64_t holds, waits, waited_ns;
};

static unsigned int instances_of_row(unsigned int i)
{
	return 1 + i % MACHINES;
}

static bool create_machines(
	struct row *rows, struct pcpmm_machine *machines[MACHINES])
{
	for (unsigned int i = 0; i < MACHINES; i++) {
		struct pcpmm_config config;

		if (!bench_config(&config))
			return false;
		config.zone_instances = instances_of_row(i);
		machines[i] = bench_create(&config);
		if (!machines[i])
			return false;
	}
	for (unsigned int i = 0; i < ROWS; i++) {
		const struct benchmark *what = &loads[i / MACHINES];

		rows[i].machine = machines[i % MACHINES];
		rows[i].cell = (struct cell){.what = what, .cpus = CPUS_MAX};
		snprintf(rows[i].cell.name, sizeof(rows[i].cell.name), "%s/%u",
			what->name, instances_of_row(i));
	}
	return true;
}

/* Locks of all instances of Normal. */
static void add_locks(struct row *row)
{
	static struct pcpmm_histogram hold, wait;

	for (unsigned int k = 0; !pcpmm_zone_lock_read(row->machine, 0,
		     PCPMM_ZONE_INSTANCE(PCPMM_ZONE_NORMAL, k), &hold, &wait);
		k++) {
		row->holds += hold.count;
		row->waits += wait.count;
		row->waited_ns += wait.sum;
	}
}

static bool run_row(
	struct bench *bench, struct row *row, unsigned int n, bool measured)
{
	const struct contestant *who = &bench->contestants[CONTESTANT_PCPMM];
	struct result result;

	bench->machine = row->machine;
	if (pcpmm_lock_stat_set(row->machine, measured) ||
		!team_run(bench, &row->cell, who, n, &result))
		return false;
	if (measured)
		add_locks(row);
	else
		row->ns[n] = result.pair_ns;
	bench_empty_lists(row->machine);
	return bench_nothing_lost(row->machine, row->cell.name);
}

static bool run_all(struct bench *bench, struct row *rows)
{
	uint32_t order[2 * ROWS];

	for (uint32_t i = 0; i < 2 * ROWS; i++)
		order[i] = i;
	for (unsigned int n = 0; n < bench->options.repetitions; n++) {
		rng_shuffle(&bench->rng, order, 2 * ROWS);
		for (unsigned int i = 0; i < 2 * ROWS; i++)
			if (!run_row(bench, &rows[order[i] % ROWS], n,
				    order[i] >= ROWS))
				return false;
	}
	return true;
}

static double per(uint64_t n, uint64_t of)
{
	return of ? (double)n / (double)of : 0;
}

static void print_rows(const struct row *rows, unsigned int repetitions)
{
	printf("# two CPUs, ns a pair; ratios to one instance, of the same\n"
	       "# repetition; locks of zone Normal, of 1000 takings those "
	       "that\n"
	       "# waited, and the mean wait of a taking\n"
	       "# %-16s %8s %8s %6s %8s %8s\n",
		"load/instances", "p25", "median", "ratio", "waited",
		"wait, ns");
	for (unsigned int i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i], *base = row - i % MACHINES;
		static double ns[REPETITIONS_MAX];

		/* quantile() sorts its argument. */
		memcpy(ns, row->ns, sizeof(ns));
		printf("%-18s %8.1f %8.1f %6.2f %8.1f %8.1f\n", row->cell.name,
			quantile(ns, repetitions, 0.25),
			quantile(ns, repetitions, 0.5),
			median_ratio(row->ns, base->ns, repetitions),
			1000 * per(row->waits, row->holds),
			per(row->waited_ns, row->holds));
	}
}

int instances_run(struct bench *bench)
{
	static struct row rows[ROWS];
	struct pcpmm_machine *machines[MACHINES] = {NULL};
	int status = EXIT_FAILURE;

	bench->nr_contestants = contestants_find(bench->contestants);
	bench->rng.state = bench->options.seed;
	if (team_init(&bench->team, &bench->options))
		fprintf(stderr, "pcpmm-bench: %s\n", strerror(ENOMEM));
	else if (create_machines(rows, machines) && run_all(bench, rows)) {
		print_rows(rows, bench->options.repetitions);
		status = EXIT_SUCCESS;
	}
	team_fini(&bench->team);
	for (unsigned int i = 0; i < MACHINES; i++)
		pcpmm_machine_destroy(machines[i]);
	return status;
}
