/* SPDX-License-Identifier: MIT */
/*
 * Pageblocks set aside for high-order atomic requests
 * (reserve_highatomic_pageblock()).
 */
#ifndef ZONE_HIGHATOMIC_H
#define ZONE_HIGHATOMIC_H

#include "zone/zone.h"

/*
 * After an ALLOC_HIGHATOMIC request got @pfn of @order: set its pageblock aside, up
 * to the rules' highatomic_max (6.1: 1 % of the zone and one block more). Where lists
 * are by block, that is all pageblocks of a larger block, and none that has to stay
 * as it is.
 */
void zone_reserve_highatomic(
	struct cpu *cpu, struct zone *zone, uint32_t pfn, unsigned int order);

/*
 * Give one reserved block back to @type, the last block of the reserve only
 * if @force. true: some free page of a block was.
 */
bool zone_unreserve_highatomic(
	struct cpu *cpu, struct zone *zone, unsigned int type, bool force);

#endif
