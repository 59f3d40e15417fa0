/* SPDX-License-Identifier: MIT */
/*
 * The sysctls that configure a machine, from text: one table gives names,
 * limits and fields, for dumps and INI files alike.
 */
#include "dump.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define LIST PCPMM_NR_ZONES /* of values: lowmem_reserve_ratio */

static const struct {
	const char *name; /* without "vm." */
	size_t offset;
	bool wide; /* int64_t, not int32_t */
	unsigned int count; /* values, at most */
	uint64_t max;
} table[] = {
	{"min_free_kbytes", offsetof(struct pcpmm_sysctls, min_free_kbytes),
		true, 1, INT32_MAX},
	{"watermark_scale_factor",
		offsetof(struct pcpmm_sysctls, watermark_scale_factor), false,
		1, 3000},
	{"watermark_boost_factor",
		offsetof(struct pcpmm_sysctls, watermark_boost_factor), false,
		1, INT32_MAX},
	{"percpu_pagelist_high_fraction",
		offsetof(struct pcpmm_sysctls, percpu_pagelist_high_fraction),
		false, 1, INT32_MAX},
	{"stat_interval", offsetof(struct pcpmm_sysctls, stat_interval), false,
		1, INT32_MAX},
	{"lowmem_reserve_ratio",
		offsetof(struct pcpmm_sysctls, lowmem_reserve_ratio), false,
		LIST, INT32_MAX},
	{"numa_stat", offsetof(struct pcpmm_sysctls, numa_stat), false, 1, 1},
};

#define NR (sizeof(table) / sizeof(table[0]))

/* What single numbers cannot say: values that the kernel refuses. */
static int check(const char *name, uint64_t value, char *why, size_t why_size)
{
	if (strcmp(name, "percpu_pagelist_high_fraction") == 0 && value &&
		value < 8) {
		snprintf(why, why_size, "0 or at least 8 expected");
		return -EINVAL;
	}
	if (strcmp(name, "watermark_scale_factor") == 0 && !value) {
		snprintf(why, why_size, "at least 1 expected");
		return -EINVAL;
	}
	return 0;
}

static int parse_values(char *field, unsigned int row, const char *value,
	char *why, size_t why_size)
{
	struct text text;
	unsigned int i;
	uint64_t number;

	text_init(&text, "", value, strlen(value), NULL);
	text_line(&text);
	for (i = 0; i < table[row].count && !text_at_end(&text); i++) {
		if (!text_number(&text, table[row].max, &number)) {
			snprintf(why, why_size, "number 0..%llu expected",
				(unsigned long long)table[row].max);
			return -EINVAL;
		}
		if (check(table[row].name, number, why, why_size))
			return -EINVAL;
		if (table[row].wide)
			((int64_t *)field)[i] = (int64_t)number;
		else
			((int32_t *)field)[i] = (int32_t)number;
	}
	if (!i || !text_at_end(&text)) {
		snprintf(why, why_size,
			i ? "too many values or not a number"
			  : "value expected");
		return -EINVAL;
	}
	return 0;
}

int sysctl_parse(struct pcpmm_sysctls *sysctls, const char *name,
	const char *value, char *why, size_t why_size)
{
	unsigned int row;

	if (strncmp(name, "vm.", 3) == 0)
		name += 3;
	for (row = 0; row < NR; row++) {
		if (strcmp(name, table[row].name) == 0)
			return parse_values((char *)sysctls + table[row].offset,
				row, value, why, why_size);
	}
	return -ENOENT;
}
