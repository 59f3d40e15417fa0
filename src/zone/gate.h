/* SPDX-License-Identifier: MIT */
/*
 * The gate of a zone: how many pages it has above its low mark, as one number.
 *
 *   gate = NR_FREE_PAGES (shared value) - mark[gate_mark] - boost
 *          - unusable_highatomic - 2^60 for each flag of GATE_FLAGS
 *
 * For a request with highest zone index i that has no access to reserves:
 *
 *   gate > lowmem_reserve[i]              zone_watermark_fast() is true at the low
 *                                         mark, for order 0
 *   gate >= lowmem_reserve[i] + 2^order   the same for another order, if some list
 *                                         that the request may use has a block that
 *                                         is large enough
 *
 * gate_mark is LOW; HIGH in a zone with ZONE_LISTS_TUNED, whose requests look at the
 * high mark first: above it they pass whatever ZONE_BELOW_HIGH says.
 *
 * A flag of GATE_FLAGS is a reason to look closer: then only the full check says
 * whether a request may pass.
 *
 * All of these terms change here, and NR_FREE_PAGES in vmstat (vmstat_follow()).
 * Whoever changes a term adds the same amount to the gate, by one atomic add.
 * Adds commute, so the gate needs no lock and is exact at rest; in between it
 * lacks the adds that are under way, as a check lacks them that reads the terms
 * one by one.
 */
#ifndef ZONE_GATE_H
#define ZONE_GATE_H

#include "zone/zone.h"

#define GATE_SHUT (INT64_C(1) << 60)
#define GATE_FLAGS (ZONE_BOOSTED_WATERMARK | ZONE_READ_SNAPSHOT | ZONE_HAS_CMA)

/* Once, with all terms 0 and the counters set up; ZONE_LISTS_TUNED comes before
 * the first mark. */
void zone_gate_init(struct zone *zone);
/* What the gate has to be; at rest. */
int64_t zone_gate_expected(const struct zone *zone);

/* Any thread. */
void zone_set_flag(struct zone *zone, uint32_t flag);
/* true: it was set. */
bool zone_clear_flag(struct zone *zone, uint32_t flag);

/* Pages. Any thread; of two callers at once, one is the last. */
void zone_set_mark(struct zone *zone, enum zone_mark mark, uint64_t pages);
void zone_set_boost(struct zone *zone, uint64_t pages);
void zone_set_highatomic(struct zone *zone, uint64_t pages);
/* @pages came to HIGHATOMIC's free lists, or left them (< 0). Zone lock. */
void zone_add_free_highatomic(struct zone *zone, int64_t pages);

#endif
