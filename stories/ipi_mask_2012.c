/* SPDX-License-Identifier: MIT */
/*
 * ipi-mask-2012: how often no CPU, or only a few, had to be interrupted.
 *
 * History. Gilad Ben-Yossef, linux-mm, 2012, version 9 merged in Linux 3.4
 * (74046494ea68). drain_all_pages() sent an IPI to every CPU; the patch sends
 * it to CPUs with pages only. To measure the gain he ran hackbench with 400
 * groups into OOM and counted drains (pcp_global_drain) and those in which
 * fewer than half of the CPUs had pages (pcp_global_ipi_saved); the two
 * counters were for the test and never merged. Published: 627 drains, 578 saved
 * on a VM of 4 CPUs; 3647 and 3642 on one of 8.
 *
 * Scene. 256 MiB, 4 and then 8 CPUs. Groups of senders and receivers pass
 * messages: one page each, allocated on the sender's CPU and freed on the
 * receiver's. Senders are faster, so memory use grows. When memory is short,
 * direct reclaim (pcpmm_reclaim_set) frees a few pages of the page cache, then
 * the library drains all lists and tries again. When reclaim makes no progress
 * it is OOM: a group is killed, all its messages are freed, and the load goes
 * on.
 *
 * One thread plays all CPUs, a time slice each, in an order drawn from the
 * seed: the same seed gives the same counts on every machine.
 *
 * Asserted. There are drains; the mask visits fewer CPUs than an IPI to all
 * would have; saved does not exceed drains; no page is lost. The published
 * numbers are printed beside ours and not asserted: memory, tasks and reclaimed
 * pages of the published runs are not known, and their CPUs reclaimed at the
 * same time. The number of pages a reclaim frees decides. With a few pages, as
 * here, the next drain comes before other CPUs have pages again. With the 32
 * pages that reclaim asks for (IDLE_ONE_IN 1) drains are fewer and further
 * apart, and a smaller part of them is saved: docs/stories.md has figures.
 */
#include "table.h"

#include <stdio.h>
#include <stdlib.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define PAGES 65536
#define GROUPS 400
#define QUEUE_MAX 400 /* messages of a group: then its senders block */
#define CACHE_MAX 8192 /* pages of files */
#define IDLE_ONE_IN 8 /* of those, reclaimable: the others were used lately */
#define RETRIES 16 /* MAX_RECLAIM_RETRIES */
#define SLICE 64 /* messages of a time slice, at most */
#define KILLS 100 /* groups that are killed before the run ends */
#define SLICES_MAX 100000 /* more than KILLS takes */

/* Messages under way; each links to the next by its frame. */
struct group {
	uint32_t first, last; /* frames; meaningless while nr is 0 */
	unsigned int nr;
	bool killed;
};

struct load {
	struct story *story;
	struct pcpmm_machine *machine;
	uint64_t random;
	struct group groups[GROUPS];
	uint32_t next[PAGES]; /* by frame */
	struct pcpmm_page *cache[CACHE_MAX];
	unsigned int nr_cache;
	unsigned int kills;
	unsigned long reclaims, sent;
};

/* Numbers of the mails; the machines are not known in detail. */
static const struct published {
	unsigned int cpus, drains, saved;
} published[] = {{4, 627, 578}, {8, 3647, 3642}};

static unsigned int below(struct load *load, unsigned int n)
{
	load->random ^= load->random >> 12;
	load->random ^= load->random << 25;
	load->random ^= load->random >> 27;
	return (unsigned int)((load->random * 0x2545f4914f6cdd1dULL >> 32) % n);
}

static void uncache(struct load *load, struct pcpmm_cpu *cpu, unsigned int i)
{
	pcpmm_free_pages(cpu, load->cache[i], 0);
	load->cache[i] = load->cache[--load->nr_cache];
}

/* Direct reclaim: look at @target cached pages; most were used lately, stay. */
static unsigned long reclaim(struct pcpmm_cpu *cpu, unsigned int order,
	unsigned long target, void *arg)
{
	struct load *load = arg;
	unsigned long freed = 0;

	(void)order;
	for (; target && load->nr_cache; target--) {
		if (below(load, IDLE_ONE_IN))
			continue;
		uncache(load, cpu, below(load, load->nr_cache));
		freed++;
	}
	load->reclaims += freed > 0;
	return freed;
}

/* Read a file: its pages are cached if they can be had without reclaim. */
static void read_file(struct load *load, struct pcpmm_cpu *cpu)
{
	struct pcpmm_page *page;

	for (int i = 0; i < SLICE && load->nr_cache < CACHE_MAX; i++) {
		page = pcpmm_alloc_pages(
			cpu, PCPMM_GFP_NOWAIT | PCPMM___GFP_MOVABLE, 0);
		if (!page)
			return;
		load->cache[load->nr_cache++] = page;
	}
}

static void receive(
	struct load *load, struct pcpmm_cpu *cpu, struct group *group)
{
	uint32_t pfn = group->first;

	if (!group->nr)
		return;
	group->first = load->next[pfn - SCENE_START_PFN];
	group->nr--;
	pcpmm_free_pages(cpu, pcpmm_pfn_to_page(load->machine, pfn), 0);
}

/* Kill the group that has most messages under way. */
static void kill_group(struct load *load, struct pcpmm_cpu *cpu)
{
	struct group *worst = &load->groups[0];

	for (unsigned int i = 1; i < GROUPS; i++)
		if (load->groups[i].nr > worst->nr)
			worst = &load->groups[i];
	if (load->kills++ == 0)
		story_say(load->story, (int)pcpmm_cpu_id(cpu),
			"out of memory after %lu messages: kills a group, %u "
			"pages",
			load->sent, worst->nr);
	worst->killed = true;
	while (worst->nr)
		receive(load, cpu, worst);
}

/* The kernel's rule: try again while reclaim may make progress. */
static struct pcpmm_page *alloc(struct load *load, struct pcpmm_cpu *cpu)
{
	struct pcpmm_page *page = NULL;

	for (int i = 0; i <= RETRIES && !page; i++) {
		page = pcpmm_alloc_pages(
			cpu, PCPMM_GFP_KERNEL | PCPMM___GFP_NORETRY, 0);
		if (!load->nr_cache)
			break;
	}
	return page;
}

/* false: out of memory, a group was killed. */
static bool send(struct load *load, struct pcpmm_cpu *cpu, struct group *group)
{
	struct pcpmm_page *page = alloc(load, cpu);
	uint32_t pfn;

	if (!page) {
		kill_group(load, cpu);
		return false;
	}
	pfn = (uint32_t)pcpmm_page_to_pfn(load->machine, page);
	if (group->nr++)
		load->next[group->last - SCENE_START_PFN] = pfn;
	else
		group->first = pfn;
	group->last = pfn;
	load->sent++;
	return true;
}

/* A task of some group on some CPU: 5 of 8 send, 2 receive, 1 reads. */
static void time_slice(struct load *load)
{
	struct pcpmm_cpu *cpu = scene_enter(load->story, load->machine,
		below(load, pcpmm_nr_cpus(load->machine)));
	struct group *group = &load->groups[below(load, GROUPS)];
	unsigned int task = below(load, 8);
	unsigned int messages = 1 + below(load, SLICE);

	if (task == 0)
		read_file(load, cpu);
	for (unsigned int i = 0; i < messages; i++) {
		if (task > 2 && !group->killed && group->nr < QUEUE_MAX) {
			if (!send(load, cpu, group))
				break;
		} else if (task == 1 || task == 2) {
			receive(load, cpu, group);
		}
	}
	scene_leave(load->story, cpu);
}

static void compare(struct story *story, const struct published *theirs,
	const struct pcpmm_drain_stats *ours)
{
	story_say(story, STORY_NOBODY,
		"here:      %5u drains, %5u saved, %5.1f %%; %u CPUs visited, "
		"%u by IPIs to all",
		(unsigned int)ours->pcp_global_drain,
		(unsigned int)ours->pcp_global_ipi_saved,
		100.0 * (double)ours->pcp_global_ipi_saved /
			(double)ours->pcp_global_drain,
		(unsigned int)ours->cpus_visited,
		theirs->cpus * (unsigned int)ours->pcp_global_drain);
	story_say(story, STORY_NOBODY,
		"           reclaim finds few pages, so drains follow each "
		"other closely");
	story_say(story, STORY_NOBODY,
		"published: %5u drains, %5u saved, %5.1f %%", theirs->drains,
		theirs->saved, 100.0 * theirs->saved / theirs->drains);
}

static void clean_up(struct load *load)
{
	struct pcpmm_cpu *cpu = scene_enter(load->story, load->machine, 0);

	for (unsigned int i = 0; i < GROUPS; i++)
		while (load->groups[i].nr)
			receive(load, cpu, &load->groups[i]);
	while (load->nr_cache)
		uncache(load, cpu, 0);
	scene_leave(load->story, cpu);
}

static void run(struct story *story, const struct published *theirs)
{
	const struct scene scene = {
		.cpus = theirs->cpus,
		.pages = {[NORMAL] = PAGES},
		.drain = PCPMM_DRAIN_IPI_MASK,
	};
	struct load *load = calloc(1, sizeof(*load));
	struct pcpmm_drain_stats stats;
	char which[16];

	if (!load)
		story_give_up(story, EXIT_FAILURE, "no memory");
	load->story = story;
	load->random = story->seed;
	load->machine = scene_build(story, &scene);
	pcpmm_reclaim_set(load->machine, reclaim, load);
	story_act(story, "%u CPUs, %u groups", theirs->cpus, GROUPS);
	for (int i = 0; i < SLICES_MAX && load->kills < KILLS; i++)
		time_slice(load);
	stats = scene_stats(load->machine);
	story_say(story, STORY_NOBODY,
		"ends: %lu messages, %u groups killed, %lu times direct "
		"reclaim got pages",
		load->sent, load->kills, load->reclaims);
	compare(story, theirs, &stats);
	story_claim(story, load->kills == KILLS && stats.pcp_global_drain > 0,
		"%u CPUs: memory ran out, lists were drained", theirs->cpus);
	story_claim(story,
		stats.cpus_visited < theirs->cpus * stats.pcp_global_drain,
		"%u CPUs: the mask visits fewer than an IPI to every CPU",
		theirs->cpus);
	story_claim(story, stats.pcp_global_ipi_saved <= stats.pcp_global_drain,
		"%u CPUs: not more drains saved than drains", theirs->cpus);
	clean_up(load);
	snprintf(which, sizeof(which), "%u CPUs", theirs->cpus);
	scene_end(story, load->machine, which);
	free(load);
}

int story_ipi_mask_2012(struct story *story)
{
	for (int i = 0; i < 2; i++)
		run(story, &published[i]);
	return story_verdict(story);
}
