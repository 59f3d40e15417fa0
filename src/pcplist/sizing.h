/* SPDX-License-Identifier: MIT */
/*
 * How many pages a CPU's list of a zone moves at once (batch) and may hold
 * (high).
 *
 * Pure functions of numbers, shared by the allocator and "pcpmm predict".
 * Unit: pages. Origin: the behaviour of mm/page_alloc.c as measured on 6.1
 * and 6.12; older kernels by published dumps.
 */
#ifndef PCPLIST_SIZING_H
#define PCPLIST_SIZING_H

#include <stdint.h>

/* Largest chunk that a batch is derived from. */
#define PCP_BATCH_CAP_PAGES 256 /* 1 MiB, since 4.19: batch up to 63 */
#define PCP_BATCH_CAP_OLD_PAGES 128 /* 512 KiB, before: up to 31 */

/* percpu_pagelist_high_fraction that bounds the automatic high from above. */
#define PCP_HIGH_MAX_FRACTION 8

/*
 * A bit under a quarter of managed/1024, of the form 2^n - 1; 0 for the
 * smallest zones.
 */
int pcp_batch_raw(uint64_t managed, unsigned int cap_pages);

/* The same, at least 1: what the lists use. */
int pcp_batch(uint64_t managed, unsigned int cap_pages);

/*
 * Number of CPUs that share a zone's high: the online CPUs of its node, or all
 * online ones if the node has none. @onlining is 1 while a CPU comes up: the
 * CPU is not in the masks yet and is added to *every* node, so other nodes'
 * lists are sized for one CPU too many until the next recalculation (and a node
 * without CPUs counts 1).
 */
unsigned int pcp_high_cpus(unsigned int node_cpus_online,
	unsigned int cpus_online, unsigned int onlining);

/*
 * 5.14..6.6: a CPU's part of the low watermark (boost included) or, with
 * @fraction = percpu_pagelist_high_fraction, of managed / fraction; at least
 * four batches. @cpus from pcp_high_cpus().
 */
int pcp_high(uint64_t low, uint64_t managed, unsigned int fraction,
	unsigned int cpus, int batch);

/*
 * 6.7 and later: the bounds between which high is tuned. They are equal when
 * @fraction is set, which turns tuning off.
 */
void pcp_high_bounds(uint64_t low, uint64_t managed, unsigned int fraction,
	unsigned int cpus, int batch, int *high_min, int *high_max);

/* Up to 5.13: six batches of pcp_batch_raw() (so 0 for a small zone). */
int pcp_high_sixfold(int batch_raw);

/* Up to 5.13: percpu_pagelist_fraction set; every CPU gets the whole part. */
void pcp_high_old_fraction(uint64_t managed, unsigned int fraction,
	unsigned int page_shift, int *high, int *batch);

#endif
