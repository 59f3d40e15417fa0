/* SPDX-License-Identifier: MIT */
/*
 * All guards: what is compiled once for each of them expands this list (owner.c,
 * alloc/hot.c).
 */
#ifndef PCPLIST_GUARDS_H
#define PCPLIST_GUARDS_H

#include "pcplist/core.h"
#include "pcplist/guard_external.h"
#include "pcplist/guard_irqoff.h"
#include "pcplist/guard_pcp_lock.h"
#include "pcplist/guard_pcp_spin.h"
#include "pcplist/guard_percpu_spin.h"
#include "pcplist/guard_rcu.h"
#include "pcplist/guard_summary.h"

/* clang-format off */
/*
 * X(name, enter, leave, busy, interrupts are off inside); see struct pcp_guard.
 */
#define PCP_GUARDS(X)                                                          \
	X(irqoff, guard_irqoff_enter, guard_irqoff_leave, NULL, true)          \
	X(irqoff_summary, guard_summary_enter, guard_summary_leave, NULL, true) \
	X(pcp_lock, guard_pcp_lock_enter, guard_pcp_lock_leave,                \
		guard_pcp_lock_busy, false)                                    \
	X(pcp_spin, guard_pcp_spin_enter, guard_pcp_spin_leave, NULL, true)    \
	X(percpu_spin, guard_percpu_spin_enter, guard_percpu_spin_leave,       \
		NULL, true)                                                    \
	X(rcu_sched, guard_rcu_sched_enter, guard_rcu_sched_leave,             \
		NULL, true)                                                    \
	X(rcu_memb, guard_rcu_memb_enter, guard_rcu_memb_leave, NULL, true)    \
	X(rcu_qsbr, guard_rcu_sched_enter, guard_rcu_qsbr_leave, NULL, true)   \
	X(rcu_epoch, guard_rcu_epoch_enter, guard_rcu_epoch_leave,             \
		NULL, true)                                                    \
	X(external, guard_external_enter, guard_external_leave, NULL, false)
/* clang-format on */

#endif
