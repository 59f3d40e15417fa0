/* SPDX-License-Identifier: MIT */
/*
 * Counters of the drain strategy pcp_buddy: what its refills do, and where its
 * frees go. Johannes Weiner's RFC of 3 April 2026 (message 20260403194526.477775-1);
 * docs/strategies.md says what of it is known and what the library has decided.
 *
 * Blocks are pageblocks, pages are pages of 4 KiB.
 */
#ifndef PCPMM_PCP_BUDDY_H
#define PCPMM_PCP_BUDDY_H

#include <pcpmm/types.h>

PCPMM_BEGIN_DECLS

/* Sums over all CPUs and zones since creation. */
struct pcpmm_pcp_buddy_stats {
	/* Refills, by phase; one refill may use several. */
	uint64_t recovers; /* phase 0: owned blocks visited */
	uint64_t recovered_pages; /* taken back out of the zone's lists */
	uint64_t claims; /* phase 1: whole free blocks that got an owner */
	uint64_t chunks; /* phase 2: pieces larger than asked */
	uint64_t chunk_pages;
	uint64_t fallback_pages; /* phase 3: pieces of the order asked */

	/* Frees, by where the pages went; single blocks of any order. */
	uint64_t frees_own; /* to the freeing CPU's list: it is the owner */
	uint64_t frees_routed; /* to the list of an owner that is another CPU */
	uint64_t frees_unowned; /* to the freeing CPU's list: no owner */
	uint64_t frees_busy; /* to the zone: the list's lock was taken */
	uint64_t frees_busy_routed; /* of these: another CPU's list */
	uint64_t frees_zone; /* to the zone: HIGHATOMIC and CMA blocks */

	uint64_t merges; /* pairs of pieces that became one on a list */
	uint64_t
		returned_pages; /* given back to the zone by spills and drains */
	uint64_t releases; /* blocks that lost their owner */
};

/*
 * Each field exact at rest, racy (never torn) otherwise; all 0 with another drain
 * strategy. Any thread.
 */
PCPMM_API void pcpmm_pcp_buddy_stats_read(const struct pcpmm_machine *machine,
	struct pcpmm_pcp_buddy_stats *stats);

/*
 * The CPU that owns the pageblock of frame @pfn: its number; -1: nobody. -EINVAL:
 * no such frame, or the machine's drain is not pcp_buddy. Racy: a claim, a release
 * and a CPU that goes offline change it. Any thread.
 */
PCPMM_API int pcpmm_pcp_buddy_owner(
	const struct pcpmm_machine *machine, uint64_t pfn);

PCPMM_END_DECLS

#endif
