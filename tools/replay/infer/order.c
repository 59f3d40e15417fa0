/* SPDX-License-Identifier: MIT */
/*
 * The order of the ops: that in which they took the zone lock.
 *
 * The walk writes an op at the line of its allocation or free. That line is written
 * after the refill and before the spill, and lines of other CPUs may lie between:
 *   turn(allocation that refills, or passes the lists by) = its first zone_locked line
 *   turn(free that spills, drain)                         = its first pcpu_drain line
 *   turn(any other op)                                    = its line
 * Two CPUs meet in the buddy alone, so the ops are sorted by turn, and each CPU's
 * order is kept: an op's turn is at least that of the one before it.
 *
 * A free decides whether it spills at its line and not at its turn. So the flags of
 * its zone go with it, and the ops that set them are written anew.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../read/grow.h"
#include "infer_internal.h"

struct order {
	struct infer *infer;
	uint64_t *turns; /* turn << 32 | number of the op */
	uint32_t *became; /* [op]: its new number */
	uint8_t *flags; /* [op]: of the zone, when the op was written */
	uint32_t *in_force; /* [zone] */
	struct replay_op *ops;
	size_t nr_ops, ops_cap;
};

void order_at_least(struct infer *infer, uint32_t op, uint32_t line)
{
	if (op != REPLAY_NO_OP && infer->turns[op] < line)
		infer->turns[op] = line;
}

void order_at_most(struct infer *infer, uint32_t op, uint32_t line)
{
	if (op != REPLAY_NO_OP && infer->turns[op] > line)
		infer->turns[op] = line;
}

static void order_turns(struct order *order, uint32_t *last)
{
	const struct infer *infer = order->infer;

	for (uint32_t i = 0; i < infer->out->nr_ops; i++) {
		const struct replay_op *op = &infer->out->ops[i];
		uint32_t *before = &last[op->cpu < infer->trace->cpus
						 ? op->cpu
						 : infer->trace->cpus];

		if (*before < infer->turns[i])
			*before = infer->turns[i];
		order->turns[i] = (uint64_t)*before << 32 | i;
		if (op->kind == REPLAY_ZONE_FLAGS)
			order->in_force[op->zone] = op->n;
		if (op->kind == REPLAY_FREE)
			order->flags[i] = (uint8_t)order->in_force[op->zone];
	}
	memset(order->in_force, 0,
		infer->out->nr_zones * sizeof(*order->in_force));
}

static int order_by_turn(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static bool order_put(struct order *order, const struct replay_op *op)
{
	if (GROW(order->ops, order->nr_ops, order->ops_cap))
		return false;
	order->ops[order->nr_ops++] = *op;
	return true;
}

/* The flags that the free was decided with, if others are in force. */
static bool order_put_flags(
	struct order *order, const struct replay_op *op, uint32_t flags)
{
	const struct replay_op set = {
		.gfp = REPLAY_NO_GFP,
		.line = op->line,
		.n = flags,
		.cpu = op->cpu,
		.zone = op->zone,
		.kind = REPLAY_ZONE_FLAGS,
		.flags = REPLAY_OP_INFERRED,
	};

	if (order->in_force[op->zone] == flags)
		return true;
	order->in_force[op->zone] = flags;
	return order_put(order, &set);
}

static int order_ops(struct order *order)
{
	const struct replay_result *out = order->infer->out;

	for (size_t i = 0; i < out->nr_ops; i++) {
		uint32_t was = (uint32_t)order->turns[i];
		const struct replay_op *op = &out->ops[was];

		order->became[was] = (uint32_t)order->nr_ops;
		if (op->kind == REPLAY_ZONE_FLAGS)
			continue;
		if (op->kind == REPLAY_FREE &&
			!(op->flags & REPLAY_OP_DIRECT) &&
			!order_put_flags(order, op, order->flags[was]))
			return -ENOMEM;
		order->became[was] = (uint32_t)order->nr_ops;
		if (!order_put(order, op))
			return -ENOMEM;
	}
	order->became[out->nr_ops] = (uint32_t)order->nr_ops;
	return 0;
}

static void order_output(struct order *order)
{
	struct replay_result *out = order->infer->out;

	for (size_t i = 0; i < out->nr_obs; i++)
		if (out->obs[i].op != REPLAY_NO_OP)
			out->obs[i].op = order->became[out->obs[i].op];
	for (size_t i = 0; i < out->nr_changes; i++)
		out->changes[i].op = order->became[out->changes[i].op];
	free(out->ops);
	out->ops = order->ops;
	out->nr_ops = order->nr_ops;
	order->ops = NULL;
}

int infer_order(struct infer *infer)
{
	size_t n = infer->out->nr_ops;
	struct order order = {
		.infer = infer,
		.turns = malloc((n + 1) * sizeof(*order.turns)),
		.became = malloc((n + 1) * sizeof(*order.became)),
		.flags = calloc(n + 1, sizeof(*order.flags)),
		.in_force = calloc(
			infer->out->nr_zones + 1, sizeof(*order.in_force)),
	};
	uint32_t *last = calloc(infer->trace->cpus + 1u, sizeof(*last));
	int ret = -ENOMEM;

	if (order.turns && order.became && order.flags && order.in_force &&
		last) {
		order_turns(&order, last);
		if (n)
			qsort(order.turns, n, sizeof(*order.turns),
				order_by_turn);
		ret = order_ops(&order);
	}
	if (!ret)
		order_output(&order);
	free(order.turns);
	free(order.became);
	free(order.flags);
	free(order.in_force);
	free(order.ops);
	free(last);
	return ret;
}
