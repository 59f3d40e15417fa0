/* SPDX-License-Identifier: MIT */
/*
 * free_factor at the start, which no file prints.
 *
 * Each allocation from a list halves it and each spill raises it, so the first of
 * these tells it:
 *   a bulk free's probe prints it, after a spill has raised it:
 *       at the start = that before << allocations since the start
 *   a free of order 1 to 3 that does not empty the lists: it is 0 there
 *   so many allocations that it is 0, whatever it was
 * Shifting back loses the low bits, which no later line depends on. Without the
 * probe, and where nothing of this comes, it stays unknown, is taken to be 0 and
 * counted.
 */
#include "infer_internal.h"
#include "tuned.h"

/* 6.1: batch << free_factor is less than high. */
#define FACTOR_BITS 16

void factor_allocated(struct shadow_slot *slot)
{
	slot->free_factor = replay_factor_after_alloc(slot->free_factor);
	if (slot->factor_allocs < FACTOR_BITS)
		slot->factor_allocs++;
}

/* The free at `at` is about to enter its list. */
void factor_freed(struct infer *infer, uint32_t at, struct shadow_slot *slot)
{
	const struct replay_event *event = infer_event(infer, at);

	if (slot->factor_first < 0 && !(event->flags & REPLAY_EV_SPILLS) &&
		replay_free_high(event->order, 1))
		slot->factor_first = 0;
}

/* What it was before the spill that `probe` is of; -1: no rule gives it. */
static int16_t factor_before_spill(
	const struct replay_probe *probe, const struct replay_op *cause)
{
	bool reclaim = probe->zflags != UINT64_MAX &&
		       probe->zflags & REPLAY_ZF_RECLAIM;
	int32_t mark, n;

	if (probe->high < 0 || probe->batch < 1)
		return -1;
	mark = replay_spill_at(probe->high, probe->batch, reclaim);
	for (int16_t factor = probe->free_factor;
		factor >= 0 && factor + 1 >= probe->free_factor; factor--) {
		int16_t after = factor;

		n = replay_spill_size(probe->count, mark, probe->batch,
			replay_free_high(cause->order, factor), &after);
		if (n == probe->n && after == probe->free_factor)
			return factor;
	}
	return -1;
}

/* The bulk free of `probe`, of this list; `cause`: its free, NULL: a drain. */
void factor_told(struct infer *infer, struct shadow_slot *slot,
	const struct replay_probe *probe, const struct replay_op *cause)
{
	int16_t factor = probe->free_factor;

	if (factor < 0 || high_floats(infer))
		return;
	if (cause)
		factor = factor_before_spill(probe, cause);
	if (slot->factor_first < 0 && factor >= 0)
		slot->factor_first =
			slot->factor_allocs < FACTOR_BITS / 2
				? (int16_t)(factor << slot->factor_allocs)
				: 0;
	slot->free_factor = probe->free_factor;
}

/* As far as it is known; before the first walk nothing is. */
int16_t factor_at_start(const struct shadow_slot *slot)
{
	return slot->factor_first > 0 ? slot->factor_first : 0;
}

/* Counts what the first walk has found, for the report. */
void factor_count(struct infer *infer, const struct shadow_slot *slot)
{
	struct replay_infer_stats *stats = &infer->out->stats;

	stats->factors_set += slot->factor_first > 0;
	stats->factors_unknown += slot->factor_first < 0 && slot->touched &&
				  slot->factor_allocs < FACTOR_BITS;
}
