/* SPDX-License-Identifier: MIT */
/*
 * A failure with fewer switches of task: entries of its schedule are left out one by one,
 * as long as the execution fails in the same way.
 */
#include <stdlib.h>
#include <string.h>

#include "search.h"

static unsigned int switches(const struct pcpmm_model_result *result)
{
	unsigned int nr = 0;

	for (size_t i = 0; i < result->trace_length; i++)
		nr += result->trace[i].switched || result->trace[i].interrupt;
	return nr;
}

/* @schedule without its entry @nth. malloc()ed, or NULL: there is none, or no memory. */
static char *without_entry(const char *schedule, unsigned int nth)
{
	const char *from = schedule, *to;
	char *text;
	size_t before;

	while (nth-- && from) {
		from = strchr(from, ',');
		from = from ? from + 1 : NULL;
	}
	if (!from)
		return NULL;
	to = strchr(from, ',');
	to = to ? to + 1 : from + strlen(from);
	text = malloc(strlen(schedule) + 1);
	if (!text)
		return NULL;
	before = (size_t)(from - schedule);
	memcpy(text, schedule, before);
	strcpy(text + before, to);
	before = strlen(text);
	if (before && text[before - 1] == ',')
		text[before - 1] = '\0';
	return text;
}

static void run_schedule(const struct pcpmm_scene *scene,
	struct pcpmm_model_options options, const char *schedule,
	struct pcpmm_model_result *result)
{

	options.driver = PCPMM_MODEL_REPLAY;
	options.schedule = schedule;
	options.shorten = false;
	options.progress = NULL;
	if (pcpmm_model_run(scene, &options, result))
		result->verdict = PCPMM_MODEL_CLEAN;
}

/* The same failure with fewer switches replaces the result's; true: it did. */
static bool try_without(const struct pcpmm_scene *scene,
	const struct pcpmm_model_options *options,
	struct pcpmm_model_result *result, unsigned int nth, bool *end)
{
	struct pcpmm_model_result shorter;
	char *schedule = without_entry(result->schedule, nth);
	bool better;

	*end = !schedule;
	if (!schedule)
		return false;
	run_schedule(scene, *options, schedule, &shorter);
	free(schedule);
	better = shorter.verdict == result->verdict && shorter.schedule &&
		 shorter.trace && switches(&shorter) < switches(result);
	if (!better) {
		pcpmm_model_result_free(&shorter);
		return false;
	}
	pcpmm_model_result_free(result);
	result->schedule = shorter.schedule;
	result->trace = shorter.trace;
	result->trace_length = shorter.trace_length;
	memcpy(result->message, shorter.message, sizeof(result->message));
	return true;
}

void shorten(const struct pcpmm_scene *scene,
	const struct pcpmm_model_options *options,
	struct pcpmm_model_result *result)
{
	bool again = true, end;

	while (again) {
		again = false;
		for (unsigned int nth = 0;; nth++) {
			if (try_without(scene, options, result, nth, &end))
				again = true;
			if (end)
				break;
		}
	}
}
