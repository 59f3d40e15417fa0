/* SPDX-License-Identifier: MIT */
/*
 * What a zone does with migratetypes: pure functions of small numbers and a
 * table of types, one set for each kernel.
 *
 * Types are those of enum pcpmm_migratetype; a "listed" type is one of the
 * first PCPMM_MIGRATE_PCPTYPES. Pages, unless blocks are named.
 */
#ifndef ZONE_RULES_H
#define ZONE_RULES_H

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
	/* Types from which a listed type without blocks takes one, in order. */
	uint8_t fallbacks[PCPMM_MIGRATE_PCPTYPES][ZONE_FALLBACKS];
	/* May the whole pageblock of such a block, of @order, be taken? */
	bool (*can_steal)(unsigned int order, unsigned int start_type);
	/* Its free pages were taken: does the pageblock change its type? */
	bool (*changes_type)(const struct zone_claim *claim);
	/* Reserved pages at which no further pageblock becomes HIGHATOMIC. */
	uint64_t (*highatomic_max)(uint64_t managed);
	/* May pageblocks of @type mix with others and become HIGHATOMIC? */
	bool (*mergeable)(unsigned int type);
	/* May free blocks in two pageblocks of these types become one? */
	bool (*may_merge)(unsigned int type, unsigned int buddy_type);
	/* What mm_page_alloc_zone_locked prints as percpu_refill. */
	bool (*percpu_refill)(unsigned int order, unsigned int type);
};

extern const struct zone_rules zone_rules_6_1;

/* Rules of a preset (enum pcpmm_preset); NULL: there is no such preset. */
const struct zone_rules *zone_rules_of(unsigned int preset);

#endif
