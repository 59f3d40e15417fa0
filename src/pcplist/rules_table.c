/* SPDX-License-Identifier: MIT */
/* The rules of all kernels. */
#include "pcplist/rules.h"

static const struct pcp_rules *const all_rules[PCPMM_NR_LIST_RULES] = {
	[PCPMM_LIST_RULES_6_1] = &pcp_rules_6_1,
	[PCPMM_LIST_RULES_5_10] = &pcp_rules_5_10,
	[PCPMM_LIST_RULES_6_12] = &pcp_rules_6_12,
	[PCPMM_LIST_RULES_6_18] = &pcp_rules_6_18,
	[PCPMM_LIST_RULES_7_3] = &pcp_rules_7_3,
};

const struct pcp_rules *pcp_rules_of(unsigned int list_rules)
{
	return list_rules < PCPMM_NR_LIST_RULES ? all_rules[list_rules] : NULL;
}
