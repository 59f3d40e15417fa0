/* SPDX-License-Identifier: MIT */
/*
 * pcpmm replay: runs a recorded kernel trace on the simulated lists, buddy and
 * counters, and reports how far they agree with the kernel.
 */
#include "cmd.h"
#include "options.h"
#include "progress.h"
#include "replay/run/report.h"
#include "replay/run/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct arguments {
	const char *state, *preset, *mode, *json, *calls;
	bool quiet;
	const char *const *paths;
	size_t nr_paths;
};

static int parse(int argc, char **argv, struct arguments *args)
{
	static const char *const modes[] = {"sequential", "threads", NULL};
	const struct option_row options[] = {
		{"state", OPTION_TEXT, &args->state, "TAR|DIR",
			"/proc files recorded before the trace", NULL},
		{"preset", OPTION_TEXT, &args->preset, "NAME",
			"kernel to be; default linux-6.1", NULL},
		{"mode", OPTION_CHOICE, &args->mode, "MODE",
			"sequential (default): the recorded order; threads: "
			"a thread a CPU",
			modes},
		{"json", OPTION_TEXT, &args->json, "FILE",
			"write the report there too; - is standard output",
			NULL},
		{"calls", OPTION_TEXT, &args->calls, "FILE",
			"list every simulated refill and bulk free there",
			NULL},
		{"quiet", OPTION_FLAG, &args->quiet, NULL,
			"no report on standard output, no progress", NULL},
		{0},
	};
	const struct command command = {"pcpmm replay",
		"Replay an ftrace or perf-script kmem trace (plain, .gz or "
		".xz; - is stdin), parts in order.",
		"TRACE...", 1, -1, options};
	int first, status = options_parse(&command, argc, argv, &first);

	args->paths = (const char *const *)argv + first;
	args->nr_paths = (size_t)(argc - first);
	return status;
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void show_reading(
	void *arg, uint64_t done, uint64_t total, uint64_t lines)
{
	(void)lines;
	progress_show(arg, done, total);
}

static void show_running(void *arg, uint64_t done, uint64_t total)
{
	progress_show(arg, done, total);
}

/* All resources of one replay, so that one function frees them. */
struct job {
	const struct arguments *args;
	enum pcpmm_preset preset;
	struct pcpmm_dump *dump;
	struct replay_trace trace;
	struct replay_result result;
	struct replay_zone *zones;
	struct replay_pcp *pcps;
	struct replay_place_stats place;
	struct replay_run closed, resync;
	struct replay_agreement total, *parts;
	unsigned int cpus;
	double seconds;
	struct replay_error error;
};

static int read_inputs(struct job *job)
{
	const struct arguments *args = job->args;
	struct replay_input input = {0};
	struct progress progress;
	int ret = 0;

	if (args->state)
		ret = replay_state_read(args->state, &job->dump, &job->error);
	if (ret)
		return ret;
	progress_start(&progress, "reading", !args->quiet);
	ret = replay_trace_read(&job->trace, args->paths, args->nr_paths,
		show_reading, &progress, &job->error);
	progress_end(&progress);
	if (!ret && job->dump) {
		ret = replay_place_input(job->dump, &job->zones,
			&input.nr_zones, &job->pcps, &input.nr_pcps);
		input.zones = job->zones;
		input.pcps = job->pcps;
	}
	if (!ret)
		ret = replay_infer(
			&job->trace, &input, &job->result, &job->error);
	if (!ret)
		replay_sort_obs(&job->result);
	return ret;
}

/* One run on a machine of its own; options->progress may be NULL. */
static int run_once(
	struct job *job, bool threads, bool resync, struct replay_run *run)
{
	struct progress progress;
	const struct replay_run_options options = {
		.threads = threads,
		.resync = resync,
		.progress = show_running,
		.arg = &progress,
	};
	struct pcpmm_machine *machine = replay_place(
		job->dump, job->preset, &job->result, &job->place, &job->error);
	int ret;

	if (!machine)
		return -EINVAL;
	job->cpus = pcpmm_nr_cpus(machine);
	progress_start(&progress, resync ? "resynchronised run" : "run",
		!job->args->quiet);
	ret = replay_run(machine, &job->result, &options, run, &job->error);
	progress_end(&progress);
	pcpmm_machine_destroy(machine);
	return ret;
}

static int run_all(struct job *job)
{
	bool threads = !strcmp(job->args->mode, "threads");
	double start = now_s();
	int ret = read_inputs(job);

	if (!ret)
		ret = run_once(job, threads, false, &job->closed);
	job->seconds = now_s() - start;
	if (!ret)
		ret = run_once(job, false, true, &job->resync);
	if (ret)
		return ret;
	job->parts = replay_agree(
		&job->result, &job->closed, job->cpus, &job->total);
	return job->parts ? 0 : -ENOMEM;
}

static int write_out(struct job *job)
{
	const struct arguments *args = job->args;
	const struct replay_report report = {
		.trace = &job->trace,
		.result = &job->result,
		.place = &job->place,
		.closed = &job->closed,
		.resync = &job->resync,
		.total = &job->total,
		.parts = job->parts,
		.cpus = job->cpus,
		.mode = args->mode,
		.preset = pcpmm_preset_name(job->preset),
		.state = args->state,
		.note = job->dump ? pcpmm_dump_note(job->dump) : "",
		.seconds = job->seconds,
	};
	const char *path = args->json;
	int ret = 0;

	if (!args->quiet && !(args->json && !strcmp(args->json, "-")))
		replay_report_text(&report, stdout);
	if (args->json)
		ret = replay_report_json(&report, args->json);
	if (!ret && args->calls) {
		path = args->calls;
		ret = replay_report_calls(&report, path);
	}
	if (ret)
		replay_fail(&job->error, ret, "%s: %s", path, strerror(-ret));
	return ret;
}

static void job_free(struct job *job)
{
	free(job->parts);
	replay_run_free(&job->closed);
	replay_run_free(&job->resync);
	replay_result_free(&job->result);
	replay_trace_free(&job->trace);
	free(job->zones);
	free(job->pcps);
	pcpmm_dump_free(job->dump);
}

/* What makes the result doubtful, on stderr; false: nothing. */
static bool say_faults(const struct replay_run *run)
{
	if (run->broken[0])
		fprintf(stderr,
			"pcpmm replay: the machine does not add up: "
			"%s\n",
			run->broken);
	if (run->leaked_pages || run->refused)
		fprintf(stderr,
			"pcpmm replay: %" PRIu64 " pages leaked, %" PRIu64
			" frees refused: the trace uses pages in a way that no "
			"kernel does; are events missing, or there twice?\n",
			run->leaked_pages, run->refused);
	return run->broken[0] || run->leaked_pages || run->refused;
}

int cmd_replay(int argc, char **argv)
{
	struct arguments args = {.mode = "sequential", .preset = "linux-6.1"};
	struct job job = {.args = &args};
	int ret, status = parse(argc, argv, &args);

	if (status >= 0)
		return status;
	if (pcpmm_preset_by_name(args.preset, &job.preset)) {
		options_unknown("pcpmm replay", "preset", args.preset,
			pcpmm_axis_values("preset"));
		return EXIT_USAGE;
	}
	ret = run_all(&job);
	if (!ret)
		ret = write_out(&job);
	if (ret)
		fprintf(stderr, "pcpmm replay: %s\n",
			job.error.text[0] ? job.error.text : strerror(-ret));
	status = ret || say_faults(&job.closed) ? EXIT_INPUT : 0;
	job_free(&job);
	return status;
}
