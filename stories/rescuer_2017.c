/* SPDX-License-Identifier: MIT */
/*
 * rescuer-2017: a worker whose memory needs the drain that it should run.
 *
 * History. Drains went from interrupts to work items in January 2017 (0ccce3b92421).
 * A pool of workers keeps one idle in reserve; if the last idle one is woken, it
 * first creates another. That takes memory, so it may enter direct reclaim, which
 * drains all lists: by an item of the pool that has no worker. Michal Hocko gave the
 * items a queue of their own, mm_percpu_wq, with WQ_MEM_RECLAIM (ce612879ddc7): such
 * a queue has a rescuer, a thread from the start, which runs the queue's items where
 * a pool can not create a worker.
 *
 * Scene. An item sleeps on CPU 1, whose pool has one more worker. Memory is short:
 * no more pages are free than min. One more item comes. The new worker's stack is a
 * block of order 2; reclaim finds 32 single pages, which go to the list of CPU 1,
 * and only a drain makes a block of them.
 *
 * Asserted. The rescuer runs the drain's item, the worker is created, and the item
 * runs. Without WQ_MEM_RECLAIM (refused without allow_unsound) worker and drain wait
 * for each other; they end when the sleeping item does, as its worker then runs the
 * drain's item.
 */
#include "table.h"

#include <errno.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define VICTIM 1 /* the CPU whose pool is short of workers */

struct shortage {
	struct story *story;
	bool rescuer;
	struct pcpmm_machine *machine;
	struct scene_hoard hoard;
	unsigned int left; /* pages that reclaim still finds */
};

static unsigned long reclaim(struct pcpmm_cpu *cpu, unsigned int order,
	unsigned long target, void *arg)
{
	struct shortage *shortage = arg;
	unsigned int freed = 0;

	(void)target;
	if (shortage->left)
		freed = scene_unhoard(cpu, &shortage->hoard, shortage->left);
	shortage->left -= freed;
	if (freed)
		story_say(shortage->story, (int)pcpmm_cpu_id(cpu),
			"direct reclaim for order %u: %u pages, on its list",
			order, freed);
	return freed;
}

static void make_short(struct shortage *shortage, struct pcpmm_cpu *cpu)
{
	scene_hoard(shortage->story, cpu, &shortage->hoard);
	shortage->left = PCPMM_RECLAIM_TARGET;
	pcpmm_reclaim_set(shortage->machine, reclaim, shortage);
}

static void without_rescuer(struct pcpmm_config *config)
{
	config->wq_mem_reclaim = false;
}

static void build(struct shortage *shortage)
{
	const struct scene scene = {
		.cpus = 2,
		.pages = {[NORMAL] = 16384},
		.drain = PCPMM_DRAIN_WORKQUEUE,
		.allow_unsound = !shortage->rescuer,
		.min_free_kbytes = 1024,
		.adjust = shortage->rescuer ? NULL : without_rescuer,
	};

	shortage->machine = scene_build(shortage->story, &scene);
}

/* --- the items ------------------------------------------------------------------ */

struct nap {
	struct story *story;
	atomic_bool asleep, over;
};

static void sleep_on(struct pcpmm_cpu *cpu, void *arg)
{
	struct nap *nap = arg;

	story_say(nap->story, VICTIM, "the first worker's item sleeps");
	atomic_store(&nap->asleep, true);
	while (!atomic_load(&nap->over))
		pcpmm_msleep(cpu, 1);
}

static void set_flag(struct pcpmm_cpu *cpu, void *arg)
{
	(void)cpu;
	atomic_store((atomic_bool *)arg, true);
}

static struct pcpmm_work_stats work_stats(struct pcpmm_machine *machine)
{
	struct pcpmm_work_stats stats;

	pcpmm_work_stats_read(machine, &stats);
	return stats;
}

/* The claims, and the end of what hangs. */
static void judge(struct shortage *shortage, struct nap *nap, atomic_bool *ran)
{
	struct story *story = shortage->story;
	bool ends = scene_wait(
		ran, shortage->rescuer ? STORY_PATIENCE_MS : STORY_STARVED_MS);
	struct pcpmm_work_stats stats = work_stats(shortage->machine);

	story_say(story, VICTIM, "rescued items: %u, maydays: %u",
		(unsigned int)stats.rescued, (unsigned int)stats.maydays);
	if (shortage->rescuer) {
		story_claim(story, ends && stats.rescued > 0,
			"rescuer: it drains for the worker that is to be "
			"created");
		story_claim(story, stats.created == 1,
			"rescuer: the worker is there, and runs the item");
	} else {
		story_claim(story, !ends && !stats.created && !stats.rescued,
			"without WQ_MEM_RECLAIM: worker and drain wait for "
			"each other");
	}
	atomic_store(&nap->over, true);
	scene_expect(story, ran, "the item");
	story_say(
		story, VICTIM, "the first worker is back: all items have run");
}

/*
 * The worker that creates another one has pages of the machine in its hands.
 * Entering its CPU afterwards orders all that it did before what follows.
 */
static void wait_for_manager(struct story *story, struct pcpmm_machine *machine)
{
	for (int i = 0; i < 50000 && !work_stats(machine).created; i++)
		scene_pause();
	scene_leave(story, scene_enter(story, machine, VICTIM));
}

static void rescue(struct story *story, bool rescuer)
{
	struct shortage shortage = {.story = story, .rescuer = rescuer};
	struct nap nap = {.story = story};
	struct pcpmm_work *sleeper, *item;
	atomic_bool ran = false;
	struct pcpmm_cpu *cpu;

	story_act(story, rescuer ? "rescuer" : "no rescuer");
	build(&shortage);
	sleeper = pcpmm_work_create(
		shortage.machine, VICTIM, PCPMM_SYSTEM_WQ, sleep_on, &nap);
	item = pcpmm_work_create(
		shortage.machine, VICTIM, PCPMM_SYSTEM_WQ, set_flag, &ran);
	if (!sleeper || !item)
		story_give_up(story, 1, "no work item");
	pcpmm_work_queue(sleeper);
	scene_expect(story, &nap.asleep, "the sleeping item");
	cpu = scene_enter(story, shortage.machine, 0);
	make_short(&shortage, cpu);
	story_say(story, VICTIM,
		"one more item: the last idle worker must create another");
	pcpmm_work_queue(item);
	judge(&shortage, &nap, &ran);
	wait_for_manager(story, shortage.machine);
	pcpmm_work_destroy(item);
	pcpmm_work_destroy(sleeper);
	pcpmm_reclaim_set(shortage.machine, NULL, NULL);
	scene_hoard_end(cpu, &shortage.hoard);
	scene_leave(story, cpu);
	scene_end(story, shortage.machine, rescuer ? "rescuer" : "no rescuer");
}

/* Known to hang: refused unless one asks for it. */
static void refused(struct story *story)
{
	const struct scene scene = {
		.cpus = 2,
		.pages = {[NORMAL] = 16384},
		.drain = PCPMM_DRAIN_WORKQUEUE,
		.adjust = without_rescuer,
	};
	struct pcpmm_error error = {""};
	struct pcpmm_machine *machine = scene_try(&scene, &error);

	story_claim(story, !machine && errno == EINVAL,
		"workqueue without WQ_MEM_RECLAIM is refused");
	pcpmm_machine_destroy(machine);
}

int story_rescuer_2017(struct story *story)
{
	rescue(story, true);
	refused(story);
	rescue(story, false);
	return story_verdict(story);
}
