/* SPDX-License-Identifier: MIT */
/*
 * A thread finds its struct by a key of pthread_getspecific(). A key needs no
 * static TLS space, which a library that is loaded late may not get, and glibc
 * reads it without lock or allocation, so in a signal handler as well.
 */
#include "arch/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch/atomic.h"
#include "self.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static uint32_t has_key;

static void make_key(void)
{
	/* [thread.key] release, pairs with [thread.look]: the key itself. */
	if (!pthread_key_create(&key, NULL))
		atomic_store_release_u32(&has_key, 1);
}

/* [thread.look] acquire, pairs with [thread.key]. */
struct thread *thread_current(void)
{
	return atomic_load_acquire_u32(&has_key) ? pthread_getspecific(key)
						 : NULL;
}

bool self_set(struct thread *thread)
{
	return atomic_load_acquire_u32(&has_key) &&
	       !pthread_setspecific(key, thread);
}

uint32_t self_tid(void)
{
	return (uint32_t)syscall(SYS_gettid);
}

bool self_prepare(void)
{
	pthread_once(&once, make_key);
	return atomic_load_acquire_u32(&has_key);
}

struct thread *thread_get(void)
{
	struct thread *thread;

	self_prepare();
	thread = thread_current();
	if (!thread) {
		thread = calloc(1, sizeof(*thread));
		if (!thread)
			return NULL;
		thread->tid = self_tid();
		if (!self_set(thread)) {
			free(thread);
			errno = EAGAIN;
			return NULL;
		}
	}
	thread->users++;
	return thread;
}

/* A handler that comes after the key was cleared finds no struct. */
void thread_put(struct thread *thread)
{
	if (--thread->users)
		return;
	self_set(NULL);
	free(thread);
}
