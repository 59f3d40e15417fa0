/* SPDX-License-Identifier: MIT */
/* VM events: sums over CPUs, racy while the CPUs count. */
#ifndef VIEW_COUNTS_H
#define VIEW_COUNTS_H

#include "machine/machine.h"

/* Sum over all CPUs, dead ones included. */
uint64_t events_read(const struct pcpmm_machine *machine, int event);

#endif
