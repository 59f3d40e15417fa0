/* SPDX-License-Identifier: MIT */
/* The part of the shepherd that a CPU calls. */
#ifndef SERVICE_SHEPHERD_H
#define SERVICE_SHEPHERD_H

#include "machine/machine.h"

/* quiet_vmstat(): the CPU goes idle and its tick stops. */
void shepherd_quiet(struct pcpmm_cpu *cpu);

#endif
