/* SPDX-License-Identifier: MIT */
/* Every strategy: one file each, one line here. */
#ifndef PCPLIST_STRATEGIES_H
#define PCPLIST_STRATEGIES_H

#include "pcplist/pcp.h"

extern const struct pcp_drain_ops pcp_lock_ops;
extern const struct pcp_drain_ops ipi_all_ops;
extern const struct pcp_drain_ops ipi_mask_ops;
extern const struct pcp_drain_ops ipi_mask_posted_ops;
extern const struct pcp_drain_ops ipi_mask_locked_ops;
extern const struct pcp_drain_ops workqueue_ops;
extern const struct pcp_drain_ops kthread_ops;
extern const struct pcp_drain_ops kthread_posted_ops;
extern const struct pcp_drain_ops rcu_swap_ops;
extern const struct pcp_drain_ops percpu_spinlock_2021_ops;
extern const struct pcp_drain_ops pcp_spinlock_2021_ops;
extern const struct pcp_drain_ops external_ops;
extern const struct pcp_drain_ops pcp_buddy_ops;

/* pcp_lock on one CPU; @up is not PCPMM_UP_NO. */
const struct pcp_drain_ops *pcp_lock_up_ops(enum pcpmm_up up);

#endif
