/* SPDX-License-Identifier: MIT */
/* The order of a recording; see record.h. */
#include "record.h"
#include "arm.h"
#include "command.h"
#include "lost.h"
#include "output.h"
#include "say.h"
#include "snapshot.h"
#include "tracing.h"

#include "../options.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* All that a recording holds, so that one function lets it go. */
struct recording {
	const struct record_options *options;
	struct record_output output;
	struct record_tracing tracing;
	struct record_command command;
	struct record_snapshot before, after;
	FILE *log; /* record.txt: what was recorded, how */
	uint64_t bytes; /* of the trace, unpacked */
	bool lost;
};

static int open_log(struct recording *recording)
{
	char path[4096];

	record_output_name(
		&recording->output, "record.txt", path, sizeof(path));
	recording->log = fopen(path, "we");
	if (!recording->log)
		return record_fail("%s: %s", path, strerror(errno));
	return 0;
}

/* Everything that may fail or allocate, before the first event. */
static int prepare(struct recording *recording)
{
	const struct record_options *options = recording->options;
	int ret = record_output_open(&recording->output, options->out);

	if (!ret)
		ret = open_log(recording);
	if (!ret)
		ret = record_tracing_open(&recording->tracing);
	if (!ret)
		ret = record_tracing_setup(
			&recording->tracing, options->buffer_kb);
	if (ret)
		return ret;
	record_arm(&recording->tracing, options->commits, recording->log);
	ret = record_snapshot_init(&recording->before, !options->no_frames);
	if (!ret)
		ret = record_snapshot_init(
			&recording->after, !options->no_frames);
	return ret ? ret : record_command_interrupted();
}

/* From the first event to the last. */
static int observe(struct recording *recording)
{
	const struct record_options *options = recording->options;
	struct record_tracing *tracing = &recording->tracing;
	int ret = record_tracing_on(tracing);

	if (!ret)
		ret = record_snapshot_take(
			&recording->before, "before", tracing);
	if (!ret && options->command)
		ret = record_command_start(
			&recording->command, options->command);
	if (!ret) {
		record_command_wait(&recording->command, options->seconds);
		ret = record_snapshot_take(&recording->after, "after", tracing);
	}
	record_tracing_off(tracing);
	return ret;
}

static int write_state(const struct recording *recording)
{
	char path[4096];
	int ret;

	record_output_name(&recording->output, "state", path, sizeof(path));
	ret = record_snapshot_make_folder(path);
	if (ret)
		return ret;
	record_output_name(
		&recording->output, "state/before", path, sizeof(path));
	ret = record_snapshot_write(&recording->before, path);
	if (ret)
		return ret;
	record_output_name(
		&recording->output, "state/after", path, sizeof(path));
	return record_snapshot_write(&recording->after, path);
}

static int write_trace(struct recording *recording)
{
	int fd = record_tracing_file(&recording->tracing, "trace");
	int ret;

	if (fd < 0)
		return record_fail("reading the trace: %s", strerror(errno));
	ret = record_output_trace(&recording->output, fd, &recording->bytes);
	close(fd);
	return ret;
}

static void log_ending(const struct recording *recording)
{
	static const char *const endings[] = {
		[RECORD_COMMAND_ENDED] = "the command ended",
		[RECORD_TIME_OVER] = "the time was over",
		[RECORD_SIGNAL] = "a signal",
	};
	const struct record_command *command = &recording->command;

	fprintf(recording->log, "ended by: %s\n", endings[command->ending]);
	if (recording->options->command)
		fprintf(recording->log, "command status: %d\n",
			command->status);
	fprintf(recording->log, "trace bytes: %" PRIu64 "\n", recording->bytes);
}

static int write_all(struct recording *recording)
{
	int ret = write_state(recording);

	if (!ret)
		ret = write_trace(recording);
	if (ret)
		return ret;
	recording->lost =
		record_lost_report(&recording->tracing, recording->log);
	log_ending(recording);
	if (fflush(recording->log))
		return record_fail("%s/record.txt: %s", recording->output.path,
			strerror(errno));
	recording->output.keep = true;
	if (!recording->options->quiet)
		printf("%s: %.1f MB of trace%s\n"
		       "pcpmm replay --state %s/state %s/trace.txt.xz\n",
			recording->output.path, (double)recording->bytes / 1e6,
			recording->lost ? ", with events lost" : "",
			recording->output.path, recording->output.path);
	return 0;
}

static void release(struct recording *recording)
{
	record_tracing_close(&recording->tracing);
	record_snapshot_fini(&recording->before);
	record_snapshot_fini(&recording->after);
	if (recording->log)
		fclose(recording->log);
	record_output_close(&recording->output);
}

/* Of a recording that was made. */
static int status_of(const struct recording *recording)
{
	const struct record_command *command = &recording->command;
	const struct record_options *options = recording->options;

	if (recording->lost)
		return EXIT_INPUT;
	switch (command->ending) {
	case RECORD_COMMAND_ENDED:
		return command->status;
	case RECORD_TIME_OVER:
		return 0;
	case RECORD_SIGNAL:
		break;
	}
	/* The only end that it could have. */
	if (command->signal == SIGINT && !options->command &&
		options->seconds < 0)
		return 0;
	return 128 + command->signal;
}

int record_run(const struct record_options *options)
{
	struct recording recording = {
		.options = options,
		.tracing = {.marker = -1},
	};
	int ret;

	if (geteuid())
		return record_fail("needs root: it switches the kernel's "
				   "events on");
	record_command_begin(&recording.command);
	ret = prepare(&recording);
	if (!ret)
		ret = observe(&recording);
	if (!ret)
		ret = write_all(&recording);
	release(&recording);
	record_command_end(&recording.command);
	return ret ? ret : status_of(&recording);
}
