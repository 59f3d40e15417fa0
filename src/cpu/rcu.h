/* SPDX-License-Identifier: MIT */
/*
 * RCU for readers that are CPUs.
 *
 *   flavour  a reader is            a grace period waits for
 *   sched    a CPU with interrupts  each CPU seen with interrupts on, between
 *            off, or in one         two membarriers
 *   memb     a section of liburcu   liburcu (membarriers as well)
 *   qsbr     a thread between two   liburcu; every thread must reach a
 *            quiescent states       quiescent state, sleep or be idle
 *   epoch    a CPU in a section     sections of older epochs (ck_epoch)
 *
 * sched is the kernel's own since 4.20: a CPU that has interrupts off is a
 * reader, and pays nothing for it. The others are arch/rcu_flavour.h's and
 * arch/rcu_epoch.h's.
 */
#ifndef CPU_RCU_H
#define CPU_RCU_H

#include "arch/rcu_epoch.h"
#include "arch/rcu_flavour.h"
#include "cpu/entry.h"
#include "cpu/smp.h"

/* The RCU of one machine. Its creator sets all fields but epoch. */
struct rcu {
	enum pcpmm_rcu flavour;
	enum pcpmm_grace grace;
	const struct smp *smp;
	struct rcu_epoch *epoch; /* of that flavour; else NULL */
};

/* Before the first section. -EOPNOTSUPP: the host can not do it; -ENOMEM. */
int rcu_init(struct rcu *rcu);
/* Also after a failed rcu_init(), and for a struct of zeros. */
void rcu_fini(struct rcu *rcu);

/*
 * [rcu.sync] Every section that has begun by now, on those CPUs whose bit is set
 * in @mask (NULL: on all), has ended. The caller is no reader.
 */
void rcu_wait(const struct rcu *rcu, const uint64_t *mask);

/* Bytes that a CPU's readers cost; 0 but for epoch, which has a record of each. */
size_t rcu_memory_cpu(const struct rcu *rcu);

/* A safe point of @cpu's thread, outside all sections on all its CPUs. */
void rcu_quiescent(const struct cpu *cpu);

/* --- the end of a section on @cpu, interrupts still off ---------------------- */

/* sched: irq_save() and irq_restore() are the section. [rcu.unlock] */
static force_inline void rcu_sched_leave(void)
{
	rcu_section_ends();
}

/* The thread runs as several CPUs, and is in a section of @nr_masked of them. */
void rcu_qsbr_leave_one(unsigned int nr_masked);

/* [rcu.unlock] Not inside another section of this CPU. */
static force_inline void rcu_qsbr_leave(const struct cpu *cpu)
{
	if (unlikely(cpu->thread->qsbr != 1))
		rcu_qsbr_leave_one(entry_nr_masked());
	else
		rcu_qsbr_quiescent();
}

#endif
