/* SPDX-License-Identifier: MIT */
/*
 * Requests to a node's kswapd: wakeup_kswapd(), Linux 6.1, and when a node is
 * balanced, so that none is made.
 */
#include "arch/wait.h"
#include "reclaim/reclaim.h"
#include "zone/watermark.h"

void kswapd_record(struct cpu *cpu, enum pcpmm_event_kind kind,
	const struct reclaim_node *node, unsigned int order, uint32_t gfp)
{
	struct pcpmm_event event = {
		.gfp = gfp,
		.kind = (uint8_t)kind,
		.nid = (uint8_t)node->nid,
		.order = (uint8_t)order,
	};

	if (event_enabled(cpu, kind))
		event_record(cpu, &event);
}

/*
 * To 2.6.36 by the check of an allocation: the counter, or with drift_snapshot a
 * snapshot as long as kswapd is awake. So kswapd reads the counter before it sleeps.
 */
static bool above_high(const struct reclaim *reclaim, struct zone *zone,
	unsigned int order, unsigned int highest_zoneidx)
{
	if (reclaim->reader == PCPMM_READER_RAW ||
		reclaim->reader == PCPMM_READER_DRIFT_SNAPSHOT ||
		reclaim->reader == PCPMM_READER_FOLD_WHEN_LOW)
		return zone_watermark_full(
			zone, order, MARK_HIGH, highest_zoneidx, 0, 0);
	return zone_watermark_ok_safe(
		zone, order, zone_mark_pages(zone, MARK_HIGH), highest_zoneidx);
}

bool kswapd_balanced(struct reclaim *reclaim, const struct reclaim_node *node,
	unsigned int order, unsigned int highest_zoneidx)
{
	unsigned int looked = 0;

	for (unsigned int i = 0; i < node->nr_zones; i++) {
		struct zone *zone = node->zones[i];

		if (zone->type > highest_zoneidx)
			break;
		if (above_high(reclaim, zone, order, highest_zoneidx))
			return true;
		looked++;
	}
	return !looked;
}

static bool is_boosted(
	const struct reclaim_node *node, unsigned int highest_zoneidx)
{
	for (unsigned int i = 0; i < node->nr_zones; i++)
		if (node->zones[i]->type <= highest_zoneidx &&
			atomic_load_relaxed_u64(&node->zones[i]->boost))
			return true;
	return false;
}

/* Racy, as in the kernel: of two requests one may be lost, and is repeated. */
static void ask(struct reclaim_node *node, unsigned int order,
	unsigned int highest_zoneidx)
{
	uint32_t highest = atomic_load_relaxed_u32(&node->kswapd_highest);

	if (highest == PCPMM_NR_ZONES || highest < highest_zoneidx)
		atomic_store_relaxed_u32(
			&node->kswapd_highest, highest_zoneidx);
	if (atomic_load_relaxed_u32(&node->kswapd_order) < order)
		atomic_store_relaxed_u32(&node->kswapd_order, order);
}

bool kswapd_was_woken(const struct reclaim_node *node)
{
	/* [kswapd.look] acquire, pairs with [kswapd.wake]. */
	return atomic_load_acquire_u32(&node->wakeups) !=
	       atomic_load_relaxed_u32(&node->answered);
}

/* [kswapd.wake] release, pairs with [kswapd.look] acquire: what is asked. */
void kswapd_wake(struct reclaim_node *node)
{
	atomic_add_release_u32(&node->wakeups, 1);
	wake_word(&node->wakeups);
}

/* kswapd runs, is asleep, and was not woken yet. */
static bool can_be_woken(
	const struct reclaim *reclaim, const struct reclaim_node *node)
{
	return atomic_load_relaxed_u8(&reclaim->kswapd) &&
	       !atomic_load_relaxed_u32(&node->kswapd_awake) &&
	       !kswapd_was_woken(node);
}

void kswapd_wakeup(struct reclaim *reclaim, struct cpu *cpu,
	const struct zone *zone, uint32_t gfp, unsigned int order,
	unsigned int highest_zoneidx)
{
	struct reclaim_node *node = &reclaim->nodes[zone->nid];

	if (!atomic_load_relaxed_u8(&reclaim->kswapd))
		return;
	ask(node, order, highest_zoneidx);
	if (!can_be_woken(reclaim, node) || reclaim_is_hopeless(node))
		return;
	if (kswapd_balanced(reclaim, node, order, highest_zoneidx) &&
		!is_boosted(node, highest_zoneidx))
		return;
	kswapd_record(
		cpu, PCPMM_EVENT_MM_VMSCAN_WAKEUP_KSWAPD, node, order, gfp);
	atomic_add_relaxed_u64(&node->asked, 1);
	kswapd_wake(node);
}

void kswapd_wake_for_throttled(
	struct reclaim *reclaim, struct reclaim_node *node)
{
	if (!can_be_woken(reclaim, node))
		return;
	if (atomic_load_relaxed_u32(&node->kswapd_highest) > THROTTLE_ZONE_MAX)
		atomic_store_relaxed_u32(
			&node->kswapd_highest, THROTTLE_ZONE_MAX);
	kswapd_wake(node);
}
