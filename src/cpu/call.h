/* SPDX-License-Identifier: MIT */
/*
 * Calls: functions to run elsewhere, in a list that any thread pushes to and
 * one reader takes whole.
 *
 * [call.push] release, pairs with [call.take] acquire: the call's own fields,
 * and what its raiser did before.
 */
#ifndef CPU_CALL_H
#define CPU_CALL_H

#include <stdbool.h>

#include "arch/atomic.h"

struct cpu;

/* @cpu is the CPU on which the call arrives. */
typedef void call_fn(struct cpu *cpu, void *arg);

/* Owned by the raiser, which may reuse it once fn has begun. */
struct call {
	struct call *next;
	call_fn *fn;
	void *arg;
	bool quiet; /* alone in the queue it does not count as interruption */
};

/* [call.push] true: the list was empty. */
static inline bool call_push(struct call **list, struct call *call)
{
	void *top = atomic_load_relaxed_ptr((void *const *)list);

	do {
		call->next = top;
	} while (!atomic_cmpxchg_release_ptr((void **)list, &top, call));
	return !top;
}

/* [call.take] All of them, newest first. */
static inline struct call *call_take(struct call **list)
{
	return atomic_xchg_acquire_ptr((void **)list, NULL);
}

static inline struct call *call_oldest_first(struct call *call)
{
	struct call *reversed = NULL;

	while (call) {
		struct call *next = call->next;

		call->next = reversed;
		reversed = call;
		call = next;
	}
	return reversed;
}

#endif
