/* SPDX-License-Identifier: MIT */
/* LRU batches at return to user mode; the rest of lru_drain.c is public. */
#ifndef SERVICE_LRU_DRAIN_H
#define SERVICE_LRU_DRAIN_H

#include "machine/machine.h"

void lru_drain_init(struct pcpmm_machine *machine);

/* With lru_drain user_return a nohz_full CPU's own batch; by that CPU. */
void lru_drain_for_user(struct pcpmm_cpu *cpu);

#endif
