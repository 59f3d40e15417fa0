/* SPDX-License-Identifier: MIT */
/*
 * Lists of 6.7 and later: the free that nothing follows from, for the owner's hot path
 * to inline. rules_tuned.c has all of it; tests/unit/test_pcplist.c compares them.
 */
#ifndef PCPLIST_RULES_TUNED_H
#define PCPLIST_RULES_TUNED_H

#include "pcplist/pcp.h"

#define PCP_SCALE_MAX 5 /* CONFIG_PCP_BATCH_SCALE_MAX */

/*
 * A single page was listed, and makes @count pages: true, and the slot's state is what
 * pcp_tuned_free() makes of it, if the count is below high, high is within its bounds,
 * and the zone is neither in reclaim nor below its high watermark. Else nothing has
 * changed, and the rules must be asked.
 */
static force_inline bool pcp_tuned_quiet_free(struct pcp_slot *slot, int count)
{
	const struct zone *zone = slot->zone;
	const int high = atomic_load_relaxed_s32(&slot->high);

	if (unlikely(
		    count >= high ||
		    high < atomic_load_relaxed_s32(&zone->high_min) ||
		    high > atomic_load_relaxed_s32(&zone->high_max) ||
		    zone_flags(zone) & (ZONE_RECLAIM_ACTIVE | ZONE_BELOW_HIGH)))
		return false;
	slot->alloc_factor >>= 1;
	slot->flags = 0;
	if (slot->free_count <
		MIN(atomic_load_relaxed_s32(&slot->batch) << PCP_SCALE_MAX,
			INT16_MAX))
		slot->free_count++;
	return true;
}

#endif
