/* SPDX-License-Identifier: MIT */
/*
 * Blocks in and out of a zone, many at a time or one, under one hold of the
 * zone lock: what the pcp lists call.
 */
#ifndef ZONE_RMQUEUE_H
#define ZONE_RMQUEUE_H

#include "zone/zone.h"

/*
 * Add up to @nr blocks of @order to the tail of @list, in order of allocation,
 * each in state PCP with type @type. Number added. NR_FREE_PAGES changes once.
 */
unsigned int zone_rmqueue_bulk(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int nr, unsigned int type,
	unsigned int alloc_flags, struct frame_list *list);

/* One block straight from the buddy (rmqueue_buddy); pfn or 0. */
uint32_t zone_rmqueue_buddy(struct cpu *cpu, struct zone *zone,
	unsigned int order, unsigned int type, unsigned int alloc_flags);

/* One block straight to the buddy, onto @type's list (free_one_page). */
void zone_free_one(struct cpu *cpu, struct zone *zone, uint32_t pfn,
	unsigned int order, unsigned int type);

/*
 * One block of a bulk free; the caller holds the zone lock and
 * records mm_page_pcpu_drain.
 */
void __zone_free_drained(
	struct cpu *cpu, struct zone *zone, struct pcpmm_page *page);

#endif
