/* SPDX-License-Identifier: MIT */
/* Options from a table, by getopt_long; see options.h. */
#include "options.h"

#include <pcpmm/machine.h>

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 32
#define HELP_COLUMN 26

static const struct option_row help_row = {
	"help", OPTION_FLAG, NULL, NULL, "show this text", NULL};

static int count_rows(const struct command *command)
{
	int nr = 0;

	while (command->options[nr].name && nr < OPTIONS_MAX)
		nr++;
	return nr;
}

static void help_line(const struct option_row *row, FILE *out)
{
	int width = fprintf(out, "  --%s", row->name);
	int i;

	if (row->argument)
		width += fprintf(out, " %s", row->argument);
	if (width >= HELP_COLUMN) {
		fputc('\n', out);
		width = 0;
	}
	fprintf(out, "%*s%s", HELP_COLUMN - width, "", row->help);
	for (i = 0; row->choices && row->choices[i]; i++)
		fprintf(out, "%s%s", i ? ", " : ": ", row->choices[i]);
	fputc('\n', out);
}

void options_help(const struct command *command, FILE *out)
{
	int nr = count_rows(command);
	int i;

	fprintf(out, "usage: %s [OPTION]...%s%s\n%s\n\n", command->name,
		command->operands[0] ? " " : "", command->operands,
		command->summary);
	for (i = 0; i < nr; i++)
		help_line(&command->options[i], out);
	help_line(&help_row, out);
}

int options_index(const char *const *names, const char *name)
{
	int i;

	for (i = 0; names[i]; i++) {
		if (strcmp(names[i], name) == 0)
			return i;
	}
	return -1;
}

void options_unknown(const char *name, const char *what, const char *given,
	const char *const *known)
{
	const char *near = pcpmm_nearest_name(given, known);

	if (near)
		fprintf(stderr, "%s: unknown %s '%s'; did you mean '%s'?\n",
			name, what, given, near);
	else
		fprintf(stderr, "%s: unknown %s '%s'\n", name, what, given);
}

int options_each(
	const char *list, int (*take)(char *item, void *arg), void *arg)
{
	char *copy = strdup(list), *rest = copy, *item;
	int status = copy ? -1 : EXIT_INPUT;

	while (status < 0 && (item = strsep(&rest, ",")))
		status = take(item, arg);
	free(copy);
	return status;
}

static int usage(const struct command *command)
{
	fprintf(stderr, "Try '%s --help'.\n", command->name);
	return EXIT_USAGE;
}

static int set_number(const struct command *command,
	const struct option_row *row, const char *text)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || end == text || *end || value < 0) {
		fprintf(stderr, "%s: --%s: '%s' is not a number\n",
			command->name, row->name, text);
		return usage(command);
	}
	*(long *)row->value = value;
	return -1;
}

static int set_choice(const struct command *command,
	const struct option_row *row, const char *text)
{
	if (options_index(row->choices, text) >= 0) {
		*(const char **)row->value = text;
		return -1;
	}
	options_unknown(command->name, row->name, text, row->choices);
	return usage(command);
}

static int set_value(const struct command *command,
	const struct option_row *row, const char *text)
{
	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)row->value = true;
		return -1;
	case OPTION_TEXT:
		*(const char **)row->value = text;
		return -1;
	case OPTION_NUMBER:
		return set_number(command, row, text);
	case OPTION_CHOICE:
		return set_choice(command, row, text);
	}
	return usage(command);
}

/* getopt_long() returned @said, '?' or ':', for @given. */
static int wrong_option(
	const struct command *command, const char *given, int nr, int said)
{
	const char *names[OPTIONS_MAX + 2];
	char name[64];
	int i;

	if (said == ':') {
		fprintf(stderr, "%s: option '%s' needs a value\n",
			command->name, given);
		return usage(command);
	}
	for (i = 0; i < nr; i++)
		names[i] = command->options[i].name;
	names[nr] = help_row.name;
	names[nr + 1] = NULL;
	snprintf(name, sizeof(name), "%s", given + strspn(given, "-"));
	name[strcspn(name, "=")] = '\0';
	options_unknown(command->name, "option", name, names);
	return usage(command);
}

static int check_operands(const struct command *command, int nr)
{
	if (nr < command->operands_min) {
		fprintf(stderr, "%s: %s expected\n", command->name,
			command->operands);
		return usage(command);
	}
	if (command->operands_max >= 0 && nr > command->operands_max) {
		fprintf(stderr, "%s: too many operands\n", command->name);
		return usage(command);
	}
	return -1;
}

int options_parse(
	const struct command *command, int argc, char **argv, int *first)
{
	struct option table[OPTIONS_MAX + 2] = {{0}};
	int nr = count_rows(command);
	int index, said, status;
	int i;

	for (i = 0; i < nr; i++) {
		table[i].name = command->options[i].name;
		table[i].has_arg = command->options[i].kind == OPTION_FLAG
					   ? no_argument
					   : required_argument;
	}
	table[nr].name = help_row.name;
	optind = 0; /* also resets getopt_long() after an earlier parse */
	opterr = 0;
	for (;;) {
		index = -1;
		said = getopt_long(argc, argv, ":", table, &index);
		if (said == -1)
			break;
		if (said != 0)
			return wrong_option(
				command, argv[optind - 1], nr, said);
		if (index == nr) {
			options_help(command, stdout);
			return 0;
		}
		status = set_value(command, &command->options[index], optarg);
		if (status >= 0)
			return status;
	}
	*first = optind;
	return check_operands(command, argc - optind);
}
