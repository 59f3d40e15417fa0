/* SPDX-License-Identifier: MIT */
/*
 * Calls: functions to run elsewhere, in a list that anybody pushes to and one
 * reader takes whole.
 *
 * [call.push] release, pairs with [call.take] acquire: the call's own fields,
 * and what its raiser did before.
 */
#ifndef ARCH_CALL_H
#define ARCH_CALL_H

#include <stdbool.h>

#include "arch/atomic.h"

struct pcpmm_cpu; /* opaque here: what the rooms above make of a CPU */

/* On its way: fn(the CPU it arrives on, arg). */
typedef void call_fn(struct pcpmm_cpu *cpu, void *arg);

/* Belongs to who raises it, and is his again once fn has begun. */
struct call {
	struct call *next;
	call_fn *fn;
	void *arg;
	bool quiet; /* by itself no interruption worth counting */
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
