/* SPDX-License-Identifier: MIT */
/*
 * Pages that go from a list to the buddy: bulk frees and their causes.
 *
 * A bulk free follows from the free just before it on the same CPU, or from
 * a command: drain_pages_zone() of any CPU's list, drain_zone_pages() and
 * decay_pcp_high() of this CPU's. Where the probes of the commands are
 * missing, a bulk free without a free before it becomes a command: a drain if
 * it left the list empty, else the freeing of so many pages.
 */
#include "infer_internal.h"
#include "tuned.h"

/* How far to look for the first page of a bulk free. */
#define WALK_LOOKAHEAD 4096

static uint32_t walk_next_of_cpu(struct infer *infer, uint32_t at)
{
	const struct replay_trace *trace = infer->trace;
	unsigned cpu = trace->events[at].cpu;

	for (uint32_t i = at + 1;
		i < trace->nr_events && i - at < WALK_LOOKAHEAD; i++) {
		if (trace->events[i].cpu == cpu)
			return i;
	}
	return INFER_NONE;
}

/*
 * Pages in the run of drain lines that begins at or after `at`; `*last` (not
 * if NULL): pages in its last block.
 */
uint32_t walk_run_pages(struct infer *infer, uint32_t at, uint32_t *last)
{
	const struct replay_event *event;
	uint32_t pages = 0;

	if (infer_event(infer, at)->kind != REPLAY_EV_DRAINED)
		at = walk_next_of_cpu(infer, at);
	while (at != INFER_NONE) {
		event = infer_event(infer, at);
		if (event->kind != REPLAY_EV_DRAINED)
			break;
		pages += 1u << event->order;
		if (last)
			*last = 1u << event->order;
		at = walk_next_of_cpu(infer, at);
	}
	return pages;
}

static unsigned walk_home_node(struct infer *infer, unsigned cpu)
{
	uint16_t zone = infer->cpus[cpu].home_zone;

	return zone == REPLAY_NO_ZONE ? ~0u : infer->out->zones[zone].node;
}

static uint16_t walk_bulk_free_zone(
	struct infer *infer, uint32_t at, const struct replay_probe *probe)
{
	const struct replay_event *event = infer_event(infer, at);
	uint32_t next = walk_next_of_cpu(infer, at);

	if (next != INFER_NONE &&
		infer_event(infer, next)->kind == REPLAY_EV_DRAINED)
		return infer_event(infer, next)->zone;
	return infer_zone_named(
		infer, probe->zone_name, 0, walk_home_node(infer, event->cpu));
}

/* No line says why this list is emptied: makes up a command that does it. */
static uint32_t walk_drain_unexplained(
	struct infer *infer, uint32_t at, uint32_t slot, uint32_t pages)
{
	const struct replay_event *event = infer_event(infer, at);
	struct replay_op op = emit_template(event, REPLAY_DRAIN_REMOTE);

	op.cpu = (uint16_t)(slot / infer->out->nr_zones);
	op.zone = (uint16_t)(slot % infer->out->nr_zones);
	op.n = pages;
	op.flags = REPLAY_OP_INFERRED;
	if ((int32_t)pages >= infer->slots[slot].count)
		op.kind = REPLAY_DRAIN;
	infer->out->stats.drains_inferred++;
	return emit_op(infer, op);
}

/* The op of the drain_pages_zone() under way, if it empties this list. */
static uint32_t walk_drain_begun(
	struct infer *infer, uint32_t at, uint32_t slot)
{
	const struct replay_event *event = infer_event(infer, at);
	const struct walk_cpu *cpu = &infer->cpus[event->cpu];
	struct replay_op op = emit_template(event, REPLAY_DRAIN);

	op.cpu = (uint16_t)(slot / infer->out->nr_zones);
	op.zone = (uint16_t)(slot % infer->out->nr_zones);
	if (cpu->drain_cpu != op.cpu)
		return walk_drain_unexplained(
			infer, at, slot, walk_run_pages(infer, at, NULL));
	return emit_op(infer, op);
}

/* A further part of an earlier bulk free, which a free caused. */
static bool rests(struct infer *infer, const struct replay_event *event,
	uint32_t slot, struct replay_obs *obs)
{
	const struct walk_cpu *cpu = &infer->cpus[event->cpu];

	if (event->kind != REPLAY_EV_FREE_BULK ||
		cpu->drain_cpu != REPLAY_NO_CPU ||
		cpu->drain_op != REPLAY_NO_OP)
		return false;
	obs->op = tuned_rest(infer, slot, &infer->trace->probes[event->arg]);
	return obs->op != REPLAY_NO_OP;
}

static void walk_bulk_free_obs(
	struct infer *infer, uint32_t at, uint32_t slot, struct replay_obs *obs)
{
	const struct replay_event *event = infer_event(infer, at);
	struct walk_cpu *cpu = &infer->cpus[event->cpu];

	obs->kind = REPLAY_OBS_BULK_FREE;
	obs->cpu = (uint16_t)(slot / infer->out->nr_zones);
	obs->zone = (uint16_t)(slot % infer->out->nr_zones);
	obs->line = event->line;
	if (event->flags & REPLAY_EV_CAUSED) {
		obs->op = cpu->last_free;
		infer->slots[slot].rest_op = obs->op;
	} else if (!rests(infer, event, slot, obs)) {
		if (cpu->drain_op == REPLAY_NO_OP)
			cpu->drain_op = walk_drain_begun(infer, at, slot);
		obs->op = cpu->drain_op;
		/* A drain frees in chunks; it caused all of them. */
		if (cpu->drain_cpu == REPLAY_NO_CPU)
			cpu->drain_op = REPLAY_NO_OP;
	}
	cpu->drain_slot = slot;
	cpu->drain_obs = emit_obs(infer, obs, slot);
}

/* The free that spills in the bulk free at `at`; NULL: it is a drain. */
static const struct replay_op *walk_cause(struct infer *infer, uint32_t at)
{
	const struct replay_event *event = infer_event(infer, at);
	uint32_t op = infer->cpus[event->cpu].last_free;

	return event->flags & REPLAY_EV_CAUSED && op != REPLAY_NO_OP
		       ? &infer->out->ops[op]
		       : NULL;
}

void walk_free_bulk(struct infer *infer, uint32_t at)
{
	const struct replay_event *event = infer_event(infer, at);
	const struct replay_probe *probe = &infer->trace->probes[event->arg];
	struct replay_infer_stats *stats = &infer->out->stats;
	uint16_t zone = walk_bulk_free_zone(infer, at, probe);
	uint16_t owner = event->cpu;
	struct replay_obs obs = {
		.probed = true,
		.n = probe->n,
		.count = probe->count,
		.high = probe->high,
		.batch = probe->batch,
		.free_factor = probe->free_factor,
		.pindex = probe->pindex,
		.zflags = (uint32_t)probe->zflags,
	};
	struct shadow_slot *slot;

	if (zone == REPLAY_NO_ZONE)
		return;
	if (!(event->flags & REPLAY_EV_CAUSED) &&
		infer->cpus[owner].drain_cpu != REPLAY_NO_CPU)
		owner = infer->cpus[owner].drain_cpu;
	slot = &infer->slots[infer_slot_index(infer, owner, zone)];
	slot->touched = true;
	if (!slot->counted) {
		slot->counted = true;
		slot->count_first = probe->count - slot->count;
	}
	if (slot->high < 0) {
		slot->high = probe->high;
		slot->batch = probe->batch;
	}
	stats->counts_checked++;
	stats->counts_exact += slot->count == probe->count;
	factor_told(infer, slot, probe, walk_cause(infer, at));
	walk_bulk_free_obs(
		infer, at, infer_slot_index(infer, owner, zone), &obs);
}

static void walk_drained_begin(struct infer *infer, uint32_t at, uint32_t slot)
{
	const struct replay_event *event = infer_event(infer, at);
	struct replay_obs obs = {
		.n = -1,
		.count = infer->slots[slot].count,
		.high = infer->slots[slot].high,
		.batch = infer->slots[slot].batch,
		.free_factor = -1,
		.pindex = (int16_t)replay_list_of(
			event->order, event->mt < 3 ? event->mt : 1),
		.zflags = UINT32_MAX,
	};

	walk_bulk_free_obs(infer, at, slot, &obs);
}

/* The first page that an op's bulk free frees is its turn. */
static void walk_drain_turn(
	struct infer *infer, struct walk_cpu *cpu, uint32_t line)
{
	uint32_t op;

	if (cpu->drain_obs == INFER_NONE)
		return;
	op = infer->out->obs[cpu->drain_obs].op;
	if (cpu->drain_turn != op)
		order_at_least(infer, op, line);
	cpu->drain_turn = op;
}

void walk_drained(struct infer *infer, uint32_t at)
{
	struct replay_event *event = infer_event(infer, at);
	struct walk_cpu *cpu = &infer->cpus[event->cpu];
	struct page_info *page = pfnmap_get(&infer->pages, event->pfn);
	int list = replay_list_of(event->order, event->mt < 3 ? event->mt : 1);
	uint32_t slot = cpu->drain_slot;

	if (list < 0) {
		infer->out->stats.astray++;
		return;
	}
	if (page->place == PAGE_PCP)
		slot = page->slot;
	else if (slot == INFER_NONE)
		slot = infer_slot_index(infer,
			cpu->drain_cpu == REPLAY_NO_CPU ? event->cpu
							: cpu->drain_cpu,
			event->zone);
	if (cpu->drain_slot != slot)
		walk_drained_begin(infer, at, slot);
	emit_frame(infer, REPLAY_FRAME_DRAINED,
		(unsigned)(slot / infer->out->nr_zones), event->pfn);
	if (page->place == PAGE_PCP) {
		if (page->next == REPLAY_NO_PFN)
			infer->slots[slot].list[page->list].open = false;
		shadow_remove(infer, page);
	} else if (page->place == PAGE_UNSEEN) {
		infer->sink->left_list(infer, slot, list, at, FATE_DRAINED);
	} else {
		infer->out->stats.astray++;
	}
	page->place = PAGE_BUDDY;
	page->order = event->order;
	walk_drain_turn(infer, cpu, event->line);
	if (cpu->drain_obs != INFER_NONE)
		infer->out->obs[cpu->drain_obs].got += 1 << event->order;
}

/*
 * drain_pages_zone(cpu, zone). The op is written at the bulk free and not
 * here: until the drainer has the list's lock, the owner may go on for dozens
 * of pages. If no bulk free follows, the list was empty.
 */
static void walk_drain_pages_zone(struct infer *infer, uint32_t at)
{
	const struct replay_event *event = infer_event(infer, at);
	struct walk_cpu *cpu = &infer->cpus[event->cpu];

	cpu->drain_cpu = (uint16_t)event->arg;
	cpu->drain_op = REPLAY_NO_OP;
}

static void walk_drain_remote(struct infer *infer, uint32_t at)
{
	const struct replay_event *event = infer_event(infer, at);
	struct walk_cpu *cpu = &infer->cpus[event->cpu];
	struct replay_op op = emit_template(event, REPLAY_DRAIN_REMOTE);
	uint32_t next = walk_next_of_cpu(infer, at);

	cpu->drain_cpu = REPLAY_NO_CPU;
	cpu->drain_op = REPLAY_NO_OP;
	if (next == INFER_NONE)
		return;
	/* The bulk free that follows names the zone; none: no page to free. */
	if (infer_event(infer, next)->kind == REPLAY_EV_FREE_BULK) {
		const struct replay_probe *probe =
			&infer->trace->probes[infer_event(infer, next)->arg];

		op.zone = walk_bulk_free_zone(infer, next, probe);
		op.n = (uint32_t)probe->n;
	} else if (infer_event(infer, next)->kind == REPLAY_EV_DRAINED) {
		op.zone = infer_event(infer, next)->zone;
		op.n = walk_run_pages(infer, next, NULL);
	}
	if (op.zone != REPLAY_NO_ZONE)
		cpu->drain_op = emit_op(infer, op);
}

/* __zone_set_pageset_high_and_batch(); the zone's name must be unique. */
static void walk_pageset(struct infer *infer, uint32_t at)
{
	const struct replay_event *event = infer_event(infer, at);
	const struct replay_probe *probe = &infer->trace->probes[event->arg];
	struct replay_op op = emit_template(event, REPLAY_PCP_SET);

	op.zone = infer_zone_named(infer, probe->zone_name, 0, ~0u);
	if (op.zone == REPLAY_NO_ZONE ||
		infer_zone_named(infer, probe->zone_name, 1, ~0u) !=
			REPLAY_NO_ZONE)
		return;
	if (is_tuned(infer))
		tuned_bounds(infer, event, op.zone, probe);
	if (high_floats(infer))
		return;
	op.cpu = REPLAY_NO_CPU;
	op.high = (uint32_t)probe->high;
	op.batch = (uint32_t)probe->batch;
	emit_op(infer, op);
	infer->sink->marks(infer, op.zone, probe);
}

void walk_drain_command(struct infer *infer, uint32_t at)
{
	const struct replay_event *event = infer_event(infer, at);
	struct walk_cpu *cpu = &infer->cpus[event->cpu];

	switch (event->kind) {
	case REPLAY_EV_DRAIN_PZ:
		walk_drain_pages_zone(infer, at);
		break;
	case REPLAY_EV_DECAY:
		tuned_decay(infer, at);
		walk_drain_remote(infer, at);
		break;
	case REPLAY_EV_DRAIN_REMOTE:
		walk_drain_remote(infer, at);
		break;
	case REPLAY_EV_DRAIN_ALL:
	case REPLAY_EV_DRAIN_ALL_RET:
		cpu->drain_cpu = REPLAY_NO_CPU;
		cpu->drain_op = REPLAY_NO_OP;
		break;
	case REPLAY_EV_PAGESET:
		walk_pageset(infer, at);
		break;
	default:
		break;
	}
}
