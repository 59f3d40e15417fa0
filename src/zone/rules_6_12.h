/* SPDX-License-Identifier: MIT */
/* The rules of 6.12 that later kernels have, too. */
#ifndef ZONE_RULES_6_12_H
#define ZONE_RULES_6_12_H

#include "zone/rules_6_1.h"

uint64_t zone_highatomic_max_6_12(uint64_t managed);

#define ZONE_RULES_6_12                                                        \
	.fallbacks = ZONE_FALLBACKS_6_1,                                       \
	.nofragment_order = zone_nofragment_order_6_1,                         \
	.can_steal = zone_can_steal_6_1,                                       \
	.changes_type = zone_changes_type_6_1, .has_modes = true,              \
	.lists_by_block = true, .may_merge = zone_may_merge_6_1,               \
	.counts_each = true, .highatomic_max = zone_highatomic_max_6_12,       \
	.may_reserve = zone_may_reserve_6_1, .hides_free_reserve = true,       \
	.reserve_is_last_resort = true,                                        \
	.percpu_refill = zone_percpu_refill_6_1

#endif
