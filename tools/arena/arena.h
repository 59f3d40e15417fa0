/* SPDX-License-Identifier: MIT */
/*
 * The arena: a machine of one design, CPU 0 that wants something of the other
 * CPUs, and victim CPUs; each CPU is a thread of its own. What CPU 0 wants is
 * the game: a drain of the victims' lists, a fold of their counters.
 *
 * In a round each victim prepares (puts pages on its list), takes its role and
 * says that it is ready; CPU 0 acts (drains all lists); the victims leave
 * their roles and go idle until the next round. An act that has not returned
 * within its bound is starved: its result so far is noted, the victims leave
 * their roles, so that the act can end, and it was the last round.
 */
#ifndef ARENA_H
#define ARENA_H

#include <pcpmm/drain.h>
#include <pcpmm/noise.h>

#include <pthread.h>
#include <stdatomic.h>

#include "settings.h"

struct arena;

/* A CPU that CPU 0 acts on. */
struct arena_victim {
	struct arena *arena;
	unsigned int id; /* of its CPU */
	struct pcpmm_cpu_thread *thread;
	struct pcpmm_page **pages; /* settings->fill_pages */
	/* The CPU's books, as of the end or of the moment of starvation. */
	struct pcpmm_noise noise;
	struct pcpmm_histogram histogram;
};

/* What is played. A hook that is NULL has nothing to do. */
struct arena_game {
	const char *what; /* "a drain" */
	const char *(*name)(unsigned int choice);
	void (*configure)(struct pcpmm_config *config, unsigned int choice);
	/* Before any thread is on the machine. 0 or -errno. */
	int (*start)(struct arena *arena);
	/* A victim, before it takes its role. */
	void (*prepare)(struct arena_victim *victim, struct pcpmm_cpu *cpu,
		unsigned int round);
	/* A victim that is a normal task, over and over. */
	void (*work)(struct arena_victim *victim, struct pcpmm_cpu *cpu,
		unsigned int round);
	/* CPU 0, all victims in their roles; only the act is timed. */
	void (*before)(struct arena *arena, struct pcpmm_cpu *cpu);
	int (*act)(struct arena *arena, struct pcpmm_cpu *cpu);
	void (*after)(struct arena *arena, struct pcpmm_cpu *cpu);
};

struct arena {
	const struct arena_settings *settings;
	const struct arena_game *game;
	unsigned int choice; /* the game's: enum pcpmm_drain, for one */
	void *data; /* likewise */
	struct pcpmm_machine *machine;
	unsigned int nr_victims;
	struct arena_victim victims[ARENA_CPUS_MAX];

	/* What rounds need; all but @over under @lock. */
	pthread_mutex_t lock;
	pthread_cond_t turn; /* victims wait: for a round, or for its end */
	pthread_cond_t met; /* CPU 0 waits for the victims */
	pthread_cond_t watch; /* the watchdog waits for the last round */
	unsigned int round; /* 1.. */
	atomic_uint over; /* rounds that ended; spinning victims poll it */
	unsigned int ready, done; /* victims, in this round */
	bool quit; /* no more rounds */
	uint64_t since_ns; /* begin of the act under way; 0: there is none */
	uint64_t end_ns; /* begin no round after it */
	uint64_t released_ns; /* when the victims left their roles for it */
	int reason; /* why the run can not go on: -errno */

	/* The outcome, valid after arena_run(). */
	bool starved;
	uint64_t acts; /* that ended in time */
	double seconds; /* of all rounds */
	struct pcpmm_drain_stats stats;
	/* From call to return; of a starved act until released_ns. */
	struct pcpmm_histogram latency;
};

/*
 * Build the machine for @choice of @game, which has @data. @victims: a flag for
 * each CPU, NULL: all but CPU 0. NULL with errno, and the reason in @error.
 */
struct arena *arena_create(const struct arena_settings *settings,
	const struct arena_game *game, unsigned int choice, void *data,
	const bool *victims, struct pcpmm_error *error);
void arena_destroy(struct arena *arena);

const char *arena_name(const struct arena *arena);

/*
 * Rounds for @seconds; at least one. A design that starves is an outcome,
 * not an error. 0, or -errno with the reason in @error; -EUCLEAN: the machine
 * does not add up afterwards.
 */
int arena_run(struct arena *arena, double seconds, struct pcpmm_error *error);

/* Acts, a starved one included. */
double arena_rounds(const struct arena *arena);

/* Interruptions whose cause is not the owner's own list. */
uint64_t arena_interruptions(const struct pcpmm_noise *noise);
uint64_t arena_stolen_ns(const struct pcpmm_noise *noise);
/* All victims together; max_ns: the longest of any. */
struct pcpmm_noise arena_noise(const struct arena *arena);

/* --- for games, arena.c and victim.c -------------------------------------- */

/* Remember the first thing that went wrong; 0 is nothing. */
void arena_fail(struct arena *arena, int ret);

void victim_main(struct pcpmm_cpu *cpu, void *victim);

#endif
