/* SPDX-License-Identifier: MIT */
/*
 * pcpmm-bench: choose the cells, run all of them in a new order in each
 * repetition, and report only if no page was lost on the way.
 */
#include <errno.h>
#include <regex.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "options.h"

static void find_host_cpus(struct bench *bench)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	if (!sched_getaffinity(0, sizeof(set), &set))
		for (int i = 0; i < CPU_SETSIZE; i++)
			if (CPU_ISSET(i, &set) &&
				bench->nr_host_cpus < CPUS_MAX)
				bench->host_cpus[bench->nr_host_cpus++] = i;
	if (!bench->nr_host_cpus)
		bench->host_cpus[bench->nr_host_cpus++] = -1;
}

static void add_cell(struct bench *bench, const struct benchmark *what,
	unsigned int cpus, const regex_t *filter)
{
	struct cell *cell = &bench->cells[bench->nr_cells];

	*cell = (struct cell){.what = what, .cpus = cpus};
	snprintf(
		cell->name, sizeof(cell->name), "%s/cpus:%u", what->name, cpus);
	if (!filter || !regexec(filter, cell->name, 0, NULL, 0))
		bench->nr_cells++;
}

/* 0, or EXIT_USAGE after a message. */
static int choose_cells(struct bench *bench)
{
	const char *pattern = bench->options.filter;
	regex_t filter;

	if (pattern) {
		int wrong = regcomp(&filter, pattern, REG_EXTENDED | REG_NOSUB);

		if (wrong) {
			char why[128];

			regerror(wrong, &filter, why, sizeof(why));
			fprintf(stderr, "pcpmm-bench: --filter '%s': %s\n",
				pattern, why);
			return EXIT_USAGE;
		}
	}
	for (unsigned int i = 0; i < nr_benchmarks; i++)
		for (unsigned int cpus = 1; cpus <= CPUS_MAX; cpus++)
			if (benchmarks[i].cpus & 1u << (cpus - 1))
				add_cell(bench, &benchmarks[i], cpus,
					pattern ? &filter : NULL);
	if (pattern)
		regfree(&filter);
	if (bench->nr_cells)
		return 0;
	fprintf(stderr, "pcpmm-bench: --filter '%s' matches none; see --list\n",
		pattern);
	return EXIT_USAGE;
}

static void list_cells(const struct bench *bench)
{
	for (unsigned int i = 0; i < bench->nr_cells; i++)
		printf("%-18s %s\n", bench->cells[i].name,
			bench->cells[i].what->what);
}

static bool alloc_results(struct bench *bench)
{
	for (unsigned int i = 0; i < bench->nr_cells; i++)
		for (unsigned int who = 0; who < bench->nr_contestants; who++) {
			struct cell *cell = &bench->cells[i];

			cell->results[who] = calloc(bench->options.repetitions,
				sizeof(struct result));
			if (!cell->results[who])
				return false;
		}
	return true;
}

/* One cell by all contestants, in a new order. */
static bool run_cell(
	struct bench *bench, struct cell *cell, unsigned int repetition)
{
	uint32_t order[CONTESTANTS_MAX];

	for (uint32_t i = 0; i < bench->nr_contestants; i++)
		order[i] = i;
	rng_shuffle(&bench->rng, order, bench->nr_contestants);
	for (unsigned int i = 0; i < bench->nr_contestants; i++) {
		uint32_t who = order[i];

		if (!team_run(bench, cell, &bench->contestants[who], repetition,
			    &cell->results[who][repetition]))
			return false;
		if (who == CONTESTANT_PCPMM &&
			!bench_nothing_lost(bench->machine, cell->name))
			return false;
		bench_empty_lists(bench->machine);
	}
	return true;
}

static bool run_repetition(struct bench *bench, unsigned int repetition)
{
	uint32_t order[BENCHMARKS_MAX * CPUS_MAX];

	for (uint32_t i = 0; i < bench->nr_cells; i++)
		order[i] = i;
	rng_shuffle(&bench->rng, order, bench->nr_cells);
	for (unsigned int i = 0; i < bench->nr_cells; i++)
		if (!run_cell(bench, &bench->cells[order[i]], repetition))
			return false;
	return true;
}

static bool run_all(struct bench *bench)
{
	bool tty = isatty(STDERR_FILENO);

	for (unsigned int i = 0; i < bench->options.repetitions; i++) {
		if (tty)
			fprintf(stderr, "\rrepetition %u of %u", i + 1,
				bench->options.repetitions);
		if (!run_repetition(bench, i))
			return false;
	}
	if (tty)
		fputc('\n', stderr);
	return true;
}

static bool set_up(struct bench *bench)
{
	bench->nr_contestants = contestants_find(bench->contestants);
	bench->rng.state = bench->options.seed;
	bench->machine =
		bench_machine(PCPMM_DRAIN_PCP_LOCK, PCPMM_RCU_SCHED, NULL);
	if (!bench->machine)
		return false;
	if (!team_init(&bench->team, &bench->options) && alloc_results(bench))
		return true;
	fprintf(stderr, "pcpmm-bench: %s\n", strerror(ENOMEM));
	return false;
}

static void tear_down(struct bench *bench)
{
	for (unsigned int i = 0; i < bench->nr_cells; i++)
		for (unsigned int who = 0; who < bench->nr_contestants; who++)
			free(bench->cells[i].results[who]);
	team_fini(&bench->team);
	pcpmm_machine_destroy(bench->machine);
}

static int measure(struct bench *bench)
{
	int status = EXIT_FAILURE;

	if (set_up(bench) && run_all(bench)) {
		report_text(bench);
		if (!bench->options.json ||
			!report_json(bench, bench->options.json))
			status = EXIT_SUCCESS;
	}
	tear_down(bench);
	return status;
}

int main(int argc, char **argv)
{
	static struct bench bench;
	int status;

	bench.options.seed = (uint64_t)time(NULL);
	status = bench_options(&bench.options, argc, argv);
	if (status >= 0)
		return status;
	find_host_cpus(&bench);
	if (bench.options.breakdown)
		return breakdown_run(&bench.options, bench.host_cpus[0]);
	if (bench.options.guards)
		return guards_run(&bench.options, bench.host_cpus[0]);
	if (bench.options.instances)
		return instances_run(&bench);
	if (bench.options.lru)
		return lru_run(&bench.options, bench.host_cpus[0]);
	if (bench.options.counters)
		return counters_run(
			&bench.options, bench.host_cpus, bench.nr_host_cpus);
	status = choose_cells(&bench);
	if (status)
		return status;
	if (bench.options.list) {
		list_cells(&bench);
		return EXIT_SUCCESS;
	}
	return measure(&bench);
}
