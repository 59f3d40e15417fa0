/* SPDX-License-Identifier: MIT */
/*
 * The rules of the per-CPU lists: pure functions of small numbers, one table
 * for each kernel. The lists and programs (pcpmm/rules.h) use the same tables.
 *
 * Units: pages, unless blocks are named. Callers stay within the ranges that
 * pcpmm/rules.h gives.
 *
 * The owner's hot path does not use the table: core.h inlines what it needs of
 * rules_6_1.h, and calls the table when a list is empty or the count is at its
 * mark.
 */
#ifndef PCPLIST_RULES_H
#define PCPLIST_RULES_H

#include <pcpmm/types.h>
#include <stdbool.h>

/* How many pages a spill frees, and the free_factor after it. */
struct pcp_spill {
	int pages;
	int free_factor;
};

struct pcp_rules {
	unsigned int nr_lists; /* at most PCPMM_NR_PCP_LISTS */
	/* The list of an order and a requested type; -1: there is none. */
	int (*list_of)(unsigned int order, unsigned int type);
	/* Order and type of a list < nr_lists. */
	unsigned int (*list_order)(unsigned int list);
	unsigned int (*list_type)(unsigned int list);
	/* The type as which pages of a block type are listed; -1: never. */
	int (*listed_as)(unsigned int block_type);

	/* Blocks that a refill asks the zone for. */
	int (*refill_size)(int batch, unsigned int order);
	/* free_factor after an allocation from the lists. */
	int (*factor_after_alloc)(int free_factor);

	/* true: a free of @order empties all lists. */
	bool (*free_high)(unsigned int order, int free_factor);
	/* The count at which a free spills. */
	int (*spill_at)(
		int high, int batch, bool reclaim_active, bool free_high);
	/* @mark: the result of spill_at(). */
	struct pcp_spill (*spill_size)(int count, int mark, int batch,
		int free_factor, bool free_high);

	/* The list that a bulk free begins with; @freed: list of the page just
	 * freed, -1: a drain. */
	unsigned int (*bulk_first)(int freed);
	/* The list that is next once @list is empty. */
	unsigned int (*bulk_next)(unsigned int list);
	/* Pages that a drain frees under one hold of a list's lock. */
	int (*drain_chunk)(int batch);
};

extern const struct pcp_rules pcp_rules_6_1;

/* Rules of a preset (enum pcpmm_preset); NULL: there is no such preset. */
const struct pcp_rules *pcp_rules_of(unsigned int preset);

#endif
