/* SPDX-License-Identifier: MIT */
/* The host's mutex. */
#include "arch/mutex.h"

#include "arch/rcu_flavour.h"

void arch_mutex_init(struct arch_mutex *mutex)
{
	pthread_mutex_init(&mutex->lock, NULL);
}

void arch_mutex_fini(struct arch_mutex *mutex)
{
	pthread_mutex_destroy(&mutex->lock);
}

bool arch_mutex_trylock(struct arch_mutex *mutex)
{
	return pthread_mutex_trylock(&mutex->lock) == 0;
}

void arch_mutex_lock(struct arch_mutex *mutex)
{
	bool was_online = rcu_offline();

	pthread_mutex_lock(&mutex->lock);
	rcu_online(was_online);
}

void arch_mutex_unlock(struct arch_mutex *mutex)
{
	pthread_mutex_unlock(&mutex->lock);
}
