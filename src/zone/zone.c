/* SPDX-License-Identifier: MIT */
/* Zone flags: bits that any CPU may set and clear. */
#include "zone/zone.h"

void zone_set_flag(struct zone *zone, uint32_t flag)
{
	uint32_t old = zone_flags(zone);

	while (!(old & flag) &&
		!atomic_cmpxchg_relaxed_u32(&zone->flags, &old, old | flag))
		;
}

bool zone_clear_flag(struct zone *zone, uint32_t flag)
{
	uint32_t old = zone_flags(zone);

	while ((old & flag) &&
		!atomic_cmpxchg_relaxed_u32(&zone->flags, &old, old & ~flag))
		;
	return old & flag;
}
