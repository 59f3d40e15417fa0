/* SPDX-License-Identifier: MIT */
/*
 * The rules of the per-CPU lists, kernel by kernel: which list a block is on,
 * how much a refill asks for, when a free spills and how much. The allocator
 * uses the same functions, so a program that replays or predicts what a kernel
 * does to its lists need not repeat the rules.
 *
 * All are pure but for the state that they are given: no machine, any thread,
 * also in a signal handler. @rules is a value of axis list_rules; the kernels
 * behind the values are 5.10.223, 6.1.192, 6.12.117, 6.18.15 and 7.3.4.
 *
 * Units: pages of 4 KiB, unless blocks are named. Ranges: order 0..10, type and
 * block type as in enum pcpmm_migratetype, count >= 0, and for a state what
 * struct pcpmm_pcp_state says. With an argument out of range, or unknown rules, a
 * function that returns a list or a type returns -1, and a function that returns
 * a number returns -EINVAL and leaves the state alone.
 *
 * A free, for example, with the block's order known:
 *
 *	count += 1 << order;
 *	n = pcpmm_pcp_free(rules, &state, count, order, zone_flags);
 *	if (n > 0)
 *		... a bulk free of n pages follows
 *
 * and an allocation:
 *
 *	pcpmm_pcp_alloc(rules, &state);
 *	if (the list is empty)
 *		nr = pcpmm_pcp_refill(rules, &state, count, order, zone_flags);
 */
#ifndef PCPMM_RULES_H
#define PCPMM_RULES_H

#include <pcpmm/machine.h>
#include <stdbool.h>

PCPMM_BEGIN_DECLS

#define PCPMM_PCP_BATCH_MAX (1 << 24)
#define PCPMM_PCP_FACTOR_MAX 6

/* Zone flags that the rules look at; the kernel's bits from 6.7 on. */
#define PCPMM_ZONE_RECLAIM_ACTIVE 0x2u /* 6.0: kswapd is balancing the zone */
#define PCPMM_ZONE_BELOW_HIGH 0x4u /* 6.7: free pages were below high */

/* pcp->flags of 6.7 and later. */
#define PCPMM_PCP_PREV_FREE_HIGH_ORDER 0x1u /* the last free had order 1..3 */
#define PCPMM_PCP_FREE_HIGH_BATCH 0x2u /* the CPU's data cache is large */

/* What a kernel remembers of a CPU's lists of a zone, beside the lists. */
struct pcpmm_pcp_state {
	int32_t batch; /* 1..PCPMM_PCP_BATCH_MAX */
	int32_t high; /* >= 0; from 6.7 it floats between the next two */
	int32_t high_min, high_max; /* from 6.7: 0 <= high_min <= high_max */
	int32_t free_factor; /* 6.0 to 6.6: 0..PCPMM_PCP_FACTOR_MAX */
	int32_t free_count; /* from 6.7: pages of late frees; >= 0 */
	int32_t alloc_factor; /* from 6.7: 0..PCPMM_PCP_FACTOR_MAX */
	uint32_t flags; /* from 6.7: PCPMM_PCP_ */
};

/* --- which list ------------------------------------------------------- */

/*
 * The list of blocks of @order and @type, 0..PCPMM_NR_PCP_LISTS - 1; -1: such
 * blocks have no list, they come from the buddy.
 *
 * 5.10: order 0 of the types 0..2. From 6.1: orders 0..3 of these types, and
 * order 9, movable or not (order_to_pindex(), pcp_allowed_order()).
 */
PCPMM_API int pcpmm_pcp_list_of(
	enum pcpmm_list_rules rules, unsigned int order, unsigned int type);

/* Order of the blocks on a list (pindex_to_order()); -1: no such list. */
PCPMM_API int pcpmm_pcp_list_order(enum pcpmm_list_rules rules, int list);

/*
 * Type of a list; for a list of several types (from 6.1: order 9, not movable)
 * the lowest of them. -1: no such list.
 */
PCPMM_API int pcpmm_pcp_list_type(enum pcpmm_list_rules rules, int list);

/*
 * The type whose list a free puts a block of a pageblock of @block_type on:
 * MOVABLE for HIGHATOMIC and CMA; -1 for ISOLATE, which goes to no list
 * (free_unref_page()).
 */
PCPMM_API int pcpmm_pcp_listed_as(
	enum pcpmm_list_rules rules, unsigned int block_type);

/* --- allocation ------------------------------------------------------- */

/*
 * One allocation from the lists, before a refill: free_factor or free_count is
 * halved, also if the allocation finds no page (rmqueue_pcplist()). A bulk
 * allocation does not do this. 0, -EINVAL.
 */
PCPMM_API int pcpmm_pcp_alloc(
	enum pcpmm_list_rules rules, struct pcpmm_pcp_state *state);

/*
 * Blocks of @order that the refill of an empty list asks the zone for; @count:
 * pages on all lists. 5.10: batch. 6.1: batch >> order, at least 2; 1 with a
 * batch of 1 (__rmqueue_pcplist()). From 6.7 the rest of nr_pcp_alloc(): high and
 * alloc_factor grow, unless the zone is below its high watermark.
 */
PCPMM_API int pcpmm_pcp_refill(enum pcpmm_list_rules rules,
	struct pcpmm_pcp_state *state, int count, unsigned int order,
	unsigned int zone_flags);

/* --- free ------------------------------------------------------------- */

/*
 * A block of @order was put on its list; @count pages are on all lists, with the
 * block. The pages that a bulk free has to give back now; 0: none.
 *
 * 5.10: a batch at high. 6.1: free_unref_page_commit(), nr_pcp_high(),
 * nr_pcp_free(): all at an order 1..3 while free_factor; else batch << free_factor
 * within batch and the mark less a batch. From 6.7: the same functions with
 * free_count, a high that floats, and a limit of batch << 5 for orders 1..3.
 */
PCPMM_API int pcpmm_pcp_free(enum pcpmm_list_rules rules,
	struct pcpmm_pcp_state *state, int count, unsigned int order,
	unsigned int zone_flags);

/*
 * Does a free of a block of @order, after which @count pages are listed, spill
 * whatever high is? Only looks. false as well where anything is out of range.
 */
PCPMM_API bool pcpmm_pcp_free_high(enum pcpmm_list_rules rules,
	const struct pcpmm_pcp_state *state, int count, unsigned int order);

/*
 * The mark: a free spills if the count, with the freed pages, is at least the
 * mark (nr_pcp_high()). Only looks.
 */
PCPMM_API int pcpmm_pcp_spill_at(enum pcpmm_list_rules rules,
	const struct pcpmm_pcp_state *state, int count, unsigned int zone_flags,
	bool free_high);

/* --- decay ------------------------------------------------------------ */

/*
 * decay_pcp_high(), from 6.7, which a CPU's fold calls: high comes down by an
 * eighth. The pages above it, which then go back to the zone, a batch at a time;
 * 0 in kernels before.
 */
PCPMM_API int pcpmm_pcp_decay(
	enum pcpmm_list_rules rules, struct pcpmm_pcp_state *state, int count);

/* --- bulk free -------------------------------------------------------- */

/*
 * Position in a bulk free (free_pcppages_bulk()). Blocks leave a list from its
 * tail; the last block may exceed the number of pages asked for.
 */
struct pcpmm_pcp_turn {
	uint32_t list; /* blocks leave this one ... */
	int32_t blocks; /* ... at most so many, until it is empty */
};

/*
 * Begin one; @freed: the list that the page just freed went onto, or -1 for a
 * drain. With turn->blocks 0, pcpmm_pcp_turn_next() comes before the first block.
 * 0, -EINVAL.
 */
PCPMM_API int pcpmm_pcp_turn_begin(
	enum pcpmm_list_rules rules, int freed, struct pcpmm_pcp_turn *turn);

/*
 * The next turn, where turn->blocks is 0 or the list empty, with @pages > 0 pages
 * still to go; @nonempty: a bit for each list that has blocks, not 0. The caller has
 * taken off turn->blocks what left the list.
 *
 * 5.10: round robin, one block a list and one more for each empty list that is
 * passed. Later: the same list until it is empty, then the next, and list 0 after
 * the last. 0, -EINVAL.
 */
PCPMM_API int pcpmm_pcp_turn_next(enum pcpmm_list_rules rules,
	struct pcpmm_pcp_turn *turn, uint32_t nonempty, int pages);

/*
 * Most pages that a drain may free before it releases the list for the owner.
 * 5.10: no limit, INT32_MAX. Later: batch << 5 (drain_pages_zone()).
 */
PCPMM_API int pcpmm_pcp_drain_chunk(enum pcpmm_list_rules rules, int batch);

PCPMM_END_DECLS

#endif
