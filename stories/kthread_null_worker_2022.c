/* SPDX-License-Identifier: MIT */
/*
 * kthread-null-worker-2022: a drain of the wrong CPU that goes unnoticed.
 *
 * History. Suren Baghdasaryan, linux-mm, 24 February 2022: drains by a kthread
 * on each CPU. If a CPU has no thread (it could not be created), the drain as
 * posted calls the worker's function itself. But that function drains the lists
 * of the CPU it runs on, which is the caller's: the other CPU keeps its pages,
 * and the drain reports success.
 *
 * Scene. Memory is short and nothing can be reclaimed, so CPU 3 comes online
 * without a worker: no page can be had for its struct. Then CPU 3 frees
 * 10 pages; they stay on its list. CPU 0 drains all zones.
 *
 * Asserted. kthread_posted (refused without allow_unsound): the drain reports
 * success, a miss is counted, CPU 3 still has its 10 pages. kthread: a CPU without
 * a worker is drained by an interrupt instead, which is this library's own
 * addition (nobody posted one).
 */
#include "table.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define LATE 3 /* the CPU that comes online */
#define PAGES 10

/* CPU 3 is online, has no worker, and has pages on its list. */
static void set_the_scene(
	struct story *story, struct pcpmm_cpu *cpu, struct scene_hoard *hoard)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(cpu);
	struct pcpmm_cpu *late;
	int ret;

	scene_hoard(story, cpu, hoard);
	story_say(story, 0, "holds %u pages: nothing left above the min mark",
		hoard->nr);
	ret = pcpmm_cpu_online(cpu, LATE);
	story_say(story, LATE, "%s",
		ret ? "does not come online"
		    : "is online; no memory for its worker");
	late = scene_enter(story, machine, LATE);
	scene_unhoard(late, hoard, PAGES);
	scene_leave(story, late);
	story_say(story, LATE, "%d pages are freed on it, and stay on its list",
		scene_listed(machine, LATE, NORMAL));
}

static void play(struct story *story, enum pcpmm_drain kind, bool sound)
{
	const char *name = pcpmm_drain_name(kind);
	struct pcpmm_machine *machine = scene_build_kthread(story, kind, LATE);
	struct pcpmm_cpu *cpu = scene_enter(story, machine, 0);
	struct pcpmm_drain_stats stats;
	struct scene_hoard hoard = {.nr = 0};
	int before, left, ret;

	set_the_scene(story, cpu, &hoard);
	before = scene_listed(machine, LATE, NORMAL);
	ret = pcpmm_drain_all_pages(cpu, 0, PCPMM_DRAIN_ALL_ZONES, false);
	left = scene_listed(machine, LATE, NORMAL);
	stats = scene_stats(machine);
	story_say(story, 0,
		"drains all zones: %s; CPU %d still has %d pages, %u misses",
		ret ? "refused" : "done", LATE, left,
		(unsigned int)stats.misses);
	story_claim(story, before == PAGES && !ret,
		"%s: CPU %d has %d pages, and the drain says it is done", name,
		LATE, PAGES);
	if (sound)
		story_claim(story, !left && !stats.misses,
			"%s: they are drained, though it has no worker", name);
	else
		story_claim(story, left == PAGES && stats.misses == 1,
			"%s: they are still there, the caller was drained in "
			"its place",
			name);
	scene_hoard_end(cpu, &hoard);
	scene_leave(story, cpu);
	scene_end(story, machine, name);
}

int story_kthread_null_worker_2022(struct story *story)
{
	play(story, PCPMM_DRAIN_KTHREAD_POSTED, false);
	play(story, PCPMM_DRAIN_KTHREAD, true);
	return story_verdict(story);
}
