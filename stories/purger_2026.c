/* SPDX-License-Identifier: MIT */
/*
 * purger-2026: some CPUs allocate, another one frees.
 *
 * History. A free goes to the list of the CPU that frees. Where a thread frees what
 * others have allocated, as jemalloc's purger does, and as a process that exits on
 * another CPU, the lists of those are always empty and its own is always full: they
 * refill and it spills, all in the same zone's lock. Johannes Weiner's RFC of 3 April
 * 2026 (message 20260403194526.477775-1) gives each pageblock an owner, the CPU that
 * took it from the zone, and frees pages to the owner's list. Reported: 3 to 4 % less
 * system time of a kernel build. The other side of it: a list's lock, which was its
 * CPU's alone but for drains, is now taken by every CPU that frees.
 *
 * Scene. CPUs 0 to 2 allocate, CPU 3 frees what they got, in turn, a hundred times.
 * Batch is 63, high 1024. Then an interrupt arrives while CPU 0 is inside its list,
 * and lasts until CPU 3 has freed CPU 0's pages.
 *
 * Asserted. pcp_lock: the zone's lock is taken between once and twice for each 63
 * pages, and CPU 3's list has more pages than the other three together. pcp_buddy: the
 * zone's lock is not taken at all after the first round, and CPU 3's list is empty. In
 * the interrupt it is the other way round: by pcp_lock no free finds a lock taken, by
 * pcp_buddy each does and goes to the zone; CPU 0's next refill gets them back.
 */
#include "table.h"

#include <inttypes.h>
#include <stdlib.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define BATCH 63
#define PRODUCERS 3
#define PURGER PRODUCERS
#define CPUS (PRODUCERS + 1)
#define EACH 64 /* pages that a producer allocates in a round */
#define ROUNDS 100
#define PAGES ((uint64_t)ROUNDS * PRODUCERS * EACH)

struct purge {
	struct story *story;
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu[CPUS]; /* all are this thread's */
	struct pcpmm_page *page[PRODUCERS * EACH];
	const char *name;
};

/* --- one round -------------------------------------------------------------- */

static void produce(struct purge *purge, unsigned int id)
{
	for (unsigned int i = 0; i < EACH; i++)
		purge->page[id * EACH + i] = scene_alloc(purge->story,
			purge->cpu[id], PCPMM_GFP_HIGHUSER_MOVABLE);
}

static void free_of(struct purge *purge, unsigned int id)
{
	for (unsigned int i = 0; i < EACH; i++)
		pcpmm_free_pages(
			purge->cpu[PURGER], purge->page[id * EACH + i], 0);
}

static void do_round(struct purge *purge)
{
	for (unsigned int id = 0; id < PRODUCERS; id++)
		produce(purge, id);
	for (unsigned int id = 0; id < PRODUCERS; id++)
		free_of(purge, id);
}

/* --- what is counted ---------------------------------------------------------- */

static void count_from_here(struct purge *purge)
{
	if (pcpmm_lock_stat_set(purge->machine, true))
		story_give_up(purge->story, EXIT_FAILURE, "no memory");
}

/* How often the zone's lock was taken. */
static uint64_t acquisitions(const struct purge *purge)
{
	static struct pcpmm_histogram hold;

	if (pcpmm_zone_lock_read(purge->machine, 0, NORMAL, &hold, NULL))
		story_give_up(purge->story, EXIT_FAILURE, "no lock statistics");
	return hold.count;
}

static struct pcpmm_pcp_buddy_stats buddies(const struct purge *purge)
{
	struct pcpmm_pcp_buddy_stats stats;

	pcpmm_pcp_buddy_stats_read(purge->machine, &stats);
	return stats;
}

static int listed(const struct purge *purge, unsigned int id)
{
	return scene_listed(purge->machine, id, NORMAL);
}

static int listed_by_producers(const struct purge *purge)
{
	int sum = 0;

	for (unsigned int id = 0; id < PRODUCERS; id++)
		sum += listed(purge, id);
	return sum;
}

/* --- the acts ------------------------------------------------------------------ */

static struct purge *open_scene(struct story *story, enum pcpmm_drain drain)
{
	const struct scene scene = {
		.cpus = CPUS, .pages = {[NORMAL] = 262144}, .drain = drain};
	struct purge *purge = calloc(1, sizeof(*purge));

	if (!purge)
		story_give_up(story, EXIT_FAILURE, "no memory");
	purge->story = story;
	purge->name = pcpmm_drain_name(drain);
	story_act(story, "%s", purge->name);
	purge->machine = scene_build(story, &scene);
	for (unsigned int id = 0; id < CPUS; id++)
		purge->cpu[id] = scene_enter(story, purge->machine, id);
	if (pcpmm_sysctl_set(
		    purge->machine, "percpu_pagelist_high_fraction", "64"))
		story_give_up(story, EXIT_FAILURE, "%s",
			pcpmm_last_error(purge->machine));
	return purge;
}

static void close_scene(struct purge *purge)
{
	for (unsigned int id = 0; id < CPUS; id++)
		scene_leave(purge->story, purge->cpu[id]);
	scene_end(purge->story, purge->machine, purge->name);
	free(purge);
}

/* Acquisitions of the zone's lock after the first round. */
static uint64_t rounds(struct purge *purge)
{
	uint64_t taken;

	do_round(purge);
	count_from_here(purge);
	for (int i = 0; i < ROUNDS; i++)
		do_round(purge);
	taken = acquisitions(purge);
	story_say(purge->story, STORY_NOBODY,
		"%" PRIu64 " pages allocated by three CPUs and freed by one: "
		"the zone's lock was taken %" PRIu64 " times",
		PAGES, taken);
	story_say(purge->story, STORY_NOBODY,
		"CPUs 0 to 2 have %d pages on their lists, CPU 3 has %d",
		listed_by_producers(purge), listed(purge, PURGER));
	return taken;
}

/* On CPU 0, inside its list; CPU 3 goes on. */
static void long_interrupt(struct pcpmm_cpu *cpu, void *arg)
{
	(void)cpu;
	free_of(arg, 0);
}

/* Frees that met CPU 0 inside its list; it gets and frees a page there. */
static uint64_t interrupted(struct purge *purge)
{
	struct pcpmm_page *page;

	produce(purge, 0);
	count_from_here(purge);
	if (pcpmm_irq_inject(purge->cpu[0], long_interrupt, purge))
		story_give_up(purge->story, EXIT_FAILURE, "no interrupt");
	page = scene_alloc(
		purge->story, purge->cpu[0], PCPMM_GFP_HIGHUSER_MOVABLE);
	story_say(purge->story, PURGER,
		"frees %d pages while CPU 0 is inside its list: %d find it "
		"locked, the zone's lock is taken %d times",
		EACH, (int)buddies(purge).frees_busy_routed,
		(int)acquisitions(purge));
	pcpmm_free_pages(purge->cpu[0], page, 0);
	return buddies(purge).frees_busy_routed;
}

static void with_lists(struct story *story)
{
	struct purge *purge = open_scene(story, PCPMM_DRAIN_PCP_LOCK);
	uint64_t taken = rounds(purge);

	story_claim(story, taken >= PAGES / BATCH && taken <= 2 * PAGES / BATCH,
		"pcp_lock: the zone's lock once or twice for each %d pages",
		BATCH);
	story_claim(story, listed(purge, PURGER) > listed_by_producers(purge),
		"pcp_lock: the list of the CPU that frees is the full one");
	interrupted(purge);
	story_claim(story, acquisitions(purge) <= 2,
		"pcp_lock: CPU 3 does not notice that CPU 0 is inside its "
		"list");
	close_scene(purge);
}

/* The pages that went to the zone come back before any other does. */
static void get_back(struct purge *purge)
{
	struct pcpmm_pcp_buddy_stats before = buddies(purge), after;
	int pages = listed(purge, 0) + 1, got = 0;
	struct pcpmm_page **page = calloc((size_t)pages, sizeof(*page));

	if (!page)
		story_give_up(purge->story, EXIT_FAILURE, "no memory");
	for (; got < pages; got++)
		page[got] = scene_alloc(purge->story, purge->cpu[0],
			PCPMM_GFP_HIGHUSER_MOVABLE);
	after = buddies(purge);
	story_say(purge->story, 0,
		"uses its list up: the next refill recovers %d pages",
		(int)(after.recovered_pages - before.recovered_pages));
	story_claim(purge->story,
		after.recovered_pages - before.recovered_pages == EACH &&
			after.claims == before.claims,
		"pcp_buddy: CPU 0's next refill gets them back, and no other");
	while (got--)
		pcpmm_free_pages(purge->cpu[PURGER], page[got], 0);
	free(page);
}

static void with_buddies(struct story *story)
{
	struct purge *purge = open_scene(story, PCPMM_DRAIN_PCP_BUDDY);
	uint64_t taken = rounds(purge);

	story_claim(story, !taken,
		"pcp_buddy: not taken, for %" PRIu64 " pages", PAGES);
	story_claim(story, !listed(purge, PURGER),
		"pcp_buddy: the CPU that frees keeps nothing");
	story_claim(story,
		interrupted(purge) == EACH && acquisitions(purge) == EACH,
		"pcp_buddy: each free that meets CPU 0 goes to the zone");
	get_back(purge);
	close_scene(purge);
}

int story_purger_2026(struct story *story)
{
	with_lists(story);
	with_buddies(story);
	return story_verdict(story);
}
