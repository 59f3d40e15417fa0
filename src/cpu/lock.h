/* SPDX-License-Identifier: MIT */
/*
 * Spin locks with ranks.
 *
 * A CPU takes locks in rising rank only: drain mutex, pcp, zone, LRU. With the
 * build option lock_ranks each acquisition checks that and aborts with last
 * words; without it a rank costs nothing.
 *
 * [lock.acquire] acquire, pairs with [lock.release] release: what the last
 * holder wrote is seen by the next.
 */
#ifndef ARCH_LOCK_H
#define ARCH_LOCK_H

#include "cpu/cpu.h"

enum lock_rank {
	LOCK_RANK_DRAIN = 1, /* a machine's drain mutex */
	LOCK_RANK_PCP = 2, /* a CPU's lists of one zone */
	LOCK_RANK_ZONE = 3, /* a zone's buddy */
	LOCK_RANK_LRU = 4, /* a zone's LRU lists; nothing inside it */
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
static force_inline void lock_rank_pop(
	struct cpu *cpu, enum lock_rank rank)
{
	(void)cpu, (void)rank;
}
#endif

/* Spin until the word was seen free, with backoff, then take it. */
void lock_acquire_slow(struct spinlock *lock);

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
 * Of a thread that is several CPUs, soft masks hold interrupts of one off, and
 * a signal brings those of all. Around a lock that interrupts take as well, held
 * as @cpu: what comes is taken behind it.
 */
void sched_let_missed_in(struct cpu *cpu);

static force_inline void arch_hold_off(struct cpu *cpu)
{
	cpu->holds_off++;
	compiler_barrier();
}

static force_inline void arch_let_in(struct cpu *cpu)
{
	compiler_barrier();
	cpu->holds_off--;
	compiler_barrier();
	if (unlikely(cpu->missed))
		sched_let_missed_in(cpu);
}

/* A lock that interrupts take, too; held as @cpu. */
static force_inline void lock_irqsave(
	struct cpu *cpu, struct spinlock *lock, enum lock_rank rank)
{
	irq_save(cpu);
	arch_hold_off(cpu);
	lock_acquire(cpu, lock, rank);
}

static force_inline void lock_irqrestore(
	struct cpu *cpu, struct spinlock *lock, enum lock_rank rank)
{
	lock_release(cpu, lock, rank);
	arch_let_in(cpu);
	irq_restore(cpu);
}

/* Somebody holds it; racy, for assertions and reports only. */
static inline bool lock_is_held(const struct spinlock *lock)
{
	return atomic_load_relaxed_u32(&lock->word) != 0;
}

#endif
