/* SPDX-License-Identifier: MIT */
/*
 * The lists' rules of Linux 6.12, as of 6.12.117: a high that floats
 * (rules_tuned.c).
 */
#include "pcplist/rules_common.h"

/* free_unref_page_commit(), Linux 6.12: from a batch of late frees. */
static bool free_high(
	const struct pcpmm_pcp_state *state, int count, unsigned int order)
{
	return pcp_tuned_free_high(state, count, order, state->batch);
}

static int free_block(struct pcpmm_pcp_state *state, int count,
	unsigned int order, unsigned int flags)
{
	return pcp_tuned_free(state, count, order, flags, free_high);
}

const struct pcp_rules pcp_rules_6_12 = {
	.name = "6.12",
	PCP_LISTS_TO_ORDER_3,
	PCP_LIST_AT_A_TIME,
	PCP_TUNED,
	.free_high = free_high,
	.free = free_block,
};
