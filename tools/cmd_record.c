/* SPDX-License-Identifier: MIT */
/*
 * pcpmm record: records the running kernel's page events and its state, for
 * pcpmm replay.
 */
#include "cmd.h"
#include "options.h"
#include "record/record.h"

#include <stdio.h>
#include <unistd.h>

/* A page a CPU is the least that the kernel makes; it holds about 100 events. */
#define BUFFER_KB_MIN 4
#define SECONDS_MAX 1000000000L

int cmd_record(int argc, char **argv)
{
	struct record_options record = {.out = "pcpmm-record", .seconds = -1};
	const struct option_row options[] = {
		{"seconds", OPTION_NUMBER, &record.seconds, "S",
			"end after S seconds, whether COMMAND has ended or not",
			NULL},
		{"out", OPTION_TEXT, &record.out, "DIR",
			"folder for the trace and the state; default "
			"pcpmm-record",
			NULL},
		{"buffer", OPTION_NUMBER, &record.buffer_kb, "KB",
			"trace buffer of each CPU; default an eighth of the "
			"available memory, at most 131072",
			NULL},
		{"commits", OPTION_FLAG, &record.commits, NULL,
			"also a line for each free that enters a list", NULL},
		{"no-kpageflags", OPTION_FLAG, &record.no_frames, NULL,
			"do not read which frames are free (0.3 s for 10 GB)",
			NULL},
		{"quiet", OPTION_FLAG, &record.quiet, NULL,
			"no summary on standard output", NULL},
		{0},
	};
	const struct command command = {"pcpmm record",
		"Record the running kernel's page events while COMMAND runs, "
		"for S seconds or until ^C; root only.",
		"[-- COMMAND [ARGUMENT...]]", 0, -1, options};
	int first, status;

	record.buffer_kb = -1;
	status = options_parse(&command, argc, argv, &first);
	if (status >= 0)
		return status;
	if (record.buffer_kb >= 0 && record.buffer_kb < BUFFER_KB_MIN) {
		fprintf(stderr, "pcpmm record: --buffer: at least %d\n",
			BUFFER_KB_MIN);
		return EXIT_USAGE;
	}
	if (record.seconds > SECONDS_MAX) {
		fprintf(stderr, "pcpmm record: --seconds: at most %ld\n",
			SECONDS_MAX);
		return EXIT_USAGE;
	}
	if (record.buffer_kb < 0)
		record.buffer_kb = 0;
	if (first < argc)
		record.command = argv + first;
	return record_run(&record);
}
