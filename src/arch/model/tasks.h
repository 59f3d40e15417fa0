/* SPDX-License-Identifier: MIT */
/* Inside of the backend: the fibers of an execution. */
#ifndef ARCH_MODEL_TASKS_H
#define ARCH_MODEL_TASKS_H

#include "arch/thread.h"
#include "fiber.h"
#include "model.h"

#define MODEL_LOOKS 16 /* of one turn of a loop */

enum task_life { TASK_NONE, TASK_LIVES, TASK_ENDED };

struct model_task {
	struct fiber fiber;
	struct thread thread; /* thread_get()'s; users 0: there is none */
	enum task_life life;
	struct model_op op; /* announced */
	bool (*ready)(const void *arg); /* NULL: at once */
	const void *arg;
	bool timed, timed_out;
	bool signalled; /* a kick waits */
	bool handling; /* inside its handler: signals do not nest */
	bool deliver; /* chosen: its handler runs next */
	/* What it has looked at since its last pause; see model_pause(). */
	struct {
		const void *at;
		uint32_t size;
		uint64_t value;
	} look[MODEL_LOOKS];
	unsigned int nr_looks;
	void (*fn)(void *arg);
	void *fn_arg;
};

extern struct model_task model_tasks[MODEL_TASKS];

/* A task that will run @fn(@arg). NULL: no number is free, or no memory. */
struct model_task *model_task_start(void (*fn)(void *arg), void *arg);
bool model_task_has_ended(const void *task);
void model_task_forget(struct model_task *task);
/* What a signal runs; NULL: none is handled. */
void model_task_handler(void (*look)(void));

/* Of this execution, and how often one has begun: it changes as long as things move. */
uint64_t model_moves(void);
/* This execution ends here; also from a signal handler. */
__attribute__((noreturn)) void model_stop(enum model_end why, const char *text);

/* rcu.c: nobody reads. */
void rcu_model_begin(void);

static inline unsigned int model_task_id(const struct model_task *task)
{
	return (unsigned int)(task - model_tasks);
}

#endif
