/* SPDX-License-Identifier: MIT */
/*
 * Free: check that the page is held and of this machine, and put it on the list
 * of its pageblock's type, else into the buddy.
 *
 * A page belongs to its holder until the free enters the guard, so its frame is
 * read without a lock. Two threads that free the same page at the same moment
 * both see it held: with free_check = racy that misuse is not caught; with
 * exchange one of them claims the page, and the other is refused.
 */
#include <errno.h>
#include <pcpmm/alloc.h>

#include "alloc/door.h"
#include "alloc/page_free.h"
#include "zone/pageblock.h"

#define BATCH_MAX 32 /* pages in one section: SWAP_CLUSTER_MAX */

void page_free_record(struct pcpmm_cpu *cpu, const struct pcpmm_page *page)
{
	const struct zone *zone = cpu->machine->zones.zone[frame_zone(page)];
	struct pcpmm_event event = {
		.kind = PCPMM_EVENT_MM_PAGE_FREE,
		.pfn = page_pfn(zone, page),
		.order = (uint8_t)frame_order(page),
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
			&machine->zones
				 .memmap[round_down_pow2(pfn, 1UL << order)];

		if (frame_state(head) != FRAME_NONE)
			return frame_order(head) >= order ? head : NULL;
	}
	return NULL;
}

cold void page_free_reaped(struct pcpmm_cpu *cpu, unsigned long pages)
{
	count_add(cpu, &cpu->events[PGFREE], pages);
	atomic_add_relaxed_u64(&cpu->machine->nolock.reaped_pages, pages);
}

cold int page_free_lost(struct pcpmm_cpu *cpu, const struct pcpmm_page *page)
{
	struct pcpmm_machine *machine = cpu->machine;

	machine_refuse(machine, MISUSE_DOUBLE_FREE,
		"free of pfn %#lx: another thread frees it at this moment",
		(unsigned long)(page - machine->zones.memmap));
	return -EINVAL;
}

cold int page_free_refuse(struct pcpmm_cpu *cpu, const struct pcpmm_page *page,
	unsigned int order)
{
	struct pcpmm_machine *machine = cpu->machine;
	const struct pcpmm_page *block;
	uint64_t pfn;

	if (!zones_have_frame(&machine->zones, page)) {
		machine_refuse(machine, MISUSE_FOREIGN_PAGE,
			"free of %p: no page of this machine",
			(const void *)page);
		return -EINVAL;
	}
	pfn = (uint64_t)(page - machine->zones.memmap);
	block = block_of(machine, pfn);
	if (block == page && frame_state(page) >= FRAME_LRU)
		machine_refuse(machine, MISUSE_ON_LRU,
			"free of pfn %#lx: it is on an LRU list; "
			"pcpmm_lru_del() first",
			(unsigned long)pfn);
	else if (!block || (frame_state(block) == FRAME_HELD && block != page))
		machine_refuse(machine, MISUSE_FOREIGN_PAGE,
			"free of pfn %#lx: not the start of an allocation",
			(unsigned long)pfn);
	else if (frame_state(block) != FRAME_HELD)
		machine_refuse(machine, MISUSE_DOUBLE_FREE,
			"free of pfn %#lx: it is free already",
			(unsigned long)pfn);
	else if (frame_order(block) == order)
		return page_free_lost(cpu, page);
	else
		machine_refuse(machine, MISUSE_WRONG_ORDER,
			"free of pfn %#lx with order %u; allocated with %u",
			(unsigned long)pfn, order, frame_order(block));
	return -EINVAL;
}

noinline int free_generic(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order)
{
	int ret = check_free(cpu, page, order);
	struct zone *zone;
	uint32_t pfn;

	if (unlikely(ret))
		return ret;
	zone = cpu->machine->zones.zone[frame_zone(page)];
	pfn = page_pfn(zone, page);
	free_block(cpu, zone, pfn, order, zone_block_type(zone, pfn));
	if (unlikely(!atomic_load_relaxed_u64(block_word_at(cpu->memmap, pfn))))
		zone_fill_block_word(&cpu->base, zone, pfn);
	return 0;
}

noinline int free_unlisted(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order)
{
	struct zone *zone = cpu->machine->zones.zone[frame_zone(page)];
	uint32_t pfn = page_pfn(zone, page);

	free_to_buddy(cpu, zone, pfn, order, zone_block_type(zone, pfn));
	return 0;
}

cold int free_interrupted(struct pcpmm_cpu *cpu)
{
	cpu_poll(&cpu->base);
	return 0;
}

/* For callers without the header's inline call. */
int pcpmm_free_pages(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, unsigned int order)
{
	return cpu->base.door.free_pages(cpu, page, order);
}

/* The heads of the new blocks are set like the old head. */
int pcpmm_split_pages(struct pcpmm_cpu *cpu, struct pcpmm_page *page,
	unsigned int order, unsigned int new_order)
{
	int ret = machine_check_owner(cpu, "splits pages");
	uint32_t head;

	if (ret)
		return ret;
	if (new_order > order) {
		machine_refuse(cpu->machine, MISUSE_BAD_ARGUMENT,
			"split of order %u into order %u", order, new_order);
		return -EINVAL;
	}
	if (!may_free(cpu->machine, page, order))
		return page_free_refuse(cpu, page, order);
	if (!frame_claim(page, order))
		return page_free_lost(cpu, page);
	head = FRAME_HEAD(
		FRAME_HELD, new_order, frame_type(page), frame_zone(page));
	for (unsigned int i = 1u << (order - new_order); i-- > 0;)
		frame_set_head(page + ((size_t)i << new_order), head);
	return 0;
}

/* --- many at once ----------------------------------------------------- */

/* The run of pages of one zone that may go to its list together. */
static unsigned int run_length(const struct pcpmm_machine *machine,
	struct pcpmm_page *const *pages, unsigned int nr)
{
	const struct zone *zone = machine->zones.zone[frame_zone(pages[0])];
	unsigned int run = 0;

	while (run < nr && run < BATCH_MAX &&
		frame_zone(pages[run]) == zone->id &&
		zone_block_type(zone, page_pfn(zone, pages[run])) !=
			PCPMM_MIGRATE_ISOLATE)
		run++;
	return run;
}

/*
 * All @pages were checked: held and single. A page whose list is busy goes to the
 * buddy, as an isolated one does; the next page tries its list again. So does the
 * page after one whose spill lost the list's lock.
 */
static void free_runs(
	struct pcpmm_cpu *cpu, struct pcpmm_page **pages, unsigned int nr)
{
	struct pcpmm_machine *machine = cpu->machine;

	while (nr) {
		struct zone *zone = machine->zones.zone[frame_zone(pages[0])];
		unsigned int run = run_length(machine, pages, nr);
		unsigned int done = 0;

		if (run)
			done = machine->pcps.owner.free_batch(
				&cpu->slots[zone->id], pages, run);
		count_add(cpu, &cpu->events[PGFREE], done);
		if (!done) {
			uint32_t pfn = page_pfn(zone, pages[0]);

			free_to_buddy(
				cpu, zone, pfn, 0, zone_block_type(zone, pfn));
			done = 1;
		}
		pages += done;
		nr -= done;
	}
}

/*
 * Pages are checked and prepared one chunk at a time, as the kernel prepares
 * its list before it commits any of it. A page that is twice in one chunk is
 * found, since it is no longer HELD after the first.
 */
unsigned int pcpmm_free_pages_batch(
	struct pcpmm_cpu *cpu, struct pcpmm_page **pages, unsigned int nr)
{
	unsigned int refused = 0;

	if (unlikely(machine_check_owner(cpu, "frees")))
		return nr;
	for (unsigned int at = 0; at < nr;) {
		struct pcpmm_page *chunk[BATCH_MAX];
		unsigned int held = 0;

		while (at < nr && held < BATCH_MAX) {
			struct pcpmm_page *page = pages[at++];

			if (check_free(cpu, page, 0)) {
				refused++;
				continue;
			}
			chunk[held++] = page;
		}
		free_runs(cpu, chunk, held);
	}
	return refused;
}
