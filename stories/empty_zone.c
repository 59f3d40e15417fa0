/* SPDX-License-Identifier: MIT */
/* See empty_zone.h. */
#include "empty_zone.h"

#include <inttypes.h>
#include <stdlib.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define ALL PCPMM_DRAIN_ALL_ZONES
#define CPUS EMPTY_ZONE_CPUS
#define PAGES 1048576
#define ORDER 4 /* kept on no list: each block is counted as it is taken */
#define BLOCK (1 << ORDER)
#define THP_ORDER 9 /* kept on lists */
#define CACHE 8192 /* pages on the LRU; more than min, so reclaim is tried */

static struct pcpmm_zone_truth truth_of(const struct empty_zone *zone)
{
	return scene_truth(zone->machine, 0, NORMAL);
}

static bool take(struct empty_zone *zone, struct pcpmm_cpu *cpu,
	unsigned int order, uint32_t gfp)
{
	return scene_hoard_take(zone->story, cpu, &zone->hoard, gfp, order);
}

/* Take pages until @leave are free: as many as all CPUs' diffs can hold. */
static void fill(struct empty_zone *zone, struct pcpmm_cpu *cpu, uint64_t leave)
{
	while (zone->nr_cache < CACHE) {
		struct pcpmm_page *page = scene_alloc(
			zone->story, cpu, PCPMM_GFP_HIGHUSER_MOVABLE);

		pcpmm_lru_add(cpu, page, PCPMM_LRU_INACTIVE_FILE);
		zone->cache[zone->nr_cache++] = page;
	}
	pcpmm_drain_local_pages(cpu, 0, ALL);
	for (unsigned int order = PCPMM_ORDER_MAX; order >= ORDER; order--) {
		if (order == THP_ORDER)
			continue;
		while (truth_of(zone).free >= leave + (1u << order))
			if (!take(zone, cpu, order, PCPMM_GFP_KERNEL))
				story_give_up(zone->story, EXIT_FAILURE,
					"no block of order %u", order);
	}
	pcpmm_vmstat_fold(cpu, 0);
}

/* Ignores watermarks, so that no check refuses because of an exact count. */
static void hide(struct empty_zone *zone, unsigned int id, unsigned int blocks)
{
	struct pcpmm_cpu *cpu = scene_enter(zone->story, zone->machine, id);

	while (blocks &&
		take(zone, cpu, ORDER, PCPMM_GFP_NOWAIT | PCPMM___GFP_MEMALLOC))
		blocks--;
	scene_leave(zone->story, cpu);
}

/* Take what is left, in blocks of lower orders. */
static void sweep(struct empty_zone *zone, struct pcpmm_cpu *cpu)
{
	for (unsigned int order = ORDER; order-- > 0;)
		while (take(zone, cpu, order,
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

static void drop(struct empty_zone *zone, struct pcpmm_cpu *cpu)
{
	struct pcpmm_page *page = zone->cache[--zone->nr_cache];

	if (pcpmm_lru_del(cpu, page) || pcpmm_free_pages(cpu, page, 0))
		story_give_up(zone->story, EXIT_FAILURE, "a page is lost");
}

/* Free pages as the CPU that takes the disk's interrupt, the next each time. */
static unsigned long end_writeback(struct pcpmm_cpu *cpu, unsigned int order,
	unsigned long target, void *arg)
{
	struct empty_zone *zone = arg;
	unsigned int id = 1 + zone->passes++ % (CPUS - 1);
	struct pcpmm_cpu *other = scene_enter(zone->story, zone->machine, id);
	struct pcpmm_zone_truth truth;
	unsigned long freed = 0;

	(void)cpu, (void)order;
	for (; freed < target && zone->nr_cache; freed++)
		drop(zone, other);
	scene_leave(zone->story, other);
	truth = truth_of(zone);
	zone->reclaimed += freed;
	zone->least_counter = truth.nr_free_pages < (int64_t)zone->least_counter
				      ? (uint64_t)truth.nr_free_pages
				      : zone->least_counter;
	if (truth.free > zone->most_free)
		zone->most_free = truth.free;
	if (zone->passes <= 3 || zone->passes == PCPMM_RECLAIM_RETRIES + 1)
		story_say(zone->story, 0,
			"pass %u: %lu pages, now on CPU %u's list; buddy "
			"%" PRIu64 ", counter %" PRId64,
			zone->passes, freed, id, truth.free,
			truth.nr_free_pages);
	return freed;
}

struct pcpmm_cpu *empty_zone_set_up(
	struct empty_zone *zone, void (*adjust)(struct pcpmm_config *config))
{
	const struct scene scene = {
		.cpus = CPUS, .pages = {[NORMAL] = PAGES}, .adjust = adjust};
	struct pcpmm_zone_truth truth;
	struct pcpmm_cpu *cpu;
	unsigned int each;

	story_act(zone->story, "%s", zone->name);
	zone->machine = scene_build(zone->story, &scene);
	zone->cache = calloc(CACHE, sizeof(zone->cache[0]));
	if (!zone->cache)
		story_give_up(zone->story, EXIT_FAILURE, "no memory");
	cpu = scene_enter(zone->story, zone->machine, 0);
	each = (unsigned int)truth_of(zone).stat_threshold / BLOCK;
	fill(zone, cpu, (uint64_t)each * BLOCK * (CPUS - 1));
	for (unsigned int id = 1; id < CPUS; id++)
		hide(zone, id, each);
	sweep(zone, cpu);
	truth = truth_of(zone);
	zone->least_counter = (uint64_t)truth.nr_free_pages;
	story_say(zone->story, STORY_NOBODY,
		"NR_FREE_PAGES %" PRId64 ", min %d, low %d; on the buddy "
		"lists: %" PRIu64,
		truth.nr_free_pages, (int)truth.min, (int)truth.low,
		truth.free);
	return cpu;
}

struct pcpmm_page *empty_zone_ask(
	struct empty_zone *zone, struct pcpmm_cpu *cpu)
{
	pcpmm_reclaim_page_set(zone->machine, write_out, zone);
	pcpmm_reclaim_set(zone->machine, end_writeback, zone);
	return pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
}

void empty_zone_clean_up(struct empty_zone *zone, struct pcpmm_cpu *cpu)
{
	pcpmm_reclaim_set(zone->machine, NULL, NULL);
	while (zone->nr_cache)
		drop(zone, cpu);
	free(zone->cache);
	scene_hoard_end(cpu, &zone->hoard);
	scene_leave(zone->story, cpu);
	scene_end(zone->story, zone->machine, zone->name);
}
