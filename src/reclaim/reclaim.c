/* SPDX-License-Identifier: MIT */
/* A machine's reclaim: its lists, and the number of reclaimable pages. */
#include "reclaim/lru_batch.h"

#include <errno.h>
#include <stdlib.h>

#include "arch/memory.h"

static void add_zone(struct reclaim *reclaim, struct zone *zone,
	struct vmstat *const *node_stats)
{
	struct reclaim_node *node = &reclaim->nodes[zone->nid];
	struct lru *lru = &reclaim->lrus[zone->id];

	lru->zone = zone;
	lru->node_stat = node_stats[zone->nid];
	if (zone_managed(zone))
		node->zones[node->nr_zones++] = zone;
}

int reclaim_init(struct reclaim *reclaim, struct zone **zones,
	unsigned int nr_zones, struct vmstat *const *node_stats)
{
	reclaim->nodes = calloc(reclaim->nr_nodes, sizeof(reclaim->nodes[0]));
	reclaim->lrus =
		memory_alloc_aligned(nr_zones * sizeof(reclaim->lrus[0]));
	if (!reclaim->nodes || !reclaim->lrus)
		return -ENOMEM;
	for (unsigned int nid = 0; nid < reclaim->nr_nodes; nid++) {
		reclaim->nodes[nid].nid = nid;
		reclaim_node_reset(&reclaim->nodes[nid]);
	}
	/* Zone ids rise with the type within a node. */
	for (unsigned int i = 0; i < nr_zones; i++)
		add_zone(reclaim, zones[i], node_stats);
	return 0;
}

void reclaim_node_reset(struct reclaim_node *node)
{
	atomic_store_relaxed_u32(&node->kswapd_order, 0);
	atomic_store_relaxed_u32(&node->kswapd_highest, PCPMM_NR_ZONES);
	atomic_store_relaxed_u32(&node->failures, 0);
	atomic_store_relaxed_u32(
		&node->answered, atomic_load_relaxed_u32(&node->wakeups));
	node->sleep_order = 0;
	node->last_highest = PCPMM_NR_ZONES - 1;
}

void reclaim_fini(struct reclaim *reclaim)
{
	lru_batches_fini(reclaim);
	free(reclaim->nodes);
	free(reclaim->lrus);
}

uint64_t reclaim_reclaimable(
	const struct reclaim *reclaim, const struct zone *zone)
{
	const struct vmstat *stat = &zone->stat;
	uint64_t pages = vmstat_snapshot(stat, NR_ZONE_INACTIVE_FILE) +
			 vmstat_snapshot(stat, NR_ZONE_ACTIVE_FILE);

	if (reclaim->swap)
		pages += vmstat_snapshot(stat, NR_ZONE_INACTIVE_ANON) +
			 vmstat_snapshot(stat, NR_ZONE_ACTIVE_ANON);
	return pages ? pages : vmstat_snapshot(stat, NR_FREE_PAGES);
}
