/* SPDX-License-Identifier: MIT */
/*
 * The narration (time, CPU, event) and the verdict at the end.
 *
 * Lines of several threads appear in the order of their story_say() calls.
 * Times are the host's, for the reader; no claim uses them.
 */
#include "columns.h"
#include "story.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CLAIM_MAX 160 /* characters */

struct story_claims {
	pthread_mutex_t lock; /* of standard output */
	unsigned int nr;
	bool holds[STORY_CLAIMS_MAX];
	char text[STORY_CLAIMS_MAX][CLAIM_MAX];
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void story_say(struct story *story, int cpu, const char *format, ...)
{
	uint64_t now = now_ns();
	char text[256], who[16] = "", line[288];
	va_list args;

	if (story->quiet)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (cpu != STORY_NOBODY)
		snprintf(who, sizeof(who), "cpu %d", cpu);
	pthread_mutex_lock(&story->claims->lock);
	snprintf(line, sizeof(line), "%s%s%s", who, *who ? ": " : "", text);
	if (!story->columns || !columns_add(story->columns, now, line))
		printf("[%8.3f ms] %-6s %s\n",
			(double)(now - story->start_ns) / 1e6, who, text);
	pthread_mutex_unlock(&story->claims->lock);
}

void story_quote(struct story *story, const char *line)
{
	if (story->quiet)
		return;
	pthread_mutex_lock(&story->claims->lock);
	printf("    | %s\n", line);
	pthread_mutex_unlock(&story->claims->lock);
}

void story_act(struct story *story, const char *format, ...)
{
	char name[128];
	va_list args;

	if (story->quiet)
		return;
	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	pthread_mutex_lock(&story->claims->lock);
	if (!story->columns ||
		!columns_begin_act(story->columns, name, now_ns()))
		printf("\n--- %s\n", name);
	pthread_mutex_unlock(&story->claims->lock);
}

bool story_claim(struct story *story, bool holds, const char *format, ...)
{
	struct story_claims *claims = story->claims;
	va_list args;

	if (claims->nr == STORY_CLAIMS_MAX)
		story_give_up(story, EXIT_FAILURE, "more than %d claims",
			STORY_CLAIMS_MAX);
	va_start(args, format);
	vsnprintf(claims->text[claims->nr], CLAIM_MAX, format, args);
	va_end(args);
	claims->holds[claims->nr++] = holds;
	return holds;
}

int story_verdict(struct story *story)
{
	const struct story_claims *claims = story->claims;
	unsigned int failed = 0;

	if (story->columns)
		columns_print(story->columns);
	printf("%sverdict of %s\n", story->quiet ? "" : "\n", story->name);
	for (unsigned int i = 0; i < claims->nr; i++) {
		printf("  %-6s  %s\n", claims->holds[i] ? "ok" : "FAILED",
			claims->text[i]);
		failed += !claims->holds[i];
	}
	if (failed)
		printf("%u of %u claims FAILED\n", failed, claims->nr);
	else
		printf("all %u claims hold\n", claims->nr);
	return failed || !claims->nr;
}

void story_give_up(struct story *story, int status, const char *format, ...)
{
	va_list args;

	if (story->columns)
		columns_print(story->columns);
	fflush(stdout);
	fprintf(stderr, "pcpmm story %s: ", story->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(status);
}

int story_play(
	const struct story_row *row, bool quiet, bool in_turn, uint64_t seed)
{
	struct story story = {.name = row->name, .quiet = quiet, .seed = seed};
	int status;

	story.start_ns = now_ns();
	story.claims = calloc(1, sizeof(*story.claims));
	if (!story.claims)
		story_give_up(&story, EXIT_FAILURE, "no memory");
	if (row->side_by_side && !quiet && !in_turn)
		story.columns = columns_create();
	pthread_mutex_init(&story.claims->lock, NULL);
	if (!quiet)
		printf("%s: %s\n", row->name, row->summary);
	status = row->tell(&story);
	pthread_mutex_destroy(&story.claims->lock);
	free(story.claims);
	columns_destroy(story.columns);
	return status;
}
