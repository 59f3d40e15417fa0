/* SPDX-License-Identifier: MIT */
/*
 * The owner's paths: core.h, compiled once for each guard. Only the guard's
 * instructions are left of it (tests/codegen checks).
 */
#include "pcplist/owner.h"

#include "pcplist/core.h"
#include "pcplist/guard_external.h"
#include "pcplist/guard_irqoff.h"
#include "pcplist/guard_pcp_lock.h"
#include "pcplist/guard_rcu.h"

PCP_OWNER_OPS(irqoff, guard_irqoff_enter, guard_irqoff_leave);
PCP_OWNER_OPS(pcp_lock, guard_pcp_lock_enter, guard_pcp_lock_leave);
PCP_OWNER_OPS(rcu_sched, guard_rcu_sched_enter, guard_rcu_sched_leave);
PCP_OWNER_OPS(rcu_memb, guard_rcu_memb_enter, guard_rcu_memb_leave);
PCP_OWNER_OPS(rcu_qsbr, guard_rcu_sched_enter, guard_rcu_qsbr_leave);
PCP_OWNER_OPS(rcu_epoch, guard_rcu_epoch_enter, guard_rcu_epoch_leave);
PCP_OWNER_OPS(external, guard_external_enter, guard_external_leave);
