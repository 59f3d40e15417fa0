/* SPDX-License-Identifier: MIT */
/* Which route of its CPU a request takes; see struct route. */
#ifndef ALLOC_ROUTE_H
#define ALLOC_ROUTE_H

#include "machine/machine.h"

/* Zone and type bits of gfp. */
#define ROUTE_GFP_BITS 0x1fu

_Static_assert((PCPMM___GFP_DMA | PCPMM___GFP_HIGHMEM | PCPMM___GFP_DMA32 |
		       PCPMM___GFP_MOVABLE | PCPMM___GFP_RECLAIMABLE) ==
		       ROUTE_GFP_BITS,
	"all bits that choose a zone and a type");
_Static_assert(ROUTE_GFP_BITS + 1 == NR_ROUTES, "all routes");

static force_inline const struct route *route_of(
	const struct pcpmm_cpu *cpu, uint32_t gfp)
{
	return &cpu->routes[gfp & ROUTE_GFP_BITS];
}

/*
 * The routes of @cpu, whose slots are there, and its special_gfp: pages to be
 * zeroed, if there is memory behind the frames. At creation.
 */
void routes_init(struct pcpmm_cpu *cpu);

#endif
