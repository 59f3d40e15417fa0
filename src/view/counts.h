/* SPDX-License-Identifier: MIT */
/* VM and NUMA events: sums over CPUs, racy while these count. */
#ifndef VIEW_COUNTS_H
#define VIEW_COUNTS_H

#include "machine/machine.h"

/* Of all CPUs, those that died included. */
uint64_t events_read(const struct pcpmm_machine *machine, int event);
/* A zone's NUMA event, per-CPU parts included. */
uint64_t numa_read(
	const struct pcpmm_machine *machine, const struct zone *zone, int item);

#endif
