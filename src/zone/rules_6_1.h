/* SPDX-License-Identifier: MIT */
/* The rules of 6.1 that other kernels have, too. */
#ifndef ZONE_RULES_6_1_H
#define ZONE_RULES_6_1_H

#include "zone/rules.h"

/* Which types serve which: the table of all kernels (fallbacks[]). */
#define ZONE_FALLBACKS_6_1                                                     \
	{                                                                      \
		[PCPMM_MIGRATE_UNMOVABLE] = {PCPMM_MIGRATE_RECLAIMABLE,        \
			PCPMM_MIGRATE_MOVABLE},                                \
		[PCPMM_MIGRATE_MOVABLE] = {PCPMM_MIGRATE_RECLAIMABLE,          \
			PCPMM_MIGRATE_UNMOVABLE},                              \
		[PCPMM_MIGRATE_RECLAIMABLE] = {                                \
			PCPMM_MIGRATE_UNMOVABLE, PCPMM_MIGRATE_MOVABLE},       \
	}

unsigned int zone_nofragment_order_6_1(unsigned int order);
bool zone_can_steal_6_1(unsigned int order, unsigned int start_type);
bool zone_changes_type_6_1(const struct zone_claim *claim);
uint64_t zone_highatomic_max_6_1(uint64_t managed);
bool zone_may_reserve_6_1(unsigned int type);
bool zone_may_merge_6_1(unsigned int type, unsigned int buddy_type);
bool zone_percpu_refill_6_1(unsigned int order, unsigned int type);

#endif
