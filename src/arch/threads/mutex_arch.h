/* SPDX-License-Identifier: MIT */
/* threads/mutex_arch.h - a mutex of the host */
#ifndef ARCH_THREADS_MUTEX_ARCH_H
#define ARCH_THREADS_MUTEX_ARCH_H

#include <pthread.h>

struct arch_mutex {
	pthread_mutex_t lock;
};

#endif
