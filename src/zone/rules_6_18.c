/* SPDX-License-Identifier: MIT */
/*
 * The zones' rules of Linux 6.18: those of 6.12. A claim asks first whether the
 * order is large enough and looks for a block afterwards, which comes to the same,
 * since a smaller order is never large enough where a larger one is not.
 */
#include "zone/rules_6_12.h"

const struct zone_rules zone_rules_6_18 = {
	.fallbacks = ZONE_FALLBACKS_6_1,
	.nofragment_order = zone_nofragment_order_6_1,
	.can_steal = zone_can_steal_6_1,
	.changes_type = zone_changes_type_6_1,
	.has_modes = true,
	.lists_by_block = true,
	.may_merge = zone_may_merge_6_1,
	.counts_each = true,
	.highatomic_max = zone_highatomic_max_6_12,
	.may_reserve = zone_may_reserve_6_1,
	.hides_free_reserve = true,
	.reserve_is_last_resort = true,
	.percpu_refill = zone_percpu_refill_6_1,
};
