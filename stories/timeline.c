/* SPDX-License-Identifier: MIT */
/*
 * The narration: what happened when on which CPU, and the verdict at the end.
 *
 * Lines of several threads come in the order in which they were said. Times
 * are the host's, for the reader; no claim is made from one.
 */
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
	double ms = (double)(now_ns() - story->start_ns) / 1e6;
	char text[256], who[16] = "";
	va_list args;

	if (story->quiet)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (cpu != STORY_NOBODY)
		snprintf(who, sizeof(who), "cpu %d", cpu);
	pthread_mutex_lock(&story->claims->lock);
	printf("[%8.3f ms] %-6s %s\n", ms, who, text);
	pthread_mutex_unlock(&story->claims->lock);
}

void story_act(struct story *story, const char *format, ...)
{
	va_list args;

	if (story->quiet)
		return;
	va_start(args, format);
	pthread_mutex_lock(&story->claims->lock);
	fputs("\n--- ", stdout);
	vprintf(format, args);
	putchar('\n');
	pthread_mutex_unlock(&story->claims->lock);
	va_end(args);
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

	fflush(stdout);
	fprintf(stderr, "pcpmm story %s: ", story->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(status);
}

int story_play(const struct story_row *row, bool quiet, uint64_t seed)
{
	struct story story = {.name = row->name, .quiet = quiet, .seed = seed};
	int status;

	story.start_ns = now_ns();
	story.claims = calloc(1, sizeof(*story.claims));
	if (!story.claims)
		story_give_up(&story, EXIT_FAILURE, "no memory");
	pthread_mutex_init(&story.claims->lock, NULL);
	if (!quiet)
		printf("%s: %s\n", row->name, row->summary);
	status = row->tell(&story);
	pthread_mutex_destroy(&story.claims->lock);
	free(story.claims);
	return status;
}
