/* SPDX-License-Identifier: MIT */
/*
 * The arena: a machine of one design in which CPU 0 acts on the other CPUs, the
 * victims; each CPU is a thread of its own. The game decides what the act is: a
 * drain of the victims' lists, a fold of their counters.
 *
 * In a round each victim prepares (puts pages on its list), takes its role and
 * reports ready; CPU 0 acts (drains all lists); the victims leave their roles
 * and go idle until the next round. An act that has not returned within its
 * bound is starved: its result so far is recorded, the victims leave their
 * roles, so that the act can end, and no round follows.
 */
#ifndef ARENA_H
#define ARENA_H

#include <pcpmm/drain.h>
#include <pcpmm/noise.h>
#include <pcpmm/pcp_buddy.h>
#include <pcpmm/spill.h>

#include <pthread.h>
#include <stdatomic.h>

#include "settings.h"

struct arena;

/* A CPU that CPU 0 acts on. */
struct arena_victim {
	struct arena *arena;
	unsigned int id; /* CPU number */
	struct pcpmm_cpu_thread *thread;
	struct pcpmm_page **pages; /* settings->fill_pages */
	/* The CPU's interruptions up to the end, or up to the starvation. */
	struct pcpmm_noise noise;
	struct pcpmm_histogram histogram;
};

/* A game. Each hook may be NULL. */
struct arena_game {
	const char *what; /* "a drain" */
	const char *(*name)(unsigned int choice);
	void (*configure)(struct pcpmm_config *config, unsigned int choice);
	/* Before any thread has entered the machine. 0 or -errno. */
	int (*start)(struct arena *arena);
	/* After all threads have left it; also after a failed start. */
	void (*stop)(struct arena *arena);
	/* Each victim, before it takes its role. */
	void (*prepare)(struct arena_victim *victim, struct pcpmm_cpu *cpu,
		unsigned int round);
	/* A victim that is a normal task, repeated until the round ends. */
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
	unsigned int choice; /* the game's, for example enum pcpmm_drain */
	void *data; /* the game's */
	struct pcpmm_machine *machine;
	struct pcpmm_work **foreign; /* drain/foreign.c; NULL: none */
	unsigned int nr_victims;
	struct arena_victim victims[ARENA_CPUS_MAX];

	/* State of the rounds; all but @over under @lock. */
	pthread_mutex_t lock;
	pthread_cond_t turn; /* victims wait: for a round, or for its end */
	pthread_cond_t met; /* CPU 0 waits for the victims */
	pthread_cond_t watch; /* the watchdog waits for the last round */
	unsigned int round; /* 1.. */
	atomic_uint over; /* rounds that ended; spinning victims poll it */
	unsigned int ready, done; /* victims, in this round */
	bool quit; /* no more rounds */
	uint64_t since_ns; /* begin of the act under way; 0: no act */
	uint64_t end_ns; /* begin no round after it */
	uint64_t released_ns; /* when the victims left a starved act's roles */
	int reason; /* 0, or -errno that ended the run */

	/* The outcome, valid after arena_run(). */
	bool starved;
	uint64_t acts; /* acts that ended in time */
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
 * not an error. 0, or -errno with the reason in @error; -EUCLEAN: pages or
 * counts are wrong afterwards.
 */
int arena_run(struct arena *arena, double seconds, struct pcpmm_error *error);

/* Acts, a starved one included. */
double arena_rounds(const struct arena *arena);

/* Interruptions, without those that the owner's own list caused. */
uint64_t arena_interruptions(const struct pcpmm_noise *noise);
uint64_t arena_stolen_ns(const struct pcpmm_noise *noise);
/* Sums over all victims; max_ns: the maximum over all. */
struct pcpmm_noise arena_noise(const struct arena *arena);

/* --- for games, arena.c and victim.c -------------------------------------- */

/* Keep the first error; @ret 0 is none. */
void arena_fail(struct arena *arena, int ret);

void victim_main(struct pcpmm_cpu *cpu, void *victim);

#endif
