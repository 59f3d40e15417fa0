/* SPDX-License-Identifier: MIT */
/* Refill and spill: whole batches between a list and its zone. */
#include "pcplist/bulk.h"

#include "zone/buddy.h"
#include "zone/rmqueue.h"

/* Blocks that a spill takes off a list at once: what fits on a stack. */
#define FREE_CHUNK 64u

/* Racy: a resize takes effect at the next operation. */
static int batch_of(const struct pcp_slot *slot)
{
	return atomic_load_relaxed_s32(&slot->batch);
}

static void record_refill(struct cpu *cpu, const struct zone *zone,
	unsigned int order, unsigned int type, int nr, unsigned int got)
{
	struct pcpmm_event event = {
		.kind = PCPMM_EVENT_PCP_REFILL,
		.order = (uint8_t)order,
		.migratetype = (uint8_t)type,
		.zone_type = zone->type,
		.nid = zone->nid,
		.n = nr,
		.got = (int32_t)got,
	};

	event_record(cpu, &event);
}

unsigned int pcp_refill(struct pcp_slot *slot, struct pcp_lists *pcp,
	unsigned int order, unsigned int type, unsigned int alloc_flags)
{
	struct cpu *cpu = slot->cpu;
	struct zone *zone = slot->zone;
	struct frame_list *list =
		&pcp->lists[slot->rules->list_of(order, type)];
	int nr = slot->rules->refill_size(batch_of(slot), order);
	unsigned int got = zone_rmqueue_bulk(
		cpu, zone, order, (unsigned int)nr, type, alloc_flags, list);

	pcp_add_count(pcp, (int)(got << order));
	if (event_enabled(cpu, PCPMM_EVENT_PCP_REFILL))
		record_refill(cpu, zone, order, type, nr, got);
	return got;
}

int pcp_spill_at_less(
	const struct pcp_slot *slot, bool reclaim_active, bool free_high)
{
	return slot->rules->spill_at(atomic_load_relaxed_s32(&slot->high),
		batch_of(slot), reclaim_active, free_high);
}

int pcp_spill_size(struct pcp_slot *slot, int count, int mark, bool free_high)
{
	struct pcp_spill spill = slot->rules->spill_size(
		count, mark, batch_of(slot), slot->free_factor, free_high);

	slot->free_factor = (int16_t)spill.free_factor;
	return spill.pages;
}

/* free_factor is racy where the drainer is not the owner: it is for reports. */
static racy_reader void record_free_bulk(struct cpu *by,
	const struct pcp_slot *slot, int pages, int count, unsigned int freed)
{
	const struct zone *zone = slot->zone;
	struct pcpmm_event event = {
		.kind = PCPMM_EVENT_PCP_FREE_BULK,
		.zone_type = zone->type,
		.nid = zone->nid,
		.n = pages,
		.got = (int32_t)freed,
		.count = count,
		.high = atomic_load_relaxed_s32(&slot->high),
		.batch = (int16_t)batch_of(slot),
		.free_factor = RACY_READ(slot->free_factor),
	};

	event_record(by, &event);
}

static void record_pcpu_drain(
	struct cpu *by, const struct zone *zone, const struct pcpmm_page *page)
{
	struct pcpmm_event event = {
		.kind = PCPMM_EVENT_MM_PAGE_PCPU_DRAIN,
		.pfn = page_pfn(zone, page),
		.order = (uint8_t)frame_order(page),
		.migratetype = (uint8_t)frame_type(page),
		.zone_type = zone->type,
		.nid = zone->nid,
	};

	event_record(by, &event);
}

void pcp_record_free_batched(
	struct cpu *cpu, const struct zone *zone, const struct pcpmm_page *page)
{
	struct pcpmm_event event = {
		.kind = PCPMM_EVENT_MM_PAGE_FREE_BATCHED,
		.pfn = page_pfn(zone, page),
		.zone_type = zone->type,
		.nid = zone->nid,
	};

	event_record(cpu, &event);
}

/* Take the coldest block off a list and free it; pages freed. */
static unsigned int free_coldest(
	struct cpu *by, struct zone *zone, struct frame_list *list)
{
	uint32_t pfn = list->last;
	struct pcpmm_page *page = &zone->memmap[pfn];
	unsigned int pages = 1u << frame_order(page);

	frame_list_del(zone->memmap, list, pfn);
	if (event_enabled(by, PCPMM_EVENT_MM_PAGE_PCPU_DRAIN))
		record_pcpu_drain(by, zone, page);
	__zone_free_drained(by, zone, page);
	return pages;
}

/* Take up to @nr blocks off a list that is not empty, coldest first. */
static unsigned int unlink_coldest(struct pcpmm_page *memmap,
	struct frame_list *list, uint32_t *pfns, unsigned int nr)
{
	uint32_t pfn = list->last;
	unsigned int got = 0;

	while (got < nr) {
		pfns[got++] = pfn;
		if (pfn == list->first) {
			*list = (struct frame_list){0, 0};
			return got;
		}
		pfn = memmap[pfn].prev;
	}
	memmap[pfn].next = 0;
	list->last = pfn;
	return got;
}

/* Free the coldest blocks, up to @pages > 0 pages rounded up; pages freed. */
static unsigned int free_chunk(struct cpu *by, struct zone *zone,
	struct frame_list *list, unsigned int pages)
{
	unsigned int order = frame_order(&zone->memmap[list->last]);
	unsigned int want = (pages + (1u << order) - 1) >> order;
	uint32_t pfns[FREE_CHUNK];
	unsigned int got =
		unlink_coldest(zone->memmap, list, pfns, MIN(want, FREE_CHUNK));

	buddy_free_many(by, zone, pfns, got, order);
	return got << order;
}

/* Each block is recorded, or each update of the counter is watched. */
static bool frees_one_by_one(const struct cpu *by, const struct zone *zone)
{
	return event_enabled(by, PCPMM_EVENT_MM_PAGE_PCPU_DRAIN) ||
	       vmstat_has_window(&zone->stat);
}

/*
 * The last block of a list may take the sum past @pages: a block is not split.
 * Bounded: pages <= count, so every turn of the outer loop finds a block.
 */
static unsigned int free_lists(struct cpu *by, const struct pcp_slot *slot,
	struct pcp_lists *pcp, int pages, int just_freed)
{
	const bool one_by_one = frees_one_by_one(by, slot->zone);
	unsigned int index = slot->rules->bulk_first(just_freed), freed = 0;

	while (pages > 0) {
		struct frame_list *list = &pcp->lists[index];

		while (list->first && pages > 0) {
			unsigned int nr =
				unlikely(one_by_one)
					? free_coldest(by, slot->zone, list)
					: free_chunk(by, slot->zone, list,
						  (unsigned int)pages);

			pages -= (int)nr;
			freed += nr;
		}
		index = slot->rules->bulk_next(index);
	}
	return freed;
}

unsigned int pcp_free_bulk(struct cpu *by, const struct pcp_slot *slot,
	struct pcp_lists *pcp, int pages, int freed)
{
	struct zone *zone = slot->zone;
	int count = pcp->count;
	unsigned int given;

	zone_lock_irqsave(by, zone);
	given = free_lists(by, slot, pcp, MIN(pages, count), freed);
	zone_unlock_irqrestore(by, zone);
	pcp_add_count(pcp, -(int)given);
	if (event_enabled(by, PCPMM_EVENT_PCP_FREE_BULK))
		record_free_bulk(by, slot, pages, count, given);
	return given;
}

void pcp_slot_init(struct pcp_slot *slot, struct zone *zone, struct cpu *cpu)
{
	*slot = (struct pcp_slot){.zone = zone,
		.cpu = cpu,
		.soft = -1,
		.batch = 1,
		.lp = &slot->own};
}

void pcp_resize(struct pcp_slot *slot, int high, int batch)
{
	atomic_store_relaxed_s32(&slot->batch, batch);
	atomic_store_relaxed_s32(&slot->high, high);
	atomic_store_relaxed_s32(
		&slot->soft, pcp_soft(slot->rules, high, batch));
}

int pcp_count(const struct pcp_slot *slot)
{
	return atomic_load_relaxed_s32(&pcp_lists_of(slot)->count);
}
