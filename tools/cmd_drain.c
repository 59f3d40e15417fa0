/* SPDX-License-Identifier: MIT */
/* pcpmm drain: the drain strategies side by side, their cost to each CPU. */
#include "cmd.h"
#include "drain/drain_game.h"
#include "drain/foreign.h"
#include "drain/report.h"
#include "options.h"
#include "progress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND "pcpmm drain"
#define OWNER_PART 0.3 /* of a strategy's time; drains have the rest */

/* All resources of one run, so that one function frees them. */
struct job {
	struct arena_words words;
	const char *names; /* --strategies */
	bool memory; /* --memory */
	const char *foreign; /* --foreign-work */
	struct arena_settings settings;
	bool chosen[PCPMM_NR_DRAINS];
	/* The chosen strategies, then ipi_all, the base, if not chosen. */
	struct arena *arenas[OWNER_ARENAS_MAX];
	struct owner_cost costs[OWNER_ARENAS_MAX];
	struct drain_row rows[OWNER_ARENAS_MAX];
	unsigned int nr_rows, nr_arenas, base;
};

static int parse(int argc, char **argv, struct job *job)
{
	struct option_row options[3 + ARENA_NR_ROWS + 1] = {
		{"strategies", OPTION_TEXT, &job->names, "A,B",
			"default: all sound ones", NULL},
		{"memory", OPTION_FLAG, &job->memory, NULL,
			"print what each strategy needs, and drain nothing",
			NULL},
		{"foreign-work", OPTION_TEXT, &job->foreign, "MS[,N]",
			"queue N work items of MS on each victim before a "
			"drain",
			NULL},
	};
	const struct command command = {COMMAND,
		"Drain CPUs by each strategy; compare latency, interruptions "
		"and the owner's cost.",
		"", 0, 0, options};
	int first;

	settings_defaults(&job->words);
	settings_rows(&job->words, options + 3);
	return options_parse(&command, argc, argv, &first);
}

static int choose_one(char *name, void *arg)
{
	enum pcpmm_drain drain = PCPMM_NR_DRAINS;
	struct job *job = arg;
	int status = settings_strategy(COMMAND, name, &drain);

	if (status < 0)
		job->chosen[drain] = true;
	return status;
}

/* -1, or EXIT_USAGE after a message. */
static int choose(struct job *job)
{
	for (unsigned int i = 0; !job->names && i < PCPMM_NR_DRAINS; i++)
		job->chosen[i] =
			i != PCPMM_DRAIN_EXTERNAL && !pcpmm_drain_is_unsound(i);
	return job->names ? options_each(job->names, choose_one, job) : -1;
}

static int fail(const char *text)
{
	fprintf(stderr, COMMAND ": %s\n", text);
	return EXIT_INPUT;
}

/* A machine for each: an invalid choice is refused before anything runs. */
static int create(struct job *job, enum pcpmm_drain drain)
{
	struct pcpmm_error error = {""};
	struct arena *arena = arena_create(
		&job->settings, &drain_game, drain, NULL, NULL, &error);
	int reason = errno;

	if (arena) {
		job->arenas[job->nr_arenas++] = arena;
		return -1;
	}
	fprintf(stderr, COMMAND ": %s: %s\n", pcpmm_drain_name(drain),
		error.text[0] ? error.text : strerror(reason));
	return reason == EINVAL ? EXIT_USAGE : EXIT_INPUT;
}

static int create_all(struct job *job)
{
	int status = -1;

	for (unsigned int i = 0; status < 0 && i < PCPMM_NR_DRAINS; i++) {
		if (!job->chosen[i])
			continue;
		if (i == PCPMM_DRAIN_IPI_ALL)
			job->base = job->nr_arenas;
		status = create(job, i);
	}
	job->nr_rows = job->nr_arenas;
	if (status < 0 && !job->chosen[PCPMM_DRAIN_IPI_ALL]) {
		job->base = job->nr_arenas;
		status = create(job, PCPMM_DRAIN_IPI_ALL);
	}
	return status;
}

static int run(struct job *job)
{
	double seconds = job->settings.seconds;
	struct progress progress;
	struct pcpmm_error error = {""};
	int ret;

	progress_start(&progress, "strategies", true);
	progress_show(&progress, 0, job->nr_rows);
	ret = owner_measure(job->arenas, job->nr_arenas, job->base, 0,
		seconds * OWNER_PART, job->costs);
	if (ret)
		snprintf(error.text, sizeof(error.text), "hot pairs: %s",
			strerror(-ret));
	for (unsigned int i = 0; !ret && i < job->nr_rows; i++) {
		job->rows[i] =
			(struct drain_row){job->arenas[i], job->costs[i]};
		ret = arena_run(
			job->arenas[i], seconds * (1 - OWNER_PART), &error);
		progress_show(&progress, i + 1, job->nr_rows);
	}
	progress_end(&progress);
	return ret ? fail(error.text) : 0;
}

/* --memory: the rows, without a run. */
static int measure_nothing(struct job *job)
{
	for (unsigned int i = 0; i < job->nr_rows; i++)
		job->rows[i] =
			(struct drain_row){job->arenas[i], job->costs[i]};
	return 0;
}

static int report(const struct job *job)
{
	const struct drain_report report = {
		&job->settings, job->rows, job->nr_rows};
	int ret = 0;

	if (settings_wants_text(&job->words))
		(job->memory ? memory_report_text : drain_report_text)(
			&report, stdout);
	if (job->words.json)
		ret = (job->memory ? memory_report_json : drain_report_json)(
			&report, job->words.json);
	return settings_written(COMMAND, &job->words, ret);
}

int cmd_drain(int argc, char **argv)
{
	struct job job = {.names = NULL};
	int status = parse(argc, argv, &job);

	if (status < 0)
		status = settings_read(COMMAND, &job.words, &job.settings);
	if (status < 0)
		status = foreign_read(COMMAND, job.foreign, &job.settings);
	if (status < 0)
		status = choose(&job);
	if (status < 0)
		status = create_all(&job);
	if (status < 0) {
		status = job.memory ? measure_nothing(&job) : run(&job);
		if (!status)
			status = report(&job);
	}
	for (unsigned int i = 0; i < job.nr_arenas; i++)
		arena_destroy(job.arenas[i]);
	return status;
}
