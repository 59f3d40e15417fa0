/* SPDX-License-Identifier: MIT */
/* Threads that the library starts, pinned when asked. */
#include "arch/thread.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "arch/atomic.h"
#include "arch/rcu_flavour.h"
#include "arch/wait.h"
#include "self.h"

/* A thread that the library has started. */
struct own_thread {
	struct thread thread;
	pthread_t id;
	void (*fn)(void *);
	void *arg;
	uint32_t started; /* its starter waits for STARTED or FAILED */
};

enum { STARTING, STARTED, FAILED };

/* Its starter holds one use, so that thread_put() never frees it. */
static void *thread_main(void *opaque)
{
	struct own_thread *own = opaque;
	bool has_struct;

	own->thread.tid = self_tid();
	has_struct = self_set(&own->thread);
	atomic_store_release_u32(&own->started, has_struct ? STARTED : FAILED);
	if (has_struct)
		own->fn(own->arg);
	return NULL;
}

static int pin(pthread_attr_t *attr, int host_cpu)
{
	cpu_set_t set;

	if (host_cpu < 0)
		return 0;
	if (host_cpu >= CPU_SETSIZE)
		return EINVAL;
	CPU_ZERO(&set);
	CPU_SET(host_cpu, &set);
	return pthread_attr_setaffinity_np(attr, sizeof(set), &set);
}

static int start(struct own_thread *own, int host_cpu)
{
	unsigned int turns = 0;
	pthread_attr_t attr;
	int error;

	if (!self_prepare())
		return EAGAIN;
	pthread_attr_init(&attr);
	error = pin(&attr, host_cpu);
	if (!error)
		error = pthread_create(&own->id, &attr, thread_main, own);
	pthread_attr_destroy(&attr);
	if (error)
		return error;
	/* Not asleep: this thread may be inside a section, and so a reader. */
	while (atomic_load_acquire_u32(&own->started) == STARTING)
		spin_pause(&turns);
	if (own->started == STARTED)
		return 0;
	pthread_join(own->id, NULL);
	return ENOMEM;
}

struct thread *thread_start(
	int host_cpu, const char *name, void (*fn)(void *), void *arg)
{
	struct own_thread *own = calloc(1, sizeof(*own));
	int error;

	if (!own)
		return NULL;
	own->thread.users = 1;
	own->fn = fn;
	own->arg = arg;
	error = start(own, host_cpu);
	if (error) {
		free(own);
		errno = error;
		return NULL;
	}
	if (name)
		pthread_setname_np(own->id, name);
	return &own->thread;
}

size_t thread_memory(void)
{
	return sizeof(struct own_thread);
}

void thread_join(struct thread *thread)
{
	struct own_thread *own =
		container_of(thread, struct own_thread, thread);
	bool was_online = rcu_offline();

	pthread_join(own->id, NULL);
	rcu_online(was_online);
	free(own);
}
