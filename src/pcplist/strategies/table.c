/* SPDX-License-Identifier: MIT */
/* The table of drain strategies. */
#include "pcplist/strategies/strategies.h"

static const struct pcp_drain_ops *const strategies[PCPMM_NR_DRAINS] = {
	[PCPMM_DRAIN_PCP_LOCK] = &pcp_lock_ops,
	[PCPMM_DRAIN_IPI_ALL] = &ipi_all_ops,
	[PCPMM_DRAIN_IPI_MASK] = &ipi_mask_ops,
	[PCPMM_DRAIN_IPI_MASK_POSTED] = &ipi_mask_posted_ops,
	[PCPMM_DRAIN_IPI_MASK_LOCKED] = &ipi_mask_locked_ops,
	[PCPMM_DRAIN_WORKQUEUE] = &workqueue_ops,
	[PCPMM_DRAIN_KTHREAD] = &kthread_ops,
	[PCPMM_DRAIN_KTHREAD_POSTED] = &kthread_posted_ops,
	[PCPMM_DRAIN_RCU_SWAP] = &rcu_swap_ops,
	[PCPMM_DRAIN_PERCPU_SPINLOCK_2021] = &percpu_spinlock_2021_ops,
	[PCPMM_DRAIN_PCP_SPINLOCK_2021] = &pcp_spinlock_2021_ops,
	[PCPMM_DRAIN_EXTERNAL] = &external_ops,
	[PCPMM_DRAIN_PCP_BUDDY] = &pcp_buddy_ops,
};

const struct pcp_drain_ops *pcp_drain_ops_of(unsigned int drain)
{
	return drain < PCPMM_NR_DRAINS ? strategies[drain] : NULL;
}
