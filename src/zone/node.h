/* SPDX-License-Identifier: MIT */
/* A node: its zones, its counters, and the order in which its CPUs try zones. */
#ifndef ZONE_NODE_H
#define ZONE_NODE_H

#include <pcpmm/machine.h>

#include "zone/zone.h"

#define NODE_ZONES PCPMM_NR_ZONES
#define ZONES_MAX 256 /* 8-bit ids in the frames */

struct node {
	struct zone zones[NODE_ZONES];
	struct vmstat stat; /* NR_NODE_ITEMS */
	struct zone **zonelist; /* fallback order, NULL-terminated */
	/* [type]: the first entry of zonelist of at most this type. */
	struct zone **first[NODE_ZONES];
	unsigned int nr_cpus_online;
};

/* All populated zones of a machine, and its frames. */
struct zones {
	struct zone *zone[ZONES_MAX]; /* by id */
	unsigned int nr;
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
