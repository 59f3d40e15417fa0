/* SPDX-License-Identifier: MIT */
/* The /proc files, one function each. All reads are racy. */
#ifndef VIEW_PROC_PROC_H
#define VIEW_PROC_PROC_H

#include <stdio.h>

#include "machine/machine.h"

void proc_zoneinfo(struct pcpmm_machine *machine, FILE *out);
void proc_vmstat(struct pcpmm_machine *machine, FILE *out);
void proc_buddyinfo(struct pcpmm_machine *machine, FILE *out);
void proc_pagetypeinfo(struct pcpmm_machine *machine, FILE *out);

/* Call @print for each zone, by node and type; @populated: with pages only. */
void proc_each_zone(struct pcpmm_machine *machine, bool populated,
	void (*print)(struct pcpmm_machine *, struct zone *, FILE *),
	FILE *out);
/* The same for the zones of one node. */
void proc_each_zone_of(struct pcpmm_machine *machine, unsigned int nid,
	bool populated,
	void (*print)(struct pcpmm_machine *, struct zone *, FILE *),
	FILE *out);

#define PROC_FREE_BLOCKS "nr_free_pages_blocks"

/*
 * Pages on free lists of the order of a pageblock or larger that are not isolated:
 * PROC_FREE_BLOCKS, from 6.18 on. The kernel keeps it as a counter with diffs; here
 * it is counted from the lists.
 */
uint64_t proc_free_block_pages(const struct zone *zone);

#endif
