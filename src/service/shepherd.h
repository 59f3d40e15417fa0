/* SPDX-License-Identifier: MIT */
/* What a CPU asks of the shepherd. */
#ifndef SERVICE_SHEPHERD_H
#define SERVICE_SHEPHERD_H

#include "machine/machine.h"

/* quiet_vmstat: the CPU goes idle, its tick stops. */
void shepherd_quiet(struct pcpmm_cpu *cpu);

#endif
