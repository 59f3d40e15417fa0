/* SPDX-License-Identifier: MIT */
/* liburcu behind four names. Out of line on purpose: TSan must see no part. */
#include "arch/rcu.h"

#include <urcu/urcu-memb.h>

#include "arch/tsan.h"

static char grace_period;

void rcu_thread_register(void)
{
	urcu_memb_register_thread();
}

void rcu_thread_unregister(void)
{
	urcu_memb_unregister_thread();
}

void rcu_section_enter(void)
{
	urcu_memb_read_lock();
}

/* [rcu.unlock] release, pairs with [rcu.sync] */
void rcu_section_leave(void)
{
	tsan_release(&grace_period);
	urcu_memb_read_unlock();
}

/* [rcu.sync] acquire, pairs with [rcu.unlock] */
void rcu_wait(void)
{
	urcu_memb_synchronize_rcu();
	tsan_acquire(&grace_period);
}
