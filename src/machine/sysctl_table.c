/* SPDX-License-Identifier: MIT */
/* The table of sysctls, and access to a value by its row; see sysctl_table.h. */
#include "machine/sysctl_table.h"

#include <pcpmm/proc.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "arch/atomic.h"
#include "machine/axes.h"

/* clang-format off */
#define LIST(...) __VA_ARGS__
#define FIELD_SIZE(name) sizeof(((struct pcpmm_sysctls *)0)->name)

/* Checks of a row at compile time. */
#define CHECK(name, count, initial, min, max, zero_or, ...)		\
	_Static_assert(FIELD_SIZE(name) == (count) * sizeof(int32_t) ||	\
		FIELD_SIZE(name) == (count) * sizeof(int64_t),		\
		#name ": the field does not have so many numbers");	\
	_Static_assert((count) <= SYSCTL_COUNT_MAX,			\
		#name ": more values than a row keeps");		\
	_Static_assert((min) >= 0 && (min) <= (max) && (zero_or) <= (max), \
		#name ": no value is in range");
SYSCTL_ROWS(CHECK)

#define ROW(name_, count_, initial_, min_, max_, zero_or_, flags_, recompute_) \
	[SYSCTL_##name_] = {						\
		.name = "vm." #name_,					\
		.offset = offsetof(struct pcpmm_sysctls, name_),	\
		.width = FIELD_SIZE(name_) / (count_),			\
		.count = count_,					\
		.initial = {LIST initial_},				\
		.min = min_,						\
		.max = max_,						\
		.zero_or = zero_or_,					\
		.flags = flags_,					\
		.recompute = recompute_,				\
	},
/* clang-format on */

const struct sysctl_row sysctl_rows[NR_SYSCTLS] = {SYSCTL_ROWS(ROW)};

#define NAME(name, ...) "vm." #name,
static const char *const names[] = {SYSCTL_ROWS(NAME) NULL};

const char *const *pcpmm_sysctl_names(void)
{
	return names;
}

const struct sysctl_row *sysctl_find(const char *name)
{
	if (!strncmp(name, "vm.", 3))
		name += 3;
	for (unsigned int i = 0; i < NR_SYSCTLS; i++)
		if (!strcmp(sysctl_rows[i].name + 3, name))
			return &sysctl_rows[i];
	return NULL;
}

bool sysctl_is_of(const struct sysctl_row *row, enum pcpmm_layout layout)
{
	bool is_5_10 = layout == PCPMM_LAYOUT_5_10;

	if (row->flags & SYSCTL_ONLY_5_10)
		return is_5_10;
	if (row->flags & SYSCTL_NOT_5_10)
		return !is_5_10;
	if (row->flags & SYSCTL_SINCE_6_18)
		return layout == PCPMM_LAYOUT_6_18 ||
		       layout == PCPMM_LAYOUT_7_3;
	return true;
}

void sysctl_say_foreign(const struct sysctl_row *row, enum pcpmm_layout layout,
	char *text, size_t size)
{
	const char *kernel = axis_value_name(AXIS_layout, layout);
	const char *other = NULL;

	if (row->flags & SYSCTL_ONLY_5_10)
		other = sysctl_rows[SYSCTL_percpu_pagelist_high_fraction].name;
	if (row->flags & SYSCTL_NOT_5_10)
		other = sysctl_rows[SYSCTL_percpu_pagelist_fraction].name;
	if (other)
		snprintf(text, size, "%s: Linux %s has %s instead", row->name,
			kernel, other);
	else
		snprintf(text, size, "%s: Linux %s has no such sysctl",
			row->name, kernel);
}

int64_t sysctl_load(const struct pcpmm_sysctls *sysctls,
	const struct sysctl_row *row, unsigned int i)
{
	const char *field = (const char *)sysctls + row->offset;

	return row->width == sizeof(int64_t) ? ((const int64_t *)field)[i]
					     : ((const int32_t *)field)[i];
}

void sysctl_store(struct pcpmm_sysctls *sysctls, const struct sysctl_row *row,
	unsigned int i, int64_t value)
{
	char *field = (char *)sysctls + row->offset;

	if (row->width == sizeof(int64_t))
		atomic_store_relaxed_s64((int64_t *)field + i, value);
	else
		atomic_store_relaxed_s32((int32_t *)field + i, (int32_t)value);
}

bool sysctl_in_range(const struct sysctl_row *row, int64_t value)
{
	if (value < row->min || value > row->max)
		return false;
	return !value || value >= row->zero_or;
}

void sysctl_init(struct pcpmm_sysctls *sysctls)
{
	for (unsigned int id = 0; id < NR_SYSCTLS; id++)
		for (unsigned int i = 0; i < sysctl_rows[id].count; i++)
			sysctl_store(sysctls, &sysctl_rows[id], i,
				sysctl_rows[id].initial[i]);
}
