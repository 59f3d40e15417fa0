/* SPDX-License-Identifier: MIT */
/* Which route of its CPU a request takes; see struct route. */
#ifndef ALLOC_ROUTE_H
#define ALLOC_ROUTE_H

#include "machine/machine.h"

/* Zone and type bits of gfp, and whether the pages have to be zeroed. */
#define ROUTE_GFP_BITS 0x1fu
#define ROUTE_ZERO 0x20u

_Static_assert((PCPMM___GFP_DMA | PCPMM___GFP_HIGHMEM | PCPMM___GFP_DMA32 |
		       PCPMM___GFP_MOVABLE | PCPMM___GFP_RECLAIMABLE) ==
		       ROUTE_GFP_BITS,
	"all bits that choose a zone and a type");
_Static_assert(PCPMM___GFP_ZERO >> 3 == ROUTE_ZERO, "route_of()");
_Static_assert((ROUTE_GFP_BITS | ROUTE_ZERO) + 1 == NR_ROUTES, "all routes");

static force_inline unsigned int route_of(uint32_t gfp)
{
	return (gfp & ROUTE_GFP_BITS) | (gfp >> 3 & ROUTE_ZERO);
}

/* The routes of @cpu, whose slots are there; at creation. */
void routes_init(struct pcpmm_cpu *cpu);

#endif
