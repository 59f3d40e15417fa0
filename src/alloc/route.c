/* SPDX-License-Identifier: MIT */
/* The routes of a CPU: one for each combination of flags. */
#include "alloc/route.h"

#include "alloc/freelist.h"

/* No number of pages opens it, and none makes it wrap. */
static const int64_t never = INT64_MIN / 2;

/* The request's preferred zone, if it is on the CPU's own node; else NULL. */
static struct zone *local_zone(const struct pcpmm_cpu *cpu, uint32_t gfp)
{
	struct zone *zone = *cpu->lists[cpu->base.nid].first[gfp_zone(gfp)];

	return zone && zone->nid == cpu->base.nid ? zone : NULL;
}

static struct route route_for(const struct pcpmm_cpu *cpu, uint32_t gfp)
{
	struct route route = {.gate = &never, .slot = cpu->slots};
	struct zone *zone = gfp_is_valid(gfp) ? local_zone(cpu, gfp) : NULL;

	if (!zone)
		return route;
	route.gate = &zone->gate;
	route.highest = (uint8_t)gfp_zone(gfp);
	route.slot = &cpu->slots[zone->id];
	route.head = FRAME_HEAD(FRAME_HELD, 0, gfp_migratetype(gfp), zone->id);
	route.alloc_flags = (uint8_t)nofragment(cpu->machine, zone);
	route.any_fit = zone->wmark_check != PCPMM_WMARK_CHECK_HALVING;
	return route;
}

void routes_init(struct pcpmm_cpu *cpu)
{
	for (uint32_t gfp = 0; gfp < NR_ROUTES; gfp++)
		cpu->routes[gfp] = route_for(cpu, gfp);
	cpu->special_gfp = cpu->machine->backing ? PCPMM___GFP_ZERO : 0;
}
