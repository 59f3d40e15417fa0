/* SPDX-License-Identifier: MIT */
/* Folds that a CPU makes by itself: when its tick stops, and at return to user. */
#ifndef SERVICE_QUIET_H
#define SERVICE_QUIET_H

#include "machine/machine.h"

/*
 * quiet_vmstat() at a stop of the tick. @was_stopped: it had been stopped
 * before; @unchanged: and stays programmed as it is. On the CPU itself, in task
 * or interrupt context.
 */
void quiet_at_stop(struct pcpmm_cpu *cpu, bool was_stopped, bool unchanged);

/* A counter of the CPU was updated; marking policies. Owner, any context. */
void quiet_mark(struct cpu *cpu);

#endif
