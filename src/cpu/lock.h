/* SPDX-License-Identifier: MIT */
/*
 * Spin locks with ranks.
 *
 * A CPU takes locks in rising rank only: drain mutex, pcp, zone, LRU batch, LRU,
 * sheaf, slabs. With the build option lock_ranks each acquisition checks that and aborts
 * with a message; without it a rank costs nothing.
 *
 * [lock.acquire] acquire, pairs with [lock.release] release: what the last
 * holder wrote is seen by the next.
 */
#ifndef CPU_LOCK_H
#define CPU_LOCK_H

#include "cpu/cpu.h"

enum lock_rank {
	LOCK_RANK_DRAIN = 1, /* a machine's drain mutex */
	LOCK_RANK_PCP = 2, /* a CPU's lists of one zone */
	LOCK_RANK_ZONE = 3, /* a zone's buddy */
	LOCK_RANK_LRU_BATCH = 4, /* a CPU's batch before the LRU lists */
	LOCK_RANK_LRU = 5, /* a zone's LRU lists; no lock inside it */
	LOCK_RANK_SHEAF = 6, /* a CPU's free objects */
	LOCK_RANK_SLAB = 7, /* a cache's slabs; no lock inside it */
};

#ifdef PCPMM_LOCK_RANKS
void lock_rank_push(struct cpu *cpu, enum lock_rank rank, bool trylock);
void lock_rank_pop(struct cpu *cpu, enum lock_rank rank);
#else
static force_inline void lock_rank_push(
	struct cpu *cpu, enum lock_rank rank, bool trylock)
{
	(void)cpu, (void)rank, (void)trylock;
}
static force_inline void lock_rank_pop(struct cpu *cpu, enum lock_rank rank)
{
	(void)cpu, (void)rank;
}
#endif

/* Spin until the word is seen free, then take it. */
void lock_acquire_slow(struct spinlock *lock);

/* The same, with pauses that grow between looks. */
void lock_acquire_backoff(struct spinlock *lock);

/* [lock.acquire] */
static force_inline bool lock_try(
	struct cpu *cpu, struct spinlock *lock, enum lock_rank rank)
{
	if (unlikely(atomic_xchg_acquire_u32(&lock->word, 1)))
		return false;
	lock_rank_push(cpu, rank, true);
	return true;
}

/* [lock.acquire] */
static force_inline void lock_acquire(
	struct cpu *cpu, struct spinlock *lock, enum lock_rank rank)
{
	lock_rank_push(cpu, rank, false);
	if (unlikely(atomic_xchg_acquire_u32(&lock->word, 1)))
		lock_acquire_slow(lock);
}

/* [lock.release] */
static force_inline void lock_release(
	struct cpu *cpu, struct spinlock *lock, enum lock_rank rank)
{
	lock_rank_pop(cpu, rank);
	atomic_store_release_u32(&lock->word, 0);
}

/*
 * A lock without rank that this thread's signal handler takes too: the handler is
 * held off meanwhile, and at the end takes what it missed. Any thread; one without
 * struct is on no CPU, and has no handler to run.
 */
void lock_acquire_irqsave(struct spinlock *lock);
void lock_release_irqrestore(struct spinlock *lock);

#endif
