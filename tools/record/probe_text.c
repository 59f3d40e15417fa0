/* SPDX-License-Identifier: MIT */
/* Puts a probe's definition together; see probe_text.h. */
#include "probe_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Return probes in flight at one time: kernels default to 2 a CPU or more. */
#define IN_FLIGHT 10

struct writer {
	char *at;
	size_t left;
	bool full;
};

__attribute__((format(printf, 2, 3))) static void add(
	struct writer *writer, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(writer->at, writer->left, format, args);
	va_end(args);
	if (length < 0 || (size_t)length >= writer->left) {
		writer->full = true;
		return;
	}
	writer->at += length;
	writer->left -= (size_t)length;
}

static void add_type(struct writer *writer, const struct record_field *field,
	const struct record_value *value)
{
	char letter = field->hex ? 'x' : value->is_signed ? 's' : 'u';

	add(writer, ":%c%u", letter, value->bytes * 8u);
}

/* Number of the field's argument; the kernel's word before the table's. */
static int argument_of(const struct record_field *field, const struct btf *btf,
	const char *function, const struct record_symbol *symbol,
	struct record_value *value)
{
	if (symbol->kind == RECORD_SYMBOL_CHANGED)
		return -ENOENT;
	/* What is required is never constant; this may be gone. */
	if (symbol->kind == RECORD_SYMBOL_CONSTPROP && !field->required &&
		field->source == RECORD_ARGUMENT)
		return -ENOENT;
	if (record_layout_knows(btf, function))
		return record_layout_argument(
			btf, function, field->argument, value);
	if (!field->place)
		return -ENOENT;
	value->place = field->place;
	return 0;
}

static int add_field(struct writer *writer, const struct record_field *field,
	const struct btf *btf, const char *function,
	const struct record_symbol *symbol)
{
	struct record_value argument = {0}, value = {0};
	int ret;

	if (field->source == RECORD_RESULT) {
		ret = record_layout_return(btf, function, &value);
		if (ret)
			return ret;
		add(writer, " %s=$retval", field->name);
		add_type(writer, field, &value);
		return 0;
	}
	ret = argument_of(field, btf, function, symbol, &argument);
	if (!ret && field->source != RECORD_ARGUMENT)
		ret = record_layout_member(
			btf, field->structure, field->member, &value);
	if (ret)
		return ret;
	switch (field->source) {
	case RECORD_ARGUMENT:
		add(writer, " %s=$arg%u", field->name, argument.place);
		if (argument.bytes)
			add_type(writer, field, &argument);
		else
			add(writer, ":%s", field->type);
		break;
	case RECORD_MEMBER:
		add(writer, " %s=+%u($arg%u)", field->name, value.place,
			argument.place);
		add_type(writer, field, &value);
		break;
	case RECORD_STRING:
		add(writer, " %s=+0(+%u($arg%u)):string", field->name,
			value.place, argument.place);
		break;
	case RECORD_RESULT:
		break;
	}
	return 0;
}

static void add_head(struct writer *writer, const struct record_probe *probe,
	const struct record_target *target, const char *symbol)
{
	if (target->style == RECORD_FPROBE)
		add(writer, "f:%s/%s %s%s", target->group, probe->event, symbol,
			probe->at_return ? "%return" : "");
	else if (probe->at_return)
		add(writer, "r%d:%s/%s %s", IN_FLIGHT, target->group,
			probe->event, symbol);
	else
		add(writer, "p:%s/%s %s", target->group, probe->event, symbol);
}

int record_probe_text(const struct record_probe *probe,
	const struct record_target *target, const char *function,
	const struct record_symbol *symbol, char *text, size_t size,
	const char **missing)
{
	struct writer writer = {text, size, false};
	const struct record_field *field = probe->fields;

	*missing = NULL;
	add_head(&writer, probe, target, symbol->name);
	for (int i = 0; i < RECORD_FIELDS_MAX && field[i].name; i++) {
		if (field[i].unhashed && target->hashed)
			continue;
		if (!add_field(
			    &writer, &field[i], target->btf, function, symbol))
			continue;
		if (!field[i].required)
			continue;
		*missing = field[i].name;
		return -ENOENT;
	}
	return writer.full ? -E2BIG : 0;
}
