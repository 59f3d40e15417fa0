/* SPDX-License-Identifier: MIT */
/* See foreign.h. An item keeps its CPU and calls nothing. */
#include "foreign.h"

#include <pcpmm/workqueue.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../clock.h"

int foreign_read(
	const char *command, const char *text, struct arena_settings *settings)
{
	const char *comma = text ? strchr(text, ',') : NULL;
	char first[32];
	double ms, nr = 1;
	int status = -1;

	if (!text)
		return -1;
	snprintf(first, sizeof(first), "%.*s",
		(int)(comma ? (size_t)(comma - text) : strlen(text)), text);
	status = settings_number(
		command, "foreign-work", first, 0.001, FOREIGN_MS_MAX, &ms);
	if (status < 0 && comma)
		status = settings_number(command, "foreign-work", comma + 1, 1,
			FOREIGN_NR_MAX, &nr);
	if (status >= 0)
		return status;
	settings->foreign_ms = ms;
	settings->foreign_nr = (unsigned int)nr;
	return -1;
}

static void keep_cpu(struct pcpmm_cpu *cpu, void *arg)
{
	const struct arena *arena = arg;
	uint64_t end =
		clock_ns() + (uint64_t)(arena->settings->foreign_ms * 1e6);

	(void)cpu;
	while (clock_ns() < end)
		; /* user mode of somebody else */
}

static unsigned int nr_works(const struct arena *arena)
{
	return arena->nr_victims * arena->settings->foreign_nr;
}

int foreign_start(struct arena *arena)
{
	unsigned int nr = nr_works(arena);

	if (!nr)
		return 0;
	arena->foreign = calloc(nr, sizeof(arena->foreign[0]));
	for (unsigned int i = 0; arena->foreign && i < nr; i++) {
		arena->foreign[i] = pcpmm_work_create(arena->machine,
			arena->victims[i % arena->nr_victims].id,
			PCPMM_SYSTEM_WQ, keep_cpu, arena);
		if (!arena->foreign[i])
			return -errno;
	}
	return arena->foreign ? 0 : -ENOMEM;
}

void foreign_stop(struct arena *arena)
{
	for (unsigned int i = 0; arena->foreign && i < nr_works(arena); i++)
		pcpmm_work_destroy(arena->foreign[i]);
	free(arena->foreign);
}

void foreign_queue(struct arena *arena, struct pcpmm_cpu *cpu)
{
	(void)cpu;
	for (unsigned int i = 0; arena->foreign && i < nr_works(arena); i++)
		pcpmm_work_queue(arena->foreign[i]);
}

/* Behind FIFO tasks the items run when these leave their role. */
void foreign_flush(struct arena *arena, struct pcpmm_cpu *cpu)
{
	(void)cpu;
	if (arena->settings->victim == ARENA_ROLE_FIFO)
		return;
	for (unsigned int i = 0; arena->foreign && i < nr_works(arena); i++)
		pcpmm_work_flush(arena->foreign[i]);
}
