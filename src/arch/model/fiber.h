/* SPDX-License-Identifier: MIT */
/* Fibers: stacks that one thread of the host runs in turn. */
#ifndef ARCH_MODEL_FIBER_H
#define ARCH_MODEL_FIBER_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define FIBER_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBER_ASAN
#endif
#endif

struct fiber {
	void *sp; /* while it does not run */
	void *stack; /* NULL: the thread's own */
	size_t size;
	void (*fn)(void *arg); /* never returns */
	void *arg;
	void *fake; /* AddressSanitizer's */
};

/* 0, -ENOMEM. */
int fiber_init(struct fiber *fiber, void (*fn)(void *arg), void *arg);
/* The same stack runs @fn(@arg) from its beginning. */
void fiber_again(struct fiber *fiber, void (*fn)(void *arg), void *arg);
void fiber_fini(struct fiber *fiber);
/* @from, which runs, stops; @to goes on. */
void fiber_switch(struct fiber *from, struct fiber *to);

#endif
