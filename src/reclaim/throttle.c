/* SPDX-License-Identifier: MIT */
/* The throttle before direct reclaim: throttle_direct_reclaim(), Linux 6.1. */
#include "arch/clock.h"
#include "arch/mutant.h"
#include "arch/wait.h"
#include "cpu/sched.h"
#include "reclaim/reclaim.h"

/* HZ: the longest throttle of a request without __GFP_FS. */
#define THROTTLE_MS 1000

static uint64_t free_by_reader(struct reclaim *reclaim, const struct zone *zone)
{
	if (reclaim->reader == PCPMM_READER_THROTTLE_SNAPSHOT)
		return vmstat_snapshot(&zone->stat, NR_FREE_PAGES);
	return vmstat_read(&zone->stat, NR_FREE_PAGES);
}

bool reclaim_direct_is_allowed(
	struct reclaim *reclaim, const struct reclaim_node *node)
{
	uint64_t reserve = 0, free = 0;

	if (reclaim_is_hopeless(node))
		return true;
	for (unsigned int i = 0; i < node->nr_zones; i++) {
		const struct zone *zone = node->zones[i];

		if (zone->type > THROTTLE_ZONE_MAX ||
			!reclaim_reclaimable(reclaim, zone))
			continue;
		reserve += zone_mark_pages(zone, MARK_MIN);
		free += free_by_reader(reclaim, zone);
	}
	return !reserve || free > reserve / 2;
}

/* true: direct reclaim is allowed. false: kswapd was woken if it slept. */
static bool is_let_through(struct reclaim *reclaim, struct reclaim_node *node)
{
	if (reclaim_direct_is_allowed(reclaim, node))
		return true;
	kswapd_wake_for_throttled(reclaim, node);
	return false;
}

/* [throttle.wake] release, pairs with [throttle.look]: what has changed. */
void reclaim_wake_throttled(struct reclaim_node *node)
{
	if (MUTANT(THROTTLED_NOT_WOKEN))
		return;
	atomic_add_release_u32(&node->pfmemalloc, 1);
	wake_word(&node->pfmemalloc);
}

/* true: killed. */
static bool wait_allowed(struct reclaim *reclaim, struct reclaim_node *node,
	const struct request *request)
{
	bool forever = request->gfp & PCPMM___GFP_FS;
	uint64_t until = clock_now_ns() + THROTTLE_MS * 1000000ull;

	for (;;) {
		/* [throttle.look] acquire, pairs with [throttle.wake]. */
		uint32_t seen = atomic_load_acquire_u32(&node->pfmemalloc);
		uint64_t now = clock_now_ns();

		if (atomic_load_relaxed_u32(request->killed))
			return true;
		if (is_let_through(reclaim, node) ||
			!atomic_load_relaxed_u8(&reclaim->throttle))
			return false;
		if (forever)
			wait_word(&node->pfmemalloc, seen);
		else if (now >= until)
			return false;
		else
			wait_word_ms(&node->pfmemalloc, seen,
				(uint32_t)((until - now) / 1000000) + 1);
	}
}

static struct reclaim_node *throttling_node(
	struct reclaim *reclaim, const struct request *request)
{
	for (struct zone **at = request->first; *at; at++)
		if (request_may_use(request, *at) &&
			(*at)->type <= THROTTLE_ZONE_MAX)
			return &reclaim->nodes[(*at)->nid];
	return NULL;
}

/*
 * The thread leaves its CPUs meanwhile: kswapd may need one. A task that was
 * killed before does not wait.
 */
bool reclaim_throttle(struct reclaim *reclaim, const struct request *request)
{
	struct reclaim_node *node = throttling_node(reclaim, request);
	bool killed;

	if (!node || !atomic_load_relaxed_u8(&reclaim->throttle) ||
		atomic_load_relaxed_u32(request->killed) ||
		is_let_through(reclaim, node))
		return false;
	reclaim->count(request->cpu, PGSCAN_DIRECT_THROTTLE, 1);
	atomic_add_relaxed_u64(&reclaim->stats.throttled, 1);
	atomic_add_relaxed_u64(&reclaim->stats.throttled_now, 1);
	sched_sleep();
	killed = wait_allowed(reclaim, node, request);
	sched_wake();
	atomic_add_relaxed_u64(&reclaim->stats.throttled_now, (uint64_t)-1);
	return killed;
}
