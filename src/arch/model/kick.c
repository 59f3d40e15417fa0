/* SPDX-License-Identifier: MIT */
/* Kicks: the task's handler becomes a choice. */
#include "arch/kick.h"

#include "tasks.h"

int kick_install(int signal, void (*look)(void))
{
	model_task_handler(look);
	return signal ? signal : 1;
}

void kick_send(uint32_t tid, int signal)
{
	struct model_task *task;

	(void)signal;
	if (!tid || tid > MODEL_TASKS)
		return;
	task = &model_tasks[tid - 1];
	MODEL_AT(kick_send);
	model_point(
		MODEL_KICK, &task->signalled, sizeof(task->signalled), true);
	if (task->life == TASK_LIVES)
		task->signalled = true;
}
