/* SPDX-License-Identifier: MIT */
/*
 * Lists of Linux 6.1 (6.1.192): the part that the owner's hot path inlines.
 * Pure functions; any folder may include this file.
 *
 *   lists 0..11    order 0..3, type unmovable, movable, reclaimable
 *   lists 12, 13   order 9, not movable and movable (6.1.0 had one for both)
 */
#ifndef PCPLIST_RULES_6_1_H
#define PCPLIST_RULES_6_1_H

#include <pcpmm/types.h>
#include <stdbool.h>

#include "arch/compiler.h"

#define PCP_LISTS_6_1 14
#define PCP_LOW_LISTS_6_1 12

/* pcp_allowed_order(), with THP configured. */
static force_inline bool pcp_has_list_6_1(unsigned int order)
{
	return order <= PCPMM_COSTLY_ORDER || order == PCPMM_PAGEBLOCK_ORDER;
}

/* order_to_pindex(), of an order that has lists. */
static force_inline unsigned int pcp_index_6_1(
	unsigned int order, unsigned int type)
{
	if (likely(order <= PCPMM_COSTLY_ORDER))
		return PCPMM_MIGRATE_PCPTYPES * order + type;
	return PCP_LOW_LISTS_6_1 + (type == PCPMM_MIGRATE_MOVABLE);
}

/*
 * free_unref_page(): the type as which a page of a block type is listed.
 * ISOLATE goes to the buddy and never comes here.
 */
static force_inline unsigned int pcp_listed_as_6_1(unsigned int block_type)
{
	return block_type < PCPMM_MIGRATE_PCPTYPES ? block_type
						   : PCPMM_MIGRATE_MOVABLE;
}

/* free_unref_page_commit(): a free that empties the lists if free_factor. */
static force_inline bool pcp_may_free_high_6_1(unsigned int order)
{
	return order && order <= PCPMM_COSTLY_ORDER;
}

#endif
