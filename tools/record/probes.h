/* SPDX-License-Identifier: MIT */
/*
 * The probes of a recording: which function, which values, under which names
 * (docs/replay.md), and what a replay loses without each.
 */
#ifndef RECORD_PROBES_H
#define RECORD_PROBES_H

#include <stdbool.h>
#include <stddef.h>

#define RECORD_FUNCTIONS_MAX 3
#define RECORD_FIELDS_MAX 14

enum record_source {
	RECORD_ARGUMENT, /* an argument itself */
	RECORD_MEMBER, /* a member of what the argument points to */
	RECORD_STRING, /* the text that such a member points to */
	RECORD_RESULT, /* what the function returns */
};

/* One "name=value" of an event's line; a list ends with a NULL name. */
struct record_field {
	const char *name;
	enum record_source source;
	bool required; /* the reader needs it: no probe without */
	bool hex;
	bool unhashed; /* only where page= of the events is an address */
	const char *argument; /* its names in the kernels: "count|n" */
	const char *structure, *member;
	/*
	 * Where the kernel does not describe the function: the argument's
	 * number, and its type. 0: it cannot be told then.
	 */
	unsigned int place;
	const char *type;
};

struct record_probe {
	const char *event;
	const char
		*functions[RECORD_FUNCTIONS_MAX]; /* by kernel, newest first */
	bool at_return;
	bool often; /* a line for every free: only if asked for */
	bool some; /* kernels without the function have no such rule */
	const char
		*filter; /* lines that do not meet it are no events; or NULL */
	const char *lost; /* without it: "X is ..." */
	struct record_field fields[RECORD_FIELDS_MAX];
};

extern const struct record_probe record_probes[];
extern const size_t record_nr_probes;

#endif
