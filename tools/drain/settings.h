/* SPDX-License-Identifier: MIT */
/*
 * What `pcpmm drain` and `pcpmm noise` let one choose of the scene; `pcpmm fold`
 * has the part of it that is not about lists.
 */
#ifndef DRAIN_SETTINGS_H
#define DRAIN_SETTINGS_H

#include <pcpmm/machine.h>

#include <stdbool.h>
#include <stdint.h>

#include "../options.h"

#define DRAIN_CPUS_MAX 64 /* each is a thread */
#define DRAIN_FILL_MAX 16384 /* pages; a quarter of a CPU's share of memory */

/* What runs on the CPUs that are drained. */
enum drain_victim {
	DRAIN_VICTIM_IDLE, /* nothing; the tick is stopped */
	DRAIN_VICTIM_NORMAL, /* a task that allocates and frees */
	DRAIN_VICTIM_FIFO, /* isolated, a FIFO task spins in user mode */
	DRAIN_VICTIM_NOHZ_FULL, /* isolated, a normal task spins there */
	DRAIN_NR_VICTIMS
};

struct drain_settings {
	unsigned int cpus; /* CPU 0 drains, the others are drained */
	enum drain_victim victim;
	unsigned int fill_pages; /* each victim frees so many before a drain */
	double rate_hz; /* drains per second; 0: without a pause */
	double seconds; /* for each strategy */
	uint64_t bound_ns; /* a drain that takes longer is starved */
	enum pcpmm_ipi ipi;
	enum pcpmm_rcu rcu;
	enum pcpmm_grace grace;
	bool allow_unsound;
};

/* The same as the command line has them; preset by settings_defaults(). */
struct drain_words {
	long cpus, fill, bound;
	const char *victim, *rate, *seconds, *ipi, *rcu, *grace, *json;
	bool allow_unsound;
};

#define DRAIN_NR_ROWS 11

void settings_defaults(struct drain_words *words);

/* Fill DRAIN_NR_ROWS option rows that parse into @words. */
void settings_rows(struct drain_words *words, struct option_row *rows);

/* -1, or EXIT_USAGE with the mistake told on behalf of @command. */
int settings_read(const char *command, const struct drain_words *words,
	struct drain_settings *settings);

/* A decimal number of @least..@most: -1 or, told, EXIT_USAGE. */
int settings_number(const char *command, const char *option, const char *text,
	double least, double most, double *value);

/* Likewise a whole number. */
int settings_range(const char *command, const char *option, long value,
	long least, long most);

/* The text is wanted on stdout: JSON is not going there. */
bool settings_wants_text(const struct drain_words *words);
/* How writing to words->json ended, @ret 0 or -errno: exit status, told. */
int settings_written(
	const char *command, const struct drain_words *words, int ret);

/* Of the roles, NULL-terminated. */
extern const char *const drain_victim_names[DRAIN_NR_VICTIMS + 1];
const char *drain_victim_name(enum drain_victim victim);

/*
 * Strategy by name, those of other programs apart: -1 or, told, EXIT_USAGE.
 */
int settings_strategy(
	const char *command, const char *name, enum pcpmm_drain *drain);

#endif
