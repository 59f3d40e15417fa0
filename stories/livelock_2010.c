/* SPDX-License-Identifier: MIT */
/*
 * livelock-2010: a free counter above min, and no page on the free lists.
 *
 * History. Mel Gorman, linux-mm, 2010, merged in 2.6.36: large machines
 * allocated and reclaimed for minutes without progress (Dave Chinner's fs_mark
 * run on XFS, 8 CPUs: "minute-long livelocks"; IBM had nr_free above min with
 * zeros in the free lists). The counter is too high by the diffs of many CPUs;
 * reclaimed pages go to the lists of the CPU that frees them, where no other
 * CPU can take them. 9ee493ce0a60: when reclaim has made progress and the
 * allocation still fails, drain all lists, once, and try again.
 *
 * Scene. See empty_zone.h: 64 CPUs hide what they took from the counter, and what
 * one of them reclaims goes to the lists of the others.
 *
 * Asserted. Without the drain: each pass makes progress, no page comes back to
 * the buddy, and the request gives up while all reclaimed pages are on lists
 * (in 2010 it would have gone on, as there was progress). With it: one pass,
 * one drain, and the request has its page.
 */
#include "empty_zone.h"
#include "table.h"

#define NORMAL PCPMM_ZONE_NORMAL

static struct pcpmm_zone_truth truth_of(const struct empty_zone *live)
{
	return scene_truth(live->machine, 0, NORMAL);
}

static void never_drains(struct pcpmm_config *config)
{
	config->drain_retry = false;
}

/* --- the claims ----------------------------------------------------------- */

static void claim_livelock(struct empty_zone *live,
	const struct pcpmm_reclaim_stats *stats, const struct pcpmm_page *page)
{
	struct pcpmm_zone_truth truth = truth_of(live);
	struct story *story = live->story;

	story_claim(story,
		!page && live->passes == PCPMM_RECLAIM_RETRIES + 1 &&
			stats->failed_with_progress == live->passes,
		"%s: %u passes, each with progress, and no page", live->name,
		live->passes);
	story_claim(story, live->most_free == 0 && truth.pcp == live->reclaimed,
		"%s: all %d pages reclaimed are on other CPUs' lists",
		live->name, (int)live->reclaimed);
	story_claim(story, live->least_counter > truth.min,
		"%s: the counter was above min all the time", live->name);
}

static void claim_progress(struct empty_zone *live, struct pcpmm_page *page)
{
	struct pcpmm_drain_stats drains = scene_stats(live->machine);

	story_claim(live->story, page && live->passes == 1,
		"%s: one pass of %d pages is enough", live->name,
		(int)live->reclaimed);
	story_claim(live->story,
		drains.pcp_global_drain == 1 &&
			drains.pages == PCPMM_RECLAIM_TARGET,
		"%s: by one drain, which brings all of them back", live->name);
}

static void play(struct story *story, const char *name, bool drains)
{
	struct empty_zone live = {.story = story, .name = name};
	struct pcpmm_cpu *cpu =
		empty_zone_set_up(&live, drains ? NULL : never_drains);
	struct pcpmm_zone_truth truth = truth_of(&live);
	struct pcpmm_reclaim_stats stats;
	struct pcpmm_page *page;

	story_claim(story,
		truth.nr_free_pages > (int64_t)truth.min && !truth.free &&
			!truth.pcp,
		"%s: the counter is above min, and there is no page at all",
		name);
	page = empty_zone_ask(&live, cpu);
	pcpmm_reclaim_stats_read(live.machine, &stats);
	story_say(story, 0, "%s after %u passes, %d pages reclaimed",
		page ? "has its page" : "gives up", live.passes,
		(int)live.reclaimed);
	if (drains)
		claim_progress(&live, page);
	else
		claim_livelock(&live, &stats, page);
	if (page)
		pcpmm_free_pages(cpu, page, 0);
	empty_zone_clean_up(&live, cpu);
}

int story_livelock_2010(struct story *story)
{
	play(story, "2.6.35", false);
	play(story, "2.6.36", true);
	return story_verdict(story);
}
