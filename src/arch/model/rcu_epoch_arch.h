/* SPDX-License-Identifier: MIT */
/* model/rcu_epoch_arch.h - a section is an odd word of its CPU */
#ifndef ARCH_MODEL_RCU_EPOCH_ARCH_H
#define ARCH_MODEL_RCU_EPOCH_ARCH_H

#include "model.h"

struct rcu_record {
	uint64_t word; /* odd inside a section */
	uint32_t nests;
};

/* An interrupt at the point enters and leaves by itself, or is inside already. */
static force_inline void rcu_epoch_enter(struct rcu_record *record)
{
	if (!record->nests) {
		MODEL_AT(rcu_epoch_enter);
		model_point(MODEL_STORE, record, sizeof(record->word), true);
		record->word++;
	}
	record->nests++;
}

static force_inline void rcu_epoch_leave(struct rcu_record *record)
{
	if (record->nests == 1) {
		MODEL_AT(rcu_epoch_leave);
		model_point(MODEL_STORE, record, sizeof(record->word), true);
		record->word++;
	}
	record->nests--;
}

#endif
