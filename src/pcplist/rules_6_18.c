/* SPDX-License-Identifier: MIT */
/*
 * The lists' rules of Linux 6.18, as of 6.18.15: those of 6.12, but a free of a
 * high order spills later.
 */
#include "pcplist/rules_6_18.h"

bool pcp_free_high_6_18(
	const struct pcpmm_pcp_state *state, int count, unsigned int order)
{
	return pcp_tuned_free_high(
		state, count, order, state->batch + state->high_min / 2);
}

int pcp_free_6_18(struct pcpmm_pcp_state *state, int count, unsigned int order,
	unsigned int flags)
{
	return pcp_tuned_free(state, count, order, flags, pcp_free_high_6_18);
}

const struct pcp_rules pcp_rules_6_18 = {
	.name = "6.18",
	PCP_LISTS_TO_ORDER_3,
	PCP_LIST_AT_A_TIME,
	PCP_TUNED,
	.free_high = pcp_free_high_6_18,
	.free = pcp_free_6_18,
};
