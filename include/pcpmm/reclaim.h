/* SPDX-License-Identifier: MIT */
/*
 * Reclaim: what an allocation does when no zone is above its min mark and its
 * flags allow it to wait (__GFP_DIRECT_RECLAIM), and where the pages come from.
 *
 * Pages come from three sources, which the program provides: pages that it has
 * put on the LRU lists, a cache of its own with a shrinker, and an OOM
 * callback. Without any of them reclaim does nothing, and an allocation fails
 * at the min mark.
 *
 *   alloc -> low mark missed: kswapd is woken (pcpmm/kswapd.h)
 *         -> min mark missed: throttled if far below it, then
 *            1. LRU lists of the zonelist's nodes, 1/4096 of them, then 1/2048,
 *               ... all; the program's cache; until 32 pages are freed
 *            2. progress: free lists; then drain_all_pages, free lists again
 *               (9ee493ce0a60; pcpmm_config.drain_retry)
 *            3. again from 1., as long as should_reclaim_retry allows
 *            4. OOM
 *
 * Reclaimed pages go to the lists of the CPU that reclaims them.
 * docs/vmstat.md, "Reclaim", has the details.
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
 * Put @page, a held single page, on its zone's list @lru as the newest: reclaim
 * may free it from now on. It is counted as nr_zone_inactive_file and so on,
 * for zone and node. Until pcpmm_lru_del() the program can not free it. With
 * pcpmm_config.lru_batch it first waits in the CPU's batch, uncounted and out of
 * reclaim's reach, until the batch is full, this CPU reclaims, or a drain below. 0,
 * -EINVAL (no held single page, no such list), -EPERM (the thread is not on
 * @cpu).
 */
PCPMM_API int pcpmm_lru_add(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, enum pcpmm_lru lru);

/*
 * Take @page off its list; it is held as before. 0; -EBUSY: reclaim has
 * isolated it, try again, or it waits in a batch; -EINVAL: it is on no list,
 * perhaps reclaimed already.
 * If a thread deletes pages while others reclaim, the program must decide
 * between that thread and its page function which of them gets a page: see
 * pcpmm_reclaim_page_fn.
 */
PCPMM_API int pcpmm_lru_del(struct pcpmm_cpu *cpu, struct pcpmm_page *page);

/* Make @page the newest of @lru (mark_page_accessed, rotation). As del. */
PCPMM_API int pcpmm_lru_move(
	struct pcpmm_cpu *cpu, struct pcpmm_page *page, enum pcpmm_lru lru);

/* lru_add_drain(): the own batch's pages go to their lists. Number, -EPERM. */
PCPMM_API int pcpmm_lru_add_drain(struct pcpmm_cpu *cpu);

/*
 * lru_add_drain_all(): all online CPUs' batches that have pages (@force: all),
 * as pcpmm_config.lru_drain says.
 *
 *   work         by a work item on each CPU, on mm_percpu_wq. It waits as a drain
 *                by the strategy workqueue does: behind other items, for ever
 *                behind a FIFO task, and one such CPU holds up all callers.
 *   pwlocks      by the caller, in order, each under its lock: no CPU is
 *                interrupted, and none is waited for longer than its owner
 *                takes to add a page.
 *   user_return  as work, but without nohz_full CPUs, @force or not: their pages
 *                go to the lists when their task returns to user mode.
 *
 * Callers that waited while a round began share it. 0, -EPERM, -EINVAL (interrupts
 * or preemption off); -EAGAIN or -ENOMEM: no thread or memory for workers.
 */
PCPMM_API int pcpmm_lru_add_drain_all(struct pcpmm_cpu *on, bool force);

/* Sums since creation, as those below. */
struct pcpmm_lru_drain_stats {
	uint64_t rounds; /* of pcpmm_lru_add_drain_all() */
	uint64_t shared; /* calls that found a round done for them */
	uint64_t works; /* items queued */
	uint64_t remote; /* batches that the caller emptied, by pwlocks */
	uint64_t skipped; /* nohz_full CPUs left out, by user_return */
	uint64_t user_returns; /* returns to user mode that emptied a batch */
};
PCPMM_API void pcpmm_lru_drain_stats_read(const struct pcpmm_machine *machine,
	struct pcpmm_lru_drain_stats *stats);

/* What reclaim does with a page that it has isolated. */
enum pcpmm_verdict {
	PCPMM_PAGE_RECLAIM, /* free it, to the lists of the CPU that reclaims */
	PCPMM_PAGE_KEEP, /* make it the newest of the inactive list */
	PCPMM_PAGE_ACTIVATE, /* make it the newest of the active list */
};

/*
 * The program's verdict on @page, which reclaim has isolated from @lru. Before
 * the function returns RECLAIM it must drop all references to the page: the
 * page is free afterwards and may have another owner.
 *
 * The function is called as @cpu, with interrupts on and no lock of the library
 * held. The caller may be kswapd, which may have displaced a thread of the
 * program from @cpu: the function must not wait for a lock that such a thread
 * holds, but return KEEP. Preemption is off, so calls that wait (drains,
 * hotplug) are refused. Allocations in the function may use the reserves
 * (PF_MEMALLOC) and do not reclaim.
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
 * A shrinker: try to free @target pages as @cpu, by pcpmm_free_pages() and
 * similar calls. Number of pages freed; 0: no progress. Each pass of reclaim
 * calls it once, for the pages that the LRU lists did not give, under the rules
 * of the page function. The number is not checked: a shrinker that returns more
 * than it freed is called again, at most PCPMM_RECLAIM_RETRIES times for one
 * allocation.
 */
typedef unsigned long pcpmm_reclaim_fn(struct pcpmm_cpu *cpu,
	unsigned int order, unsigned long target, void *arg);

/* Set it; NULL: there is none (default). At rest only. */
PCPMM_API void pcpmm_reclaim_set(
	struct pcpmm_machine *machine, pcpmm_reclaim_fn *fn, void *arg);

/* --- out of memory ------------------------------------------------------- */

/*
 * Reclaim finds no more pages for @cpu's request. true: a victim was killed and
 * has freed, or will free, its pages; the request tries again, at most
 * PCPMM_RECLAIM_RETRIES times. One call at a time; other requests wait a tick
 * and try again. Not called for orders above PCPMM_COSTLY_ORDER, __GFP_NORETRY,
 * __GFP_RETRY_MAYFAIL, __GFP_THISNODE or a DMA zone. The rules of the page
 * function hold.
 */
typedef bool pcpmm_oom_fn(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order, void *arg);

/* Set it; NULL: the request fails (default). At rest only. */
PCPMM_API void pcpmm_oom_set(
	struct pcpmm_machine *machine, pcpmm_oom_fn *fn, void *arg);

/*
 * A fatal signal for the task on @cpu, until a thread enters the CPU anew: the
 * task is not throttled, and stops waiting if it is; it reclaims as before. When
 * its request would call the OOM callback, the task becomes an OOM victim
 * instead. Any thread.
 */
PCPMM_API void pcpmm_cpu_kill(struct pcpmm_cpu *cpu);

/*
 * The OOM killer has chosen the task on @cpu (mark_oom_victim, and a fatal signal
 * as above), until a thread enters the CPU anew: the task's requests without
 * __GFP_NOMEMALLOC may use half of what the min mark keeps (ALLOC_OOM) and the
 * high-atomic reserve, and fail where others would call the OOM callback a
 * second time. For an OOM callback, which may choose its own @cpu; any thread.
 */
PCPMM_API void pcpmm_cpu_oom_kill(struct pcpmm_cpu *cpu);

/* --- statistics ---------------------------------------------------------- */

/*
 * Sums since creation. Each field is read as one atomic 64-bit load; two fields
 * may be of different moments. vmstat has allocstall_*, pgscan_*, pgsteal_*,
 * pageoutrun, oom_kill and the other events of reclaim.
 */
struct pcpmm_reclaim_stats {
	uint64_t direct; /* passes of direct reclaim */
	uint64_t direct_pages; /* freed by them */
	uint64_t retries; /* passes after a first one for the same request */
	uint64_t failed_with_progress; /* no page, though pages were freed */
	uint64_t drains; /* of all lists: pages were freed, to no free list */
	uint64_t throttled; /* requests that waited for kswapd */
	uint64_t throttled_now; /* requests that wait now */
	uint64_t oom; /* calls of the OOM callback */
	/* Watermark checks, and zones in failure reports of 2.6.36, for which
	 * all CPUs' diffs were added up. */
	uint64_t snapshots;
};
PCPMM_API void pcpmm_reclaim_stats_read(
	const struct pcpmm_machine *machine, struct pcpmm_reclaim_stats *stats);

PCPMM_END_DECLS

#endif
