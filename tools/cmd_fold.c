/* SPDX-License-Identifier: MIT */
/* pcpmm fold: what counting costs, and what folding costs each CPU. */
#include "cmd.h"
#include "arena/median.h"
#include "arena/owner.h"
#include "fold/report.h"
#include "options.h"
#include "progress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND "pcpmm fold"
#define PAIR_PART 0.3 /* of a fold's time, for each account and order */
#define SETS 5 /* of accounts, as a machine's place in memory matters */

const unsigned int fold_pair_orders[FOLD_NR_PAIRS] = {0, 4};

/* All resources of one run, so that one function frees them. */
struct job {
	struct arena_words words;
	const char *names; /* --folds */
	struct arena_settings settings;
	bool chosen[PCPMM_NR_FOLDS];
	struct arena *folds[PCPMM_NR_FOLDS]; /* nr_folds */
	struct fold_book books[PCPMM_NR_FOLDS];
	unsigned int nr_folds;
	struct arena *accounts[SETS][PCPMM_NR_ACCOUNTS];
	struct update_cost updates[UPDATES_MAX];
	struct fold_report report;
};

static int parse(int argc, char **argv, struct job *job)
{
	struct arena_words *words = &job->words;
	struct option_row options[] = {
		{"folds", OPTION_TEXT, &job->names, "A,B",
			"default: local,remote", NULL},
		{"cpus", OPTION_NUMBER, &words->cpus, "N",
			"CPU 0 folds, the others are victims; default 4", NULL},
		{"victim", OPTION_CHOICE, &words->victim, "ROLE",
			"what runs on the victims; default normal",
			arena_role_names},
		{"rate", OPTION_TEXT, &words->rate, "FOLDS",
			"folds per second, 0: without a pause; default 1000",
			NULL},
		{"seconds", OPTION_TEXT, &words->seconds, "S",
			"time for each part; default 1", NULL},
		{"bound", OPTION_NUMBER, &words->bound, "MS",
			"a fold that takes longer is starved; default 200",
			NULL},
		{"allow-unsound", OPTION_FLAG, &words->allow_unsound, NULL,
			"permit designs that are known to lose or hang", NULL},
		{"json", OPTION_TEXT, &words->json, "FILE",
			"write the result there too; - is standard output",
			NULL},
		{NULL, OPTION_FLAG, NULL, NULL, NULL, NULL},
	};
	const struct command command = {COMMAND,
		"Compare ways to count per CPU, and to fold the counts.", "", 0,
		0, options};
	int first;

	settings_defaults(words);
	words->fill = 0; /* pages; victims change counters instead */
	return options_parse(&command, argc, argv, &first);
}

static int choose_one(char *name, void *arg)
{
	const char *const *names = pcpmm_axis_values("fold");
	struct job *job = arg;
	int fold = options_index(names, name);

	if (fold >= 0) {
		job->chosen[fold] = true;
		return -1;
	}
	options_unknown(COMMAND, "fold", name, names);
	fputs("Try '" COMMAND " --help'.\n", stderr);
	return EXIT_USAGE;
}

/* -1, or EXIT_USAGE after a message. */
static int choose(struct job *job)
{
	return options_each(
		job->names ? job->names : "local,remote", choose_one, job);
}

static int fail(const char *text)
{
	fprintf(stderr, COMMAND ": %s\n", text);
	return EXIT_INPUT;
}

/*
 * An invalid choice is refused before anything runs: -1, or an exit status
 * after a message.
 */
static int create(struct job *job, const struct arena_game *game,
	unsigned int choice, void *data, struct arena **arena)
{
	static const bool no_victims[ARENA_CPUS_MAX] = {false};
	struct pcpmm_error error = {""};
	int reason;

	*arena = arena_create(&job->settings, game, choice, data,
		data ? NULL : no_victims, &error);
	if (*arena)
		return -1;
	reason = errno;
	fprintf(stderr, COMMAND ": %s: %s\n", game->name(choice),
		error.text[0] ? error.text : strerror(reason));
	return reason == EINVAL ? EXIT_USAGE : EXIT_INPUT;
}

static int create_all(struct job *job)
{
	int status = -1;

	for (unsigned int i = 0; status < 0 && i < PCPMM_NR_FOLDS; i++) {
		unsigned int at = job->nr_folds;

		if (!job->chosen[i])
			continue;
		status = create(
			job, &fold_game, i, &job->books[at], &job->folds[at]);
		job->nr_folds += status < 0;
	}
	for (unsigned int i = 0; status < 0 && i < SETS * PCPMM_NR_ACCOUNTS;
		i++) {
		unsigned int account = i % PCPMM_NR_ACCOUNTS;

		status = create(job, &account_game, account, NULL,
			&job->accounts[i / PCPMM_NR_ACCOUNTS][account]);
	}
	return status;
}

/* Pairs of @order with all accounts. 0 or -errno. */
static int measure_pairs(
	struct job *job, unsigned int order, struct fold_pair *pairs)
{
	double seconds = job->settings.seconds * PAIR_PART / SETS;
	struct owner_cost costs[SETS][PCPMM_NR_ACCOUNTS];
	double ns[SETS], ratio[SETS];
	int ret = 0;

	for (unsigned int set = 0; !ret && set < SETS; set++)
		ret = owner_measure(job->accounts[set], PCPMM_NR_ACCOUNTS,
			PCPMM_ACCOUNT_LOCAL_CMPXCHG, order, seconds,
			costs[set]);
	for (unsigned int i = 0; !ret && i < PCPMM_NR_ACCOUNTS; i++) {
		for (unsigned int set = 0; set < SETS; set++) {
			ns[set] = costs[set][i].pair_ns;
			ratio[set] = costs[set][i].ratio;
		}
		pairs[i].ns = median(ns, SETS);
		pairs[i].ratio = median(ratio, SETS); /* sorts @ratio */
		pairs[i].ratio_min = ratio[0];
		pairs[i].ratio_max = ratio[SETS - 1];
	}
	return ret;
}

static int measure_all_pairs(struct job *job, struct pcpmm_error *error)
{
	int ret = 0;

	for (unsigned int i = 0; !ret && i < FOLD_NR_PAIRS; i++)
		ret = measure_pairs(
			job, fold_pair_orders[i], job->report.pairs[i]);
	if (ret)
		snprintf(error->text, sizeof(error->text), "pairs: %s",
			strerror(-ret));
	return ret;
}

static int run(struct job *job)
{
	const unsigned int parts = 2 + job->nr_folds;
	struct progress progress;
	struct pcpmm_error error = {""};
	int ret;

	progress_start(&progress, "parts", true);
	progress_show(&progress, 0, parts);
	ret = updates_measure(job->settings.seconds, job->updates, &error);
	if (ret && !error.text[0])
		snprintf(error.text, sizeof(error.text), "updates: %s",
			strerror(-ret));
	progress_show(&progress, 1, parts);
	if (!ret)
		ret = measure_all_pairs(job, &error);
	for (unsigned int i = 0; !ret && i < job->nr_folds; i++) {
		progress_show(&progress, 2 + i, parts);
		ret = arena_run(job->folds[i], job->settings.seconds, &error);
	}
	progress_end(&progress);
	return ret ? fail(error.text) : 0;
}

static int report(struct job *job)
{
	struct fold_report *report = &job->report;
	int ret = bytes_of(job->accounts[0][0]->machine, &report->bytes);

	if (ret)
		return fail(strerror(-ret));
	report->settings = &job->settings;
	report->updates = job->updates;
	report->folds = job->folds;
	report->nr_folds = job->nr_folds;
	if (settings_wants_text(&job->words))
		fold_report_text(report, stdout);
	if (job->words.json)
		ret = fold_report_json(report, job->words.json);
	return settings_written(COMMAND, &job->words, ret);
}

int cmd_fold(int argc, char **argv)
{
	static struct job job;
	int status = parse(argc, argv, &job);

	if (status < 0)
		status = settings_read(COMMAND, &job.words, &job.settings);
	if (status < 0)
		status = choose(&job);
	if (status < 0)
		status = create_all(&job);
	if (status < 0) {
		status = run(&job);
		if (!status)
			status = report(&job);
	}
	for (unsigned int i = 0; i < job.nr_folds; i++)
		arena_destroy(job.folds[i]);
	for (unsigned int i = 0; i < SETS * PCPMM_NR_ACCOUNTS; i++)
		arena_destroy(job.accounts[i / PCPMM_NR_ACCOUNTS]
					  [i % PCPMM_NR_ACCOUNTS]);
	return status;
}
