/* SPDX-License-Identifier: MIT */
/* Fields that any CPU may change without the zone lock: flags, short cut. */
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

/* If two callers overlap, the one that looked at the flag last decides. */
void zone_set_short_cut(struct zone *zone)
{
	uint32_t flags;

	do {
		flags = zone_flags(zone);
		for (unsigned int i = 0; i < PCPMM_NR_ZONES; i++)
			atomic_store_relaxed_u64(&zone->short_cut_reserve[i],
				flags & ZONE_READ_SNAPSHOT
					? INT64_MAX / 2
					: atomic_load_relaxed_u64(
						  &zone->lowmem_reserve[i]));
	} while ((flags ^ zone_flags(zone)) & ZONE_READ_SNAPSHOT);
}
