/* SPDX-License-Identifier: MIT */
/* The command line of pcpmm-bench. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void help(FILE *out)
{
	fputs("usage: pcpmm-bench [breakdown|guards|counters|instances|lru]\n"
	      "                   [OPTION...]\n"
	      "\n"
	      "Cost of an allocation and its free, beside an allocator that\n"
	      "does nothing, the C library's and those that are installed\n"
	      "(libmimalloc, libjemalloc). 'breakdown' shows where the cycles\n"
	      "of the hot pair go instead, 'guards' what each drain\n"
	      "strategy costs the owner of a list, 'counters' what a counter\n"
	      "update does, 'instances' what two zones of one type do for two\n"
	      "CPUs, 'lru' what pwlocks costs who adds to the LRU or uses a\n"
	      "sheaf.\n"
	      "\n"
	      "  --list            name the benchmarks and stop\n"
	      "  --filter REGEX    only those whose name/cpus:N matches\n"
	      "  --repetitions N   of everything, 1..1000 (15)\n"
	      "  --min-time MS     of each cell in each repetition (20)\n"
	      "  --json FILE       also as JSON, like google-benchmark's\n"
	      "  --seed N          of the order of things (drawn, printed)\n"
	      "  --quick           2 repetitions of 1 ms: tries everything,\n"
	      "                    measures nothing\n"
	      "  --help            this\n",
		out);
}

/* false after a message. */
static bool number(const char *name, const char *text, uint64_t min,
	uint64_t max, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	if (!errno && end != text && !*end && text[0] != '-' && *value >= min &&
		*value <= max)
		return true;
	fprintf(stderr,
		"pcpmm-bench: --%s '%s': a number from %" PRIu64 " to %" PRIu64
		" is wanted\n",
		name, text, min, max);
	return false;
}

enum { LIST = 1, FILTER, REPETITIONS, MIN_TIME, JSON, SEED, QUICK, HELP };

static const struct option long_options[] = {
	{"list", no_argument, NULL, LIST},
	{"filter", required_argument, NULL, FILTER},
	{"repetitions", required_argument, NULL, REPETITIONS},
	{"min-time", required_argument, NULL, MIN_TIME},
	{"json", required_argument, NULL, JSON},
	{"seed", required_argument, NULL, SEED},
	{"quick", no_argument, NULL, QUICK},
	{"help", no_argument, NULL, HELP},
	{NULL, 0, NULL, 0},
};

/* 0, or EXIT_USAGE. */
static int take(struct options *options, int option, const char *text)
{
	uint64_t value = 0;

	switch (option) {
	case LIST:
		options->list = true;
		return 0;
	case FILTER:
		options->filter = text;
		return 0;
	case JSON:
		options->json = text;
		return 0;
	case QUICK:
		options->quick = true;
		return 0;
	case REPETITIONS:
		if (!number("repetitions", text, 1, REPETITIONS_MAX, &value))
			return EXIT_USAGE;
		options->repetitions = (unsigned int)value;
		return 0;
	case MIN_TIME:
		if (!number("min-time", text, 1, 60000, &value))
			return EXIT_USAGE;
		options->min_time_ns = value * 1000000;
		return 0;
	case SEED:
		if (!number("seed", text, 0, UINT64_MAX, &options->seed))
			return EXIT_USAGE;
		return 0;
	default: /* getopt_long() has printed the reason */
		help(stderr);
		return EXIT_USAGE;
	}
}

static void defaults(struct options *options)
{
	if (!options->repetitions)
		options->repetitions = options->quick ? 2 : 15;
	if (!options->min_time_ns)
		options->min_time_ns = options->quick ? 1000000 : 20000000;
}

static bool take_mode(struct options *options, const char *mode)
{
	options->breakdown = !strcmp(mode, "breakdown");
	options->guards = !strcmp(mode, "guards");
	options->counters = !strcmp(mode, "counters");
	options->instances = !strcmp(mode, "instances");
	options->lru = !strcmp(mode, "lru");
	return options->breakdown || options->guards || options->counters ||
	       options->instances || options->lru;
}

/* false after a message. */
static bool modes_fit(const struct options *options)
{
	const char *mode = options->breakdown	? "breakdown"
			   : options->guards	? "guards"
			   : options->counters	? "counters"
			   : options->instances ? "instances"
			   : options->lru	? "lru"
						: NULL;

	if (mode && (options->json || options->list)) {
		fprintf(stderr, "pcpmm-bench: %s has no --json and no --list\n",
			mode);
		return false;
	}
	if ((options->counters || options->instances || options->lru) &&
		options->filter) {
		fprintf(stderr, "pcpmm-bench: %s has no --filter\n", mode);
		return false;
	}
	return true;
}

int bench_options(struct options *options, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) >=
		0) {
		if (option == HELP) {
			help(stdout);
			return 0;
		}
		if (take(options, option, optarg))
			return EXIT_USAGE;
	}
	if (optind < argc && take_mode(options, argv[optind]))
		optind++;
	if (optind < argc) {
		fprintf(stderr, "pcpmm-bench: '%s' is no mode\n", argv[optind]);
		help(stderr);
		return EXIT_USAGE;
	}
	if (!modes_fit(options))
		return EXIT_USAGE;
	defaults(options);
	return -1;
}
