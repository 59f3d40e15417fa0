/* SPDX-License-Identifier: MIT */
/*
 * What a zone does with migratetypes: pure functions of small numbers, a table of
 * types and yes-or-no rules, one set for each kernel (rules_6_1.c and so on).
 *
 * Types are those of enum pcpmm_migratetype; a "listed" type is one of the
 * first PCPMM_MIGRATE_PCPTYPES. Pages, unless blocks are named.
 */
#ifndef ZONE_RULES_H
#define ZONE_RULES_H

#include <pcpmm/axes.h>
#include <pcpmm/types.h>
#include <stdbool.h>

#define ZONE_FALLBACKS 2

/* A pageblock one of whose free blocks is taken for another type. */
struct zone_claim {
	unsigned int start_type; /* the type that is short of blocks */
	unsigned int old_type; /* the pageblock's */
	uint64_t free_pages; /* in the pageblock */
	uint64_t movable_pages; /* in use there, and movable */
};

struct zone_rules {
	/* --- fallback: a listed type has no block ------------------------- */

	/* Types from which it takes one, in order. */
	uint8_t fallbacks[PCPMM_MIGRATE_PCPTYPES][ZONE_FALLBACKS];
	/* The least order that a request of @order with NOFRAGMENT takes. */
	unsigned int (*nofragment_order)(unsigned int order);
	/* May the whole pageblock of such a block, of @order, be taken? */
	bool (*can_steal)(unsigned int order, unsigned int start_type);
	/* Do its free pages (and those alike) make the pageblock the taker's? */
	bool (*changes_type)(const struct zone_claim *claim);
	/*
	 * Modes: CMA, then claims of whole pageblocks, then single blocks, which
	 * keep their pageblock's type. Otherwise: the free pages of a pageblock
	 * change lists even if its type stays.
	 */
	bool has_modes;

	/* --- types of free blocks ----------------------------------------- */

	/*
	 * A free block is on the list of its pageblock's type: a freed block's type
	 * is read under the lock, block by block of pageblock size; blocks that
	 * merge get one type; a pageblock across the zone's edge stays as it is.
	 * Otherwise a block is freed as the type that it had when it came to its
	 * list or was asked for.
	 */
	bool lists_by_block;
	/* May free blocks in two pageblocks of these types become one? */
	bool (*may_merge)(unsigned int type, unsigned int buddy_type);
	/* A refill counts each of its blocks, not all at once. */
	bool counts_each;

	/* --- the high-atomic reserve -------------------------------------- */

	/* Reserved pages at which no further pageblock becomes HIGHATOMIC. */
	uint64_t (*highatomic_max)(uint64_t managed);
	/* May pageblocks of @type become HIGHATOMIC? */
	bool (*may_reserve)(unsigned int type);
	/*
	 * Checks leave out its free pages, not as many as are reserved. Only where
	 * lists are by block.
	 */
	bool hides_free_reserve;
	/*
	 * ALLOC_HARDER (to 6.2) with an order above 0 is what makes a request one for
	 * the reserve, a FIFO task's as well; not the gfp flags alone.
	 */
	bool reserves_for_harder;
	/* What may go below the marks takes its blocks rather than fail. */
	bool reserve_is_last_resort;
	/*
	 * A request for the reserve is one from its first look on, and the reserve
	 * grows only by blocks that the zone gave it at the min mark.
	 */
	bool reserves_at_min;

	/* --- events ------------------------------------------------------- */

	/* What mm_page_alloc_zone_locked prints as percpu_refill. */
	bool (*percpu_refill)(unsigned int order, unsigned int type);
};

extern const struct zone_rules zone_rules_5_10;
extern const struct zone_rules zone_rules_6_1;
extern const struct zone_rules zone_rules_6_12;
extern const struct zone_rules zone_rules_6_18;
extern const struct zone_rules zone_rules_7_3;

/* Rules by axis value (enum pcpmm_zone_rules); NULL: there is no such value. */
const struct zone_rules *zone_rules_of(unsigned int zone_rules);

#endif
