/* SPDX-License-Identifier: MIT */
/*
 * The lists' rules of Linux 7.3, as of 7.3.4: those of 6.18, but a high-atomic
 * request that finds its list empty leaves it empty: the reserve is for it
 * (__rmqueue_pcplist()). That a spill goes in chunks is axis spill_hold.
 */
#include "pcplist/rules_6_18.h"

const struct pcp_rules pcp_rules_7_3 = {
	.name = "7.3",
	PCP_LISTS_TO_ORDER_3,
	PCP_LIST_AT_A_TIME,
	PCP_TUNED,
	.keeps_reserve = true,
	.free_high = pcp_free_high_6_18,
	.free = pcp_free_6_18,
};
