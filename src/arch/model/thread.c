/* SPDX-License-Identifier: MIT */
/* Threads are fibers; each has its struct thread, and no host CPU. */
#include "arch/thread.h"

#include <errno.h>

#include "arch/rcu_flavour.h"
#include "tasks.h"

static struct thread outside; /* of a program that runs no execution */

static struct thread *mine(void)
{
	return model_is_running() ? &model_tasks[model_self()].thread
				  : &outside;
}

struct thread *thread_current(void)
{
	struct thread *thread = mine();

	return thread->users ? thread : NULL;
}

struct thread *thread_get(void)
{
	struct thread *thread = mine();

	if (!thread->users)
		*thread = (struct thread){.tid = 1 + model_self()};
	thread->users++;
	return thread;
}

void thread_put(struct thread *thread)
{
	thread->users--;
}

struct thread *thread_start(
	int host_cpu, const char *name, void (*fn)(void *), void *arg)
{
	struct model_task *task;

	(void)host_cpu, (void)name;
	if (!model_is_running()) {
		errno = EAGAIN;
		return NULL;
	}
	task = model_task_start(fn, arg);
	if (!task) {
		errno = EAGAIN;
		return NULL;
	}
	task->thread.users = 1;
	task->thread.tid = 1 + model_task_id(task);
	return &task->thread;
}

size_t thread_memory(void)
{
	return sizeof(struct model_task);
}

void thread_join(struct thread *thread)
{
	struct model_task *task =
		container_of(thread, struct model_task, thread);
	bool was_online = rcu_offline();

	MODEL_AT(thread_join);
	model_wait(MODEL_WAIT, &task->life, sizeof(task->life), false,
		model_task_has_ended, task);
	rcu_online(was_online);
	model_task_forget(task);
}
