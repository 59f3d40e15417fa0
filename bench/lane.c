/* SPDX-License-Identifier: MIT */
/*
 * A cell: each lane is a pinned thread that is one CPU. All lanes wait for each
 * other, warm up for a quarter of the time, wait again, and measure chunks.
 *
 * A lane's figure is the median of its chunks, so that a chunk which the host
 * interrupted does not change it.
 */
#include <ck_pr.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "clock.h"

#define SPIN_YIELD 4096

static bool lane_alloc(struct lane *lane)
{
	lane->pages = calloc(PAGES_MAX, sizeof(*lane->pages));
	lane->order_of_free = calloc(PAGES_MAX, sizeof(*lane->order_of_free));
	lane->steps = calloc(STEPS_MAX, sizeof(*lane->steps));
	lane->slot_order = calloc(256, sizeof(*lane->slot_order));
	lane->pair_ns = calloc(CHUNKS_MAX, sizeof(*lane->pair_ns));
	lane->alloc_ns = calloc(CHUNKS_MAX, sizeof(*lane->alloc_ns));
	return lane->pages && lane->order_of_free && lane->steps &&
	       lane->slot_order && lane->pair_ns && lane->alloc_ns;
}

int team_init(struct team *team, const struct options *options)
{
	*team = (struct team){
		.min_time_ns = options->min_time_ns,
		.clock_ns = clock_cost_ns(),
	};
	team->ring_buffer = calloc(RING_ENTRIES, sizeof(*team->ring_buffer));
	for (unsigned int i = 0; i < CPUS_MAX; i++)
		if (!lane_alloc(&team->lanes[i]))
			return -ENOMEM;
	return team->ring_buffer ? 0 : -ENOMEM;
}

void team_fini(struct team *team)
{
	for (unsigned int i = 0; i < CPUS_MAX; i++) {
		struct lane *lane = &team->lanes[i];

		free(lane->pages);
		free(lane->order_of_free);
		free(lane->steps);
		free(lane->slot_order);
		free(lane->pair_ns);
		free(lane->alloc_ns);
	}
	free(team->ring_buffer);
}

/* Wait for all lanes, for the @turn-th time. false: a lane could not start. */
static bool meet(struct team *team, unsigned int turn)
{
	unsigned int looks = 0;

	ck_pr_inc_uint(&team->ready);
	while (ck_pr_load_uint(&team->ready) < turn * team->nr_lanes) {
		if (ck_pr_load_uint(&team->stop))
			return false;
		ck_pr_stall();
		if (++looks % SPIN_YIELD == 0)
			sched_yield();
	}
	return true;
}

static double per_pair(uint64_t ns, uint64_t clock_ns, uint64_t pairs)
{
	return (ns > clock_ns ? (double)(ns - clock_ns) : 0) / (double)pairs;
}

static void keep(struct lane *lane, const struct sample *sample)
{
	uint64_t clock_ns = lane->team->clock_ns;
	uint32_t at = lane->chunks++ % CHUNKS_MAX;
	double alloc = per_pair(sample->alloc_ns, clock_ns, sample->pairs);

	lane->alloc_ns[at] = alloc;
	lane->pair_ns[at] = alloc;
	lane->split = sample->free_ns != 0;
	if (lane->split)
		lane->pair_ns[at] +=
			per_pair(sample->free_ns, clock_ns, sample->pairs);
	lane->pairs += sample->pairs;
}

static bool run_chunks(struct lane *lane, uint64_t time, bool measured)
{
	uint64_t end = time_ns() + time;
	struct sample sample;

	do {
		if (!lane->what->chunk(lane, &sample))
			return false;
		if (measured)
			keep(lane, &sample);
	} while (time_ns() < end);
	return true;
}

/* The assisting lane waits for the first one, too, so that both have begun. */
static void run_assist(struct lane *lane)
{
	if (meet(lane->team, 1))
		lane->what->assist(lane);
}

static void measure(struct lane *lane)
{
	struct team *team = lane->team;
	bool alone = lane->what->assist != NULL;
	uint64_t cpu_ns;

	if (!meet(team, 1) || !run_chunks(lane, team->min_time_ns / 4, false) ||
		(!alone && !meet(team, 2))) {
		lane->failed = true;
		return;
	}
	cpu_ns = thread_time_ns();
	if (!run_chunks(lane, team->min_time_ns, true))
		lane->failed = true;
	lane->cpu_ns = thread_time_ns() - cpu_ns;
}

static void lane_main(struct pcpmm_cpu *cpu, void *arg)
{
	struct lane *lane = arg;

	lane->cpu = cpu;
	if (lane->index && lane->what->assist) {
		run_assist(lane);
		return;
	}
	measure(lane);
	if (lane->failed)
		ck_pr_store_uint(&lane->team->stop, 1);
	if (lane->what->finish)
		lane->what->finish(lane);
}

static void lane_reset(struct bench *bench, const struct cell *cell,
	const struct contestant *who, unsigned int index)
{
	struct lane *lane = &bench->team.lanes[index];

	lane->who = who;
	lane->what = cell->what;
	lane->team = &bench->team;
	lane->index = index;
	lane->failed = false;
	lane->chunks = 0;
	lane->pairs = lane->cpu_ns = 0;
	if (cell->what->prepare)
		cell->what->prepare(lane, &bench->rng);
}

static struct result summary(const struct team *team)
{
	unsigned int nr = team->lanes[0].what->assist ? 1 : team->nr_lanes;
	struct result result = {0};

	for (unsigned int i = 0; i < nr; i++) {
		const struct lane *lane = &team->lanes[i];
		uint32_t n =
			lane->chunks < CHUNKS_MAX ? lane->chunks : CHUNKS_MAX;

		if (lane->split)
			result.alloc_ns +=
				quantile(lane->alloc_ns, n, 0.5) / nr;
		result.pair_ns += quantile(lane->pair_ns, n, 0.5) / nr;
		result.cpu_ns +=
			(double)lane->cpu_ns / (double)lane->pairs / nr;
		result.pairs += lane->pairs;
	}
	return result;
}

static bool failed(const struct team *team, const struct cell *cell,
	const struct contestant *who)
{
	for (unsigned int i = 0; i < team->nr_lanes; i++)
		if (team->lanes[i].failed) {
			fprintf(stderr,
				"pcpmm-bench: %s/%s: an allocation failed or a "
				"free was refused\n",
				cell->name, who->name);
			return true;
		}
	return false;
}

bool team_run(struct bench *bench, const struct cell *cell,
	const struct contestant *who, unsigned int repetition,
	struct result *result)
{
	struct pcpmm_cpu_thread *threads[CPUS_MAX] = {NULL};
	struct team *team = &bench->team;
	int reason = 0;

	team->nr_lanes = cell->cpus;
	team->ready = team->stop = 0;
	for (unsigned int i = 0; i < cell->cpus; i++)
		lane_reset(bench, cell, who, i);
	for (unsigned int i = 0; i < cell->cpus && !reason; i++) {
		/* Lanes change host CPUs, as one of these may be slower. */
		int host = bench->host_cpus[(i + repetition) %
					    bench->nr_host_cpus];

		threads[i] = pcpmm_cpu_run(
			bench->machine, i, host, lane_main, &team->lanes[i]);
		if (!threads[i]) {
			reason = errno;
			ck_pr_store_uint(&team->stop, 1);
		}
	}
	for (unsigned int i = 0; i < cell->cpus; i++)
		if (threads[i])
			pcpmm_cpu_join(threads[i]);
	if (reason) {
		fprintf(stderr, "pcpmm-bench: CPU thread: %s\n",
			strerror(reason));
		return false;
	}
	if (failed(team, cell, who))
		return false;
	*result = summary(team);
	return true;
}
