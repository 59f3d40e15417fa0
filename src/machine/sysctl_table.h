/* SPDX-License-Identifier: MIT */
/*
 * The one table of sysctls: names, ranges and defaults, and what the kernel
 * recomputes when one is written.
 *
 * A row is all that a new sysctl needs beside its field of struct pcpmm_sysctls
 * and its docs. Configurations, pcpmm_sysctl_set(), machine files and dumps
 * read this table, each with error texts of its own.
 */
#ifndef MACHINE_SYSCTL_TABLE_H
#define MACHINE_SYSCTL_TABLE_H

#include <pcpmm/machine.h>

enum sysctl_recompute {
	RECOMPUTE_NOTHING,
	RECOMPUTE_MARKS, /* marks, boost, pagesets */
	RECOMPUTE_RESERVES, /* a read recomputes them, too, but in 7.3 */
	RECOMPUTE_PAGESETS,
	RECOMPUTE_BOOST, /* no mark, only the zones' copies of the factor */
	RECOMPUTE_NUMA, /* a change from 1 to 0 clears the NUMA counters */
};

/* In a configuration a negative value means: computed as at boot. */
#define SYSCTL_COMPUTED 1u
/*
 * Files may have a value below min. Such a dump can be read; a machine with the
 * value is refused when it is created.
 */
#define SYSCTL_LATE_MIN 2u

/* Kernels that have it, by axis layout; all, unless said. */
#define SYSCTL_ONLY_5_10 4u
#define SYSCTL_NOT_5_10 8u
#define SYSCTL_SINCE_6_18 16u

/* clang-format off */
/*
 * ROW(name, count, (default of each), min, max, zero_or, flags, recompute)
 *
 * The name without "vm." is that of the field; an array has count values. Each
 * value is min..max; zero_or is 0, or the smallest value allowed beside 0.
 * Names become enumerators, so the compiler refuses a duplicate name.
 */
#define SYSCTL_ROWS(ROW)						\
ROW(min_free_kbytes, 1, (-1), 0, INT32_MAX, 0,				\
	SYSCTL_COMPUTED, RECOMPUTE_MARKS)				\
ROW(watermark_scale_factor, 1, (10), 1, 3000, 0, 0, RECOMPUTE_MARKS)	\
ROW(watermark_boost_factor, 1, (15000), 0, INT32_MAX, 0, 0, RECOMPUTE_BOOST) \
ROW(percpu_pagelist_high_fraction, 1, (0), 0, INT32_MAX, 8,		\
	SYSCTL_NOT_5_10, RECOMPUTE_PAGESETS)				\
ROW(stat_interval, 1, (1), 1, INT32_MAX, 0,				\
	SYSCTL_LATE_MIN, RECOMPUTE_NOTHING)				\
ROW(lowmem_reserve_ratio, PCPMM_NR_ZONES, (256, 256, 32, 0, 0),		\
	0, INT32_MAX, 0, 0, RECOMPUTE_RESERVES)				\
ROW(numa_stat, 1, (1), 0, 1, 0, 0, RECOMPUTE_NUMA)			\
ROW(percpu_pagelist_fraction, 1, (0), 0, INT32_MAX, 8,			\
	SYSCTL_ONLY_5_10, RECOMPUTE_PAGESETS)				\
ROW(defrag_mode, 1, (0), 0, 1, 0, SYSCTL_SINCE_6_18, RECOMPUTE_NOTHING)

#define SYSCTL_ID(name, ...) SYSCTL_##name,
/* clang-format on */

enum sysctl_id { SYSCTL_ROWS(SYSCTL_ID) NR_SYSCTLS };

#define SYSCTL_COUNT_MAX PCPMM_NR_ZONES

struct sysctl_row {
	const char *name; /* "vm.min_free_kbytes" */
	size_t offset; /* of the field in struct pcpmm_sysctls */
	size_t width; /* of a value: bytes of an int32_t or int64_t */
	unsigned int count; /* values */
	int32_t initial[SYSCTL_COUNT_MAX];
	int32_t min, max, zero_or;
	unsigned int flags;
	enum sysctl_recompute recompute;
};

extern const struct sysctl_row sysctl_rows[NR_SYSCTLS];

/* The row of @name, with or without "vm.", or NULL. */
const struct sysctl_row *sysctl_find(const char *name);

/* Does the kernel of @layout have it? */
bool sysctl_is_of(const struct sysctl_row *row, enum pcpmm_layout layout);
/*
 * Why not, in @text: "vm.percpu_pagelist_fraction: Linux 6.1 has
 * vm.percpu_pagelist_high_fraction instead".
 */
void sysctl_say_foreign(const struct sysctl_row *row, enum pcpmm_layout layout,
	char *text, size_t size);

/* Value @i of a row. The store is atomic: allocations read numa_stat. */
int64_t sysctl_load(const struct pcpmm_sysctls *sysctls,
	const struct sysctl_row *row, unsigned int i);
void sysctl_store(struct pcpmm_sysctls *sysctls, const struct sysctl_row *row,
	unsigned int i, int64_t value);

/* Is @value in @row's range? A negative value never is. */
bool sysctl_in_range(const struct sysctl_row *row, int64_t value);

/* All values as at boot. */
void sysctl_init(struct pcpmm_sysctls *sysctls);

#endif
