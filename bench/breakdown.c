/* SPDX-License-Identifier: MIT */
/*
 * The cycles of the hot order-0 pair: the library's own hot paths, whole, and compiled
 * once more without one part (breakdown_part.c). What a part costs is the difference
 * that it makes to the pair.
 *
 * The differences do not add up to the whole: a processor overlaps independent
 * instructions. One of 0 says that the part's instructions found a free place.
 *
 * Looks inside the library.
 */
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "clock.h"

#include "alloc/door.h"
#include "breakdown_part.h"
#include "machine/machine.h"

#define TURNS 2048 /* a chunk */
#define TRACE_ENTRIES (1u << 13) /* more than a chunk's events */
#define ROWS_MAX 24

/* The objects that rows use. */
struct ground {
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	struct pcp_slot *slot;
	struct pcpmm_page *page; /* held throughout */
	const struct row *row;
	uint64_t time_ns;
	uint64_t clock_ns;
	double chunk_ns[CHUNKS_MAX];
	double ns; /* out */
};

struct row {
	const char *name;
	const char *what;
	void (*run)(struct ground *ground);
	const struct pcpmm_door *door; /* NULL: the machine's */
	bool trace;
};

/* --- rows ------------------------------------------------------------- */

static void run_pair(struct ground *ground)
{
	struct pcpmm_cpu *cpu = ground->cpu;

	for (unsigned int i = 0; i < TURNS; i++) {
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);

		pcpmm_free_pages(cpu, page, 0);
	}
}

static void run_guard(struct ground *ground)
{
	struct spinlock *lock = &ground->slot->lock;
	struct cpu *cpu = &ground->cpu->base;

	for (unsigned int i = 0; i < 2 * TURNS; i++) {
		if (!lock_try(cpu, lock, LOCK_RANK_PCP))
			return;
		lock_release(cpu, lock, LOCK_RANK_PCP);
	}
}

static const struct pcpmm_door generic_door = {alloc_generic, free_generic};

static void run_empty(struct ground *ground)
{
	(void)ground;
	for (unsigned int i = 0; i < TURNS; i++)
		compiler_barrier();
}

/* One row a part that is left out, for the cheapest guard and the dearest. */
#define WITHOUT(part, what)                                                    \
	{"irqoff-" #part, "the same without " what, run_pair,                  \
		&doors_no_##part[PART_IRQOFF], false},                         \
	{                                                                      \
		"pcp_lock-" #part, "the same without " what, run_pair,         \
			&doors_no_##part[PART_PCP_LOCK], false                 \
	}

static const struct row rows[] = {
	{"irqoff", "the pair of an irq-off strategy", run_pair,
		&doors_whole[PART_IRQOFF], false},
	{"rcu_sched", "the pair of rcu_swap, sched", run_pair,
		&doors_whole[PART_RCU_SCHED], false},
	{"pcp_lock", "the pair of pcp_lock", run_pair,
		&doors_whole[PART_PCP_LOCK], false},
	WITHOUT(guard, "a guard"),
	WITHOUT(owner, "the look at cpu->may"),
	WITHOUT(mark, "the look at the gate"),
	WITHOUT(free_factor, "the look at free_factor"),
	WITHOUT(events, "counting"),
	WITHOUT(check, "the checks of the freed page"),
	{"irqoff+exchange", "the pair with free_check = exchange", run_pair,
		&hot_exchange_doors[PCP_GUARD_irqoff], false},
	{"rcu_sched+exchange", "likewise", run_pair,
		&hot_exchange_doors[PCP_GUARD_rcu_sched], false},
	{"pcp_lock+exchange", "likewise", run_pair,
		&hot_exchange_doors[PCP_GUARD_pcp_lock], false},
	{"generic", "the pair by the generic path, pcp_lock", run_pair,
		&generic_door, false},
	{"traced", "the same, all events recorded", run_pair, NULL, true},
	{"locks", "2 x (lock_try + lock_release), alone", run_guard, NULL,
		false},
	{"loop", "the empty loop, included in all the others", run_empty, NULL,
		false},
};
#define NR_ROWS ARRAY_SIZE(rows)
_Static_assert(NR_ROWS <= ROWS_MAX, "results fit");

/* --- running them ----------------------------------------------------- */

static void drop_events(struct pcpmm_cpu *cpu)
{
	static struct pcpmm_event events[TRACE_ENTRIES];

	pcpmm_trace_read(cpu, events, TRACE_ENTRIES);
}

static void on_cpu(struct pcpmm_cpu *cpu, void *arg)
{
	struct ground *ground = arg;
	uint64_t end = time_ns() + ground->time_ns;
	uint32_t n = 0;

	ground->cpu = cpu;
	ground->page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	if (!ground->page)
		return;
	ground->slot = &cpu->slots[frame_zone(ground->page)];
	ground->row->run(ground); /* warm-up */
	do {
		uint64_t start, took;

		if (ground->row->trace)
			drop_events(cpu);
		start = time_ns();
		ground->row->run(ground);
		took = time_ns() - start;
		took -= MIN(took, ground->clock_ns);
		ground->chunk_ns[n++ % CHUNKS_MAX] = (double)took / TURNS;
	} while (time_ns() < end);
	ground->ns = quantile(ground->chunk_ns, MIN(n, CHUNKS_MAX), 0.5);
	pcpmm_free_pages(cpu, ground->page, 0);
}

/* 0 or -errno. */
static int run_row(struct ground *ground, const struct row *row, int host_cpu)
{
	struct pcpmm_machine *machine = ground->machine;
	const struct pcpmm_door own = machine->cpus[0].base.door;
	struct pcpmm_cpu_thread *thread;
	int ret = 0;

	ground->row = row;
	ground->ns = -1;
	machine->cpus[0].base.door = row->door ? *row->door : own;
	if (row->trace)
		ret = pcpmm_trace_start(
			machine, PCPMM_EVENTS_ALL, TRACE_ENTRIES);
	if (ret)
		return ret;
	thread = pcpmm_cpu_run(machine, 0, host_cpu, on_cpu, ground);
	if (!thread)
		return -errno;
	pcpmm_cpu_join(thread);
	if (row->trace)
		ret = pcpmm_trace_start(machine, 0, 0);
	machine->cpus[0].base.door = own;
	return ret ? ret : ground->ns < 0 ? -ENOMEM : 0;
}

static int run_rows(struct ground *ground, const struct options *options,
	int host_cpu, const bool *wanted, double (*ns)[REPETITIONS_MAX])
{
	struct rng rng = {options->seed};
	uint32_t order[NR_ROWS];

	for (uint32_t i = 0; i < NR_ROWS; i++)
		order[i] = i;
	for (unsigned int turn = 0; turn < options->repetitions; turn++) {
		rng_shuffle(&rng, order, NR_ROWS);
		for (unsigned int i = 0; i < NR_ROWS; i++) {
			uint32_t at = order[i];
			int ret;

			if (!wanted[at])
				continue;
			ret = run_row(ground, &rows[at], host_cpu);
			if (ret) {
				fprintf(stderr, "pcpmm-bench: %s: %s\n",
					rows[at].name, strerror(-ret));
				return ret;
			}
			ns[at][turn] = ground->ns;
		}
	}
	return 0;
}

/* Rows whose name matches; 0 or 2 after a message. */
static int choose_rows(const char *pattern, bool *wanted)
{
	unsigned int n = 0;
	regex_t filter;

	if (pattern && regcomp(&filter, pattern, REG_EXTENDED | REG_NOSUB)) {
		fprintf(stderr,
			"pcpmm-bench: --filter '%s': no regular "
			"expression\n",
			pattern);
		return 2;
	}
	for (unsigned int i = 0; i < NR_ROWS; i++) {
		wanted[i] =
			!pattern || !regexec(&filter, rows[i].name, 0, NULL, 0);
		n += wanted[i];
	}
	if (pattern)
		regfree(&filter);
	if (n)
		return 0;
	fprintf(stderr, "pcpmm-bench: --filter '%s' matches none of", pattern);
	for (unsigned int i = 0; i < NR_ROWS; i++)
		fprintf(stderr, " %s", rows[i].name);
	fputc('\n', stderr);
	return 2;
}

static void print_rows(const bool *wanted, double (*ns)[REPETITIONS_MAX],
	unsigned int repetitions)
{
	printf("# ns a pair\n# %-18s %8s %8s %8s  %s\n", "part", "p25",
		"median", "p75", "what");
	for (unsigned int i = 0; i < NR_ROWS; i++) {
		if (!wanted[i])
			continue;
		printf("%-20s %8.2f %8.2f %8.2f  %s\n", rows[i].name,
			quantile(ns[i], repetitions, 0.25),
			quantile(ns[i], repetitions, 0.5),
			quantile(ns[i], repetitions, 0.75), rows[i].what);
	}
}

int breakdown_run(const struct options *options, int host_cpu)
{
	static double ns[NR_ROWS][REPETITIONS_MAX];
	static struct ground ground;
	bool wanted[NR_ROWS];
	int status = choose_rows(options->filter, wanted);

	if (status)
		return status;
	ground.machine =
		bench_machine(PCPMM_DRAIN_PCP_LOCK, PCPMM_RCU_SCHED, NULL);
	if (!ground.machine)
		return EXIT_FAILURE;
	ground.time_ns = options->min_time_ns;
	ground.clock_ns = clock_cost_ns();
	if (run_rows(&ground, options, host_cpu, wanted, ns) ||
		!bench_nothing_lost(ground.machine, "the breakdown"))
		status = EXIT_FAILURE;
	else
		print_rows(wanted, ns, options->repetitions);
	pcpmm_machine_destroy(ground.machine);
	return status;
}
