/* SPDX-License-Identifier: MIT */
/* The table of axes, and everything that looks axes up by name; see axes.h. */
#include "machine/axes.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "machine/error.h"

/* clang-format off */
#define LIST(...) __VA_ARGS__
#define FIELD_SIZE(key) sizeof(((struct pcpmm_config *)0)->key)

/* Checks of a row at compile time. */
#define NAME(value, text) +1
#define CHECK_ENUM(key, nr, flags, base, names, exceptions)		\
	_Static_assert((LIST names) == (nr), #key ": a value without name"); \
	_Static_assert((nr) < UINT8_MAX, #key ": see ini_file.h");	\
	_Static_assert(FIELD_SIZE(key) == sizeof(unsigned int),		\
		#key ": the field is no enum");
#define CHECK_BOOL(key, flags, base, exceptions)			\
	_Static_assert(FIELD_SIZE(key) == sizeof(bool),			\
		#key ": the field is no bool");
AXIS_ROWS(CHECK_ENUM, CHECK_BOOL)
#undef NAME

#define NAME(value, text) [value] = text,
#define IN(preset, value) {PCPMM_PRESET_##preset, value},
#define ROW(key_, flags_, base_, exceptions_, nr, names)		\
	[AXIS_##key_] = {						\
		.key = #key_,						\
		.offset = offsetof(struct pcpmm_config, key_),		\
		.size = FIELD_SIZE(key_),				\
		.flags = flags_,					\
		.nr_values = nr,					\
		.values = names,					\
		.base = base_,						\
		.exceptions = (const struct axis_exception[]){		\
			LIST exceptions_ {-1, 0}},			\
	},
#define ENUM_ROW(key, nr, flags, base, names, exceptions)		\
	ROW(key, flags, base, exceptions, nr,				\
		((const char *const[(nr) + 1]){LIST names}))
#define BOOL_ROW(key, flags, base, exceptions)				\
	ROW(key, (flags) | AXIS_BOOL, base, exceptions, 2, no_yes)
/* clang-format on */

static const char *const no_yes[] = {"no", "yes", NULL};

const struct axis axes[NR_AXES] = {AXIS_ROWS(ENUM_ROW, BOOL_ROW)};

#define KEY(key, ...) #key,
static const char *const keys[] = {AXIS_ROWS(KEY, KEY) NULL};

const struct axis *axis_find(const char *key)
{
	for (unsigned int i = 0; i < NR_AXES; i++)
		if (!strcmp(axes[i].key, key))
			return &axes[i];
	return NULL;
}

const char *axis_value_name(enum axis_id id, unsigned int value)
{
	return value < axes[id].nr_values ? axes[id].values[value] : NULL;
}

int axis_value_by_name(const struct axis *axis, const char *name)
{
	for (unsigned int i = 0; i < axis->nr_values; i++)
		if (!strcmp(axis->values[i], name))
			return (int)i;
	return -ENOENT;
}

unsigned int axis_load(
	const struct pcpmm_config *config, const struct axis *axis)
{
	const char *field = (const char *)config + axis->offset;

	return axis->flags & AXIS_BOOL ? *(const bool *)field
				       : *(const unsigned int *)field;
}

void axis_store(struct pcpmm_config *config, const struct axis *axis,
	unsigned int value)
{
	char *field = (char *)config + axis->offset;

	if (axis->flags & AXIS_BOOL)
		*(bool *)field = value;
	else
		*(unsigned int *)field = value;
}

static unsigned int value_in(const struct axis *axis, enum pcpmm_preset preset)
{
	const struct axis_exception *exception = axis->exceptions;

	if (axis == &axes[AXIS_preset])
		return preset;
	for (; exception->preset >= 0; exception++)
		if (exception->preset == (int)preset)
			return exception->value;
	return axis->base;
}

static void limit(struct pcpmm_config *config)
{
	const struct kernel_arch *arch = kernel_arch_of(config->arch);

	if (arch)
		kernel_arch_limit(arch, config);
}

void axes_choose(
	struct pcpmm_config *config, enum pcpmm_preset preset, bool choices)
{
	for (unsigned int i = 0; i < NR_AXES; i++)
		if (choices || !(axes[i].flags & AXIS_CHOICE))
			axis_store(
				config, &axes[i], value_in(&axes[i], preset));
	limit(config);
}

void axes_choose_arch(struct pcpmm_config *config, enum pcpmm_arch arch)
{
	static const enum axis_id limited[] = {AXIS_account, AXIS_fold};

	config->arch = arch;
	for (size_t i = 0; i < sizeof(limited) / sizeof(limited[0]); i++)
		axis_store(config, &axes[limited[i]],
			value_in(&axes[limited[i]], config->preset));
	limit(config);
}

/* --- for programs ------------------------------------------------------ */

const char *const *pcpmm_axis_keys(void)
{
	return keys;
}

const char *const *pcpmm_axis_values(const char *key)
{
	const struct axis *axis = axis_find(key);

	return axis ? axis->values : NULL;
}

static int unknown(struct pcpmm_error *error, int code, const char *what,
	const char *name, const char *const *names)
{
	const char *near = pcpmm_nearest_name(name, names);

	if (!near)
		return error_set(error, code, "unknown %s '%s'", what, name);
	return error_set(error, code, "unknown %s '%s'; did you mean '%s'?",
		what, name, near);
}

int pcpmm_config_set(struct pcpmm_config *config, const char *key,
	const char *value, struct pcpmm_error *error)
{
	const struct axis *axis = axis_find(key);
	int number;

	if (!axis)
		return unknown(error, -ENOENT, "axis", key, keys);
	number = axis_value_by_name(axis, value);
	if (number < 0)
		return unknown(error, -EINVAL, key, value, axis->values);
	if (axis == &axes[AXIS_preset])
		axes_choose(config, (enum pcpmm_preset)number, false);
	else if (axis == &axes[AXIS_arch])
		axes_choose_arch(config, (enum pcpmm_arch)number);
	else
		axis_store(config, axis, (unsigned int)number);
	return 0;
}

const char *pcpmm_config_get(const struct pcpmm_config *config, const char *key)
{
	const struct axis *axis = axis_find(key);

	if (!axis)
		return NULL;
	return axis_value_name(
		(enum axis_id)(axis - axes), axis_load(config, axis));
}
