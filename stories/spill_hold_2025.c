/* SPDX-License-Identifier: MIT */
/*
 * spill-hold-2025: one hold of 2000 pages, and what became of it.
 *
 * History. A free that finds its CPU's list at high gives pages back, and more each
 * time: batch, twice batch, up to batch << 5. All in one hold of the list's lock, and
 * of the zone's. Joshua Hahn, linux-mm, September 2025: on 316 CPUs an RCU stall of 21 s
 * in the frees of a process that exits; one trim freed 2170 pages in one hold, and 2092
 * calls during one boot freed more than 1000. A first try (August) gave up the zone's
 * lock alone: in vain, the list's stayed held. Version 4 (13 Oct 2025, in 6.19) frees
 * batch pages at a time and gives both up in between. Who loses the list's lock then
 * forgets the rest of the trim.
 *
 * Scene. CPU 0 frees the pages of a process; high is 4096 by sysctl, batch is 63. Then
 * high falls to 1024, and the list is far above it. CPU 1 drains one page at a time,
 * and has the list's lock whenever CPU 0 wants it back.
 *
 * Asserted. Both ways give as many pages back. whole: 2016 pages in one hold; chunks:
 * never more than 63. With CPU 1's storm each free gives 63 pages back and gives up: the
 * list stays above high. Without it four frees bring it below.
 */
#include "table.h"

#include <stdlib.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define ALL PCPMM_DRAIN_ALL_ZONES
#define BATCH 63
#define LARGEST (BATCH << 5) /* the largest spill */
#define HIGH 4096
#define LATER 1024 /* what high becomes */
#define EXIT 7000 /* pages that the process frees */
#define STORM 4 /* frees that meet CPU 1 */
#define QUIET 4 /* frees after that */
#define TRIM                                                                   \
	(LATER - BATCH) /* what a free of the list far above high gives back */

struct trim {
	struct story *story;
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu; /* CPU 0, this thread's */
	struct pcpmm_page *pages[2 * EXIT];
	unsigned int nr;
	bool storm;
	atomic_bool wanted, held, given_up, drained, over;
};

static struct pcpmm_spill_stats spills(const struct trim *trim)
{
	struct pcpmm_spill_stats stats;

	pcpmm_spill_stats_read(trim->machine, &stats);
	return stats;
}

static int listed(const struct trim *trim)
{
	return scene_listed(trim->machine, 0, NORMAL);
}

static void free_pages(struct trim *trim, unsigned int nr)
{
	while (nr--)
		pcpmm_free_pages(trim->cpu, trim->pages[--trim->nr], 0);
}

/* percpu_pagelist_high_fraction, as the zone's share of @high pages for each CPU. */
static void set_high(struct trim *trim, int high, const char *fraction)
{
	if (pcpmm_sysctl_set(
		    trim->machine, "percpu_pagelist_high_fraction", fraction))
		story_give_up(trim->story, EXIT_FAILURE, "%s",
			pcpmm_last_error(trim->machine));
	story_say(trim->story, STORY_NOBODY, "high is %d pages", high);
}

/* --- CPU 1 ---------------------------------------------------------------- */

/* CPU 0 has given the lock up, and will try it again when this returns. */
static void between_chunks(struct pcpmm_cpu *cpu, void *arg)
{
	struct trim *trim = arg;

	(void)cpu;
	if (!trim->storm)
		return;
	atomic_store(&trim->wanted, true);
	scene_expect(trim->story, &trim->held, "CPU 1 has the lock");
}

/* A counter is updated: of CPU 1, inside its hold of the list's lock. */
static void inside_lock(struct pcpmm_cpu *cpu, void *arg)
{
	struct trim *trim = arg;

	if (pcpmm_cpu_id(cpu) != 1 || !atomic_exchange(&trim->wanted, false))
		return;
	atomic_store(&trim->held, true);
	scene_expect(trim->story, &trim->given_up, "CPU 0 gives up");
}

static void drain_one_page(struct pcpmm_cpu *cpu, void *arg)
{
	struct trim *trim = arg;

	while (!atomic_load(&trim->over)) {
		if (!scene_wait(&trim->wanted, 1))
			continue;
		pcpmm_drain_pages_zone(cpu, 0, 0, NORMAL, 1);
		atomic_store(&trim->drained, true);
	}
}

/* --- the acts --------------------------------------------------------------- */

static enum pcpmm_spill_hold chosen; /* for adjust(), which has no argument */

static void adjust(struct pcpmm_config *config)
{
	config->spill_hold = chosen;
}

static struct trim *open_scene(
	struct story *story, enum pcpmm_spill_hold how, unsigned int nr)
{
	const struct scene scene = {
		.cpus = 2,
		.pages = {[NORMAL] = 262144},
		.drain = PCPMM_DRAIN_PCP_LOCK,
		.adjust = adjust,
		.allow_unsound = true, /* for the window in the counters */
	};
	struct trim *trim = calloc(1, sizeof(*trim));

	if (!trim)
		story_give_up(story, EXIT_FAILURE, "no memory");
	chosen = how;
	trim->story = story;
	trim->machine = scene_build(story, &scene);
	trim->cpu = scene_enter(story, trim->machine, 0);
	set_high(trim, HIGH, "32");
	while (trim->nr < nr)
		trim->pages[trim->nr++] = scene_alloc(
			story, trim->cpu, PCPMM_GFP_HIGHUSER_MOVABLE);
	pcpmm_drain_local_pages(trim->cpu, 0, ALL);
	return trim;
}

static void close_scene(struct trim *trim, const char *name)
{
	free_pages(trim, trim->nr);
	scene_leave(trim->story, trim->cpu);
	scene_end(trim->story, trim->machine, name);
	free(trim);
}

/* A process exits. Pages given back. */
static uint64_t process_exits(struct trim *trim)
{
	struct pcpmm_spill_stats stats;

	free_pages(trim, EXIT);
	stats = spills(trim);
	story_say(trim->story, 0,
		"frees %d pages; %u of them go back, in %u holds of at most %u "
		"pages",
		EXIT, (unsigned int)stats.pages, (unsigned int)stats.holds,
		(unsigned int)stats.hold_max);
	return stats.pages;
}

static uint64_t whole(struct story *story)
{
	struct trim *trim;
	uint64_t pages;

	story_act(story, "whole");
	trim = open_scene(story, PCPMM_SPILL_HOLD_WHOLE, EXIT);
	pages = process_exits(trim);
	story_claim(story, spills(trim).hold_max == LARGEST,
		"whole: %d pages in one hold", LARGEST);
	close_scene(trim, "whole");
	return pages;
}

/* Each free meets CPU 1 after its first chunk. */
static void storm(struct trim *trim)
{
	struct pcpmm_cpu_thread *thread =
		scene_run(trim->story, trim->machine, 1, drain_one_page, trim);

	trim->storm = true;
	for (int i = 0; i < STORM; i++) {
		atomic_store(&trim->held, false);
		atomic_store(&trim->given_up, false);
		atomic_store(&trim->drained, false);
		free_pages(trim, 1);
		atomic_store(&trim->given_up, true);
		scene_expect(trim->story, &trim->drained, "CPU 1's drain");
		story_say(trim->story, 0,
			"frees a page; gives up after %d of %d: %d are listed",
			BATCH, TRIM, listed(trim));
	}
	trim->storm = false;
	atomic_store(&trim->over, true);
	pcpmm_cpu_join(thread);
}

static void far_above_high(struct trim *trim)
{
	struct story *story = trim->story;
	struct pcpmm_spill_stats stats;
	int before;

	free_pages(trim, (unsigned int)(HIGH - 1 - listed(trim)));
	set_high(trim, LATER, "128");
	before = listed(trim);
	story_say(story, 0, "has %d pages on its list", before);
	storm(trim);
	stats = spills(trim);
	story_claim(story,
		stats.given_up == STORM &&
			stats.pages_left == STORM * (TRIM - BATCH),
		"chunks: each of %d frees gives up %d of %d pages", STORM,
		TRIM - BATCH, TRIM);
	/* A page freed, 63 spilled, one drained by CPU 1. */
	story_claim(story,
		listed(trim) == before - STORM * BATCH && listed(trim) > LATER,
		"chunks: in the storm the list stays above high: %d pages",
		before - STORM * BATCH);
	free_pages(trim, QUIET);
	story_say(story, 0, "frees %d more without CPU 1: %d are listed", QUIET,
		listed(trim));
	story_claim(story,
		listed(trim) < LATER && spills(trim).given_up == STORM,
		"chunks: without the storm %d frees bring it below high",
		QUIET);
}

static uint64_t chunks(struct story *story)
{
	struct trim *trim;
	uint64_t pages;

	story_act(story, "chunks");
	trim = open_scene(story, PCPMM_SPILL_HOLD_CHUNKS, 2 * EXIT);
	if (pcpmm_spill_window_set(trim->machine, between_chunks, trim) ||
		pcpmm_vmstat_window_set(trim->machine, inside_lock, trim))
		story_give_up(story, EXIT_FAILURE, "no window");
	pages = process_exits(trim);
	far_above_high(trim);
	story_claim(story, spills(trim).hold_max == BATCH,
		"chunks: never more than %d pages in one hold", BATCH);
	close_scene(trim, "chunks");
	return pages;
}

int story_spill_hold_2025(struct story *story)
{
	uint64_t pages = whole(story);

	story_claim(story, chunks(story) == pages,
		"both: %u of the process's pages go back", (unsigned int)pages);
	return story_verdict(story);
}
