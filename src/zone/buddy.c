/* SPDX-License-Identifier: MIT */
/* Smallest fit, splitting and merging. */
#include "zone/buddy.h"

static struct free_list *list_of(
	struct zone *zone, unsigned int order, unsigned int type)
{
	return &zone->free_area[order].list[type];
}

/* The only writer of nr and nonempty. */
static void list_grow(
	struct zone *zone, unsigned int order, unsigned int type, int64_t by)
{
	struct free_list *list = list_of(zone, order, type);
	uint64_t nr = list->nr + (uint64_t)by;
	uint64_t bit = type < NR_FIT_TYPES ? NONEMPTY_BIT(order, type) : 0;
	uint64_t nonempty = nr ? zone->nonempty | bit : zone->nonempty & ~bit;

	atomic_store_relaxed_u64(&list->nr, nr);
	if (nonempty != zone->nonempty)
		atomic_store_relaxed_u64(&zone->nonempty, nonempty);
}

void buddy_insert(struct zone *zone, uint32_t pfn, unsigned int order,
	unsigned int type, bool tail)
{
	struct pcpmm_page *page = &zone->memmap[pfn];
	struct free_list *list = list_of(zone, order, type);

	frame_set_head(page, FRAME_HEAD(FRAME_BUDDY, order, type, zone->id));
	if (tail)
		frame_list_add_tail(zone->memmap, &list->frames, pfn);
	else
		frame_list_add_head(zone->memmap, &list->frames, pfn);
	list_grow(zone, order, type, 1);
}

void buddy_remove(struct zone *zone, uint32_t pfn)
{
	struct pcpmm_page *page = &zone->memmap[pfn];
	unsigned int order = frame_order(page), type = frame_type(page);

	frame_list_del(zone->memmap, &list_of(zone, order, type)->frames, pfn);
	list_grow(zone, order, type, -1);
	frame_set_head(page, FRAME_HEAD(FRAME_NONE, 0, 0, 0));
}

void buddy_insert_fresh(struct zone *zone, uint64_t start, uint64_t end)
{
	zone->fresh = start;
	zone->fresh_end = end;
	list_grow(zone, ORDER_MAX, PCPMM_MIGRATE_MOVABLE,
		(int64_t)((end - start) >> ORDER_MAX));
}

/* Put the next untouched block on its list, like any other block. */
static uint32_t take_fresh(struct zone *zone)
{
	uint32_t pfn = (uint32_t)zone->fresh;

	zone->fresh += 1UL << ORDER_MAX;
	list_grow(zone, ORDER_MAX, PCPMM_MIGRATE_MOVABLE, -1);
	buddy_insert(zone, pfn, ORDER_MAX, PCPMM_MIGRATE_MOVABLE, true);
	return pfn;
}

uint32_t buddy_first(struct zone *zone, unsigned int order, unsigned int type)
{
	uint32_t pfn = list_of(zone, order, type)->frames.first;

	if (!pfn && order == ORDER_MAX && type == PCPMM_MIGRATE_MOVABLE &&
		zone->fresh < zone->fresh_end)
		return take_fresh(zone);
	return pfn;
}

void buddy_expand(struct zone *zone, uint32_t pfn, unsigned int low,
	unsigned int high, unsigned int type)
{
	while (high > low) {
		high--;
		buddy_insert(zone, pfn + (1u << high), high, type, false);
	}
}

static void record_zone_locked(struct cpu *cpu, const struct zone *zone,
	uint32_t pfn, unsigned int order, unsigned int type)
{
	struct pcpmm_event event = {
		.kind = PCPMM_EVENT_MM_PAGE_ALLOC_ZONE_LOCKED,
		.pfn = pfn,
		.order = (uint8_t)order,
		.migratetype = (uint8_t)type,
		.zone_type = zone->type,
		.nid = zone->nid,
		.flag = zone->rules->percpu_refill(order, type),
	};

	event_record(cpu, &event);
}

/* The least order from @order up of which @type has a block; NR_ORDERS: none. */
static unsigned int smallest_fit(
	const struct zone *zone, unsigned int order, unsigned int type)
{
	uint64_t fits = zone->nonempty & NONEMPTY_FITS(order, type);

	return fits ? lowest_bit(fits) - type * NR_ORDERS : NR_ORDERS;
}

uint32_t buddy_take(struct cpu *cpu, struct zone *zone, unsigned int order,
	unsigned int type)
{
	unsigned int fit = smallest_fit(zone, order, type);
	uint32_t pfn;

	if (fit == NR_ORDERS)
		return 0;
	pfn = buddy_first(zone, fit, type);
	buddy_remove(zone, pfn);
	buddy_expand(zone, pfn, order, fit, type);
	if (event_enabled(cpu, PCPMM_EVENT_MM_PAGE_ALLOC_ZONE_LOCKED))
		record_zone_locked(cpu, zone, pfn, order, type);
	return pfn;
}

void buddy_account(
	struct cpu *cpu, struct zone *zone, long pages, unsigned int type)
{
	vmstat_mod(cpu, &zone->stat, NR_FREE_PAGES, pages);
	if (unlikely(type == PCPMM_MIGRATE_CMA))
		vmstat_mod(cpu, &zone->stat, NR_FREE_CMA_PAGES, pages);
}

static bool is_free_buddy(
	const struct zone *zone, uint32_t pfn, unsigned int order)
{
	const struct pcpmm_page *page = &zone->memmap[pfn];

	return zone_contains(zone, pfn) &&
	       frame_heads(page, FRAME_BUDDY, order) &&
	       frame_zone(page) == zone->id;
}

bool buddy_may_merge(const struct zone *zone, uint32_t pfn, uint32_t buddy,
	unsigned int order)
{
	if (likely(order < PAGEBLOCK_ORDER))
		return true;
	return zone->rules->may_merge(
		zone_block_type(zone, pfn), zone_block_type(zone, buddy));
}

/*
 * The block's own buddy is taken, but the buddy of the pair is free: the pair
 * is likely to merge soon, so do not hand this block out first.
 */
static bool merge_likely(
	const struct zone *zone, uint32_t pfn, unsigned int order)
{
	uint32_t pair;

	if (order >= ORDER_MAX - 1)
		return false;
	pair = pfn & ~(1u << order);
	return is_free_buddy(zone, pair ^ (2u << order), order + 1);
}

/* Merge as far as possible, and put the result on its list. */
static void merge_and_list(
	struct zone *zone, uint32_t pfn, unsigned int order, unsigned int type)
{
	for (; order < ORDER_MAX; order++) {
		uint32_t buddy = pfn ^ (1u << order);

		if (!is_free_buddy(zone, buddy, order) ||
			!buddy_may_merge(zone, pfn, buddy, order))
			break;
		buddy_remove(zone, buddy);
		frame_set_head(
			&zone->memmap[pfn], FRAME_HEAD(FRAME_NONE, 0, 0, 0));
		pfn &= buddy;
	}
	buddy_insert(zone, pfn, order, type, merge_likely(zone, pfn, order));
}

/* Isolated pages are on lists, but do not count as free. */
static void count_freed(struct cpu *cpu, struct zone *zone, unsigned int order,
	unsigned int type)
{
	if (type != PCPMM_MIGRATE_ISOLATE)
		buddy_account(cpu, zone, 1L << order, type);
}

/*
 * Watermark checks read the counter without the lock. If the counter is updated
 * last, it never includes pages that are not on the lists yet.
 */
void buddy_free(struct cpu *cpu, struct zone *zone, uint32_t pfn,
	unsigned int order, unsigned int type)
{
	if (unlikely(zone->count_order == PCPMM_COUNT_AFTER_LISTS)) {
		merge_and_list(zone, pfn, order, type);
		count_freed(cpu, zone, order, type);
		return;
	}
	count_freed(cpu, zone, order, type);
	merge_and_list(zone, pfn, order, type);
}

uint64_t buddy_nr_free(const struct zone *zone, unsigned int order)
{
	uint64_t nr = 0;

	for (unsigned int type = 0; type < NR_TYPES; type++)
		nr += atomic_load_relaxed_u64(
			&zone->free_area[order].list[type].nr);
	return nr;
}

bool buddy_has_pages(const struct zone *zone, uint64_t pages)
{
	uint64_t found = 0;

	for (unsigned int order = NR_ORDERS; order-- > 0 && found < pages;)
		found += buddy_nr_free(zone, order) << order;
	return found >= pages;
}

uint64_t buddy_pages(const struct zone *zone)
{
	uint64_t pages = 0;

	for (unsigned int order = 0; order < NR_ORDERS; order++)
		pages += buddy_nr_free(zone, order) << order;
	return pages;
}
