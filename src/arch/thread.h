/* SPDX-License-Identifier: MIT */
/* A host thread, pinned when asked. */
#ifndef ARCH_THREAD_H
#define ARCH_THREAD_H

struct arch_thread;

/* Pin to @host_cpu unless < 0. NULL with errno (EAGAIN, EINVAL, ENOMEM). */
struct arch_thread *thread_start(int host_cpu, void (*fn)(void *), void *arg);
/* Wait for its end and free it. */
void thread_join(struct arch_thread *thread);

#endif
