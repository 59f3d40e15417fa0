/* SPDX-License-Identifier: MIT */
/* See settings.h. */
#include "settings.h"

#include <stdlib.h>
#include <string.h>

#define SECONDS_MAX 3600.0
#define RATE_MAX 1e6
#define BOUND_MS_MAX 60000

const char *const arena_role_names[ARENA_NR_ROLES + 1] = {
	[ARENA_ROLE_IDLE] = "idle",
	[ARENA_ROLE_NORMAL] = "normal",
	[ARENA_ROLE_FIFO] = "fifo",
	[ARENA_ROLE_NOHZ_FULL] = "nohz_full",
};

const char *arena_role_name(enum arena_role victim)
{
	return arena_role_names[victim];
}

void settings_defaults(struct arena_words *words)
{
	*words = (struct arena_words){
		.cpus = 4,
		.fill = 63,
		.bound = 200,
		.victim = arena_role_names[ARENA_ROLE_NORMAL],
		.rate = "1000",
		.seconds = "1",
		.ipi = pcpmm_ipi_name(PCPMM_IPI_SIGNAL),
		.rcu = pcpmm_rcu_name(PCPMM_RCU_SCHED),
		.grace = pcpmm_grace_name(PCPMM_GRACE_EXPEDITED),
		.ipi_mask_lock =
			pcpmm_ipi_mask_lock_name(PCPMM_IPI_MASK_LOCK_SPIN),
		.spill_hold = pcpmm_spill_hold_name(PCPMM_SPILL_HOLD_WHOLE),
		.starvation =
			pcpmm_axis_values("starvation")[PCPMM_STARVATION_NONE],
	};
}

void settings_rows(struct arena_words *words, struct option_row *rows)
{
	const struct option_row table[ARENA_NR_ROWS] = {
		{"cpus", OPTION_NUMBER, &words->cpus, "N",
			"CPU 0 drains, the others are victims; default 4",
			NULL},
		{"victim", OPTION_CHOICE, &words->victim, "ROLE",
			"what runs on the victims; default normal",
			arena_role_names},
		{"fill", OPTION_NUMBER, &words->fill, "PAGES",
			"each victim frees so many before a drain; default 63",
			NULL},
		{"rate", OPTION_TEXT, &words->rate, "DRAINS",
			"drains per second, 0: without a pause; default 1000",
			NULL},
		{"seconds", OPTION_TEXT, &words->seconds, "S",
			"time for each strategy; default 1", NULL},
		{"bound", OPTION_NUMBER, &words->bound, "MS",
			"a drain that takes longer is starved; default 200",
			NULL},
		{"ipi", OPTION_CHOICE, &words->ipi, "HOW",
			"how interrupts travel; default signal",
			pcpmm_axis_values("ipi")},
		{"rcu", OPTION_CHOICE, &words->rcu, "FLAVOUR",
			"readers of rcu_swap; default sched",
			pcpmm_axis_values("rcu")},
		{"grace", OPTION_CHOICE, &words->grace, "HURRY",
			"grace periods of rcu_swap; default expedited",
			pcpmm_axis_values("grace")},
		{"ipi-mask-lock", OPTION_CHOICE, &words->ipi_mask_lock, "HOW",
			"what protects the mask of ipi_mask_locked; default "
			"spin",
			pcpmm_axis_values("ipi_mask_lock")},
		{"spill-hold", OPTION_CHOICE, &words->spill_hold, "HOW",
			"how long a spill holds the lock of pcp_lock; default "
			"whole",
			pcpmm_axis_values("spill_hold")},
		{"starvation", OPTION_CHOICE, &words->starvation, "ANSWER",
			"what serves normal tasks behind a FIFO task, in real "
			"time; default none",
			pcpmm_axis_values("starvation")},
		{"allow-unsound", OPTION_FLAG, &words->allow_unsound, NULL,
			"permit designs that are known to lose or hang", NULL},
		{"json", OPTION_TEXT, &words->json, "FILE",
			"write the result there too; - is standard output",
			NULL},
	};

	memcpy(rows, table, sizeof(table));
}

static int usage(const char *command)
{
	fprintf(stderr, "Try '%s --help'.\n", command);
	return EXIT_USAGE;
}

int settings_number(const char *command, const char *option, const char *text,
	double least, double most, double *value)
{
	char *end;

	*value = strtod(text, &end);
	if (end == text || *end) {
		fprintf(stderr, "%s: --%s: '%s' is not a number\n", command,
			option, text);
		return usage(command);
	}
	/* Written so that NaN fails, too. */
	if (!(*value >= least && *value <= most)) {
		fprintf(stderr, "%s: --%s: %s is not within %g..%g\n", command,
			option, text, least, most);
		return usage(command);
	}
	return -1;
}

int settings_range(const char *command, const char *option, long value,
	long least, long most)
{
	if (value >= least && value <= most)
		return -1;
	fprintf(stderr, "%s: --%s: %ld is not within %ld..%ld\n", command,
		option, value, least, most);
	return usage(command);
}

bool settings_wants_text(const struct arena_words *words)
{
	return !words->json || strcmp(words->json, "-");
}

int settings_written(
	const char *command, const struct arena_words *words, int ret)
{
	if (!ret)
		return 0;
	fprintf(stderr, "%s: %s: %s\n", command, words->json, strerror(-ret));
	return EXIT_INPUT;
}

/* Value of an axis by a name that options_parse() has accepted. */
static unsigned int value_of(const char *key, const char *name)
{
	return (unsigned int)options_index(pcpmm_axis_values(key), name);
}

int settings_read(const char *command, const struct arena_words *words,
	struct arena_settings *settings)
{
	int status =
		settings_range(command, "cpus", words->cpus, 2, ARENA_CPUS_MAX);

	if (status < 0)
		status = settings_range(
			command, "fill", words->fill, 0, ARENA_FILL_MAX);
	if (status < 0)
		status = settings_range(
			command, "bound", words->bound, 1, BOUND_MS_MAX);
	*settings = (struct arena_settings){
		.cpus = (unsigned int)words->cpus,
		.victim = (enum arena_role)options_index(
			arena_role_names, words->victim),
		.fill_pages = (unsigned int)words->fill,
		.bound_ns = (uint64_t)words->bound * 1000000,
		.ipi = value_of("ipi", words->ipi),
		.rcu = value_of("rcu", words->rcu),
		.grace = value_of("grace", words->grace),
		.ipi_mask_lock =
			value_of("ipi_mask_lock", words->ipi_mask_lock),
		.spill_hold = value_of("spill_hold", words->spill_hold),
		.starvation = value_of("starvation", words->starvation),
		.allow_unsound = words->allow_unsound,
	};
	if (status < 0)
		status = settings_number(command, "rate", words->rate, 0,
			RATE_MAX, &settings->rate_hz);
	if (status < 0)
		status = settings_number(command, "seconds", words->seconds,
			0.001, SECONDS_MAX, &settings->seconds);
	return status;
}

int settings_strategy(
	const char *command, const char *name, enum pcpmm_drain *drain)
{
	const char *const *all = pcpmm_axis_values("drain");
	const char *names[PCPMM_NR_DRAINS + 1] = {NULL};
	unsigned int nr = 0;

	if (!pcpmm_drain_by_name(name, drain)) {
		if (*drain != PCPMM_DRAIN_EXTERNAL)
			return -1;
		fprintf(stderr,
			"%s: %s: a program's own strategy, and this one has "
			"none\n",
			command, name);
		return usage(command);
	}
	for (unsigned int i = 0; all[i]; i++)
		if (i != PCPMM_DRAIN_EXTERNAL)
			names[nr++] = all[i];
	options_unknown(command, "strategy", name, names);
	return usage(command);
}
