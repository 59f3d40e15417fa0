/* SPDX-License-Identifier: MIT */
/*
 * pcp-disable: a zone whose free pages must not be on any CPU's list.
 *
 * History. Vlastimil Babka, Linux 5.11 (ec6e8c7e0314), for memory offline;
 * later also for catching poisoned pages. Memory that goes offline must have
 * its free pages in the buddy. Draining is not enough: the next free of any CPU
 * puts a page on a list again, and draining in a loop is a guess. So every list
 * gets high 0 and batch 1 first, and a forced drain second. From then on each
 * free finds count >= high and moves its page to the buddy itself.
 *
 * Scene. Four CPUs, each sound strategy in turn. CPUs 1 to 3 allocate and free
 * all the time while CPU 0 disables the zone's lists. Then, with the lists
 * still disabled, every CPU frees the pages it has held from before.
 *
 * Asserted. No page is on a list once the other CPUs are at rest, nor after any
 * later free; when lists are enabled, high and batch have their old values, and
 * a freed page stays on its list.
 */
#include "table.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define CPUS 4
#define HELD 40 /* pages that each CPU frees while disabled */
#define PAIRS_BEFORE 1000 /* of each CPU, before the lists are disabled */

struct worker {
	struct pcpmm_cpu_thread *thread;
	atomic_bool warm, stop;
	bool failed;
};

struct pages {
	struct pcpmm_page *page[CPUS][HELD];
};

static void allocate_and_free(struct pcpmm_cpu *cpu, void *arg)
{
	struct worker *worker = arg;

	for (unsigned long pairs = 0; !atomic_load(&worker->stop); pairs++) {
		unsigned int order = pairs % 3 ? 0 : 2;
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, order);

		if (!page || pcpmm_free_pages(cpu, page, order))
			worker->failed = true;
		if (pairs == PAIRS_BEFORE)
			atomic_store(&worker->warm, true);
	}
}

static int listed_anywhere(struct pcpmm_machine *machine)
{
	int pages = 0;

	for (unsigned int id = 0; id < CPUS; id++)
		pages += scene_listed(machine, id, NORMAL);
	return pages;
}

static void hold(
	struct story *story, struct pcpmm_machine *machine, struct pages *pages)
{
	for (unsigned int id = 0; id < CPUS; id++) {
		struct pcpmm_cpu *cpu = scene_enter(story, machine, id);

		for (int i = 0; i < HELD; i++)
			pages->page[id][i] =
				scene_alloc(story, cpu, PCPMM_GFP_KERNEL);
		scene_leave(story, cpu);
	}
}

/* Free all. Returns the most pages seen on lists after a free. */
static int free_held(
	struct story *story, struct pcpmm_machine *machine, struct pages *pages)
{
	int most = 0;

	for (unsigned int id = 0; id < CPUS; id++) {
		struct pcpmm_cpu *cpu = scene_enter(story, machine, id);

		for (int i = 0; i < HELD; i++) {
			int listed;

			pcpmm_free_pages(cpu, pages->page[id][i], 0);
			listed = listed_anywhere(machine);
			most = listed > most ? listed : most;
		}
		scene_leave(story, cpu);
	}
	return most;
}

/* Disable the lists while three CPUs use them. Errors: pcpmm_pcp_disable(). */
static int disable_under_load(struct story *story,
	struct pcpmm_machine *machine, struct pcpmm_cpu *cpu, bool *failed)
{
	struct worker workers[CPUS] = {{.failed = false}};
	int ret;

	for (unsigned int id = 1; id < CPUS; id++)
		workers[id].thread = scene_run(
			story, machine, id, allocate_and_free, &workers[id]);
	for (unsigned int id = 1; id < CPUS; id++)
		scene_expect(story, &workers[id].warm, "CPUs at work");
	story_say(story, STORY_NOBODY, "CPUs 1 to 3 allocate and free");
	ret = pcpmm_pcp_disable(cpu, 0, NORMAL);
	story_say(story, 0, "disabled the lists of zone Normal");
	for (unsigned int id = 1; id < CPUS; id++)
		atomic_store(&workers[id].stop, true);
	for (unsigned int id = 1; id < CPUS; id++) {
		pcpmm_cpu_join(workers[id].thread);
		*failed |= workers[id].failed;
	}
	return ret;
}

/* Enable the lists: sizes are as before, and a freed page stays. */
static void enable(struct story *story, struct pcpmm_machine *machine,
	struct pcpmm_cpu *cpu, const struct pcpmm_pcp_info *before,
	const char *name)
{
	struct pcpmm_pcp_info after;
	int ret = pcpmm_pcp_enable(cpu, 0, NORMAL);

	pcpmm_pcp_read(cpu, 0, NORMAL, &after);
	scene_stock(story, cpu, PCPMM_GFP_KERNEL);
	story_say(story, 0, "enabled them: high %d, batch %d, %d pages",
		after.high, after.batch, scene_listed(machine, 0, NORMAL));
	story_claim(story,
		!ret && after.high == before->high &&
			after.batch == before->batch &&
			scene_listed(machine, 0, NORMAL) > 0,
		"%s: enabled again, sizes are back, pages stay on lists", name);
}

static void play(struct story *story, enum pcpmm_drain kind)
{
	const struct scene scene = {
		.cpus = CPUS,
		.pages = {[NORMAL] = 65536},
		.drain = kind,
	};
	struct pcpmm_machine *machine = scene_build(story, &scene);
	struct pcpmm_cpu *cpu;
	struct pcpmm_pcp_info before, off;
	struct pages pages;
	bool failed = false;
	int ret, rest, most;

	story_act(story, "%s", pcpmm_drain_name(kind));
	hold(story, machine, &pages);
	cpu = scene_enter(story, machine, 0);
	pcpmm_pcp_read(cpu, 0, NORMAL, &before);
	story_say(story, 0, "high %d, batch %d, %d pages on all lists",
		before.high, before.batch, listed_anywhere(machine));
	ret = disable_under_load(story, machine, cpu, &failed);
	rest = listed_anywhere(machine);
	pcpmm_pcp_read(cpu, 0, NORMAL, &off);
	scene_leave(story, cpu);
	most = free_held(story, machine, &pages);
	story_say(story, STORY_NOBODY,
		"%d pages on lists at rest; %d at most while all CPUs freed "
		"%d pages",
		rest, most, CPUS * HELD);
	story_claim(story,
		!ret && !failed && !rest && !most && off.high == 0 &&
			off.batch == 1,
		"%s: disabled, no free leaves a page on a list",
		pcpmm_drain_name(kind));
	cpu = scene_enter(story, machine, 0);
	enable(story, machine, cpu, &before, pcpmm_drain_name(kind));
	scene_leave(story, cpu);
	scene_end(story, machine, pcpmm_drain_name(kind));
}

int story_pcp_disable(struct story *story)
{
	for (unsigned int i = 0; i < PCPMM_NR_DRAINS; i++)
		if (i != PCPMM_DRAIN_EXTERNAL && !pcpmm_drain_is_unsound(i))
			play(story, i);
	return story_verdict(story);
}
