/* SPDX-License-Identifier: MIT */
/*
 * The library's hot paths, compiled once more without one part: PCPMM_MUTANT names it,
 * PART_DOORS is the name of the result. With NO_MUTANT nothing is left out: that is
 * what the others are compared with.
 */
#define HOT_FUNCTION static

#include "breakdown_part.h"

#include "alloc/hot_door.h"
#include "pcplist/guards.h"

HOT_DOOR(part_irqoff, guard_irqoff_enter, guard_irqoff_leave, NULL, true)
HOT_DOOR(part_rcu_sched, guard_rcu_sched_enter, guard_rcu_sched_leave, NULL,
	true)
HOT_DOOR(part_pcp_lock, guard_pcp_lock_enter, guard_pcp_lock_leave,
	guard_pcp_lock_busy, false)

const struct pcpmm_door PART_DOORS[NR_PART_GUARDS] = {
	[PART_IRQOFF] = {pcpmm_hot_alloc_part_irqoff,
		pcpmm_hot_free_part_irqoff},
	[PART_RCU_SCHED] = {pcpmm_hot_alloc_part_rcu_sched,
		pcpmm_hot_free_part_rcu_sched},
	[PART_PCP_LOCK] = {pcpmm_hot_alloc_part_pcp_lock,
		pcpmm_hot_free_part_pcp_lock},
};
