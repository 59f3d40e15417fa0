/* SPDX-License-Identifier: MIT */
/* model/mutex_arch.h - a mutex is a word that says who has it */
#ifndef ARCH_MODEL_MUTEX_ARCH_H
#define ARCH_MODEL_MUTEX_ARCH_H

#include <stdint.h>

struct arch_mutex {
	uint32_t holder; /* 1 + task; 0: nobody */
};

#endif
