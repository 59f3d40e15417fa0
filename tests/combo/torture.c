/* SPDX-License-Identifier: MIT */
/*
 * torture [SECONDS]: the combinations, for that time. Each round has a seed of
 * its own, printed before the round begins; PCPMM_SEED runs that round again.
 *
 * Threads are real, so a seed repeats each CPU's operations, not how they
 * interleave: a failure may need several tries.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "combo/run.h"

static struct combo combo_of(uint64_t seed)
{
	static const unsigned int cpus[] = {1, 2, 4, 8};
	struct combo combo = {
		.cpus = cpus[seed % 4],
		.nodes = 1 + (unsigned int)(seed / 4 % 2),
		.ipi = (enum pcpmm_ipi)(seed / 8 % PCPMM_NR_IPIS),
		.hotplug = (int)(seed / 16 % 2),
		.trace = (int)(seed / 64 % 4 == 0),
		.ops = 100000,
		.seed = seed,
	};
	uint64_t mixed = seed * 0xbf58476d1ce4e5b9ULL;
	unsigned int strategies = 0;

	combo_counters((unsigned int)(mixed >> 40), &combo);
	combo_reclaim((unsigned int)(mixed >> 36 & 0xff), &combo);
	combo_ticks((unsigned int)(mixed >> 52), &combo);
	combo_lru((unsigned int)(mixed >> 56), &combo);
	combo.count_order = mixed >> 32 & 1;
	combo.marks = mixed >> 33 & 1;
	combo.zone_lock =
		(enum pcpmm_zone_lock)((mixed >> 48) % PCPMM_NR_ZONE_LOCKS);
	combo.free_check = (enum pcpmm_free_check)(mixed >> 40 & 1);
	combo.starvation =
		(enum pcpmm_starvation)((mixed >> 18) % PCPMM_NR_STARVATIONS);
	combo.nolock_refuses = (enum pcpmm_nolock_refuses)(
		(mixed >> 20) % PCPMM_NR_NOLOCK_REFUSES);
	combo.zone_rules =
		(enum pcpmm_zone_rules)((mixed >> 14) % PCPMM_NR_ZONE_RULES);
	combo.split = mixed >> 34 & 1;
	combo.shepherd = combo_needs_fold(&combo) || (mixed >> 30 & 3) != 0;
	combo.nap_ms = mixed >> 28 & 3;
	combo.restarts = combo.nap_ms && (mixed >> 26 & 3) == 0;
	while (combo_strategy(strategies, &combo))
		strategies++;
	combo_strategy(
		(unsigned int)(seed * 0x9e3779b97f4a7c15ULL >> 32) % strategies,
		&combo);
	combo_up((unsigned int)(mixed >> 44), &combo);
	return combo;
}

static void round_of(uint64_t seed)
{
	struct combo combo = combo_of(seed);
	struct combo_count count;
	char name[320];

	combo_name(&combo, name, sizeof(name));
	printf("PCPMM_SEED=%#llx: %s\n", (unsigned long long)seed, name);
	fflush(stdout);
	combo_run(&combo, &count);
	printf("  %llu allocations, %llu failed, %llu across CPUs, "
	       "%llu interrupts, %llu drains of %llu CPUs, %llu hotplugs, "
	       "%llu and %llu stolen: conserved\n",
		(unsigned long long)count.allocs,
		(unsigned long long)count.failed,
		(unsigned long long)count.crossings,
		(unsigned long long)count.interrupts,
		(unsigned long long)count.drains,
		(unsigned long long)count.visited,
		(unsigned long long)count.hotplugs,
		(unsigned long long)count.steal_direct,
		(unsigned long long)count.steal_kswapd);
}

static int64_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

int main(int argc, char **argv)
{
	const char *given = getenv("PCPMM_SEED");
	char *end = NULL;
	long seconds = argc > 1 ? strtol(argv[1], &end, 10) : 60;
	int64_t until = now_s() + seconds;

	if (argc > 2 || seconds < 1 || (end && *end)) {
		fprintf(stderr, "usage: torture [SECONDS]\n");
		return 2;
	}
	if (given) {
		round_of(strtoull(given, NULL, 0));
		return 0;
	}
	for (uint64_t seed = (uint64_t)time(NULL) << 8; now_s() < until; seed++)
		round_of(seed);
	return 0;
}
