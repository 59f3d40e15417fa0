/* SPDX-License-Identifier: MIT */
/* Sums over CPUs, racy while the CPUs count: pages on lists, VM events. */
#ifndef VIEW_COUNTS_H
#define VIEW_COUNTS_H

#include "machine/machine.h"

/* Pages of @zone on the lists of all CPUs. */
uint64_t zone_listed_pages(
	const struct pcpmm_machine *machine, const struct zone *zone);

/* Sum over all CPUs, dead ones included. */
uint64_t events_read(const struct pcpmm_machine *machine, int event);

/*
 * The two events of the series of 2012 that were never merged (Ben-Yossef): names,
 * ends with NULL; and a value, -ENOENT if @name is none of them, or the machine's
 * drain is none of that series.
 */
extern const char *const drain_event_names[];
int drain_event_read(
	const struct pcpmm_machine *machine, const char *name, uint64_t *value);

#endif
