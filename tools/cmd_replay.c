/* SPDX-License-Identifier: MIT */
/*
 * pcpmm replay: runs a recorded kernel trace on the simulated lists, buddy and
 * counters, and reports how far they agree with the kernel.
 */
#include "clock.h"
#include "cmd.h"
#include "options.h"
#include "progress.h"
#include "replay/report.h"
#include "replay/run/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
	const char *state, *preset, *mode, *json, *calls, *log, *what_if;
	bool causal, explain, quiet;
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
			"kernel to be; default: the state's, else linux-6.1",
			NULL},
		{"causal", OPTION_FLAG, &args->causal, NULL,
			"predict: each line from earlier lines only (default)",
			NULL},
		{"causal-log", OPTION_TEXT, &args->log, "FILE",
			"list every prediction there", NULL},
		{"explain", OPTION_FLAG, &args->explain, NULL,
			"replay what a look ahead at the whole trace explains",
			NULL},
		{"what-if", OPTION_TEXT, &args->what_if, "KEY=VALUE",
			"what another axis, preset, sysctl, high or batch "
			"would have done (several: commas between)",
			NULL},
		{"mode", OPTION_CHOICE, &args->mode, "MODE",
			"of --explain, which it implies: sequential "
			"(default): the recorded order; threads: a thread a "
			"CPU",
			modes},
		{"json", OPTION_TEXT, &args->json, "FILE",
			"write the report there too; - is standard output",
			NULL},
		{"calls", OPTION_TEXT, &args->calls, "FILE",
			"list every simulated refill and bulk free there; "
			"implies --explain",
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
	char why[256]; /* the preset was chosen; "": it was given */
	struct pcpmm_dump *dump, *dump_after;
	struct replay_free_frames free;
	struct replay_after after;
	struct replay_trace trace;
	struct replay_result result;
	struct replay_input input;
	struct replay_zone *zones;
	struct replay_pcp *pcps;
	struct replay_place_stats place;
	struct replay_run closed, resync;
	struct replay_agreement total, *parts;
	struct replay_causal causal;
	struct whatif_result what_if;
	unsigned int cpus;
	double read_seconds, seconds;
	double explain_seconds; /* inferring, placing and the closed run */
	struct replay_error error;
};

/* Without --preset: that of the state, which says why. */
static void choose_preset(struct job *job)
{
	job->preset = PCPMM_PRESET_LINUX_6_1;
	if (job->dump)
		job->preset = pcpmm_dump_preset(
			job->dump, job->why, sizeof(job->why));
	else
		snprintf(job->why, sizeof(job->why),
			"no state says which kernel it was");
}

/* Free memory by place: at the first line, and beside buddyinfo. */
static int read_free_frames(struct job *job)
{
	int ret;

	if (!job->free.known)
		return 0;
	job->input.free = &job->free;
	ret = replay_free_rewind(&job->free, &job->trace);
	return ret ? ret
		   : replay_kpageflags_compare(&job->free, job->dump,
			     job->zones, job->input.nr_zones);
}

/* The list rules that the look-ahead infers by. */
static enum pcpmm_list_rules rules_of(enum pcpmm_preset preset)
{
	struct pcpmm_config config;

	pcpmm_config_init(&config, sizeof(config), preset);
	return config.list_rules >= PCPMM_LIST_RULES_6_12
		       ? config.list_rules
		       : PCPMM_LIST_RULES_6_1;
}

static int read_inputs(struct job *job)
{
	const struct arguments *args = job->args;
	struct progress progress;
	int ret = 0;

	if (args->state)
		ret = replay_state_read(
			args->state, &job->dump, &job->free, &job->error);
	if (!ret && args->state && args->explain)
		ret = replay_state_read_after(
			args->state, &job->dump_after, &job->error);
	if (ret)
		return ret;
	progress_start(&progress, "reading", !args->quiet);
	ret = replay_trace_read(&job->trace, args->paths, args->nr_paths,
		show_reading, &progress, &job->error);
	progress_end(&progress);
	if (!ret && job->dump)
		ret = replay_place_input(job->dump, &job->zones,
			&job->input.nr_zones, &job->pcps, &job->input.nr_pcps);
	job->input.zones = job->zones;
	job->input.pcps = job->pcps;
	job->cpus = job->trace.cpus;
	if (!ret)
		ret = read_free_frames(job);
	if (!args->preset)
		choose_preset(job);
	job->input.rules = rules_of(job->preset);
	if (!ret && job->dump && pcpmm_dump_nr_cpus(job->dump) > job->cpus)
		job->cpus = pcpmm_dump_nr_cpus(job->dump);
	return ret;
}

/* --- the prediction -------------------------------------------------------- */

static int predict(struct job *job)
{
	const struct arguments *args = job->args;
	struct progress progress;
	struct replay_causal_options options = {
		.dump = job->dump,
		.preset = job->preset,
		.in_place = !args->explain && !args->what_if,
		.progress = show_running,
		.arg = &progress,
	};
	int ret;

	if (args->log) {
		options.log = fopen(args->log, "w");
		if (!options.log)
			return replay_fail(&job->error, -errno, "%s: %s",
				args->log, strerror(errno));
		fputs("line\trun\tprediction\tcpu\tnode\tzone\tpredicted\t"
		      "recorded\tverdict\n",
			options.log);
	}
	progress_start(&progress, "predicting", !args->quiet);
	ret = replay_causal(
		&job->trace, &job->input, &options, &job->causal, &job->error);
	progress_end(&progress);
	if (options.log) {
		bool bad = ferror(options.log);

		if ((fclose(options.log) || bad) && !ret)
			ret = replay_fail(&job->error, -EIO, "%s: %s",
				args->log, strerror(EIO));
	}
	return ret;
}

/* --- the look-ahead ---------------------------------------------------------- */

/* One run on a machine of its own; options->progress may be NULL. */
static int run_once(
	struct job *job, bool threads, bool resync, struct replay_run *run)
{
	struct progress progress;
	const struct replay_run_options options = {
		.threads = threads,
		.resync = resync,
		.after = resync ? NULL : &job->after,
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

static int explain(struct job *job)
{
	bool threads = !strcmp(job->args->mode, "threads");
	double start = clock_s();
	int ret = replay_infer(
		&job->trace, &job->input, &job->result, &job->error);

	if (ret)
		return ret;
	replay_sort_obs(&job->result);
	replay_after_begin(&job->after, job->dump_after, &job->trace);
	ret = run_once(job, threads, false, &job->closed);
	job->explain_seconds = clock_s() - start;
	if (!ret)
		ret = run_once(job, false, true, &job->resync);
	if (ret)
		return ret;
	job->parts = replay_agree(
		&job->result, &job->closed, job->cpus, &job->total);
	return job->parts ? 0 : -ENOMEM;
}

/* --- the other machine ------------------------------------------------------- */

static int ask_what_if(struct job *job)
{
	const struct whatif_options options = {
		.dump = job->dump,
		.preset = job->preset,
		.change = {job->args->what_if},
	};

	return replay_what_if(
		&job->trace, &job->input, &options, &job->what_if, &job->error);
}

static int run_all(struct job *job)
{
	double start = clock_s();
	int ret = read_inputs(job);

	job->read_seconds = clock_s() - start;
	if (!ret && job->args->causal)
		ret = predict(job);
	if (!ret && job->args->explain)
		ret = explain(job);
	if (!ret && job->args->what_if)
		ret = ask_what_if(job);
	job->seconds = clock_s() - start;
	return ret;
}

static int write_out(struct job *job)
{
	const struct arguments *args = job->args;
	const struct replay_report explained = {
		.trace = &job->trace,
		.result = &job->result,
		.place = &job->place,
		.closed = &job->closed,
		.after = &job->after,
		.resync = &job->resync,
		.total = &job->total,
		.parts = job->parts,
		.free = &job->free,
		.cpus = job->cpus,
		.mode = args->mode,
		.seconds = job->read_seconds + job->explain_seconds,
	};
	const struct replay_whole whole = {
		.trace = &job->trace,
		.preset = pcpmm_preset_name(job->preset),
		.why = job->why,
		.state = args->state,
		.note = job->dump ? pcpmm_dump_note(job->dump) : "",
		.free_from = replay_free_memory_from(job->dump, &job->free),
		.free = &job->free,
		.cpus = job->cpus,
		.read_seconds = job->read_seconds,
		.seconds = job->seconds,
		.causal = args->causal ? &job->causal : NULL,
		.explained = args->explain ? &explained : NULL,
		.what_if = args->what_if ? &job->what_if : NULL,
		.change = args->what_if,
	};
	const char *path = args->json;
	int ret = 0;

	if (!args->quiet && !(args->json && !strcmp(args->json, "-")))
		replay_whole_text(&whole, stdout);
	if (args->json)
		ret = replay_whole_json(&whole, args->json);
	if (!ret && args->calls) {
		path = args->calls;
		ret = replay_report_calls(&explained, path);
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
	replay_free_fini(&job->free);
	pcpmm_dump_free(job->dump);
	pcpmm_dump_free(job->dump_after);
}

/* What makes the result doubtful, on stderr; false: nothing. */
static bool say_broken(const char *broken)
{
	if (broken[0])
		fprintf(stderr,
			"pcpmm replay: the machine does not add up: %s\n",
			broken);
	return broken[0];
}

static bool say_faults(const struct job *job)
{
	const struct replay_run *run = &job->closed;
	uint64_t refused = run->refused + job->causal.closed.refused +
			   job->causal.step.refused;
	bool bad = say_broken(run->broken);

	bad |= say_broken(job->what_if.recorded.broken);
	bad |= say_broken(job->what_if.changed.broken);
	bad |= say_broken(job->causal.closed.broken);
	bad |= say_broken(job->causal.step.broken);
	if (run->leaked_pages || refused)
		fprintf(stderr,
			"pcpmm replay: %" PRIu64 " pages leaked, %" PRIu64
			" frees refused: the trace uses pages in a way that no "
			"kernel does; are events missing, or there twice?\n",
			run->leaked_pages, refused);
	return bad || run->leaked_pages || refused;
}

/* --calls and --mode threads are of the look-ahead, so they ask for it. */
static void complete(struct arguments *args)
{
	if (args->calls || !strcmp(args->mode, "threads"))
		args->explain = true;
	if ((!args->explain && !args->what_if) || args->log)
		args->causal = true;
}

int cmd_replay(int argc, char **argv)
{
	struct arguments args = {.mode = "sequential"};
	struct job job = {.args = &args};
	int ret, status = parse(argc, argv, &args);

	if (status >= 0)
		return status;
	complete(&args);
	if (args.preset && pcpmm_preset_by_name(args.preset, &job.preset)) {
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
	status = ret || say_faults(&job) ? EXIT_INPUT : 0;
	job_free(&job);
	return status;
}
