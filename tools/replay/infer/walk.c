/* SPDX-License-Identifier: MIT */
/*
 * The trace from start to end over the shadow lists: where every page comes
 * from and goes to. Run twice; the first time to find what the lists held
 * at the start, the second time, with that known, to write the ops.
 *
 * Pages taken by a bulk allocation leave without an event. The rules that
 * find them: an allocation pops the head, so what lay above the popped page
 * was taken before; a refill happens only to an empty list, so what was
 * still on it was taken before; and a page that is freed was taken before,
 * and what lay above it too; before the last page was put above it, if that
 * one leaves later or never (walk_before_push). Only pages whose next event
 * is a free, or that have none, can have been taken so: an allocation event
 * of its own says that a page was still there (its line was only overtaken
 * by the line of an interrupt).
 */
#include "infer_internal.h"

/* How far below the head of a list to look for pages that left unseen. */
#define WALK_PUSH_DEPTH 512

/*
 * Takes up to `limit` unseen-taken pages off the top of a list, down to
 * (not including) page `below`. One BULK_ALLOC op for all of them.
 */
void walk_bulk_from_top(struct infer *infer, uint32_t slot, int list,
	uint32_t below, uint32_t limit, uint32_t line)
{
	uint32_t pfn = infer->slots[slot].list[list].head, next, taken = 0;
	uint32_t first = (uint32_t)infer->out->nr_bulk_pfns;
	struct page_info *page;

	while (pfn != below && pfn != REPLAY_NO_PFN && taken < limit) {
		page = pfnmap_find(&infer->pages, pfn);
		next = page->next;
		if (shadow_taken_unseen(page)) {
			shadow_remove(infer, page);
			emit_bulk_page(infer, pfn);
			taken++;
		}
		pfn = next;
	}
	emit_bulk(infer, slot, list, first, line);
}

/* The list that a page is on is surer than what its line says. */
static void walk_op_from_list(const struct infer *infer, struct replay_op *op,
	const struct page_info *page)
{
	op->cpu = (uint16_t)(page->slot / infer->out->nr_zones);
	op->zone = (uint16_t)(page->slot % infer->out->nr_zones);
	/* Two types share a list of order 9: keep the one asked for. */
	if (replay_list_of(op->order, op->mt) == page->list)
		return;
	op->order = page->order;
	op->mt = (uint8_t)replay_list_type(page->list);
}

/* Writes the op of the allocation that page `pfn` will have, now. */
void walk_alloc_early(struct infer *infer, uint32_t pfn)
{
	struct page_info *page = pfnmap_find(&infer->pages, pfn);
	struct replay_event *event = infer_event(infer, page->event);
	struct replay_op op = emit_template(event, REPLAY_ALLOC);

	op.gfp = event->gfp;
	walk_op_from_list(infer, &op, page);
	event->flags |= REPLAY_EV_EARLY;
	infer->slots[page->slot].free_factor >>= 1;
	shadow_remove(infer, page);
	infer->out->stats.early++;
	emit_refill_caused(infer, op.cpu, emit_op(infer, op));
}

/* The allocations whose lines are late, from the top down to `below`. */
static void walk_early_from_top(
	struct infer *infer, uint32_t slot, int list, uint32_t below)
{
	uint32_t pfn = infer->slots[slot].list[list].head, next;
	const struct page_info *page;

	while (pfn != below && pfn != REPLAY_NO_PFN) {
		page = pfnmap_find(&infer->pages, pfn);
		next = page->next;
		if (page->fate == FATE_ALLOC)
			walk_alloc_early(infer, pfn);
		pfn = next;
	}
}

static void walk_taken_from_top(struct infer *infer, uint32_t slot, int list,
	uint32_t below, uint32_t line)
{
	walk_bulk_from_top(infer, slot, list, below, UINT32_MAX, line);
	walk_early_from_top(infer, slot, list, below);
}

/*
 * From where an allocation had its page; marks it DIRECT if no list. The
 * event is written last, after the page was cleared: by then the task may
 * run on another CPU than the one whose list it was served from.
 */
static void walk_alloc_source(
	struct infer *infer, uint32_t at, struct page_info *page)
{
	struct replay_event *event = infer_event(infer, at);
	int list = replay_list_of(event->order, event->mt);
	uint32_t slot = infer_slot_index(infer, event->cpu, event->zone);

	switch (page->place) {
	case PAGE_PCP:
		infer->out->stats.migrated += page->slot != slot;
		infer->out->stats.astray += page->list != list;
		walk_taken_from_top(
			infer, page->slot, page->list, event->pfn, event->line);
		shadow_remove(infer, page);
		if (page->order == event->order)
			return;
		break;
	case PAGE_UNSEEN:
		if (list < 0 || (event->flags & REPLAY_EV_DIRECT) ||
			!infer->slots[slot].list[list].open)
			break;
		walk_taken_from_top(
			infer, slot, list, REPLAY_NO_PFN, event->line);
		infer->sink->left_list(infer, slot, list, at, FATE_ALLOC);
		return;
	case PAGE_HELD:
		infer->out->stats.live_again++;
		break;
	case PAGE_BUDDY:
		infer->out->stats.astray++;
		break;
	default:
		break;
	}
	event->flags |= REPLAY_EV_DIRECT;
}

static void walk_alloc(struct infer *infer, uint32_t at)
{
	struct replay_event *event = infer_event(infer, at);
	struct walk_cpu *cpu = &infer->cpus[event->cpu];
	struct shadow_slot *slot;
	struct page_info *page;
	struct replay_op op;
	uint32_t number;

	if (event->pfn == REPLAY_NO_PFN) {
		op = emit_template(event, REPLAY_ALLOC_FAIL);
		op.gfp = event->gfp;
		emit_op(infer, op);
		return;
	}
	page = pfnmap_get(&infer->pages, event->pfn);
	if (cpu->bulk != INFER_NONE && !event->order &&
		infer_event(infer, cpu->bulk)->gfp == event->gfp)
		cpu->bulk_single++;
	cpu->home_zone = event->zone;
	if (event->flags & REPLAY_EV_EARLY) {
		event->flags &= (uint8_t)~REPLAY_EV_EARLY;
		return;
	}
	op = emit_template(event, REPLAY_ALLOC);
	op.gfp = event->gfp;
	if (page->place == PAGE_PCP)
		walk_op_from_list(infer, &op, page);
	walk_alloc_source(infer, at, page);
	page->place = PAGE_HELD;
	page->order = event->order;
	slot = &infer->slots[infer_slot_index(infer, op.cpu, event->zone)];
	if (event->flags & REPLAY_EV_DIRECT)
		op.flags |= REPLAY_OP_DIRECT;
	else
		slot->free_factor >>= 1;
	number = emit_op(infer, op);
	if (!(event->flags & REPLAY_EV_DIRECT))
		emit_refill_caused(infer, op.cpu, number);
}

/* A held block is freed in parts: it must have been split before. */
static void walk_split(struct infer *infer, const struct replay_event *event,
	uint32_t head, int8_t old_order)
{
	struct replay_op op = emit_template(event, REPLAY_SPLIT);
	struct page_info *page;
	uint32_t pfn = head;

	op.pfn = head;
	op.order = old_order;
	op.n = (uint32_t)event->order;
	op.flags = REPLAY_OP_INFERRED;
	emit_op(infer, op);
	for (; pfn - head < 1u << old_order; pfn += 1u << event->order) {
		page = pfnmap_get(&infer->pages, pfn);
		if (!page) {
			infer->no_memory = true;
			return;
		}
		if (page->place == PAGE_PCP)
			shadow_remove(infer, page);
		page->place = PAGE_HELD;
		page->order = event->order;
	}
}

/* Looks for the larger held block that the freed page is a part of. */
static bool walk_split_around(
	struct infer *infer, const struct replay_event *event)
{
	const struct page_info *page;
	uint32_t head;

	for (int8_t order = (int8_t)(event->order + 1); order <= 10; order++) {
		head = event->pfn & ~((1u << order) - 1);
		page = pfnmap_find(&infer->pages, head);
		if (!page || page->place != PAGE_HELD || page->order < order)
			continue;
		walk_split(infer, event, head, page->order);
		return true;
	}
	return false;
}

static void walk_take(struct infer *infer, const struct replay_event *event)
{
	struct replay_op op = emit_template(event, REPLAY_TAKE);

	op.flags = REPLAY_OP_INFERRED | REPLAY_OP_DIRECT;
	emit_op(infer, op);
}

/* Brings a page that is about to be freed into the state "held". */
static void walk_free_source(
	struct infer *infer, uint32_t at, struct page_info *page)
{
	struct replay_event *event = infer_event(infer, at);

	switch (page->place) {
	case PAGE_PCP:
		walk_taken_from_top(
			infer, page->slot, page->list, page->next, event->line);
		if (page->place == PAGE_PCP) {
			shadow_remove(infer, page);
			infer->out->stats.astray++;
		}
		break;
	case PAGE_HELD:
		if (page->order > event->order)
			walk_split(infer, event, event->pfn, page->order);
		break;
	case PAGE_UNSEEN:
		if (!walk_split_around(infer, event))
			infer->sink->freed_unseen(infer, at);
		break;
	default:
		/* It was in the buddy: compaction takes pages there. */
		if (!walk_split_around(infer, event))
			walk_take(infer, event);
		break;
	}
}

/*
 * The page of the free at `at` is about to cover the head of its list. If a
 * page below is next seen freed, before this one leaves the list by an event
 * of its own (or this one stays until it is drained), then the list was never
 * popped down to that page again: what took it came before.
 */
static void walk_before_push(struct infer *infer, uint32_t at, uint32_t slot)
{
	const struct replay_event *event = infer_event(infer, at);
	int list = replay_list_of(event->order, event->mt);
	uint32_t pfn = infer->slots[slot].list[list].head;
	uint32_t depth = 0, deepest = 0;
	unsigned fate = infer_fate(infer, event->arg);
	const struct page_info *page;

	if (event->order || infer->trace->has_bulk ||
		(fate != FATE_ALLOC && fate != FATE_DRAINED))
		return;
	for (; pfn != REPLAY_NO_PFN && depth < WALK_PUSH_DEPTH;
		pfn = page->next) {
		page = pfnmap_find(&infer->pages, pfn);
		if (!shadow_taken_unseen(page))
			break;
		depth++;
		if (fate == FATE_DRAINED ||
			(page->fate == FATE_FREE && page->event < event->arg))
			deepest = depth;
	}
	walk_bulk_from_top(
		infer, slot, list, REPLAY_NO_PFN, deepest, event->line);
}

static void walk_free_type(struct infer *infer, uint32_t at)
{
	struct replay_event *event = infer_event(infer, at);
	struct page_leaf *leaf = pfnmap_leaf(&infer->pages, event->pfn);

	if (event->flags & REPLAY_EV_MT_SURE) {
		leaf->evidence = at + 1;
		emit_block_type(infer, event->pfn, event->mt);
		return;
	}
	if (event->mt == REPLAY_NO_MT)
		event->mt = (uint8_t)infer_vote(infer, at);
	infer->out->stats.mt_voted += !(event->flags & REPLAY_EV_DIRECT);
}

static void walk_free(struct infer *infer, uint32_t at)
{
	struct replay_event *event = infer_event(infer, at);
	struct page_info *page = pfnmap_get(&infer->pages, event->pfn);
	struct replay_op op;
	uint32_t number, slot;
	bool freed;

	walk_free_type(infer, at);
	walk_free_source(infer, at, page);
	op = emit_template(event, REPLAY_FREE);
	if (event->flags & REPLAY_EV_WAS_BATCHED)
		op.flags |= REPLAY_OP_BATCHED;
	if (event->flags & REPLAY_EV_MT_SURE)
		op.flags |= REPLAY_OP_MT_SURE;
	if (page->before)
		op.flags |= REPLAY_OP_UNKNOWN;
	page->before = 0;
	if (event->flags & REPLAY_EV_DIRECT) {
		op.flags |= REPLAY_OP_DIRECT;
		page->place = PAGE_BUDDY;
		page->order = event->order;
		emit_op(infer, op);
		return;
	}
	slot = infer_slot_index(infer, event->cpu, event->zone);
	walk_before_push(infer, at, slot);
	infer->sink->before_free(infer, at);
	freed = infer->slots[slot].freed;
	shadow_push(infer, slot, replay_list_of(event->order, event->mt),
		event->pfn, false, event->arg);
	infer->sink->after_free(infer, at, freed);
	number = emit_op(infer, op);
	infer->cpus[event->cpu].last_free = number;
}

/* The first page of a refill: its list must have been empty. */
static void walk_refill_begin(struct infer *infer, uint32_t at)
{
	struct replay_event *event = infer_event(infer, at);
	struct walk_cpu *cpu = &infer->cpus[event->cpu];
	uint32_t index = infer_slot_index(infer, event->cpu, event->zone);
	struct shadow_slot *slot = &infer->slots[index];
	int list = replay_list_of(event->order, event->mt);
	uint32_t blocks = slot->list[list].blocks;
	struct replay_obs obs = {
		.kind = REPLAY_OBS_REFILL,
		.order = event->order,
		.mt = event->mt,
		.probed = cpu->refill_event != INFER_NONE,
		.cpu = event->cpu,
		.zone = event->zone,
		.op = REPLAY_NO_OP,
		.line = event->line,
		.n = -1,
		.free_factor = -1,
		.pindex = -1,
		.zflags = UINT32_MAX,
	};

	walk_bulk_from_top(
		infer, index, list, REPLAY_NO_PFN, UINT32_MAX, event->line);
	cpu->bulk_taken += blocks - slot->list[list].blocks;
	walk_early_from_top(infer, index, list, REPLAY_NO_PFN);
	infer->out->stats.astray += slot->list[list].blocks != 0;
	cpu->refill_was_open = slot->list[list].open;
	slot->list[list].open = false;
	cpu->refill_list = list;
	cpu->refill_got = 0;
	obs.count = slot->count;
	obs.high = slot->high;
	obs.batch = slot->batch;
	if (obs.probed)
		obs.n = (int32_t)infer_event(infer, cpu->refill_event)->arg;
	cpu->refill_obs = emit_obs(infer, &obs, index);
	emit_refill_waits(infer, event->cpu, cpu->refill_obs);
}

/*
 * Whether the refill under way has got all that it may ask for (KF A.8).
 * Between two refills of one bulk allocation there is no line but this sum.
 */
static bool walk_refill_full(
	const struct infer *infer, const struct replay_event *event)
{
	const struct walk_cpu *cpu = &infer->cpus[event->cpu];
	const struct shadow_slot *slot =
		&infer->slots[infer_slot_index(infer, event->cpu, event->zone)];
	int32_t blocks = slot->batch;

	if (cpu->refill_event != INFER_NONE || slot->batch < 1)
		return false;
	if (slot->batch > 1 && blocks >> event->order < 2)
		blocks = 2;
	else
		blocks >>= event->order;
	return cpu->refill_got >= (uint32_t)blocks;
}

static void walk_locked(struct infer *infer, uint32_t at)
{
	struct replay_event *event = infer_event(infer, at);
	struct walk_cpu *cpu = &infer->cpus[event->cpu];
	struct page_info *page = pfnmap_get(&infer->pages, event->pfn);
	int list = replay_list_of(event->order, event->mt);

	if (page->place == PAGE_PCP) {
		shadow_remove(infer, page);
		infer->out->stats.astray++;
	}
	page->place = PAGE_LOCKED;
	page->order = event->order;
	if (event->mt < 3)
		pfnmap_leaf(&infer->pages, event->pfn)->guess =
			(uint8_t)(event->mt + 1);
	if (!(event->flags & REPLAY_EV_IN_REFILL) || list < 0)
		return;
	if (cpu->refill_list != list || walk_refill_full(infer, event))
		walk_refill_begin(infer, at);
	cpu->refill_got++;
	shadow_push(infer, infer_slot_index(infer, event->cpu, event->zone),
		list, event->pfn, true, event->arg);
	if (cpu->refill_obs != INFER_NONE)
		infer->out->obs[cpu->refill_obs].got++;
}

/* A refill that found nothing leaves no page lines, only its probe. */
static void walk_refill_end(struct infer *infer, uint32_t at)
{
	const struct replay_event *event = infer_event(infer, at), *begin;
	struct walk_cpu *cpu = &infer->cpus[event->cpu];
	struct replay_obs obs = {
		.kind = REPLAY_OBS_REFILL,
		.probed = true,
		.cpu = event->cpu,
		.op = REPLAY_NO_OP,
		.line = event->line,
		.high = -1,
		.batch = -1,
		.free_factor = -1,
		.pindex = -1,
		.zflags = UINT32_MAX,
	};
	unsigned node = ~0u;
	uint32_t slot;

	if (cpu->refill_event == INFER_NONE || cpu->refill_list >= 0)
		return;
	begin = infer_event(infer, cpu->refill_event);
	if (cpu->home_zone != REPLAY_NO_ZONE)
		node = infer->out->zones[cpu->home_zone].node;
	obs.zone = infer_zone_named(infer, begin->pfn, 0, node);
	if (obs.zone == REPLAY_NO_ZONE)
		return;
	obs.order = begin->order;
	obs.mt = begin->mt;
	obs.n = (int32_t)begin->arg;
	slot = infer_slot_index(infer, event->cpu, obs.zone);
	obs.count = infer->slots[slot].count;
	emit_refill_waits(infer, event->cpu, emit_obs(infer, &obs, slot));
}

static void walk_extfrag(struct infer *infer, uint32_t at)
{
	const struct replay_event *event = infer_event(infer, at);
	unsigned order = event->arg & REPLAY_EXTFRAG_ORDER_MASK;
	uint32_t blocks = 1;

	if (!(event->arg & REPLAY_EXTFRAG_OWNS) || event->mt > 2)
		return;
	if (order > PFNMAP_LEAF_SHIFT && order <= 10)
		blocks = 1u << (order - PFNMAP_LEAF_SHIFT);
	for (uint32_t i = 0; i < blocks; i++) {
		uint32_t pfn = event->pfn + (i << PFNMAP_LEAF_SHIFT);

		if (!pfnmap_get(&infer->pages, pfn)) {
			infer->no_memory = true;
			return;
		}
		emit_block_was(infer, pfn, event->gfp < 3 ? event->gfp : 1);
		emit_block_type(infer, pfn, event->mt);
	}
}

static void walk_probe_event(struct infer *infer, uint32_t at)
{
	struct replay_event *event = infer_event(infer, at);
	struct walk_cpu *cpu = &infer->cpus[event->cpu];
	struct replay_op op;

	switch (event->kind) {
	case REPLAY_EV_REFILL:
		cpu->refill_event = at;
		cpu->refill_list = -1;
		break;
	case REPLAY_EV_REFILL_RET:
		walk_refill_end(infer, at);
		cpu->refill_event = INFER_NONE;
		break;
	case REPLAY_EV_BULK:
		walk_bulk_begin(infer, at);
		break;
	case REPLAY_EV_BULK_RET:
		walk_bulk_end(infer, at);
		break;
	case REPLAY_EV_REFRESH:
		op = emit_template(event, REPLAY_REFRESH);
		op.n = event->arg;
		emit_op(infer, op);
		break;
	case REPLAY_EV_EXTFRAG:
		walk_extfrag(infer, at);
		break;
	case REPLAY_EV_MARK:
		infer->sink->note(infer, event);
		break;
	case REPLAY_EV_KSWAPD_WAKE:
		infer->kswapd_seen = true;
		break;
	default:
		walk_drain_command(infer, at);
		break;
	}
}

static void walk_event(struct infer *infer, uint32_t at)
{
	struct replay_event *event = infer_event(infer, at);
	struct walk_cpu *cpu = &infer->cpus[event->cpu];

	if (event->kind != REPLAY_EV_LOCKED &&
		event->kind != REPLAY_EV_EXTFRAG &&
		event->kind != REPLAY_EV_REFILL_RET)
		cpu->refill_list = -1;
	if (event->kind != REPLAY_EV_DRAINED)
		cpu->drain_obs = cpu->drain_slot = INFER_NONE;
	switch (event->kind) {
	case REPLAY_EV_NONE:
		break;
	case REPLAY_EV_ALLOC:
		walk_alloc(infer, at);
		break;
	case REPLAY_EV_FREE:
		walk_free(infer, at);
		break;
	case REPLAY_EV_LOCKED:
		walk_locked(infer, at);
		break;
	case REPLAY_EV_DRAINED:
		walk_drained(infer, at);
		break;
	case REPLAY_EV_FREE_BULK:
		walk_free_bulk(infer, at);
		break;
	default:
		walk_probe_event(infer, at);
		break;
	}
}

void infer_walk(struct infer *infer, const struct walk_sink *sink)
{
	const struct replay_trace *trace = infer->trace;

	infer->sink = sink;
	for (uint32_t i = 0; i < trace->nr_events && !infer->no_memory; i++)
		walk_event(infer, i);
	infer->logging = false;
}
