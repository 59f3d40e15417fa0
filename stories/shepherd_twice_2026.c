/* SPDX-License-Identifier: MIT */
/*
 * shepherd-twice-2026: a work item that runs is not pending.
 *
 * History. The shepherd queues a CPU's vmstat work item unless it is pending. An item
 * that runs has stopped being pending, so a pass in that moment queues it once more:
 * it runs twice in a row, and its own attempt to run again in a second finds it queued
 * already. Harmless, and for nothing. Breno Leitao, 2026: leave an item alone while it
 * is busy, pending or running; in 7.3.
 *
 * Scene. CPU 1 has changed a counter of a node, and has pages of the other node, which
 * its third fold gives back. The item is held in the middle of that, before it comes
 * to the node's counter, while CPU 0 makes a pass of the shepherd.
 *
 * Asserted. pending: the pass queues the item, which runs twice. busy: it does not,
 * and the item runs once and starts its timer.
 */
#include "table.h"

#include <stdlib.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define FOLDS 2 /* by hand, before the one that gives back */

struct twice {
	struct story *story;
	struct pcpmm_machine *machine;
	atomic_bool inside, passed; /* the item; the pass is over */
};

static enum pcpmm_shepherd_skips chosen; /* for adjust(): it has no argument */

static void adjust(struct pcpmm_config *config)
{
	config->shepherd_skips = chosen;
}

/* A counter is updated: by the item, when it gives a page back. */
static void inside_item(struct pcpmm_cpu *cpu, void *arg)
{
	struct twice *twice = arg;

	if (pcpmm_cpu_id(cpu) != 1 || atomic_exchange(&twice->inside, true))
		return;
	scene_expect(twice->story, &twice->passed, "the pass");
}

static struct pcpmm_machine *build(struct story *story)
{
	const struct scene scene = {
		.cpus = 4,
		.nodes = 2,
		.pages = {[NORMAL] = 65536},
		.adjust = adjust,
		.allow_unsound = true, /* for the window in the counters */
	};
	struct pcpmm_machine *machine = scene_build(story, &scene);
	struct pcpmm_cpu *cpu = scene_enter(story, machine, 1);
	struct pcpmm_page *page;

	page = pcpmm_alloc_pages_node(cpu, 1, PCPMM_GFP_KERNEL, 0);
	if (!page || pcpmm_free_pages(cpu, page, 0))
		story_give_up(story, EXIT_FAILURE, "no page of node 1");
	for (int i = 0; i < FOLDS; i++)
		pcpmm_vmstat_fold(cpu, 1);
	scene_change(story, cpu, 0, "nr_mapped", 1);
	scene_leave(story, cpu);
	return machine;
}

static unsigned int pass(struct twice *twice)
{
	struct pcpmm_cpu *cpu = scene_enter(twice->story, twice->machine, 0);
	int queued = pcpmm_shepherd_pass(cpu);

	scene_leave(twice->story, cpu);
	story_say(twice->story, 0, "a pass of the shepherd: %d items queued",
		queued);
	return queued > 0 ? (unsigned int)queued : 0;
}

/* Wait until @nr items have begun, and CPU 1 is idle. Items that have begun. */
static uint64_t wait_for_runs(struct twice *twice, uint64_t nr)
{
	struct pcpmm_work_stats stats = {0};

	for (int ms = 0; ms < STORY_PATIENCE_MS && stats.run < nr; ms++) {
		scene_pause();
		pcpmm_work_stats_read(twice->machine, &stats);
	}
	scene_leave(twice->story, scene_enter(twice->story, twice->machine, 1));
	pcpmm_work_stats_read(twice->machine, &stats);
	return stats.run;
}

static void play(
	struct story *story, enum pcpmm_shepherd_skips skips, const char *name)
{
	bool again = skips == PCPMM_SHEPHERD_SKIPS_PENDING;
	struct twice twice = {.story = story};
	unsigned int first, second;
	uint64_t runs;

	story_act(story, "%s", name);
	chosen = skips;
	twice.machine = build(story);
	if (pcpmm_vmstat_window_set(twice.machine, inside_item, &twice) ||
		pcpmm_shepherd_start(twice.machine, 0))
		story_give_up(story, EXIT_FAILURE, "no scene");
	first = pass(&twice);
	scene_expect(story, &twice.inside, "the item");
	story_say(story, 1, "folds, and has not come to its node's counters");
	second = pass(&twice);
	atomic_store(&twice.passed, true);
	runs = wait_for_runs(&twice, again ? 2 : 1);
	story_say(story, 1, "its item has run %u times", (unsigned int)runs);
	story_claim(story, first == 1 && second == again,
		"%s: while the item runs, a pass %s", name,
		again ? "queues it again" : "leaves it alone");
	story_claim(story, runs == (again ? 2 : 1), "%s: it runs %s", name,
		again ? "twice in a row" : "once");
	pcpmm_vmstat_window_set(twice.machine, NULL, NULL);
	scene_end(story, twice.machine, name);
}

int story_shepherd_twice_2026(struct story *story)
{
	play(story, PCPMM_SHEPHERD_SKIPS_PENDING, "pending");
	play(story, PCPMM_SHEPHERD_SKIPS_BUSY, "busy");
	return story_verdict(story);
}
