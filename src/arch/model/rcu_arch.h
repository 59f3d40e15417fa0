/* SPDX-License-Identifier: MIT */
/* model/rcu_arch.h - sections that a grace period can see, a point each */
#ifndef ARCH_MODEL_RCU_ARCH_H
#define ARCH_MODEL_RCU_ARCH_H

void model_memb_enter(void);
void model_memb_leave(void);
void model_qsbr_quiescent(void);

/* Nothing is ordered here: executions are sequentially consistent. */
static force_inline void rcu_section_ends(void)
{
}

static force_inline void rcu_memb_enter(void)
{
	model_memb_enter();
}

static force_inline void rcu_memb_leave(void)
{
	model_memb_leave();
}

static force_inline void rcu_qsbr_quiescent(void)
{
	model_qsbr_quiescent();
}

#endif
