/* SPDX-License-Identifier: MIT */
/* Scenes of a few words, and what a driver makes of them. */
#ifndef TESTS_MODEL_SCENE_H
#define TESTS_MODEL_SCENE_H

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pcpmm/model.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS 4

static uint64_t word[WORDS], seen[16];

static inline void *begin_words(const struct pcpmm_scene *scene)
{
	(void)scene;
	memset(word, 0, sizeof(word));
	memset(seen, 0, sizeof(seen));
	return word;
}

/* What was seen, and what is left, in one number. */
static inline uint64_t outcome_words(void *state)
{
	uint64_t hash = 14695981039346656037u;

	(void)state;
	for (unsigned int i = 0; i < 16; i++)
		hash = (hash ^ seen[i]) * 1099511628211u;
	for (unsigned int i = 0; i < WORDS; i++)
		hash = (hash ^ word[i]) * 1099511628211u;
	return hash;
}

static inline struct pcpmm_scene scene_of(
	unsigned int tasks, void (*run)(void *state, unsigned int task))
{
	return (struct pcpmm_scene){.name = "words",
		.tasks = tasks,
		.begin = begin_words,
		.run = run,
		.outcome = outcome_words};
}

static inline struct pcpmm_model_result explore_with(
	const struct pcpmm_scene *scene,
	const struct pcpmm_model_options *options)
{
	struct pcpmm_model_result result;

	assert_int_equal(pcpmm_model_run(scene, options, &result), 0);
	return result;
}

/* No preemption bound, no budget, seed 1. */
static inline struct pcpmm_model_result explore(const struct pcpmm_scene *scene,
	enum pcpmm_model_driver driver, uint64_t executions)
{
	const struct pcpmm_model_options options = {.driver = driver,
		.executions_max = executions,
		.seed = 1,
		.preemptions_max = UINT_MAX};

	return explore_with(scene, &options);
}

#endif
