/* SPDX-License-Identifier: MIT */
/*
 * A sleeping lock for cold paths: configuration, hotplug, drains. A waiter
 * leaves its CPUs meanwhile: the holder may need one of them.
 */
#ifndef CPU_MUTEX_H
#define CPU_MUTEX_H

#include "arch/mutex.h"
#include "cpu/sched.h"

struct mutex {
	struct arch_mutex host;
};

static inline void mutex_init(struct mutex *mutex)
{
	arch_mutex_init(&mutex->host);
}

static inline void mutex_fini(struct mutex *mutex)
{
	arch_mutex_fini(&mutex->host);
}

static inline bool mutex_trylock(struct mutex *mutex)
{
	return arch_mutex_trylock(&mutex->host);
}

static inline void mutex_lock(struct mutex *mutex)
{
	if (mutex_trylock(mutex))
		return;
	sched_sleep();
	arch_mutex_lock(&mutex->host);
	sched_wake();
}

static inline void mutex_unlock(struct mutex *mutex)
{
	arch_mutex_unlock(&mutex->host);
}

#endif
