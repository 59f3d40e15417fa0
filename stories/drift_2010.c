/* SPDX-License-Identifier: MIT */
/*
 * drift-2010: a counter above low, a zone below min.
 *
 * History. Mel Gorman, linux-mm, 2010, merged in 2.6.36: each CPU counts into
 * its own diff up to a threshold. On a machine of many CPUs the free counter of
 * a zone may therefore exceed the exact count by the sum of all diffs, which
 * may be more than low - min. Allocations go on, kswapd is not woken, and the
 * pages below min, which are reserved for tasks that free memory, are used up:
 * livelock. aa45484031dd: below a drift mark, while kswapd is awake, each
 * reader adds all CPUs' diffs to the counter (a snapshot). Shaohua Li measured
 * the cost, 5 to 10 % of a load on 64 CPUs, by cache lines that move; so in
 * 2.6.37 (88f5acf88ae6) only kswapd takes snapshots, and thresholds are smaller
 * while it works.
 *
 * Scene. 64 CPUs, 4 GiB. CPU 0 has taken so many pages that kswapd was woken;
 * the zone is just above low again. kswapd is awake, as the zone is below high,
 * but finds nothing to reclaim. Then one CPU after the other asks for five
 * blocks, and takes each while the allocator's own check says "above low".
 *
 * Asserted. Raw reader: every request is served and the counter stays above
 * low, while the exact count is below min; the library counts these undetected
 * violations of min; a fold of all CPUs corrects the counter. Snapshot below
 * the drift mark: requests are refused before min is reached; each check reads
 * every CPU's diff. Thresholds under pressure: min is held without such reads,
 * as all diffs together are at most low - min.
 */
#include "table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define CPUS 64
#define PAGES 1048576
/* An order that no list keeps: each block comes from the buddy, and counts. */
#define ORDER 4
#define BLOCK (1 << ORDER)
#define THP_ORDER 9 /* kept on lists */
#define TIMED 20000
#define WANTED 5 /* blocks a CPU */

struct stage {
	struct story *story;
	const char *name;
	struct pcpmm_machine *machine;
	enum pcpmm_reader reader;
	struct scene_hoard hoard;
	unsigned int taken, turned_away; /* blocks, all CPUs */
	uint64_t checks, snapshots; /* snapshots: also by the allocator */
};

static struct pcpmm_zone_truth truth_of(const struct stage *stage)
{
	return scene_truth(stage->machine, 0, NORMAL);
}

static void take(struct stage *stage, struct pcpmm_cpu *cpu, unsigned int order)
{
	if (!scene_hoard_take(
		    stage->story, cpu, &stage->hoard, PCPMM_GFP_KERNEL, order))
		story_give_up(stage->story, 1, "no block of order %u", order);
}

/* Free pages: one block below low, which wakes kswapd, then two above low. */
static void fill(struct stage *stage)
{
	struct pcpmm_cpu *cpu = scene_enter(stage->story, stage->machine, 0);
	uint64_t low = truth_of(stage).low;

	for (unsigned int order = PCPMM_ORDER_MAX; order >= ORDER; order--) {
		if (order == THP_ORDER)
			continue;
		while (truth_of(stage).free + BLOCK >= low + (1u << order)) {
			take(stage, cpu, order);
			pcpmm_vmstat_fold(cpu, 0);
		}
	}
	take(stage, cpu, ORDER);
	pcpmm_kswapd_run(cpu, 0);
	while (truth_of(stage).free < low + 2 * BLOCK) {
		scene_unhoard(cpu, &stage->hoard, 1);
		pcpmm_vmstat_fold(cpu, 0);
	}
	scene_leave(stage->story, cpu);
}

static void tell(struct stage *stage, int cpu)
{
	struct pcpmm_zone_truth truth = truth_of(stage);

	story_say(stage->story, cpu,
		"counter %" PRId64 ", truth %" PRIu64 "; low %" PRIu64
		", min %" PRIu64,
		truth.nr_free_pages, truth.free, truth.low, truth.min);
}

static void ask_and_take(struct stage *stage, unsigned int id)
{
	struct pcpmm_cpu *cpu = scene_enter(stage->story, stage->machine, id);

	for (int i = 0; i < WANTED; i++) {
		stage->checks++;
		if (!pcpmm_zone_watermark_ok(
			    stage->machine, 0, NORMAL, ORDER, PCPMM_MARK_LOW)) {
			stage->turned_away++;
			continue;
		}
		take(stage, cpu, ORDER);
		stage->taken++;
	}
	scene_leave(stage->story, cpu);
	if (!(id & (id - 1)) || id == CPUS - 1)
		tell(stage, (int)id);
}

/* Snapshots that checks have taken so far. */
static uint64_t snapshots_of(const struct stage *stage)
{
	struct pcpmm_reclaim_stats stats;

	pcpmm_reclaim_stats_read(stage->machine, &stats);
	return stats.snapshots;
}

/* One CPU after the other. */
static void ask_all(struct stage *stage)
{
	uint64_t before = snapshots_of(stage);

	for (unsigned int id = 0; id < CPUS; id++)
		ask_and_take(stage, id);
	stage->snapshots = snapshots_of(stage) - before;
}

static void read_raw(struct pcpmm_config *config)
{
	config->reader = PCPMM_READER_RAW;
}

static void read_snapshots(struct pcpmm_config *config)
{
	config->reader = PCPMM_READER_DRIFT_SNAPSHOT;
}

static void set_up(struct stage *stage)
{
	const struct scene scene = {.cpus = CPUS,
		.pages = {[NORMAL] = PAGES},
		.adjust = stage->reader == PCPMM_READER_RAW ? read_raw
			  : stage->reader == PCPMM_READER_DRIFT_SNAPSHOT
				  ? read_snapshots
				  : NULL};
	struct pcpmm_zone_truth truth;

	stage->machine = scene_build(stage->story, &scene);
	if (pcpmm_kswapd_start(stage->machine, 0))
		story_give_up(stage->story, 1, "no kswapd");
	story_act(stage->story, "%s", stage->name);
	fill(stage);
	truth = truth_of(stage);
	story_say(stage->story, STORY_NOBODY,
		"%d CPUs hide up to %d pages each, %d in all; low - min is %d; "
		"drift mark %d",
		CPUS, truth.stat_threshold, CPUS * truth.stat_threshold,
		(int)(truth.low - truth.min), (int)truth.drift_mark);
	tell(stage, STORY_NOBODY);
}

static void clean_up(struct stage *stage)
{
	struct pcpmm_cpu *cpu = scene_enter(stage->story, stage->machine, 0);

	scene_hoard_end(cpu, &stage->hoard);
	scene_leave(stage->story, cpu);
	scene_end(stage->story, stage->machine, stage->name);
}

/* --- the three readers --------------------------------------------------- */

static void fold_all(struct stage *stage)
{
	for (unsigned int id = 0; id < CPUS; id++) {
		struct pcpmm_cpu *cpu =
			scene_enter(stage->story, stage->machine, id);

		pcpmm_vmstat_fold(cpu, 0);
		scene_leave(stage->story, cpu);
	}
	story_say(stage->story, STORY_NOBODY, "all CPUs are folded:");
	tell(stage, STORY_NOBODY);
}

static void raw(struct story *story)
{
	struct stage stage = {.story = story,
		.name = "raw, 2.6.35",
		.reader = PCPMM_READER_RAW};
	struct pcpmm_zone_truth before, after;

	set_up(&stage);
	before = truth_of(&stage);
	ask_all(&stage);
	after = truth_of(&stage);
	story_claim(story,
		(uint64_t)before.nr_free_pages == before.free &&
			after.drift_mark > 0,
		"raw: the counter is exact at first; a drift mark is set");
	story_claim(story, !stage.turned_away && stage.taken,
		"raw: all %u requests are served", stage.taken);
	story_claim(story,
		after.nr_free_pages == before.nr_free_pages &&
			after.nr_free_pages > (int64_t)after.low,
		"raw: the counter has not moved, and is above low");
	story_claim(story, after.free < after.min && after.breaches > 0,
		"raw: the zone is %d pages below min; %d allocations took it "
		"there",
		(int)(after.min - after.free), (int)after.breaches);
	story_claim(story, after.snapshot == (int64_t)after.free,
		"raw: a snapshot would have told");
	fold_all(&stage);
	after = truth_of(&stage);
	story_claim(story, after.nr_free_pages == (int64_t)after.free,
		"raw: folded, the counter says so, too");
	clean_up(&stage);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* For the reader of the timeline only; no claim uses these times. */
static void time_reads(struct stage *stage)
{
	uint64_t start, value, one, all;

	start = now_ns();
	for (int i = 0; i < TIMED; i++)
		pcpmm_zone_stat_read(
			stage->machine, 0, NORMAL, "nr_free_pages", &value);
	one = now_ns() - start;
	start = now_ns();
	for (int i = 0; i < TIMED; i++)
		pcpmm_zone_stat_snapshot(
			stage->machine, 0, NORMAL, "nr_free_pages", &value);
	all = now_ns() - start;
	story_say(stage->story, STORY_NOBODY,
		"here, nobody else at work: %d ns the raw counter by name, "
		"%d ns the snapshot",
		(int)(one / TIMED), (int)(all / TIMED));
}

static void with_snapshots(struct story *story)
{
	struct stage stage = {.story = story,
		.name = "snapshot below the drift mark, 2.6.36",
		.reader = PCPMM_READER_DRIFT_SNAPSHOT};
	struct pcpmm_zone_truth after;

	set_up(&stage);
	ask_all(&stage);
	after = truth_of(&stage);
	story_say(story, STORY_NOBODY,
		"%u requests served, %u turned away to reclaim; %" PRIu64
		" checks, %" PRIu64 " reads of CPUs' diffs",
		stage.taken, stage.turned_away, stage.checks + stage.taken,
		stage.snapshots * CPUS);
	time_reads(&stage);
	story_claim(story, stage.turned_away && after.free >= after.min,
		"snapshot: min is held, %u requests are turned away",
		stage.turned_away);
	story_claim(story, after.free + BLOCK >= after.low && !after.breaches,
		"snapshot: the zone stays at low, to a block");
	/* Each allocation repeats the check that the story has made. */
	story_claim(story, stage.snapshots == stage.checks + stage.taken,
		"snapshot: each check costs %d reads more, one a CPU", CPUS);
	clean_up(&stage);
}

static void under_pressure(struct story *story)
{
	struct stage stage = {.story = story,
		.name = "thresholds under pressure, 2.6.37",
		.reader = PCPMM_READER_PRESSURE_THRESHOLD};
	struct pcpmm_zone_truth after;

	set_up(&stage);
	ask_all(&stage);
	after = truth_of(&stage);
	story_say(story, STORY_NOBODY,
		"%u requests served, %u turned away to reclaim; no CPU's diffs "
		"read",
		stage.taken, stage.turned_away);
	story_claim(story,
		CPUS * (uint64_t)after.stat_threshold <= after.low - after.min,
		"pressure: %d CPUs hide %d pages each, no more than low - min",
		CPUS, after.stat_threshold);
	story_claim(story,
		stage.turned_away && after.free >= after.min && !after.breaches,
		"pressure: min is held, %u requests are turned away",
		stage.turned_away);
	story_claim(story, !stage.snapshots,
		"pressure: no check reads anything but the counter");
	fold_all(&stage);
	clean_up(&stage);
}

int story_drift_2010(struct story *story)
{
	raw(story);
	with_snapshots(story);
	under_pressure(story);
	return story_verdict(story);
}
