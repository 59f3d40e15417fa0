/* SPDX-License-Identifier: MIT */
/*
 * Spin locks with ranks.
 *
 * A CPU takes locks in rising rank only: drain mutex, pcp, zone, LRU. With the
 * build option lock_ranks each acquisition checks that and aborts with a
 * message; without it a rank costs nothing.
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
	LOCK_RANK_LRU = 4, /* a zone's LRU lists; no lock inside it */
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
 * For a lock that interrupts take, too: no interrupt of this thread runs while
 * the lock is held.
 *
 *   IRQ_MASKED  @cpu takes no interrupt.
 *   IRQ_LOCKED  The thread's other CPUs take none either. A signal brings the
 *               interrupts of all CPUs that the thread runs as; a handler that
 *               finds one of them IRQ_LOCKED sets `missed` of that CPU and
 *               returns. lock_irqrestore() takes them after it has released the
 *               lock.
 */
static force_inline void lock_irqsave(
	struct cpu *cpu, struct spinlock *lock, enum lock_rank rank)
{
	cpu->irq_off += IRQ_LOCKED + IRQ_MASKED;
	compiler_barrier();
	lock_acquire(cpu, lock, rank);
}

static force_inline void lock_irqrestore(
	struct cpu *cpu, struct spinlock *lock, enum lock_rank rank)
{
	lock_release(cpu, lock, rank);
	compiler_barrier();
	cpu->irq_off -= IRQ_LOCKED;
	compiler_barrier();
	if (unlikely(cpu->missed))
		cpu_take_missed(cpu);
	irq_restore(cpu);
}

#endif
