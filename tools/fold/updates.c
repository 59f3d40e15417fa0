/* SPDX-License-Identifier: MIT */
/*
 * How much longer a turn of each kind takes (updates_turns.c) than a turn whose
 * call is refused: chunks of turns, repeated on several sets of machines. Each
 * figure is a median of medians.
 */
#include "updates_internal.h"

#include <pcpmm/cpu.h>
#include <pcpmm/vmstat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../clock.h"
#include "../arena/host.h"
#include "../arena/median.h"
#include "traffic.h"

#define SETS 5 /* of machines, as a machine's place in memory matters */
#define ITEM "nr_mapped"
#define THRESHOLD 30 /* of the machines below */

/* --- a kind, measured once --------------------------------------------------- */

static uint64_t time_of(struct ground *ground, unsigned int what)
{
	uint64_t start = clock_ns();

	updates_run(ground, what);
	return clock_ns() - start;
}

/* @words were added, TURNS of them here: did the other thread run meanwhile? */
static bool was_contended(int64_t words)
{
	return words >= TURNS + TURNS / 4;
}

/*
 * Chunks of @what and of UPDATE_NOTHING alternate: a slow phase of the host
 * slows both, and their difference stays. 0: contention was wanted and never
 * happened.
 */
static double measure(struct ground *ground, unsigned int what)
{
	uint64_t end = clock_ns() + ground->time_ns, with, without;
	unsigned int nr = 0;
	int64_t words;

	updates_run(ground, what);
	do {
		without = what ? time_of(ground, UPDATE_NOTHING) : 0;
		words = atomic_load(&ground->shared.word);
		with = time_of(ground, what);
		words = atomic_load(&ground->shared.word) - words;
		if (what == UPDATE_CONTENDED && !was_contended(words))
			continue;
		ground->chunks[nr++ % CHUNKS_MAX] =
			((double)with - (double)without) / TURNS;
	} while (clock_ns() < end);
	if (!nr)
		return 0;
	return median(ground->chunks, nr < CHUNKS_MAX ? nr : CHUNKS_MAX);
}

static void contend(struct pcpmm_cpu *cpu, void *arg)
{
	struct ground *ground = arg;

	(void)cpu;
	atomic_store(&ground->contending, true);
	while (atomic_load_explicit(&ground->contend, memory_order_relaxed))
		atomic_fetch_add(&ground->shared.word, 1);
	atomic_store(&ground->contending, false);
}

/* 0: there is no second host CPU. */
static double measure_contended(struct ground *ground)
{
	struct pcpmm_cpu_thread *other;
	double ns;

	if (ground->other_host_cpu < 0)
		return 0;
	atomic_store(&ground->contend, true);
	other = pcpmm_cpu_run(ground->machines[0], 1, ground->other_host_cpu,
		contend, ground);
	if (!other) {
		ground->ret = -errno;
		return 0;
	}
	while (!atomic_load(&ground->contending))
		;
	ns = measure(ground, UPDATE_CONTENDED);
	atomic_store(&ground->contend, false);
	pcpmm_cpu_join(other);
	return ns;
}

/* Enter CPU 0 of all machines at once, so that no turn enters or leaves. */
static bool enter_all(struct ground *ground, struct pcpmm_cpu *first)
{
	ground->cpus[0] = first;
	for (unsigned int i = 1; i < NR_MACHINES; i++) {
		ground->cpus[i] = pcpmm_cpu_enter(ground->machines[i], 0);
		if (!ground->cpus[i]) {
			ground->ret = -errno;
			return false;
		}
	}
	return true;
}

static void measure_all(struct pcpmm_cpu *cpu, void *arg)
{
	struct ground *ground = arg;

	if (enter_all(ground, cpu)) {
		for (unsigned int r = 0; r < REPETITIONS; r++)
			for (unsigned int i = 0; i < UPDATES_MAX; i++) {
				unsigned int what = (i + r) % UPDATES_MAX;

				ground->ns[what][r] =
					what == UPDATE_CONTENDED
						? measure_contended(ground)
						: measure(ground, what);
			}
		for (unsigned int i = 0; i < NR_MACHINES; i++)
			ground->shared_lines[i] =
				traffic_of_run(ground->cpus[i], ITEM);
	}
	for (unsigned int i = 1; i < NR_MACHINES; i++)
		if (ground->cpus[i])
			pcpmm_cpu_leave(ground->cpus[i]);
}

/* --- results ---------------------------------------------------------------- */

/* 0: the plain update took no time at all. */
static double ratio_of(
	struct ground *ground, unsigned int what, unsigned int base)
{
	double plain = median(ground->ns[base], REPETITIONS);

	return plain > 0 ? median(ground->ns[what], REPETITIONS) / plain : 0;
}

static void sum_up(struct ground *ground, struct update_cost *costs)
{
	for (unsigned int i = 0; i < UPDATES_MAX; i++) {
		unsigned int base =
			(i - UPDATE_ACCOUNTS) % PCPMM_NR_DIFFS == PCPMM_DIFF_S8
				? UPDATE_PLAIN
				: UPDATE_PLAIN_S32;

		costs[i].ns = median(ground->ns[i], REPETITIONS);
		costs[i].ratio =
			i < UPDATE_ACCOUNTS ? 0 : ratio_of(ground, i, base);
		costs[i].shared_lines =
			i < UPDATE_ACCOUNTS
				? 0
				: ground->shared_lines[i - UPDATE_ACCOUNTS];
	}
}

/* 4 CPUs and 1 GiB, so that THRESHOLD is the threshold. */
static struct pcpmm_machine *create(
	unsigned int account, unsigned int diff, struct pcpmm_error *error)
{
	static const struct pcpmm_node_config node = {
		.zones[PCPMM_ZONE_NORMAL] = {0x100000, 262144, 262144, 262144},
	};
	struct pcpmm_config config;
	int ret = pcpmm_config_init(
		&config, sizeof(config), PCPMM_PRESET_LINUX_6_1);

	if (ret) {
		errno = -ret;
		return NULL;
	}
	config.nr_cpus = 4;
	config.nr_nodes = 1;
	config.nodes = &node;
	config.account = account;
	config.diff = diff;
	return pcpmm_machine_create(&config, error);
}

static int create_all(struct ground *ground, struct pcpmm_error *error)
{
	for (unsigned int i = 0; i < NR_MACHINES; i++) {
		ground->machines[i] =
			create(i / PCPMM_NR_DIFFS, i % PCPMM_NR_DIFFS, error);
		if (!ground->machines[i])
			return -errno;
	}
	return 0;
}

static void destroy(struct ground *ground)
{
	for (unsigned int i = 0; ground && i < NR_MACHINES; i++)
		pcpmm_machine_destroy(ground->machines[i]);
	free(ground);
}

/* NULL with errno, and perhaps a reason in @error. */
static struct ground *build(uint64_t time_ns, struct pcpmm_error *error)
{
	struct ground *ground = aligned_alloc(64, sizeof(*ground));
	int ret;

	if (!ground)
		return NULL;
	memset(ground, 0, sizeof(*ground));
	atomic_store(&ground->diff.threshold, THRESHOLD);
	for (unsigned int i = 0; i < PCPMM_NR_DIFFS; i++)
		ground->plain[i] = (struct plain){.diffs = {&ground->diff},
			.up = &ground->up,
			.width = i};
	ground->other_host_cpu = arena_host_cpu(1);
	ground->time_ns = time_ns;
	ground->item = pcpmm_stat_item(-1, ITEM);
	ret = create_all(ground, error);
	if (!ret)
		return ground;
	destroy(ground);
	errno = -ret;
	return NULL;
}

static int run_set(struct ground *ground, struct update_cost *costs)
{
	struct pcpmm_cpu_thread *thread = pcpmm_cpu_run(
		ground->machines[0], 0, arena_host_cpu(0), measure_all, ground);

	if (!thread)
		return -errno;
	pcpmm_cpu_join(thread);
	if (!ground->ret)
		sum_up(ground, costs);
	return ground->ret;
}

static void sum_up_sets(
	struct update_cost sets[SETS][UPDATES_MAX], struct update_cost *costs)
{
	for (unsigned int i = 0; i < UPDATES_MAX; i++) {
		double ns[SETS], ratio[SETS];

		for (unsigned int set = 0; set < SETS; set++) {
			ns[set] = sets[set][i].ns;
			ratio[set] = sets[set][i].ratio;
		}
		costs[i].ns = median(ns, SETS);
		costs[i].ratio = median(ratio, SETS);
		costs[i].shared_lines = sets[0][i].shared_lines;
		costs[i].measured = i != UPDATE_CONTENDED || costs[i].ns > 0;
	}
}

int updates_measure(
	double seconds, struct update_cost *costs, struct pcpmm_error *error)
{
	const uint64_t time_ns = (uint64_t)(seconds * (double)NS_PER_S /
					    (SETS * REPETITIONS * UPDATES_MAX));
	struct update_cost sets[SETS][UPDATES_MAX];
	struct ground *grounds[SETS] = {NULL};
	int ret = 0;

	/* All exist to the end, so that none reuses another's memory. */
	for (unsigned int set = 0; !ret && set < SETS; set++) {
		grounds[set] = build(time_ns, error);
		ret = grounds[set] ? run_set(grounds[set], sets[set]) : -errno;
	}
	if (!ret)
		sum_up_sets(sets, costs);
	for (unsigned int set = 0; set < SETS; set++)
		destroy(grounds[set]);
	return ret;
}
