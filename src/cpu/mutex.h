/* SPDX-License-Identifier: MIT */
/*
 * A sleeping lock for cold paths: configuration, hotplug, drains. Who has to
 * wait gives its CPUs up meanwhile: the holder may need one of them.
 */
#ifndef ARCH_MUTEX_H
#define ARCH_MUTEX_H

#include <pthread.h>
#include <stdbool.h>

#include "cpu/sched.h"

struct mutex {
	pthread_mutex_t lock;
};

static inline void mutex_init(struct mutex *mutex)
{
	pthread_mutex_init(&mutex->lock, NULL);
}

static inline void mutex_fini(struct mutex *mutex)
{
	pthread_mutex_destroy(&mutex->lock);
}

static inline bool mutex_trylock(struct mutex *mutex)
{
	return pthread_mutex_trylock(&mutex->lock) == 0;
}

static inline void mutex_lock(struct mutex *mutex)
{
	if (mutex_trylock(mutex))
		return;
	sched_sleep();
	pthread_mutex_lock(&mutex->lock);
	sched_wake();
}

static inline void mutex_unlock(struct mutex *mutex)
{
	pthread_mutex_unlock(&mutex->lock);
}

#endif
