/* SPDX-License-Identifier: MIT */
/* liburcu's threads and grace periods, and membarrier. */
#include "arch/rcu_flavour.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

char rcu_grace_tag;

/* --- threads that come and go ----------------------------------------------- */

static void go_offline(void)
{
	rcu_section_ends();
	urcu_qsbr_thread_offline();
}

bool rcu_qsbr_is_online(const struct thread *thread)
{
	return thread->qsbr && urcu_qsbr_read_ongoing();
}

/* All CPUs of the thread are idle: it counts as offline. */
static bool is_idle(const struct thread *thread)
{
	return thread->idle && thread->idle == thread->qsbr;
}

void rcu_thread_join(struct thread *thread, enum pcpmm_rcu flavour)
{
	if (flavour == PCPMM_RCU_MEMB && !thread->memb++)
		urcu_memb_register_thread();
	if (flavour != PCPMM_RCU_QSBR)
		return;
	if (is_idle(thread))
		urcu_qsbr_thread_online();
	if (!thread->qsbr++)
		urcu_qsbr_register_thread();
}

void rcu_thread_part(struct thread *thread, enum pcpmm_rcu flavour)
{
	if (flavour == PCPMM_RCU_MEMB && !--thread->memb)
		urcu_memb_unregister_thread();
	if (flavour != PCPMM_RCU_QSBR)
		return;
	if (!--thread->qsbr)
		urcu_qsbr_unregister_thread();
	else if (is_idle(thread))
		go_offline();
}

/* An interrupt between check and change leaves the state as it found it. */
bool rcu_offline(void)
{
	struct thread *thread = thread_current();

	if (!thread || thread->reading || !rcu_qsbr_is_online(thread))
		return false;
	go_offline();
	return true;
}

void rcu_online(bool was_online)
{
	if (was_online)
		urcu_qsbr_thread_online();
}

void rcu_idle_enter(struct thread *thread)
{
	thread->idle++;
	if (is_idle(thread))
		go_offline();
}

void rcu_idle_exit(struct thread *thread)
{
	if (is_idle(thread))
		urcu_qsbr_thread_online();
	thread->idle--;
}

bool rcu_interrupt_enter(struct thread *thread)
{
	if (!thread->qsbr || urcu_qsbr_read_ongoing())
		return false;
	urcu_qsbr_thread_online();
	return true;
}

void rcu_interrupt_exit(bool was_offline)
{
	if (was_offline)
		go_offline();
}

/* --- grace periods ------------------------------------------------------------ */

void rcu_wait_ends(void)
{
	tsan_acquire(&rcu_grace_tag);
}

void rcu_wait_memb(void)
{
	urcu_memb_synchronize_rcu();
	rcu_wait_ends();
}

void rcu_wait_qsbr(void)
{
	urcu_qsbr_synchronize_rcu();
	rcu_wait_ends();
}

static long membarrier(int command)
{
	return syscall(SYS_membarrier, command, 0, 0);
}

int rcu_barrier_prepare(enum pcpmm_grace grace)
{
	if (membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED))
		return -EOPNOTSUPP;
	if (grace == PCPMM_GRACE_NORMAL && membarrier(MEMBARRIER_CMD_GLOBAL))
		return -EOPNOTSUPP;
	return 0;
}

void rcu_barrier(enum pcpmm_grace grace)
{
	membarrier(grace == PCPMM_GRACE_NORMAL
			   ? MEMBARRIER_CMD_GLOBAL
			   : MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}
