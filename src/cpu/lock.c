/* SPDX-License-Identifier: MIT */
/* The slow half of spin locks, and the rank checker. */
#include "cpu/lock.h"

#include <stdio.h>
#include <stdlib.h>

#include "arch/bits.h"
#include "arch/wait.h"
#include "cpu/entry.h"

/* Pauses of the processor between two looks at a lock. */
#define BACKOFF_MIN 16u
#define BACKOFF_MAX 64u

/* [lock.acquire] */
void lock_acquire_slow(struct spinlock *lock)
{
	do
		spin_until_zero(&lock->word);
	while (atomic_xchg_acquire_u32(&lock->word, 1));
}

/*
 * A CPU that has just found the lock taken stays away for about as long as a
 * short hold, and does not disturb the holder's line meanwhile. The holder may
 * come back before: it is unfair by nature.
 *
 * [lock.acquire]
 */
void lock_acquire_backoff(struct spinlock *lock)
{
	unsigned int turns = 0, pauses = BACKOFF_MIN;

	do {
		for (unsigned int i = 0; i < pauses; i++)
			spin_pause(&turns);
		pauses = MIN(pauses * 2, BACKOFF_MAX);
		spin_until_zero(&lock->word);
	} while (atomic_xchg_acquire_u32(&lock->word, 1));
}

void lock_acquire_irqsave(struct spinlock *lock)
{
	struct thread *self = thread_current();

	if (self)
		self->held_off++;
	compiler_barrier();
	lock_acquire(NULL, lock, 0);
}

void lock_release_irqrestore(struct spinlock *lock)
{
	struct thread *self = thread_current();

	lock_release(NULL, lock, 0);
	compiler_barrier();
	if (!self)
		return;
	self->held_off--;
	compiler_barrier();
	entry_missed(self);
}

#ifdef PCPMM_LOCK_RANKS
static const char *const rank_names[] = {
	[0] = "none",
	[LOCK_RANK_DRAIN] = "drain",
	[LOCK_RANK_PCP] = "pcp",
	[LOCK_RANK_ZONE] = "zone",
	[LOCK_RANK_LRU_BATCH] = "lru batch",
	[LOCK_RANK_LRU] = "lru",
	[LOCK_RANK_SHEAF] = "sheaf",
	[LOCK_RANK_SLAB] = "slab",
};

/*
 * A trylock does not wait, so it cannot close a cycle of waiters: an interrupt
 * inside a guard section may try the pcp lock again. That does not push the
 * rank a second time, because the try fails.
 */
void lock_rank_push(struct cpu *cpu, enum lock_rank rank, bool trylock)
{
	if (!cpu)
		return;
	if (!trylock && cpu->held >> rank) {
		fprintf(stderr,
			"pcpmm: cpu %u takes the %s lock while holding ranks "
			"%#x\n",
			cpu->id, rank_names[rank], cpu->held);
		abort();
	}
	cpu->held |= 1u << rank;
}

void lock_rank_pop(struct cpu *cpu, enum lock_rank rank)
{
	if (cpu)
		cpu->held &= ~(1u << rank);
}
#endif
