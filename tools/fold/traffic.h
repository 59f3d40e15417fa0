/* SPDX-License-Identifier: MIT */
/* Shared cache lines that counter updates write. */
#ifndef FOLD_TRAFFIC_H
#define FOLD_TRAFFIC_H

#include <pcpmm/types.h>

/*
 * Lines that all CPUs share, written for each of a run of updates of +1 to @item
 * of node 0: the node's, and the machine's with it, whenever a diff goes past its
 * threshold. Counted by looking, not by the processor: an atomic add of one word
 * would be 1. @cpu is the caller's.
 */
double traffic_of_run(struct pcpmm_cpu *cpu, const char *item);

#endif
