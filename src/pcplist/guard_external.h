/* SPDX-License-Identifier: MIT */
/*
 * external: the guard is the program's (pcpmm/strategy.h), called through
 * pointers. Those calls are the cost of a guard from outside the library.
 */
#ifndef PCPLIST_GUARD_EXTERNAL_H
#define PCPLIST_GUARD_EXTERNAL_H

#include <pcpmm/strategy.h>

#include "pcplist/pcp.h"

/* A slot's `private`: the program's guard, and memory for it. */
struct external_slot {
	bool (*enter)(void *memory);
	void (*leave)(void *memory);
	cacheline_aligned char memory[PCPMM_SLOT_PRIVATE_MAX];
};

static force_inline struct pcp_lists *guard_external_enter(
	struct cpu *cpu, struct pcp_slot *slot)
{
	struct external_slot *outside = slot->private;

	(void)cpu;
	if (likely(outside->enter(outside->memory)))
		return &slot->own;
	return NULL;
}

static force_inline void guard_external_leave(
	struct cpu *cpu, struct pcp_slot *slot, struct pcp_lists *pcp)
{
	struct external_slot *outside = slot->private;

	(void)cpu, (void)pcp;
	outside->leave(outside->memory);
}

#endif
