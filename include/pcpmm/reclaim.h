/* SPDX-License-Identifier: MIT */
/*
 * Reclaim: what an allocation does when no zone is above its min mark and its
 * flags allow it to wait (__GFP_DIRECT_RECLAIM), and where the pages come from.
 *
 * Three sources, all of them the program's: pages it has put on the LRU lists,
 * a cache of its own that it shrinks when asked, and an OOM callback. Without
 * any of them nothing is reclaimed and an allocation fails at the min mark.
 *
 *   alloc -> low mark missed: kswapd is woken (pcpmm/kswapd.h)
 *         -> min mark missed: throttled if far below it, then
 *            1. LRU lists of the zonelist's nodes, 1/4096 of them, then 1/2048,
 *               ... all; the program's cache; until 32 pages are freed
 *            2. progress: free lists; then drain_all_pages, free lists again
 *               (9ee493ce0a60; pcpmm_config.drain_retry)
 *            3. once more, while there is hope (should_reclaim_retry)
 *            4. OOM
 *
 * What is reclaimed goes to the lists of the CPU that reclaims it. docs/vmstat.md,
 * "Reclaim", has it in full.
 */
#ifndef PCPMM_RECLAIM_H
#define PCPMM_RECLAIM_H

#include <pcpmm/types.h>
#include <stdbool.h>

PCPMM_BEGIN_DECLS

#define PCPMM_RECLAIM_TARGET 32 /* pages: SWAP_CLUSTER_MAX */
/* Rounds without progress before the OOM callback (MAX_RECLAIM_RETRIES). */
#define PCPMM_RECLAIM_RETRIES 16

/* --- the LRU ------------------------------------------------------------ */

/* Lists of a zone, in the kernel's order. */
enum pcpmm_lru {
	PCPMM_LRU_INACTIVE_ANON,
	PCPMM_LRU_ACTIVE_ANON,
	PCPMM_LRU_INACTIVE_FILE,
	PCPMM_LRU_ACTIVE_FILE,
	PCPMM_NR_LRUS
};

/*
 * Let reclaim have @page, a held single page, from now on: the newest of its
 * zone's list @lru. Counted as nr_zone_inactive_file and so on, for zone and
 * node. Until pcpmm_lru_del() it can not be freed. 0, -EINVAL (no held single
 * page, no such list), -EPERM (@cpu is another thread's).
 */
PCPMM_API int pcpmm_lru_add(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, enum pcpmm_lru lru);

/*
 * Take @page back: held as before. 0; -EBUSY: reclaim is just looking at it,
 * try again; -EINVAL: it is on no list, perhaps reclaimed already. A program
 * whose threads delete while others reclaim has to settle with its page
 * function who gets a page: see pcpmm_reclaim_page_fn.
 */
PCPMM_API int pcpmm_lru_del(struct pcpmm_cpu *cpu, struct pcpmm_page *page);

/* Make it the newest of @lru (mark_page_accessed, rotation). As del. */
PCPMM_API int pcpmm_lru_move(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, enum pcpmm_lru lru);

/* What becomes of a page that reclaim looks at. */
enum pcpmm_verdict {
	PCPMM_PAGE_RECLAIM, /* freed, to the lists of the CPU that asks */
	PCPMM_PAGE_KEEP, /* newest of the inactive list */
	PCPMM_PAGE_ACTIVATE, /* newest of the active list */
};

/*
 * The program's word on @page, which reclaim has taken off @lru meanwhile. The
 * right moment to forget it: after RECLAIM it is somebody else's. Called as
 * @cpu, with interrupts on and without locks of the library; perhaps by
 * kswapd, which may have displaced a thread of the program from that CPU: it
 * must not wait for what such a thread holds (KEEP instead), and preemption is
 * off, so what waits (drains, hotplug) is refused. Allocations from within may
 * use the reserves (PF_MEMALLOC) and reclaim nothing.
 */
typedef enum pcpmm_verdict pcpmm_reclaim_page_fn(struct pcpmm_cpu *cpu,
	struct pcpmm_page *page, enum pcpmm_lru lru, void *arg);

/* Set it; NULL: every page is reclaimed (default). At rest only. */
PCPMM_API void pcpmm_reclaim_page_set(
	struct pcpmm_machine *machine, pcpmm_reclaim_page_fn *fn, void *arg);

/* Are anon lists scanned? false, the default: there is no swap. At rest only. */
PCPMM_API void pcpmm_swap_set(struct pcpmm_machine *machine, bool swap);

/* --- a cache of the program's own --------------------------------------- */

/*
 * Try to free @target pages on behalf of @cpu, by pcpmm_free_pages() and its
 * like: what a shrinker does. Pages freed; 0: no progress. Asked once a pass of
 * reclaim, for what the LRU did not give, under the rules of the page function.
 * Its word is taken: who says more than it freed is asked again, but no more
 * than PCPMM_RECLAIM_RETRIES times for one allocation.
 */
typedef unsigned long pcpmm_reclaim_fn(struct pcpmm_cpu *cpu,
	unsigned int order, unsigned long target, void *arg);

/* Set it; NULL: there is none (default). At rest only. */
PCPMM_API void pcpmm_reclaim_set(
	struct pcpmm_machine *machine, pcpmm_reclaim_fn *fn, void *arg);

/* --- out of memory ------------------------------------------------------- */

/*
 * Nothing can be reclaimed for @cpu's request. true: something was killed, and
 * has freed, or will free, what it had; the request tries again, at most
 * PCPMM_RECLAIM_RETRIES times. One caller at a time; others wait a tick and
 * try again. Not asked for orders above PCPMM_COSTLY_ORDER, __GFP_NORETRY,
 * __GFP_RETRY_MAYFAIL, __GFP_THISNODE or a DMA zone. Rules as above.
 */
typedef bool pcpmm_oom_fn(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order, void *arg);

/* Set it; NULL: the request fails (default). At rest only. */
PCPMM_API void pcpmm_oom_set(
	struct pcpmm_machine *machine, pcpmm_oom_fn *fn, void *arg);

/*
 * A fatal signal for the task on @cpu, until the CPU is entered anew: it is not
 * throttled, and its allocations do not reclaim but fail. Any thread.
 */
PCPMM_API void pcpmm_cpu_kill(struct pcpmm_cpu *cpu);

/* --- what it came to ----------------------------------------------------- */

/*
 * Sums since creation, one word each, racy to each other. Beside them vmstat
 * has allocstall_*, pgscan_*, pgsteal_*, pageoutrun, oom_kill and the rest.
 */
struct pcpmm_reclaim_stats {
	uint64_t direct; /* passes of direct reclaim */
	uint64_t direct_pages; /* freed by them */
	uint64_t retries; /* passes after a first one for the same request */
	uint64_t failed_with_progress; /* no page, though pages were freed */
	uint64_t drains; /* of all lists, as the freed were on no free list */
	uint64_t throttled; /* requests that waited for kswapd */
	uint64_t throttled_now; /* that are waiting */
	uint64_t oom; /* calls of the OOM callback */
	uint64_t snapshots; /* watermark checks that added up all CPUs' diffs */
};
PCPMM_API void pcpmm_reclaim_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_reclaim_stats *stats);

PCPMM_END_DECLS

#endif
