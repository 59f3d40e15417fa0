/* SPDX-License-Identifier: MIT */
/* What 7.3 has of 6.18's list rules. */
#ifndef PCPLIST_RULES_6_18_H
#define PCPLIST_RULES_6_18_H

#include "pcplist/rules_common.h"

/*
 * free_frozen_page_commit(), Linux 6.18: from a batch and half of high_min of late
 * frees.
 */
bool pcp_free_high_6_18(
	const struct pcpmm_pcp_state *state, int count, unsigned int order);
int pcp_free_6_18(struct pcpmm_pcp_state *state, int count, unsigned int order,
	unsigned int flags);

#endif
