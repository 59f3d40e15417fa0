/* SPDX-License-Identifier: MIT */
/* threads/rcu_epoch_arch.h - sections of ck_epoch, inlined */
#ifndef ARCH_THREADS_RCU_EPOCH_ARCH_H
#define ARCH_THREADS_RCU_EPOCH_ARCH_H

#include <ck_epoch.h>

struct rcu_record {
	ck_epoch_record_t record;
};

static force_inline void rcu_epoch_enter(struct rcu_record *record)
{
	ck_epoch_begin(&record->record, NULL);
}

static force_inline void rcu_epoch_leave(struct rcu_record *record)
{
	rcu_section_ends();
	ck_epoch_end(&record->record, NULL);
}

#endif
