/* SPDX-License-Identifier: MIT */
/* Host threads. */
#include "arch/thread.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

struct thread {
	pthread_t id;
	void (*fn)(void *);
	void *arg;
};

static void *thread_main(void *opaque)
{
	struct thread *thread = opaque;

	thread->fn(thread->arg);
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

struct thread *thread_start(
	int host_cpu, const char *name, void (*fn)(void *), void *arg)
{
	struct thread *thread = malloc(sizeof(*thread));
	pthread_attr_t attr;
	int error;

	if (!thread)
		return NULL;
	*thread = (struct thread){.fn = fn, .arg = arg};
	pthread_attr_init(&attr);
	error = pin(&attr, host_cpu);
	if (!error)
		error = pthread_create(&thread->id, &attr, thread_main, thread);
	pthread_attr_destroy(&attr);
	if (!error && name)
		pthread_setname_np(thread->id, name);
	if (!error)
		return thread;
	free(thread);
	errno = error;
	return NULL;
}

void thread_join(struct thread *thread)
{
	pthread_join(thread->id, NULL);
	free(thread);
}
