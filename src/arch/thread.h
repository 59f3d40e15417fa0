/* SPDX-License-Identifier: MIT */
/* A host thread, pinned when asked. */
#ifndef ARCH_THREAD_H
#define ARCH_THREAD_H

struct thread;

/*
 * Pin to @host_cpu unless < 0; @name (at most 15 characters) for those who
 * look from outside, or NULL. NULL with errno (EAGAIN, EINVAL, ENOMEM).
 */
struct thread *thread_start(
	int host_cpu, const char *name, void (*fn)(void *), void *arg);
/* Wait for its end and free it. */
void thread_join(struct thread *thread);

#endif
