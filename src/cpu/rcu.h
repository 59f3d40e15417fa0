/* SPDX-License-Identifier: MIT */
/*
 * RCU in three flavours, for readers that are CPUs (sched) or threads.
 *
 *   flavour  a reader is            a grace period waits for
 *   sched    a CPU with irqs off    each CPU seen with irqs on, between two
 *            (or in an interrupt)   membarriers
 *   memb     a section of liburcu   liburcu (membarriers as well)
 *   qsbr     a thread that has not  liburcu; every thread must call in, sleep
 *            called in              or be idle
 *
 * sched is the kernel's own since 4.20: whoever has interrupts off is a reader,
 * and pays nothing for it. memb and qsbr are liburcu's, inlined but under
 * ThreadSanitizer, which must not see into them and is told of the grace period
 * by two annotations.
 *
 * [rcu.unlock] release, pairs with [rcu.sync] acquire: after a grace period
 * all that a section did before it ended is seen.
 */
#ifndef ARCH_RCU_H
#define ARCH_RCU_H

#include <pcpmm/machine.h>

#include "cpu/cpu.h"
#include "arch/tsan.h"

#ifndef ARCH_TSAN
#define _LGPL_SOURCE
#endif
/* It writes the attribute by its plain name. */
#pragma push_macro("force_inline")
#undef force_inline
#include <urcu/urcu-memb.h>
#include <urcu/urcu-qsbr.h>
#pragma pop_macro("force_inline")

/* A tag for annotations; holds nothing. */
extern char rcu_grace_tag;

/*
 * 0 if the host can do it, else -EOPNOTSUPP: sched needs membarrier, and the
 * normal grace period its global form.
 */
int rcu_prepare(enum pcpmm_rcu flavour, enum pcpmm_grace grace);

/* This thread will have readers, on one CPU more or less. Any flavour. */
void rcu_thread_join(enum pcpmm_rcu flavour);
void rcu_thread_part(enum pcpmm_rcu flavour);

/* No reader here until online again. Handler-safe; nests with itself. */
void rcu_offline(void);
void rcu_online(void);

/*
 * An interrupt reads, wherever it finds its thread: that may be offline still,
 * though it has been given the CPU, or waits for another one. true: it was.
 */
bool rcu_interrupt_enter(void);
void rcu_interrupt_exit(bool was_offline);

/* A CPU of this thread is idle, or not any more: no reader if all are. */
void rcu_idle_enter(void);
void rcu_idle_exit(void);
/* A safe point, outside all sections on this CPU. */
void rcu_quiescent(void);

/* CPUs of this thread; the end of a section if there are several. */
extern thread_local_handler unsigned int rcu_qsbr_joined;
void rcu_qsbr_leave_one(void);

/* --- sections --------------------------------------------------------- */

/* sched: irq_save() and irq_restore() are the section. */
static force_inline void rcu_sched_leave(void)
{
	tsan_release(&rcu_grace_tag);
}

static force_inline void rcu_memb_enter(void)
{
	urcu_memb_read_lock();
}

/* [rcu.unlock] */
static force_inline void rcu_memb_leave(void)
{
	tsan_release(&rcu_grace_tag);
	urcu_memb_read_unlock();
}

/* [rcu.unlock] Not inside another section of this thread. */
static force_inline void rcu_qsbr_leave(void)
{
	tsan_release(&rcu_grace_tag);
	if (unlikely(rcu_qsbr_joined != 1))
		rcu_qsbr_leave_one();
	else
		urcu_qsbr_quiescent_state();
}

/* --- grace periods ---------------------------------------------------- */

/* [rcu.sync] Every section of any machine that has begun by now has ended. */
void rcu_wait_memb(void);
void rcu_wait_qsbr(void);

/*
 * [rcu.sync] Every section that has begun by now, on those of @cpus whose bit
 * is set in @mask (NULL: on all), has ended.
 */
void rcu_wait_sched(struct cpu *const *cpus, unsigned int nr,
	const uint64_t *mask, enum pcpmm_grace grace);

#endif
