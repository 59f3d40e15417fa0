/* SPDX-License-Identifier: MIT */
/* Spin locks that interrupts take, too. */
#ifndef CPU_IRQ_LOCK_H
#define CPU_IRQ_LOCK_H

#include "cpu/entry.h"
#include "cpu/lock.h"

/*
 * For a lock that interrupts take, too: no interrupt of this thread runs while
 * the lock is held.
 *
 *   IRQ_MASKED  @cpu takes no interrupt.
 *   IRQ_LOCKED  The thread's other CPUs take none either. A signal brings the
 *               interrupts of all CPUs that the thread runs as; a handler that
 *               finds one of them IRQ_LOCKED sets `missed` of that CPU and
 *               returns. irq_lock_end() takes them.
 */
static force_inline void irq_lock_begin(struct cpu *cpu)
{
	own_add_u32(&cpu->irq_off, IRQ_LOCKED + IRQ_MASKED);
	compiler_barrier();
}

/* The lock has been released. */
static force_inline void irq_lock_end(struct cpu *cpu)
{
	compiler_barrier();
	own_add_u32(&cpu->irq_off, -IRQ_LOCKED);
	compiler_barrier();
	if (unlikely(cpu->missed))
		cpu_take_missed(cpu);
	irq_restore(cpu);
}

static force_inline void lock_irqsave(
	struct cpu *cpu, struct spinlock *lock, enum lock_rank rank)
{
	irq_lock_begin(cpu);
	lock_acquire(cpu, lock, rank);
}

static force_inline void lock_irqrestore(
	struct cpu *cpu, struct spinlock *lock, enum lock_rank rank)
{
	lock_release(cpu, lock, rank);
	irq_lock_end(cpu);
}

#endif
