/* SPDX-License-Identifier: MIT */
/*
 * remote-pageset-expire: giving back another node's pages.
 *
 * History. Every CPU has a list of every zone, so with 1024 CPUs and 512 nodes
 * there are 512k lists (4037d452202e). If a CPU does not use its list of
 * another node, the fold of the counters gives the pages back: a fold that
 * finds a change of the zone sets a countdown to three, each fold counts down,
 * and the third gives one batch back. Up to 6.5 the countdown alone is no
 * change, and a work item that changed nothing is not queued again (since Huang
 * Ying's patch of August 2023 it is a change). Version 4 of Marcelo Tosatti's
 * remote fold (5 March 2023) removed the countdown. Mel Gorman, NAK: a drain of
 * all lists comes only after reclaim has failed, so relying on it reclaims too
 * much; pages on lists do not count as free, so kswapd wakes early; and a node
 * whose pages are on lists of another node's CPUs makes its own CPUs fall back
 * on remote memory. Version 5 restored the countdown; the shepherd counts.
 *
 * Scene. Two nodes. CPU 0 of node 0 has freed pages of node 1 onto its list and
 * is idle. CPU 2 is the shepherd's.
 *
 * Asserted. By hand: two folds give nothing back, the third gives one batch,
 * and so on until the list is empty, since giving back changes the zone. 6.1:
 * the work item is no longer queued in the middle of the countdown, and the
 * pages stay; a change of another counter lets it run on, for one batch. v8:
 * the third pass always gives one batch back. But the shepherd's CPU has now
 * changed the zone, which starts no countdown on CPU 0: a short list is empty
 * by then, the rest of a long list waits for CPU 0's next change of that zone.
 * v4: all pages stay until a drain of all lists.
 */
#include "table.h"

#include <string.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define REMOTE 1 /* the node */
#define ONE_BATCH 1 /* pages to take and free: a refill */
#define MANY 100
#define PASSES 20 /* many more than a countdown takes */
#define PASSES_MAX 1000 /* to the end of the longest list */

static struct pcpmm_pcp_info list_of(struct pcpmm_machine *machine)
{
	struct pcpmm_pcp_info info = {0};

	pcpmm_pcp_read(pcpmm_cpu_get(machine, 0), REMOTE, NORMAL, &info);
	return info;
}

static int listed(struct pcpmm_machine *machine)
{
	return list_of(machine).count;
}

static struct pcpmm_machine *build(struct story *story,
	enum pcpmm_preset preset, unsigned int nr, const char *name)
{
	const struct scene scene = {.preset = preset,
		.cpus = 4,
		.nodes = 2,
		.pages = {[NORMAL] = 65536}};
	struct pcpmm_machine *machine = scene_build(story, &scene);
	struct pcpmm_cpu *cpu = scene_enter(story, machine, 0);
	struct pcpmm_page *pages[MANY];

	story_act(story, "%s", name);
	for (unsigned int i = 0; i < nr; i++) {
		pages[i] = pcpmm_alloc_pages_node(
			cpu, REMOTE, PCPMM_GFP_KERNEL, 0);
		if (!pages[i])
			story_give_up(story, 1, "no page of node 1");
	}
	pcpmm_free_pages_batch(cpu, pages, nr);
	scene_leave(story, cpu);
	story_say(story, 0,
		"has %d pages of node 1 on its list, not among its %d free",
		listed(machine),
		(int)scene_truth(machine, REMOTE, NORMAL).free);
	return machine;
}

/* --- the rule, fold by fold --------------------------------------------- */

static void by_hand(struct story *story)
{
	struct pcpmm_machine *machine =
		build(story, PCPMM_PRESET_LINUX_6_1, MANY, "the rule, by hand");
	int stocked = listed(machine), batch = list_of(machine).batch;
	struct pcpmm_cpu *cpu = scene_enter(story, machine, 0);
	unsigned int folds = 0;
	int left[PASSES_MAX + 1] = {stocked};

	while (left[folds] && folds < PASSES_MAX) {
		pcpmm_vmstat_fold(cpu, 1);
		left[++folds] = listed(machine);
		if (folds <= 6 || !left[folds])
			story_say(story, 0, "fold %u: %d pages left", folds,
				left[folds]);
		else if (folds == 7)
			story_say(story, 0, "...");
	}
	story_claim(story,
		stocked > 2 * batch && left[1] == stocked &&
			left[2] == stocked && left[3] == stocked - batch,
		"by hand: two folds and nothing, the third gives a batch back");
	story_claim(story, left[4] == left[3] && !left[folds],
		"by hand: that is a change, so it goes on until all are back");
	scene_leave(story, cpu);
	scene_end(story, machine, "by hand");
}

/* --- the shepherd's work items ------------------------------------------ */

/* PASSES passes, a line for each that queues work. Returns their number. */
static unsigned int pass_many(struct story *story, struct pcpmm_cpu *shepherd)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(shepherd);
	unsigned int busy = 0;
	int ret;

	for (unsigned int i = 1; i <= PASSES; i++) {
		ret = pcpmm_shepherd_pass(shepherd);
		if (ret < 0)
			story_give_up(story, 1, "no pass: %s", strerror(-ret));
		if (!ret)
			continue;
		/* All work items are CPU 0's: no other CPU has a change. */
		scene_wait_works(story, machine, 0, scene_folds(machine).works);
		story_say(story, 2, "pass %u: work on CPU 0; %d pages left", i,
			listed(machine));
		busy++;
	}
	story_say(story, 2, "after %d passes: %d with work, %d pages left",
		PASSES, (int)busy, listed(machine));
	return busy;
}

static void stalls(struct story *story)
{
	struct pcpmm_machine *machine =
		build(story, PCPMM_PRESET_LINUX_6_1, MANY, "linux-6.1");
	int stocked = listed(machine), batch = list_of(machine).batch;
	struct pcpmm_cpu *shepherd = scene_enter(story, machine, 2);
	unsigned int busy;

	if (pcpmm_shepherd_start(machine, 0))
		story_give_up(story, 1, "no workers");
	busy = pass_many(story, shepherd);
	story_claim(story, busy == 2 && listed(machine) == stocked,
		"6.1: work in %u of %d passes, then no more: all %d pages stay",
		busy, PASSES, listed(machine));
	scene_change_cpu(story, machine, 0, "nr_mapped", 1);
	story_say(story, 0, "maps a page of node 0");
	pass_many(story, shepherd);
	story_claim(story, listed(machine) == stocked - batch,
		"6.1: a change elsewhere ends the countdown: one batch, no "
		"more");
	pcpmm_drain_all_pages(shepherd, 0, PCPMM_DRAIN_ALL_ZONES, false);
	scene_leave(story, shepherd);
	scene_end(story, machine, "6.1");
}

/* --- the remote fold ---------------------------------------------------- */

/*
 * PASSES passes, with a line for each that gives pages back. Returns the first
 * of them, from 1; 0: none.
 */
static unsigned int pass_from_afar(
	struct story *story, struct pcpmm_cpu *shepherd)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(shepherd);
	unsigned int first = 0;
	int left = listed(machine);

	for (unsigned int i = 1; i <= PASSES; i++) {
		pcpmm_shepherd_pass(shepherd);
		if (listed(machine) == left)
			continue;
		left = listed(machine);
		story_say(story, 2, "pass %u: %d pages left", i, left);
		if (!first)
			first = i;
	}
	story_say(story, 2, "after %d passes: %d pages left", PASSES, left);
	return first;
}

static void short_list(struct story *story)
{
	struct pcpmm_machine *machine =
		build(story, PCPMM_PRESET_REMOTE_FOLD_V8_2023, ONE_BATCH,
			"remote-fold-v8-2023, a short list");
	int stocked = listed(machine);
	struct pcpmm_cpu *shepherd = scene_enter(story, machine, 2);
	unsigned int first = pass_from_afar(story, shepherd);

	story_claim(story, stocked && first == 3 && !listed(machine),
		"v8, short: the third pass gives all %d pages back", stocked);
	story_claim(story, !scene_folds(machine).works,
		"v8, short: CPU 0 had nothing to do with it");
	scene_leave(story, shepherd);
	scene_end(story, machine, "v8, short");
}

static void long_list(struct story *story)
{
	struct pcpmm_machine *machine =
		build(story, PCPMM_PRESET_REMOTE_FOLD_V8_2023, MANY,
			"remote-fold-v8-2023, a long list");
	int stocked = listed(machine), batch = list_of(machine).batch;
	struct pcpmm_cpu *shepherd = scene_enter(story, machine, 2), *cpu;
	unsigned int first = pass_from_afar(story, shepherd);

	story_claim(story, first == 3 && listed(machine) == stocked - batch,
		"v8, long: the third pass gives a batch back, and no other "
		"does");
	cpu = scene_enter(story, machine, 0);
	pcpmm_stat_mod(cpu, REMOTE, NORMAL, "nr_mlock", 1);
	scene_leave(story, cpu);
	story_say(story, 0, "locks a page of node 1");
	first = pass_from_afar(story, shepherd);
	story_claim(story, first == 3 && listed(machine) == stocked - 2 * batch,
		"v8, long: one more for each time CPU 0 changes that zone");
	pcpmm_drain_all_pages(shepherd, 0, PCPMM_DRAIN_ALL_ZONES, false);
	scene_leave(story, shepherd);
	scene_end(story, machine, "v8, long");
}

static void left_there(struct story *story)
{
	struct pcpmm_machine *machine = build(story,
		PCPMM_PRESET_REMOTE_FOLD_V4_2023, MANY, "remote-fold-v4-2023");
	int stocked = listed(machine);
	struct pcpmm_cpu *shepherd = scene_enter(story, machine, 2);

	pass_from_afar(story, shepherd);
	story_claim(story,
		listed(machine) == stocked && !scene_folds(machine).pages,
		"v4: all %d pages stay, as intended there", stocked);
	story_say(story, STORY_NOBODY,
		"Mel Gorman: only a drain of all lists brings them back, after "
		"reclaim failed:");
	story_say(story, STORY_NOBODY,
		"too much is reclaimed, kswapd wakes early, node 1 falls back "
		"on others' memory");
	pcpmm_drain_all_pages(shepherd, 0, PCPMM_DRAIN_ALL_ZONES, false);
	story_say(story, 2, "drains all lists: %d pages left", listed(machine));
	story_claim(story, !listed(machine),
		"v4: it takes a drain of all lists to bring them back");
	scene_leave(story, shepherd);
	scene_end(story, machine, "v4");
}

int story_remote_pageset_expire(struct story *story)
{
	by_hand(story);
	stalls(story);
	short_list(story);
	long_list(story);
	left_there(story);
	return story_verdict(story);
}
