/* SPDX-License-Identifier: MIT */
/* A node: its zones, its counters, and the order in which CPUs try zones. */
#ifndef ZONE_NODE_H
#define ZONE_NODE_H

#include <pcpmm/machine.h>

#include "zone/instance.h"
#include "zone/zone.h"

#define NODE_ZONES PCPMM_NR_ZONES
#define ZONES_MAX 256 /* 8-bit ids in the frames */

struct node {
	struct zone zones[NODE_ZONES]; /* the first instance of each type */
	struct zone *more; /* the others; see zone->sibling. NULL: none */
	struct vmstat stat; /* NR_NODE_ITEMS */
	unsigned int nr_cpus_online;
};

/* The order in which a CPU tries zones for memory of one node. */
struct zonelist {
	struct zone **zones; /* NULL-terminated */
	/* [type]: the first entry of zones of at most this type. */
	struct zone **first[NODE_ZONES];
};

/* All populated zones of a machine, and its frames. */
struct zones {
	struct zone *zone[ZONES_MAX]; /* by id */
	unsigned int nr;
	struct zonelist *lists; /* [instance that is first][node] */
	unsigned int nr_instances; /* of types that are split */
	struct pcpmm_page *memmap; /* [0, end_pfn) */
	uint64_t end_pfn;
	size_t memmap_size; /* bytes */
	void *map; /* words of pageblocks, then the memmap */
	size_t map_size; /* bytes */
};

/*
 * The zones of all nodes, as @config says; their counters are not set up yet.
 * -ENOMEM; nodes_fini() frees what there is.
 */
int nodes_init(struct node *nodes, struct zones *zones,
	const struct pcpmm_config *config);
void nodes_fini(struct node *nodes, unsigned int nr_nodes, struct zones *zones);

/* The lists, by node, of CPU @id: its number chooses the first instance. */
struct zonelist *zones_lists_of_cpu(
	const struct zones *zones, unsigned int nr_nodes, unsigned int id);
/* The zone that a number of PCPMM_ZONE_INSTANCE() means; NULL. */
struct zone *node_zone_instance(struct node *node, unsigned int type);

/*
 * The zone after @zone in the order of the node's zones, populated or not: by
 * type, then by instance. NULL: it was the last.
 */
static inline struct zone *node_next_zone(
	struct node *node, const struct zone *zone)
{
	if (zone->sibling)
		return zone->sibling;
	return zone->type + 1u < NODE_ZONES ? &node->zones[zone->type + 1]
					    : NULL;
}

/* @page is one of these frames, held or not. */
static inline bool zones_have_frame(
	const struct zones *zones, const struct pcpmm_page *page)
{
	uintptr_t offset = (uintptr_t)page - (uintptr_t)zones->memmap;

	return offset < zones->memmap_size && !(offset % sizeof(*page));
}

/* --- boot.c --------------------------------------------------------------- */

/* The zone that manages frame @pfn; NULL. */
struct zone *zones_zone_of_pfn(const struct zones *zones, uint64_t pfn);
/* Mark zones whose span holds another zone. Before zones_free_all(). */
void zones_find_inner(struct zones *zones);
/* Put all managed pages of all zones on the buddy lists. */
void zones_free_all(struct zones *zones);

#endif
