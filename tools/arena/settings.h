/* SPDX-License-Identifier: MIT */
/*
 * The settings of an arena, and the options that set them. `pcpmm drain` and
 * `pcpmm noise` have all options, `pcpmm fold` those that do not concern lists.
 */
#ifndef ARENA_SETTINGS_H
#define ARENA_SETTINGS_H

#include <pcpmm/machine.h>

#include <stdbool.h>
#include <stdint.h>

#include "../options.h"

#define ARENA_CPUS_MAX 64 /* each is a thread */
#define ARENA_FILL_MAX 16384 /* pages; a quarter of a CPU's share of memory */

/* The task on a victim. */
enum arena_role {
	ARENA_ROLE_IDLE, /* nothing; the tick is stopped */
	ARENA_ROLE_NORMAL, /* a task that allocates and frees */
	ARENA_ROLE_FIFO, /* isolated, a FIFO task spins in user mode */
	ARENA_ROLE_NOHZ_FULL, /* isolated, a normal task spins there */
	ARENA_NR_ROLES
};

struct arena_settings {
	unsigned int cpus; /* CPU 0 and the victims */
	enum arena_role victim;
	unsigned int fill_pages; /* that each victim frees before an act */
	double rate_hz; /* acts per second; 0: without a pause */
	double seconds; /* for each choice of the game */
	uint64_t bound_ns; /* an act that takes longer is starved */
	enum pcpmm_ipi ipi;
	enum pcpmm_rcu rcu;
	enum pcpmm_grace grace;
	enum pcpmm_ipi_mask_lock ipi_mask_lock;
	enum pcpmm_spill_hold spill_hold;
	enum pcpmm_starvation starvation; /* none: no time goes by */
	bool allow_unsound;
	double foreign_ms; /* foreign work items on each victim: their length */
	unsigned int foreign_nr; /* 0: none */
};

/* The settings as on the command line; settings_defaults() fills them. */
struct arena_words {
	long cpus, fill, bound;
	const char *victim, *rate, *seconds, *ipi, *rcu, *grace, *json;
	const char *ipi_mask_lock, *spill_hold, *starvation;
	bool allow_unsound;
};

#define ARENA_NR_ROWS 14

void settings_defaults(struct arena_words *words);

/* Fill ARENA_NR_ROWS option rows that parse into @words. */
void settings_rows(struct arena_words *words, struct option_row *rows);

/* -1, or EXIT_USAGE after a message that names @command. */
int settings_read(const char *command, const struct arena_words *words,
	struct arena_settings *settings);

/* A decimal number, @least..@most: -1, or EXIT_USAGE after a message. */
int settings_number(const char *command, const char *option, const char *text,
	double least, double most, double *value);

/* The same for a whole number. */
int settings_range(const char *command, const char *option, long value,
	long least, long most);

/* Does the text go to stdout? Not if the JSON does. */
bool settings_wants_text(const struct arena_words *words);
/*
 * Exit status after writing words->json returned @ret (0 or -errno), with a
 * message if that is an error.
 */
int settings_written(
	const char *command, const struct arena_words *words, int ret);

/* The roles' names, NULL-terminated. */
extern const char *const arena_role_names[ARENA_NR_ROLES + 1];
const char *arena_role_name(enum arena_role victim);

/*
 * The built-in strategy of that name: -1, or EXIT_USAGE after a message.
 */
int settings_strategy(
	const char *command, const char *name, enum pcpmm_drain *drain);

#endif
