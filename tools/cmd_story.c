/* SPDX-License-Identifier: MIT */
/* pcpmm story: plays scenes from the history of the drain and checks them. */
#include "cmd.h"
#include "options.h"
#include "story.h"

#include <stdlib.h>
#include <string.h>

#define STORIES_MAX 32
#define SEED_DEFAULT 1

struct arguments {
	bool list, quiet, in_turn;
	long seed;
	const char *name; /* NULL: none given */
};

static int parse(int argc, char **argv, struct arguments *args)
{
	const struct option_row options[] = {
		{"list", OPTION_FLAG, &args->list, NULL,
			"print the names, and a line on each", NULL},
		{"quiet", OPTION_FLAG, &args->quiet, NULL,
			"no timeline, the verdict only", NULL},
		{"in-turn", OPTION_FLAG, &args->in_turn, NULL,
			"acts one after the other, not side by side", NULL},
		{"seed", OPTION_NUMBER, &args->seed, "N",
			"of a story with chance in it (default 1)", NULL},
		{0},
	};
	const struct command command = {"pcpmm story",
		"Play a scene from the history of draining per-CPU lists, and "
		"check how it ends.",
		"NAME", 0, 1, options};
	int first, status = options_parse(&command, argc, argv, &first);

	if (status >= 0)
		return status;
	args->name = argv[first];
	if (args->list && args->name) {
		fputs("pcpmm story: --list takes no name\n", stderr);
		return EXIT_USAGE;
	}
	if (!args->list && !args->name) {
		fputs("pcpmm story: NAME expected; --list tells them\n",
			stderr);
		return EXIT_USAGE;
	}
	if (!args->seed) {
		fputs("pcpmm story: --seed: 0 is none\n", stderr);
		return EXIT_USAGE;
	}
	return -1;
}

static int list(void)
{
	for (const struct story_row *row = story_table; row->name; row++)
		printf("%-26s %s\n", row->name, row->summary);
	return 0;
}

int cmd_story(int argc, char **argv)
{
	const char *names[STORIES_MAX + 1] = {NULL};
	struct arguments args = {.seed = SEED_DEFAULT};
	int status = parse(argc, argv, &args);

	if (status >= 0)
		return status;
	if (args.list)
		return list();
	for (size_t i = 0; story_table[i].name && i < STORIES_MAX; i++) {
		names[i] = story_table[i].name;
		if (!strcmp(names[i], args.name))
			return story_play(&story_table[i], args.quiet,
				args.in_turn, (uint64_t)args.seed);
	}
	options_unknown("pcpmm story", "story", args.name, names);
	return EXIT_USAGE;
}
