/* SPDX-License-Identifier: MIT */
/*
 * The zones' rules of Linux 6.18: those of 6.12. A claim asks first whether the
 * order is large enough and looks for a block afterwards, which comes to the same,
 * since a smaller order is never large enough where a larger one is not.
 */
#include "zone/rules_6_12.h"

const struct zone_rules zone_rules_6_18 = {
	ZONE_RULES_6_12,
};
