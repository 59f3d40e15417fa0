/* SPDX-License-Identifier: MIT */
/* Drivers, verdicts, schedules: scenes whose outcomes are known. */
#include "scene.h"

#define ALL_DRIVERS(driver)                                                    \
	for (enum pcpmm_model_driver driver = PCPMM_MODEL_RANDOM;              \
		driver <= PCPMM_MODEL_DPOR; driver++)

/* Each driver finds @outcomes; the exhaustive ones say so, with so many executions. */
static void expect_outcomes(const struct pcpmm_scene *scene, uint64_t outcomes,
	uint64_t dfs, uint64_t dpor)
{
	ALL_DRIVERS(driver)
	{
		bool all = driver >= PCPMM_MODEL_DFS;
		struct pcpmm_model_result result =
			explore(scene, driver, all ? 0 : 2000);

		assert_int_equal(result.outcomes, outcomes);
		assert_int_equal(result.verdict,
			all ? PCPMM_MODEL_EXHAUSTED : PCPMM_MODEL_CLEAN);
		assert_true(driver == PCPMM_MODEL_DPOR || !result.redundant);
		if (driver == PCPMM_MODEL_DFS && dfs)
			assert_int_equal(result.executions, dfs);
		if (driver == PCPMM_MODEL_DPOR && dpor)
			assert_int_equal(result.executions, dpor);
		pcpmm_model_result_free(&result);
	}
}

/* --- litmus tests, sequentially consistent -------------------------------------------- */

static void increment(void *state, unsigned int task)
{
	(void)state, (void)task;
	pcpmm_model_store(&word[0], pcpmm_model_load(&word[0]) + 1);
}

/* Begin, load and store of each: 20 orders; 1 or 2 is left. */
static void test_lost_update(void **state)
{
	struct pcpmm_scene scene = scene_of(2, increment);

	(void)state;
	expect_outcomes(&scene, 2, 20, 4);
}

static void store_buffering(void *state, unsigned int task)
{
	(void)state;
	pcpmm_model_store(&word[task], 1);
	seen[task] = pcpmm_model_load(&word[!task]);
}

static void test_store_buffering(void **state)
{
	struct pcpmm_scene scene = scene_of(2, store_buffering);

	(void)state;
	expect_outcomes(&scene, 3, 20, 3);
}

static void message_passing(void *state, unsigned int task)
{
	(void)state;
	if (!task) {
		pcpmm_model_store(&word[0], 1);
		pcpmm_model_store(&word[1], 1);
	} else {
		seen[0] = pcpmm_model_load(&word[1]);
		seen[1] = pcpmm_model_load(&word[0]);
	}
}

static void test_message_passing(void **state)
{
	struct pcpmm_scene scene = scene_of(2, message_passing);

	(void)state;
	expect_outcomes(&scene, 3, 20, 3);
}

static void load_buffering(void *state, unsigned int task)
{
	(void)state;
	seen[task] = pcpmm_model_load(&word[task]);
	pcpmm_model_store(&word[!task], 1);
}

static void test_load_buffering(void **state)
{
	struct pcpmm_scene scene = scene_of(2, load_buffering);

	(void)state;
	expect_outcomes(&scene, 3, 20, 3);
}

static void independent_reads(void *state, unsigned int task)
{
	(void)state;
	if (task < 2) {
		pcpmm_model_store(&word[task], 1);
		return;
	}
	seen[2 * task] = pcpmm_model_load(&word[task == 3]);
	seen[2 * task + 1] = pcpmm_model_load(&word[task != 3]);
}

/* Of 16 results the one in which readers disagree on the order can not be. */
static void test_independent_reads(void **state)
{
	struct pcpmm_scene scene = scene_of(4, independent_reads);

	(void)state;
	expect_outcomes(&scene, 15, 0, 15);
}

static void two_writes(void *state, unsigned int task)
{
	(void)state;
	pcpmm_model_store(&word[task], 1);
	pcpmm_model_store(&word[!task], 2);
}

static void test_two_writes(void **state)
{
	struct pcpmm_scene scene = scene_of(2, two_writes);

	(void)state;
	expect_outcomes(&scene, 3, 20, 3);
}

static void apart(void *state, unsigned int task)
{
	(void)state;
	pcpmm_model_store(&word[task], 1);
	pcpmm_model_add(&word[task], 1);
}

static void test_independent_tasks(void **state)
{
	struct pcpmm_scene scene = scene_of(3, apart);

	(void)state;
	expect_outcomes(&scene, 1, 1680, 1);
}

static void add(void *state, unsigned int task)
{
	(void)state, (void)task;
	pcpmm_model_add(&word[0], 1);
}

static void test_atomic_adds(void **state)
{
	struct pcpmm_scene scene = scene_of(3, add);

	(void)state;
	expect_outcomes(&scene, 1, 90, 6);
}

/* --- failures ------------------------------------------------------------------------ */

static void expect_two(void *state)
{
	(void)state;
	if (word[0] != 2)
		pcpmm_model_fail("the word is %d", (int)word[0]);
}

static void expect_replay(const struct pcpmm_scene *scene,
	const struct pcpmm_model_result *failed)
{
	const struct pcpmm_model_options options = {
		.driver = PCPMM_MODEL_REPLAY, .schedule = failed->schedule};
	struct pcpmm_model_result again = explore_with(scene, &options);

	assert_int_equal(again.verdict, failed->verdict);
	assert_string_equal(again.message, failed->message);
	assert_string_equal(again.schedule, failed->schedule);
	assert_int_equal(again.trace_length, failed->trace_length);
	for (size_t i = 0; i < again.trace_length; i++) {
		assert_int_equal(again.trace[i].task, failed->trace[i].task);
		assert_int_equal(again.trace[i].line, failed->trace[i].line);
		assert_int_equal(again.trace[i].value, failed->trace[i].value);
	}
	pcpmm_model_result_free(&again);
}

static void test_violation(void **state)
{
	struct pcpmm_scene scene = scene_of(2, increment);

	(void)state;
	scene.check = expect_two;
	ALL_DRIVERS(driver)
	{
		struct pcpmm_model_result result =
			explore(&scene, driver, 1000);
		char *text = pcpmm_model_result_text(&result, true);

		assert_int_equal(result.verdict, PCPMM_MODEL_VIOLATION);
		assert_string_equal(result.message, "the word is 1");
		assert_non_null(text);
		assert_non_null(strstr(text, "atomic_store_relaxed_u64 = 1"));
		free(text);
		expect_replay(&scene, &result);
		pcpmm_model_result_free(&result);
	}
}

static unsigned int switches_of(const struct pcpmm_model_result *result)
{
	unsigned int nr = 0;

	for (size_t i = 0; i < result->trace_length; i++)
		nr += result->trace[i].switched;
	return nr;
}

static void many_increments(void *state, unsigned int task)
{
	for (int i = 0; i < 4; i++) {
		pcpmm_model_load(&word[1 + task]);
		increment(state, task);
	}
}

static void expect_eight(void *state)
{
	(void)state;
	if (word[0] != 8)
		pcpmm_model_fail("not eight");
}

/* Two switches are enough to lose an update, and the least. */
static void test_shorten(void **state)
{
	struct pcpmm_scene scene = scene_of(2, many_increments);
	struct pcpmm_model_options options = {
		.driver = PCPMM_MODEL_RANDOM, .seed = 3};
	struct pcpmm_model_result whole, result;

	(void)state;
	scene.check = expect_eight;
	whole = explore_with(&scene, &options);
	options.shorten = true;
	result = explore_with(&scene, &options);
	assert_int_equal(result.verdict, PCPMM_MODEL_VIOLATION);
	assert_true(switches_of(&whole) > 2);
	assert_int_equal(switches_of(&result), 2);
	expect_replay(&scene, &result);
	pcpmm_model_result_free(&whole);
	pcpmm_model_result_free(&result);
}

static void lock(uint64_t *it)
{
	while (pcpmm_model_cmpxchg(it, 0, 1))
		pcpmm_model_await(it, 0);
}

static void abba(void *state, unsigned int task)
{
	(void)state;
	lock(&word[task]);
	lock(&word[!task]);
	pcpmm_model_store(&word[task], 0);
	pcpmm_model_store(&word[!task], 0);
}

static void test_deadlock(void **state)
{
	struct pcpmm_scene scene = scene_of(2, abba);

	(void)state;
	ALL_DRIVERS(driver)
	{
		struct pcpmm_model_result result =
			explore(&scene, driver, 1000);

		assert_int_equal(result.verdict, PCPMM_MODEL_DEADLOCK);
		assert_non_null(strstr(result.message, "pcpmm_model_await"));
		expect_replay(&scene, &result);
		pcpmm_model_result_free(&result);
	}
}

static void in_order(void *state, unsigned int task)
{
	(void)state, (void)task;
	lock(&word[0]);
	lock(&word[1]);
	pcpmm_model_store(&word[1], 0);
	pcpmm_model_store(&word[0], 0);
}

static void test_no_deadlock(void **state)
{
	struct pcpmm_scene scene = scene_of(2, in_order);

	(void)state;
	ALL_DRIVERS(driver)
	{
		struct pcpmm_model_result result =
			explore(&scene, driver, 5000);

		assert_in_range(result.verdict, PCPMM_MODEL_EXHAUSTED,
			PCPMM_MODEL_CLEAN);
		assert_int_equal(result.outcomes, 1);
		pcpmm_model_result_free(&result);
	}
}

static void spins_for_ever(void *state, unsigned int task)
{
	(void)state;
	if (task)
		return;
	while (!pcpmm_model_load(&word[0]))
		pcpmm_model_add(&word[1], 1);
}

static void test_livelock(void **state)
{
	struct pcpmm_scene scene = scene_of(2, spins_for_ever);
	const struct pcpmm_model_options options = {
		.driver = PCPMM_MODEL_DPOR, .steps_max = 500};
	struct pcpmm_model_result result = explore_with(&scene, &options);

	(void)state;
	assert_int_equal(result.verdict, PCPMM_MODEL_LIVELOCK);
	assert_non_null(strstr(result.message, "more than 500 steps"));
	pcpmm_model_result_free(&result);
}

/* --- budgets, seeds, refusals ---------------------------------------------------------- */

static void test_budget(void **state)
{
	struct pcpmm_scene scene = scene_of(3, add);

	(void)state;
	ALL_DRIVERS(driver)
	{
		struct pcpmm_model_result result = explore(&scene, driver, 5);

		assert_int_equal(result.executions, 5);
		assert_int_equal(result.verdict, PCPMM_MODEL_CLEAN);
		pcpmm_model_result_free(&result);
	}
}

/* A bound leaves schedules out, so it exhausts nothing; none finds no loss. */
static void test_preemption_bound(void **state)
{
	struct pcpmm_scene scene = scene_of(2, increment);
	struct pcpmm_model_options options = {.driver = PCPMM_MODEL_DFS};
	struct pcpmm_model_result result;
	uint64_t before = 0;

	(void)state;
	for (unsigned int bound = 0; bound < 3; bound++) {
		options.preemptions_max = bound;
		result = explore_with(&scene, &options);
		assert_int_equal(result.verdict, PCPMM_MODEL_CLEAN);
		assert_int_equal(result.outcomes, bound ? 2 : 1);
		assert_true(result.executions > before);
		before = result.executions;
		pcpmm_model_result_free(&result);
	}
	assert_in_range(before, 3, 20);
}

static void test_seed(void **state)
{
	struct pcpmm_scene scene = scene_of(2, many_increments);
	struct pcpmm_model_options options = {
		.driver = PCPMM_MODEL_RANDOM, .executions_max = 50};
	struct pcpmm_model_result result[3];

	(void)state;
	scene.check = expect_eight;
	for (unsigned int i = 0; i < 3; i++) {
		options.seed = i / 2;
		result[i] = explore_with(&scene, &options);
		assert_non_null(result[i].schedule);
	}
	assert_string_equal(result[0].schedule, result[1].schedule);
	assert_string_not_equal(result[0].schedule, result[2].schedule);
	for (unsigned int i = 0; i < 3; i++)
		pcpmm_model_result_free(&result[i]);
}

static unsigned int calls;

static void other_each_time(void *state, unsigned int task)
{
	(void)state;
	if (task || calls++ % 2)
		pcpmm_model_await(&word[task], 0);
	pcpmm_model_store(&word[calls % 2], 1);
	if (calls % 3)
		pcpmm_model_await(&word[3], 0);
}

static void test_not_deterministic(void **state)
{
	struct pcpmm_scene scene = scene_of(2, other_each_time);
	struct pcpmm_model_result result =
		explore(&scene, PCPMM_MODEL_DFS, 100);

	(void)state;
	assert_true(result.verdict == PCPMM_MODEL_VIOLATION ||
		    result.verdict == PCPMM_MODEL_DEADLOCK);
	pcpmm_model_result_free(&result);
}

static void expect_refused(const struct pcpmm_scene *scene,
	const struct pcpmm_model_options *options)
{
	struct pcpmm_model_result result;

	assert_int_equal(pcpmm_model_run(scene, options, &result), -22);
	assert_true(result.message[0]);
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"x", "1*", "1,,2", "1*0", "99", "1,", "1!!", "-1", NULL};
	struct pcpmm_scene scene = scene_of(2, add), none = scene_of(0, add);
	struct pcpmm_scene many = scene_of(17, add), empty = scene_of(2, NULL);
	struct pcpmm_model_options options = {.driver = PCPMM_MODEL_RANDOM};

	(void)state;
	expect_refused(&none, &options);
	expect_refused(&many, &options);
	expect_refused(&empty, &options);
	options.driver = PCPMM_MODEL_PCT;
	options.depth = 9;
	expect_refused(&scene, &options);
	options.driver = PCPMM_MODEL_REPLAY;
	for (size_t i = 0; bad[i]; i++) {
		options.schedule = bad[i];
		expect_refused(&scene, &options);
	}
	assert_null(pcpmm_model_driver_name(99));
	assert_null(pcpmm_model_verdict_name(99));
}

/* A schedule that leads elsewhere is followed as far as it goes, and that is said. */
static void test_bad_schedule(void **state)
{
	struct pcpmm_scene scene = scene_of(2, add);
	const struct pcpmm_model_options options = {
		.driver = PCPMM_MODEL_REPLAY, .schedule = "1*2,7,2*2"};
	struct pcpmm_model_result result = explore_with(&scene, &options);

	(void)state;
	assert_int_equal(result.verdict, PCPMM_MODEL_BAD_SCHEDULE);
	pcpmm_model_result_free(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lost_update),
		cmocka_unit_test(test_store_buffering),
		cmocka_unit_test(test_message_passing),
		cmocka_unit_test(test_load_buffering),
		cmocka_unit_test(test_independent_reads),
		cmocka_unit_test(test_two_writes),
		cmocka_unit_test(test_independent_tasks),
		cmocka_unit_test(test_atomic_adds),
		cmocka_unit_test(test_violation),
		cmocka_unit_test(test_shorten),
		cmocka_unit_test(test_deadlock),
		cmocka_unit_test(test_no_deadlock),
		cmocka_unit_test(test_livelock),
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_preemption_bound),
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_not_deterministic),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bad_schedule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
