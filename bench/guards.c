/* SPDX-License-Identifier: MIT */
/*
 * What each drain strategy's guard costs the owner: a hot pair, and 512 pages
 * allocated and freed, with each strategy in a machine of its own. Strategies
 * take turns, in a new random order in each repetition, so that ratios compare
 * measurements of the same minute.
 */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asymmetric_lock.h"
#include "bench.h"
#include "clock.h"

#define GUARDS_MAX 32
#define PAIRS 2048 /* a chunk */
#define BURST 512

struct guard_row {
	char name[40];
	enum pcpmm_drain drain;
	const char *form; /* of guards that an axis chooses; "" */
	struct pcpmm_machine *machine;
	double hot_ns[REPETITIONS_MAX];
	double burst_ns[REPETITIONS_MAX];
};

struct turn {
	uint64_t time_ns, clock_ns;
	double hot_ns, burst_ns; /* out; < 0: an allocation failed */
};

/* --- one strategy, on its CPU ----------------------------------------- */

static bool hot(struct pcpmm_cpu *cpu)
{
	for (unsigned int i = 0; i < PAIRS; i++) {
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);

		if (!page || pcpmm_free_pages(cpu, page, 0))
			return false;
	}
	return true;
}

static bool burst(struct pcpmm_cpu *cpu)
{
	static struct pcpmm_page *pages[BURST];

	for (unsigned int round = 0; round < PAIRS / BURST; round++) {
		for (unsigned int i = 0; i < BURST; i++) {
			pages[i] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
			if (!pages[i])
				return false;
		}
		for (unsigned int i = 0; i < BURST; i++)
			if (pcpmm_free_pages(cpu, pages[i], 0))
				return false;
	}
	return true;
}

/* Median over chunks, after a warm-up of a quarter of the time. */
static double measure(struct pcpmm_cpu *cpu, const struct turn *turn,
	bool (*chunk)(struct pcpmm_cpu *cpu))
{
	static double ns[CHUNKS_MAX];
	uint64_t warm = time_ns() + turn->time_ns / 4;
	uint64_t end = warm + turn->time_ns;
	size_t n = 0;

	while (time_ns() < warm)
		if (!chunk(cpu))
			return -1;
	do {
		uint64_t start = time_ns(), took;

		if (!chunk(cpu))
			return -1;
		took = time_ns() - start;
		took -= took < turn->clock_ns ? took : turn->clock_ns;
		ns[n++ % CHUNKS_MAX] = (double)took / PAIRS;
	} while (time_ns() < end);
	return quantile(ns, n < CHUNKS_MAX ? n : CHUNKS_MAX, 0.5);
}

static void on_cpu(struct pcpmm_cpu *cpu, void *arg)
{
	struct turn *turn = arg;

	turn->hot_ns = measure(cpu, turn, hot);
	turn->burst_ns = measure(cpu, turn, burst);
}

/* --- all of them ------------------------------------------------------ */

/* Strategies that have several guards, and what chooses one. */
static const struct form {
	enum pcpmm_drain drain;
	const char *axis; /* NULL: "key" is a nohz_full CPU at creation */
	const char *forms[PCPMM_NR_RCUS + 1];
} forms[] = {
	{PCPMM_DRAIN_RCU_SWAP, "rcu", {"sched", "memb", "qsbr", "epoch"}},
	{PCPMM_DRAIN_IPI_MASK_LOCKED, "ipi_mask_lock", {"spin", "summary"}},
	{PCPMM_DRAIN_PERCPU_SPINLOCK_2021, NULL, {"no_key", "key"}},
};

static const struct form *form_of(enum pcpmm_drain drain)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (forms[i].drain == drain)
			return &forms[i];
	return NULL;
}

static unsigned int add_rows(struct guard_row *rows, const regex_t *filter)
{
	unsigned int nr = 0;

	for (unsigned int drain = 0; drain < PCPMM_NR_DRAINS; drain++) {
		const struct form *form = form_of(drain);

		for (unsigned int i = 0; i == 0 || (form && form->forms[i]);
			i++) {
			struct guard_row *row = &rows[nr];

			if (pcpmm_drain_is_unsound(drain) || nr == GUARDS_MAX)
				continue;
			row->drain = (enum pcpmm_drain)drain;
			row->form = form ? form->forms[i] : "";
			snprintf(row->name, sizeof(row->name), "%s%s%s",
				drain == PCPMM_DRAIN_EXTERNAL
					? asymmetric_lock.name
					: pcpmm_drain_name(drain),
				form ? "/" : "", row->form);
			nr += !filter ||
			      !regexec(filter, row->name, 0, NULL, 0);
		}
	}
	return nr;
}

static struct pcpmm_machine *create_machine(const struct guard_row *row)
{
	const struct form *form = form_of(row->drain);
	unsigned char *nohz_full = NULL;
	struct pcpmm_machine *machine;
	struct pcpmm_config config;

	if (!bench_config(&config))
		return NULL;
	config.drain = row->drain;
	config.strategy = &asymmetric_lock;
	if (form && form->axis)
		pcpmm_config_set(&config, form->axis, row->form, NULL);
	if (!strcmp(row->form, "key")) {
		nohz_full = calloc(config.nr_cpus, 1);
		if (!nohz_full)
			return NULL;
		nohz_full[config.nr_cpus - 1] = 1;
		config.cpu_nohz_full = nohz_full;
	}
	machine = bench_create(&config);
	free(nohz_full);
	return machine;
}

static bool create_machines(struct guard_row *rows, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		rows[i].machine = create_machine(&rows[i]);
		if (!rows[i].machine)
			return false;
	}
	return true;
}

static bool run_turn(struct guard_row *row, unsigned int repetition,
	struct turn *turn, int host_cpu)
{
	struct pcpmm_cpu_thread *thread =
		pcpmm_cpu_run(row->machine, 0, host_cpu, on_cpu, turn);

	if (!thread)
		return false;
	pcpmm_cpu_join(thread);
	row->hot_ns[repetition] = turn->hot_ns;
	row->burst_ns[repetition] = turn->burst_ns;
	bench_empty_lists(row->machine);
	return turn->hot_ns >= 0 && turn->burst_ns >= 0 &&
	       bench_nothing_lost(row->machine, row->name);
}

static bool run_all(struct guard_row *rows, unsigned int nr,
	const struct options *options, int host_cpu)
{
	struct turn turn = {
		.time_ns = options->min_time_ns, .clock_ns = clock_cost_ns()};
	struct rng rng = {options->seed};
	uint32_t order[GUARDS_MAX];

	for (uint32_t i = 0; i < nr; i++)
		order[i] = i;
	for (unsigned int n = 0; n < options->repetitions; n++) {
		rng_shuffle(&rng, order, nr);
		for (unsigned int i = 0; i < nr; i++)
			if (!run_turn(&rows[order[i]], n, &turn, host_cpu))
				return false;
	}
	return true;
}

static void print_rows(
	struct guard_row *rows, unsigned int nr, unsigned int repetitions)
{
	const struct guard_row *base = NULL;

	for (unsigned int i = 0; i < nr; i++)
		if (rows[i].drain == PCPMM_DRAIN_IPI_ALL)
			base = &rows[i];
	printf("# ns a pair; ratios to ipi_all, of the same repetition\n"
	       "# %-27s %8s %8s %6s   %8s %8s %6s\n",
		"guard", "hot p25", "median", "ratio", "512 p25", "median",
		"ratio");
	/* Ratios first: quantile() sorts its argument. */
	for (unsigned int i = 0; i < nr; i++) {
		static double hot_ns[REPETITIONS_MAX];
		static double burst_ns[REPETITIONS_MAX];
		double hot_ratio = median_ratio(rows[i].hot_ns,
			base ? base->hot_ns : NULL, repetitions);
		double burst_ratio = median_ratio(rows[i].burst_ns,
			base ? base->burst_ns : NULL, repetitions);

		memcpy(hot_ns, rows[i].hot_ns, sizeof(hot_ns));
		memcpy(burst_ns, rows[i].burst_ns, sizeof(burst_ns));
		printf("%-29s %8.2f %8.2f %6.2f   %8.2f %8.2f %6.2f\n",
			rows[i].name, quantile(hot_ns, repetitions, 0.25),
			quantile(hot_ns, repetitions, 0.5), hot_ratio,
			quantile(burst_ns, repetitions, 0.25),
			quantile(burst_ns, repetitions, 0.5), burst_ratio);
	}
}

int guards_run(const struct options *options, int host_cpu)
{
	static struct guard_row rows[GUARDS_MAX + 1];
	int status = EXIT_FAILURE;
	unsigned int nr;
	regex_t filter;

	if (options->filter &&
		regcomp(&filter, options->filter, REG_EXTENDED | REG_NOSUB)) {
		fprintf(stderr,
			"pcpmm-bench: --filter '%s': no regular expression\n",
			options->filter);
		return 2;
	}
	nr = add_rows(rows, options->filter ? &filter : NULL);
	if (options->filter)
		regfree(&filter);
	if (!nr) {
		fprintf(stderr, "pcpmm-bench: --filter '%s' matches no guard\n",
			options->filter);
		return 2;
	}
	if (create_machines(rows, nr) && run_all(rows, nr, options, host_cpu)) {
		print_rows(rows, nr, options->repetitions);
		status = EXIT_SUCCESS;
	}
	for (unsigned int i = 0; i < nr; i++)
		pcpmm_machine_destroy(rows[i].machine);
	return status;
}
