/* SPDX-License-Identifier: MIT */
/*
 * Command line options: one table defines the parsing and the --help text.
 *
 * A message reports a wrong option, a missing value or a number out of range;
 * if a similar name exists, it suggests that.
 */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

/* Exit statuses of all commands. */
#define EXIT_INPUT 1 /* the input is bad or cannot be read */
#define EXIT_USAGE 2 /* the command line is bad */

enum option_kind {
	OPTION_FLAG, /* bool */
	OPTION_TEXT, /* const char * */
	OPTION_NUMBER, /* long, >= 0 */
	OPTION_CHOICE, /* const char *, one of a list */
};

/* One option; a table ends with a NULL name. */
struct option_row {
	const char *name; /* without the dashes */
	enum option_kind kind;
	void *value; /* the destination */
	const char *argument; /* its name in --help: "FILE"; NULL for a flag */
	const char *help; /* one line */
	const char *const *choices; /* OPTION_CHOICE: NULL-terminated */
};

struct command {
	const char *name; /* "pcpmm predict" */
	const char *summary; /* one line */
	const char *operands; /* "TRACE..."; "" if there are none */
	int operands_min, operands_max; /* max < 0: any number */
	const struct option_row *options;
};

/*
 * Parse @argv (argv[0] is the command itself) and leave the operands from
 * argv[*first] on. -1: go on; else the exit status, after the output: 0 after
 * --help, EXIT_USAGE after a message.
 */
int options_parse(
	const struct command *command, int argc, char **argv, int *first);

/* Index of @name in @names (NULL-terminated); -1 if it is not there. */
int options_index(const char *const *names, const char *name);

/* "NAME: unknown WHAT 'x'; did you mean 'y'?" on stderr. */
void options_unknown(const char *name, const char *what, const char *given,
	const char *const *known);

/*
 * Call @take(item, arg) for each item of "a,b,c" until it returns a status >=
 * 0. Returns that status, else -1; EXIT_INPUT: no memory.
 */
int options_each(
	const char *list, int (*take)(char *item, void *arg), void *arg);

void options_help(const struct command *command, FILE *out);

#endif
