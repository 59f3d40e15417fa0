/* SPDX-License-Identifier: MIT */
/*
 * Several zones of one type on a node: Huang Ying, "mm: improve zone lock
 * contention", RFC of 11 May 2023, 20230511065607.37407-1-ying.huang@intel.com.
 *
 *   spanned, present, managed of a type = the sums over its instances
 *   cut k of n = head + block * (whole * k / n),   0 < k < n
 *
 * with head the first managed frame, rounded up to a block of the largest order,
 * and whole the number of such blocks from there on. So no block lies in two
 * instances. The first also has what lies before head, the last what is left at
 * the end.
 */
#ifndef ZONE_INSTANCE_H
#define ZONE_INSTANCE_H

#include <pcpmm/machine.h>

#define SPLIT_TYPES 2 /* NORMAL and MOVABLE */
/* Zones of a node, at most. */
#define NODE_INSTANCES_MAX                                                     \
	(PCPMM_NR_ZONES + SPLIT_TYPES * (PCPMM_ZONE_INSTANCES_MAX - 1))

struct zone;

/* Zones that @config makes of a type of a node. */
unsigned int instances_of(
	const struct pcpmm_config *config, unsigned int nid, unsigned int type);
/* Instances that @zone, which has managed pages, has blocks for. */
uint64_t instances_max(const struct pcpmm_zone_config *zone);
/* Instance @k of @nr, at most instances_max(). */
struct pcpmm_zone_config instance_of(
	const struct pcpmm_zone_config *zone, unsigned int nr, unsigned int k);
/* For texts, behind the name of the type: "", or " (instance 1)" of a split one. */
const char *instance_text(const struct zone *zone);

#endif
