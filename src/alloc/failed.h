/* SPDX-License-Identifier: MIT */
/* A request has failed: tell the program, if it asked for that. */
#ifndef ALLOC_FAILED_H
#define ALLOC_FAILED_H

#include "machine/machine.h"

/* No lock is held, interrupts are as the request found them. */
void alloc_failed(struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order);

#endif
