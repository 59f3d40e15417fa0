/* SPDX-License-Identifier: MIT */
/* The zones' rules of Linux 7.3: those of 6.18, but for the high-atomic reserve. */
#include "zone/rules_6_12.h"

const struct zone_rules zone_rules_7_3 = {
	ZONE_RULES_6_12,
	.reserves_at_min = true,
};
