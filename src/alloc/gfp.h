/* SPDX-License-Identifier: MIT */
/* What a request's gfp flags mean: zone, migratetype, alloc flags. */
#ifndef GFP_H
#define GFP_H

#include <pcpmm/types.h>

#include "arch/compiler.h"
#include "zone/zone.h"

/* At most one of the two types, and at most one of the three zones. */
static force_inline bool gfp_is_valid(uint32_t gfp)
{
	const uint32_t types = PCPMM___GFP_MOVABLE | PCPMM___GFP_RECLAIMABLE;
	const uint32_t zones =
		PCPMM___GFP_DMA | PCPMM___GFP_DMA32 | PCPMM___GFP_HIGHMEM;
	uint32_t zone = gfp & zones;

	return (gfp & types) != types && !(zone & (zone - 1));
}

static force_inline unsigned int gfp_migratetype(uint32_t gfp)
{
	return (gfp & (PCPMM___GFP_MOVABLE | PCPMM___GFP_RECLAIMABLE)) >> 3;
}

/* The highest zone the request may use. */
static force_inline unsigned int gfp_zone(uint32_t gfp)
{
	const uint32_t movable = PCPMM___GFP_HIGHMEM | PCPMM___GFP_MOVABLE;

	if (likely(!(gfp & (PCPMM___GFP_DMA | PCPMM___GFP_DMA32))))
		return (gfp & movable) == movable ? PCPMM_ZONE_MOVABLE
						  : PCPMM_ZONE_NORMAL;
	return gfp & PCPMM___GFP_DMA ? PCPMM_ZONE_DMA : PCPMM_ZONE_DMA32;
}

/* An atomic request of high order is one for the reserve. */
static inline unsigned int gfp_reserve_flags(uint32_t gfp, unsigned int order)
{
	const uint32_t others =
		PCPMM___GFP_DIRECT_RECLAIM | PCPMM___GFP_NOMEMALLOC;

	return order && (gfp & (PCPMM___GFP_HIGH | others)) == PCPMM___GFP_HIGH
		       ? ALLOC_HIGHATOMIC
		       : 0;
}

/* gfp_to_alloc_flags(), Linux 6.1, without the mark. */
static inline unsigned int gfp_slowpath_flags(uint32_t gfp, unsigned int order)
{
	unsigned int flags = 0;

	if (gfp & PCPMM___GFP_HIGH)
		flags |= ALLOC_MIN_RESERVE;
	if (gfp & PCPMM___GFP_KSWAPD_RECLAIM)
		flags |= ALLOC_KSWAPD;
	if (gfp & PCPMM___GFP_DIRECT_RECLAIM)
		return flags;
	if (!(gfp & PCPMM___GFP_NOMEMALLOC))
		flags |= ALLOC_NON_BLOCK;
	return flags | gfp_reserve_flags(gfp, order);
}

#endif
