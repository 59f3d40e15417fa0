/* SPDX-License-Identifier: MIT */
/* The owner's paths, one table a guard; the ops of a strategy name one. */
#ifndef PCPLIST_OWNER_H
#define PCPLIST_OWNER_H

#include "pcplist/pcp.h"

extern const struct pcp_owner_ops irqoff_owner;
extern const struct pcp_owner_ops irqoff_summary_owner;
extern const struct pcp_owner_ops pcp_lock_owner;
extern const struct pcp_owner_ops pcp_spin_owner;
extern const struct pcp_owner_ops percpu_spin_owner;
extern const struct pcp_owner_ops rcu_sched_owner;
extern const struct pcp_owner_ops rcu_memb_owner;
extern const struct pcp_owner_ops rcu_qsbr_owner;
extern const struct pcp_owner_ops rcu_epoch_owner;
extern const struct pcp_owner_ops external_owner;

#endif
