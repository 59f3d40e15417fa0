/* SPDX-License-Identifier: MIT */
/*
 * kswapd's way to sleep was not the kernel's. mm_vmscan_kswapd_sleep came before
 * the nap; a node that was not balanced before the nap was not counted as
 * kswapd_high_wmark_hit_quickly; and kswapd slept with a request unanswered that
 * had been made during its round, if it was for a higher order.
 */
#include "support/pressure.h"

#define LONG_NAP_MS 1000000
#define ORDER 4

static struct pressure scene;

static void scene_init(void)
{
	struct stage stage;

	pressure_init(&stage, 2, 0);
	pressure_begin(&scene, &stage);
}

static void ask(unsigned int order)
{
	struct pcpmm_page *page =
		pcpmm_alloc_pages(scene.cpu, PCPMM_GFP_NOWAIT, order);

	if (page)
		assert_int_equal(pcpmm_free_pages(scene.cpu, page, order), 0);
}

static unsigned int events_of(unsigned int id, enum pcpmm_event_kind kind)
{
	struct pcpmm_event events[64];
	unsigned int nr = 0,
		     got = (unsigned int)pcpmm_trace_read(
			     pcpmm_cpu_get(scene.machine, id), events, 64);

	for (unsigned int i = 0; i < got; i++)
		nr += events[i].kind == kind;
	return nr;
}

/* A nap that lasts as long as the test. */
static void test_no_event_before_the_nap(void **state)
{
	int64_t end = now_ms() + LIMIT_MS;

	(void)state;
	scene_init();
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	hoard_to_lru(&scene.hoard, scene.cpu, 6000, PCPMM_LRU_INACTIVE_FILE);
	assert_int_equal(
		pcpmm_trace_start(scene.machine, PCPMM_EVENTS_VMSCAN, 64), 0);
	assert_int_equal(pcpmm_kswapd_start(scene.machine, LONG_NAP_MS), 0);
	ask(0);
	while (!kswapd_of(scene.machine).rounds ||
		kswapd_of(scene.machine).awake) {
		assert_true(now_ms() < end);
		pause_us(100);
	}
	pcpmm_kswapd_stop(scene.machine);
	for (unsigned int id = 0; id < 2; id++)
		assert_int_equal(
			events_of(id, PCPMM_EVENT_MM_VMSCAN_KSWAPD_SLEEP), 0);
	assert_int_equal(pcpmm_trace_start(scene.machine, 0, 0), 0);
	pressure_end(&scene);
}

/* Nothing to reclaim: 16 rounds, after the last of which it sleeps. */
static void test_not_balanced_before_the_nap(void **state)
{
	(void)state;
	scene_init();
	assert_int_equal(pcpmm_kswapd_start(scene.machine, 0), 0);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	ask(0);
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(pcpmm_kswapd_run(scene.cpu, 0), 0);
	assert_int_equal(kswapd_of(scene.machine).sleeps, 1);
	assert_int_equal(
		vmstat_of(scene.machine, "kswapd_high_wmark_hit_quickly"), 15);
	assert_int_equal(
		vmstat_of(scene.machine, "kswapd_low_wmark_hit_quickly"), 0);
	pressure_end(&scene);
}

/* Asks for a block of a high order in the middle of a round. */
static enum pcpmm_verdict ask_meanwhile(struct pcpmm_cpu *cpu,
	struct pcpmm_page *page, enum pcpmm_lru lru, void *arg)
{
	unsigned int *calls = arg;

	(void)page, (void)lru;
	if (!(*calls)++)
		(void)pcpmm_alloc_pages(cpu, PCPMM_GFP_NOWAIT, ORDER);
	return PCPMM_PAGE_RECLAIM;
}

static void test_a_request_during_the_round(void **state)
{
	unsigned int calls = 0;

	(void)state;
	scene_init();
	assert_int_equal(pcpmm_kswapd_start(scene.machine, 0), 0);
	hoard_fragment(&scene.hoard, scene.cpu);
	pcpmm_reclaim_page_set(scene.machine, ask_meanwhile, &calls);
	ask(0);
	assert_true(pcpmm_kswapd_run(scene.cpu, 0) > 0);
	/* Balanced for order 0, but that is not what is asked by now. */
	assert_true(kswapd_of(scene.machine).awake);
	assert_int_equal(kswapd_of(scene.machine).order, ORDER);
	/* The next round is for it, and gives it up. */
	assert_true(pcpmm_kswapd_run(scene.cpu, 0) > 0);
	assert_false(kswapd_of(scene.machine).awake);
	assert_int_equal(kswapd_of(scene.machine).rounds, 2);
	assert_int_equal(kswapd_of(scene.machine).order, 0);
	pressure_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_event_before_the_nap),
		cmocka_unit_test(test_not_balanced_before_the_nap),
		cmocka_unit_test(test_a_request_during_the_round),
	};

	return cmocka_run_group_tests_name("kswapd_sleep", tests, NULL, NULL);
}
