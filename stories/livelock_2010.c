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
 * Scene. 64 CPUs, 4 GiB. Each CPU has taken as many pages as its diff can hold,
 * and the buddy is empty; the counter is still above min. CPU 0 asks for a
 * page, and reclaims. The pages on the LRU are dirty: a pass of reclaim starts
 * their writeback. When that ends, the CPU that takes the disk's interrupt
 * frees 32 pages, another CPU after each pass.
 *
 * Asserted. Without the drain: each pass makes progress, no page comes back to
 * the buddy, and the request gives up while all reclaimed pages are on lists
 * (in 2010 it would have gone on, as there was progress). With it: one pass,
 * one drain, and the request has its page.
 */
#include "table.h"

#include <inttypes.h>
#include <stdlib.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define ALL PCPMM_DRAIN_ALL_ZONES
#define CPUS 64
#define PAGES 1048576
#define ORDER 4 /* kept on no list: each block is counted as it is taken */
#define BLOCK (1 << ORDER)
#define THP_ORDER 9 /* kept on lists */
#define CACHE 8192 /* pages on the LRU; more than min, so reclaim is tried */

struct livelock {
	struct story *story;
	const char *name;
	struct pcpmm_machine *machine;
	struct scene_hoard hoard;
	struct pcpmm_page **cache;
	unsigned int nr_cache, passes;
	uint64_t reclaimed, least_counter, most_free; /* of all passes */
};

static struct pcpmm_zone_truth truth_of(const struct livelock *live)
{
	return scene_truth(live->machine, 0, NORMAL);
}

/* --- the scene ------------------------------------------------------------- */

static bool take(struct livelock *live, struct pcpmm_cpu *cpu,
	unsigned int order, uint32_t gfp)
{
	return scene_hoard_take(live->story, cpu, &live->hoard, gfp, order);
}

/* Take pages until @leave are free: as many as all CPUs' diffs can hold. */
static void fill(struct livelock *live, struct pcpmm_cpu *cpu, uint64_t leave)
{
	while (live->nr_cache < CACHE) {
		struct pcpmm_page *page = scene_alloc(
			live->story, cpu, PCPMM_GFP_HIGHUSER_MOVABLE);

		pcpmm_lru_add(cpu, page, PCPMM_LRU_INACTIVE_FILE);
		live->cache[live->nr_cache++] = page;
	}
	pcpmm_drain_local_pages(cpu, 0, ALL);
	for (unsigned int order = PCPMM_ORDER_MAX; order >= ORDER; order--) {
		if (order == THP_ORDER)
			continue;
		while (truth_of(live).free >= leave + (1u << order))
			if (!take(live, cpu, order, PCPMM_GFP_KERNEL))
				story_give_up(live->story, EXIT_FAILURE,
					"no block of order %u", order);
	}
	pcpmm_vmstat_fold(cpu, 0);
}

/* Ignores watermarks, so that no check refuses because of an exact count. */
static void hide(struct livelock *live, unsigned int id, unsigned int blocks)
{
	struct pcpmm_cpu *cpu = scene_enter(live->story, live->machine, id);

	while (blocks &&
		take(live, cpu, ORDER, PCPMM_GFP_NOWAIT | PCPMM___GFP_MEMALLOC))
		blocks--;
	scene_leave(live->story, cpu);
}

/* Take what is left, in blocks of lower orders. */
static void sweep(struct livelock *live, struct pcpmm_cpu *cpu)
{
	for (unsigned int order = ORDER; order-- > 0;)
		while (take(live, cpu, order,
			PCPMM_GFP_NOWAIT | PCPMM___GFP_MEMALLOC))
			;
}

/* A dirty page: written out, not freed now. */
static enum pcpmm_verdict write_out(struct pcpmm_cpu *cpu,
	struct pcpmm_page *page, enum pcpmm_lru lru, void *arg)
{
	(void)cpu, (void)page, (void)lru, (void)arg;
	return PCPMM_PAGE_KEEP;
}

static void drop(struct livelock *live, struct pcpmm_cpu *cpu)
{
	struct pcpmm_page *page = live->cache[--live->nr_cache];

	if (pcpmm_lru_del(cpu, page) || pcpmm_free_pages(cpu, page, 0))
		story_give_up(live->story, EXIT_FAILURE, "a page is lost");
}

/* Free pages as the CPU that takes the disk's interrupt, the next each time. */
static unsigned long end_writeback(struct pcpmm_cpu *cpu, unsigned int order,
	unsigned long target, void *arg)
{
	struct livelock *live = arg;
	unsigned int id = 1 + live->passes++ % (CPUS - 1);
	struct pcpmm_cpu *other = scene_enter(live->story, live->machine, id);
	struct pcpmm_zone_truth truth;
	unsigned long freed = 0;

	(void)cpu, (void)order;
	for (; freed < target && live->nr_cache; freed++)
		drop(live, other);
	scene_leave(live->story, other);
	truth = truth_of(live);
	live->reclaimed += freed;
	live->least_counter = truth.nr_free_pages < (int64_t)live->least_counter
				      ? (uint64_t)truth.nr_free_pages
				      : live->least_counter;
	if (truth.free > live->most_free)
		live->most_free = truth.free;
	if (live->passes <= 3 || live->passes == PCPMM_RECLAIM_RETRIES + 1)
		story_say(live->story, 0,
			"pass %u: %lu pages, now on CPU %u's list; buddy "
			"%" PRIu64 ", counter %" PRId64,
			live->passes, freed, id, truth.free,
			truth.nr_free_pages);
	return freed;
}

static void never_drains(struct pcpmm_config *config)
{
	config->drain_retry = false;
}

static struct pcpmm_cpu *set_up(struct livelock *live, bool drains)
{
	const struct scene scene = {.cpus = CPUS,
		.pages = {[NORMAL] = PAGES},
		.adjust = drains ? NULL : never_drains};
	struct pcpmm_zone_truth truth;
	struct pcpmm_cpu *cpu;
	unsigned int each;

	story_act(live->story, "%s", live->name);
	live->machine = scene_build(live->story, &scene);
	live->cache = calloc(CACHE, sizeof(live->cache[0]));
	if (!live->cache)
		story_give_up(live->story, EXIT_FAILURE, "no memory");
	cpu = scene_enter(live->story, live->machine, 0);
	each = (unsigned int)truth_of(live).stat_threshold / BLOCK;
	fill(live, cpu, (uint64_t)each * BLOCK * (CPUS - 1));
	for (unsigned int id = 1; id < CPUS; id++)
		hide(live, id, each);
	sweep(live, cpu);
	truth = truth_of(live);
	live->least_counter = (uint64_t)truth.nr_free_pages;
	story_say(live->story, STORY_NOBODY,
		"NR_FREE_PAGES %" PRId64 ", min %d, low %d; on the buddy "
		"lists: %" PRIu64,
		truth.nr_free_pages, (int)truth.min, (int)truth.low,
		truth.free);
	return cpu;
}

static void clean_up(struct livelock *live, struct pcpmm_cpu *cpu)
{
	pcpmm_reclaim_set(live->machine, NULL, NULL);
	while (live->nr_cache)
		drop(live, cpu);
	free(live->cache);
	scene_hoard_end(cpu, &live->hoard);
	scene_leave(live->story, cpu);
	scene_end(live->story, live->machine, live->name);
}

/* --- the claims ----------------------------------------------------------- */

static void claim_livelock(struct livelock *live,
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

static void claim_progress(struct livelock *live, struct pcpmm_page *page)
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
	struct livelock live = {.story = story, .name = name};
	struct pcpmm_cpu *cpu = set_up(&live, drains);
	struct pcpmm_zone_truth truth = truth_of(&live);
	struct pcpmm_reclaim_stats stats;
	struct pcpmm_page *page;

	story_claim(story,
		truth.nr_free_pages > (int64_t)truth.min && !truth.free &&
			!truth.pcp,
		"%s: the counter is above min, and there is no page at all",
		name);
	pcpmm_reclaim_page_set(live.machine, write_out, &live);
	pcpmm_reclaim_set(live.machine, end_writeback, &live);
	page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
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
	clean_up(&live, cpu);
}

int story_livelock_2010(struct story *story)
{
	play(story, "2.6.35", false);
	play(story, "2.6.36", true);
	return story_verdict(story);
}
