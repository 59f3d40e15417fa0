/* SPDX-License-Identifier: MIT */
/*
 * The retries of a request: passes with and without a chance of success, what
 * the program's callbacks may return and do, and OOM at the end.
 */
#include <limits.h>

#include "support/pressure.h"

#define PASSES (PCPMM_RECLAIM_RETRIES + 1)

/* Behaviour of a callback of the program. */
struct program {
	unsigned int calls;
	unsigned int give; /* pages of the hoard to free in each call */
	unsigned long claim;
	bool busy; /* allocates, adds to the LRU, frees */
	bool frees_twice;
	bool kills; /* OOM: returns true */
	int wait; /* OOM: waits until the others have tried so often */
	unsigned int failed;
};

struct scene {
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	struct hoard hoard;
	struct program cache, oom, page;
};

static struct scene scene;

static void scene_of(const struct stage *stage)
{
	scene = (struct scene){.machine = stage_create(stage)};
	scene.cpu = pcpmm_cpu_enter(scene.machine, 0);
}

/* Down to the min mark. */
static void scene_init(bool drain_retry)
{
	struct stage stage;

	pressure_init(&stage, 1, 0);
	stage.config.drain_retry = drain_retry;
	scene_of(&stage);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	assert_int_equal(pcpmm_drain_local_pages(scene.cpu, 0, ALL), 0);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
}

static void scene_end(void)
{
	pcpmm_reclaim_page_set(scene.machine, NULL, NULL);
	pcpmm_reclaim_set(scene.machine, NULL, NULL);
	pcpmm_oom_set(scene.machine, NULL, NULL);
	assert_int_equal(scene.cache.failed, 0);
	assert_int_equal(scene.page.failed, 0);
	assert_int_equal(scene.oom.failed, 0);
	hoard_end(&scene.hoard, scene.cpu);
	pcpmm_machine_destroy(scene.machine);
}

static bool alloc(uint32_t gfp, unsigned int order)
{
	struct pcpmm_page *page = pcpmm_alloc_pages(scene.cpu, gfp, order);

	if (page && !order)
		scene.hoard.page[scene.hoard.nr++] = page;
	else if (page)
		assert_int_equal(pcpmm_free_pages(scene.cpu, page, order), 0);
	return page;
}

/* In a callback: reserves serve, no call reclaims, the CPU can not be left. */
static void be_busy(struct pcpmm_cpu *cpu, struct program *program)
{
	uint64_t passes = reclaim_of(scene.machine).direct;
	struct pcpmm_page *one = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	struct pcpmm_page *two = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);

	program->failed += !one || !two ||
			   pcpmm_lru_add(cpu, one, PCPMM_LRU_INACTIVE_FILE) ||
			   pcpmm_free_pages(cpu, two, 0) ||
			   pcpmm_drain_all_pages(cpu, 0, ALL, false) ||
			   pcpmm_kswapd_run(cpu, 0) != -EINVAL ||
			   pcpmm_cpu_leave(cpu) != -EBUSY ||
			   pcpmm_cpu_idle_enter(cpu, false) != -EBUSY ||
			   reclaim_of(scene.machine).direct != passes;
}

static void act(struct pcpmm_cpu *cpu, struct program *program)
{
	program->calls++;
	if (program->busy)
		be_busy(cpu, program);
	for (unsigned int i = 0; i < program->give && scene.hoard.nr; i++) {
		struct pcpmm_page *page = scene.hoard.page[--scene.hoard.nr];

		program->failed += pcpmm_free_pages(cpu, page, 0) != 0;
		if (program->frees_twice)
			program->failed += !pcpmm_free_pages(cpu, page, 0);
	}
}

static unsigned long shrink(struct pcpmm_cpu *cpu, unsigned int order,
	unsigned long target, void *arg)
{
	struct program *program = arg;

	(void)order, (void)target;
	act(cpu, program);
	return program->claim;
}

static bool oom(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order, void *arg)
{
	int64_t end = now_ms() + LIMIT_MS;
	struct program *program = arg;

	(void)gfp, (void)order;
	while (reclaim_of(scene.machine).retries < (uint64_t)program->wait) {
		program->failed += now_ms() > end;
		if (now_ms() > end)
			break;
		pause_us(100);
	}
	act(cpu, program);
	return program->kills;
}

/* Busy for the first calls only, else its own pages are reclaimed for ever. */
static enum pcpmm_verdict decide(struct pcpmm_cpu *cpu, struct pcpmm_page *page,
	enum pcpmm_lru lru, void *arg)
{
	struct program *program = arg;

	(void)page, (void)lru;
	program->busy = program->calls < 10;
	act(cpu, program);
	return PCPMM_PAGE_RECLAIM;
}

/* --- passes ------------------------------------------------------------- */

static void with_cache(unsigned long claim)
{
	scene.cache = (struct program){.claim = claim};
	pcpmm_reclaim_set(scene.machine, shrink, &scene.cache);
}

static void test_as_often_as_there_is_hope(void **state)
{
	static const struct {
		uint32_t gfp;
		unsigned int order, passes;
	} cases[] = {
		{PCPMM_GFP_KERNEL, 0, PASSES},
		{PCPMM_GFP_NOFS, 1, PASSES},
		{PCPMM_GFP_NOIO, PCPMM_COSTLY_ORDER, PASSES},
		{PCPMM_GFP_KERNEL, PCPMM_COSTLY_ORDER + 1, 1},
		{PCPMM_GFP_KERNEL | PCPMM___GFP_RETRY_MAYFAIL, 0, PASSES},
		{PCPMM_GFP_KERNEL | PCPMM___GFP_RETRY_MAYFAIL,
			PCPMM_COSTLY_ORDER + 1, PASSES},
		{PCPMM_GFP_KERNEL | PCPMM___GFP_NORETRY, 0, 1},
		{PCPMM_GFP_NOWAIT, 0, 0},
	};

	(void)state;
	scene_init(true);
	assert_true(truth_of(scene.machine, NORMAL).free >
		    truth_of(scene.machine, NORMAL).min / 2);
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		uint64_t before = reclaim_of(scene.machine).retries;
		unsigned int passes = cases[i].passes;

		with_cache(0);
		assert_false(alloc(cases[i].gfp, cases[i].order));
		assert_int_equal(scene.cache.calls, passes);
		assert_int_equal(reclaim_of(scene.machine).retries - before,
			passes ? passes - 1 : 0);
	}
	assert_int_equal(stats_of(scene.machine).pcp_global_drain, 0);
	scene_end();
}

/* Free pages plus reclaimable pages are below min: one pass. */
static void test_once_without_hope(void **state)
{
	(void)state;
	scene_init(true);
	hoard_all(&scene.hoard, scene.cpu, PCPMM___GFP_MEMALLOC);
	assert_int_equal(truth_of(scene.machine, NORMAL).free, 0);
	with_cache(0);
	assert_false(alloc(PCPMM_GFP_KERNEL, 0));
	assert_int_equal(scene.cache.calls, 1);
	/* Anon pages on LRU lists count as reclaimable only with swap. */
	hoard_to_lru(&scene.hoard, scene.cpu, 1000, PCPMM_LRU_ACTIVE_ANON);
	assert_false(alloc(PCPMM_GFP_KERNEL, 0));
	assert_int_equal(scene.cache.calls, 2);
	pcpmm_swap_set(scene.machine, true);
	assert_true(alloc(PCPMM_GFP_KERNEL, 0));
	scene_end();
}

/* A callback that claims progress and frees nothing gets all retries. */
static void test_a_lie_is_believed_as_often(void **state)
{
	static const unsigned long claims[] = {1, 32, 1000000, ULONG_MAX};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(claims); i++) {
		scene_init(true);
		with_cache(claims[i]);
		assert_false(alloc(PCPMM_GFP_KERNEL, 0));
		assert_int_equal(scene.cache.calls, PASSES);
		assert_int_equal(
			stats_of(scene.machine).pcp_global_drain, PASSES);
		assert_int_equal(
			reclaim_of(scene.machine).failed_with_progress, PASSES);
		expect_valid(scene.machine);
		scene_end();
	}
}

/* The callback frees all pages, and each of them twice. */
static void test_far_too_much_is_freed(void **state)
{
	unsigned int all;

	(void)state;
	scene_init(true);
	all = scene.hoard.nr;
	with_cache(1);
	scene.cache.give = HOARD_MAX;
	scene.cache.frees_twice = true;
	assert_true(alloc(PCPMM_GFP_KERNEL, 0));
	assert_int_equal(scene.cache.calls, 1);
	assert_int_equal(misuse_of(scene.machine).double_free, all);
	assert_int_equal(scene.hoard.nr, 1);
	expect_valid(scene.machine);
	scene_end();
}

/* Progress resets the retries, until the list spills into the buddy. */
static void test_progress_on_lists_goes_on(void **state)
{
	(void)state;
	scene_init(false);
	hoard_to_lru(&scene.hoard, scene.cpu, 4000, PCPMM_LRU_INACTIVE_FILE);
	assert_true(alloc(PCPMM_GFP_KERNEL, 0));
	assert_true(reclaim_of(scene.machine).retries > 0);
	assert_int_equal(stats_of(scene.machine).pcp_global_drain, 0);
	expect_valid(scene.machine);
	scene_end();
}

/* --- the drain ------------------------------------------------------------ */

static void test_only_the_drain_helps(void **state)
{
	const bool drain_retry = *state;

	scene_init(drain_retry);
	with_cache(40);
	scene.cache.give = 40;
	assert_true(pcp_of(scene.cpu, 0, NORMAL).high > 40);
	assert_int_equal(alloc(ONE_PASS, 0), drain_retry);
	assert_int_equal(scene.cache.calls, 1);
	assert_int_equal(stats_of(scene.machine).pcp_global_drain, drain_retry);
	assert_int_equal(
		reclaim_of(scene.machine).failed_with_progress, !drain_retry);
	if (!drain_retry)
		assert_int_equal(count_of(scene.machine, 0, NORMAL), 40);
	scene_end();
}

/* --- inside callbacks ---------------------------------------------------- */

static void test_from_inside(void **state)
{
	(void)state;
	scene_init(true);
	assert_int_equal(pcpmm_kswapd_start(scene.machine, 0), 0);
	hoard_to_lru(&scene.hoard, scene.cpu, 2, PCPMM_LRU_INACTIVE_FILE);
	pcpmm_reclaim_page_set(scene.machine, decide, &scene.page);
	with_cache(0);
	scene.cache.busy = true;
	scene.oom = (struct program){.busy = true, .give = 600, .kills = true};
	pcpmm_oom_set(scene.machine, oom, &scene.oom);
	assert_true(alloc(PCPMM_GFP_KERNEL, 0));
	assert_true(scene.page.calls > 2);
	assert_true(scene.cache.calls > 0);
	expect_valid(scene.machine);
	/* After the callback, no request may use the reserves. */
	pcpmm_reclaim_set(scene.machine, NULL, NULL);
	pcpmm_oom_set(scene.machine, NULL, NULL);
	pcpmm_reclaim_page_set(scene.machine, NULL, NULL);
	hoard_all(&scene.hoard, scene.cpu, ONE_PASS);
	assert_true(truth_of(scene.machine, NORMAL).free > 0);
	scene_end();
}

/* --- OOM ----------------------------------------------------------------- */

static void with_oom(bool kills, unsigned int give)
{
	scene.oom = (struct program){.kills = kills, .give = give};
	pcpmm_oom_set(scene.machine, oom, &scene.oom);
}

static void test_oom_only_for_these(void **state)
{
	static const struct {
		uint32_t gfp;
		unsigned int order, calls;
	} cases[] = {
		{PCPMM_GFP_KERNEL, 0, 1},
		{PCPMM_GFP_HIGHUSER_MOVABLE, 0, 1},
		{PCPMM_GFP_KERNEL, PCPMM_COSTLY_ORDER, 1},
		{PCPMM_GFP_KERNEL, PCPMM_COSTLY_ORDER + 1, 0},
		{PCPMM_GFP_KERNEL | PCPMM___GFP_NORETRY, 0, 0},
		{PCPMM_GFP_KERNEL | PCPMM___GFP_RETRY_MAYFAIL, 0, 0},
		{PCPMM_GFP_KERNEL | PCPMM___GFP_THISNODE, 0, 0},
		{PCPMM_GFP_KERNEL | PCPMM_GFP_DMA32, 0, 0},
		{PCPMM_GFP_NOWAIT, 0, 0},
		{PCPMM_GFP_ATOMIC, 10, 0},
	};
	struct stage stage;

	(void)state;
	pressure_init(&stage, 1, PRESSURE_PAGES);
	scene_of(&stage);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	hoard_all(&scene.hoard, scene.cpu, PCPMM_GFP_DMA32);
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		with_oom(false, 0);
		assert_false(alloc(cases[i].gfp, cases[i].order));
		assert_int_equal(scene.oom.calls, cases[i].calls);
	}
	assert_int_equal(vmstat_of(scene.machine, "oom_kill"), 0);
	assert_int_equal(reclaim_of(scene.machine).oom, 3);
	scene_end();
}

/* The OOM callback claims a kill, and no page is freed. */
static void test_oom_is_believed_16_times(void **state)
{
	(void)state;
	scene_init(true);
	with_oom(true, 0);
	assert_false(alloc(PCPMM_GFP_KERNEL, 0));
	assert_int_equal(scene.oom.calls, PCPMM_RECLAIM_RETRIES);
	assert_int_equal(reclaim_of(scene.machine).oom, PCPMM_RECLAIM_RETRIES);
	assert_int_equal(
		vmstat_of(scene.machine, "oom_kill"), PCPMM_RECLAIM_RETRIES);
	/* For each request. */
	assert_false(alloc(PCPMM_GFP_KERNEL, 0));
	assert_int_equal(scene.oom.calls, 2 * PCPMM_RECLAIM_RETRIES);
	scene_end();
}

static void test_oom_helps(void **state)
{
	(void)state;
	scene_init(true);
	with_oom(true, 600);
	assert_true(alloc(PCPMM_GFP_KERNEL, 0));
	assert_int_equal(scene.oom.calls, 1);
	assert_int_equal(vmstat_of(scene.machine, "oom_kill"), 1);
	scene_end();
}

/* It returns false: the request fails, freed pages are for later ones. */
static void test_oom_says_no(void **state)
{
	(void)state;
	scene_init(true);
	with_oom(false, 600);
	assert_false(alloc(PCPMM_GFP_KERNEL, 0));
	assert_int_equal(scene.oom.calls, 1);
	assert_true(alloc(PCPMM_GFP_KERNEL, 0));
	scene_end();
}

/* --- OOM victims --------------------------------------------------------- */

/* As OOM callback: kills the task on CPU @arg, which frees nothing yet. */
static bool choose(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order, void *arg)
{
	(void)cpu, (void)gfp, (void)order;
	scene.oom.calls++;
	pcpmm_cpu_oom_kill(arg);
	return true;
}

/* The zone keeps half of min, or less than a batch below that, from @cpu. */
static void expect_half_of_min(struct pcpmm_cpu *cpu)
{
	struct pcpmm_zone_truth truth;

	hoard_all(&scene.hoard, cpu, PCPMM_GFP_KERNEL);
	assert_int_equal(pcpmm_drain_local_pages(cpu, 0, ALL), 0);
	truth = truth_of(scene.machine, NORMAL);
	assert_in_range(truth.free, truth.min / 2 - 8, truth.min / 2);
}

/* The request's own task is chosen: it gets pages below min, to end. */
static void test_the_victim_itself(void **state)
{
	(void)state;
	scene_init(true);
	pcpmm_oom_set(scene.machine, choose, scene.cpu);
	assert_true(alloc(PCPMM_GFP_KERNEL, 0));
	assert_int_equal(scene.oom.calls, 1);
	assert_int_equal(vmstat_of(scene.machine, "oom_kill"), 1);
	/* No deeper than half of min. */
	expect_half_of_min(scene.cpu);
	/* Nobody else is killed for it, and it does not wait for others. */
	assert_int_equal(scene.oom.calls, 1);
	assert_false(alloc(PCPMM_GFP_KERNEL | PCPMM___GFP_NOMEMALLOC, 0));
	assert_int_equal(scene.oom.calls, 1);
	scene_end();
}

/* Another task is: this one may still not go below min. */
static void test_another_victim(void **state)
{
	struct pcpmm_cpu *other;
	struct stage stage;

	(void)state;
	pressure_init(&stage, 2, 0);
	scene_of(&stage);
	other = pcpmm_cpu_enter(scene.machine, 1);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	assert_int_equal(pcpmm_drain_local_pages(scene.cpu, 0, ALL), 0);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	pcpmm_oom_set(scene.machine, choose, other);
	assert_false(alloc(PCPMM_GFP_KERNEL, 0));
	assert_int_equal(scene.oom.calls, PCPMM_RECLAIM_RETRIES);
	expect_half_of_min(other);
	assert_int_equal(scene.oom.calls, PCPMM_RECLAIM_RETRIES);
	assert_int_equal(pcpmm_cpu_leave(other), 0);
	/* The next task there is not the victim. */
	pcpmm_oom_set(scene.machine, choose, scene.cpu);
	other = pcpmm_cpu_enter(scene.machine, 1);
	hoard_give(&scene.hoard, scene.cpu, 20);
	assert_int_equal(pcpmm_drain_local_pages(scene.cpu, 0, ALL), 0);
	assert_null(pcpmm_alloc_pages(other, ONE_PASS, 0));
	assert_int_equal(pcpmm_cpu_leave(other), 0);
	scene_end();
}

struct waiter {
	struct pcpmm_page *page;
	struct pcpmm_cpu_thread *thread;
};

static void waiter_main(struct pcpmm_cpu *cpu, void *arg)
{
	struct waiter *waiter = arg;

	waiter->page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
}

/* One task's kill takes long; the others do not give up meanwhile. */
static void test_the_others_wait_for_the_kill(void **state)
{
	struct waiter waiters[3];
	struct stage stage;

	(void)state;
	pressure_init(&stage, 4, 0);
	scene_of(&stage);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	with_oom(true, 2000);
	/* The most retries that three tasks may make without waiting. */
	scene.oom.wait = 4 * PASSES * 20;
	for (unsigned int i = 0; i < 3; i++) {
		waiters[i].thread = pcpmm_cpu_run(
			scene.machine, i + 1, -1, waiter_main, &waiters[i]);
		assert_non_null(waiters[i].thread);
	}
	for (unsigned int i = 0; i < 3; i++) {
		pcpmm_cpu_join(waiters[i].thread);
		assert_non_null(waiters[i].page);
		scene.hoard.page[scene.hoard.nr++] = waiters[i].page;
	}
	assert_int_equal(scene.oom.calls, 1);
	scene_end();
}

/* --- one node ------------------------------------------------------------ */

#define NODE_PAGES 4096

static uint64_t on_list(unsigned int nid)
{
	uint64_t value;

	assert_int_equal(pcpmm_zone_stat_snapshot(scene.machine, nid, NORMAL,
				 "nr_zone_inactive_file", &value),
		0);
	return value;
}

/* __GFP_THISNODE: pages of other nodes do not help, and are not reclaimed. */
static void test_this_node_only(void **state)
{
	const uint32_t gfp = PCPMM_GFP_KERNEL | PCPMM___GFP_THISNODE;
	const struct shape shape = {
		.nodes = 2,
		.pages = {[NORMAL] = NODE_PAGES},
		.min_free_kbytes = 1024,
	};
	struct pcpmm_kswapd_state other;
	struct pcpmm_page *page;
	uint64_t lists;

	(void)state;
	scene = (struct scene){.machine = shape_create(&shape)};
	scene.cpu = pcpmm_cpu_enter(scene.machine, 0);
	assert_int_equal(pcpmm_kswapd_start(scene.machine, 0), 0);
	hoard_all(&scene.hoard, scene.cpu, PCPMM___GFP_THISNODE);
	while ((page = pcpmm_alloc_pages_node(
			scene.cpu, 1, PCPMM___GFP_THISNODE, 0)))
		assert_int_equal(
			pcpmm_lru_add(scene.cpu, page, PCPMM_LRU_INACTIVE_FILE),
			0);
	assert_int_equal(on_list(0), 0);
	lists = on_list(1);
	assert_true(lists > 3000);
	with_cache(0);
	assert_null(pcpmm_alloc_pages(scene.cpu, gfp, 0));
	assert_int_equal(on_list(1), lists);
	assert_int_equal(pcpmm_kswapd_read(scene.machine, 1, &other), 0);
	assert_false(other.woken);
	assert_true(kswapd_of(scene.machine).woken);
	/* All of this node is held: the other node's pages do not count. */
	hoard_all(&scene.hoard, scene.cpu,
		PCPMM___GFP_THISNODE | PCPMM___GFP_MEMALLOC);
	with_cache(0);
	assert_null(pcpmm_alloc_pages(scene.cpu, gfp, 0));
	assert_int_equal(scene.cache.calls, 1);
	/* A request without __GFP_THISNODE gets a page of the other node. */
	assert_true(alloc(PCPMM_GFP_KERNEL, 0));
	assert_true(on_list(1) < lists);
	scene_end();
}

/* --- tasks --------------------------------------------------------------- */

/* A FIFO task goes down to half of min, but not with GFP_NOWAIT. */
static void test_fifo_goes_deeper(void **state)
{
	struct pcpmm_zone_truth truth;

	(void)state;
	scene_init(true);
	assert_int_equal(pcpmm_cpu_set_fifo(scene.cpu, 50), 0);
	assert_false(alloc(PCPMM_GFP_NOWAIT, 0));
	hoard_all(&scene.hoard, scene.cpu, PCPMM_GFP_KERNEL);
	truth = truth_of(scene.machine, NORMAL);
	assert_in_range(truth.nr_free_pages, truth.min / 2 - 32, truth.min / 2);
	assert_int_equal(pcpmm_cpu_set_fifo(scene.cpu, 0), 0);
	hoard_give(&scene.hoard, scene.cpu, 20);
	assert_int_equal(pcpmm_drain_local_pages(scene.cpu, 0, ALL), 0);
	assert_false(alloc(PCPMM_GFP_KERNEL, 0));
	scene_end();
}

/* --- events -------------------------------------------------------------- */

static void test_events(void **state)
{
	struct pcpmm_event events[8];
	uint64_t freed;

	(void)state;
	scene_init(true);
	hoard_to_lru(&scene.hoard, scene.cpu, 2000, PCPMM_LRU_INACTIVE_FILE);
	assert_int_equal(
		pcpmm_trace_start(scene.machine, PCPMM_EVENTS_VMSCAN, 64), 0);
	assert_true(alloc(ONE_PASS, 2) || true);
	freed = reclaim_of(scene.machine).direct_pages;
	assert_true(freed >= PCPMM_RECLAIM_TARGET);
	assert_int_equal(pcpmm_trace_read(scene.cpu, events, 8), 2);
	assert_int_equal(
		events[0].kind, PCPMM_EVENT_MM_VMSCAN_DIRECT_RECLAIM_BEGIN);
	assert_int_equal(events[0].order, 2);
	assert_int_equal(events[0].gfp, ONE_PASS);
	assert_int_equal(
		events[1].kind, PCPMM_EVENT_MM_VMSCAN_DIRECT_RECLAIM_END);
	assert_int_equal(events[1].got, freed);
	assert_int_equal(pcpmm_trace_start(scene.machine, 0, 0), 0);
	scene_end();
}

int main(void)
{
	static int drains;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_often_as_there_is_hope),
		cmocka_unit_test(test_once_without_hope),
		cmocka_unit_test(test_a_lie_is_believed_as_often),
		cmocka_unit_test(test_far_too_much_is_freed),
		cmocka_unit_test(test_progress_on_lists_goes_on),
		{"test_only_the_drain_helps", test_only_the_drain_helps, NULL,
			NULL, &drains},
		{"test_only_the_drain_helps, without it",
			test_only_the_drain_helps, NULL, NULL, NULL},
		cmocka_unit_test(test_from_inside),
		cmocka_unit_test(test_oom_only_for_these),
		cmocka_unit_test(test_oom_is_believed_16_times),
		cmocka_unit_test(test_oom_helps),
		cmocka_unit_test(test_oom_says_no),
		cmocka_unit_test(test_the_victim_itself),
		cmocka_unit_test(test_another_victim),
		cmocka_unit_test(test_the_others_wait_for_the_kill),
		cmocka_unit_test(test_this_node_only),
		cmocka_unit_test(test_fifo_goes_deeper),
		cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
