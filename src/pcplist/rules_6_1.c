/* SPDX-License-Identifier: MIT */
/*
 * The lists' rules of Linux 6.1, as of 6.1.192: low orders listed, a spill that
 * grows with free_factor, a bulk free list by list.
 *
 * Origin: behaviour as documented and as recorded in traces (tests/data); each
 * function names the kernel function that it describes.
 */
#include "pcplist/rules.h"
#include "pcplist/rules_6_1.h"

#include "arch/bits.h"

/* order_to_pindex(), pcp_allowed_order(), Linux 6.1. */
static int list_of(unsigned int order, unsigned int type)
{
	if (type >= PCPMM_MIGRATE_PCPTYPES || !pcp_has_list_6_1(order))
		return -1;
	return (int)pcp_index_6_1(order, type);
}

/* pindex_to_order(), Linux 6.1. */
static unsigned int list_order(unsigned int list)
{
	return list < PCP_LOW_LISTS_6_1 ? list / PCPMM_MIGRATE_PCPTYPES
					: PCPMM_PAGEBLOCK_ORDER;
}

/* One list of order 9 is for unmovable and reclaimable: the first of these. */
static unsigned int list_type(unsigned int list)
{
	if (list < PCP_LOW_LISTS_6_1)
		return list % PCPMM_MIGRATE_PCPTYPES;
	return list == PCP_LOW_LISTS_6_1 ? PCPMM_MIGRATE_UNMOVABLE
					 : PCPMM_MIGRATE_MOVABLE;
}

/* free_unref_page(), Linux 6.1. */
static int listed_as(unsigned int block_type)
{
	if (block_type >= PCPMM_MIGRATE_ISOLATE)
		return -1;
	return (int)pcp_listed_as_6_1(block_type);
}

/* __rmqueue_pcplist(), Linux 6.1. */
static int refill_size(int batch, unsigned int order)
{
	return batch > 1 ? MAX(batch >> order, 2) : batch;
}

/* rmqueue_pcplist(), Linux 6.1: also if the list was empty. */
static int factor_after_alloc(int free_factor)
{
	return free_factor >> 1;
}

/* free_unref_page_commit(), Linux 6.1. */
static bool free_high(unsigned int order, int free_factor)
{
	return pcp_may_free_high_6_1(order) && free_factor;
}

/* nr_pcp_high(), Linux 6.1. */
static int spill_at(int high, int batch, bool reclaim_active, bool free_high)
{
	if (free_high)
		return 0;
	return reclaim_active ? (int)MIN(batch * 4LL, high) : high;
}

/* nr_pcp_free(), Linux 6.1.192; 6.1.0 had no cap on free_factor. */
static struct pcp_spill spill_size(
	int count, int mark, int batch, int free_factor, bool free_high)
{
	int64_t nr = (int64_t)batch << free_factor;
	int most = mark - batch;

	if (free_high)
		return (struct pcp_spill){count, free_factor};
	/* A disabled list (or the boot pageset) keeps nothing. */
	if (mark < batch)
		return (struct pcp_spill){1, free_factor};
	if (nr < most && free_factor < PCP_SCALE_MAX_6_1)
		free_factor++;
	return (struct pcp_spill){(int)MAX(MIN(nr, most), batch), free_factor};
}

/* free_pcppages_bulk(), Linux 6.1: drains begin with list 0. */
static unsigned int bulk_first(int freed)
{
	return freed < 0 ? 0 : (unsigned int)freed;
}

/* free_pcppages_bulk(), Linux 6.1. */
static unsigned int bulk_next(unsigned int list)
{
	return (list + 1) % PCP_LISTS_6_1;
}

/* drain_pages_zone(), Linux 6.1.192; 6.1.0 freed all in one hold. */
static int drain_chunk(int batch)
{
	return batch << PCP_SCALE_MAX_6_1;
}

const struct pcp_rules pcp_rules_6_1 = {
	.nr_lists = PCP_LISTS_6_1,
	.list_of = list_of,
	.list_order = list_order,
	.list_type = list_type,
	.listed_as = listed_as,
	.refill_size = refill_size,
	.factor_after_alloc = factor_after_alloc,
	.free_high = free_high,
	.spill_at = spill_at,
	.spill_size = spill_size,
	.bulk_first = bulk_first,
	.bulk_next = bulk_next,
	.drain_chunk = drain_chunk,
};

_Static_assert(PCP_LISTS_6_1 <= PCPMM_NR_PCP_LISTS, "all lists fit");
