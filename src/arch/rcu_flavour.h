/* SPDX-License-Identifier: MIT */
/*
 * RCU flavours of libraries, and the barrier for a flavour of our own;
 * cpu/rcu.h puts them together for readers that are CPUs.
 *
 *   flavour  a reader is                  by
 *   memb     a section                    liburcu
 *   qsbr     a thread between two         liburcu; every thread must reach a
 *            quiescent states             quiescent state, sleep or be idle
 *   epoch    a section of a CPU           Concurrency Kit
 *
 * Readers of memb and qsbr are threads: a thread joins before its first
 * section. Sections are inlined, except under ThreadSanitizer, which must not
 * see into them; two annotations tell it of the grace period.
 *
 * [rcu.unlock] release, pairs with [rcu.sync] acquire: after a grace period
 * all that a section did before it ended is seen.
 */
#ifndef ARCH_RCU_FLAVOUR_H
#define ARCH_RCU_FLAVOUR_H

#include <pcpmm/axes.h>
#include <stdbool.h>

#include "arch/compiler.h"
#include "arch/thread.h"

/* --- threads ------------------------------------------------------------- */

/* This thread has readers on one more CPU, or on one less. Any flavour. */
void rcu_thread_join(struct thread *thread, enum pcpmm_rcu flavour);
void rcu_thread_part(struct thread *thread, enum pcpmm_rcu flavour);

/*
 * This thread has no section until rcu_online(true). true: it was online until
 * now; false: it is no qsbr reader, is offline already, or waits inside a
 * section. Safe in a signal handler. Nests, since the inner call returns false.
 */
bool rcu_offline(void);
void rcu_online(bool was_online);

/*
 * An interrupt has sections, too. Its thread may be offline: it has not yet
 * come back since it was granted the CPU, or it waits for another CPU. true: it
 * was offline.
 */
bool rcu_interrupt_enter(struct thread *thread);
void rcu_interrupt_exit(bool was_offline);

/* A CPU of this thread goes idle, or comes back. Offline while all are idle. */
void rcu_idle_enter(struct thread *thread);
void rcu_idle_exit(struct thread *thread);

/* --- sections ------------------------------------------------------------ */

static force_inline void rcu_memb_enter(void);
static force_inline void rcu_memb_leave(void); /* [rcu.unlock] */
/* Outside all sections of this thread. [rcu.unlock] */
static force_inline void rcu_qsbr_quiescent(void);
/* This thread is a qsbr reader, and online. */
bool rcu_qsbr_is_online(const struct thread *thread);
/* The end of a section in which only interrupts were off. [rcu.unlock] */
static force_inline void rcu_section_ends(void);

/* --- grace periods ------------------------------------------------------- */

/* [rcu.sync] Every section of any machine that has begun by now has ended. */
void rcu_wait_memb(void);
void rcu_wait_qsbr(void);
/* [rcu.sync] for our own flavour, after its last look at the readers. */
void rcu_wait_ends(void);

/*
 * membarrier: a full barrier on every processor that runs this process, so that
 * readers need only the compiler's. 0, or -EOPNOTSUPP: this host has none.
 */
int rcu_barrier_prepare(enum pcpmm_grace grace);
void rcu_barrier(enum pcpmm_grace grace);

#include "rcu_arch.h"

#endif
