/* SPDX-License-Identifier: MIT */
/*
 * The arena: a machine of one design, CPU 0 that wants something of the others
 * (a drain of their lists, a fold of their counters: the game), and victim
 * CPUs; each CPU is a thread of its own.
 *
 * A round: every victim prepares (puts pages on its list), takes its role,
 * says ready; CPU 0 acts (drains all lists); the victims leave their roles and
 * go idle until the next round. An act that has not returned when its bound has
 * passed is starved: what it did until then is noted, the victims leave their
 * roles, so that it can end, and there are no more rounds.
 */
#ifndef DRAIN_ARENA_H
#define DRAIN_ARENA_H

#include <pcpmm/drain.h>
#include <pcpmm/noise.h>

#include <pthread.h>
#include <stdatomic.h>

#include "settings.h"

struct arena;

/* A CPU that is drained. */
struct arena_victim {
	struct arena *arena;
	unsigned int id; /* of its CPU */
	struct pcpmm_cpu_thread *thread;
	struct pcpmm_page **pages; /* settings->fill_pages */
	/* The CPU's books, as of the end or of the moment of starvation. */
	struct pcpmm_noise noise;
	struct pcpmm_histogram histogram;
};

/* What is played. NULL for a hook: nothing to do there. */
struct arena_game {
	const char *what; /* "a drain" */
	const char *(*name)(unsigned int choice);
	void (*configure)(struct pcpmm_config *config, unsigned int choice);
	/* Nobody is on the machine yet. 0 or -errno. */
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
	const struct drain_settings *settings;
	const struct arena_game *game;
	unsigned int choice; /* the game's: enum pcpmm_drain, for one */
	void *data; /* likewise */
	struct pcpmm_machine *machine;
	unsigned int nr_victims;
	struct arena_victim victims[DRAIN_CPUS_MAX];

	/* What rounds need; all but @over under @lock. */
	pthread_mutex_t lock;
	pthread_cond_t turn; /* victims wait: for a round, or for its end */
	pthread_cond_t met; /* CPU 0 waits for the victims */
	pthread_cond_t watch; /* the watchdog waits for the last round */
	unsigned int round; /* 1.. */
	atomic_uint over; /* rounds that ended; spinners look at it */
	unsigned int ready, done; /* victims, in this round */
	bool quit; /* no more rounds */
	uint64_t since_ns; /* when the act under way began; 0: none is */
	uint64_t end_ns; /* begin no round after it */
	uint64_t released_ns; /* when starved victims were let go */
	int reason; /* why it can not go on: -errno */

	/* The outcome, valid after arena_run(). */
	bool starved;
	uint64_t acts; /* that ended in time */
	double seconds; /* of all rounds */
	struct pcpmm_drain_stats stats;
	/* From call to return; a starved one, until its victims were let go. */
	struct pcpmm_histogram latency;
};

/*
 * Build the machine for @choice of @game, which has @data. @victims: a flag for
 * each CPU, NULL: all but CPU 0. NULL with errno, and the reason in @error.
 */
struct arena *arena_create(const struct drain_settings *settings,
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

/* Lists are drained: the choice is an enum pcpmm_drain. */
extern const struct arena_game drain_game;

/* Host CPUs that this program may use; 0: not known. */
unsigned int arena_host_cpus(void);

/*
 * The host CPU of thread @i; CPU 0's is thread 0, the victims' follow. CPU 0
 * has a host CPU to itself, else a leader that waits for a victim may keep that
 * very victim from running. -1: there is only one.
 */
int arena_host_cpu(unsigned int i);

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
