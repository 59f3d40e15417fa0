/* SPDX-License-Identifier: MIT */
/*
 * A request for pages: one struct that is handed down from the first look at a
 * zone to the last pass of reclaim, so that the kernel's dozen arguments have
 * names.
 */
#ifndef ZONE_REQUEST_H
#define ZONE_REQUEST_H

#include "zone/zone.h"

struct request {
	struct cpu *cpu; /* of the caller */
	uint32_t gfp;
	unsigned int order;
	unsigned int type; /* migratetype */
	unsigned int highest_zoneidx;
	unsigned int alloc_flags;
	enum zone_mark mark;
	struct zone **first; /* zonelist from the preferred zone on */
	struct zone **zonelist; /* where the next pass begins */
	struct zone *preferred; /* first zone of its list that may serve */
	const uint32_t *killed; /* not 0: a fatal signal; may come any time */
	bool direct; /* a recorded request that bypassed the pcp list */
};

/*
 * The request may use @zone: its type is not too high, and it is on the
 * preferred node if __GFP_THISNODE asks for that.
 */
static inline bool request_may_use(
	const struct request *request, const struct zone *zone)
{
	return zone->type <= request->highest_zoneidx &&
	       (!(request->gfp & PCPMM___GFP_THISNODE) ||
		       zone->nid == (*request->first)->nid);
}

#endif
