/* SPDX-License-Identifier: MIT */
/*
 * kthread-deadlock-2022: creating a worker needs memory, and memory a drain.
 *
 * History. Suren Baghdasaryan, linux-mm, 24 February 2022: a SCHED_FIFO kthread
 * on each CPU in place of the work queue, as drains on phones took 50 to 150
 * ms. A CPU's thread is created when the CPU comes online; the posted patch did
 * so under pcpu_drain_mutex. Hillf Danton saw the deadlock: creating a worker
 * allocates its struct with GFP_KERNEL in the caller (a page for the slab), which
 * may enter direct reclaim, which drains all lists. That drain finds the mutex
 * held by its own thread. A drain of all zones then returns with nothing drained.
 * A drain of one zone, as compaction asks for, waits for itself. Suren's answer:
 * create first, then assign under the mutex. The series was dropped on 17 March,
 * as no meaningful gain was measured.
 *
 * Scene. Memory is short: no more pages are free than min. Two CPUs come
 * online; each worker's struct takes a page. No page may be had before direct
 * reclaim has freed 32, onto the list of CPU 0, and a drain has brought them back
 * to where the min mark counts them; reclaim finds no others. For the second
 * CPU reclaim also drains one zone, as compaction would.
 *
 * Asserted. kthread_posted (refused without allow_unsound): the drain of all
 * zones does nothing, so the worker is not created although enough pages were
 * freed; the drain of one zone would never end (the library returns -EDEADLK
 * instead). kthread, as answered: both drain, and both CPUs have their worker.
 */
#include "table.h"

#include <errno.h>
#include <string.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define ALL PCPMM_DRAIN_ALL_ZONES
#define FIRST 2 /* the CPUs that come online */
#define SECOND 3

struct shortage {
	struct story *story;
	struct scene_hoard hoard;
	unsigned int left; /* pages that reclaim still finds */
	bool compacts; /* drain one zone in the middle of reclaim */
	unsigned int reclaims;
	int zone_drain; /* what that drain returned */
};

static unsigned long reclaim(struct pcpmm_cpu *cpu, unsigned int order,
	unsigned long target, void *arg)
{
	struct shortage *shortage = arg;
	unsigned int freed = 0;
	int ret;

	(void)target;
	if (shortage->left)
		freed = scene_unhoard(cpu, &shortage->hoard, shortage->left);
	shortage->left -= freed;
	if (!freed)
		return 0;
	shortage->reclaims++;
	story_say(shortage->story, 0,
		"direct reclaim for order %u: %u pages, now on CPU 0's list",
		order, freed);
	if (shortage->compacts) {
		ret = pcpmm_drain_all_pages(cpu, 0, NORMAL, false);
		shortage->zone_drain = ret;
		story_say(shortage->story, 0,
			"drain of one zone on the way: %s",
			ret == -EDEADLK ? "would wait for itself, for ever"
			: ret		? strerror(-ret)
					: "done");
	}
	return freed;
}

static void come_online(
	struct shortage *shortage, struct pcpmm_cpu *cpu, unsigned int id)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(cpu);
	struct pcpmm_drain_stats stats;
	int ret;

	shortage->reclaims = 0;
	shortage->left = PCPMM_RECLAIM_TARGET;
	shortage->zone_drain = 1;
	shortage->compacts = id == SECOND;
	pcpmm_reclaim_set(machine, NULL, NULL);
	scene_hoard(shortage->story, cpu, &shortage->hoard);
	story_say(shortage->story, 0,
		"holds %u pages: nothing left above the min mark",
		shortage->hoard.nr);
	pcpmm_reclaim_set(machine, reclaim, shortage);
	story_say(shortage->story, (int)id,
		"comes online: its worker's struct needs a page");
	ret = pcpmm_cpu_online(cpu, id);
	if (ret)
		story_claim(shortage->story, false, "CPU %u comes online: %s",
			id, strerror(-ret));
	stats = scene_stats(machine);
	story_say(shortage->story, 0,
		"drains of all zones turned away so far: %u; %d pages on CPU "
		"0's list",
		(unsigned int)stats.busy, scene_listed(machine, 0, NORMAL));
}

/*
 * Does CPU @id have a worker? Only CPU @id has a page on its list; a drain then
 * queues a work item if there is a worker.
 */
static bool has_worker(
	struct shortage *shortage, struct pcpmm_cpu *cpu, unsigned int id)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(cpu);
	struct pcpmm_cpu *other = scene_enter(shortage->story, machine, id);
	uint64_t works;
	bool has;

	scene_unhoard(other, &shortage->hoard, 1);
	scene_leave(shortage->story, other);
	pcpmm_drain_local_pages(cpu, 0, ALL);
	works = scene_stats(machine).works;
	pcpmm_drain_all_pages(cpu, 0, NORMAL, false);
	has = scene_stats(machine).works == works + 1;
	story_say(shortage->story, (int)id, "%s",
		has ? "has a worker, which is given work"
		    : "has no worker to be given work");
	return has;
}

/* Taking a CPU offline ends its worker. */
static void clean_up(
	struct shortage *shortage, struct pcpmm_cpu *cpu, const char *name)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(cpu);

	for (unsigned int id = FIRST; id <= SECOND; id++)
		pcpmm_cpu_offline(cpu, id);
	scene_hoard_end(cpu, &shortage->hoard);
	scene_leave(shortage->story, cpu);
	scene_end(shortage->story, machine, name);
}

static void play(struct story *story, enum pcpmm_drain kind, bool sound)
{
	const char *name = pcpmm_drain_name(kind);
	struct pcpmm_machine *machine = scene_build_kthread(story, kind, FIRST);
	struct pcpmm_cpu *cpu = scene_enter(story, machine, 0);
	struct shortage shortage = {.story = story};
	uint64_t busy;

	come_online(&shortage, cpu, FIRST);
	busy = scene_stats(machine).busy;
	story_claim(story, shortage.reclaims > 0,
		"%s: to create a worker takes direct reclaim", name);
	story_claim(story, sound == !busy,
		sound ? "%s: its drain of all zones is not turned away"
		      : "%s: its drain of all zones is turned away",
		name);
	come_online(&shortage, cpu, SECOND);
	story_claim(story, shortage.zone_drain == (sound ? 0 : -EDEADLK),
		sound ? "%s: a drain of one zone on the way ends"
		      : "%s: a drain of one zone on the way would wait for "
			"itself",
		name);
	pcpmm_reclaim_set(machine, NULL, NULL);
	for (unsigned int id = FIRST; id <= SECOND; id++)
		story_claim(story, has_worker(&shortage, cpu, id) == sound,
			sound ? "%s: CPU %u has its worker"
			      : "%s: CPU %u is left without worker",
			name, id);
	clean_up(&shortage, cpu, name);
}

int story_kthread_deadlock_2022(struct story *story)
{
	play(story, PCPMM_DRAIN_KTHREAD_POSTED, false);
	play(story, PCPMM_DRAIN_KTHREAD, true);
	return story_verdict(story);
}
