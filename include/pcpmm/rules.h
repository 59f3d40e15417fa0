/* SPDX-License-Identifier: MIT */
/*
 * The rules of the per-CPU lists, kernel by kernel: which list a block is on,
 * how much a refill asks for, when a free spills and how much. The allocator
 * uses the same functions, so a program that replays or predicts what a kernel
 * does to its lists need not repeat the rules.
 *
 * All are pure: no state, no machine, any thread, also in a signal handler.
 * @preset says which kernel; PCPMM_PRESET_LINUX_6_1 and the series posted on
 * top of it have the rules of Linux 6.1.192.
 *
 * Units: pages of 4 KiB, unless blocks are named. Ranges: order 0..10, type and
 * block type as in enum pcpmm_migratetype, batch 1..PCPMM_PCP_BATCH_MAX, high,
 * mark and count >= 0, free_factor 0..PCPMM_PCP_FACTOR_MAX. With an argument
 * out of range, or an unknown preset, a function that returns a list or a type
 * returns -1, and a function that returns a number returns -EINVAL.
 *
 * A free in 6.1, for example, with the block's list and order known:
 *
 *	count += 1 << order;
 *	all = pcpmm_pcp_free_high(preset, order, factor);
 *	mark = pcpmm_pcp_spill_at(preset, high, batch, reclaim_active, all);
 *	if (count >= mark)
 *		n = pcpmm_pcp_spill_size(
 *			preset, count, mark, batch, all, &factor);
 */
#ifndef PCPMM_RULES_H
#define PCPMM_RULES_H

#include <pcpmm/machine.h>
#include <stdbool.h>

PCPMM_BEGIN_DECLS

#define PCPMM_PCP_BATCH_MAX (1 << 24)
#define PCPMM_PCP_FACTOR_MAX 6

/* --- which list ------------------------------------------------------- */

/*
 * The list of blocks of @order and @type, 0..PCPMM_NR_PCP_LISTS - 1; -1: such
 * blocks have no list, they come from the buddy.
 *
 * 6.1: orders 0..3 of the types 0..2, and order 9, movable or not
 * (order_to_pindex(), pcp_allowed_order()).
 */
PCPMM_API int pcpmm_pcp_list_of(
	enum pcpmm_preset preset, unsigned int order, unsigned int type);

/* Order of the blocks on a list (pindex_to_order()); -1: no such list. */
PCPMM_API int pcpmm_pcp_list_order(enum pcpmm_preset preset, int list);

/*
 * Type of a list; for a list of several types (6.1: order 9, not movable) the
 * lowest of them. -1: no such list.
 */
PCPMM_API int pcpmm_pcp_list_type(enum pcpmm_preset preset, int list);

/*
 * The type whose list a free puts a block of a pageblock of @block_type on.
 * 6.1: MOVABLE for HIGHATOMIC and CMA; -1 for ISOLATE, which goes to no list
 * (free_unref_page()).
 */
PCPMM_API int pcpmm_pcp_listed_as(
	enum pcpmm_preset preset, unsigned int block_type);

/* --- allocation ------------------------------------------------------- */

/*
 * Blocks of @order that the refill of an empty list asks the zone for. 6.1:
 * batch >> order, at least 2; with a batch of 1 (list disabled), 1
 * (__rmqueue_pcplist()).
 */
PCPMM_API int pcpmm_pcp_refill_size(
	enum pcpmm_preset preset, int batch, unsigned int order);

/*
 * free_factor after an allocation from the lists. 6.1: halved, also if the
 * allocation finds no page (rmqueue_pcplist()); a bulk allocation leaves it
 * alone.
 */
PCPMM_API int pcpmm_pcp_factor_after_alloc(
	enum pcpmm_preset preset, int free_factor);

/* --- free ------------------------------------------------------------- */

/*
 * Does a free of a block of @order empty all lists of the CPU and zone? 6.1:
 * orders 1..3 while @free_factor, before this free, is not 0
 * (free_unref_page_commit()). false as well where anything is out of range.
 */
PCPMM_API bool pcpmm_pcp_free_high(
	enum pcpmm_preset preset, unsigned int order, int free_factor);

/*
 * The mark: a free spills if the count, with the freed pages, is at least the
 * mark. 6.1: @high; while kswapd balances the zone (@reclaim_active) at most
 * 4 * @batch; 0 if @free_high (nr_pcp_high()).
 */
PCPMM_API int pcpmm_pcp_spill_at(enum pcpmm_preset preset, int high, int batch,
	bool reclaim_active, bool free_high);

/*
 * Pages that a spill asks the bulk free for, from the @count on the lists and
 * the @mark that pcpmm_pcp_spill_at() gave. *@free_factor is replaced by the
 * next one. 6.1: all if @free_high; 1 if the mark is below a batch; else
 * batch << free_factor within batch and mark - batch, and the factor grows by
 * one, to 5, if that was below mark - batch (nr_pcp_free()).
 */
PCPMM_API int pcpmm_pcp_spill_size(enum pcpmm_preset preset, int count,
	int mark, int batch, bool free_high, int *free_factor);

/* --- bulk free -------------------------------------------------------- */

/*
 * The list that a bulk free begins with; @freed: the list that the page just
 * freed went onto, or -1 for a drain. 6.1: that list; for a drain list 0.
 * -1: no such list.
 */
PCPMM_API int pcpmm_pcp_bulk_first(enum pcpmm_preset preset, int freed);

/*
 * The list with which a bulk free goes on once @list is empty. Blocks leave a
 * list from its tail; the last block may exceed the number of pages asked for.
 * 6.1: the next list, and list 0 after the last (free_pcppages_bulk()). -1: no
 * such list.
 */
PCPMM_API int pcpmm_pcp_bulk_next(enum pcpmm_preset preset, int list);

/*
 * Most pages that a drain may free before it releases the list for the owner.
 * 6.1: batch << 5 (drain_pages_zone(), 6.1.192).
 */
PCPMM_API int pcpmm_pcp_drain_chunk(enum pcpmm_preset preset, int batch);

PCPMM_END_DECLS

#endif
