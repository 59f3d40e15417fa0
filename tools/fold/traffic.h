/* SPDX-License-Identifier: MIT */
/* Shared cache lines that counter updates write. */
#ifndef FOLD_TRAFFIC_H
#define FOLD_TRAFFIC_H

#include <pcpmm/types.h>

/*
 * Shared cache lines written per update, for a run of updates of +1 to @item of
 * node 0: the node's line, and the machine's with it, when a diff goes past its
 * threshold. Counted by reading the counter, not by the processor; for an
 * atomic add of one word the result would be 1. The caller has entered @cpu.
 */
double traffic_of_run(struct pcpmm_cpu *cpu, const char *item);

#endif
