/* SPDX-License-Identifier: MIT */
/* What a report tells of an execution; as a table: a row a step, a column a task. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search.h"

#define COLUMN 34 /* characters of a task */
#define DULL_MIN 3 /* fewer steps of a task's own are not left out */

/* --- from the trail ------------------------------------------------------------------ */

/* Names of src/arch end in what they are about. */
static bool is_pointer(const struct model_where *where)
{
	size_t length = strlen(where->operation);

	return length > 4 && !strcmp(where->operation + length - 4, "_ptr");
}

/* @pointer's number from 1 in @seen, which has room for one more. */
static uint64_t number_of(uint64_t pointer, uint64_t *seen, size_t *nr_seen)
{
	size_t i = 0;

	if (!pointer)
		return 0;
	while (i < *nr_seen && seen[i] != pointer)
		i++;
	if (i == *nr_seen)
		seen[(*nr_seen)++] = pointer;
	return i + 1;
}

static struct pcpmm_model_step told(const struct step *step)
{
	static const struct model_where nowhere = {"", "", "", 0};
	const struct model_where *where =
		step->op.where ? step->op.where : &nowhere;

	return (struct pcpmm_model_step){
		.task = step->choice % MODEL_TASKS,
		.interrupt = step->choice >= MODEL_TASKS,
		.operation = where->operation,
		.function = where->function,
		.file = where->file,
		.line = where->line,
		.value = step->value,
		.has_value = step->op.size &&
			     step->op.size <= sizeof(uint64_t) &&
			     step->choice < MODEL_TASKS,
		.is_pointer = is_pointer(where),
	};
}

/* Another task's step in the execution may matter to this one. */
static bool is_shared(const struct trail *trail, size_t nth)
{
	const struct step *step = &trail->at[nth];

	for (size_t i = 0; i < trail->nr; i++) {
		const struct step *other = &trail->at[i];

		if (other->choice % MODEL_TASKS != step->choice % MODEL_TASKS &&
			steps_depend(step->choice, &step->op, other->choice,
				&other->op))
			return true;
	}
	return false;
}

void trace_keep(struct pcpmm_model_result *result, const struct trail *trail)
{
	uint64_t *seen = calloc(trail->nr + 1, sizeof(*seen));
	size_t nr_seen = 0;

	result->trace = calloc(trail->nr + 1, sizeof(*result->trace));
	result->trace_length = result->trace && seen ? trail->nr : 0;
	for (size_t i = 0; i < result->trace_length; i++) {
		struct pcpmm_model_step *step = &result->trace[i];

		*step = told(&trail->at[i]);
		step->switched = i && step->task != step[-1].task;
		step->shared = is_shared(trail, i);
		if (step->is_pointer)
			step->value = number_of(step->value, seen, &nr_seen);
	}
	free(seen);
}

/* --- as a table ------------------------------------------------------------------------ */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static unsigned int last_task(const struct pcpmm_model_result *result)
{
	unsigned int last = 0;

	for (size_t i = 0; i < result->trace_length; i++)
		if (result->trace[i].task > last)
			last = result->trace[i].task;
	return last;
}

static int column_of(const struct pcpmm_model_step *step)
{
	return (int)((step->task ? step->task - 1 : 0) * COLUMN);
}

static void print_value(FILE *out, const struct pcpmm_model_step *step)
{
	if (!step->is_pointer)
		fprintf(out, " = %" PRIu64, step->value);
	else if (step->value)
		fprintf(out, " = p%" PRIu64, step->value);
	else
		fprintf(out, " = NULL");
}

static void print_step(FILE *out, const struct pcpmm_model_step *step, size_t i)
{
	fprintf(out, "%4zu %c %*s%s%s", i, step->switched ? '>' : ' ',
		column_of(step), "", step->interrupt ? "INTERRUPT " : "",
		step->operation);
	if (step->has_value)
		print_value(out, step);
	fprintf(out, "  %s() %s:%u\n", step->function, base_name(step->file),
		step->line);
}

/* A step that only its own task can see, in a row of such steps. */
static bool is_dull(const struct pcpmm_model_result *result, size_t nth)
{
	const struct pcpmm_model_step *step = &result->trace[nth];

	return !step->shared && !step->switched && !step->interrupt && nth &&
	       nth + 1 < result->trace_length && !step[1].switched;
}

/* The steps from @nth on that are left out. */
static size_t dull_from(const struct pcpmm_model_result *result, size_t nth)
{
	size_t end = nth;

	while (end < result->trace_length && is_dull(result, end))
		end++;
	return end - nth;
}

static void print_steps(
	FILE *out, const struct pcpmm_model_result *result, bool all)
{
	for (size_t i = 0; i < result->trace_length; i++) {
		size_t dull = all ? 0 : dull_from(result, i);

		if (dull < DULL_MIN) {
			print_step(out, &result->trace[i], i);
			continue;
		}
		fprintf(out, "       %*s... %zu steps of its own\n",
			column_of(&result->trace[i]), "", dull);
		i += dull - 1;
	}
}

char *pcpmm_model_result_text(const struct pcpmm_model_result *result, bool all)
{
	char *text = NULL;
	size_t size;
	FILE *out;

	if (!result->trace)
		return NULL;
	out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	fprintf(out, "step   ");
	for (unsigned int i = 1; i <= last_task(result); i++)
		fprintf(out, "task %-*u", COLUMN - 5, i);
	fputc('\n', out);
	print_steps(out, result, all);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
