/* SPDX-License-Identifier: MIT */
/* Each value of axis zone_rules. */
#include "zone/rules.h"

#include <stddef.h>

static const struct zone_rules *const rules_of[PCPMM_NR_ZONE_RULES] = {
	[PCPMM_ZONE_RULES_5_10] = &zone_rules_5_10,
	[PCPMM_ZONE_RULES_6_1] = &zone_rules_6_1,
	[PCPMM_ZONE_RULES_6_12] = &zone_rules_6_12,
	[PCPMM_ZONE_RULES_6_18] = &zone_rules_6_18,
	[PCPMM_ZONE_RULES_7_3] = &zone_rules_7_3,
};

const struct zone_rules *zone_rules_of(unsigned int zone_rules)
{
	return zone_rules < PCPMM_NR_ZONE_RULES ? rules_of[zone_rules] : NULL;
}
