/* SPDX-License-Identifier: MIT */
/*
 * The cycles of the hot order-0 pair: the pair with parts switched on or off,
 * and each part alone on the same machine.
 *
 * The parts do not add up to the whole. A processor overlaps independent
 * instructions, and a part alone waits for its own result of the turn before;
 * so "alone" is an upper bound, and the difference that a switch makes to the
 * pair is the better figure.
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

#include "machine/machine.h"
#include "pcplist/core.h"
#include "zone/watermark.h"

#define TURNS 2048 /* a chunk */
#define TRACE_ENTRIES (1u << 13) /* more than a chunk's events */
#define ROWS_MAX 24

/* The objects that rows use. */
struct ground {
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	struct zone *zone;
	struct pcp_slot *slot;
	struct pcpmm_page *page; /* held throughout */
	uint32_t pfn;
	const struct row *row;
	uint64_t time_ns;
	uint64_t clock_ns;
	uint64_t sum; /* of all results, so that none is optimised away */
	double chunk_ns[CHUNKS_MAX];
	double ns; /* out */
};

struct row {
	const char *name;
	const char *what;
	void (*run)(struct ground *ground);
	const char *sysctl; /* set to 0 meanwhile */
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

static void run_ops(struct ground *ground)
{
	const struct pcp_owner_ops *owner = &ground->machine->pcps.owner;
	struct pcp_slot *slot = ground->slot;

	for (unsigned int i = 0; i < TURNS; i++) {
		uint32_t pfn =
			owner->alloc(slot, 0, PCPMM_MIGRATE_UNMOVABLE, 0);

		owner->free(slot, pfn, 0, PCPMM_MIGRATE_UNMOVABLE);
	}
}

static force_inline struct pcp_lists *no_enter(
	struct cpu *cpu, struct pcp_slot *slot)
{
	(void)cpu;
	return &slot->own;
}

static force_inline void no_leave(
	struct cpu *cpu, struct pcp_slot *slot, struct pcp_lists *pcp)
{
	(void)cpu, (void)slot, (void)pcp;
	compiler_barrier();
}

static const struct pcp_guard no_guard = {no_enter, no_leave, NULL, false};

/* Not inlined, like the owner's ops: the same calls without a guard. */
static noinline uint32_t bare_alloc(struct pcp_slot *slot)
{
	return pcp_core_alloc(&no_guard, slot, 0, PCPMM_MIGRATE_UNMOVABLE, 0);
}

static noinline void bare_free(struct pcp_slot *slot, uint32_t pfn)
{
	pcp_core_free(&no_guard, slot, pfn, 0, PCPMM_MIGRATE_UNMOVABLE);
}

static void run_list(struct ground *ground)
{
	struct pcp_slot *slot = ground->slot;

	for (unsigned int i = 0; i < TURNS; i++)
		bare_free(slot, bare_alloc(slot));
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

/* The counters of a pair: PGALLOC, numa_hit, numa_local, PGFREE. */
static void run_counters(struct ground *ground)
{
	struct pcpmm_cpu *cpu = ground->cpu;
	uint64_t *numa = cpu->numa[ground->zone->id];

	for (unsigned int i = 0; i < TURNS; i++) {
		count_add(
			cpu, &cpu->events[PGALLOC_DMA + ground->zone->type], 1);
		count_add(cpu, &numa[NUMA_LOCAL], 1);
		count_add(cpu, &numa[NUMA_HIT], 1);
		count_add(cpu, &cpu->events[PGFREE], 1);
		compiler_barrier();
	}
}

static void run_watermark(struct ground *ground)
{
	for (unsigned int i = 0; i < TURNS; i++) {
		ground->sum += zone_watermark_fast(ground->zone, 0, MARK_LOW,
			PCPMM_ZONE_NORMAL, ALLOC_KSWAPD);
		compiler_barrier();
	}
}

static void run_owner(struct ground *ground)
{
	for (unsigned int i = 0; i < 2 * TURNS; i++) {
		ground->sum += cpu_is_mine(&ground->cpu->base);
		compiler_barrier();
	}
}

/* Is the page the machine's, held, of this order? Its zone and block's type. */
static void run_checks(struct ground *ground)
{
	const struct pcpmm_machine *machine = ground->machine;
	const struct pcpmm_page *page = ground->page;

	for (unsigned int i = 0; i < TURNS; i++) {
		uintptr_t offset =
			(uintptr_t)page - (uintptr_t)machine->zones.memmap;
		const struct zone *zone = machine->zones.zone[frame_zone(page)];

		ground->sum += offset < machine->zones.memmap_size &&
			       !(offset % sizeof(*page)) &&
			       frame_state(page) == FRAME_HELD &&
			       !frame_order(page);
		ground->sum += zone_block_type(zone, page_pfn(zone, page));
		compiler_barrier();
	}
}

static void run_empty(struct ground *ground)
{
	(void)ground;
	for (unsigned int i = 0; i < TURNS; i++)
		compiler_barrier();
}

static const struct row rows[] = {
	{"pair", "pcpmm_alloc_pages + pcpmm_free_pages", run_pair, NULL, false},
	{"pair-numa_stat-0", "the same, vm.numa_stat = 0", run_pair,
		"numa_stat", false},
	{"pair-traced", "the same, all events recorded", run_pair, NULL, true},
	{"list+guard", "owner.alloc + owner.free, no public call", run_ops,
		NULL, false},
	{"list", "the same without the guard", run_list, NULL, false},
	{"guard", "2 x (lock_try + lock_release), alone", run_guard, NULL,
		false},
	{"counters", "4 x count_add, alone", run_counters, NULL, false},
	{"watermark", "zone_watermark_fast, alone", run_watermark, NULL, false},
	{"owner", "2 x cpu_is_mine, alone", run_owner, NULL, false},
	{"checks", "is the page ours and held, its block's type; alone",
		run_checks, NULL, false},
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
	ground->zone = ground->machine->zones.zone[frame_zone(ground->page)];
	ground->pfn = page_pfn(ground->zone, ground->page);
	ground->slot = &cpu->slots[ground->zone->id];
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
	struct pcpmm_cpu_thread *thread;
	int ret = 0;

	ground->row = row;
	ground->ns = -1;
	if (row->sysctl)
		ret = pcpmm_sysctl_set(machine, row->sysctl, "0");
	if (!ret && row->trace)
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
	if (!ret && row->sysctl)
		ret = pcpmm_sysctl_set(machine, row->sysctl, "1");
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
