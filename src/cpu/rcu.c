/* SPDX-License-Identifier: MIT */
/* Grace periods of CPUs that read with interrupts off, and safe points. */
#include "cpu/rcu.h"

#include <errno.h>

#include "arch/wait.h"

int rcu_init(struct rcu *rcu)
{
	const struct smp *smp = rcu->smp;

	if (rcu->flavour == PCPMM_RCU_SCHED)
		return rcu_barrier_prepare(rcu->grace);
	if (rcu->flavour != PCPMM_RCU_EPOCH)
		return 0;
	rcu->epoch = rcu_epoch_create(smp->nr);
	if (!rcu->epoch)
		return -ENOMEM;
	for (unsigned int id = 0; id < smp->nr; id++)
		smp->cpu[id]->rcu_record = rcu_epoch_record(rcu->epoch, id);
	return 0;
}

size_t rcu_memory_cpu(const struct rcu *rcu)
{
	return rcu->epoch ? rcu_epoch_record_size() : 0;
}

void rcu_fini(struct rcu *rcu)
{
	rcu_epoch_destroy(rcu->epoch);
}

/* A thread that runs as several CPUs is quiescent after its last section. */
void rcu_qsbr_leave_one(unsigned int nr_masked)
{
	if (nr_masked == 1)
		rcu_qsbr_quiescent();
	else
		rcu_section_ends();
}

void rcu_quiescent(const struct cpu *cpu)
{
	if (rcu_qsbr_is_online(cpu->thread))
		rcu_qsbr_quiescent();
}

/*
 * The looks are racy on purpose. The barrier before them made every thread's
 * earlier stores visible: a CPU whose section had read the old pointer shows
 * its interrupts off here until that section has ended. One that shows them on,
 * even for a moment between two sections, has none from before.
 *
 * [rcu.mask] full, pairs with [rcu.swap]: reader: interrupts off, (nothing but
 * the compiler's barrier), read the pointer; updater: write the pointer,
 * membarrier, read irq_off. The membarrier is the barrier of both.
 */
static void wait_sched(const struct rcu *rcu, const uint64_t *mask)
{
	const struct smp *smp = rcu->smp;

	rcu_barrier(rcu->grace);
	for (unsigned int id = 0; id < smp->nr; id++)
		if (!mask || cpumask_test(mask, id))
			spin_until_zero(&smp->cpu[id]->irq_off);
	/* The end of a section is a plain store, and may run ahead of what
	 * the section wrote, unless the processor stores in order. */
	if (!ATOMIC_STORES_IN_ORDER)
		rcu_barrier(rcu->grace);
	rcu_wait_ends();
}

void rcu_wait(const struct rcu *rcu, const uint64_t *mask)
{
	switch (rcu->flavour) {
	case PCPMM_RCU_SCHED:
		wait_sched(rcu, mask);
		break;
	case PCPMM_RCU_MEMB:
		rcu_wait_memb();
		break;
	case PCPMM_RCU_QSBR:
		rcu_wait_qsbr();
		break;
	default:
		rcu_epoch_wait(rcu->epoch);
		break;
	}
}
