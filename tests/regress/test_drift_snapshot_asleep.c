/* SPDX-License-Identifier: MIT */
/*
 * Reader drift_snapshot: kswapd's own checks always read a snapshot below the drift
 * mark. In 2.6.36 all checks do so only while nobody is on kswapd's wait queue, and
 * kswapd is on it when it looks whether it may sleep.
 */
#include "support/pressure.h"

#define CPUS 16
#define HIDDEN 4 /* pages in the diff of each CPU but 0 */

static struct pressure scene;

static void fold_all(void)
{
	for (unsigned int id = 0; id < CPUS; id++) {
		struct pcpmm_cpu *cpu =
			id ? pcpmm_cpu_enter(scene.machine, id) : scene.cpu;

		assert_true(pcpmm_vmstat_fold(cpu, 0) >= 0);
		if (id)
			assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	}
}

static void hide(void)
{
	for (unsigned int id = 1; id < CPUS; id++) {
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(scene.machine, id);

		hoard_give(&scene.hoard, cpu, HIDDEN);
		assert_int_equal(pcpmm_drain_local_pages(cpu, 0, ALL), 0);
		assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	}
}

/* Free pages, all counted, from below low up to @free. */
static void fill_to(uint64_t free)
{
	hoard_give(&scene.hoard, scene.cpu,
		(unsigned int)(free - truth_of(scene.machine, NORMAL).free));
	assert_int_equal(pcpmm_drain_local_pages(scene.cpu, 0, ALL), 0);
	fold_all();
}

/* The counter is below high, a snapshot above it. */
static void scene_init(enum pcpmm_reader reader)
{
	struct pcpmm_zone_truth truth;
	struct stage stage;

	pressure_init(&stage, CPUS, 0);
	stage.config.reader = reader;
	pressure_begin(&scene, &stage);
	assert_int_equal(pcpmm_kswapd_start(scene.machine, 0), 0);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	assert_null(pcpmm_alloc_pages(scene.cpu, PCPMM_GFP_NOWAIT, 0));
	assert_true(kswapd_of(scene.machine).woken);
	fill_to(truth_of(scene.machine, NORMAL).high - 10);
	hide();
	truth = truth_of(scene.machine, NORMAL);
	assert_true(truth.nr_free_pages <= (int64_t)truth.high);
	assert_true(truth.snapshot > (int64_t)truth.high);
	assert_true(truth.nr_free_pages < (int64_t)truth.drift_mark);
}

static void test_it_does_not_sleep_until_a_fold(void **state)
{
	(void)state;
	scene_init(PCPMM_READER_DRIFT_SNAPSHOT);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(pcpmm_kswapd_run(scene.cpu, 0), 0);
		assert_true(kswapd_of(scene.machine).awake);
		assert_int_equal(kswapd_of(scene.machine).failures, 0);
	}
	fold_all();
	assert_int_equal(pcpmm_kswapd_run(scene.cpu, 0), 0);
	assert_false(kswapd_of(scene.machine).awake);
	pressure_end(&scene);
}

/* Later kernels' kswapd believes the snapshot all the time. */
static void test_later_it_sleeps(void **state)
{
	(void)state;
	scene_init(PCPMM_READER_PRESSURE_THRESHOLD);
	assert_int_equal(pcpmm_kswapd_run(scene.cpu, 0), 0);
	assert_false(kswapd_of(scene.machine).awake);
	pressure_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_does_not_sleep_until_a_fold),
		cmocka_unit_test(test_later_it_sleeps),
	};

	return cmocka_run_group_tests_name(
		"drift_snapshot_asleep", tests, NULL, NULL);
}
