/* SPDX-License-Identifier: MIT */
/* Zones as configured, the memmap over all of them, and zonelists. */
#include "zone/node.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/memory.h"
#include "arch/mutant.h"
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

static void zone_name(struct zone *zone, unsigned int nid, unsigned int type,
	unsigned int instance)
{
	zone->nid = (uint8_t)nid;
	zone->type = (uint8_t)type;
	zone->instance = (uint8_t)instance;
}

/* @zone, which has its name already, with the frames @from. */
static int zone_init(struct zone *zone, struct zones *zones,
	const struct pcpmm_config *config, const struct pcpmm_zone_config *from)
{
	size_t blocks;

	zone->wmark_check = (uint8_t)config->wmark_check;
	zone->count_order = (uint8_t)config->count_order;
	zone->lock_kind = (uint8_t)config->zone_lock;
	zone->lock_inline = config->zone_lock == PCPMM_ZONE_LOCK_TTAS;
	zone->lock_reenters =
		config->up != PCPMM_UP_NO &&
		config->nolock_refuses == PCPMM_NOLOCK_REFUSES_NOTHING;
	zone->rules = zone_rules_of(config->zone_rules);
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

/* Zone @type and its further instances, the first of which is *@more. */
static int type_init(struct node *nodes, struct zones *zones,
	const struct pcpmm_config *config, unsigned int nid, unsigned int type,
	struct zone **more)
{
	const struct pcpmm_zone_config *all = &config->nodes[nid].zones[type];
	unsigned int nr = instances_of(config, nid, type);
	struct zone *zone = &nodes[nid].zones[type];
	int ret = 0;

	for (unsigned int k = 0; !ret && k < nr; k++) {
		struct pcpmm_zone_config part =
			nr > 1 ? instance_of(all, nr, k) : *all;

		if (k)
			zone = zone->sibling = (*more)++;
		zone_name(zone, nid, type, k);
		ret = zone_init(zone, zones, config, &part);
	}
	return ret;
}

/* node_next_zone() needs the types of all, also when creation fails. */
static void name_zones(struct node *nodes, unsigned int nr_nodes)
{
	for (unsigned int i = 0; i < nr_nodes * NODE_ZONES; i++)
		zone_name(&nodes[i / NODE_ZONES].zones[i % NODE_ZONES],
			i / NODE_ZONES, i % NODE_ZONES, 0);
}

static int node_init(struct node *nodes, struct zones *zones,
	const struct pcpmm_config *config, unsigned int nid)
{
	unsigned int nr = SPLIT_TYPES * (config->zone_instances - 1);
	struct zone *more = NULL;
	int ret = 0;

	if (nr) {
		more = memory_alloc_aligned(nr * sizeof(*more));
		if (!more)
			return -ENOMEM;
		nodes[nid].more = more;
	}
	for (unsigned int type = 0; !ret && type < NODE_ZONES; type++)
		ret = type_init(nodes, zones, config, nid, type, &more);
	return ret;
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

static struct zone *instance(struct zone *zone, unsigned int k)
{
	while (zone && k--)
		zone = zone->sibling;
	return zone;
}

/*
 * The managed zones of a type, from instance @start on, cyclic. Returns the end
 * of the list.
 */
static struct zone **add_type(struct zone **list, struct zone *type,
	unsigned int nr, unsigned int start)
{
	unsigned int tried = MUTANT(SIBLINGS_UNUSED) && type->sibling ? 1 : nr;

	for (unsigned int i = 0; i < tried; i++) {
		struct zone *zone = instance(type, (start + i) % nr);

		if (zone && zone_managed(zone))
			*list++ = zone;
	}
	return list;
}

/*
 * Node-ordered: a node's zones from the highest type down, then the next node.
 * Of each type instance @start is first.
 */
static int zonelist_init(struct zonelist *zonelist, struct node *nodes,
	unsigned int nid, const struct zones *zones, unsigned int start,
	const struct pcpmm_config *config)
{
	bool taken[PCPMM_NODES_MAX] = {false};
	struct zone **list = calloc(zones->nr + 1, sizeof(list[0]));

	if (!list)
		return -ENOMEM;
	zonelist->zones = list;
	for (unsigned int i = 0; i < config->nr_nodes; i++) {
		unsigned int next = next_node(config, nid, taken);

		taken[next] = true;
		for (unsigned int type = NODE_ZONES; type-- > 0;)
			list = add_type(list, &nodes[next].zones[type],
				zones->nr_instances, start);
	}
	for (unsigned int type = 0; type < NODE_ZONES; type++) {
		list = zonelist->zones;
		while (*list && (*list)->type > type)
			list++;
		zonelist->first[type] = list;
	}
	return 0;
}

/* Every CPU has one of these rows. */
static int zonelists_init(struct node *nodes, struct zones *zones,
	const struct pcpmm_config *config)
{
	unsigned int nr_nodes = config->nr_nodes;
	int ret = 0;

	zones->nr_instances = config->zone_instances;
	zones->lists = calloc((size_t)zones->nr_instances * nr_nodes,
		sizeof(zones->lists[0]));
	if (!zones->lists)
		return -ENOMEM;
	for (unsigned int i = 0; !ret && i < zones->nr_instances * nr_nodes;
		i++)
		ret = zonelist_init(&zones->lists[i], nodes, i % nr_nodes,
			zones, i / nr_nodes, config);
	return ret;
}

static void zonelists_fini(struct zones *zones, unsigned int nr_nodes)
{
	for (unsigned int i = 0;
		zones->lists && i < zones->nr_instances * nr_nodes; i++)
		free(zones->lists[i].zones);
	free(zones->lists);
}

struct zonelist *zones_lists_of_cpu(
	const struct zones *zones, unsigned int nr_nodes, unsigned int id)
{
	unsigned int start =
		MUTANT(INSTANCE_0_FIRST) ? 0 : id % zones->nr_instances;

	return &zones->lists[start * nr_nodes];
}

struct zone *node_zone_instance(struct node *node, unsigned int type)
{
	unsigned int base = type % 16, k = type / 16;

	return base < NODE_ZONES && k ? instance(&node->zones[base], k - 1)
				      : NULL;
}

/* --- all of a machine ------------------------------------------------------ */

int nodes_init(struct node *nodes, struct zones *zones,
	const struct pcpmm_config *config)
{
	int ret = 0;

	name_zones(nodes, config->nr_nodes);
	for (unsigned int nid = 0; !ret && nid < config->nr_nodes; nid++)
		ret = node_init(nodes, zones, config, nid);
	if (!ret)
		ret = zonelists_init(nodes, zones, config);
	if (ret)
		return ret;
	zones_find_inner(zones);
	return memmap_init(zones);
}

void nodes_fini(struct node *nodes, unsigned int nr_nodes, struct zones *zones)
{
	for (unsigned int nid = 0; nid < nr_nodes; nid++) {
		struct node *node = &nodes[nid];

		for (struct zone *zone = node->zones; zone;
			zone = node_next_zone(node, zone))
			zone_fini(zone);
		free(node->more);
		vmstat_fini(&node->stat);
	}
	zonelists_fini(zones, nr_nodes);
	memory_unmap(zones->map, zones->map_size);
}
