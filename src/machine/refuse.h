/* SPDX-License-Identifier: MIT */
/* Calls that are refused: counted, and the reason kept as text. */
#ifndef MACHINE_REFUSE_H
#define MACHINE_REFUSE_H

#include "machine/machine.h"

struct refusals *refusals_create(void); /* NULL: no memory */
void refusals_destroy(struct refusals *refusals);

enum misuse {
	MISUSE_NONE, /* a refusal that is no misuse */
	MISUSE_DOUBLE_FREE,
	MISUSE_WRONG_ORDER,
	MISUSE_FOREIGN_PAGE,
	MISUSE_ON_LRU,
	MISUSE_WRONG_THREAD,
	MISUSE_BAD_ARGUMENT,
	NR_MISUSES
};

/* Count one, and keep its text. Any thread; never waits. */
__attribute__((format(printf, 3, 4), nonnull(3))) void machine_refuse(
	struct pcpmm_machine *machine, enum misuse misuse, const char *format,
	...);

/*
 * "@what can not be created: @why", a misuse if @reason is EINVAL. NULL, with @reason
 * in errno.
 */
void *machine_refuse_create(struct pcpmm_machine *machine, const char *what,
	int reason, const char *why);

/* "CPU 3 @what on a thread that is not on it", or "in an NMI"; -EPERM. */
int machine_refuse_thread(struct pcpmm_cpu *cpu, const char *what);

/*
 * 0: this thread is on @cpu, in no NMI, which may have come inside any section. Else
 * refuse the call; @what: "allocates".
 */
static force_inline int machine_check_owner(
	struct pcpmm_cpu *cpu, const char *what)
{
	if (likely(cpu_is_mine(&cpu->base) && !cpu->base.in_nmi))
		return 0;
	return machine_refuse_thread(cpu, what);
}

/*
 * May this thread, as @cpu, make a call that waits? @what: "drains". 0, or
 * refused: -EPERM the thread is not on @cpu, -EINVAL it has interrupts or
 * preemption off.
 */
int machine_check_waits(struct pcpmm_cpu *cpu, const char *what);

#endif
