/* SPDX-License-Identifier: MIT */
/* Zones as configured, the memmap over all of them, and zonelists. */
#include "zone/node.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/memory.h"
#include "vmstat/threshold.h"
#include "zone/pageblock.h"

#define LOCAL_DISTANCE 10
#define REMOTE_DISTANCE 20

/* --- zones ------------------------------------------------------------ */

/*
 * How far a zone's free counter can be from the pages on its lists:
 *
 *   nr_cpus * T   in the diffs of all CPUs, online or dying
 *   nr_cpus * T   in each CPU's own fold, which has taken a diff, was
 *                 interrupted, and has not added it yet
 *   T             in the remote fold, of which there is one at a time
 *
 * with T = VMSTAT_THRESHOLD_MAX, the largest diff there is. Where updates may
 * get lost there is no limit.
 */
static uint64_t max_drift(const struct pcpmm_config *config)
{
	if (config->allow_unsound)
		return INT64_MAX / 2;
	return (2 * (uint64_t)config->nr_cpus + 1) * VMSTAT_THRESHOLD_MAX;
}

static int zone_init(struct zone *zone, struct zones *zones,
	const struct pcpmm_config *config, unsigned int nid, unsigned int type)
{
	const struct pcpmm_zone_config *from = &config->nodes[nid].zones[type];
	size_t blocks;

	zone->nid = (uint8_t)nid;
	zone->type = (uint8_t)type;
	zone->wmark_check = (uint8_t)config->wmark_check;
	zone->count_order = (uint8_t)config->count_order;
	zone->lock_kind = (uint8_t)config->zone_lock;
	zone->lock_inline = config->zone_lock == PCPMM_ZONE_LOCK_TTAS;
	zone->lock_reenters =
		config->up != PCPMM_UP_NO &&
		config->nolock_refuses == PCPMM_NOLOCK_REFUSES_NOTHING;
	zone->rules = zone_rules_of(config->preset);
	zone->start_pfn = from->start_pfn;
	zone->spanned = from->spanned_pages;
	zone->present = from->present_pages;
	zone->managed = from->managed_pages;
	zone->boost_factor = (uint32_t)config->sysctl.watermark_boost_factor;
	zone->boot_held = config->boot == PCPMM_BOOT_HELD;
	zone->max_drift = max_drift(config);
	zone->first_managed = zone->start_pfn;
	if (!zone->boot_held)
		zone->first_managed += zone->spanned - zone->managed;
	if (!zone_populated(zone))
		return 0;
	zone->id = (uint8_t)zones->nr;
	zones->zone[zones->nr++] = zone;
	zones->end_pfn = MAX(zones->end_pfn, zone->start_pfn + zone->spanned);
	blocks = zone_block_index(zone, zone->start_pfn + zone->spanned) + 1;
	zone->block_type = malloc(blocks);
	zone->numa = calloc(NR_NUMA_ITEMS, sizeof(zone->numa[0]));
	if (!zone->block_type || !zone->numa)
		return -ENOMEM;
	memset(zone->block_type, PCPMM_MIGRATE_MOVABLE, blocks);
	return 0;
}

static void zone_fini(struct zone *zone)
{
	free(zone->block_type);
	free(zone->numa);
	zone_lock_stat_set(zone, false);
	vmstat_fini(&zone->stat);
}

static int memmap_init(struct zones *zones)
{
	size_t words = BLOCK_WORDS * sizeof(uint64_t);

	zones->memmap_size = zones->end_pfn * sizeof(zones->memmap[0]);
	zones->map_size = words + zones->memmap_size;
	zones->map = memory_map_lazy(zones->map_size);
	if (!zones->map)
		return -ENOMEM;
	zones->memmap = (struct pcpmm_page *)((char *)zones->map + words);
	for (unsigned int i = 0; i < zones->nr; i++)
		zones->zone[i]->memmap = zones->memmap;
	return 0;
}

/* --- zonelists --------------------------------------------------------- */

static unsigned int distance(
	const struct pcpmm_config *config, unsigned int a, unsigned int b)
{
	if (config->distance)
		return config->distance[a * config->nr_nodes + b];
	return a == b ? LOCAL_DISTANCE : REMOTE_DISTANCE;
}

/* The nearest node not yet taken; among equals the next after @nid, cyclic. */
static unsigned int next_node(
	const struct pcpmm_config *config, unsigned int nid, const bool *taken)
{
	unsigned int best = config->nr_nodes, nr = config->nr_nodes;

	for (unsigned int i = 0; i < nr; i++) {
		unsigned int other = (nid + i) % nr;

		if (taken[other])
			continue;
		if (best == nr || distance(config, nid, other) <
					  distance(config, nid, best))
			best = other;
	}
	return best;
}

/* Node-ordered: a node's zones from the highest down, then the next node. */
static int zonelist_init(struct node *nodes, unsigned int nid,
	unsigned int nr_zones, const struct pcpmm_config *config)
{
	bool taken[PCPMM_NODES_MAX] = {false};
	struct zone **list = calloc(nr_zones + 1, sizeof(list[0]));
	unsigned int nr = 0;

	if (!list)
		return -ENOMEM;
	nodes[nid].zonelist = list;
	for (unsigned int i = 0; i < config->nr_nodes; i++) {
		unsigned int next = next_node(config, nid, taken);

		taken[next] = true;
		for (unsigned int type = NODE_ZONES; type-- > 0;) {
			struct zone *zone = &nodes[next].zones[type];

			if (zone_managed(zone))
				list[nr++] = zone;
		}
	}
	for (unsigned int type = 0; type < NODE_ZONES; type++) {
		list = nodes[nid].zonelist;
		while (*list && (*list)->type > type)
			list++;
		nodes[nid].first[type] = list;
	}
	return 0;
}

/* --- all of a machine ------------------------------------------------------ */

int nodes_init(struct node *nodes, struct zones *zones,
	const struct pcpmm_config *config)
{
	int ret = 0;

	for (unsigned int nid = 0; nid < config->nr_nodes; nid++)
		for (unsigned int type = 0; !ret && type < NODE_ZONES; type++)
			ret = zone_init(&nodes[nid].zones[type], zones, config,
				nid, type);
	for (unsigned int nid = 0; !ret && nid < config->nr_nodes; nid++)
		ret = zonelist_init(nodes, nid, zones->nr, config);
	if (ret)
		return ret;
	zones_find_inner(zones);
	return memmap_init(zones);
}

void nodes_fini(struct node *nodes, unsigned int nr_nodes, struct zones *zones)
{
	for (unsigned int nid = 0; nid < nr_nodes; nid++) {
		for (unsigned int type = 0; type < NODE_ZONES; type++)
			zone_fini(&nodes[nid].zones[type]);
		vmstat_fini(&nodes[nid].stat);
		free(nodes[nid].zonelist);
	}
	memory_unmap(zones->map, zones->map_size);
}
