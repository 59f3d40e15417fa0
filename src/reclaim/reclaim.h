/* SPDX-License-Identifier: MIT */
/*
 * Reclaim: pages for an allocation that finds no zone above its mark.
 *
 *   lru.c      the pages that reclaim may take
 *   lru_batch.c  pages that a CPU gathers on the way there
 *   shrink.c   scans a node's lists by quota, and calls the program
 *   kswapd.c   a node's background reclaim: when, how much, its side effects
 *   direct.c   an allocation's own reclaim, its throttle, and when to give up
 *
 * Callers are alloc/slowpath.c and service/kswapd_thread.c. This folder calls
 * back up through two functions: one frees pages as an allocation's CPU would,
 * the other counts an event.
 *
 * Shared fields of a node. All are relaxed words, written as listed, and read
 * racily: a stale value wakes kswapd once too often or a moment late.
 *   kswapd_order, kswapd_highest  raised by allocations; taken by kswapd
 *   kswapd_awake                  kswapd
 *   failures                      kswapd; reset by any task that reclaims pages
 */
#ifndef RECLAIM_RECLAIM_H
#define RECLAIM_RECLAIM_H

#include <pcpmm/axes.h>
#include <pcpmm/kswapd.h>

#include "cpu/pwlock.h"
#include "cpu/ring.h"
#include "reclaim/lru.h"
#include "zone/instance.h"
#include "zone/request.h"

#define DEF_PRIORITY 12
#define KSWAPD_FAILURES_MAX 16
/* The throttle looks at the zones that kernel memory comes from. */
#define THROTTLE_ZONE_MAX PCPMM_ZONE_NORMAL

struct reclaim_node {
	/* Managed, the lowest type first; instances of a type by number. */
	struct zone *zones[NODE_INSTANCES_MAX];
	unsigned int nr_zones;
	unsigned int nid;

	uint32_t kswapd_order;
	uint32_t kswapd_highest; /* PCPMM_NR_ZONES: no request */
	uint32_t kswapd_awake;
	uint32_t failures;
	uint32_t answered; /* wakeups that kswapd has seen; read racily */
	unsigned int last_highest; /* zone of the last request; kswapd's */
	unsigned int
		sleep_order; /* to be balanced before it sleeps; kswapd's */
	uint32_t wakeups; /* number of wakeups; a futex */
	uint32_t pfmemalloc; /* changes when throttled tasks look; a futex */
	uint64_t asked; /* wakeups by kswapd_wakeup(); relaxed */
	uint64_t rounds, sleeps, reclaimed; /* kswapd; relaxed */
	uint64_t low_hit_quickly, high_hit_quickly;
};

struct reclaim {
	struct reclaim_node *nodes;
	unsigned int nr_nodes;
	struct lru *lrus; /* [zone id] */
	struct lru_batch *batches; /* [cpu]; NULL: none */
	unsigned int batch_size; /* pages; 0: none */
	struct pwlock batch_lock; /* of the batches */
	const struct smp *smp; /* the machine's CPUs */
	enum pcpmm_reader reader;

	/* The program's; set at rest. */
	pcpmm_reclaim_page_fn *page_fn; /* NULL: reclaim every page */
	void *page_arg;
	pcpmm_reclaim_fn *shrink_fn; /* NULL: it has no cache */
	void *shrink_arg;
	pcpmm_oom_fn *oom_fn; /* NULL: no OOM killer */
	void *oom_arg;
	bool swap;
	uint32_t lru_used; /* some page has been on a list; relaxed */
	uint8_t kswapd, throttle; /* started; started with threads; relaxed */

	/* Calls to the folders above. */
	void (*free_pages)(
		struct cpu *cpu, struct pcpmm_page **pages, unsigned int nr);
	void (*count)(struct cpu *cpu, int event, uint64_t n);
	void (*count_of_node)(
		struct cpu *cpu, unsigned int nid, int event, uint64_t n);

	struct pcpmm_reclaim_stats stats; /* relaxed adds */
};

/* 0 or -ENOMEM. @zones by id; the rest of @reclaim is filled in already. */
int reclaim_init(struct reclaim *reclaim, struct zone **zones,
	unsigned int nr_zones, struct vmstat *const *node_stats);
void reclaim_fini(struct reclaim *reclaim);
/* A node without request or failures. Only while no thread can wake kswapd. */
void reclaim_node_reset(struct reclaim_node *node);

/* kswapd has given the node up (kswapd_failures). */
static inline bool reclaim_is_hopeless(const struct reclaim_node *node)
{
	return atomic_load_relaxed_u32(&node->failures) >= KSWAPD_FAILURES_MAX;
}

/* The program has provided a source of pages. */
static inline bool reclaim_has_source(const struct reclaim *reclaim)
{
	return reclaim->shrink_fn || reclaim->oom_fn ||
	       atomic_load_relaxed_u32(&reclaim->lru_used);
}

/*
 * Pages that reclaim could find in @zone (zone_reclaimable_pages()): its file
 * lists, and with swap its anon lists. If those are empty, the free pages
 * instead (6.1.192), so that a zone with nothing to reclaim still counts.
 */
uint64_t reclaim_reclaimable(
	const struct reclaim *reclaim, const struct zone *zone);

/* --- shrink.c ----------------------------------------------------------- */

struct scan_control {
	struct cpu *cpu;
	unsigned int order;
	unsigned int highest_zoneidx;
	uint64_t target; /* pages of one call: stop when reached */
	int priority; /* 12 .. 0: a list's size >> this is scanned */
	bool kswapd;
	uint64_t scanned, reclaimed; /* so far */
	uint64_t from_lists; /* of reclaimed */
};

/* Scan the lists of @node's zones up to sc->highest_zoneidx. */
void reclaim_shrink_node(struct reclaim *reclaim, struct reclaim_node *node,
	struct scan_control *sc);
/*
 * Ask the program's cache for the part of the target that was not reclaimed
 * since sc->reclaimed was @before.
 */
void reclaim_shrink_cache(
	struct reclaim *reclaim, struct scan_control *sc, uint64_t before);

/* --- wakeup.c ----------------------------------------------------------- */

/* wakeup_kswapd: a request for @order pages of @zone or below. */
void kswapd_wakeup(struct reclaim *reclaim, struct cpu *cpu,
	const struct zone *zone, uint32_t gfp, unsigned int order,
	unsigned int highest_zoneidx);
/* Wake kswapd without a request: it looks at the node. */
void kswapd_wake(struct reclaim_node *node);
/* Wake kswapd, balanced or not, for the zones that throttled tasks wait for. */
void kswapd_wake_for_throttled(
	struct reclaim *reclaim, struct reclaim_node *node);
/* A wakeup has come since kswapd last prepared to sleep. */
bool kswapd_was_woken(const struct reclaim_node *node);
/*
 * Some zone is above its high mark (pgdat_balanced()), by the reader axis. One
 * instance of a type is enough: its siblings may stay below their marks.
 */
bool kswapd_balanced(struct reclaim *reclaim, const struct reclaim_node *node,
	unsigned int order, unsigned int highest_zoneidx);
/* An event of kswapd, if @cpu records it. */
void kswapd_record(struct cpu *cpu, enum pcpmm_event_kind kind,
	const struct reclaim_node *node, unsigned int order, uint32_t gfp);

/* --- throttle.c --------------------------------------------------------- */

/*
 * allow_direct_reclaim: more than half of the min marks is free, or kswapd has
 * given up.
 */
bool reclaim_direct_is_allowed(
	struct reclaim *reclaim, const struct reclaim_node *node);
/* throttle_direct_reclaim(): wait until it is allowed. true: killed meanwhile. */
bool reclaim_throttle(struct reclaim *reclaim, const struct request *request);
/* Tasks that are throttled because of @node look again. */
void reclaim_wake_throttled(struct reclaim_node *node);

/* --- kswapd.c ----------------------------------------------------------- */

/* Awake or asleep, for wakers and for the checks that read snapshots. */
void kswapd_set_awake(
	struct reclaim *reclaim, struct reclaim_node *node, bool awake);
/* Thresholds: normal in deep sleep, under pressure otherwise, naps included. */
void kswapd_set_pressure(
	struct reclaim *reclaim, struct reclaim_node *node, bool pressure);
/* One round for the current request (balance_pgdat()). Pages freed. */
uint64_t kswapd_balance(
	struct reclaim *reclaim, struct reclaim_node *node, struct cpu *cpu);
/*
 * prepare_kswapd_sleep(); wakes throttled tasks. true: the node is hopeless or
 * balanced, no wakeup has come since kswapd counts as asleep, and it does so from
 * now on. false: it is awake.
 */
bool kswapd_prepare_sleep(struct reclaim *reclaim, struct reclaim_node *node);
/*
 * A wakeup ended the nap: what kswapd would have slept for stays asked for, beside
 * what it was woken for.
 */
void kswapd_woken_early(struct reclaim_node *node);
/*
 * It does not sleep: it was woken from its nap, or the node is not balanced
 * (kswapd_low_wmark_hit_quickly, kswapd_high_...).
 */
void kswapd_count_hit_quickly(struct reclaim_node *node, bool woken);
/* mm_vmscan_kswapd_sleep: before the sleep, not before the nap. */
void kswapd_record_sleep(const struct reclaim_node *node, struct cpu *cpu);

/* --- direct.c ----------------------------------------------------------- */

struct reclaim_progress {
	uint64_t lru; /* pages freed from lists */
	uint64_t cache; /* pages that the program says it freed */
};
/* try_to_free_pages: 32 pages from the request's nodes. */
struct reclaim_progress reclaim_direct(
	struct reclaim *reclaim, const struct request *request);
/* After a pass that led to a page: kswapd's failures are reset. */
void reclaim_helped(struct reclaim *reclaim, const struct request *request);
/*
 * should_reclaim_retry(): some zone of the request would pass its min mark if
 * all its reclaimable pages were free.
 */
bool reclaim_has_hope(struct reclaim *reclaim, const struct request *request);

#endif
