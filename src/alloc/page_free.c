/* SPDX-License-Identifier: MIT */
/*
 * Free: is it ours and held, which list by its pageblock's type, else the
 * buddy.
 *
 * A page that is freed is its holder's until the guard is entered, so its
 * frame is read without a lock. Two threads that free the same page at the
 * same moment both see it held: that misuse is not caught.
 */
#include <errno.h>
#include <pcpmm/alloc.h>
#include <pcpmm/recorded.h>

#include "machine/machine.h"
#include "zone/rmqueue.h"

#define BATCH_MAX 32 /* pages in one section: SWAP_CLUSTER_MAX */

static void record_free(struct pcpmm_cpu *cpu, const struct pcpmm_page *page)
{
	const struct zone *zone = cpu->machine->zones[page->zone];
	struct pcpmm_event event = {
		.kind = PCPMM_EVENT_MM_PAGE_FREE,
		.pfn = page_pfn(zone, page),
		.order = page->order,
		.zone_type = zone->type,
		.nid = zone->nid,
	};

	event_record(&cpu->base, &event);
}

/* Head of the block that covers @pfn; NULL: a hole, or never touched. */
static const struct pcpmm_page *block_of(
	const struct pcpmm_machine *machine, uint64_t pfn)
{
	for (unsigned int order = 0; order < NR_ORDERS; order++) {
		const struct pcpmm_page *head =
			&machine->memmap[round_down_pow2(pfn, 1UL << order)];

		if (head->state != FRAME_NONE)
			return head->order >= order ? head : NULL;
	}
	return NULL;
}

static cold int refuse_page(struct pcpmm_cpu *cpu,
	const struct pcpmm_page *page, unsigned int order)
{
	struct pcpmm_machine *machine = cpu->machine;
	struct pcpmm_misuse *misuse = &machine->misuse;
	const struct pcpmm_page *block;
	uint64_t pfn;

	if (!machine_is_frame(machine, page)) {
		machine_refuse(machine, &misuse->foreign_page,
			"free of %p: no page of this machine",
			(const void *)page);
		return -EINVAL;
	}
	pfn = (uint64_t)(page - machine->memmap);
	block = block_of(machine, pfn);
	if (block == page && page->state >= FRAME_LRU)
		machine_refuse(machine, &misuse->on_lru,
			"free of pfn %#lx: it is on an LRU list; "
			"pcpmm_lru_del() first",
			(unsigned long)pfn);
	else if (!block || (block->state == FRAME_HELD && block != page))
		machine_refuse(machine, &misuse->foreign_page,
			"free of pfn %#lx: not the start of an allocation",
			(unsigned long)pfn);
	else if (block->state != FRAME_HELD)
		machine_refuse(machine, &misuse->double_free,
			"free of pfn %#lx: it is free already",
			(unsigned long)pfn);
	else
		machine_refuse(machine, &misuse->wrong_order,
			"free of pfn %#lx with order %u; allocated with %u",
			(unsigned long)pfn, order, block->order);
	return -EINVAL;
}

static cold int refuse_thread(struct pcpmm_cpu *cpu)
{
	machine_refuse(cpu->machine, &cpu->machine->misuse.wrong_thread,
		"CPU %u frees on a thread that is not on it", cpu->base.id);
	return -EPERM;
}

static force_inline bool may_free(const struct pcpmm_machine *machine,
	const struct pcpmm_page *page, unsigned int order)
{
	return likely(machine_is_frame(machine, page) &&
		      page->state == FRAME_HELD && page->order == order);
}

/* Straight to the buddy, with the block's own type. */
static void free_to_buddy(struct pcpmm_cpu *cpu, struct zone *zone,
	uint32_t pfn, unsigned int order, unsigned int type)
{
	frame_set_state(&zone->memmap[pfn], FRAME_NONE);
	zone_free_one(&cpu->base, zone, pfn, order, type);
}

static force_inline void free_block(struct pcpmm_cpu *cpu, struct zone *zone,
	uint32_t pfn, unsigned int order, unsigned int type)
{
	if (likely(pcp_has_list(&cpu->machine->pcps, order, type))) {
		if (likely(cpu->machine->pcps.owner.free(
			    &cpu->slots[zone->id], pfn, order, type)))
			count_add(cpu, &cpu->events[PGFREE], 1UL << order);
		else
			free_to_buddy(cpu, zone, pfn, order, type);
		return;
	}
	count_add(cpu, &cpu->events[PGFREE], 1UL << order);
	free_to_buddy(cpu, zone, pfn, order, type);
}

static force_inline int check_free(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order)
{
	if (unlikely(!cpu_is_mine(&cpu->base)))
		return refuse_thread(cpu);
	if (unlikely(!may_free(cpu->machine, page, order)))
		return refuse_page(cpu, page, order);
	if (event_enabled(&cpu->base, PCPMM_EVENT_MM_PAGE_FREE))
		record_free(cpu, page);
	return 0;
}

int pcpmm_free_pages(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order)
{
	int ret = check_free(cpu, page, order);
	struct zone *zone;
	uint32_t pfn;

	if (unlikely(ret))
		return ret;
	zone = cpu->machine->zones[page->zone];
	pfn = page_pfn(zone, page);
	free_block(cpu, zone, pfn, order, zone_block_type(zone, pfn));
	return 0;
}

int pcpmm_recorded_free(struct pcpmm_cpu *cpu, struct pcpmm_page *page,
	unsigned int order, const struct pcpmm_choice *choice)
{
	struct pcpmm_machine *machine = cpu->machine;
	struct zone *zone;
	uint32_t pfn;
	int ret;

	if ((unsigned int)choice->type >= PCPMM_NR_MIGRATETYPES) {
		machine_refuse(machine, &machine->misuse.bad_argument,
			"recorded free: type %d", (int)choice->type);
		return -EINVAL;
	}
	ret = check_free(cpu, page, order);
	if (ret)
		return ret;
	zone = cpu->machine->zones[page->zone];
	pfn = page_pfn(zone, page);
	if (choice->direct)
		free_to_buddy(cpu, zone, pfn, order, choice->type);
	else
		free_block(cpu, zone, pfn, order, choice->type);
	return 0;
}

/* Heads of the new blocks say what the old head said. */
int pcpmm_split_pages(struct pcpmm_cpu *cpu, struct pcpmm_page *page,
	unsigned int order, unsigned int new_order)
{
	if (!cpu_is_mine(&cpu->base))
		return refuse_thread(cpu);
	if (new_order > order) {
		machine_refuse(cpu->machine, &cpu->machine->misuse.bad_argument,
			"split of order %u into order %u", order, new_order);
		return -EINVAL;
	}
	if (!may_free(cpu->machine, page, order))
		return refuse_page(cpu, page, order);
	atomic_store_relaxed_u8(&page->order, (uint8_t)new_order);
	for (unsigned int i = 1; i < 1u << (order - new_order); i++) {
		struct pcpmm_page *head = page + ((size_t)i << new_order);

		frame_set_head(head, FRAME_HELD, new_order, page->type);
		head->zone = page->zone;
	}
	return 0;
}

/* --- many at once ----------------------------------------------------- */

/* The run of pages of one zone that may go to its list together. */
static unsigned int run_length(const struct pcpmm_machine *machine,
	struct pcpmm_page *const *pages, unsigned int nr)
{
	const struct zone *zone = machine->zones[pages[0]->zone];
	unsigned int run = 0;

	while (run < nr && run < BATCH_MAX && pages[run]->zone == zone->id &&
		zone_block_type(zone, page_pfn(zone, pages[run])) !=
			PCPMM_MIGRATE_ISOLATE)
		run++;
	return run;
}

/* Pages all checked: held, single. */
static void free_runs(
	struct pcpmm_cpu *cpu, struct pcpmm_page **pages, unsigned int nr)
{
	struct pcpmm_machine *machine = cpu->machine;

	while (nr) {
		struct zone *zone = machine->zones[pages[0]->zone];
		unsigned int run = run_length(machine, pages, nr);
		unsigned int done = 0;

		if (run)
			done = machine->pcps.owner.free_batch(
				&cpu->slots[zone->id], pages, run);
		count_add(cpu, &cpu->events[PGFREE], done);
		for (; done < MAX(run, 1u); done++) {
			uint32_t pfn = page_pfn(zone, pages[done]);

			free_to_buddy(
				cpu, zone, pfn, 0, zone_block_type(zone, pfn));
		}
		pages += done;
		nr -= done;
	}
}

/*
 * Checked and prepared one chunk at a time, as the kernel prepares its list
 * before it commits any of it. A page that is twice in one chunk is found by
 * taking its state away at the first.
 */
unsigned int pcpmm_free_pages_batch(
	struct pcpmm_cpu *cpu, struct pcpmm_page **pages, unsigned int nr)
{
	unsigned int refused = 0;

	if (unlikely(!cpu_is_mine(&cpu->base))) {
		refuse_thread(cpu);
		return nr;
	}
	for (unsigned int at = 0; at < nr;) {
		struct pcpmm_page *chunk[BATCH_MAX];
		unsigned int held = 0;

		while (at < nr && held < BATCH_MAX) {
			struct pcpmm_page *page = pages[at++];

			if (check_free(cpu, page, 0)) {
				refused++;
				continue;
			}
			frame_set_state(page, FRAME_PCP);
			chunk[held++] = page;
		}
		free_runs(cpu, chunk, held);
	}
	return refused;
}
