/* SPDX-License-Identifier: MIT */
/*
 * Which counters a kernel has, and in which order it prints them. One table a
 * kernel, names_*.c, as recorded; tests/data has the recordings.
 *
 * A name of a table is a counter of this library (vmstat/items.h), or belongs to a
 * part of the kernel that is not simulated (compaction, huge page faults, ...) and
 * is printed as 0.
 */
#ifndef VMSTAT_NAMES_H
#define VMSTAT_NAMES_H

#include <pcpmm/axes.h>
#include <stdbool.h>

/* Each list ends with NULL. NUMA items stand between those of zone and node. */
struct vmstat_names {
	const char *const *zone; /* of zoneinfo and vmstat */
	const char *const *node; /* likewise */
	const char *const *rest; /* of vmstat: limits and events */
};

extern const struct vmstat_names vmstat_names_5_10, vmstat_names_6_1,
	vmstat_names_6_12, vmstat_names_6_18, vmstat_names_7_3;

/* Of a layout in range. */
const struct vmstat_names *vmstat_names_of(enum pcpmm_layout layout);

/* Is @name in @list? */
bool vmstat_names_have(const char *const *list, const char *name);

/*
 * How many of the @nr items of @items are needed so that each of @list is among
 * them; at least @least.
 */
unsigned int vmstat_names_items(const char *const *list,
	const char *const *items, unsigned int nr, unsigned int least);

#endif
