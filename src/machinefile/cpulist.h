/* SPDX-License-Identifier: MIT */
/* Lists of CPUs as Linux writes them: "0-3,8,10-11". */
#ifndef MACHINEFILE_CPULIST_H
#define MACHINEFILE_CPULIST_H

#include "text.h"

/*
 * Take a list (possibly empty) and set the node of each of its CPUs in
 * @cpu_node (PCPMM_CPUS_MAX entries, CPULIST_NO_NODE where none is known).
 * 0, or -EINVAL and the text's error: not a list, a CPU beyond the maximum,
 * or a CPU that another node has.
 */
#define CPULIST_NO_NODE 0xffffffffu
int cpulist_take(struct text *text, unsigned int nid, unsigned int *cpu_node);

/* Set one CPU's node; the same errors. */
int cpulist_set(struct text *text, uint64_t cpu, unsigned int nid,
	unsigned int *cpu_node);

#endif
