/* SPDX-License-Identifier: MIT */
/* Refill and spill: whole batches between a list and its zone. */
#include "pcplist/bulk.h"

#include "arch/mutant.h"
#include "zone/buddy.h"
#include "zone/gate.h"
#include "zone/rmqueue.h"
#include "zone/watermark.h"

/* Blocks that a spill takes off a list at once: what fits on a stack. */
#define FREE_CHUNK 256u

/* Racy: a resize takes effect at the next operation. */
static int batch_of(const struct pcp_slot *slot)
{
	return atomic_load_relaxed_s32(&slot->batch);
}

void pcp_record_refill(struct cpu *cpu, const struct zone *zone,
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

/* REFILL_REVERSED: of the @nr blocks that an empty list got. */
static void reverse(
	struct pcp_chunk *pool, struct pcp_stack *list, unsigned int nr)
{
	uint32_t pfns[4096];

	for (unsigned int i = 0; i < nr && i < 4096; i++) {
		pfns[i] = pcp_stack_can_pop(list) || pcp_stack_pull(pool, list)
				  ? pcp_stack_pop(list)
				  : 0;
	}
	for (unsigned int i = 0; i < nr && i < 4096; i++)
		pcp_stack_push(pool, list, pfns[i]);
}

unsigned int pcp_add_blocks(struct cpu *cpu, struct zone *zone,
	struct pcp_lists *pcp, unsigned int order, unsigned int nr,
	unsigned int type, unsigned int alloc_flags)
{
	struct pcp_stack *list =
		&pcp->lists[zone->pcp_rules->list_of(order, type)];
	struct pcp_filler filler;
	unsigned int got;

	pcp_stack_fill(&filler, pcp->pool, list, nr);
	got = zone_rmqueue_bulk(
		cpu, zone, order, nr, type, alloc_flags, &filler.sink);
	pcp_stack_filled(&filler);
	if (MUTANT(REFILL_REVERSED))
		reverse(pcp->pool, list, got);
	pcp_add_count(pcp, (int)(got << order));
	return got;
}

unsigned int pcp_refill(struct pcp_slot *slot, struct pcp_lists *pcp,
	unsigned int order, unsigned int type, unsigned int alloc_flags)
{
	struct cpu *cpu = slot->cpu;
	struct zone *zone = slot->zone;
	struct pcpmm_pcp_state state = pcp_state_of(slot);
	int nr = zone->pcp_rules->refill(
		&state, pcp->count, order, zone_flags(zone));
	unsigned int got;

	pcp_store_state(slot, &state);
	if (unlikely(alloc_flags & ALLOC_HIGHATOMIC) &&
		zone->pcp_rules->keeps_reserve)
		return 0;
	got = pcp_add_blocks(
		cpu, zone, pcp, order, (unsigned int)nr, type, alloc_flags);
	if (event_enabled(cpu, PCPMM_EVENT_PCP_REFILL))
		pcp_record_refill(cpu, zone, order, type, nr, got);
	return got;
}

int pcp_freed(struct pcp_slot *slot, int count, unsigned int order)
{
	struct pcpmm_pcp_state state = pcp_state_of(slot);
	int pages = slot->zone->pcp_rules->free(
		&state, count, order, zone_flags(slot->zone));

	pcp_store_state(slot, &state);
	return pages;
}

void pcp_ask_alloc(struct pcp_slot *slot)
{
	struct pcpmm_pcp_state state = pcp_state_of(slot);

	slot->zone->pcp_rules->alloc(&state);
	pcp_store_state(slot, &state);
}

int pcp_spill_at(const struct pcp_slot *slot, int count)
{
	const struct pcpmm_pcp_state state = pcp_state_of(slot);

	return slot->zone->pcp_rules->spill_at(
		&state, count, zone_flags(slot->zone), false);
}

/*
 * The check of a free is the plain one, of order 0, for requests that may use any
 * zone. Racy, as every look at a watermark: see zone/watermark.h.
 */
void pcp_look_at_high(struct zone *zone)
{
	uint64_t high = zone_mark_pages(zone, MARK_HIGH);

	if (zone_watermark_check(zone, 0, high, PCPMM_ZONE_MOVABLE, 0,
		    zone_free_believed(zone)))
		zone_clear_flag(zone, ZONE_BELOW_HIGH);
}

/* free_factor is racy where the drainer is not the owner: it is for reports. */
racy_reader void pcp_record_bulk(struct cpu *by, const struct pcp_slot *slot,
	int pages, int count, unsigned int freed)
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

void pcp_record_drain(
	struct cpu *by, const struct zone *zone, const struct pcpmm_page *page)
{
	struct pcpmm_event event = {
		.kind = PCPMM_EVENT_MM_PAGE_PCPU_DRAIN,
		.pfn = page_pfn(zone, page),
		.order = (uint8_t)frame_order(page),
		.migratetype = (uint8_t)buddy_freed_type(
			zone, page_pfn(zone, page), frame_type(page)),
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

static unsigned int take_coldest(struct pcp_lists *pcp, unsigned int index,
	uint32_t *pfns, unsigned int nr)
{
	struct pcp_stack *list = &pcp->lists[index];

	if (!MUTANT(SPILL_FROM_HEAD))
		return pcp_stack_take_oldest(pcp->pool, list, pfns, nr);
	if (!pcp_stack_can_pop(list) && !pcp_stack_pull(pcp->pool, list))
		return 0;
	pfns[0] = pcp_stack_pop(list);
	return 1;
}

/* Free the coldest block of a list, and record it; pages freed, 0: no block. */
static unsigned int free_coldest(struct cpu *by, struct zone *zone,
	struct pcp_lists *pcp, unsigned int index)
{
	struct pcpmm_page *page;
	unsigned int pages;
	uint32_t pfn;

	if (!take_coldest(pcp, index, &pfn, 1))
		return 0;
	page = &zone->memmap[pfn];
	pages = 1u << frame_order(page);
	if (event_enabled(by, PCPMM_EVENT_MM_PAGE_PCPU_DRAIN))
		pcp_record_drain(by, zone, page);
	__zone_free_drained(by, zone, page);
	return pages;
}

/*
 * Free the coldest blocks of a list, up to @pages > 0 pages rounded up; pages
 * freed, 0: no block.
 */
static unsigned int free_chunk(struct cpu *by, struct zone *zone,
	struct pcp_lists *pcp, unsigned int index, unsigned int pages)
{
	unsigned int order = zone->pcp_rules->list_order(index);
	unsigned int want = (pages + (1u << order) - 1) >> order;
	uint32_t pfns[FREE_CHUNK];
	unsigned int got =
		take_coldest(pcp, index, pfns, MIN(want, FREE_CHUNK));

	if (got)
		buddy_free_many(by, zone, pfns, got, order);
	return got << order;
}

/* Each block is recorded, or each update of the counter is watched. */
static bool frees_one_by_one(const struct cpu *by, const struct zone *zone)
{
	return event_enabled(by, PCPMM_EVENT_MM_PAGE_PCPU_DRAIN) ||
	       vmstat_has_window(&zone->stat);
}

/* A bit for each list that has a block. */
static uint32_t nonempty_lists(struct pcp_lists *pcp, unsigned int nr_lists)
{
	uint32_t nonempty = 0;

	for (unsigned int i = 0; i < nr_lists; i++)
		if (pcp_stack_can_pop(&pcp->lists[i]) ||
			pcp_stack_pull(pcp->pool, &pcp->lists[i]))
			nonempty |= 1u << i;
	return nonempty;
}

/* What the turn allows of @pages, in pages. */
static unsigned int turn_pages(const struct pcp_rules *rules,
	const struct pcpmm_pcp_turn *turn, int pages)
{
	unsigned int order = rules->list_order(turn->list);

	if (turn->blocks > pages >> order)
		return (unsigned int)pages;
	return (unsigned int)turn->blocks << order;
}

/*
 * The last block of a list may take the sum past @pages: a block is not split.
 * Bounded: pages <= count, so one of the lists has a block.
 */
static unsigned int free_lists(struct cpu *by, const struct pcp_slot *slot,
	struct pcp_lists *pcp, int pages, int just_freed)
{
	struct zone *zone = slot->zone;
	const struct pcp_rules *rules = zone->pcp_rules;
	const bool one_by_one = frees_one_by_one(by, zone);
	struct pcpmm_pcp_turn turn;
	unsigned int freed = 0;

	rules->turn_begin(&turn, just_freed);
	while (pages > 0) {
		unsigned int nr, want = turn_pages(rules, &turn, pages);

		if (!want)
			nr = 0;
		else if (unlikely(one_by_one))
			nr = free_coldest(by, zone, pcp, turn.list);
		else
			nr = free_chunk(by, zone, pcp, turn.list, want);
		turn.blocks -= (int)(nr >> rules->list_order(turn.list));
		pages -= (int)nr;
		freed += nr;
		if (MUTANT(SPILL_SPARES_LARGE) && nr &&
			pages < 1 << rules->list_order(turn.list))
			break;
		if (!nr && pages > 0)
			rules->turn_next(&turn,
				nonempty_lists(pcp, rules->nr_lists), pages);
	}
	return freed;
}

/* Of frees. Under the zone's lock; readers are racy. */
void pcp_count_hold(struct zone *zone, unsigned int pages)
{
	struct pcpmm_spill_stats *spills = &zone->spills;

	atomic_store_relaxed_u64(&spills->holds, spills->holds + 1);
	atomic_store_relaxed_u64(&spills->pages, spills->pages + pages);
	if (pages > spills->hold_max)
		atomic_store_relaxed_u64(&spills->hold_max, pages);
}

unsigned int pcp_free_bulk(struct cpu *by, const struct pcp_slot *slot,
	struct pcp_lists *pcp, int pages, int freed)
{
	struct zone *zone = slot->zone;
	int count = pcp->count;
	unsigned int given;

	zone_lock_irqsave(by, zone);
	given = free_lists(by, slot, pcp, MIN(pages, count), freed);
	if (freed != PCP_DRAIN)
		pcp_count_hold(zone, given);
	zone_unlock_irqrestore(by, zone);
	pcp_add_count(pcp, -(int)given);
	if (event_enabled(by, PCPMM_EVENT_PCP_FREE_BULK))
		pcp_record_bulk(by, slot, pages, count, given);
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
	const struct pcp_rules *rules = slot->zone->pcp_rules;

	atomic_store_relaxed_s32(&slot->batch, batch);
	if (!rules->tuned)
		atomic_store_relaxed_s32(&slot->high, high);
	atomic_store_relaxed_s32(&slot->soft, pcp_soft(rules, high, batch));
}

void pcp_set_bounds(struct zone *zone, int high_min, int high_max)
{
	atomic_store_relaxed_s32(&zone->high_min, high_min);
	atomic_store_relaxed_s32(&zone->high_max, high_max);
}

/* Two bounds of different resizes may meet: the rules clamp, in this order. */
static racy_reader void add_tuned(
	const struct pcp_slot *slot, struct pcpmm_pcp_state *state)
{
	state->high_min = atomic_load_relaxed_s32(&slot->zone->high_min);
	state->high_max = atomic_load_relaxed_s32(&slot->zone->high_max);
	state->free_count = RACY_READ(slot->free_count);
	state->alloc_factor = RACY_READ(slot->alloc_factor);
	state->flags = RACY_READ(slot->flags);
	if (slot->zone->small_lists)
		state->flags |= PCPMM_PCP_FREE_HIGH_BATCH;
}

racy_reader struct pcpmm_pcp_state pcp_state_of(const struct pcp_slot *slot)
{
	struct pcpmm_pcp_state state = {
		.batch = batch_of(slot),
		.high = atomic_load_relaxed_s32(&slot->high),
	};

	if (slot->zone->pcp_rules->tuned)
		add_tuned(slot, &state);
	else
		state.free_factor = RACY_READ(slot->free_factor);
	return state;
}

void pcp_store_state(struct pcp_slot *slot, const struct pcpmm_pcp_state *state)
{
	if (!slot->zone->pcp_rules->tuned) {
		slot->free_factor = (int16_t)state->free_factor;
		return;
	}
	atomic_store_relaxed_s32(&slot->high, state->high);
	slot->free_count = (int16_t)MIN(state->free_count, INT16_MAX);
	slot->alloc_factor = (uint8_t)state->alloc_factor;
	slot->flags = state->flags & PCPMM_PCP_PREV_FREE_HIGH_ORDER;
}

struct pcp_decay pcp_decay(struct pcp_slot *slot)
{
	const struct pcp_rules *rules = slot->zone->pcp_rules;
	struct pcpmm_pcp_state state = pcp_state_of(slot);
	struct pcp_decay decay = {0};

	if (!rules->decay)
		return decay;
	decay = rules->decay(&state, pcp_count(slot));
	atomic_store_relaxed_s32(&slot->high, state.high);
	return decay;
}

int pcp_count(const struct pcp_slot *slot)
{
	return atomic_load_relaxed_s32(&pcp_lists_of(slot)->count);
}
