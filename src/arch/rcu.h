/* SPDX-License-Identifier: MIT */
/*
 * RCU for threads that are CPUs: liburcu's memb flavour, whose readers need
 * not call in, at 1.3 ns a section.
 *
 * Under ThreadSanitizer the grace period is told to it by two annotations:
 * it cannot see the one that membarrier makes.
 *
 * [rcu.unlock] release, pairs with [rcu.sync] acquire: after a grace period
 * all that a section did before it ended is seen.
 */
#ifndef ARCH_RCU_H
#define ARCH_RCU_H

/* A thread registers before its first section and unregisters after its last. */
void rcu_thread_register(void);
void rcu_thread_unregister(void);

void rcu_section_enter(void);
void rcu_section_leave(void);

/* Wait until every section that has begun by now has ended. */
void rcu_wait(void);

#endif
