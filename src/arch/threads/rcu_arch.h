/* SPDX-License-Identifier: MIT */
/* threads/rcu_arch.h - sections of liburcu, inlined */
#ifndef ARCH_THREADS_RCU_ARCH_H
#define ARCH_THREADS_RCU_ARCH_H

#include "tsan.h"

#ifndef ARCH_TSAN
#define _LGPL_SOURCE
#endif
#include <urcu/urcu-memb.h>
#include <urcu/urcu-qsbr.h>

/* A tag for annotations; holds nothing. */
extern char rcu_grace_tag;

static force_inline void rcu_section_ends(void)
{
	tsan_release(&rcu_grace_tag);
}

static force_inline void rcu_memb_enter(void)
{
	urcu_memb_read_lock();
}

static force_inline void rcu_memb_leave(void)
{
	rcu_section_ends();
	urcu_memb_read_unlock();
}

static force_inline void rcu_qsbr_quiescent(void)
{
	rcu_section_ends();
	urcu_qsbr_quiescent_state();
}

#endif
