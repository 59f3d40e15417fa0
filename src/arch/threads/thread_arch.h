/* SPDX-License-Identifier: MIT */
/* threads/thread_arch.h - the thread pointer is a thread's identity */
#ifndef ARCH_THREADS_THREAD_ARCH_H
#define ARCH_THREADS_THREAD_ARCH_H

static force_inline uint64_t arch_self(void)
{
	return (uint64_t)(uintptr_t)__builtin_thread_pointer();
}

#endif
