/* SPDX-License-Identifier: MIT */
/*
 * The last steps of a failing allocation were not the kernel's. The OOM killer's
 * last look kept the request's reserves; reserves were added to the flags instead
 * of replacing them; __GFP_MEMALLOC did not reclaim; __GFP_NOFAIL got no page
 * below min; an OOM victim got none, either; a killed task did not reclaim.
 */
#include "support/pressure.h"

static struct pressure scene;
static unsigned int shrinks, ooms;

static void scene_init(void)
{
	struct stage stage;

	pressure_init(&stage, 1, 0);
	pressure_begin(&scene, &stage);
	shrinks = ooms = 0;
}

static void scene_end(void)
{
	pcpmm_reclaim_set(scene.machine, NULL, NULL);
	pcpmm_oom_set(scene.machine, NULL, NULL);
	pressure_end(&scene);
}

static unsigned long shrink(struct pcpmm_cpu *cpu, unsigned int order,
	unsigned long target, void *arg)
{
	(void)cpu, (void)order, (void)target, (void)arg;
	shrinks++;
	return 0;
}

static bool oom(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order, void *arg)
{
	(void)cpu, (void)gfp, (void)order;
	ooms++;
	return arg;
}

static bool alloc(uint32_t gfp, unsigned int order)
{
	struct pcpmm_page *page = pcpmm_alloc_pages(scene.cpu, gfp, order);

	if (page && order)
		assert_int_equal(pcpmm_free_pages(scene.cpu, page, order), 0);
	else if (page)
		scene.hoard.page[scene.hoard.nr++] = page;
	return page;
}

static void drain(void)
{
	assert_int_equal(pcpmm_drain_local_pages(scene.cpu, 0, ALL), 0);
}

/* Free pages in the zone, nothing on the list, all counted. */
static void scene_with(uint64_t free)
{
	scene_init();
	hoard_all(&scene.hoard, scene.cpu, PCPMM___GFP_MEMALLOC);
	hoard_give(&scene.hoard, scene.cpu, (unsigned int)free);
	drain();
	assert_true(pcpmm_vmstat_fold(scene.cpu, 0) >= 0);
	assert_int_equal(truth_of(scene.machine, NORMAL).free, free);
	assert_int_equal(truth_of(scene.machine, NORMAL).nr_free_pages, free);
}

static struct pcpmm_zone_truth marks(void)
{
	struct pcpmm_zone_truth truth;

	scene_init();
	truth = truth_of(scene.machine, NORMAL);
	scene_end();
	return truth;
}

/* --- reserves replace the other flags ------------------------------------ */

/*
 * A request that can not block may take the last blocks of the high-atomic
 * reserve; with __GFP_MEMALLOC it ignores all marks instead, but not the reserve.
 */
static void test_reserves_replace_other_flags(void **state)
{
	const uint32_t no_marks =
		PCPMM___GFP_MEMALLOC | PCPMM___GFP_DIRECT_RECLAIM;

	(void)state;
	scene_init();
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	/* Sets a pageblock aside, with the free pages in it. */
	assert_true(alloc(PCPMM_GFP_ATOMIC, 2));
	drain();
	hoard_all(&scene.hoard, scene.cpu, no_marks);
	hoard_all(&scene.hoard, scene.cpu, PCPMM_GFP_ATOMIC);
	assert_true(truth_of(scene.machine, NORMAL).free > 0);
	assert_false(alloc(PCPMM_GFP_ATOMIC | PCPMM___GFP_MEMALLOC, 0));
	scene_end();
}

/* --- who reclaims -------------------------------------------------------- */

static void test_memalloc_alone_reclaims(void **state)
{
	(void)state;
	scene_with(0);
	pcpmm_reclaim_set(scene.machine, shrink, NULL);
	assert_false(alloc(
		PCPMM_GFP_KERNEL | PCPMM___GFP_MEMALLOC | PCPMM___GFP_NORETRY,
		0));
	assert_int_equal(shrinks, 1);
	scene_end();
}

static void test_a_killed_task_reclaims(void **state)
{
	(void)state;
	scene_with(0);
	pcpmm_reclaim_set(scene.machine, shrink, NULL);
	pcpmm_cpu_kill(scene.cpu);
	assert_false(alloc(ONE_PASS, 0));
	assert_int_equal(shrinks, 1);
	scene_end();
}

/* --- not below ... ------------------------------------------------------- */

static void test_nofail_goes_to_half_of_min(void **state)
{
	const uint32_t gfp = PCPMM___GFP_NOFAIL | PCPMM_GFP_KERNEL;
	uint64_t min = marks().min;

	(void)state;
	scene_with(min / 2 + 1);
	assert_false(alloc(PCPMM_GFP_KERNEL, 0));
	assert_false(alloc(PCPMM___GFP_NOFAIL, 0)); /* must be able to wait */
	assert_true(alloc(gfp, 0));
	scene_end();
	scene_with(min / 2);
	assert_false(alloc(gfp, 0));
	/* After reclaim, if there is something to reclaim from. */
	pcpmm_reclaim_set(scene.machine, shrink, NULL);
	assert_false(alloc(gfp, 0));
	assert_true(shrinks > 0);
	scene_end();
}

/* --- OOM ----------------------------------------------------------------- */

/* Frees 10 pages in the last pass, after which the lists are not looked at. */
static unsigned long give_at_last(struct pcpmm_cpu *cpu, unsigned int order,
	unsigned long target, void *arg)
{
	(void)order, (void)target, (void)arg;
	if (!shrinks++) {
		hoard_give(&scene.hoard, cpu, 10);
		pcpmm_drain_local_pages(cpu, 0, ALL);
	}
	return 0;
}

/*
 * A request that may ignore the marks finds these pages in its next round, not at
 * the OOM killer's look, for which the zone has to be above high.
 */
static void test_the_last_look_uses_no_reserves(void **state)
{
	(void)state;
	scene_with(0);
	pcpmm_reclaim_set(scene.machine, give_at_last, NULL);
	pcpmm_oom_set(scene.machine, oom, &scene);
	assert_true(alloc(PCPMM_GFP_KERNEL | PCPMM___GFP_MEMALLOC, 0));
	assert_int_equal(ooms, 1);
	scene_end();
}

/* A killed task becomes the victim itself, and goes down to half of min. */
static void test_a_killed_task_is_the_victim(void **state)
{
	uint64_t min = marks().min;

	(void)state;
	scene_with(min / 2 + 1);
	pcpmm_oom_set(scene.machine, oom, &scene);
	pcpmm_cpu_kill(scene.cpu);
	assert_false(alloc(PCPMM_GFP_KERNEL | PCPMM___GFP_NOMEMALLOC, 0));
	assert_true(alloc(PCPMM_GFP_KERNEL, 0));
	assert_int_equal(ooms, 0);
	assert_int_equal(vmstat_of(scene.machine, "oom_kill"), 0);
	drain();
	/* No more than that, and it does not try for ever. */
	hoard_all(&scene.hoard, scene.cpu, PCPMM_GFP_KERNEL);
	drain();
	assert_true(pcpmm_vmstat_fold(scene.cpu, 0) >= 0);
	assert_in_range(
		truth_of(scene.machine, NORMAL).free, min / 2 - 8, min / 2);
	assert_int_equal(ooms, 0);
	/* The next task on the CPU is no victim. */
	assert_int_equal(pcpmm_cpu_leave(scene.cpu), 0);
	scene.cpu = pcpmm_cpu_enter(scene.machine, 0);
	assert_false(alloc(PCPMM_GFP_KERNEL, 0));
	assert_true(ooms > 0);
	scene_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reserves_replace_other_flags),
		cmocka_unit_test(test_memalloc_alone_reclaims),
		cmocka_unit_test(test_a_killed_task_reclaims),
		cmocka_unit_test(test_nofail_goes_to_half_of_min),
		cmocka_unit_test(test_the_last_look_uses_no_reserves),
		cmocka_unit_test(test_a_killed_task_is_the_victim),
	};

	return cmocka_run_group_tests_name(
		"slowpath_reserves", tests, NULL, NULL);
}
