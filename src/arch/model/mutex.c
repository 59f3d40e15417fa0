/* SPDX-License-Identifier: MIT */
/* The model's mutex: a waiter is not enabled until nobody has it. */
#include "arch/mutex.h"

#include "arch/rcu_flavour.h"
#include "model.h"

void arch_mutex_init(struct arch_mutex *mutex)
{
	mutex->holder = 0;
}

void arch_mutex_fini(struct arch_mutex *mutex)
{
	if (mutex->holder && model_is_running())
		model_fail("a mutex is destroyed that task %u holds",
			mutex->holder - 1);
}

bool arch_mutex_trylock(struct arch_mutex *mutex)
{
	MODEL_AT(arch_mutex_trylock);
	model_point(MODEL_RMW, mutex, sizeof(mutex->holder), true);
	if (mutex->holder)
		return false;
	mutex->holder = 1 + model_self();
	return true;
}

static bool is_free(const void *mutex)
{
	return !((const volatile struct arch_mutex *)mutex)->holder;
}

void arch_mutex_lock(struct arch_mutex *mutex)
{
	bool was_online = rcu_offline();

	MODEL_AT(arch_mutex_lock);
	model_wait(
		MODEL_LOCK, mutex, sizeof(mutex->holder), true, is_free, mutex);
	mutex->holder = 1 + model_self();
	rcu_online(was_online);
}

void arch_mutex_unlock(struct arch_mutex *mutex)
{
	MODEL_AT(arch_mutex_unlock);
	model_point(MODEL_UNLOCK, mutex, sizeof(mutex->holder), true);
	if (mutex->holder != 1 + model_self())
		model_fail("a mutex is unlocked by task %u, which does not "
			   "hold it",
			model_self());
	mutex->holder = 0;
}
