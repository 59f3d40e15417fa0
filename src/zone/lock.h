/* SPDX-License-Identifier: MIT */
/* The zone lock out of line: of any kind, measured or not. */
#ifndef ZONE_LOCK_H
#define ZONE_LOCK_H

#include <pcpmm/histogram.h>
#include <stdbool.h>

struct cpu;
struct zone;

/* Measure from now on, beginning with nothing; or not. At rest. -ENOMEM. */
int zone_lock_stat_set(struct zone *zone, bool on);
/* Either may be NULL. Any thread, racy. false: not switched on. */
bool zone_lock_stat_read(const struct zone *zone, struct pcpmm_histogram *hold,
	struct pcpmm_histogram *wait);

/* What lock_acquire() and lock_release() do where zone->lock_inline is false. */
void zone_lock_by_kind(struct cpu *cpu, struct zone *zone);
void zone_unlock_by_kind(struct cpu *cpu, struct zone *zone);
/* One try of any kind of lock; true: zone_unlock_by_kind() releases it. */
bool zone_trylock_by_kind(struct cpu *cpu, struct zone *zone);

/*
 * spin_trylock_irqsave(), for callers that may not wait. ZONE_REENTERED: a kernel for
 * one CPU, where a trylock always succeeds, has let an NMI into the section that the
 * NMI interrupted (zone->lock_reenters).
 */
enum zone_try { ZONE_BUSY, ZONE_LOCKED, ZONE_REENTERED };
enum zone_try zone_try_begin(struct cpu *cpu, struct zone *zone);

#endif
