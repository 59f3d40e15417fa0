/* SPDX-License-Identifier: MIT */
/* Points, and who goes on after them; see model.h. */
#include "tasks.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int model_mutant;
struct model_task model_tasks[MODEL_TASKS];
const struct model_where *model_here;

static struct fiber root; /* of the program that explores */
static struct model_task *running; /* NULL: no execution */
static struct model_task *last; /* whose operation was the last one */
static struct model_op last_op;
static const struct model_driver *driver;
static bool exploring;
static uint64_t steps, executions;
static enum model_end end;
static char message[512];
static void (*handler)(void);

bool model_is_running(void)
{
	return running;
}

const char *model_message(void)
{
	return message;
}

unsigned int model_self(void)
{
	return running ? model_task_id(running) : 0;
}

uint64_t model_time(void)
{
	return steps;
}

void model_task_handler(void (*look)(void))
{
	handler = look;
}

/* --- what is enabled ------------------------------------------------------------- */

static uint64_t read_value(const void *addr, uint32_t size)
{
	uint64_t value = 0;

	memcpy(&value, addr, size > sizeof(value) ? sizeof(value) : size);
	return value;
}

static bool op_is_enabled(const struct model_task *task)
{
	return task->life == TASK_LIVES &&
	       (!task->ready || task->ready(task->arg));
}

static bool signal_is_enabled(const struct model_task *task)
{
	return task->life == TASK_LIVES && task->signalled && handler &&
	       !task->handling && !task->op.masked;
}

static uint64_t enabled(void)
{
	uint64_t set = 0;

	for (unsigned int i = 0; i < MODEL_TASKS; i++) {
		if (op_is_enabled(&model_tasks[i]))
			set |= UINT64_C(1) << i;
		if (signal_is_enabled(&model_tasks[i]))
			set |= UINT64_C(1) << MODEL_SIGNAL_OF(i);
	}
	return set;
}

struct model_op model_announced(unsigned int choice)
{
	static const struct model_where where = {
		__FILE__, "", "signal", __LINE__};
	struct model_task *task = &model_tasks[choice % MODEL_TASKS];

	if (choice < MODEL_TASKS)
		return task->op;
	return (struct model_op){.kind = MODEL_SIGNAL,
		.writes = true,
		.addr = &task->signalled,
		.size = sizeof(task->signalled),
		.where = &where};
}

uint64_t model_last_value(void)
{
	return last_op.addr && last_op.size <= sizeof(uint64_t)
		       ? read_value(last_op.addr, last_op.size)
		       : 0;
}

/* --- who goes on ------------------------------------------------------------------- */

__attribute__((noreturn)) static void stop(enum model_end why)
{
	struct model_task *self = running;

	end = why;
	running = NULL;
	fiber_switch(&self->fiber, &root);
	abort();
}

uint64_t model_moves(void)
{
	return steps + (executions << 32);
}

void model_stop(enum model_end why, const char *text)
{
	snprintf(message, sizeof(message), "%s", text);
	stop(why);
}

static unsigned int lowest(uint64_t set)
{
	return (unsigned int)__builtin_ctzll(set);
}

/* Nothing else can go on, so time passes until the first wait ends. */
static bool let_time_pass(void)
{
	for (unsigned int i = 0; i < MODEL_TASKS; i++)
		if (model_tasks[i].life == TASK_LIVES && model_tasks[i].timed) {
			model_tasks[i].timed = false;
			model_tasks[i].timed_out = true;
			model_tasks[i].ready = NULL;
			return true;
		}
	return false;
}

static void say_who_waits(void)
{
	size_t length = 0;

	for (unsigned int i = 0; i < MODEL_TASKS; i++) {
		const struct model_task *task = &model_tasks[i];
		const struct model_where *where = task->op.where;

		if (task->life != TASK_LIVES || length >= sizeof(message))
			continue;
		length += (size_t)snprintf(message + length,
			sizeof(message) - length,
			"%stask %u waits in %s (%s:%u)",
			length ? "; " : "nothing can go on: ", i,
			where ? where->function : "?",
			where ? where->file : "?", where ? where->line : 0);
	}
}

/* Outside of model_explore(): signals first, then who runs, then the lowest. */
static unsigned int choose_default(uint64_t set)
{
	uint64_t signals = set >> MODEL_TASKS;

	if (signals)
		return MODEL_SIGNAL_OF(lowest(signals));
	if (set >> model_task_id(running) & 1)
		return model_task_id(running);
	return lowest(set);
}

static unsigned int choose(void)
{
	uint64_t set = enabled();

	while (!set) {
		if (!let_time_pass()) {
			say_who_waits();
			stop(MODEL_STUCK);
		}
		set = enabled();
	}
	/* The scene's end is no choice. */
	if (exploring && set & 1) {
		exploring = false;
		return 0;
	}
	if (!exploring)
		return choose_default(set);
	if (steps >= driver->max_steps) {
		snprintf(message, sizeof(message),
			"more than %llu steps: a loop that does not end?",
			(unsigned long long)driver->max_steps);
		stop(MODEL_TOO_LONG);
	}
	return driver->choose(
		driver->arg, set, last ? model_task_id(last) : MODEL_TASKS);
}

static void run_handler(struct model_task *self)
{
	struct model_op op = self->op;
	bool (*ready)(const void *) = self->ready;
	const void *arg = self->arg;
	bool timed = self->timed;

	self->deliver = false;
	self->signalled = false;
	self->handling = true;
	handler();
	self->handling = false;
	self->op = op;
	self->ready = ready;
	self->arg = arg;
	self->timed = timed;
}

/* @self has announced what it does next; returns when it is to do it. */
static void schedule(struct model_task *self)
{
	for (;;) {
		unsigned int choice = choose();
		struct model_task *task = &model_tasks[choice % MODEL_TASKS];

		task->deliver = choice >= MODEL_TASKS;
		last = task;
		last_op = model_announced(choice);
		steps++;
		if (task != self) {
			running = task;
			fiber_switch(&self->fiber, &task->fiber);
			running = self;
		}
		if (!self->deliver)
			return;
		run_handler(self);
	}
}

/* --- points ------------------------------------------------------------------------ */

static void announce(enum model_kind kind, const void *addr, uint32_t size,
	bool writes, bool masked)
{
	struct model_task *self = running;

	self->op = (struct model_op){.kind = kind,
		.writes = writes,
		.masked = masked || self->handling,
		.size = size,
		.addr = addr,
		.where = model_here};
	self->ready = NULL;
	self->timed = false;
}

/* What the task is about to read, as it finds it. */
static void remember(struct model_task *self)
{
	const struct model_op *op = &self->op;

	if (!op->addr || op->size > sizeof(uint64_t) ||
		self->nr_looks == MODEL_LOOKS)
		return;
	self->look[self->nr_looks].at = op->addr;
	self->look[self->nr_looks].size = op->size;
	self->look[self->nr_looks++].value = read_value(op->addr, op->size);
}

void model_point(
	enum model_kind kind, const void *addr, uint32_t size, bool writes)
{
	if (!running)
		return;
	announce(kind, addr, size, writes, false);
	if (exploring || running->signalled)
		schedule(running);
	remember(running);
}

void model_point_masked(
	enum model_kind kind, const void *addr, uint32_t size, bool writes)
{
	if (!running || !exploring)
		return;
	announce(kind, addr, size, writes, true);
	schedule(running);
	remember(running);
}

void model_wait(enum model_kind kind, const void *addr, uint32_t size,
	bool writes, bool (*ready)(const void *arg), const void *arg)
{
	if (!running)
		return;
	announce(kind, addr, size, writes, false);
	if (!exploring && !running->signalled && ready(arg)) {
		remember(running);
		return;
	}
	running->ready = ready;
	running->arg = arg;
	schedule(running);
	remember(running);
}

bool model_wait_or_timeout(const void *addr, uint32_t size,
	bool (*ready)(const void *arg), const void *arg)
{
	struct model_task *self = running;

	if (!self || (!exploring && ready(arg)))
		return true;
	announce(MODEL_WAIT, addr, size, false, false);
	self->ready = ready;
	self->arg = arg;
	self->timed = true;
	self->timed_out = false;
	schedule(self);
	self->timed = false;
	return !self->timed_out || ready(arg);
}

/* A turn of more looks than are noted may see another value at once. */
static bool has_changed(const void *arg)
{
	const struct model_task *task = arg;

	for (unsigned int i = 0; i < task->nr_looks; i++)
		if (read_value(task->look[i].at, task->look[i].size) !=
			task->look[i].value)
			return true;
	return !task->nr_looks || task->nr_looks == MODEL_LOOKS;
}

/* As an operation it reads the last of them: the others come before it anyway. */
void model_pause(void)
{
	struct model_task *self = running;

	if (!self || !self->nr_looks)
		return;
	model_wait(MODEL_WAIT, self->look[self->nr_looks - 1].at,
		self->look[self->nr_looks - 1].size, false, has_changed, self);
	self->nr_looks = 0;
}

/* --- tasks -------------------------------------------------------------------------- */

static void task_main(void *arg)
{
	struct model_task *self = arg;

	running = self;
	if (self->deliver) {
		/* A signal before its first instruction. */
		run_handler(self);
	}
	self->fn(self->fn_arg);
	if (self == model_tasks)
		stop(MODEL_DONE);
	MODEL_AT(thread ends);
	model_point(MODEL_END, &self->life, sizeof(self->life), true);
	self->life = TASK_ENDED;
	schedule(self);
	abort();
}

struct model_task *model_task_start(void (*fn)(void *arg), void *arg)
{
	static const struct model_where where = {
		__FILE__, __func__, "thread begins", __LINE__};
	struct model_task *task = NULL;

	for (unsigned int i = 1; i < MODEL_TASKS && !task; i++)
		if (model_tasks[i].life == TASK_NONE)
			task = &model_tasks[i];
	if (!task)
		return NULL;
	if (!task->fiber.stack && fiber_init(&task->fiber, task_main, task))
		return NULL;
	fiber_again(&task->fiber, task_main, task);
	task->thread = (struct thread){0};
	task->op = (struct model_op){.kind = MODEL_START,
		.addr = &task->life,
		.size = sizeof(task->life),
		.where = &where};
	task->ready = NULL;
	task->timed = task->signalled = task->handling = task->deliver = false;
	task->nr_looks = 0;
	task->fn = fn;
	task->fn_arg = arg;
	MODEL_AT(thread_start);
	model_point(MODEL_START, &task->life, sizeof(task->life), true);
	task->life = TASK_LIVES;
	return task;
}

bool model_task_has_ended(const void *task)
{
	return ((const struct model_task *)task)->life == TASK_ENDED;
}

void model_task_forget(struct model_task *task)
{
	task->life = TASK_NONE;
}

/* --- executions ------------------------------------------------------------------------ */

enum model_end model_execute(
	const struct model_driver *how, void (*fn)(void *arg), void *arg)
{
	struct model_task *first = &model_tasks[0];

	for (unsigned int i = 0; i < MODEL_TASKS; i++)
		model_tasks[i].life = TASK_NONE;
	if (!first->fiber.stack &&
		fiber_init(&first->fiber, task_main, first)) {
		snprintf(message, sizeof(message), "no memory for a stack");
		return MODEL_FAILED;
	}
	fiber_again(&first->fiber, task_main, first);
	first->thread = (struct thread){0};
	first->life = TASK_LIVES;
	first->ready = NULL;
	first->signalled = first->handling = first->deliver = false;
	first->nr_looks = 0;
	first->fn = fn;
	first->fn_arg = arg;
	executions++;
	rcu_model_begin();
	driver = how;
	exploring = false;
	steps = 0;
	last = NULL;
	last_op = (struct model_op){.kind = MODEL_FENCE};
	message[0] = '\0';
	fiber_switch(&root, &first->fiber);
	return end;
}

struct explored {
	bool (*done)(void *arg);
	void *arg;
};

/*
 * Nothing else can go on. A signal that is left would have come at some other point,
 * too, and so would the steps of a worker: without them the execution shows no race
 * with them.
 */
static bool is_explored(const void *arg)
{
	const struct explored *explored = arg;

	if (!explored->done(explored->arg))
		return false;
	for (unsigned int i = 1; i < MODEL_TASKS; i++)
		if (op_is_enabled(&model_tasks[i]) ||
			signal_is_enabled(&model_tasks[i]))
			return false;
	return true;
}

void model_explore(bool (*done)(void *arg), void *arg)
{
	struct model_task *self = running;
	const struct explored explored = {done, arg};

	MODEL_AT(model_explore);
	announce(MODEL_WAIT, NULL, 0, false, false);
	self->ready = is_explored;
	self->arg = &explored;
	exploring = true;
	last = NULL;
	schedule(self);
	exploring = false;
}

void model_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (!running) {
		fprintf(stderr, "pcpmm model: %s\n", message);
		abort();
	}
	stop(MODEL_FAILED);
}

void model_fini(void)
{
	for (unsigned int i = 0; i < MODEL_TASKS; i++)
		fiber_fini(&model_tasks[i].fiber);
}
