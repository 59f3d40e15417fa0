/* SPDX-License-Identifier: MIT */
/*
 * Conservation at rest. Every frame of a zone is walked once, block by block:
 *
 *   managed = buddy + pcp + held + deferred
 *   nr[order][type]   = blocks in that state found in the frames
 *   nonempty          = the lists with nr != 0
 *   pcp->count        = pages of its lists
 *   pool's used       = chunks of its lists + spare chunks (pcplist/stack.h)
 *   deferred          = pages on the zone's deferred list
 *   lru->nr           = pages of that LRU list
 *   value + diffs     = pages on lists, for NR_FREE_PAGES, NR_FREE_CMA_PAGES
 *                       and, for zone and node, the counter of each LRU list
 *   type of a free block = that of its pageblocks, where lists are by block
 *   unusable_highatomic  = pages on HIGHATOMIC's lists, or nr_reserved_highatomic
 *   gate              = its terms (zone/gate.h)
 *   a route's reserve = that of its zone
 *   machine's value   = sum of its zones' or nodes' values, for every item
 *   objects of slabs  = held + in sheaves + free (service/slab.h)
 *
 * So no page is on two lists, on none, or in two blocks, and none is isolated.
 */
#include <errno.h>
#include <inttypes.h>

#include "machine/error.h"
#include "machine/machine.h"
#include "reclaim/lru_batch.h"
#include "service/slab.h"
#include "zone/buddy.h"
#include "zone/gate.h"

struct tally {
	uint64_t buddy[NR_ORDERS][NR_TYPES]; /* blocks found */
	uint64_t buddy_pages;
	uint64_t pcp_pages;
	uint64_t deferred_pages;
	uint64_t held_pages; /* pages on LRU lists included */
	uint64_t lru_pages;
	uint64_t untouched; /* frames that head no block */
};

#define ZONE_FORMAT "node %u zone %s%s: "
#define ZONE_ARGS(zone)                                                        \
	(zone)->nid, pcpmm_zone_name((zone)->type), instance_text(zone)

/* Count the block at @pfn by its state; returns its pages. */
static uint64_t tally_block(
	const struct zone *zone, uint64_t pfn, struct tally *tally)
{
	const struct pcpmm_page *page = &zone->memmap[pfn];
	uint64_t pages = 1UL << frame_order(page);

	switch (frame_state(page)) {
	case FRAME_BUDDY:
		tally->buddy[frame_order(page)][frame_type(page)]++;
		tally->buddy_pages += pages;
		return pages;
	case FRAME_PCP:
		tally->pcp_pages += pages;
		return pages;
	case FRAME_DEFERRED:
		tally->deferred_pages += pages;
		return pages;
	case FRAME_LRU:
	case FRAME_ISOLATED:
	case FRAME_BATCHED:
		tally->lru_pages += pages;
		tally->held_pages += pages;
		return pages;
	case FRAME_HELD:
		tally->held_pages += pages;
		return pages;
	default:
		tally->untouched++;
		return 1;
	}
}

static int walk_frames(const struct pcpmm_machine *machine,
	const struct zone *zone, struct tally *tally, struct pcpmm_error *error)
{
	uint64_t end = zone->start_pfn + zone->spanned;
	uint64_t pfn = zone->first_managed;
	uint64_t fresh = zone->fresh_end - zone->fresh;

	while (pfn < end) {
		if (pfn == zone->fresh && fresh) {
			pfn = zone->fresh_end;
			continue;
		}
		if (zone->has_inner &&
			zones_zone_of_pfn(&machine->zones, pfn) != zone)
			pfn++;
		else
			pfn += tally_block(zone, pfn, tally);
	}
	if (pfn != end)
		return error_set(error, -EUCLEAN,
			ZONE_FORMAT "a block reaches past the zone's end",
			ZONE_ARGS(zone));
	tally->buddy[ORDER_MAX][PCPMM_MIGRATE_MOVABLE] += fresh >> ORDER_MAX;
	tally->buddy_pages += fresh;
	return 0;
}

/* zone/rules.h, lists_by_block. @pfn heads a free block. */
static int check_block_type(
	const struct zone *zone, uint32_t pfn, struct pcpmm_error *error)
{
	const struct pcpmm_page *page = &zone->memmap[pfn];
	uint64_t end = pfn + (1UL << frame_order(page));

	for (uint64_t at = pfn; at < end; at += PAGEBLOCK_PAGES)
		if (frame_type(page) != zone_block_type(zone, at))
			return error_set(error, -EUCLEAN,
				ZONE_FORMAT "frame %#x is on a list of %s, but "
					    "its pageblock is of type %s",
				ZONE_ARGS(zone), pfn,
				pcpmm_migratetype_name(frame_type(page)),
				pcpmm_migratetype_name(
					zone_block_type(zone, at)));
	return 0;
}

/* Compare a buddy list with its length and with the states found. */
static int check_list(const struct zone *zone, unsigned int order,
	unsigned int type, const struct tally *tally, struct pcpmm_error *error)
{
	const struct free_list *list = &zone->free_area[order].list[type];
	uint64_t fresh = order == ORDER_MAX && type == PCPMM_MIGRATE_MOVABLE
				 ? (zone->fresh_end - zone->fresh) >> ORDER_MAX
				 : 0;
	uint64_t nr = fresh;
	uint32_t prev = 0;

	/* At most as far as its length says: the list may be a circle. */
	for (uint32_t pfn = list->frames.first; pfn && nr <= list->nr;
		prev = pfn, pfn = zone->memmap[pfn].next) {
		const struct pcpmm_page *page = &zone->memmap[pfn];
		int ret = zone->rules->lists_by_block
				  ? check_block_type(zone, pfn, error)
				  : 0;

		if (ret)
			return ret;
		if (frame_state(page) != FRAME_BUDDY ||
			frame_order(page) != order ||
			frame_type(page) != type ||
			(prev && page->prev != prev))
			return error_set(error, -EUCLEAN,
				ZONE_FORMAT "frame %#x is on the list of order "
					    "%u %s but does not say so",
				ZONE_ARGS(zone), pfn, order,
				pcpmm_migratetype_name(type));
		nr++;
	}
	if (nr == list->nr && nr == tally->buddy[order][type])
		return 0;
	return error_set(error, -EUCLEAN,
		ZONE_FORMAT "order %u %s: %" PRIu64
			    " on the list, length %" PRIu64 ", %" PRIu64
			    " frames",
		ZONE_ARGS(zone), order, pcpmm_migratetype_name(type), nr,
		list->nr, tally->buddy[order][type]);
}

/* Each list's bit says whether its length is 0. */
static int check_nonempty(const struct zone *zone, struct pcpmm_error *error)
{
	uint64_t nonempty = 0;

	for (unsigned int order = 0; order < NR_ORDERS; order++)
		for (unsigned int type = 0; type < NR_FIT_TYPES; type++)
			if (zone->free_area[order].list[type].nr)
				nonempty |= NONEMPTY_BIT(order, type);
	if (zone->nonempty == nonempty)
		return 0;
	return error_set(error, -EUCLEAN,
		ZONE_FORMAT "lists that are not empty: %#" PRIx64
			    ", by their lengths %#" PRIx64,
		ZONE_ARGS(zone), zone->nonempty, nonempty);
}

static int list_of(const struct pcp_rules *rules, const struct pcpmm_page *page)
{
	int type = rules->listed_as(frame_type(page));

	return type < 0 ? -1
			: rules->list_of(frame_order(page), (unsigned int)type);
}

/* Frames of one list; adds to @count. */
static int check_pcp_list(const struct pcpmm_cpu *cpu, const struct zone *zone,
	unsigned int index, int64_t *count, struct pcpmm_error *error)
{
	const struct pcp_lists *pcp = pcp_lists_of(&cpu->slots[zone->id]);
	struct pcp_stack_iter iter =
		pcp_stack_begin(pcp->pool, &pcp->lists[index]);
	uint32_t pfn;

	while ((pfn = pcp_stack_next_older(&iter))) {
		const struct pcpmm_page *page = &zone->memmap[pfn];

		if (frame_state(page) != FRAME_PCP ||
			frame_zone(page) != zone->id ||
			list_of(zone->pcp_rules, page) != (int)index ||
			*count > (int64_t)zone->managed)
			return error_set(error, -EUCLEAN,
				ZONE_FORMAT "cpu %u list %u: frame "
					    "%#x does not belong",
				ZONE_ARGS(zone), cpu->base.id, index, pfn);
		*count += 1L << frame_order(page);
	}
	return 0;
}

static int check_chunks(const struct pcpmm_cpu *cpu, const struct zone *zone,
	struct pcpmm_error *error)
{
	const struct pcp_lists *pcp = pcp_lists_of(&cpu->slots[zone->id]);
	unsigned int on_lists = 0, used, spare;

	for (unsigned int i = 0; i < NR_PCP_LISTS; i++)
		on_lists += pcp_stack_chunks(pcp->pool, &pcp->lists[i]);
	if (!on_lists)
		return 0;
	used = pcp->pool[0].newer;
	spare = pcp_pool_spare(pcp->pool);
	if (used == on_lists + spare && used < PCP_LISTS_CHUNKS(zone->managed))
		return 0;
	return error_set(error, -EUCLEAN,
		ZONE_FORMAT "cpu %u: %u chunks of numbers used, %u on lists, "
			    "%u spare",
		ZONE_ARGS(zone), cpu->base.id, used, on_lists, spare);
}

/* Lists that are no stacks: their strategy walks them. */
static int check_own_lists(const struct pcpmm_cpu *cpu, const struct zone *zone,
	int64_t *count, struct pcpmm_error *error)
{
	const struct pcp_set *set = &cpu->machine->pcps;
	struct pcp_fault fault = {"", 0};

	if (set->ops->lists->check(set, &cpu->slots[zone->id], count, &fault))
		return 0;
	return error_set(error, -EUCLEAN,
		ZONE_FORMAT "cpu %u: frame %#" PRIx64 ": %s", ZONE_ARGS(zone),
		cpu->base.id, fault.pfn, fault.what);
}

static int check_pcp_lists(const struct pcpmm_cpu *cpu, const struct zone *zone,
	int64_t *count, struct pcpmm_error *error)
{
	int ret = 0;

	if (cpu->machine->pcps.ops->lists)
		return check_own_lists(cpu, zone, count, error);
	for (unsigned int i = 0; !ret && i < NR_PCP_LISTS; i++)
		ret = check_pcp_list(cpu, zone, i, count, error);
	return ret ? ret : check_chunks(cpu, zone, error);
}

static int check_pcp(const struct pcpmm_cpu *cpu, const struct zone *zone,
	uint64_t *pages, struct pcpmm_error *error)
{
	const struct pcp_slot *slot = &cpu->slots[zone->id];
	const struct pcp_drain_ops *ops = cpu->machine->pcps.ops;
	int64_t count = 0;
	int ret = check_pcp_lists(cpu, zone, &count, error);

	if (ret)
		return ret;
	if (count != pcp_count(slot))
		return error_set(error, -EUCLEAN,
			ZONE_FORMAT "cpu %u: %" PRId64
				    " pages on the lists, count %d",
			ZONE_ARGS(zone), cpu->base.id, count, pcp_count(slot));
	if (ops->pages_aside && ops->pages_aside(slot))
		return error_set(error, -EUCLEAN,
			ZONE_FORMAT "cpu %u: %d pages on the drainer's list",
			ZONE_ARGS(zone), cpu->base.id, ops->pages_aside(slot));
	*pages += (uint64_t)count;
	return 0;
}

static int64_t all_diffs(const struct pcpmm_machine *machine,
	const struct vmstat *stat, int item)
{
	int64_t sum = stat->value[item];

	for (unsigned int i = 0; i < machine->smp.nr; i++)
		sum += vmstat_diff(stat, i, item);
	return sum;
}

static int check_zone_item(const struct pcpmm_machine *machine,
	const struct zone *zone, int item, uint64_t truth,
	struct pcpmm_error *error)
{
	int64_t sum = all_diffs(machine, &zone->stat, item);

	if (sum == (int64_t)truth)
		return 0;
	return error_set(error, -EUCLEAN,
		ZONE_FORMAT "%s and diffs say %" PRId64
			    ", the lists hold %" PRIu64,
		ZONE_ARGS(zone), vmstat_zone_names[item], sum, truth);
}

static int check_free_items(const struct pcpmm_machine *machine,
	const struct zone *zone, const struct tally *tally,
	struct pcpmm_error *error)
{
	uint64_t cma = 0;
	int ret = check_zone_item(
		machine, zone, NR_FREE_PAGES, tally->buddy_pages, error);

	for (unsigned int order = 0; order < NR_ORDERS; order++)
		cma += tally->buddy[order][PCPMM_MIGRATE_CMA] << order;
	return ret ? ret
		   : check_zone_item(
			     machine, zone, NR_FREE_CMA_PAGES, cma, error);
}

/* With the gate, of which it is a term. */
static int check_highatomic(const struct zone *zone, const struct tally *tally,
	struct pcpmm_error *error)
{
	uint64_t pages = 0;

	for (unsigned int order = 0; order < NR_ORDERS; order++)
		pages += tally->buddy[order][PCPMM_MIGRATE_HIGHATOMIC] << order;
	if (!zone->rules->hides_free_reserve)
		pages = zone->nr_reserved_highatomic;
	if (zone->unusable_highatomic == pages)
		return 0;
	return error_set(error, -EUCLEAN,
		ZONE_FORMAT "%" PRIu64 " pages of the high-atomic reserve are "
			    "unusable, and should be %" PRIu64,
		ZONE_ARGS(zone), zone->unusable_highatomic, pages);
}

static int check_gate(const struct zone *zone, struct pcpmm_error *error)
{
	int64_t expected = zone_gate_expected(zone);

	if (zone->gate == expected)
		return 0;
	return error_set(error, -EUCLEAN,
		ZONE_FORMAT "gate is %" PRId64 ", its terms say %" PRId64,
		ZONE_ARGS(zone), zone->gate, expected);
}

static int check_routes(
	const struct pcpmm_machine *machine, struct pcpmm_error *error)
{
	for (unsigned int id = 0; id < machine->smp.nr; id++)
		for (unsigned int i = 0; i < NR_ROUTES; i++) {
			const struct route *route =
				&machine->cpus[id].routes[i];
			uint64_t reserve =
				route->slot->zone
					->lowmem_reserve[route->highest];

			if (route->reserve != (int64_t)reserve)
				return error_set(error, -EUCLEAN,
					"cpu %u: reserve of route %#x is "
					"%" PRId64 ", its zone's %" PRIu64,
					id, i, route->reserve, reserve);
		}
	return 0;
}

/* --- LRU lists ------------------------------------------------------------ */

static int check_lru_list(const struct zone *zone, const struct lru *lru,
	unsigned int which, struct pcpmm_error *error)
{
	const struct frame_list *list = &lru->list[which];
	uint32_t pfn = list->first, prev = 0;
	uint64_t nr = 0;

	/* At most as far as its length says: the list may be a circle. */
	for (; pfn && nr <= lru->nr[which]; nr++) {
		const struct pcpmm_page *page = &zone->memmap[pfn];

		if (frame_state(page) != FRAME_LRU || page->lru != which ||
			frame_order(page) || frame_zone(page) != zone->id ||
			(prev && page->prev != prev))
			return error_set(error, -EUCLEAN,
				ZONE_FORMAT "frame %#x is on the list of %s "
					    "but does not say so",
				ZONE_ARGS(zone), pfn,
				vmstat_node_names[NR_INACTIVE_ANON + which]);
		prev = pfn;
		pfn = page->next;
	}
	if (nr == lru->nr[which] && (!nr || list->last == prev))
		return 0;
	return error_set(error, -EUCLEAN,
		ZONE_FORMAT "%s: %" PRIu64 "%s on the list, length %" PRIu64
			    ", last %#x",
		ZONE_ARGS(zone), vmstat_node_names[NR_INACTIVE_ANON + which],
		nr, pfn ? " or more" : "", lru->nr[which], list->last);
}

/* Each list, its zone's counter, and no frame of an LRU state but in batches. */
static int check_lru(const struct pcpmm_machine *machine,
	const struct zone *zone, const struct tally *tally,
	struct pcpmm_error *error)
{
	const struct lru *lru = &machine->reclaim.lrus[zone->id];
	uint64_t pages = lru_batches_of(&machine->reclaim, zone);
	int ret = 0;

	for (unsigned int which = 0; !ret && which < NR_LRUS; which++) {
		ret = check_lru_list(zone, lru, which, error);
		if (!ret)
			ret = check_zone_item(machine, zone,
				NR_ZONE_INACTIVE_ANON + (int)which,
				lru->nr[which], error);
		pages += lru->nr[which];
	}
	if (ret || pages == tally->lru_pages)
		return ret;
	return error_set(error, -EUCLEAN,
		ZONE_FORMAT "%" PRIu64
			    " pages on LRU lists and in batches, %" PRIu64
			    " by their frames",
		ZONE_ARGS(zone), pages, tally->lru_pages);
}

static int check_node_item(const struct pcpmm_machine *machine,
	unsigned int nid, int item, uint64_t truth, struct pcpmm_error *error)
{
	int64_t sum = all_diffs(machine, &machine->nodes[nid].stat, item);

	if (sum == (int64_t)truth)
		return 0;
	return error_set(error, -EUCLEAN,
		"node %u: %s and diffs say %" PRId64 ", there are %" PRIu64,
		nid, vmstat_node_names[item], sum, truth);
}

/* A node's lists are those of its zones; at rest no page is isolated. */
static int check_node(const struct pcpmm_machine *machine, unsigned int nid,
	struct pcpmm_error *error)
{
	uint64_t pages[NR_LRUS] = {0};
	int ret = 0;

	for (unsigned int i = 0; i < machine->zones.nr; i++)
		for (unsigned int which = 0; which < NR_LRUS; which++)
			if (machine->zones.zone[i]->nid == nid)
				pages[which] +=
					machine->reclaim.lrus[i].nr[which];
	for (int which = 0; !ret && which < NR_LRUS; which++)
		ret = check_node_item(machine, nid, NR_INACTIVE_ANON + which,
			pages[which], error);
	if (!ret)
		ret = check_node_item(machine, nid, NR_ISOLATED_ANON, 0, error);
	return ret ? ret
		   : check_node_item(machine, nid, NR_ISOLATED_FILE, 0, error);
}

/* --- deferred frees ------------------------------------------------------- */

static int check_deferred(const struct zone *zone, const struct tally *tally,
	struct pcpmm_error *error)
{
	const struct pcpmm_page *page = zone->deferred;
	uint64_t pages = 0;

	/* At most as far as the frames say: the list may be a circle. */
	while (page && pages <= tally->deferred_pages) {
		if (frame_state(page) != FRAME_DEFERRED ||
			frame_zone(page) != zone->id)
			return error_set(error, -EUCLEAN,
				ZONE_FORMAT "frame %#x is on the deferred list "
					    "but does not say so",
				ZONE_ARGS(zone), page_pfn(zone, page));
		pages += 1UL << frame_order(page);
		page = page->next ? &zone->memmap[page->next] : NULL;
	}
	if (pages == tally->deferred_pages && pages == zone->deferred_pages)
		return 0;
	return error_set(error, -EUCLEAN,
		ZONE_FORMAT "%" PRIu64 " deferred pages on the list, %" PRIu64
			    " by their frames, %" PRIu64 " counted",
		ZONE_ARGS(zone), pages, tally->deferred_pages,
		zone->deferred_pages);
}

/* --- zones and sums ------------------------------------------------------- */

static int check_zone(const struct pcpmm_machine *machine,
	const struct zone *zone, struct pcpmm_error *error)
{
	struct tally tally = {0};
	uint64_t pcp_pages = 0, held, freed;
	int ret = walk_frames(machine, zone, &tally, error);

	for (unsigned int order = 0; !ret && order < NR_ORDERS; order++)
		for (unsigned int type = 0; !ret && type < NR_TYPES; type++)
			ret = check_list(zone, order, type, &tally, error);
	if (!ret)
		ret = check_nonempty(zone, error);
	for (unsigned int i = 0; !ret && i < machine->smp.nr; i++)
		ret = check_pcp(&machine->cpus[i], zone, &pcp_pages, error);
	if (ret)
		return ret;
	if (pcp_pages != tally.pcp_pages)
		return error_set(error, -EUCLEAN,
			ZONE_FORMAT "%" PRIu64 " pages on pcp lists, %" PRIu64
				    " by their frames",
			ZONE_ARGS(zone), pcp_pages, tally.pcp_pages);
	/* A restored machine holds frames that no restore call has named. */
	held = tally.held_pages;
	freed = tally.buddy_pages + pcp_pages + tally.deferred_pages;
	if (zone->boot_held && freed <= zone->managed)
		held = zone->managed - freed;
	if (held < tally.held_pages || zone->managed != freed + held)
		return error_set(error, -EUCLEAN,
			ZONE_FORMAT "managed %" PRIu64 " != buddy %" PRIu64
				    " + pcp %" PRIu64 " + deferred %" PRIu64
				    " + held %" PRIu64,
			ZONE_ARGS(zone), zone->managed, tally.buddy_pages,
			pcp_pages, tally.deferred_pages, held);
	ret = check_deferred(zone, &tally, error);
	if (!ret)
		ret = check_free_items(machine, zone, &tally, error);
	if (!ret)
		ret = check_highatomic(zone, &tally, error);
	if (!ret)
		ret = check_gate(zone, error);
	return ret ? ret : check_lru(machine, zone, &tally, error);
}

static int check_sums(
	const struct pcpmm_machine *machine, struct pcpmm_error *error)
{
	for (int item = 0; item < machine->zone_sum.nr_items; item++) {
		int64_t sum = 0;

		for (unsigned int i = 0; i < machine->zones.nr; i++)
			sum += machine->zones.zone[i]->stat.value[item];
		if (sum != machine->zone_sum.value[item])
			return error_set(error, -EUCLEAN,
				"%s: zones add up to %" PRId64
				", the machine says %" PRId64,
				vmstat_zone_names[item], sum,
				machine->zone_sum.value[item]);
	}
	for (int item = 0; item < machine->node_sum.nr_items; item++) {
		int64_t sum = 0;

		for (unsigned int nid = 0; nid < machine->nr_nodes; nid++)
			sum += machine->nodes[nid].stat.value[item];
		if (sum != machine->node_sum.value[item])
			return error_set(error, -EUCLEAN,
				"%s: nodes add up to %" PRId64
				", the machine says %" PRId64,
				vmstat_node_names[item], sum,
				machine->node_sum.value[item]);
	}
	return 0;
}

int pcpmm_validate(struct pcpmm_machine *machine, struct pcpmm_error *error)
{
	int ret = check_sums(machine, error);

	if (!ret)
		ret = check_routes(machine, error);
	for (unsigned int i = 0; !ret && i < machine->zones.nr; i++)
		ret = check_zone(machine, machine->zones.zone[i], error);
	for (unsigned int nid = 0; !ret && nid < machine->nr_nodes; nid++)
		ret = check_node(machine, nid, error);
	return ret ? ret : slab_check(machine, error);
}
