/* SPDX-License-Identifier: MIT */
/*
 * Reclaim: where pages come from when there are none.
 *
 *   lru.c      whose pages may go
 *   shrink.c   some of a node's lists, by quota, and what the program says
 *   kswapd.c   a node's background reclaim: when, how much, what it changes
 *   direct.c   an allocation's own reclaim, its throttle, and when to give up
 *
 * Threads and callers are the door's (slowpath.c, kswapd.c there); what it does
 * for this room are two functions: free pages as an allocation's CPU would, and
 * count an event.
 *
 * Shared fields of a node. All are relaxed words, written by whoever is named,
 * and read racily: a stale one wakes kswapd once too often or a moment late.
 *   kswapd_order, kswapd_highest  raised by allocations; taken by kswapd
 *   kswapd_awake                  kswapd
 *   failures                      kswapd; 0 by who reclaimed something
 */
#ifndef RECLAIM_RECLAIM_H
#define RECLAIM_RECLAIM_H

#include <pcpmm/axes.h>
#include <pcpmm/kswapd.h>

#include "cpu/ring.h"
#include "reclaim/lru.h"
#include "zone/request.h"

#define DEF_PRIORITY 12
#define KSWAPD_FAILURES_MAX 16
/* The throttle looks at zones kernel memory comes from. */
#define THROTTLE_ZONE_MAX PCPMM_ZONE_NORMAL

struct reclaim_node {
	struct zone *zones[PCPMM_NR_ZONES]; /* managed, lowest first */
	unsigned int nr_zones;
	unsigned int nid;

	uint32_t kswapd_order;
	uint32_t kswapd_highest; /* PCPMM_NR_ZONES: no request */
	uint32_t kswapd_awake;
	uint32_t failures;
	uint32_t answered; /* wakeups it has seen; kswapd's, read racily */
	unsigned int last_order, last_highest; /* of the last round; kswapd's */
	uint32_t wakeups; /* how often it was woken; a futex */
	uint32_t pfmemalloc; /* moves when the throttled should look; futex */
	uint64_t asked; /* wakeups for who found no zone above low; relaxed */
	uint64_t rounds, sleeps, reclaimed; /* kswapd; relaxed */
	uint64_t low_hit_quickly, high_hit_quickly;
};

struct reclaim {
	struct reclaim_node *nodes;
	unsigned int nr_nodes;
	struct lru *lrus; /* [zone id] */
	const struct smp *smp; /* the machine's CPUs */
	enum pcpmm_reader reader;

	/* The program's; set at rest. */
	pcpmm_reclaim_page_fn *page_fn; /* NULL: all may go */
	void *page_arg;
	pcpmm_reclaim_fn *shrink_fn; /* NULL: it has no cache */
	void *shrink_arg;
	pcpmm_oom_fn *oom_fn; /* NULL: nobody to kill */
	void *oom_arg;
	bool swap;
	uint32_t lru_used; /* some page has been on a list; relaxed */
	uint8_t kswapd, throttle; /* it is started; by threads; relaxed */

	/* The door's. */
	void (*free_pages)(
		struct cpu *cpu, struct pcpmm_page **pages, unsigned int nr);
	void (*count)(struct cpu *cpu, int event, uint64_t n);

	struct pcpmm_reclaim_stats stats; /* relaxed adds */
};

/* 0 or -ENOMEM. @zones by id; the rest of @reclaim is filled in already. */
int reclaim_init(struct reclaim *reclaim, struct zone **zones,
	unsigned int nr_zones, struct vmstat *const *node_stats);
void reclaim_fini(struct reclaim *reclaim);

/* kswapd has given the node up (kswapd_failures). */
static inline bool reclaim_is_hopeless(const struct reclaim_node *node)
{
	return atomic_load_relaxed_u32(&node->failures) >= KSWAPD_FAILURES_MAX;
}

/* The program has given something to reclaim from. */
static inline bool reclaim_has_source(const struct reclaim *reclaim)
{
	return reclaim->shrink_fn || reclaim->oom_fn ||
	       atomic_load_relaxed_u32(&reclaim->lru_used);
}

/*
 * Pages that reclaim could find in @zone (zone_reclaimable_pages): its file
 * lists, and anon ones with swap; where those are empty the free pages instead
 * (6.1.192), so that a zone with nothing to reclaim is not written off.
 */
uint64_t reclaim_reclaimable(
	const struct reclaim *reclaim, const struct zone *zone);

/* --- shrink.c ----------------------------------------------------------- */

struct scan_control {
	struct cpu *cpu;
	unsigned int order;
	unsigned int highest_zoneidx;
	uint64_t target; /* pages of one call: stop when reached */
	int priority; /* 12 .. 0: a list's size >> this is looked at */
	bool kswapd;
	uint64_t scanned, reclaimed; /* so far */
	uint64_t from_lists; /* of reclaimed */
};

/* The lists of @node's zones up to the highest that is of use. */
void reclaim_shrink_node(struct reclaim *reclaim, struct reclaim_node *node,
	struct scan_control *sc);
/* The program's cache, for what is left of the target since @before. */
void reclaim_shrink_cache(
	struct reclaim *reclaim, struct scan_control *sc, uint64_t before);

/* --- kswapd.c ----------------------------------------------------------- */

/* Nothing is asked of it, and nothing failed. While nobody may wake it. */
void kswapd_init(struct reclaim_node *node);
/* wakeup_kswapd: a request for @order pages of @zone or below. */
void kswapd_wakeup(struct reclaim *reclaim, struct cpu *cpu,
	const struct zone *zone, uint32_t gfp, unsigned int order,
	unsigned int highest_zoneidx);
/* Whatever for: it looks. */
void kswapd_wake(struct reclaim_node *node);
/* For the throttled, whatever it thinks: the zones they wait for. */
void kswapd_wake_for_throttled(
	struct reclaim *reclaim, struct reclaim_node *node);
/* It is asleep, or about to be, and a request has come. */
bool kswapd_was_woken(const struct reclaim_node *node);
/* Some zone is above its high mark (pgdat_balanced), by this era's reader. */
bool kswapd_balanced(struct reclaim *reclaim, const struct reclaim_node *node,
	unsigned int order, unsigned int highest_zoneidx);
/* Awake or not is what checks by snapshot and wakers look at ... */
void kswapd_set_awake(
	struct reclaim *reclaim, struct reclaim_node *node, bool awake);
/* ... thresholds go with deep sleep, not with the nap before it. */
void kswapd_set_pressure(
	struct reclaim *reclaim, struct reclaim_node *node, bool pressure);
/* One round for what has been asked (balance_pgdat). Pages freed. */
uint64_t kswapd_balance(
	struct reclaim *reclaim, struct reclaim_node *node, struct cpu *cpu);
/*
 * Hopeless, or balanced (prepare_kswapd_sleep): it is asleep from now on. Lets
 * the throttled look. false: it is awake.
 */
bool kswapd_prepare_sleep(struct reclaim *reclaim, struct reclaim_node *node);
/* After the nap: nobody has come, and it is still so. */
bool kswapd_may_go_on_sleeping(
	struct reclaim *reclaim, struct reclaim_node *node);
void kswapd_record_sleep(const struct reclaim_node *node, struct cpu *cpu);

/* --- direct.c ----------------------------------------------------------- */

/*
 * allow_direct_reclaim: more than half of the min marks is free, or kswapd has
 * given up.
 */
bool reclaim_direct_is_allowed(
	struct reclaim *reclaim, const struct reclaim_node *node);
/* throttle_direct_reclaim: wait until that. true: killed instead. */
bool reclaim_throttle(struct reclaim *reclaim, const struct request *request);
/* Who is throttled because of @node looks again. */
void reclaim_wake_throttled(struct reclaim_node *node);

struct reclaim_progress {
	uint64_t lru; /* pages freed from lists */
	uint64_t cache; /* by the program's word */
};
/* try_to_free_pages: 32 pages from the request's nodes. */
struct reclaim_progress reclaim_direct(
	struct reclaim *reclaim, const struct request *request);
/* A pass with progress led to a page: kswapd may try again, too. */
void reclaim_helped(struct reclaim *reclaim, const struct request *request);
/*
 * Would some zone of the request pass its min mark if all that can be reclaimed
 * were? (should_reclaim_retry)
 */
bool reclaim_has_hope(struct reclaim *reclaim, const struct request *request);

#endif
