/* SPDX-License-Identifier: MIT */
/*
 * A lock whose waiters sleep, quiescent to RCU. The rest of the library uses
 * cpu/mutex.h: there a waiter also leaves its CPUs.
 */
#ifndef ARCH_MUTEX_H
#define ARCH_MUTEX_H

#include <stdbool.h>

#include "mutex_arch.h" /* struct arch_mutex */

void arch_mutex_init(struct arch_mutex *mutex);
void arch_mutex_fini(struct arch_mutex *mutex);
/* Acquire. Safe in a signal handler. */
bool arch_mutex_trylock(struct arch_mutex *mutex);
void arch_mutex_lock(struct arch_mutex *mutex);
/* Release. */
void arch_mutex_unlock(struct arch_mutex *mutex);

#endif
