/* SPDX-License-Identifier: MIT */
/* One scene, execution after execution, until a driver has no more or one fails. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/rcu_flavour.h"
#include "outcomes.h"
#include "search.h"
#include "tasks.h"
#include "trap.h"

#define EXECUTIONS_DEFAULT 10000
#define STEPS_DEFAULT 10000
#define PROGRESS_EVERY 1024 /* executions */

struct explorer {
	const struct pcpmm_scene *scene;
	const struct pcpmm_model_options *options;
	struct pcpmm_model_result *result;
	struct search search;
	struct outcomes outcomes;
	/* This execution. */
	void *state;
	unsigned int arrived, finished;
	bool go, over;
};

struct actor {
	struct explorer *explorer;
	unsigned int id;
};

/* --- one execution ----------------------------------------------------------------- */

static bool may_go(const void *explorer)
{
	return ((const struct explorer *)explorer)->go;
}

static bool is_over(const void *explorer)
{
	return ((const struct explorer *)explorer)->over;
}

static bool all_arrived(const void *arg)
{
	const struct explorer *explorer = arg;

	return explorer->arrived == explorer->scene->tasks;
}

static bool all_finished(void *arg)
{
	const struct explorer *explorer = arg;

	return explorer->finished == explorer->scene->tasks;
}

/* A task that waits sleeps: it is quiescent to RCU, as arch/wait.h says. */
static void sleep_until(
	bool (*ready)(const void *arg), const struct explorer *explorer)
{
	bool was_online = rcu_offline();

	model_wait(MODEL_WAIT, NULL, 0, false, ready, explorer);
	rcu_online(was_online);
}

static void actor_main(void *arg)
{
	struct actor *actor = arg;
	struct explorer *explorer = actor->explorer;
	const struct pcpmm_scene *scene = explorer->scene;

	if (scene->enter)
		scene->enter(explorer->state, actor->id);
	explorer->arrived++;
	MODEL_AT(task begins);
	sleep_until(may_go, explorer);
	scene->run(explorer->state, actor->id);
	explorer->finished++;
	MODEL_AT(task has ended);
	sleep_until(is_over, explorer);
	if (scene->leave)
		scene->leave(explorer->state, actor->id);
}

static void scene_main(void *arg)
{
	struct explorer *explorer = arg;
	const struct pcpmm_scene *scene = explorer->scene;
	struct actor actors[PCPMM_MODEL_TASKS_MAX];
	struct model_task *tasks[PCPMM_MODEL_TASKS_MAX];

	explorer->arrived = explorer->finished = 0;
	explorer->go = explorer->over = false;
	explorer->state = scene->begin ? scene->begin(scene) : explorer;
	if (!explorer->state)
		model_fail("the scene can not begin");
	for (unsigned int i = 0; i < scene->tasks; i++) {
		actors[i] = (struct actor){explorer, i};
		tasks[i] = model_task_start(actor_main, &actors[i]);
		if (!tasks[i])
			model_fail("no task is left for the scene");
	}
	MODEL_AT(tasks arrive);
	model_wait(MODEL_WAIT, NULL, 0, false, all_arrived, explorer);
	explorer->go = true;
	model_explore(all_finished, explorer);
	explorer->over = true;
	for (unsigned int i = 0; i < scene->tasks; i++) {
		MODEL_AT(tasks leave);
		model_wait(MODEL_WAIT, NULL, 0, false, model_task_has_ended,
			tasks[i]);
		model_task_forget(tasks[i]);
	}
	if (scene->check)
		scene->check(explorer->state);
	if (scene->outcome && !outcomes_add(&explorer->outcomes,
				      scene->outcome(explorer->state)))
		explorer->search.no_memory = true;
	if (scene->end)
		scene->end(explorer->state);
}

/* --- the trail ------------------------------------------------------------------------ */

static void note_value(struct trail *trail)
{
	if (trail->nr)
		trail->at[trail->nr - 1].value = model_last_value();
}

static void note(struct trail *trail, unsigned int choice)
{
	if (trail->nr == trail->cap) {
		size_t cap = trail->cap ? 2 * trail->cap : 1024;
		struct step *more = realloc(trail->at, cap * sizeof(*more));

		if (!more) {
			trail->no_memory = true;
			return;
		}
		trail->at = more;
		trail->cap = cap;
	}
	trail->at[trail->nr++] = (struct step){
		.choice = (uint8_t)choice, .op = model_announced(choice)};
}

static unsigned int choose(void *arg, uint64_t enabled, unsigned int last)
{
	struct search *search = arg;
	unsigned int choice = search->ops->choose(search, enabled, last);

	note_value(&search->trail);
	note(&search->trail, choice);
	return choice;
}

/* --- results ----------------------------------------------------------------------------- */

static void keep_trace(struct pcpmm_model_result *result, struct trail *trail)
{
	note_value(trail);
	result->schedule = schedule_write(trail);
	trace_keep(result, trail);
}

static enum pcpmm_model_verdict verdict_of(enum model_end end)
{
	switch (end) {
	case MODEL_STUCK:
		return PCPMM_MODEL_DEADLOCK;
	case MODEL_TOO_LONG:
		return PCPMM_MODEL_LIVELOCK;
	default:
		return PCPMM_MODEL_VIOLATION;
	}
}

/*
 * The machine of an execution that failed stays as it was: its tasks are in the middle of
 * something, and nobody can tell what is safe to free.
 */
static struct wreck {
	void *state;
	struct wreck *before;
} * wrecks;

static void keep_wreck(void *state)
{
	struct wreck *wreck = malloc(sizeof(*wreck));

	if (!wreck)
		return;
	*wreck = (struct wreck){state, wrecks};
	wrecks = wreck;
}

/* false: no further execution. */
static bool execute(
	struct explorer *explorer, const struct model_driver *driver)
{
	struct pcpmm_model_result *result = explorer->result;
	struct search *search = &explorer->search;
	enum model_end end;

	search->trail.nr = 0;
	explorer->state = NULL;
	search->redundant = search->free_run = search->astray = false;
	end = model_execute(driver, scene_main, explorer);
	result->steps += search->trail.nr;
	if (search->trail.nr > result->longest)
		result->longest = search->trail.nr;
	if (end != MODEL_DONE) {
		result->verdict = verdict_of(end);
		snprintf(result->message, sizeof(result->message), "%s",
			model_message());
		result->executions++;
		keep_trace(result, &search->trail);
		keep_wreck(explorer->state);
		return false;
	}
	if (search->redundant)
		result->redundant++;
	else
		result->executions++;
	if (explorer->options->driver == PCPMM_MODEL_REPLAY) {
		if (search->astray)
			result->verdict = PCPMM_MODEL_BAD_SCHEDULE;
		keep_trace(result, &search->trail);
	}
	return !search->trail.no_memory && !search->no_memory;
}

static bool goes_on(const struct explorer *explorer, uint64_t max)
{
	const struct pcpmm_model_options *options = explorer->options;
	const struct pcpmm_model_result *result = explorer->result;
	uint64_t nr = result->executions + result->redundant;

	if (max && nr >= max)
		return false;
	return !options->progress || nr % PROGRESS_EVERY ||
	       options->progress(options->progress_arg, nr, result->steps);
}

static uint64_t executions_max(const struct pcpmm_model_options *options)
{
	bool all = options->driver == PCPMM_MODEL_DFS ||
		   options->driver == PCPMM_MODEL_DPOR;

	return options->executions_max || all ? options->executions_max
					      : EXECUTIONS_DEFAULT;
}

static void explore(struct explorer *explorer)
{
	const struct pcpmm_model_options *options = explorer->options;
	struct search *search = &explorer->search;
	const struct model_driver driver = {.arg = search,
		.choose = choose,
		.max_steps = options->steps_max ? options->steps_max
						: STEPS_DEFAULT};
	uint64_t max = executions_max(options);

	explorer->result->verdict = PCPMM_MODEL_CLEAN;
	while (execute(explorer, &driver) && search->ops->next(search) &&
		goes_on(explorer, max))
		;
	/* A bound on preemptions leaves schedules out. */
	if (search->exhausted &&
		(options->driver == PCPMM_MODEL_DPOR ||
			options->preemptions_max == UINT32_MAX))
		explorer->result->verdict = PCPMM_MODEL_EXHAUSTED;
}

/* --- the run ------------------------------------------------------------------------------ */

static int begin(struct explorer *explorer)
{
	switch (explorer->options->driver) {
	case PCPMM_MODEL_RANDOM:
		return search_random(&explorer->search);
	case PCPMM_MODEL_PCT:
		return search_pct(&explorer->search);
	case PCPMM_MODEL_DFS:
		return search_tree(&explorer->search, false);
	case PCPMM_MODEL_DPOR:
		return search_tree(&explorer->search, true);
	case PCPMM_MODEL_REPLAY:
		return search_replay(&explorer->search);
	}
	return -EINVAL;
}

static int refuse(struct pcpmm_model_result *result, const char *why)
{
	snprintf(result->message, sizeof(result->message), "%s", why);
	return -EINVAL;
}

int pcpmm_model_run(const struct pcpmm_scene *scene,
	const struct pcpmm_model_options *options,
	struct pcpmm_model_result *result)
{
	struct explorer explorer = {
		.scene = scene, .options = options, .result = result};
	double start = model_host_seconds();
	int ret;

	memset(result, 0, sizeof(*result));
	if (!scene->run || !scene->tasks ||
		scene->tasks > PCPMM_MODEL_TASKS_MAX)
		return refuse(result, "a scene has a function run and 1 to 16 "
				      "tasks");
	if (model_is_running())
		return refuse(result, "a scene can not explore another one");
	explorer.search.options = options;
	ret = begin(&explorer);
	if (ret == -EINVAL)
		return refuse(
			result, options->driver == PCPMM_MODEL_REPLAY
					? "the schedule is none: \"0*3,1,0!\""
					: "no such driver, or depth is over 8");
	if (ret)
		return ret;
	ret = trap_begin();
	if (!ret) {
		explore(&explorer);
		trap_end();
	}
	if (options->shorten && result->schedule &&
		result->verdict != PCPMM_MODEL_LIVELOCK)
		shorten(scene, options, result);
	if (explorer.search.no_memory || explorer.search.trail.no_memory)
		ret = -ENOMEM;
	result->outcomes = explorer.outcomes.nr;
	result->outcomes_hash = explorer.outcomes.hash;
	outcomes_fini(&explorer.outcomes);
	explorer.search.ops->fini(&explorer.search);
	free(explorer.search.trail.at);
	model_fini();
	result->seconds = model_host_seconds() - start;
	if (ret)
		pcpmm_model_result_free(result);
	return ret;
}

void pcpmm_model_result_free(struct pcpmm_model_result *result)
{
	free(result->schedule);
	free(result->trace);
	result->schedule = NULL;
	result->trace = NULL;
	result->trace_length = 0;
}
