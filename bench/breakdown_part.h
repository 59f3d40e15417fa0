/* SPDX-License-Identifier: MIT */
/* Doors of the breakdown: hot paths without one part, by guard. */
#ifndef BENCH_BREAKDOWN_PART_H
#define BENCH_BREAKDOWN_PART_H

#include <pcpmm/alloc.h>

enum part_guard { PART_IRQOFF, PART_RCU_SCHED, PART_PCP_LOCK, NR_PART_GUARDS };

extern const struct pcpmm_door doors_whole[NR_PART_GUARDS];
extern const struct pcpmm_door doors_no_owner[NR_PART_GUARDS];
extern const struct pcpmm_door doors_no_mark[NR_PART_GUARDS];
extern const struct pcpmm_door doors_no_guard[NR_PART_GUARDS];
extern const struct pcpmm_door doors_no_free_factor[NR_PART_GUARDS];
extern const struct pcpmm_door doors_no_events[NR_PART_GUARDS];
extern const struct pcpmm_door doors_no_check[NR_PART_GUARDS];

#endif
