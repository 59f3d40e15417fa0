/* SPDX-License-Identifier: MIT */
/*
 * Locks of per-CPU data that another CPU may take: pwlocks (Leonardo Bras, Marcelo
 * Tosatti, v4 of 18 May 2026). One interface, two behaviours, of which a key chooses
 * one for good when the machine is created (docs/pwlocks.md):
 *
 *                    key off                          key on
 *   lock of CPU k    interrupts off; @by is CPU k,    interrupts off, and the spin
 *                    or has taken it down             lock of k's data; @by is any CPU
 *   trylock          likewise: it succeeds            fails while another CPU has it
 *   run on CPU k     a work item on k, waited for     the caller runs the function
 *
 * So with the key on the owner takes the lock as well: a lock that one of two sides
 * takes protects nothing. A function that pw_run() runs gets its CPU by number, and
 * never looks at "this CPU". An interrupt in the middle of a section would find a
 * local lock of the kernel taken; here interrupts are off in all sections.
 */
#ifndef CPU_PWLOCK_H
#define CPU_PWLOCK_H

#include "arch/mutant.h"
#include "cpu/irq_lock.h"
#include "cpu/workqueue.h"

/*
 * Data of one kind: an instance of it, with its lock, for each CPU. @locks and @stride
 * say where the locks are: that of CPU k is stride * k bytes behind that of CPU 0.
 */
struct pwlock {
	char *locks; /* struct spinlock */
	size_t stride;
	enum lock_rank rank;
	bool key; /* constant */
};

static force_inline struct spinlock *pwlock_of(
	const struct pwlock *pw, const struct cpu *by, unsigned int id)
{
	unsigned int locked = MUTANT(PWLOCKS_LOCKS_OWN) ? by->id : id;

	return (struct spinlock *)(void *)(pw->locks + pw->stride * locked);
}

/* The key is on, and so @by takes a lock for the data of CPU @id. */
static force_inline bool pwlock_spins(
	const struct pwlock *pw, const struct cpu *by, unsigned int id)
{
	return pw->key && !(MUTANT(PWLOCKS_OWNER_LOCAL) && by->id == id);
}

/* pw_lock_irqsave(): @by changes the data of CPU @id from here on. */
static force_inline void pw_lock(
	const struct pwlock *pw, struct cpu *by, unsigned int id)
{
	if (pwlock_spins(pw, by, id))
		lock_irqsave(by, pwlock_of(pw, by, id), pw->rank);
	else
		irq_save(by);
}

/* false: another CPU has the lock, and nothing has changed. */
static force_inline bool pw_trylock(
	const struct pwlock *pw, struct cpu *by, unsigned int id)
{
	if (!pwlock_spins(pw, by, id)) {
		irq_save(by);
		return true;
	}
	irq_lock_begin(by);
	if (likely(lock_try(by, pwlock_of(pw, by, id), pw->rank)))
		return true;
	irq_lock_end(by);
	return false;
}

static force_inline void pw_unlock(
	const struct pwlock *pw, struct cpu *by, unsigned int id)
{
	if (pwlock_spins(pw, by, id))
		lock_irqrestore(by, pwlock_of(pw, by, id), pw->rank);
	else
		irq_restore(by);
}

/* --- queue_on and flush ------------------------------------------------------ */

/* Change the data of CPU @id. */
typedef void pw_fn(struct cpu *by, unsigned int id, void *arg);

/* A function to run on the data of several CPUs. One pw_run() at a time. */
struct pw_runner {
	/* Constant. */
	pw_fn *fn;
	void *arg;
	struct workqueues *workqueues;
	unsigned int nr_cpus;
	bool key;

	struct pw_item *items; /* [cpu]; NULL: no run yet, or the key is on */
	/* Sums; relaxed adds. */
	uint64_t works; /* items queued */
	uint64_t remote; /* calls by the caller itself */
};

/*
 * Run it for each CPU of @asked: by work items on mm_percpu_wq, all queued before
 * the first is waited for; or, with the key on, now and here, in order. @by waits. 0;
 * -EAGAIN or -ENOMEM: no thread or memory for workers, and nothing has run.
 */
int pw_run(struct pw_runner *runner, struct cpu *by, const uint64_t *asked);
void pw_runner_fini(struct pw_runner *runner);

#endif
