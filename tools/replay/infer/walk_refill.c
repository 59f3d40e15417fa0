/* SPDX-License-Identifier: MIT */
/* Pages that leave the buddy, and the refills that take them. */
#include "infer_internal.h"
#include "tuned.h"

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
	if (cpu->bulk == INFER_NONE)
		infer->out->stats.forced_by_refill +=
			blocks - slot->list[list].blocks;
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
	else if (is_tuned(infer))
		tuned_refill(infer, index, (unsigned)event->order);
	cpu->refill_obs = emit_obs(infer, &obs, index);
	emit_refill_waits(infer, event->cpu, cpu->refill_obs);
}

/*
 * Whether the refill under way has got all that it may ask for: batch pages,
 * at least two blocks unless batch is 1 (rmqueue_bulk(), Linux 6.1). No line
 * separates two refills of one bulk allocation, only this sum does.
 */
static bool walk_refill_full(
	const struct infer *infer, const struct replay_event *event)
{
	const struct walk_cpu *cpu = &infer->cpus[event->cpu];
	const struct shadow_slot *slot =
		&infer->slots[infer_slot_index(infer, event->cpu, event->zone)];

	if (cpu->refill_event != INFER_NONE || slot->batch < 1)
		return false;
	if (is_tuned(infer))
		return tuned_is_full(slot, cpu->refill_got);
	return cpu->refill_got >=
	       (uint32_t)replay_refill_size(slot->batch, event->order);
}

void walk_locked(struct infer *infer, uint32_t at)
{
	struct replay_event *event = infer_event(infer, at);
	struct walk_cpu *cpu = &infer->cpus[event->cpu];
	struct page_info *page = pfnmap_get(&infer->pages, event->pfn);
	struct page_leaf *leaf = pfnmap_leaf(&infer->pages, event->pfn);
	int list = replay_list_of(event->order, event->mt);

	emit_frame(infer, REPLAY_FRAME_LOCKED, event->cpu, event->pfn);
	if (page->place == PAGE_PCP) {
		shadow_remove(infer, page);
		infer->out->stats.astray++;
	}
	page->place = PAGE_LOCKED;
	page->order = event->order;
	if (event->mt < 3) {
		leaf->guess = (uint8_t)(event->mt + 1);
		leaf->voted = false;
	}
	page->event = at;
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

/* A refill that found no page leaves no page lines, only its probe. */
void walk_refill_end(struct infer *infer, uint32_t at)
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
