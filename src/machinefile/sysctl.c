/* SPDX-License-Identifier: MIT */
/* Sysctls that configure a machine, from the text of dumps and INI files. */
#include "dump.h"
#include "machine/sysctl_table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The limits beside the maximum. */
static int check(const struct sysctl_row *row, uint64_t value, char *why,
	size_t why_size)
{
	if (sysctl_in_range(row, (int64_t)value) ||
		(row->flags & SYSCTL_LATE_MIN))
		return 0;
	if (row->zero_or)
		snprintf(why, why_size, "0 or at least %d expected",
			row->zero_or);
	else
		snprintf(why, why_size, "at least %d expected", row->min);
	return -EINVAL;
}

static int parse_values(struct pcpmm_sysctls *sysctls,
	const struct sysctl_row *row, const char *value, char *why,
	size_t why_size)
{
	struct text text;
	unsigned int i;
	uint64_t number;

	text_init(&text, "", value, strlen(value), NULL);
	text_line(&text);
	for (i = 0; i < row->count && !text_at_end(&text); i++) {
		if (!text_number(&text, (uint64_t)row->max, &number)) {
			snprintf(why, why_size, "number 0..%d expected",
				row->max);
			return -EINVAL;
		}
		if (check(row, number, why, why_size))
			return -EINVAL;
		sysctl_store(sysctls, row, i, (int64_t)number);
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
	const struct sysctl_row *row = sysctl_find(name);

	return row ? parse_values(sysctls, row, value, why, why_size) : -ENOENT;
}
