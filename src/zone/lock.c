/* SPDX-License-Identifier: MIT */
/*
 * The zone lock out of line: where it is of another kind than "ttas" (axis
 * zone_lock), or its holds and waits are measured (pcpmm/lock.h).
 */
#include "zone/lock.h"

#include <errno.h>
#include <stdlib.h>

#include "arch/clock.h"
#include "arch/wait.h"
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
	zone->lock_inline =
		!zone->lock_stat && zone->lock_kind == PCPMM_ZONE_LOCK_TTAS;
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

/*
 * true: the caller has the lock. false: it has to wait, with *@ticket.
 * [lock.acquire]
 */
static bool try_first(struct zone *zone, uint32_t *ticket)
{
	if (zone->lock_kind != PCPMM_ZONE_LOCK_TICKET)
		return !atomic_xchg_acquire_u32(&zone->lock.word, 1);
	*ticket = atomic_fetch_add_relaxed_u32(&zone->next_ticket, 1);
	return atomic_load_acquire_u32(&zone->lock.word) == *ticket;
}

/* [lock.acquire] */
static void wait_for_lock(struct zone *zone, uint32_t ticket)
{
	unsigned int turns = 0;

	if (zone->lock_kind == PCPMM_ZONE_LOCK_TTAS)
		lock_acquire_slow(&zone->lock);
	else if (zone->lock_kind == PCPMM_ZONE_LOCK_BACKOFF)
		lock_acquire_backoff(&zone->lock);
	else
		while (atomic_load_acquire_u32(&zone->lock.word) != ticket)
			spin_pause(&turns);
}

void zone_lock_by_kind(struct cpu *cpu, struct zone *zone)
{
	struct zone_lock_stat *stat = zone->lock_stat;
	uint64_t found_taken = 0;
	uint32_t ticket = 0;

	lock_rank_push(cpu, LOCK_RANK_ZONE, false);
	if (!try_first(zone, &ticket)) {
		found_taken = stat ? clock_now_ns() : 0;
		wait_for_lock(zone, ticket);
	}
	if (!stat)
		return;
	stat->since_ns = clock_now_ns();
	if (found_taken)
		pcpmm_histogram_add(&stat->wait, stat->since_ns - found_taken);
}

/* [lock.acquire] A ticket lock is free while no ticket waits to be served. */
static bool try_once(struct zone *zone)
{
	uint32_t ticket;

	if (zone->lock_kind != PCPMM_ZONE_LOCK_TICKET)
		return !atomic_xchg_acquire_u32(&zone->lock.word, 1);
	ticket = atomic_load_acquire_u32(&zone->lock.word);
	return atomic_cmpxchg_acquire_u32(
		&zone->next_ticket, &ticket, ticket + 1);
}

bool zone_trylock_by_kind(struct cpu *cpu, struct zone *zone)
{
	if (!try_once(zone))
		return false;
	lock_rank_push(cpu, LOCK_RANK_ZONE, true);
	if (zone->lock_stat)
		zone->lock_stat->since_ns = clock_now_ns();
	return true;
}

enum zone_try zone_try_begin(struct cpu *cpu, struct zone *zone)
{
	irq_lock_begin(cpu);
	if (zone_trylock_by_kind(cpu, zone))
		return ZONE_LOCKED;
	if (zone->lock_reenters)
		return ZONE_REENTERED;
	irq_lock_end(cpu);
	return ZONE_BUSY;
}

/* [lock.release] */
void zone_unlock_by_kind(struct cpu *cpu, struct zone *zone)
{
	struct zone_lock_stat *stat = zone->lock_stat;
	uint32_t free = 0;

	if (stat)
		pcpmm_histogram_add(
			&stat->hold, clock_now_ns() - stat->since_ns);
	lock_rank_pop(cpu, LOCK_RANK_ZONE);
	if (zone->lock_kind == PCPMM_ZONE_LOCK_TICKET)
		free = zone->lock.word + 1;
	atomic_store_release_u32(&zone->lock.word, free);
}
