/* SPDX-License-Identifier: MIT */
/*
 * The lists' rules of Linux 6.1, as of 6.1.192: low orders listed, a spill that
 * grows with free_factor, a bulk free list by list.
 *
 * Origin: behaviour as documented and as recorded in traces (tests/data); each
 * function names the kernel function that it describes.
 */
#include "pcplist/rules_6_1.h"
#include "pcplist/rules_common.h"

/* __rmqueue_pcplist(), Linux 6.1. */
static int refill(struct pcpmm_pcp_state *state, int count, unsigned int order,
	unsigned int flags)
{
	(void)count;
	(void)flags;
	return state->batch > 1 ? MAX(state->batch >> order, 2) : state->batch;
}

/* rmqueue_pcplist(), Linux 6.1: also if the list was empty. */
static void alloc(struct pcpmm_pcp_state *state)
{
	state->free_factor >>= 1;
}

/* free_unref_page_commit(), Linux 6.1. */
static bool free_high(
	const struct pcpmm_pcp_state *state, int count, unsigned int order)
{
	(void)count;
	return pcp_may_free_high_6_1(order) && state->free_factor;
}

/* nr_pcp_high(), Linux 6.1. */
static int spill_at(const struct pcpmm_pcp_state *state, int count,
	unsigned int flags, bool is_high)
{
	(void)count;
	if (is_high)
		return 0;
	return flags & PCPMM_ZONE_RECLAIM_ACTIVE
		       ? (int)MIN(state->batch * 4LL, state->high)
		       : state->high;
}

/* nr_pcp_free(), Linux 6.1.192; 6.1.0 had no cap on free_factor. */
static int spill_size(
	struct pcpmm_pcp_state *state, int count, int mark, bool is_high)
{
	int64_t nr = (int64_t)state->batch << state->free_factor;
	int most = mark - state->batch;

	if (is_high)
		return count;
	/* A disabled list (or the boot pageset) keeps nothing. */
	if (mark < state->batch)
		return 1;
	if (nr < most && state->free_factor < PCP_SCALE_MAX)
		state->free_factor++;
	return (int)MAX(MIN(nr, most), state->batch);
}

/* free_unref_page_commit(), Linux 6.1. */
static int free_block(struct pcpmm_pcp_state *state, int count,
	unsigned int order, unsigned int flags)
{
	bool is_high = free_high(state, count, order);
	int mark = spill_at(state, count, flags, is_high);

	return count < mark ? 0 : spill_size(state, count, mark, is_high);
}

/* zone_highsize(), Linux 6.1: a CPU's part of the low watermark. */
static void size(const struct pcp_size_in *in, struct pcp_size *size)
{
	size->batch = pcp_batch(in->managed, PCP_BATCH_CAP_PAGES);
	size->high = pcp_high(
		in->low, in->managed, in->fraction, in->cpus, size->batch);
	size->high_min = size->high_max = size->high;
}

const struct pcp_rules pcp_rules_6_1 = {
	.name = "6.1",
	PCP_LISTS_TO_ORDER_3,
	PCP_LIST_AT_A_TIME,
	.refill = refill,
	.alloc = alloc,
	.free_high = free_high,
	.spill_at = spill_at,
	.free = free_block,
	.size = size,
};

_Static_assert(PCP_LISTS_6_1 <= PCPMM_NR_PCP_LISTS, "all lists fit");
