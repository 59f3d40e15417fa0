/* SPDX-License-Identifier: MIT */
/* Lists of orders 0 to 3 and 9, and bulk frees list by list. */
#include "pcplist/rules_common.h"

#include "pcplist/rules_6_1.h"

int pcp_listed_as(unsigned int block_type)
{
	if (block_type >= PCPMM_MIGRATE_ISOLATE)
		return -1;
	return (int)pcp_listed_as_6_1(block_type);
}

/* order_to_pindex(), pcp_allowed_order(). */
int pcp_list_to_order_3(unsigned int order, unsigned int type)
{
	if (type >= PCPMM_MIGRATE_PCPTYPES || !pcp_has_list_6_1(order))
		return -1;
	return (int)pcp_index_6_1(order, type);
}

/* pindex_to_order(). */
unsigned int pcp_list_order_to_3(unsigned int list)
{
	return list < PCP_LOW_LISTS_6_1 ? list / PCPMM_MIGRATE_PCPTYPES
					: PCPMM_PAGEBLOCK_ORDER;
}

/* One list of order 9 is for unmovable and reclaimable: the first of these. */
unsigned int pcp_list_type_to_3(unsigned int list)
{
	if (list < PCP_LOW_LISTS_6_1)
		return list % PCPMM_MIGRATE_PCPTYPES;
	return list == PCP_LOW_LISTS_6_1 ? PCPMM_MIGRATE_UNMOVABLE
					 : PCPMM_MIGRATE_MOVABLE;
}

void pcp_turn_begin_at(struct pcpmm_pcp_turn *turn, int freed)
{
	turn->list = freed < 0 ? 0 : (uint32_t)freed;
	turn->blocks = INT32_MAX;
}

void pcp_turn_next_list(
	struct pcpmm_pcp_turn *turn, uint32_t nonempty, int pages)
{
	(void)pages;
	while (!(nonempty >> turn->list & 1))
		turn->list = (turn->list + 1) % PCPMM_NR_PCP_LISTS;
	turn->blocks = INT32_MAX;
}

int pcp_drain_chunk(int batch)
{
	return batch << PCP_SCALE_MAX;
}
