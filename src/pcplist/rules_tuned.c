/* SPDX-License-Identifier: MIT */
/*
 * Lists whose high floats between two bounds, from 6.7 on.
 *
 *   high_min <= high <= high_max     after each refill and each free
 *   0 <= alloc_factor <= PCP_SCALE_MAX
 *
 * A resize writes the bounds alone: high is clamped by the next refill or free.
 * It is 0 until then in a new list.
 *
 * Origin: Huang Ying, "mm: PCP high auto-tuning" (6.7), as documented and as
 * recorded; each function names the kernel function that it describes. Allocations
 * raise high and double the next refill (alloc_factor); late frees without an
 * allocation between them raise free_count, which is what a spill frees; reclaim,
 * and a zone below its high watermark, lower high.
 */
#include "pcplist/rules_6_1.h"
#include "pcplist/rules_common.h"

static void clamp_high(struct pcpmm_pcp_state *state)
{
	state->high = MIN(MAX(state->high, state->high_min), state->high_max);
}

static void lower_high(struct pcpmm_pcp_state *state, int pages)
{
	state->high = MAX(state->high - pages, state->high_min);
}

/* rmqueue_pcplist(). */
void pcp_tuned_alloc(struct pcpmm_pcp_state *state)
{
	state->free_count >>= 1;
}

/* Pages of order 0, before the size of the list limits them. */
static int wanted(const struct pcpmm_pcp_state *state, unsigned int order)
{
	return order ? state->batch : state->batch << state->alloc_factor;
}

/* nr_pcp_alloc(). */
int pcp_tuned_refill(struct pcpmm_pcp_state *state, int count,
	unsigned int order, unsigned int flags)
{
	int most, nr = wanted(state, order);

	clamp_high(state);
	if (state->high < state->batch)
		return 1;
	if (state->high_min != state->high_max &&
		!(flags & PCPMM_ZONE_BELOW_HIGH))
		state->high =
			(int)MIN((int64_t)state->high + nr, state->high_max);
	if (!order) {
		most = MAX(state->high - count - state->batch, state->batch);
		if (nr <= most && state->alloc_factor < PCP_SCALE_MAX)
			state->alloc_factor++;
		nr = MIN(nr, most);
	}
	return nr > 1 ? MAX(nr >> order, 2) : nr;
}

/* nr_pcp_high(); the mark that is returned is no higher than the new high. */
static int take_mark(struct pcpmm_pcp_state *state, int count,
	unsigned int flags, bool free_high)
{
	int late = MAX(state->free_count, state->batch), mark;

	clamp_high(state);
	mark = state->high;
	if (!mark)
		return 0;
	if (free_high) {
		lower_high(state, state->batch << PCP_SCALE_MAX);
		return 0;
	}
	if (flags & PCPMM_ZONE_RECLAIM_ACTIVE) {
		lower_high(state, late);
		return MIN(state->batch << 2, state->high);
	}
	if (state->high_min == state->high_max)
		return mark;
	if (flags & PCPMM_ZONE_BELOW_HIGH) {
		lower_high(state, late);
		return MAX(count, state->high_min);
	}
	if (count >= mark && mark < state->free_count + state->batch) {
		state->high = state->free_count + state->batch;
		clamp_high(state);
	}
	return mark;
}

int pcp_tuned_spill_at(const struct pcpmm_pcp_state *state, int count,
	unsigned int flags, bool free_high)
{
	struct pcpmm_pcp_state copy = *state;

	return take_mark(&copy, count, flags, free_high);
}

/* nr_pcp_free(). */
static int spill_size(const struct pcpmm_pcp_state *state, int count, int mark,
	bool free_high)
{
	if (free_high)
		return MIN(count, state->batch << PCP_SCALE_MAX);
	if (mark < state->batch)
		return 1;
	return MAX(MIN(state->free_count, mark - state->batch), state->batch);
}

/* free_unref_page_commit(): two frees of a high order in a row, and many pages. */
bool pcp_tuned_free_high(const struct pcpmm_pcp_state *state, int count,
	unsigned int order, int least)
{
	return pcp_may_free_high_6_1(order) && state->free_count >= least &&
	       state->flags & PCPMM_PCP_PREV_FREE_HIGH_ORDER &&
	       (!(state->flags & PCPMM_PCP_FREE_HIGH_BATCH) ||
		       count >= state->batch);
}

/* free_unref_page_commit(). The cap of free_count is looked at before the add. */
int pcp_tuned_free(struct pcpmm_pcp_state *state, int count, unsigned int order,
	unsigned int flags,
	bool (*free_high)(const struct pcpmm_pcp_state *, int, unsigned int))
{
	bool is_high = free_high(state, count, order);
	int mark;

	state->alloc_factor >>= 1;
	state->flags &= ~PCPMM_PCP_PREV_FREE_HIGH_ORDER;
	if (pcp_may_free_high_6_1(order))
		state->flags |= PCPMM_PCP_PREV_FREE_HIGH_ORDER;
	if (state->free_count < state->batch << PCP_SCALE_MAX)
		state->free_count += 1 << order;
	mark = take_mark(state, count, flags, is_high);
	return count < mark ? 0 : spill_size(state, count, mark, is_high);
}

/* decay_pcp_high(). */
struct pcp_decay pcp_tuned_decay(struct pcpmm_pcp_state *state, int count)
{
	struct pcp_decay decay = {0};

	if (state->high > state->high_min) {
		state->high = MAX(state->high - (state->high >> 3),
			count - (state->batch << PCP_SCALE_MAX));
		state->high = MAX(state->high, state->high_min);
		decay.todo = state->high > state->high_min;
	}
	decay.pages = MAX(count - state->high, 0);
	decay.todo |= decay.pages > 0;
	return decay;
}

/* zone_set_pageset_high_and_batch(): with a fraction there is nothing to tune. */
void pcp_tuned_size(const struct pcp_size_in *in, struct pcp_size *size)
{
	size->batch = pcp_batch(in->managed, PCP_BATCH_CAP_PAGES);
	pcp_high_bounds(in->low, in->managed, in->fraction, in->cpus,
		size->batch, &size->high_min, &size->high_max);
	size->high = size->high_min;
}
