/* SPDX-License-Identifier: MIT */
/* pcpmm: the program; one command a file. */
#include "cmd.h"
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{"replay", cmd_replay,
		"run a recorded kernel trace, compare with what the kernel "
		"did"},
	{"record", cmd_record,
		"record the running kernel's page events and state for replay"},
	{"predict", cmd_predict,
		"explain a real machine's watermarks and list sizes"},
	{"show", cmd_show, "print a machine's /proc files"},
	{"drain", cmd_drain, "compare the drain strategies"},
	{"noise", cmd_noise, "show what drains interrupt, and how long"},
	{"fold", cmd_fold, "compare ways to count and to fold counts"},
	{"check", cmd_check,
		"run small scenes under every order of their steps"},
	{"story", cmd_story, "play a scene from the drain's history"},
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(FILE *out)
{
	fputs("usage: pcpmm COMMAND [OPTIONS] ...\n\n", out);
	for (size_t i = 0; i < NR_COMMANDS; i++)
		fprintf(out, "  %-9s %s\n", commands[i].name,
			commands[i].summary);
	fputs("\npcpmm COMMAND --help tells each one's options; pcpmm "
	      "--version the version.\n",
		out);
}

/* An error while writing stdout changes the exit status. */
static int finish(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	fprintf(stderr, "pcpmm: standard output: %s\n", strerror(errno));
	return EXIT_INPUT;
}

int main(int argc, char **argv)
{
	const char *names[NR_COMMANDS + 1] = {NULL};

	if (argc < 2) {
		help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		help(stdout);
		return 0;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("pcpmm " PCPMM_VERSION);
		return 0;
	}
	for (size_t i = 0; i < NR_COMMANDS; i++) {
		if (!strcmp(argv[1], commands[i].name))
			return finish(commands[i].run(argc - 1, argv + 1));
		names[i] = commands[i].name;
	}
	options_unknown("pcpmm", "command", argv[1], names);
	return EXIT_USAGE;
}
