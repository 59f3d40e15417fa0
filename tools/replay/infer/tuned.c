/* SPDX-License-Identifier: MIT */
/* The state of pagesets whose high floats, and what it was before its first print. */
#include "tuned.h"

#include <stdlib.h>

#include "../read/grow.h"

#define FREE_COUNTS 64 /* that one free can add to free_count, and more */

void tuned_reset(struct infer *infer)
{
	const struct replay_input *in = infer->in;

	if (!is_tuned(infer))
		return;
	for (size_t i = 0; i < infer->nr_slots; i++) {
		infer->slots[i].state = (struct pcpmm_pcp_state){.batch = 1};
		infer->slots[i].state_known = false;
		infer->slots[i].rest = 0;
	}
	for (size_t i = 0; i < in->nr_pcps; i++) {
		const struct replay_pcp *pcp = &in->pcps[i];
		struct pcpmm_pcp_state *state =
			&infer->slots[infer_slot_index(
					      infer, pcp->cpu, pcp->zone)]
				 .state;

		state->batch = pcp->batch > 0 ? pcp->batch : 1;
		state->high = pcp->high > 0 ? pcp->high : 0;
		state->high_min = pcp->high_min > 0 ? pcp->high_min : 0;
		state->high_max = pcp->high_max > state->high_min
					  ? pcp->high_max
					  : state->high_min;
	}
}

static uint32_t flags_of(const struct infer *infer, uint32_t slot)
{
	return infer->zone_flags[slot % infer->out->nr_zones];
}

/* --- what a probe prints ---------------------------------------------------- */

static void take(int32_t *to, int32_t from, int32_t most)
{
	if (from >= 0 && from <= most)
		*to = from;
}

static struct pcpmm_pcp_state printed_state(
	const struct pcpmm_pcp_state *state, const struct replay_probe *probe)
{
	struct pcpmm_pcp_state now = *state;

	take(&now.high, probe->high, INT32_MAX);
	if (probe->batch > 0)
		take(&now.batch, probe->batch, PCPMM_PCP_BATCH_MAX);
	take(&now.high_min, probe->high_min, INT32_MAX);
	take(&now.high_max, probe->high_max, INT32_MAX);
	take(&now.alloc_factor, probe->alloc_factor, PCPMM_PCP_FACTOR_MAX);
	take(&now.free_count, probe->free_count, INT16_MAX);
	if (probe->flags >= 0)
		now.flags = (uint32_t)probe->flags;
	return now;
}

static bool same_state(
	const struct pcpmm_pcp_state *a, const struct pcpmm_pcp_state *b)
{
	return a->high == b->high && a->alloc_factor == b->alloc_factor &&
	       a->free_count == b->free_count && a->flags == b->flags;
}

/* --- before the first print --------------------------------------------------- */

/* One call by the rules: of a free, or of a refill, with its allocation or alone. */
struct tuned_call {
	enum pcpmm_list_rules rules;
	bool free, alone;
	int32_t count;
	unsigned order;
	uint32_t zone_flags;
};

static int32_t do_call(
	const struct tuned_call *call, struct pcpmm_pcp_state *state)
{
	if (call->free)
		return pcpmm_pcp_free(call->rules, state, call->count,
			call->order, call->zone_flags);
	if (!call->alone)
		pcpmm_pcp_alloc(call->rules, state);
	return pcpmm_pcp_refill(
		call->rules, state, call->count, call->order, call->zone_flags);
}

/* From 7.0 a bulk free releases the lock after each batch; a probe prints one. */
static bool has_chunks(const struct tuned_call *call)
{
	return call->free && call->rules >= PCPMM_LIST_RULES_7_3;
}

static bool gives(const struct tuned_call *call, struct pcpmm_pcp_state before,
	const struct pcpmm_pcp_state *printed, int32_t n)
{
	int32_t asked = do_call(call, &before);

	return same_state(&before, printed) &&
	       (asked == n ||
		       (has_chunks(call) && asked > n && n == printed->batch));
}

/* Some number that @after was made of: by adding to it, halving it, or not at all. */
static int32_t factor_from(int32_t after, unsigned i)
{
	const int32_t from[] = {
		after, after - 1, 2 * after, 2 * after + 1, after + 1};

	return from[i];
}
#define FACTORS 5

static int32_t count_from(int32_t after, unsigned i)
{
	return i < 2 ? 2 * after + (int32_t)i : after + 1 - (int32_t)(i - 2);
}

static int32_t high_from(const struct pcpmm_pcp_state *printed, unsigned i)
{
	return printed->high +
	       ((i & 1) ? -1 : 1) * (int32_t)((i + 1) / 2) * printed->batch;
}
#define HIGHS 9

/* A state of which @call makes @printed and asks for @n pages; false: none is found. */
static bool state_before(const struct tuned_call *call,
	const struct pcpmm_pcp_state *printed, int32_t n,
	struct pcpmm_pcp_state *before)
{
	for (unsigned high = 0; high < HIGHS; high++)
		for (unsigned factor = 0; factor < FACTORS; factor++)
			for (unsigned count = 0; count < FREE_COUNTS; count++)
				for (uint32_t flag = 0; flag < 2; flag++) {
					*before = *printed;
					before->high = high_from(printed, high);
					before->alloc_factor = factor_from(
						printed->alloc_factor, factor);
					before->free_count = count_from(
						printed->free_count, count);
					before->flags ^= flag;
					if (before->high >= 0 &&
						gives(call, *before, printed,
							n))
						return true;
				}
	*before = *printed;
	return false;
}

/* An op that sets pagesets to @state, or to a part of it. */
static void emit_state(struct infer *infer, struct replay_op op,
	const struct pcpmm_pcp_state *state)
{
	struct replay_result *out = infer->out;

	if (GROW(out->states, out->nr_states, infer->states_cap)) {
		infer->no_memory = true;
		return;
	}
	op.first = (uint32_t)out->nr_states;
	out->states[out->nr_states++] = *state;
	emit_op(infer, op);
}

/* The run's pageset becomes that before the op that is written next. */
static void emit_known(
	struct infer *infer, const struct replay_event *event, uint32_t slot)
{
	struct replay_op op = emit_template(event, REPLAY_PCP_STATE);

	op.cpu = (uint16_t)(slot / infer->out->nr_zones);
	op.zone = (uint16_t)(slot % infer->out->nr_zones);
	op.flags = REPLAY_OP_INFERRED;
	emit_state(infer, op, &infer->slots[slot].state);
}

/* Pages that a free asked for in all, after which @printed was printed. */
static int32_t asked_in_all(
	const struct tuned_call *call, const struct pcpmm_pcp_state *printed)
{
	struct pcpmm_pcp_state state = *printed;
	int32_t n;

	state.free_count -= 1 << call->order;
	if (state.free_count < 0)
		state.free_count = 0;
	n = do_call(call, &state);
	return n > 0 ? n : 0;
}

/* A probe prints what came of @call: n. */
static void told(struct infer *infer, const struct replay_event *event,
	uint32_t index, const struct tuned_call *call,
	const struct replay_probe *probe, int32_t n)
{
	struct shadow_slot *slot = &infer->slots[index];
	const struct pcpmm_pcp_state printed =
		printed_state(&slot->state, probe);

	if (!slot->state_known) {
		state_before(call, &printed, n, &slot->state);
		emit_known(infer, event, index);
	}
	if (has_chunks(call)) {
		slot->rest = asked_in_all(call, &printed) - n;
		slot->rest_op = REPLAY_NO_OP;
	}
	slot->state_known = true;
	slot->state = printed;
}

uint32_t tuned_rest(
	struct infer *infer, uint32_t index, const struct replay_probe *probe)
{
	struct shadow_slot *slot = &infer->slots[index];
	int32_t most = slot->state.batch;

	if (slot->rest <= 0 ||
		probe->n != (slot->rest < most ? slot->rest : most))
		return REPLAY_NO_OP;
	slot->rest -= probe->n;
	return slot->rest_op;
}

/* --- the walk -------------------------------------------------------------------- */

void tuned_allocated(struct infer *infer, unsigned cpu,
	struct shadow_slot *slot, bool refilled)
{
	bool *printed = &infer->cpus[cpu].refill_printed;

	if (!is_tuned(infer))
		return;
	if (!refilled || !*printed)
		pcpmm_pcp_alloc(infer->in->rules, &slot->state);
	if (refilled)
		*printed = false;
}

void tuned_refill_line(struct infer *infer, uint32_t at)
{
	const struct replay_event *event = infer_event(infer, at);
	struct walk_cpu *cpu = &infer->cpus[event->cpu];
	const struct replay_probe *probe;
	struct tuned_call call = {
		.rules = infer->in->rules,
		.alone = cpu->bulk != INFER_NONE,
		.order = (unsigned)event->order,
	};
	unsigned node = ~0u;
	uint16_t zone;
	uint32_t slot;

	if (!is_tuned(infer) || event->gfp >= infer->trace->nr_probes)
		return;
	if (cpu->home_zone != REPLAY_NO_ZONE)
		node = infer->out->zones[cpu->home_zone].node;
	zone = infer_zone_named(infer, event->pfn, 0, node);
	probe = &infer->trace->probes[event->gfp];
	if (zone == REPLAY_NO_ZONE || probe->count < 0)
		return;
	slot = infer_slot_index(infer, event->cpu, zone);
	call.count = probe->count;
	call.zone_flags = probe->zflags == UINT64_MAX ? flags_of(infer, slot)
						      : (uint32_t)probe->zflags;
	told(infer, event, slot, &call, probe, (int32_t)event->arg);
	cpu->refill_printed = !call.alone;
}

void tuned_refill(struct infer *infer, uint32_t index, unsigned order)
{
	struct shadow_slot *slot = &infer->slots[index];
	int32_t n = pcpmm_pcp_refill(infer->in->rules, &slot->state,
		slot->count > 0 ? slot->count : 0, order,
		flags_of(infer, index));

	slot->asked = n > 0 && slot->state_known ? (uint32_t)n : UINT32_MAX;
}

bool tuned_is_full(const struct shadow_slot *slot, uint32_t got)
{
	return got >= slot->asked;
}

void tuned_freed(
	struct infer *infer, uint32_t at, uint32_t index, int32_t after)
{
	const struct replay_event *event = infer_event(infer, at);
	struct shadow_slot *slot = &infer->slots[index];
	const struct replay_probe *probe = NULL;
	struct tuned_call call = {
		.rules = infer->in->rules,
		.free = true,
		.count = after,
		.order = (unsigned)event->order,
		.zone_flags = flags_of(infer, index),
	};

	if (!is_tuned(infer))
		return;
	if (event->flags & REPLAY_EV_SPILLS &&
		infer_event(infer, event->gfp)->kind == REPLAY_EV_FREE_BULK)
		probe = &infer->trace
				 ->probes[infer_event(infer, event->gfp)->arg];
	if (!probe || probe->high < 0) {
		do_call(&call, &slot->state);
		return;
	}
	if (probe->count >= 0)
		call.count = probe->count;
	if (probe->zflags != UINT64_MAX)
		call.zone_flags = (uint32_t)probe->zflags;
	told(infer, event, index, &call, probe, probe->n);
}

void tuned_bounds(struct infer *infer, const struct replay_event *event,
	uint16_t zone, const struct replay_probe *probe)
{
	struct replay_op op = emit_template(event, REPLAY_PCP_BOUNDS);
	struct pcpmm_pcp_state bounds = {.batch = probe->batch,
		.high_min = probe->high_min,
		.high_max = probe->high_max};

	if (probe->batch < 1 || probe->high_min < 0 ||
		probe->high_max < probe->high_min)
		return;
	op.cpu = REPLAY_NO_CPU;
	op.zone = zone;
	for (unsigned cpu = 0; cpu < infer->trace->cpus; cpu++) {
		struct pcpmm_pcp_state *state =
			&infer->slots[infer_slot_index(infer, cpu, zone)].state;

		state->batch = bounds.batch;
		state->high_min = bounds.high_min;
		state->high_max = bounds.high_max;
	}
	emit_state(infer, op, &bounds);
}

void tuned_decay(struct infer *infer, uint32_t at)
{
	const struct replay_event *event = infer_event(infer, at);
	const struct replay_probe *probe;
	struct replay_op op = emit_template(event, REPLAY_DECAY);
	unsigned node = ~0u;
	uint32_t slot;

	if (!is_tuned(infer) || event->arg >= infer->trace->nr_probes)
		return;
	probe = &infer->trace->probes[event->arg];
	if (infer->cpus[event->cpu].home_zone != REPLAY_NO_ZONE)
		node = infer->out->zones[infer->cpus[event->cpu].home_zone]
			       .node;
	op.zone = infer_zone_named(infer, probe->zone_name, 0, node);
	if (op.zone == REPLAY_NO_ZONE)
		return;
	slot = infer_slot_index(infer, event->cpu, op.zone);
	if (probe->high >= 0)
		infer->slots[slot].state.high = probe->high;
	pcpmm_pcp_decay(infer->in->rules, &infer->slots[slot].state,
		probe->count >= 0 ? probe->count : infer->slots[slot].count);
	emit_op(infer, op);
}
