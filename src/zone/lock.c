/* SPDX-License-Identifier: MIT */
/*
 * The zone lock out of line: where its holds and its waits are measured
 * (pcpmm/lock.h).
 */
#include "zone/lock.h"

#include <errno.h>
#include <stdlib.h>

#include "arch/clock.h"
#include "cpu/copy.h"
#include "zone/zone.h"

/* Written by the holder of the lock; readers are racy. */
struct zone_lock_stat {
	uint64_t since_ns; /* when the holder got it */
	struct pcpmm_histogram hold;
	struct pcpmm_histogram wait; /* of those that found it taken */
};

int zone_lock_stat_set(struct zone *zone, bool on)
{
	free(zone->lock_stat);
	zone->lock_stat = on ? calloc(1, sizeof(*zone->lock_stat)) : NULL;
	return on && !zone->lock_stat ? -ENOMEM : 0;
}

bool zone_lock_stat_read(const struct zone *zone, struct pcpmm_histogram *hold,
	struct pcpmm_histogram *wait)
{
	const struct zone_lock_stat *stat = zone->lock_stat;

	if (!stat)
		return false;
	if (hold)
		copy_histogram(hold, &stat->hold);
	if (wait)
		copy_histogram(wait, &stat->wait);
	return true;
}

/* [lock.acquire] */
void zone_lock_measured(struct cpu *cpu, struct zone *zone)
{
	struct zone_lock_stat *stat = zone->lock_stat;
	uint64_t found_taken = 0;

	lock_rank_push(cpu, LOCK_RANK_ZONE, false);
	if (atomic_xchg_acquire_u32(&zone->lock.word, 1)) {
		found_taken = clock_now_ns();
		lock_acquire_slow(&zone->lock);
	}
	stat->since_ns = clock_now_ns();
	if (found_taken)
		pcpmm_histogram_add(&stat->wait, stat->since_ns - found_taken);
}

void zone_unlock_measured(struct cpu *cpu, struct zone *zone)
{
	struct zone_lock_stat *stat = zone->lock_stat;

	pcpmm_histogram_add(&stat->hold, clock_now_ns() - stat->since_ns);
	lock_release(cpu, &zone->lock, LOCK_RANK_ZONE);
}
