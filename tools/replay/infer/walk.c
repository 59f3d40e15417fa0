/* SPDX-License-Identifier: MIT */
/*
 * The trace from start to end over the shadow lists: one step an event. It
 * is walked twice: the first time to find what there was before the trace,
 * the second time, with that known, to write the ops (walk_sinks.c).
 */
#include "infer_internal.h"
#include "tuned.h"

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
		tuned_refill_line(infer, at);
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

	infer->line = event->line;
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
