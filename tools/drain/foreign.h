/* SPDX-License-Identifier: MIT */
/* Other people's work in the victims' pools: settings->foreign_ms, foreign_nr. */
#ifndef DRAIN_FOREIGN_H
#define DRAIN_FOREIGN_H

#include "../arena/arena.h"

#define FOREIGN_MS_MAX 10000
#define FOREIGN_NR_MAX 64

/*
 * "MS" or "MS,N": N items (default 1) of MS ms, each on each victim, before each
 * drain. NULL: none. -1, or EXIT_USAGE after a message.
 */
int foreign_read(
	const char *command, const char *text, struct arena_settings *settings);

/* Hooks of the game. */
int foreign_start(struct arena *arena);
void foreign_stop(struct arena *arena);
void foreign_queue(struct arena *arena, struct pcpmm_cpu *cpu);
void foreign_flush(struct arena *arena, struct pcpmm_cpu *cpu);

#endif
