/* SPDX-License-Identifier: MIT */
/* Size of a CPU's counters of one zone and one node, in the kernel's layout. */
#ifndef FOLD_BYTES_H
#define FOLD_BYTES_H

#include <pcpmm/machine.h>

struct fold_bytes {
	unsigned int zone[PCPMM_NR_DIFFS]; /* diffs and NUMA events */
	unsigned int node[PCPMM_NR_DIFFS];
};

/* From the counters that @machine has. 0 or -errno. */
int bytes_of(struct pcpmm_machine *machine, struct fold_bytes *bytes);

#endif
