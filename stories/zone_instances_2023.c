/* SPDX-License-Identifier: MIT */
/*
 * zone-instances-2023: a zone's lock in four, and what the zone was good for.
 *
 * History. Huang Ying, linux-mm, 11 May 2023, RFC in six parts: one zone instance for
 * about 256 GB of a type; the number of a CPU picks the one that it tries first. On 2
 * sockets with 224 CPUs a kernel build spent 12.7 % of its cycles on zone locks, and with
 * four instances less than 1.6 %. It was not merged: zones are no means to scale,
 * zoneinfo changes, and each instance has marks of its own.
 *
 * Scene. 8 CPUs, one node with 256 MB of Normal: as one zone, and as four. Each CPU
 * allocates and frees blocks that no list has, so that each call takes the lock. Then
 * CPU 1 allocates while CPU 0 is inside its hold of the lock. Then CPU 0 takes all
 * memory, and instance 1 gets its pages back.
 *
 * Asserted. Of the takings each of four locks has a fourth. CPU 1 waits for CPU 0 if
 * there is one zone, and not if there are four. A request fails only when all instances
 * are below low. kswapd is not woken for an instance below low that is full of pages to
 * reclaim, as long as one sibling is above high. zoneinfo has four zones of one name.
 */
#include "table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define PAGES 65536
#define CPUS 8
#define BLOCK_ORDER 4 /* kept on no list: each call takes the lock */
#define ROUNDS 1000 /* blocks a CPU */
#define TAKINGS (2 * CPUS * ROUNDS)
#define REQUESTS 100

struct act {
	struct story *story;
	const char *name;
	unsigned int instances;
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu; /* CPU 0, this thread's */
	atomic_bool armed, inside, served;
	bool waited; /* CPU 1 was not served while CPU 0 was inside */
};

static unsigned int chosen; /* for adjust(), which has no argument */

static void adjust(struct pcpmm_config *config)
{
	config->zone_instances = chosen;
}

static void open_act(struct act *act)
{
	const struct scene scene = {
		.cpus = CPUS,
		.pages = {[NORMAL] = PAGES},
		.min_free_kbytes = 4096,
		.adjust = adjust,
		.allow_unsound = true, /* for the window in the counters */
	};

	story_act(act->story, "%s", act->name);
	chosen = act->instances;
	act->machine = scene_build(act->story, &scene);
}

static struct pcpmm_zone_truth truth_of(const struct act *act, unsigned int k)
{
	return scene_truth(act->machine, 0, PCPMM_ZONE_INSTANCE(NORMAL, k));
}

/* --- who takes which lock --------------------------------------------------- */

static void one_cpu(struct act *act, unsigned int id)
{
	struct pcpmm_cpu *cpu = scene_enter(act->story, act->machine, id);

	for (int i = 0; i < ROUNDS; i++) {
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, BLOCK_ORDER);

		if (!page)
			story_give_up(act->story, EXIT_FAILURE, "no block");
		pcpmm_free_pages(cpu, page, BLOCK_ORDER);
	}
	scene_leave(act->story, cpu);
}

static void locks(struct act *act)
{
	static struct pcpmm_histogram hold;
	bool even = true;

	if (pcpmm_lock_stat_set(act->machine, true))
		story_give_up(act->story, EXIT_FAILURE, "no memory");
	for (unsigned int id = 0; id < CPUS; id++)
		one_cpu(act, id);
	for (unsigned int k = 0; k < act->instances; k++) {
		pcpmm_zone_lock_read(act->machine, 0,
			PCPMM_ZONE_INSTANCE(NORMAL, k), &hold, NULL);
		story_say(act->story, STORY_NOBODY,
			"lock of instance %u: taken %" PRIu64 " times", k,
			hold.count);
		even &= hold.count == TAKINGS / act->instances;
	}
	pcpmm_lock_stat_set(act->machine, false);
	story_claim(act->story, even, "%s: each lock is taken %u times",
		act->name, TAKINGS / act->instances);
}

/* --- two CPUs at once ------------------------------------------------------- */

/* The free counter is updated: of CPU 0, inside its hold of the zone's lock. */
static void inside_lock(struct pcpmm_cpu *cpu, void *arg)
{
	struct act *act = arg;

	if (pcpmm_cpu_id(cpu) || !atomic_exchange(&act->armed, false))
		return;
	atomic_store(&act->inside, true);
	act->waited = !scene_wait(&act->served, STORY_STARVED_MS);
}

static void second(struct pcpmm_cpu *cpu, void *arg)
{
	struct act *act = arg;
	struct pcpmm_page *page;

	scene_expect(act->story, &act->inside, "CPU 0 has the lock");
	page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, BLOCK_ORDER);
	atomic_store(&act->served, true);
	pcpmm_free_pages(cpu, page, BLOCK_ORDER);
}

static void meet(struct act *act)
{
	struct pcpmm_cpu_thread *thread;
	struct pcpmm_page *page;

	if (pcpmm_vmstat_window_set(act->machine, inside_lock, act))
		story_give_up(act->story, EXIT_FAILURE, "no window");
	thread = scene_run(act->story, act->machine, 1, second, act);
	act->cpu = scene_enter(act->story, act->machine, 0);
	atomic_store(&act->armed, true);
	page = pcpmm_alloc_pages(act->cpu, PCPMM_GFP_KERNEL, BLOCK_ORDER);
	pcpmm_cpu_join(thread);
	pcpmm_vmstat_window_set(act->machine, NULL, NULL);
	pcpmm_free_pages(act->cpu, page, BLOCK_ORDER);
	story_say(act->story, 1,
		act->waited ? "waits until CPU 0 lets the lock go"
			    : "gets a block while CPU 0 has its lock");
	story_claim(act->story, act->waited == (act->instances == 1),
		act->instances == 1 ? "%s: CPU 1 waits for CPU 0"
				    : "%s: CPU 1 does not wait for CPU 0",
		act->name);
}

/* --- memory that is short --------------------------------------------------- */

/* Frees the hoard's pages of instance @k, or leaves them to reclaim. */
static void part_with(struct act *act, struct scene_hoard *hoard,
	unsigned int k, bool to_reclaim)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < hoard->nr; i++) {
		struct scene_block block = hoard->blocks[i];
		struct pcpmm_page_info info;

		pcpmm_page_inspect(act->machine,
			pcpmm_page_to_pfn(act->machine, block.page), &info);
		if (info.zone_instance != k)
			hoard->blocks[kept++] = block;
		else if (to_reclaim)
			pcpmm_lru_add(
				act->cpu, block.page, PCPMM_LRU_INACTIVE_FILE);
		else
			pcpmm_free_pages(act->cpu, block.page, block.order);
	}
	hoard->nr = kept;
}

/* CPU 0 begins in instance 0, and fails in none but the last. */
static void use_all(struct act *act, struct scene_hoard *hoard)
{
	bool below = true;

	scene_hoard(act->story, act->cpu, hoard);
	for (unsigned int k = 0; k < act->instances; k++) {
		struct pcpmm_zone_truth truth = truth_of(act, k);

		below &= truth.free < truth.low;
		story_say(act->story, 0,
			"instance %u: %" PRIu64 " free, low %" PRIu64, k,
			truth.free, truth.low);
	}
	story_claim(act->story, below,
		"%s: a request fails when all instances are below low, not "
		"before",
		act->name);
}

static void starve(struct act *act, struct scene_hoard *hoard)
{
	struct pcpmm_kswapd_state kswapd;
	struct pcpmm_zone_truth truth;

	part_with(act, hoard, 1, false);
	part_with(act, hoard, 0, true);
	pcpmm_drain_local_pages(act->cpu, 0, NORMAL);
	if (pcpmm_kswapd_start(act->machine, 0))
		story_give_up(act->story, EXIT_FAILURE, "no kswapd");
	for (int i = 0; i < REQUESTS; i++)
		if (!scene_hoard_take(
			    act->story, act->cpu, hoard, PCPMM_GFP_NOWAIT, 0))
			story_give_up(act->story, EXIT_FAILURE, "no page");
	pcpmm_kswapd_read(act->machine, 0, &kswapd);
	truth = truth_of(act, 0);
	story_say(act->story, 0,
		"gets %d pages of instance 1; instance 0 has %" PRIu64
		" free and %" PRIu64 " to reclaim; kswapd was woken %" PRIu64
		" times",
		REQUESTS, truth.free, truth.held, kswapd.wakeups);
	story_claim(act->story, truth.free < truth.low && !kswapd.wakeups,
		"%s: instance 0 stays below low, and nobody wakes kswapd",
		act->name);
}

/* Pages that were left to reclaim: one round of kswapd takes some, this the rest. */
static void take_back(struct act *act)
{
	for (uint64_t pfn = SCENE_START_PFN; pfn < SCENE_START_PFN + PAGES;
		pfn++) {
		struct pcpmm_page *page = pcpmm_pfn_to_page(act->machine, pfn);

		if (!page || pcpmm_lru_del(act->cpu, page))
			continue;
		pcpmm_free_pages(act->cpu, page, 0);
	}
}

/* --- texts ------------------------------------------------------------------ */

/* Zones that zoneinfo calls Normal. */
static unsigned int paragraphs(struct act *act)
{
	FILE *file = tmpfile();
	char line[128];
	unsigned int nr = 0;

	if (!file || pcpmm_proc_print(act->machine, "zoneinfo", file))
		story_give_up(act->story, EXIT_FAILURE, "no zoneinfo");
	rewind(file);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, "Node 0, zone   Normal"))
			continue;
		story_quote(act->story, line);
		nr++;
	}
	fclose(file);
	return nr;
}

/* --- the acts --------------------------------------------------------------- */

static void close_act(struct act *act)
{
	scene_leave(act->story, act->cpu);
	scene_end(act->story, act->machine, act->name);
}

static void one_zone(struct story *story)
{
	struct act act = {.story = story, .name = "one zone", .instances = 1};

	open_act(&act);
	locks(&act);
	meet(&act);
	close_act(&act);
}

static void four_instances(struct story *story)
{
	struct act act = {
		.story = story, .name = "four instances", .instances = 4};
	struct scene_hoard hoard = {0};

	open_act(&act);
	locks(&act);
	meet(&act);
	use_all(&act, &hoard);
	starve(&act, &hoard);
	story_claim(story, paragraphs(&act) == act.instances,
		"%s: zoneinfo has as many zones of one name", act.name);
	pcpmm_kswapd_stop(act.machine);
	take_back(&act);
	scene_hoard_end(act.cpu, &hoard);
	close_act(&act);
}

int story_zone_instances_2023(struct story *story)
{
	one_zone(story);
	four_instances(story);
	return story_verdict(story);
}
