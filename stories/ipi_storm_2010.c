/* SPDX-License-Identifier: MIT */
/*
 * ipi-storm-2010: the fix that was given up, and what it costs beside the others.
 *
 * History. Mel Gorman's drift fix of 2010 had a form that was never merged: while
 * memory was low, vmstat_update was called on all CPUs. It cured the failures that
 * IBM had found; at the LSF/MM summit of 2010 the storm of interrupts was disliked
 * (linux-mm, RFC of 16 August 2010). It was replaced by a snapshot while kswapd is
 * awake (2.6.36, aa45484031dd), which reads each CPU's diff for each check, and that
 * by smaller thresholds under pressure (2.6.37, 88f5acf88ae6), which cost a check
 * nothing.
 *
 * Scene. 64 CPUs, 4 GiB; the zone is just below low, and kswapd is awake but finds
 * nothing to reclaim. Each CPU but 0 asks for five blocks of 16 pages. Then CPU 0 asks
 * 200 times in vain, which is 1000 watermark checks that find the counter below low:
 * what a busy machine makes in a second.
 *
 * Asserted. Raw reader: the zone ends thousands of pages below min. By folds and by
 * snapshots min is held to the page; under pressure thresholds a zone that begins below
 * low may end below min, by no more than low - min. 1000 checks cost 63000 interrupts,
 * or 1000 snapshots of 64 diffs, or nothing.
 */
#include "table.h"

#include <inttypes.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define CPUS 64
#define PAGES 1048576
#define ORDER 4 /* kept on no list: each block is counted as it is taken */
#define BLOCK (1 << ORDER)
#define THP_ORDER 9 /* kept on lists */
#define WANTED 5 /* blocks a CPU */
#define REQUESTS 200
#define CHECKS 1000 /* of REQUESTS that fail: five each */
#define QUIETLY 0u /* gfp of a request that wakes nobody and does not reclaim */

struct stage {
	struct story *story;
	const char *name;
	void (*adjust)(struct pcpmm_config *config);
	struct pcpmm_machine *machine;
	struct scene_hoard hoard;
	unsigned int served, refused; /* blocks */
};

/* What checks have cost so far. */
struct cost {
	uint64_t low_checks, ipis, snapshots;
};

static struct pcpmm_zone_truth truth_of(const struct stage *stage)
{
	return scene_truth(stage->machine, 0, NORMAL);
}

static struct cost cost_of(const struct stage *stage)
{
	struct pcpmm_fold_stats folds = scene_folds(stage->machine);
	struct pcpmm_reclaim_stats reclaim;

	pcpmm_reclaim_stats_read(stage->machine, &reclaim);
	return (struct cost){
		folds.low_checks, folds.low_ipis, reclaim.snapshots};
}

static bool take(struct stage *stage, struct pcpmm_cpu *cpu, unsigned int order,
	uint32_t gfp)
{
	return scene_hoard_take(stage->story, cpu, &stage->hoard, gfp, order);
}

static void fill(struct stage *stage, struct pcpmm_cpu *cpu)
{
	uint64_t low = truth_of(stage).low;

	for (unsigned int order = PCPMM_ORDER_MAX; order >= ORDER; order--) {
		if (order == THP_ORDER)
			continue;
		while (truth_of(stage).free + BLOCK >= low + (1u << order)) {
			if (!take(stage, cpu, order, PCPMM_GFP_KERNEL))
				story_give_up(stage->story, 1, "no block");
			pcpmm_vmstat_fold(cpu, 0);
		}
	}
	/* Wakes kswapd, which finds nothing, and stays awake. */
	take(stage, cpu, ORDER, PCPMM_GFP_KERNEL);
	pcpmm_kswapd_run(cpu, 0);
	pcpmm_vmstat_fold(cpu, 0);
}

static void tell(struct stage *stage, int cpu)
{
	struct pcpmm_zone_truth truth = truth_of(stage);

	story_say(stage->story, cpu,
		"counter %" PRId64 ", truth %" PRIu64 "; low %" PRIu64
		", min %" PRIu64,
		truth.nr_free_pages, truth.free, truth.low, truth.min);
}

static struct pcpmm_cpu *set_up(struct stage *stage)
{
	const struct scene scene = {.cpus = CPUS,
		.pages = {[NORMAL] = PAGES},
		.adjust = stage->adjust};
	struct pcpmm_cpu *cpu;

	stage->machine = scene_build(stage->story, &scene);
	if (pcpmm_kswapd_start(stage->machine, 0))
		story_give_up(stage->story, 1, "no kswapd");
	story_act(stage->story, "%s", stage->name);
	cpu = scene_enter(stage->story, stage->machine, 0);
	fill(stage, cpu);
	tell(stage, STORY_NOBODY);
	return cpu;
}

static void ask_all(struct stage *stage)
{
	for (unsigned int id = 1; id < CPUS; id++) {
		struct pcpmm_cpu *cpu =
			scene_enter(stage->story, stage->machine, id);

		for (int i = 0; i < WANTED; i++)
			if (take(stage, cpu, ORDER, QUIETLY))
				stage->served++;
			else
				stage->refused++;
		scene_leave(stage->story, cpu);
	}
	story_say(stage->story, STORY_NOBODY, "%u requests served, %u refused",
		stage->served, stage->refused);
	tell(stage, STORY_NOBODY);
}

/* The zone is at min: no block is left that the request may have. */
static struct cost ask_in_vain(struct stage *stage, struct pcpmm_cpu *cpu)
{
	struct cost before = cost_of(stage), after;
	unsigned int got = 0;

	for (int i = 0; i < REQUESTS; i++)
		got += take(stage, cpu, PCPMM_ORDER_MAX, QUIETLY);
	after = cost_of(stage);
	after.low_checks -= before.low_checks;
	after.ipis -= before.ipis;
	after.snapshots -= before.snapshots;
	if (got)
		story_give_up(stage->story, 1, "a block of the largest order");
	story_say(stage->story, 0,
		"%d checks: %" PRIu64 " interrupts, %" PRIu64
		" reads of CPUs' diffs",
		CHECKS, after.ipis, after.snapshots * CPUS);
	return after;
}

static void clean_up(struct stage *stage, struct pcpmm_cpu *cpu)
{
	scene_hoard_end(cpu, &stage->hoard);
	scene_leave(stage->story, cpu);
	scene_end(stage->story, stage->machine, stage->name);
}

/* --- the four readers ------------------------------------------------------- */

static void as_raw(struct pcpmm_config *config)
{
	config->reader = PCPMM_READER_RAW;
}

static void as_fold_when_low(struct pcpmm_config *config)
{
	config->reader = PCPMM_READER_FOLD_WHEN_LOW;
}

static void as_snapshot(struct pcpmm_config *config)
{
	config->reader = PCPMM_READER_DRIFT_SNAPSHOT;
}

static void raw(struct story *story)
{
	struct stage stage = {
		.story = story, .name = "raw, 2.6.35", .adjust = as_raw};
	struct pcpmm_cpu *cpu = set_up(&stage);
	struct pcpmm_zone_truth truth;
	struct cost cost;

	ask_all(&stage);
	truth = truth_of(&stage);
	story_claim(story, !stage.refused && truth.free < truth.min,
		"raw: all %u requests are served, and the zone is %d pages "
		"below min",
		stage.served, (int)(truth.min - truth.free));
	cost = cost_of(&stage);
	story_claim(story, !cost.ipis && !cost.snapshots,
		"raw: a check costs nothing");
	clean_up(&stage, cpu);
}

/* To a block: a request that would go below min is refused. */
static void claim_min(const struct stage *stage)
{
	struct pcpmm_zone_truth truth = truth_of(stage);

	story_claim(stage->story,
		stage->refused && truth.free >= truth.min && !truth.breaches,
		"%s: min is held, %u requests are refused", stage->name,
		stage->refused);
}

static void fold_when_low(struct story *story)
{
	struct stage stage = {.story = story,
		.name = "fold when low, given up",
		.adjust = as_fold_when_low};
	struct pcpmm_cpu *cpu = set_up(&stage);
	struct cost cost;

	ask_all(&stage);
	claim_min(&stage);
	cost = ask_in_vain(&stage, cpu);
	story_claim(story,
		cost.low_checks == CHECKS && cost.ipis == CHECKS * (CPUS - 1),
		"fold when low: %d checks below low are %d interrupts", CHECKS,
		(int)cost.ipis);
	clean_up(&stage, cpu);
}

static void snapshot(struct story *story)
{
	struct stage stage = {.story = story,
		.name = "snapshot, 2.6.36",
		.adjust = as_snapshot};
	struct pcpmm_cpu *cpu = set_up(&stage);
	struct cost cost;

	ask_all(&stage);
	claim_min(&stage);
	cost = ask_in_vain(&stage, cpu);
	story_claim(story, !cost.ipis && cost.snapshots == CHECKS,
		"snapshot: %d checks are %d reads of other CPUs' diffs, and no "
		"interrupt",
		CHECKS, (int)cost.snapshots * (CPUS - 1));
	clean_up(&stage, cpu);
}

static void pressure(struct story *story)
{
	struct stage stage = {
		.story = story, .name = "pressure, 2.6.37", .adjust = NULL};
	struct pcpmm_cpu *cpu = set_up(&stage);
	struct pcpmm_zone_truth truth;
	struct cost cost;

	ask_all(&stage);
	truth = truth_of(&stage);
	story_claim(story,
		stage.refused && truth.free < truth.min &&
			truth.min - truth.free <= truth.low - truth.min,
		"pressure: %u requests are refused; %d pages below min, at "
		"most "
		"low - min, %d",
		stage.refused, (int)(truth.min - truth.free),
		(int)(truth.low - truth.min));
	cost = ask_in_vain(&stage, cpu);
	story_claim(story, !cost.ipis && !cost.snapshots,
		"pressure: %d checks cost no interrupt and no such read",
		CHECKS);
	clean_up(&stage, cpu);
}

int story_ipi_storm_2010(struct story *story)
{
	raw(story);
	fold_when_low(story);
	snapshot(story);
	pressure(story);
	return story_verdict(story);
}
