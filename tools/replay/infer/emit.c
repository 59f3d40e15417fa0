/* SPDX-License-Identifier: MIT */
/* Writes ops and observations; see infer_internal.h. */
#include <string.h>

#include "../read/grow.h"
#include "infer_internal.h"

struct replay_op emit_template(const struct replay_event *event, unsigned kind)
{
	return (struct replay_op){
		.pfn = event->pfn,
		.gfp = REPLAY_NO_GFP,
		.line = event->line,
		.cpu = event->cpu,
		.zone = event->zone,
		.kind = (uint8_t)kind,
		.order = event->order,
		.mt = event->mt,
	};
}

uint32_t emit_op(struct infer *infer, struct replay_op op)
{
	struct replay_result *out = infer->out;

	if (GROW(out->ops, out->nr_ops, infer->ops_cap) ||
		GROW(infer->turns, out->nr_ops, infer->turns_cap)) {
		infer->no_memory = true;
		return REPLAY_NO_OP;
	}
	infer->turns[out->nr_ops] = infer->line;
	out->ops[out->nr_ops] = op;
	return (uint32_t)out->nr_ops++;
}

/*
 * What a list held at the start was chosen so that its first refill finds it empty,
 * and the count of a pageset so that its first bulk free finds the recorded one.
 */
static bool emit_fitted(struct infer *infer, const struct replay_obs *obs,
	struct shadow_slot *slot)
{
	struct replay_infer_stats *stats = &infer->out->stats;
	int list = obs->kind == REPLAY_OBS_REFILL
			   ? replay_list_of(obs->order, obs->mt)
			   : REPLAY_LISTS;

	if (list < 0 || slot->called & 1u << list)
		return false;
	slot->called |= 1u << list;
	if (obs->kind == REPLAY_OBS_REFILL)
		stats->fitted_refills++;
	else
		stats->fitted_spills++;
	return true;
}

/* Adds the lists' blocks, which the shadow knows; the index, or INFER_NONE. */
uint32_t emit_obs(
	struct infer *infer, const struct replay_obs *obs, uint32_t slot)
{
	struct replay_result *out = infer->out;
	struct replay_obs *added;

	if (GROW(out->obs, out->nr_obs, infer->obs_cap)) {
		infer->no_memory = true;
		return INFER_NONE;
	}
	added = &out->obs[out->nr_obs];
	*added = *obs;
	added->fitted = emit_fitted(infer, obs, &infer->slots[slot]);
	for (int l = 0; l < REPLAY_LISTS; l++)
		added->list[l] = infer->slots[slot].list[l].blocks;
	return (uint32_t)out->nr_obs++;
}

/* Returns where the page stands in bulk_pfns. */
uint32_t emit_bulk_page(struct infer *infer, uint32_t pfn)
{
	struct replay_result *out = infer->out;

	if (GROW(out->bulk_pfns, out->nr_bulk_pfns, infer->bulk_cap)) {
		infer->no_memory = true;
		return 0;
	}
	out->bulk_pfns[out->nr_bulk_pfns] =
		pfn >= INFER_MADE_UP ? REPLAY_NO_PFN : pfn;
	return (uint32_t)out->nr_bulk_pfns++;
}

/* One op for the pages put into bulk_pfns since `first`. */
void emit_bulk(struct infer *infer, uint32_t slot, int list, uint32_t first,
	uint32_t line)
{
	struct replay_result *out = infer->out;
	struct replay_op op = {
		.first = first,
		.gfp = REPLAY_NO_GFP,
		.line = line,
		.n = (uint32_t)out->nr_bulk_pfns - first,
		.cpu = (uint16_t)(slot / out->nr_zones),
		.zone = (uint16_t)(slot % out->nr_zones),
		.kind = REPLAY_BULK_ALLOC,
		.order = 0,
		.mt = (uint8_t)(list % 3),
		.flags = infer->trace->has_bulk ? 0 : REPLAY_OP_INFERRED,
	};

	if (!op.n)
		return;
	out->stats.bulk_pages += op.n;
	if (op.flags & REPLAY_OP_INFERRED)
		out->stats.bulk_inferred += op.n;
	emit_refill_caused(infer, op.cpu, emit_op(infer, op));
}

/* The op that found the list empty ends after its refill: the obs waits. */
void emit_refill_waits(struct infer *infer, unsigned cpu, uint32_t obs)
{
	uint32_t *waiting = infer->cpus[cpu].waiting;

	if (obs == INFER_NONE)
		return;
	for (int i = 0; i < 4; i++) {
		if (waiting[i] == INFER_NONE) {
			waiting[i] = obs;
			return;
		}
	}
	memmove(waiting, waiting + 1, 3 * sizeof(*waiting));
	waiting[3] = obs;
}

/* A refill of @cpu waits for its allocation. */
bool emit_refill_is_awaited(const struct infer *infer, unsigned cpu)
{
	const uint32_t *waiting = infer->cpus[cpu].waiting;

	for (int i = 0; i < 4; i++)
		if (waiting[i] != INFER_NONE)
			return true;
	return false;
}

/* `op` took a page: it caused the refills of that list that wait. */
void emit_refill_caused(struct infer *infer, unsigned cpu, uint32_t op)
{
	uint32_t *waiting = infer->cpus[cpu].waiting;
	const struct replay_op *by;
	struct replay_obs *obs;

	if (op == REPLAY_NO_OP)
		return;
	by = &infer->out->ops[op];
	for (int i = 0; i < 4; i++) {
		if (waiting[i] == INFER_NONE)
			continue;
		obs = &infer->out->obs[waiting[i]];
		if (replay_list_of(obs->order, obs->mt) !=
			replay_list_of(by->order, by->mt))
			continue;
		obs->op = op;
		order_at_most(infer, op, obs->line);
		waiting[i] = INFER_NONE;
	}
}

/* What a line says of a frame, for the comparison of frames. */
void emit_frame(struct infer *infer, unsigned kind, unsigned cpu, uint32_t pfn)
{
	struct replay_result *out = infer->out;

	if (GROW(out->frames, out->nr_frames, infer->frames_cap)) {
		infer->no_memory = true;
		return;
	}
	out->frames[out->nr_frames++] = (struct replay_frame){
		.pfn = pfn,
		.cpu = (uint16_t)cpu,
		.kind = (uint8_t)kind,
	};
}

/* Evidence that the pageblock of `pfn` has had type `mt` until now. */
void emit_block_was(struct infer *infer, uint32_t pfn, unsigned mt)
{
	struct page_leaf *leaf = pfnmap_leaf(&infer->pages, pfn);

	if (leaf->mt_known)
		return;
	leaf->mt = leaf->mt_now = (uint8_t)mt;
	leaf->mt_known = true;
}

/* Evidence that it has type `mt` from here on. */
void emit_block_type(struct infer *infer, uint32_t pfn, unsigned mt)
{
	struct replay_result *out = infer->out;
	struct page_leaf *leaf = pfnmap_leaf(&infer->pages, pfn);

	emit_block_was(infer, pfn, mt);
	if (leaf->mt_now == mt)
		return;
	leaf->mt_now = (uint8_t)mt;
	if (GROW(out->changes, out->nr_changes, infer->changes_cap)) {
		infer->no_memory = true;
		return;
	}
	out->changes[out->nr_changes++] = (struct replay_block_change){
		.op = (uint32_t)out->nr_ops,
		.block = leaf->number,
		.mt = (uint8_t)mt,
	};
}
