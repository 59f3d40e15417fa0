/* SPDX-License-Identifier: MIT */
/* Grace periods, and threads that come and go; see rcu.h. */
#include "cpu/rcu.h"

#include "cpu/cpumask.h"
#include "cpu/sched.h"

#include <ck_pr.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SPIN_TURNS 256

char rcu_grace_tag;

/* CPUs this thread is on, by flavour; how deep it is offline; from where. */
static thread_local_handler unsigned int joined_memb;
thread_local_handler unsigned int rcu_qsbr_joined;
static thread_local_handler unsigned int idle; /* of those of qsbr */
static thread_local_handler unsigned int offline_depth;
static thread_local_handler bool was_online;

/* --- the host --------------------------------------------------------- */

static long membarrier(int command)
{
	return syscall(SYS_membarrier, command, 0, 0);
}

int rcu_prepare(enum pcpmm_rcu flavour, enum pcpmm_grace grace)
{
	if (flavour != PCPMM_RCU_SCHED)
		return 0;
	if (membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED))
		return -EOPNOTSUPP;
	if (grace == PCPMM_GRACE_NORMAL && membarrier(MEMBARRIER_CMD_GLOBAL))
		return -EOPNOTSUPP;
	return 0;
}

/* --- threads ---------------------------------------------------------- */

/* All its CPUs are idle: it counts as offline. */
static bool is_idle(void)
{
	return idle && idle == rcu_qsbr_joined;
}

void rcu_thread_join(enum pcpmm_rcu flavour)
{
	if (flavour == PCPMM_RCU_MEMB && !joined_memb++)
		urcu_memb_register_thread();
	if (flavour != PCPMM_RCU_QSBR)
		return;
	if (is_idle())
		rcu_online();
	if (!rcu_qsbr_joined++)
		urcu_qsbr_register_thread();
}

void rcu_thread_part(enum pcpmm_rcu flavour)
{
	if (flavour == PCPMM_RCU_MEMB && !--joined_memb)
		urcu_memb_unregister_thread();
	if (flavour != PCPMM_RCU_QSBR)
		return;
	if (!--rcu_qsbr_joined)
		urcu_qsbr_unregister_thread();
	else if (is_idle())
		rcu_offline();
}

void rcu_offline(void)
{
	if (offline_depth++)
		return;
	was_online = rcu_qsbr_joined && urcu_qsbr_read_ongoing();
	if (!was_online)
		return;
	tsan_release(&rcu_grace_tag);
	urcu_qsbr_thread_offline();
}

/* Read first: an interrupt behind the decrement writes it. */
void rcu_online(void)
{
	bool online = was_online;

	compiler_barrier();
	if (!--offline_depth && online)
		urcu_qsbr_thread_online();
}

void rcu_idle_enter(void)
{
	idle++;
	if (is_idle())
		rcu_offline();
}

void rcu_idle_exit(void)
{
	if (is_idle())
		rcu_online();
	idle--;
}

void rcu_qsbr_leave_one(void)
{
	if (sched_nr_masked() == 1)
		urcu_qsbr_quiescent_state();
}

/* Between the two it may see any moment of online and offline above. */
bool rcu_interrupt_enter(void)
{
	if (!rcu_qsbr_joined || urcu_qsbr_read_ongoing())
		return false;
	urcu_qsbr_thread_online();
	return true;
}

void rcu_interrupt_exit(bool was_offline)
{
	if (!was_offline)
		return;
	tsan_release(&rcu_grace_tag);
	urcu_qsbr_thread_offline();
}

void rcu_quiescent(void)
{
	if (!rcu_qsbr_joined || offline_depth || sched_is_atomic())
		return;
	tsan_release(&rcu_grace_tag);
	urcu_qsbr_quiescent_state();
}

/* --- grace periods ---------------------------------------------------- */

void rcu_wait_memb(void)
{
	urcu_memb_synchronize_rcu();
	tsan_acquire(&rcu_grace_tag);
}

void rcu_wait_qsbr(void)
{
	urcu_qsbr_synchronize_rcu();
	tsan_acquire(&rcu_grace_tag);
}

/*
 * Racy on purpose. The membarrier before made every thread's earlier stores
 * visible: a CPU whose section had read the old pointer shows its irqs off
 * here until that section has ended. One that shows them on, even for a
 * moment between two sections, has none from before.
 */
static racy_reader bool irqs_are_off(const struct cpu *cpu)
{
	return RACY_READ(cpu->irq_off) != 0;
}

static void wait_irqs_on(const struct cpu *cpu, unsigned int *turns)
{
	while (irqs_are_off(cpu)) {
		ck_pr_stall();
		if (++*turns % SPIN_TURNS == 0)
			sched_yield();
	}
}

/*
 * [rcu.mask] full, pairs with [rcu.swap]: reader: irqs off, (nothing but the
 * compiler's barrier), read the pointer; updater: write the pointer,
 * membarrier, read irqs off. The membarrier is the barrier of both.
 */
void rcu_wait_sched(struct cpu *const *cpus, unsigned int nr,
	const uint64_t *mask, enum pcpmm_grace grace)
{
	int command = grace == PCPMM_GRACE_NORMAL
			      ? MEMBARRIER_CMD_GLOBAL
			      : MEMBARRIER_CMD_PRIVATE_EXPEDITED;
	unsigned int turns = 0;

	membarrier(command);
	for (unsigned int i = 0; i < nr; i++)
		if (!mask || cpumask_test(mask, i))
			wait_irqs_on(cpus[i], &turns);
	/* The end of a section is a plain store, and may run ahead of what
	 * the section wrote, unless the processor stores in order. */
	if (!ATOMIC_STORES_IN_ORDER)
		membarrier(command);
	tsan_acquire(&rcu_grace_tag);
}
