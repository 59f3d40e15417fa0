/* SPDX-License-Identifier: MIT */
/*
 * trylock-type: the type of a page that is freed while the list is locked.
 *
 * History. Mel Gorman, "Drain remote per-cpu directly", April to June 2022,
 * merged in Linux 6.0 (443c2accd1b6, 01b44456a7aa). An owner only tries the
 * lock of its list; if that fails, the page goes to the buddy. The try fails in
 * an interrupt that arrived inside the section, or while a drainer holds the
 * lock. Lists have three types only, so a page of a high-atomic or CMA
 * pageblock is on the MOVABLE list. A version of the series had a bug: it used
 * that type for the buddy as well when the trylock failed, so a page of the
 * high-atomic reserve came onto the MOVABLE free list. Fixed: this path uses
 * the pageblock's own type.
 *
 * Scene. One pageblock is of type HighAtomic; two of its pages are held. The
 * first is freed as usual. The second is freed by an interrupt that arrives
 * while CPU 0 is inside the section of another free.
 *
 * Asserted. The first page is on the CPU's MOVABLE list. The second is on no
 * CPU's list: it is in the buddy, on the HighAtomic free list, and MOVABLE has
 * no more free pages than before. After a drain the first page is there as
 * well.
 */
#include "table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define MOVABLE_ORDER_0 PCPMM_MIGRATE_MOVABLE /* its list among the 14 */
#define BLOCK_PAGES (1UL << PCPMM_PAGEBLOCK_ORDER)
/* Pageblocks of the zone, by their contents. */
#define RESERVE SCENE_START_PFN
#define PLAIN (SCENE_START_PFN + 2 * BLOCK_PAGES)

struct intruder {
	struct pcpmm_page *page;
	int ret;
	bool ran;
};

static void free_in_interrupt(struct pcpmm_cpu *cpu, void *arg)
{
	struct intruder *intruder = arg;

	intruder->ran = true;
	intruder->ret = pcpmm_free_pages(cpu, intruder->page, 0);
}

/* Free pages of one type, from /proc/pagetypeinfo; -1: not there. */
static long free_pages(struct pcpmm_machine *machine, unsigned int type)
{
	char *text = NULL, *line, name[48];
	size_t size;
	FILE *out = open_memstream(&text, &size);
	long sum = -1;

	if (!out)
		return -1;
	pcpmm_proc_print(machine, "pagetypeinfo", out);
	fclose(out);
	snprintf(name, sizeof(name), "zone   Normal, type %12s ",
		pcpmm_migratetype_name(type));
	line = text ? strstr(text, name) : NULL;
	if (line) {
		line += strlen(name);
		sum = 0;
		for (unsigned int order = 0; order <= PCPMM_ORDER_MAX; order++)
			sum += strtol(line, &line, 10) << order;
	}
	free(text);
	return sum;
}

static struct pcpmm_page *held_page(
	struct story *story, struct pcpmm_machine *machine, uint64_t pfn)
{
	struct pcpmm_page *page;

	if (pcpmm_restore_held(machine, pfn, 0) ||
		!(page = pcpmm_pfn_to_page(machine, pfn)))
		story_give_up(story, EXIT_FAILURE,
			"frame %" PRIu64 " can not be held", pfn);
	return page;
}

static enum pcpmm_page_state state_of(struct pcpmm_machine *machine,
	const struct pcpmm_page *page, enum pcpmm_migratetype *block_type)
{
	struct pcpmm_page_info info = {.state = PCPMM_PAGE_NONE};

	pcpmm_page_inspect(machine, pcpmm_page_to_pfn(machine, page), &info);
	if (block_type)
		*block_type = info.block_type;
	return info.state;
}

static void free_as_usual(struct story *story, struct pcpmm_machine *machine,
	struct pcpmm_cpu *cpu, struct pcpmm_page *page)
{
	struct pcpmm_pcp_info lists;
	int ret = pcpmm_free_pages(cpu, page, 0);

	pcpmm_pcp_read(cpu, 0, NORMAL, &lists);
	story_say(story, 0, "frees the first page: %d on the list of Movable",
		lists.blocks[MOVABLE_ORDER_0]);
	story_claim(story,
		!ret && state_of(machine, page, NULL) == PCPMM_PAGE_PCP &&
			lists.blocks[MOVABLE_ORDER_0] == 1,
		"freed as usual it waits on the list of Movable");
}

static void free_inside(struct story *story, struct pcpmm_machine *machine,
	struct pcpmm_cpu *cpu, struct pcpmm_page *page,
	struct pcpmm_page *plain)
{
	struct intruder intruder = {.page = page};
	enum pcpmm_migratetype type = PCPMM_MIGRATE_MOVABLE;
	long reserve = free_pages(machine, PCPMM_MIGRATE_HIGHATOMIC);
	long movable = free_pages(machine, PCPMM_MIGRATE_MOVABLE);
	struct pcpmm_pcp_info before, lists;
	int ret;

	pcpmm_pcp_read(cpu, 0, NORMAL, &before);
	story_say(story, 0,
		"frees another page; an interrupt frees the second inside "
		"that section");
	pcpmm_irq_inject(cpu, free_in_interrupt, &intruder);
	ret = pcpmm_free_pages(cpu, plain, 0);
	reserve = free_pages(machine, PCPMM_MIGRATE_HIGHATOMIC) - reserve;
	movable = free_pages(machine, PCPMM_MIGRATE_MOVABLE) - movable;
	pcpmm_pcp_read(cpu, 0, NORMAL, &lists);
	story_say(story, 0,
		"the second is in the buddy: %+ld free of HighAtomic, %+ld of "
		"Movable, %+d on lists",
		reserve, movable, lists.count - before.count);
	story_claim(story,
		!ret && intruder.ran && !intruder.ret &&
			state_of(machine, page, &type) == PCPMM_PAGE_BUDDY &&
			lists.count == before.count + 1,
		"freed by the interrupt it fails the trylock: to the buddy");
	story_claim(story,
		reserve == 1 && movable == 0 &&
			type == PCPMM_MIGRATE_HIGHATOMIC,
		"there it is what its pageblock is, HighAtomic");
}

int story_trylock_type(struct story *story)
{
	const struct scene scene = {
		.cpus = 1,
		.pages = {[NORMAL] = 16384},
		.drain = PCPMM_DRAIN_PCP_LOCK,
		.boot = PCPMM_BOOT_HELD,
	};
	struct pcpmm_machine *machine = scene_build(story, &scene);
	struct pcpmm_page *first = held_page(story, machine, RESERVE);
	/* Not next to the first page: they would merge. */
	struct pcpmm_page *second = held_page(story, machine, RESERVE + 100);
	struct pcpmm_page *plain = held_page(story, machine, PLAIN);
	struct pcpmm_cpu *cpu;

	if (pcpmm_restore_block_type(
		    machine, RESERVE, PCPMM_MIGRATE_HIGHATOMIC))
		story_give_up(story, EXIT_FAILURE, "no such pageblock");
	story_say(story, STORY_NOBODY,
		"a pageblock of HighAtomic, two of its pages are held");
	cpu = scene_enter(story, machine, 0);
	free_as_usual(story, machine, cpu, first);
	free_inside(story, machine, cpu, second, plain);
	pcpmm_drain_local_pages(cpu, 0, PCPMM_DRAIN_ALL_ZONES);
	story_say(story, 0, "drains its lists: %ld free pages of HighAtomic",
		free_pages(machine, PCPMM_MIGRATE_HIGHATOMIC));
	story_claim(story,
		free_pages(machine, PCPMM_MIGRATE_HIGHATOMIC) == 2 &&
			state_of(machine, first, NULL) == PCPMM_PAGE_BUDDY,
		"drained, the first is HighAtomic again as well");
	scene_leave(story, cpu);
	/* The other pages were held from the start: nothing to free. */
	story_claim(story, !pcpmm_validate(machine, NULL),
		"every page is where it belongs, and all counts are right");
	pcpmm_machine_destroy(machine);
	return story_verdict(story);
}
