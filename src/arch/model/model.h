/* SPDX-License-Identifier: MIT */
/*
 * The model backend: threads are fibers, and every operation of src/arch is a point,
 * where the running fiber says what it will do next and the driver chooses who goes on.
 * So an execution is a list of choices, and the same list gives the same execution on
 * every machine.
 *
 * Between two points of a fiber nothing else runs. So what lies between is one step,
 * and its operation on shared memory is the one that the point has announced. Plain
 * accesses are no points: src/arch/README.md, rule 3.
 *
 * A signal is a choice of its own: the handler runs in the fiber, at a point, as it
 * would on a thread.
 *
 * Outside of model_explore() the running fiber goes on as long as it can, so a machine
 * is created and destroyed without choices.
 */
#ifndef ARCH_MODEL_MODEL_H
#define ARCH_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_TASKS 32 /* fibers that live at once; number 0 is the scene's */

enum model_kind {
	MODEL_LOAD,
	MODEL_STORE,
	MODEL_RMW,
	MODEL_FENCE,
	MODEL_LOCK, /* of a mutex that sleeps */
	MODEL_UNLOCK,
	MODEL_WAIT, /* until what it reads has a value */
	MODEL_KICK,
	MODEL_SIGNAL, /* the handler begins */
	MODEL_START,
	MODEL_END,
};

/* Where in the sources; constant. */
struct model_where {
	const char *file, *function, *operation;
	uint32_t line;
};

struct model_op {
	enum model_kind kind;
	bool writes;
	/* The second half of an operation, or of a handler: no signal before it. */
	bool masked;
	uint32_t size; /* bytes; 0: no memory */
	const void *addr;
	const struct model_where *where;
};

/* A choice: the task's announced operation, or its signal. */
#define MODEL_CHOICES (2 * MODEL_TASKS)
#define MODEL_SIGNAL_OF(task) (MODEL_TASKS + (task))

/* Why an execution ended. */
enum model_end {
	MODEL_DONE,
	MODEL_STUCK, /* no task can go on, and not all have ended */
	MODEL_FAILED, /* model_fail() */
	MODEL_TOO_LONG, /* max_steps */
};

/* Who chooses; called by the running fiber, on its stack. */
struct model_driver {
	void *arg;
	/*
	 * One of the choices whose bit is set in @enabled. @last: the task of the
	 * last step, whose operation may be enabled, too.
	 */
	unsigned int (*choose)(void *arg, uint64_t enabled, unsigned int last);
	uint64_t max_steps;
};

/* --- for whoever explores ------------------------------------------------------ */

/*
 * One execution: @fn(@arg) runs as task 0. The message of a failure is in
 * model_message() until the next one.
 */
enum model_end model_execute(
	const struct model_driver *driver, void (*fn)(void *arg), void *arg);
/* Inside an execution: this one, or the tasks that it has started. */
bool model_is_running(void);
const char *model_message(void);
/* What @choice would do now. */
struct model_op model_announced(unsigned int choice);
/* The value at the last operation's place after it, for a report. */
uint64_t model_last_value(void);
/* The host's clock, which no execution sees. */
double model_host_seconds(void);
/* Stacks; no execution runs. */
void model_fini(void);

/* Task 0: the driver chooses until @done(@arg) and nothing else can go on. */
void model_explore(bool (*done)(void *arg), void *arg);
/* Any task: the execution ends here. */
__attribute__((noreturn, format(printf, 1, 2))) void model_fail(
	const char *format, ...);
unsigned int model_self(void);

/* --- for the bodies of the backend ----------------------------------------------- */

extern const struct model_where *model_here;

#define MODEL_AT(name)                                                         \
	({                                                                     \
		static const struct model_where model_where_ = {               \
			__FILE__, __func__, #name, __LINE__};                  \
		model_here = &model_where_;                                    \
	})

/* A point: after it the caller does what it has announced. */
void model_point(
	enum model_kind kind, const void *addr, uint32_t size, bool writes);
/* The second half of an operation that no interrupt of this CPU can divide. */
void model_point_masked(
	enum model_kind kind, const void *addr, uint32_t size, bool writes);
/* A point that waits until @ready(@arg), which looks at @size bytes at @addr. */
void model_wait(enum model_kind kind, const void *addr, uint32_t size,
	bool writes, bool (*ready)(const void *arg), const void *arg);
/* The same; false: nothing else could go on, so time has passed. */
bool model_wait_or_timeout(const void *addr, uint32_t size,
	bool (*ready)(const void *arg), const void *arg);
/* Until what this task has read last has changed: it would read the same. */
void model_pause(void);
/* Steps so far. */
uint64_t model_time(void);

#endif
