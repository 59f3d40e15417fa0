/* SPDX-License-Identifier: MIT */
/*
 * rcu-two-derefs: the two rules that make swapping a list safe.
 *
 * History. Nicolas Saenz Julienne, linux-mm, RFC of 8 October 2021: each CPU
 * has two lists for a zone, one in use by the owner, one empty. A drainer swaps
 * the pointers, waits for an RCU grace period, and is then the only user of the
 * old list. This needs two rules. A section must read the pointer once: with
 * two reads a swap may come in between, and the page goes to one list, the
 * count to the other. And each section must be one that a grace period waits
 * for. A section with interrupts off is; Vlastimil Babka noted that on
 * PREEMPT_RT the local lock sleeps with interrupts on, so that without an
 * explicit rcu_read_lock() no grace period waits for it.
 *
 * Scene. The library's strategies can not break these rules, so the first three
 * acts use two lists of this file, in one thread: a drain runs exactly in the
 * middle of the owner's section. The last act is the library's rcu_swap with
 * three CPUs at work and a CPU that drains all the time.
 *
 * Asserted. Two reads: both lists' counts are wrong, a page is left behind. One
 * read: both counts are right. No grace period: the owner uses a page that is
 * in the buddy. The library: no page is lost.
 */
#include "table.h"

#include <sched.h>
#include <string.h>

/* --- a model: one CPU's two lists ------------------------------------- */

#define TOY_PAGES 4

enum toy_place { TOY_HELD, TOY_LISTED, TOY_BUDDY };

struct toy_list {
	int count; /* the list's counter */
	int nr; /* pages on the list */
	int page[TOY_PAGES];
};

struct toy {
	struct story *story;
	struct toy_list lists[2];
	struct toy_list *lp; /* the owner's */
	struct toy_list *drain; /* the drainer's; empty between drains */
	int sections; /* open sections that a grace period waits for */
	enum toy_place place[TOY_PAGES];
};

static void toy_init(struct toy *toy, struct story *story)
{
	memset(toy, 0, sizeof(*toy));
	toy->story = story;
	toy->lp = &toy->lists[0];
	toy->drain = &toy->lists[1];
}

static void toy_push(struct toy *toy, struct toy_list *list, int page)
{
	list->page[list->nr++] = page;
	toy->place[page] = TOY_LISTED;
}

static void toy_swap(struct toy *toy)
{
	struct toy_list *old = toy->lp;

	toy->lp = toy->drain;
	toy->drain = old;
	story_say(toy->story, 0, "drainer: swaps the lists");
}

/* After the grace period: free as many pages as the list's count says. */
static void toy_finish(struct toy *toy)
{
	struct toy_list *list = toy->drain;

	for (; list->count > 0 && list->nr > 0; list->count--)
		toy->place[list->page[--list->nr]] = TOY_BUDDY;
	story_say(toy->story, 0,
		"drainer: has drained; the old list says %d, and has %d",
		list->count, list->nr);
}

/* The whole drain, if no section is open. */
static void toy_drain(struct toy *toy)
{
	toy_swap(toy);
	if (toy->sections)
		story_say(toy->story, 0, "drainer: waits for a section to end");
	else
		toy_finish(toy);
}

static void toy_section_end(struct toy *toy)
{
	toy->sections--;
	toy_finish(toy);
}

static bool toy_agrees(const struct toy_list *list)
{
	return list->count == list->nr;
}

/* Three pages on the list, one still held. */
static void toy_fill(struct toy *toy, struct story *story)
{
	toy_init(toy, story);
	for (int page = 0; page < TOY_PAGES - 1; page++) {
		toy_push(toy, toy->lp, page);
		toy->lp->count++;
	}
	story_say(
		story, 1, "owner: 3 pages are on its list, it holds a fourth");
}

/* Wrong: reads the pointer for the list, and again for its count. */
static void free_by_two(struct toy *toy, int page)
{
	toy->sections++;
	toy_push(toy, toy->lp, page);
	toy_drain(toy);
	toy->lp->count++;
	story_say(
		toy->story, 1, "owner: page onto one list, count of the other");
	toy_section_end(toy);
}

/* Right: reads the pointer once. */
static void free_by_one(struct toy *toy, int page)
{
	struct toy_list *list = toy->lp;

	toy->sections++;
	toy_push(toy, list, page);
	toy_drain(toy);
	list->count++;
	story_say(toy->story, 1, "owner: page and count of the same list");
	toy_section_end(toy);
}

static void two_derefs(struct story *story)
{
	struct toy toy;

	story_act(story, "a section that reads the pointer twice");
	toy_fill(&toy, story);
	free_by_two(&toy, 3);
	story_claim(story, toy.drain->count == 0 && toy.drain->nr == 1,
		"two reads: a page stays on the drainer's list");
	story_claim(story, toy.lp->count == 1 && toy.lp->nr == 0,
		"two reads: the owner's list says 1, and has none");
}

static void one_deref(struct story *story)
{
	struct toy toy;
	bool all = true;

	story_act(story, "a section that reads the pointer once");
	toy_fill(&toy, story);
	free_by_one(&toy, 3);
	for (int page = 0; page < TOY_PAGES; page++)
		all &= toy.place[page] == TOY_BUDDY;
	story_claim(story,
		toy_agrees(toy.lp) && toy_agrees(toy.drain) && !toy.drain->nr,
		"one read: both lists have what they say");
	story_claim(story, all, "one read: all four pages are drained");
}

/* An allocation that no grace period waits for: the section is not counted. */
static void no_reader(struct story *story)
{
	struct toy_list *list;
	struct toy toy;
	int page;

	story_act(story, "a section that no grace period waits for");
	toy_fill(&toy, story);
	list = toy.lp;
	page = list->page[list->nr - 1];
	story_say(story, 1, "owner: chose page %d of its list, is preempted",
		page);
	toy_drain(&toy);
	story_say(story, 1, "owner: goes on and uses page %d, which is %s",
		page,
		toy.place[page] == TOY_BUDDY ? "in the buddy" : "still its");
	story_claim(story, toy.place[page] == TOY_BUDDY,
		"no grace period: the owner uses a page after its drain");
}

/* --- the library ------------------------------------------------------ */

#define NORMAL PCPMM_ZONE_NORMAL
#define CPUS 4
#define DRAINS 100
#define HANDFUL 16
#define YIELDS_MAX 100000

struct owner {
	struct pcpmm_cpu_thread *thread;
	atomic_bool warm, stop;
	bool failed;
};

static void own(struct pcpmm_cpu *cpu, void *arg)
{
	struct owner *owner = arg;
	struct pcpmm_page *pages[HANDFUL];

	while (!atomic_load(&owner->stop)) {
		for (int i = 0; i < HANDFUL; i++) {
			pages[i] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
			owner->failed |= !pages[i];
		}
		for (int i = 0; i < HANDFUL; i++)
			owner->failed |=
				pages[i] && pcpmm_free_pages(cpu, pages[i], 0);
		atomic_store(&owner->warm, true);
	}
}

/* Wait until an owner has pages again; bounded, as the host may run none. */
static void await_pages(struct pcpmm_machine *machine)
{
	for (int i = 0; i < YIELDS_MAX; i++) {
		if (scene_truth(machine, 0, NORMAL).pcp)
			return;
		sched_yield();
	}
}

static void library(struct story *story)
{
	const struct scene scene = {
		.cpus = CPUS,
		.pages = {[NORMAL] = 65536},
		.drain = PCPMM_DRAIN_RCU_SWAP,
	};
	struct pcpmm_machine *machine = scene_build(story, &scene);
	struct owner owners[CPUS] = {{.failed = false}};
	struct pcpmm_cpu *cpu = scene_enter(story, machine, 0);
	struct pcpmm_drain_stats stats;
	bool failed = false;

	story_act(story, "the library's rcu_swap");
	for (unsigned int id = 1; id < CPUS; id++)
		owners[id].thread =
			scene_run(story, machine, id, own, &owners[id]);
	for (unsigned int id = 1; id < CPUS; id++)
		scene_expect(story, &owners[id].warm, "CPUs at work");
	for (int i = 0; i < DRAINS; i++) {
		await_pages(machine);
		failed |= pcpmm_drain_all_pages(
				  cpu, 0, PCPMM_DRAIN_ALL_ZONES, false) != 0;
	}
	for (unsigned int id = 1; id < CPUS; id++) {
		atomic_store(&owners[id].stop, true);
		pcpmm_cpu_join(owners[id].thread);
		failed |= owners[id].failed;
	}
	stats = scene_stats(machine);
	story_say(story, 0,
		"%u drains under CPUs 1 to 3 at work: %u grace periods, %lu "
		"pages",
		(unsigned int)stats.pcp_global_drain,
		(unsigned int)stats.grace_periods, (unsigned long)stats.pages);
	story_claim(story, !failed && stats.pages > 0,
		"rcu_swap: %d drains in the middle of the owners' work",
		DRAINS);
	story_claim(story,
		stats.grace_periods > 0 &&
			stats.grace_periods <= stats.pcp_global_drain,
		"rcu_swap: at most one grace period a drain");
	scene_leave(story, cpu);
	scene_end(story, machine, "rcu_swap");
}

int story_rcu_two_derefs(struct story *story)
{
	two_derefs(story);
	one_deref(story);
	no_reader(story);
	library(story);
	return story_verdict(story);
}
