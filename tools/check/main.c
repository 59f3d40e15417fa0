/* SPDX-License-Identifier: MIT */
/* pcpmm-check, which is pcpmm check: every order of the steps of small scenes. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../options.h"
#include "cases.h"
#include "scenes.h"
#include "ticket.h"

#define COMMAND "pcpmm check"
#define TABLE_BUDGET 100000 /* executions of one case */

struct words {
	bool list, list_mutants, table, all_steps;
	const char *scene, *axes, *mutant, *driver, *replay, *json;
	long executions, steps, seed, depth, preemptions;
};

struct job {
	struct words words;
	struct ticket ticket;
	char *axes; /* a copy, which machine points into */
	struct scene_machine machine;
	struct pcpmm_scene *scene;
	struct pcpmm_model_options options;
	FILE *out; /* for the JSON */
};

static const char *const driver_names[] = {
	"random", "pct", "dfs", "dpor", "replay", NULL};

/* --- lists --------------------------------------------------------------------------- */

static int list_scenes(void)
{
	for (const struct pcpmm_scene *scene = scenes; scene->name; scene++)
		printf("%-16s %u tasks  %s\n", scene->name, scene->tasks,
			scene->about);
	return 0;
}

static int list_mutants(void)
{
	const char *name;

	for (unsigned int i = 0; (name = pcpmm_model_mutant_name(i)); i++)
		printf("%-24s %s\n", name, pcpmm_model_mutant_about(i));
	return 0;
}

/* --- the job ----------------------------------------------------------------------------- */

static int usage(const char *text)
{
	fprintf(stderr, COMMAND ": %s\n", text);
	return EXIT_USAGE;
}

static int add_axis(char *item, void *arg)
{
	struct scene_machine *machine = arg;
	char *value = strchr(item, '=');

	if (!value || machine->nr_axes == SCENE_AXES_MAX) {
		fprintf(stderr, COMMAND ": '%s' is not AXIS=VALUE\n", item);
		return EXIT_USAGE;
	}
	*value++ = '\0';
	machine->axis[machine->nr_axes].key = item;
	machine->axis[machine->nr_axes++].value = value;
	return -1;
}

/* The items point into @job->axes, which options_each() would not keep. */
static int split_axes(struct job *job, const char *axes)
{
	char *at, *comma;
	int ret = -1;

	free(job->axes);
	job->machine.nr_axes = 0;
	job->axes = strdup(axes ? axes : "");
	if (!job->axes)
		return EXIT_INPUT;
	for (at = job->axes; *at && ret < 0; at = comma) {
		comma = strchr(at, ',');
		if (comma)
			*comma++ = '\0';
		else
			comma = at + strlen(at);
		ret = add_axis(at, &job->machine);
	}
	return ret;
}

static int choose_scene(struct job *job, const char *name)
{
	const char *names[64] = {NULL};

	job->scene = scene_named(name);
	if (job->scene)
		return -1;
	for (size_t i = 0; scenes[i].name && i < 63; i++)
		names[i] = scenes[i].name;
	options_unknown(COMMAND, "scene", name, names);
	return EXIT_USAGE;
}

static int choose_mutant(const char *name)
{
	const char *names[64] = {NULL};

	if (!name || !*name)
		return pcpmm_model_mutant(NULL) ? EXIT_USAGE : -1;
	if (!pcpmm_model_mutant(name))
		return -1;
	for (unsigned int i = 0; i < 63; i++)
		names[i] = pcpmm_model_mutant_name(i);
	options_unknown(COMMAND, "mutant", name, names);
	return EXIT_USAGE;
}

/* Scene, axes and mutant are there and go together. */
static int prepare(struct job *job, const char *scene, const char *axes,
	const char *mutant)
{
	struct pcpmm_error error = {""};
	int ret = choose_scene(job, scene);

	if (ret < 0)
		ret = split_axes(job, axes);
	if (ret < 0)
		ret = choose_mutant(NULL);
	if (ret < 0 && scene_try(&job->machine, &error))
		ret = usage(error.text);
	if (ret < 0)
		ret = choose_mutant(mutant);
	if (ret < 0)
		job->scene->arg = &job->machine;
	return ret;
}

static int from_ticket(struct job *job)
{
	struct words *words = &job->words;
	char why[256];

	if (ticket_read(&job->ticket, words->replay, why, sizeof(why)))
		return usage(why);
	if ((words->scene && strcmp(words->scene, job->ticket.scene)) ||
		words->axes || words->mutant || words->driver)
		return usage("the schedule says scene, axes and mutant: leave "
			     "them out");
	words->scene = job->ticket.scene;
	words->axes = job->ticket.axes;
	words->mutant = job->ticket.mutant;
	job->options.driver = PCPMM_MODEL_REPLAY;
	job->options.schedule = job->ticket.schedule;
	return -1;
}

static int from_words(struct job *job)
{
	const struct words *words = &job->words;

	job->options = (struct pcpmm_model_options){
		.driver = PCPMM_MODEL_DPOR,
		.executions_max = (uint64_t)words->executions,
		.steps_max = (uint64_t)words->steps,
		.seed = (uint64_t)words->seed,
		.depth = (unsigned int)words->depth,
		.preemptions_max = words->preemptions < 0
					   ? UINT_MAX
					   : (unsigned int)words->preemptions,
		.shorten = true,
	};
	if (words->replay)
		return from_ticket(job);
	if (!words->scene)
		return usage("which scene? --list tells; --table runs all");
	if (words->driver)
		job->options.driver = (enum pcpmm_model_driver)options_index(
			driver_names, words->driver);
	if (job->options.driver == PCPMM_MODEL_REPLAY)
		return usage("--driver replay needs --replay SCHEDULE");
	return -1;
}

/* --- results -------------------------------------------------------------------------------- */

static bool is_failure(const struct pcpmm_model_result *result)
{
	return result->verdict > PCPMM_MODEL_CLEAN;
}

static json_t *to_json(const struct job *job,
	const struct pcpmm_model_result *result, const char *ticket)
{
	const struct words *words = &job->words;

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, "
			 "s:s*, s:s*, s:f}",
		"scene", words->scene, "axes", words->axes ? words->axes : "",
		"mutant", words->mutant ? words->mutant : "", "driver",
		pcpmm_model_driver_name(job->options.driver), "verdict",
		pcpmm_model_verdict_name(result->verdict), "executions",
		(json_int_t)result->executions, "redundant",
		(json_int_t)result->redundant, "steps",
		(json_int_t)result->steps, "longest",
		(json_int_t)result->longest, "outcomes",
		(json_int_t)result->outcomes, "message",
		result->message[0] ? result->message : NULL, "schedule", ticket,
		"seconds", result->seconds);
}

/* Opened before the scene is run, which may take long. */
static int open_json(struct job *job)
{
	const char *path = job->words.json;

	if (!path)
		return -1;
	job->out = strcmp(path, "-") ? fopen(path, "we") : stdout;
	if (job->out)
		return -1;
	fprintf(stderr, COMMAND ": %s: %s\n", path, strerror(errno));
	return EXIT_INPUT;
}

static int write_json(struct job *job, json_t *root)
{
	int ret;

	errno = 0;
	ret = !root || json_dumpf(root, job->out, JSON_INDENT(2)) ||
	      fputc('\n', job->out) == EOF;
	if (job->out != stdout && fclose(job->out))
		ret = 1;
	job->out = NULL;
	json_decref(root);
	if (!ret)
		return -1;
	fprintf(stderr, COMMAND ": %s: %s\n", job->words.json,
		errno ? strerror(errno) : "the JSON is not complete");
	return EXIT_INPUT;
}

static void print_result(const struct job *job,
	const struct pcpmm_model_result *result, const char *ticket)
{
	char *text = pcpmm_model_result_text(result, job->words.all_steps);

	printf("scene      %s\n", job->scene->about);
	printf("verdict    %s%s%s\n", pcpmm_model_verdict_name(result->verdict),
		result->message[0] ? ": " : "", result->message);
	printf("executions %" PRIu64 ", %" PRIu64 " redundant; %" PRIu64
	       " steps, the longest %" PRIu64 "; %" PRIu64 " outcomes\n",
		result->executions, result->redundant, result->steps,
		result->longest, result->outcomes);
	if (result->seconds > 0.01)
		printf("speed      %.0f executions/s, %.2f M steps/s\n",
			(double)(result->executions + result->redundant) /
				result->seconds,
			(double)result->steps / result->seconds / 1e6);
	if (text)
		printf("\n%s", text);
	if (ticket)
		printf("\n%s --replay '%s'\n", COMMAND, ticket);
	free(text);
}

static int run_one(struct job *job)
{
	struct pcpmm_model_result result;
	char *ticket = NULL;
	int ret = prepare(
		job, job->words.scene, job->words.axes, job->words.mutant);

	if (ret < 0)
		ret = open_json(job);
	if (ret >= 0)
		return ret;
	ret = pcpmm_model_run(job->scene, &job->options, &result);
	if (ret)
		return usage(
			result.message[0] ? result.message : strerror(-ret));
	if (result.schedule)
		ticket = ticket_write(job->words.scene, job->words.axes,
			job->words.mutant, result.schedule);
	ret = -1;
	if (job->out != stdout)
		print_result(job, &result, ticket);
	if (job->out)
		ret = write_json(job, to_json(job, &result, ticket));
	if (ret < 0)
		ret = is_failure(&result) ? 1 : 0;
	free(ticket);
	pcpmm_model_result_free(&result);
	return ret;
}

/* --- the table -------------------------------------------------------------------- */

static void print_row(const struct check_case *it,
	const struct pcpmm_model_result *result, bool good)
{
	printf("| %s | %s%s%s | %s%s | %" PRIu64 " | %" PRIu64 " | %" PRIu64
	       " | %" PRIu64 " | %s |\n",
		it->scene, it->axes, it->mutant ? "; " : "",
		it->mutant ? it->mutant : "",
		pcpmm_model_verdict_name(result->verdict),
		good ? "" : " (NOT AS EXPECTED)", result->executions,
		result->redundant, result->longest, result->outcomes,
		it->bug ? it->bug : "");
	fflush(stdout);
}

/* A design is exhausted or clean; a bug is found. */
static int run_case(struct job *job, const struct check_case *it, bool *good)
{
	struct pcpmm_model_result result;
	int ret = prepare(job, it->scene, it->axes, it->mutant);

	if (ret >= 0)
		return ret;
	ret = pcpmm_model_run(job->scene, &job->options, &result);
	if (ret)
		return usage(strerror(-ret));
	*good = !it->bug == !is_failure(&result);
	print_row(it, &result, *good);
	pcpmm_model_result_free(&result);
	return -1;
}

static int run_table(struct job *job)
{
	bool all = true, good;

	job->options.driver = PCPMM_MODEL_DPOR;
	if (!job->options.executions_max)
		job->options.executions_max = TABLE_BUDGET;
	puts("| scene | design | verdict | executions | redundant | longest | "
	     "outcomes | bug |\n|---|---|---|---|---|---|---|---|");
	for (const struct check_case *it = cases; it->scene; it++) {
		int ret = run_case(job, it, &good);

		if (ret >= 0)
			return ret;
		all &= good;
	}
	return all ? 0 : 1;
}

/* --- the command line ------------------------------------------------------------- */

static int parse(int argc, char **argv, struct words *words)
{
	struct option_row options[] = {
		{"list", OPTION_FLAG, &words->list, NULL, "name the scenes",
			NULL},
		{"list-mutants", OPTION_FLAG, &words->list_mutants, NULL,
			"name what can be left out of the library", NULL},
		{"table", OPTION_FLAG, &words->table, NULL,
			"run all scenes with all designs, and the mutants",
			NULL},
		{"scene", OPTION_TEXT, &words->scene, "NAME", "explore it",
			NULL},
		{"set", OPTION_TEXT, &words->axes, "AXIS=VALUE,...",
			"axes of its machine: drain=rcu_swap,rcu=memb", NULL},
		{"mutant", OPTION_TEXT, &words->mutant, "NAME",
			"leave a step out of the library", NULL},
		{"driver", OPTION_CHOICE, &words->driver, "NAME",
			"default dpor", driver_names},
		{"executions", OPTION_NUMBER, &words->executions, "N",
			"stop after so many; default: all (dfs, dpor), 10000",
			NULL},
		{"steps", OPTION_NUMBER, &words->steps, "N",
			"an execution with more is a livelock; default 10000",
			NULL},
		{"seed", OPTION_NUMBER, &words->seed, "N",
			"of random and pct; default 1", NULL},
		{"depth", OPTION_NUMBER, &words->depth, "D",
			"of pct: 1 to 8, default 3", NULL},
		{"preemptions", OPTION_NUMBER, &words->preemptions, "N",
			"of dfs: at most so many; default: any number", NULL},
		{"replay", OPTION_TEXT, &words->replay, "SCHEDULE",
			"run this one execution", NULL},
		{"all-steps", OPTION_FLAG, &words->all_steps, NULL,
			"print those that only their own task sees, too", NULL},
		{"json", OPTION_TEXT, &words->json, "FILE",
			"write the result there too; - is standard output",
			NULL},
		{NULL, OPTION_FLAG, NULL, NULL, NULL, NULL},
	};
	const struct command command = {COMMAND,
		"Run small scenes of the library under every order of their "
		"steps.",
		"", 0, 0, options};
	int first;

	words->seed = 1;
	words->preemptions = -1;
	return options_parse(&command, argc, argv, &first);
}

static int run(struct job *job, int argc, char **argv)
{
	int ret = parse(argc, argv, &job->words);

	if (ret >= 0)
		return ret;
	if (job->words.list)
		return list_scenes();
	if (job->words.list_mutants)
		return list_mutants();
	if (job->words.table) {
		job->options = (struct pcpmm_model_options){
			.executions_max = (uint64_t)job->words.executions};
		return run_table(job);
	}
	ret = from_words(job);
	return ret >= 0 ? ret : run_one(job);
}

int main(int argc, char **argv)
{
	struct job job = {.axes = NULL};
	int ret = run(&job, argc, argv);

	free(job.axes);
	free(job.ticket.text);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, COMMAND ": standard output: %s\n",
			strerror(errno));
		return EXIT_INPUT;
	}
	return ret;
}
