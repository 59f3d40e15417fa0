/* SPDX-License-Identifier: MIT */
/* The CPUs of one machine: which there are, and which of them are online. */
#ifndef CPU_SMP_H
#define CPU_SMP_H

#include "cpu/cpu.h"
#include "cpu/cpumask.h"

/* Hotplug writes online and nr_online under its lock; they are read racily. */
struct smp {
	struct cpu **cpu; /* [nr], by id */
	unsigned int nr; /* possible CPUs */
	unsigned int nr_online;
	uint64_t *online; /* bit a CPU */
};

/* @cpu is an array of @nr that the caller keeps. 0 or -ENOMEM. */
int smp_init(struct smp *smp, struct cpu **cpu, unsigned int nr);
void smp_fini(struct smp *smp);

static inline bool smp_is_online(const struct smp *smp, unsigned int id)
{
	return cpumask_test(smp->online, id);
}

static inline unsigned int smp_nr_online(const struct smp *smp)
{
	return atomic_load_relaxed_u32(&smp->nr_online);
}

/* One writer at a time. */
void smp_set_online(struct smp *smp, unsigned int id, bool online);

/*
 * The CPU that can best be spared: online, without a FIFO task, not nohz_full,
 * of node @nid (< 0: any), idle, in this order of importance. Racy: on a worse
 * CPU a task waits or disturbs another one, nothing else.
 */
struct cpu *smp_spare(const struct smp *smp, int nid);

#endif
