/* SPDX-License-Identifier: MIT */
/* VM events: sums over CPUs, racy while these count. */
#ifndef VIEW_COUNTS_H
#define VIEW_COUNTS_H

#include "machine/machine.h"

/* Of all CPUs, those that died included. */
uint64_t events_read(const struct pcpmm_machine *machine, int event);

#endif
