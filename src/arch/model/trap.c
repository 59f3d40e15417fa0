/* SPDX-License-Identifier: MIT */
/*
 * Traps by signals, on a stack of their own, as the fiber's may be full. A handler does
 * not return: the execution that it interrupts is given up.
 */
#include "trap.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>

#include "tasks.h"

#define STACK_SIZE 65536
#define TICK_US 200000
#define TICKS_MAX 5 /* of the program's time without a step: a second */

static const int fatal[] = {
#ifndef FIBER_ASAN
	SIGSEGV, SIGBUS, SIGFPE, SIGILL,
#endif
	SIGABRT};
#define NR_FATAL (sizeof(fatal) / sizeof(fatal[0]))

static struct sigaction old_fatal[NR_FATAL], old_tick;
static struct itimerval old_timer;
static stack_t stack, old_stack;
static uint64_t seen; /* model_moves() at the last tick */
static unsigned int ticks;

static void on_fatal(int signal)
{
	if (!model_is_running())
		raise(signal);
	model_stop(MODEL_FAILED, signal == SIGABRT ? "the library aborts"
						   : "the library crashes");
}

static void on_tick(int signal)
{
	uint64_t moves = model_moves();

	(void)signal;
	ticks = model_is_running() && moves == seen ? ticks + 1 : 0;
	seen = moves;
	if (ticks == TICKS_MAX) {
		ticks = 0;
		model_stop(MODEL_TOO_LONG,
			"a second without a step: a loop that has none");
	}
}

int trap_begin(void)
{
	struct sigaction action = {
		.sa_handler = on_fatal, .sa_flags = SA_ONSTACK | SA_NODEFER};
	const struct itimerval timer = {{0, TICK_US}, {0, TICK_US}};

	stack = (stack_t){.ss_sp = malloc(STACK_SIZE), .ss_size = STACK_SIZE};
	if (!stack.ss_sp)
		return -ENOMEM;
	if (sigaltstack(&stack, &old_stack)) {
		free(stack.ss_sp);
		return -EAGAIN;
	}
	for (size_t i = 0; i < NR_FATAL; i++)
		sigaction(fatal[i], &action, &old_fatal[i]);
	action.sa_handler = on_tick;
	sigaction(SIGVTALRM, &action, &old_tick);
	ticks = 0;
	setitimer(ITIMER_VIRTUAL, &timer, &old_timer);
	return 0;
}

void trap_end(void)
{
	setitimer(ITIMER_VIRTUAL, &old_timer, NULL);
	sigaction(SIGVTALRM, &old_tick, NULL);
	for (size_t i = 0; i < NR_FATAL; i++)
		sigaction(fatal[i], &old_fatal[i], NULL);
	sigaltstack(&old_stack, NULL);
	free(stack.ss_sp);
}
