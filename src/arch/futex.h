/* SPDX-License-Identifier: MIT */
/* Waiting for a word to change; callers look at the word again in a loop. */
#ifndef ARCH_FUTEX_H
#define ARCH_FUTEX_H

#include <limits.h>
#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "arch/atomic.h"

static inline void futex_wait(uint32_t *word, uint32_t value)
{
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

/* Likewise, for at most @ms. true: the word is another. */
static inline bool futex_wait_ms(uint32_t *word, uint32_t value, uint32_t ms)
{
	struct timespec timeout = {
		.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &timeout, NULL, 0);
	return atomic_load_acquire_u32(word) != value;
}

static inline void futex_wake(uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

#endif
