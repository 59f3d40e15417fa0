/* SPDX-License-Identifier: MIT */
/* pcpmm noise: how long drains interrupted each CPU, and what caused it. */
#include "cmd.h"
#include "drain/drain_game.h"
#include "drain/report.h"
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND "pcpmm noise"
#define ENTRIES_MAX 100000
#define BUCKET_US_MAX 1000000

struct arguments {
	struct arena_words words;
	const char *strategy, *victims;
	long bucket_us, entries;
};

static int parse(int argc, char **argv, struct arguments *args)
{
	struct option_row options[4 + ARENA_NR_ROWS + 1] = {
		{"strategy", OPTION_TEXT, &args->strategy, "NAME",
			"the drain strategy; default ipi_all", NULL},
		{"victims", OPTION_TEXT, &args->victims, "LIST",
			"victim CPUs as 1,3-5, the rest stays empty; default: "
			"all but 0",
			NULL},
		{"bucket-us", OPTION_NUMBER, &args->bucket_us, "US",
			"width of a bucket; default 1", NULL},
		{"entries", OPTION_NUMBER, &args->entries, "N",
			"number of buckets; default 256", NULL},
	};
	const struct command command = {COMMAND,
		"Drain CPUs; print a histogram of what that interrupted, as "
		"rtla osnoise hist does.",
		"", 0, 0, options};
	int first;

	settings_defaults(&args->words);
	settings_rows(&args->words, options + 4);
	return options_parse(&command, argc, argv, &first);
}

static int usage(void)
{
	fputs("Try '" COMMAND " --help'.\n", stderr);
	return EXIT_USAGE;
}

/* "3" or "3-5" at *@text, which moves past it. */
static bool read_range(
	const char **text, unsigned long *from, unsigned long *to)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	*from = *to = strtoul(*text, &end, 10);
	if (*end == '-') {
		if (end[1] < '0' || end[1] > '9')
			return false;
		*to = strtoul(end + 1, &end, 10);
	}
	*text = end;
	return *from <= *to;
}

/* --victims: -1, or EXIT_USAGE after a message. */
static int read_victims(const char *list, unsigned int cpus, bool *victims)
{
	const char *text = list;
	unsigned long from, to;

	for (;;) {
		if (!read_range(&text, &from, &to) || (*text && *text != ',')) {
			fprintf(stderr,
				COMMAND ": --victims: '%s' is no list of CPUs "
					"like 1,3-5\n",
				list);
			return usage();
		}
		if (!from || to >= cpus) {
			fprintf(stderr,
				COMMAND ": --victims: CPU %lu is not within "
					"1..%u\n",
				from ? to : 0, cpus - 1);
			return usage();
		}
		for (unsigned long id = from; id <= to; id++)
			victims[id] = true;
		if (!*text++)
			return -1;
	}
}

static int fail(const char *text)
{
	fprintf(stderr, COMMAND ": %s\n", text);
	return EXIT_INPUT;
}

static int report(const struct arguments *args, const struct arena *arena)
{
	const struct noise_report report = {arena,
		(unsigned int)args->bucket_us, (unsigned int)args->entries};
	int ret = 0;

	if (settings_wants_text(&args->words))
		ret = noise_report_text(&report, stdout);
	if (ret)
		return fail(strerror(-ret));
	if (args->words.json)
		ret = noise_report_json(&report, args->words.json);
	return settings_written(COMMAND, &args->words, ret);
}

static int run(const struct arguments *args,
	const struct arena_settings *settings, enum pcpmm_drain drain,
	const bool *victims)
{
	struct pcpmm_error error = {""};
	struct arena *arena = arena_create(
		settings, &drain_game, drain, NULL, victims, &error);
	int status, reason = errno;

	if (!arena) {
		status = fail(error.text[0] ? error.text : strerror(reason));
		return reason == EINVAL ? EXIT_USAGE : status;
	}
	status = arena_run(arena, settings->seconds, &error)
			 ? fail(error.text)
			 : report(args, arena);
	arena_destroy(arena);
	return status;
}

int cmd_noise(int argc, char **argv)
{
	struct arguments args = {
		.strategy = "ipi_all", .bucket_us = 1, .entries = 256};
	struct arena_settings settings;
	enum pcpmm_drain drain = PCPMM_NR_DRAINS;
	bool victims[ARENA_CPUS_MAX] = {false};
	int status = parse(argc, argv, &args);

	if (status < 0)
		status = settings_read(COMMAND, &args.words, &settings);
	if (status < 0)
		status = settings_strategy(COMMAND, args.strategy, &drain);
	if (status < 0)
		status = settings_range(
			COMMAND, "bucket-us", args.bucket_us, 1, BUCKET_US_MAX);
	if (status < 0)
		status = settings_range(
			COMMAND, "entries", args.entries, 1, ENTRIES_MAX);
	if (status < 0 && args.victims)
		status = read_victims(args.victims, settings.cpus, victims);
	if (status >= 0)
		return status;
	return run(&args, &settings, drain, args.victims ? victims : NULL);
}
