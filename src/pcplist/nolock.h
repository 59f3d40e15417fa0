/* SPDX-License-Identifier: MIT */
/*
 * The lists of a CPU for callers that may not wait (ALLOC_NOLOCK, FPI_NOLOCK,
 * Linux 6.15): each lock is tried once, and the rules of spills do not apply.
 *
 *   alloc  a list that is empty is filled by one try of the zone lock
 *   free   the count may pass high; the next ordinary free spills
 */
#ifndef PCPLIST_NOLOCK_H
#define PCPLIST_NOLOCK_H

#include "pcplist/pcp.h"

struct pcp_set;

/*
 * As @slot's CPU, with ALLOC_NOLOCK in @alloc_flags. pfn; 0: no such list, it is
 * busy, or it stayed empty.
 */
uint32_t pcp_nolock_alloc(const struct pcp_set *set, struct pcp_slot *slot,
	unsigned int order, unsigned int type, unsigned int alloc_flags);

/* The same. @type: of the pageblock. false: no such list, or it is busy. */
bool pcp_nolock_free(const struct pcp_set *set, struct pcp_slot *slot,
	uint32_t pfn, unsigned int order, unsigned int type);

#endif
