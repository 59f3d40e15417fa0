/* SPDX-License-Identifier: MIT */
/*
 * kswapd by hand, round by round: which requests wake it, what it reclaims,
 * when it sleeps or gives up, and what changes while it is awake. As a thread:
 * test_kswapd_threads.c.
 */
#include <limits.h>

#include "support/pressure.h"

#include "machine/machine.h"
#include "zone/fallback.h"
#include "zone/gate.h"

static struct pressure scene;

static void scene_of(const struct stage *stage)
{
	pressure_begin(&scene, stage);
	assert_int_equal(pcpmm_kswapd_start(scene.machine, 0), 0);
}

static void scene_init(unsigned int cpus, uint64_t dma32)
{
	struct stage stage;

	pressure_init(&stage, cpus, dma32);
	scene_of(&stage);
}

static void scene_end(void)
{
	pressure_end(&scene);
}

static int run(void)
{
	return pcpmm_kswapd_run(scene.cpu, 0);
}

/* A request that may wake kswapd, does not wait and does not go below min. */
static bool ask(void)
{
	struct pcpmm_page *page =
		pcpmm_alloc_pages(scene.cpu, PCPMM_GFP_NOWAIT, 0);

	if (page)
		scene.hoard.page[scene.hoard.nr++] = page;
	return page;
}

static uint64_t on_list(unsigned int zone)
{
	uint64_t value;

	assert_int_equal(pcpmm_zone_stat_snapshot(scene.machine, 0, (int)zone,
				 "nr_zone_inactive_file", &value),
		0);
	return value;
}

/* --- waking it ------------------------------------------------------------ */

static void test_not_woken_above_low(void **state)
{
	(void)state;
	scene_init(1, 0);
	hoard_down_to(&scene.hoard, scene.cpu, PCPMM_GFP_KERNEL,
		truth_of(scene.machine, NORMAL).low + 64);
	assert_true(kswapd_of(scene.machine).running);
	assert_false(kswapd_of(scene.machine).woken);
	assert_int_equal(kswapd_of(scene.machine).wakeups, 0);
	assert_int_equal(kswapd_of(scene.machine).highest_zone, PCPMM_NR_ZONES);
	assert_int_equal(run(), 0);
	assert_int_equal(kswapd_of(scene.machine).rounds, 0);
	assert_int_equal(vmstat_of(scene.machine, "pageoutrun"), 0);
	scene_end();
}

static void test_woken_by_who_may_wake_it(void **state)
{
	static const uint32_t never[] = {
		QUIETLY, ONE_PASS, PCPMM___GFP_HIGH, PCPMM___GFP_MEMALLOC};
	struct pcpmm_kswapd_state kswapd;

	(void)state;
	scene_init(1, 0);
	for (size_t i = 0; i < HARNESS_COUNT(never); i++) {
		hoard_all(&scene.hoard, scene.cpu, never[i]);
		assert_false(kswapd_of(scene.machine).woken);
	}
	assert_false(ask());
	kswapd = kswapd_of(scene.machine);
	assert_true(kswapd.woken);
	assert_false(kswapd.awake);
	assert_int_equal(kswapd.wakeups, 1);
	assert_int_equal(kswapd.order, 0);
	assert_int_equal(kswapd.highest_zone, NORMAL);
	/* A second request does not count again. */
	assert_false(ask());
	assert_int_equal(kswapd_of(scene.machine).wakeups, 1);
	scene_end();
}

/* Without kswapd, a request wakes nothing. */
static void test_not_without_kswapd(void **state)
{
	struct pcpmm_kswapd_state kswapd;

	(void)state;
	scene_init(1, 0);
	pcpmm_kswapd_stop(scene.machine);
	hoard_all(&scene.hoard, scene.cpu, PCPMM_GFP_NOWAIT);
	kswapd = kswapd_of(scene.machine);
	assert_false(kswapd.running);
	assert_false(kswapd.woken);
	assert_int_equal(kswapd.wakeups, 0);
	assert_int_equal(run(), -EINVAL);
	scene_end();
}

static void test_run_refuses(void **state)
{
	struct pcpmm_kswapd_state kswapd;

	(void)state;
	scene_init(2, 0);
	assert_int_equal(pcpmm_kswapd_start(scene.machine, 0), -EBUSY);
	assert_int_equal(pcpmm_kswapd_start(scene.machine, 5), -EBUSY);
	assert_int_equal(pcpmm_kswapd_run(scene.cpu, 1), -EINVAL);
	assert_int_equal(
		pcpmm_kswapd_run(pcpmm_cpu_get(scene.machine, 1), 0), -EPERM);
	assert_int_equal(pcpmm_irq_disable(scene.cpu), 0);
	assert_int_equal(run(), -EINVAL);
	assert_int_equal(pcpmm_irq_enable(scene.cpu), 0);
	assert_int_equal(pcpmm_kswapd_read(scene.machine, 1, &kswapd), -EINVAL);
	assert_false(pcpmm_allows_direct_reclaim(scene.machine, 1));
	assert_int_equal(run(), 0);
	/* With a thread of its own it can not be run by hand. */
	pcpmm_kswapd_stop(scene.machine);
	assert_int_equal(pcpmm_kswapd_start(scene.machine, 5), 0);
	assert_int_equal(run(), -EINVAL);
	scene_end();
}

static void test_the_largest_request_counts(void **state)
{
	struct pcpmm_kswapd_state kswapd;

	(void)state;
	scene_init(1, PRESSURE_PAGES);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	hoard_all(&scene.hoard, scene.cpu, PCPMM_GFP_DMA32);
	assert_null(pcpmm_alloc_pages(
		scene.cpu, PCPMM_GFP_NOWAIT | PCPMM_GFP_DMA32, 3));
	kswapd = kswapd_of(scene.machine);
	assert_int_equal(kswapd.order, 3);
	assert_int_equal(kswapd.highest_zone, DMA32);
	assert_false(ask());
	kswapd = kswapd_of(scene.machine);
	assert_int_equal(kswapd.order, 3);
	assert_int_equal(kswapd.highest_zone, NORMAL);
	assert_null(pcpmm_alloc_pages(
		scene.cpu, PCPMM_GFP_NOWAIT | PCPMM_GFP_DMA32, 5));
	kswapd = kswapd_of(scene.machine);
	assert_int_equal(kswapd.order, 5);
	assert_int_equal(kswapd.highest_zone, NORMAL);
	/* The round has satisfied the request. */
	assert_int_equal(run(), 0);
	kswapd = kswapd_of(scene.machine);
	assert_int_equal(kswapd.order, 0);
	assert_int_equal(kswapd.highest_zone, PCPMM_NR_ZONES);
	scene_end();
}

/* --- what it does -------------------------------------------------------- */

static void test_reclaims_to_above_high_and_sleeps(void **state)
{
	struct pcpmm_kswapd_state kswapd;
	struct pcpmm_zone_truth truth;
	int got;

	(void)state;
	scene_init(1, 0);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	hoard_to_lru(&scene.hoard, scene.cpu, 4000, PCPMM_LRU_INACTIVE_FILE);
	assert_false(ask());
	got = run();
	assert_true(got > 0);
	truth = truth_of(scene.machine, NORMAL);
	assert_true(truth.nr_free_pages > (int64_t)truth.high);
	assert_int_equal(on_list(NORMAL), 4000 - got);
	kswapd = kswapd_of(scene.machine);
	assert_false(kswapd.awake);
	assert_false(kswapd.woken);
	assert_int_equal(kswapd.failures, 0);
	assert_int_equal(kswapd.rounds, 1);
	assert_int_equal(kswapd.sleeps, 1);
	assert_int_equal(kswapd.reclaimed, got);
	assert_int_equal(vmstat_of(scene.machine, "pageoutrun"), 1);
	assert_int_equal(vmstat_of(scene.machine, "pgsteal_kswapd"), got);
	assert_int_equal(vmstat_of(scene.machine, "pgscan_kswapd"), got);
	assert_int_equal(vmstat_of(scene.machine, "pgscan_direct"), 0);
	expect_valid(scene.machine);
	/* It sleeps until the next request. */
	assert_int_equal(run(), 0);
	assert_int_equal(kswapd_of(scene.machine).rounds, 1);
	scene_end();
}

/* Zones above the requested one do not help, and are not reclaimed. */
static void test_the_zones_that_are_asked_for(void **state)
{
	uint64_t normal, dma32;

	(void)state;
	scene_init(1, PRESSURE_PAGES);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	hoard_all(&scene.hoard, scene.cpu, PCPMM_GFP_DMA32);
	hoard_to_lru(&scene.hoard, scene.cpu, scene.hoard.nr,
		PCPMM_LRU_INACTIVE_FILE);
	normal = on_list(NORMAL);
	dma32 = on_list(DMA32);
	assert_true(normal > 4000 && dma32 > 4000);
	assert_null(pcpmm_alloc_pages(
		scene.cpu, PCPMM_GFP_NOWAIT | PCPMM_GFP_DMA32, 0));
	assert_true(run() > 0);
	assert_false(kswapd_of(scene.machine).awake);
	assert_int_equal(on_list(NORMAL), normal);
	assert_true(on_list(DMA32) < dma32);
	/* One zone above high is enough: the other one wakes no kswapd. */
	dma32 = on_list(DMA32);
	assert_true(truth_of(scene.machine, NORMAL).free <
		    truth_of(scene.machine, NORMAL).low);
	hoard_give(&scene.hoard, scene.cpu, 1);
	assert_true(ask());
	assert_int_equal(kswapd_of(scene.machine).wakeups, 1);
	expect_valid(scene.machine);
	scene_end();
}

/* --- nothing to reclaim -------------------------------------------------- */

/* Rounds until it sleeps. */
static unsigned int rounds_to_sleep(void)
{
	unsigned int rounds = 0;

	do {
		assert_in_range(run(), 0, INT32_MAX);
		rounds++;
	} while (kswapd_of(scene.machine).awake && rounds < 100);
	return rounds;
}

static void expect_hopeless(void)
{
	assert_int_equal(rounds_to_sleep(), 16);
	assert_int_equal(kswapd_of(scene.machine).failures, 16);
	assert_int_equal(kswapd_of(scene.machine).sleeps, 1);
	assert_false(ask());
	assert_false(kswapd_of(scene.machine).woken);
	assert_int_equal(kswapd_of(scene.machine).wakeups, 1);
	assert_int_equal(run(), 0);
	assert_int_equal(kswapd_of(scene.machine).rounds, 16);
	assert_true(pcpmm_allows_direct_reclaim(scene.machine, 0));
}

static void test_gives_up_after_16_rounds(void **state)
{
	struct pcpmm_page *page;

	(void)state;
	scene_init(1, 0);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	assert_false(ask());
	expect_hopeless();
	/* A direct reclaim with success resets the failures. */
	hoard_to_lru(&scene.hoard, scene.cpu, 2000, PCPMM_LRU_INACTIVE_FILE);
	page = pcpmm_alloc_pages(scene.cpu, ONE_PASS, 0);
	assert_non_null(page);
	assert_int_equal(kswapd_of(scene.machine).failures, 0);
	scene.hoard.page[scene.hoard.nr++] = page;
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	assert_false(ask());
	assert_true(kswapd_of(scene.machine).woken);
	assert_true(run() > 0);
	assert_false(kswapd_of(scene.machine).awake);
	scene_end();
}

struct cache {
	unsigned int calls;
	unsigned long claim;
	bool gives;
};

static unsigned long shrink(struct pcpmm_cpu *cpu, unsigned int order,
	unsigned long target, void *arg)
{
	struct cache *cache = arg;

	(void)order;
	cache->calls++;
	if (!cache->gives)
		return cache->claim;
	assert_true(target <= scene.hoard.nr);
	hoard_give(&scene.hoard, cpu, (unsigned int)target);
	return target;
}

static void test_a_lying_cache_is_hopeless(void **state)
{
	static const unsigned long claims[] = {1, 32, 100000, ULONG_MAX};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(claims); i++) {
		struct cache cache = {.claim = claims[i]};

		scene_init(1, 0);
		hoard_all(&scene.hoard, scene.cpu, QUIETLY);
		pcpmm_reclaim_set(scene.machine, shrink, &cache);
		assert_false(ask());
		expect_hopeless();
		assert_in_range(cache.calls, 16, 16 * 12);
		pcpmm_reclaim_set(scene.machine, NULL, NULL);
		scene_end();
	}
}

static void test_an_honest_cache_balances(void **state)
{
	struct cache cache = {.gives = true};

	(void)state;
	scene_init(1, 0);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	pcpmm_reclaim_set(scene.machine, shrink, &cache);
	assert_false(ask());
	assert_true(run() > 0);
	assert_false(kswapd_of(scene.machine).awake);
	assert_int_equal(kswapd_of(scene.machine).failures, 0);
	assert_true(truth_of(scene.machine, NORMAL).free >
		    truth_of(scene.machine, NORMAL).high);
	pcpmm_reclaim_set(scene.machine, NULL, NULL);
	scene_end();
}

/*
 * No amount of freed pages gives a block of that order: after twice the target
 * kswapd only balances order 0.
 */
static void test_a_high_order_is_given_up(void **state)
{
	(void)state;
	scene_init(1, 0);
	hoard_fragment(&scene.hoard, scene.cpu);
	assert_null(pcpmm_alloc_pages(scene.cpu, PCPMM_GFP_NOWAIT, 4));
	assert_true(run() > 0);
	assert_false(kswapd_of(scene.machine).awake);
	assert_int_equal(kswapd_of(scene.machine).rounds, 1);
	assert_true(on_list(NORMAL) > 1000);
	scene_end();
}

/* --- a boost ------------------------------------------------------------- */

static struct zone *normal_zone(void)
{
	return machine_zone(scene.machine, 0, NORMAL);
}

static void boost(void)
{
	assert_true(zone_boost_watermark(normal_zone()));
	zone_set_flag(normal_zone(), ZONE_BOOSTED_WATERMARK);
}

static uint64_t boost_of(void)
{
	return normal_zone()->boost;
}

static enum pcpmm_verdict boost_meanwhile(struct pcpmm_cpu *cpu,
	struct pcpmm_page *page, enum pcpmm_lru lru, void *arg)
{
	unsigned int *calls = arg;

	(void)cpu, (void)page, (void)lru;
	if (!(*calls)++)
		zone_set_boost(normal_zone(), boost_of() + 100);
	return PCPMM_PAGE_RECLAIM;
}

static void test_a_boost_is_answered_and_taken_off(void **state)
{
	unsigned int calls = 0;
	uint64_t before;

	(void)state;
	scene_init(1, 0);
	hoard_down_to(&scene.hoard, scene.cpu, QUIETLY, 1500);
	hoard_to_lru(&scene.hoard, scene.cpu, 6000, PCPMM_LRU_INACTIVE_FILE);
	assert_true(ask());
	assert_false(kswapd_of(scene.machine).woken);
	boost();
	before = boost_of();
	assert_true(before >= 512);
	pcpmm_reclaim_page_set(scene.machine, boost_meanwhile, &calls);
	assert_true(ask());
	assert_int_equal(zone_flags(normal_zone()) & ZONE_BOOSTED_WATERMARK, 0);
	assert_true(kswapd_of(scene.machine).woken);
	assert_true(run() >= (int)before);
	/* A boost added during the round stays. */
	assert_int_equal(boost_of(), 100);
	assert_false(kswapd_of(scene.machine).awake);
	assert_int_equal(kswapd_of(scene.machine).failures, 0);
	expect_valid(scene.machine);
	scene_end();
}

/* A boost gets one pass of reclaim, and is removed without success, too. */
static void test_a_boost_without_anything_to_reclaim(void **state)
{
	(void)state;
	scene_init(1, 0);
	boost();
	assert_true(ask());
	assert_true(kswapd_of(scene.machine).woken);
	assert_int_equal(run(), 0);
	assert_int_equal(boost_of(), 0);
	assert_false(kswapd_of(scene.machine).awake);
	scene_end();
}

static void test_a_boost_without_kswapd(void **state)
{
	(void)state;
	scene_init(1, 0);
	pcpmm_kswapd_stop(scene.machine);
	boost();
	assert_true(ask());
	assert_int_equal(boost_of(), 0);
	assert_int_equal(zone_flags(normal_zone()) & ZONE_BOOSTED_WATERMARK, 0);
	scene_end();
}

/* --- while it is awake --------------------------------------------------- */

struct meanwhile {
	unsigned int calls;
	uint32_t flags;
	int count, high, batch, threshold;
	bool awake;
	struct hoard give;
};

static struct meanwhile meanwhile;

static enum pcpmm_verdict look_around(struct pcpmm_cpu *cpu,
	struct pcpmm_page *page, enum pcpmm_lru lru, void *arg)
{
	struct pcpmm_pcp_info pcp;

	(void)page, (void)lru, (void)arg;
	if (meanwhile.calls++)
		return PCPMM_PAGE_RECLAIM;
	meanwhile.flags = zone_flags(normal_zone());
	hoard_give(&meanwhile.give, cpu, meanwhile.give.nr);
	pcp = pcp_of(cpu, 0, NORMAL);
	meanwhile.count = pcp.count;
	meanwhile.high = pcp.high;
	meanwhile.batch = pcp.batch;
	meanwhile.threshold = pcp.stat_threshold;
	meanwhile.awake = kswapd_of(scene.machine).awake;
	return PCPMM_PAGE_RECLAIM;
}

/* Woken; the page function frees @give pages. */
static void meanwhile_init(unsigned int give)
{
	meanwhile = (struct meanwhile){0};
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	hoard_to_lru(&scene.hoard, scene.cpu, 4000, PCPMM_LRU_INACTIVE_FILE);
	for (; meanwhile.give.nr < give; meanwhile.give.nr++)
		meanwhile.give.page[meanwhile.give.nr] =
			scene.hoard.page[--scene.hoard.nr];
	pcpmm_reclaim_page_set(scene.machine, look_around, NULL);
	assert_false(ask());
}

/* --- twice at once ------------------------------------------------------- */

static int from_within, from_another;

static void run_as_another(struct pcpmm_cpu *cpu, void *arg)
{
	(void)arg;
	from_another = pcpmm_kswapd_run(cpu, 0);
}

static enum pcpmm_verdict run_again(struct pcpmm_cpu *cpu,
	struct pcpmm_page *page, enum pcpmm_lru lru, void *arg)
{
	unsigned int *calls = arg;

	(void)page, (void)lru;
	if (!(*calls)++) {
		from_within = pcpmm_kswapd_run(cpu, 0);
		pcpmm_cpu_join(pcpmm_cpu_run(
			scene.machine, 1, -1, run_as_another, NULL));
	}
	return PCPMM_PAGE_RECLAIM;
}

static void test_one_at_a_time(void **state)
{
	unsigned int calls = 0;

	(void)state;
	scene_init(2, 0);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	hoard_to_lru(&scene.hoard, scene.cpu, 4000, PCPMM_LRU_INACTIVE_FILE);
	pcpmm_reclaim_page_set(scene.machine, run_again, &calls);
	assert_false(ask());
	assert_true(run() > 0);
	assert_true(calls > 0);
	assert_int_equal(from_within, -EINVAL);
	assert_int_equal(from_another, -EBUSY);
	scene_end();
}

/* Lists keep at most 4 batches while kswapd reclaims. */
static void test_lists_keep_less_meanwhile(void **state)
{
	(void)state;
	scene_init(1, 0);
	meanwhile_init(400);
	assert_int_equal(zone_flags(normal_zone()) & ZONE_RECLAIM_ACTIVE, 0);
	assert_true(run() > 0);
	assert_true(meanwhile.awake);
	assert_true(meanwhile.flags & ZONE_RECLAIM_ACTIVE);
	assert_true(meanwhile.high > 4 * meanwhile.batch);
	assert_in_range(meanwhile.count, 1, 4 * meanwhile.batch);
	assert_int_equal(zone_flags(normal_zone()) & ZONE_RECLAIM_ACTIVE, 0);
	scene_end();
}

/* --- readers of the counter ---------------------------------------------- */

#define MANY 16

/* So many CPUs that their diffs can hold more than low - min. */
static void many_cpus(enum pcpmm_reader reader)
{
	struct stage stage;

	pressure_init(&stage, MANY, 0);
	stage.config.reader = reader;
	scene_of(&stage);
	assert_true(truth_of(scene.machine, NORMAL).drift_mark > 0);
}

static void expect_thresholds(int threshold)
{
	for (unsigned int id = 0; id < MANY; id++)
		assert_int_equal(
			pcp_of(pcpmm_cpu_get(scene.machine, id), 0, NORMAL)
				.stat_threshold,
			threshold);
}

static int threshold_now(void)
{
	return pcp_of(scene.cpu, 0, NORMAL).stat_threshold;
}

/* Nothing to reclaim: awake after the first round, asleep after the last. */
static void test_thresholds_under_pressure(void **state)
{
	enum pcpmm_reader reader = *(enum pcpmm_reader *)*state;
	struct pcpmm_zone_truth truth;
	int normal, pressure;

	many_cpus(reader);
	normal = threshold_now();
	truth = truth_of(scene.machine, NORMAL);
	pressure = (int)(truth.low - truth.min) / MANY;
	assert_true(pressure != normal);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	assert_false(ask());
	expect_thresholds(normal);
	assert_int_equal(run(), 0);
	assert_true(kswapd_of(scene.machine).awake);
	if (reader == PCPMM_READER_PRESSURE_THRESHOLD ||
		reader == PCPMM_READER_THROTTLE_SNAPSHOT)
		expect_thresholds(pressure);
	else
		expect_thresholds(normal);
	rounds_to_sleep();
	expect_thresholds(normal);
	/* A stop restores the thresholds. */
	pcpmm_kswapd_stop(scene.machine);
	assert_int_equal(pcpmm_kswapd_start(scene.machine, 0), 0);
	scene_end();
}

static void test_stopped_awake(void **state)
{
	int normal;

	(void)state;
	many_cpus(PCPMM_READER_PRESSURE_THRESHOLD);
	normal = threshold_now();
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	assert_false(ask());
	assert_int_equal(run(), 0);
	assert_true(kswapd_of(scene.machine).awake);
	pcpmm_kswapd_stop(scene.machine);
	assert_false(kswapd_of(scene.machine).awake);
	expect_thresholds(normal);
	scene_end();
}

/* A stop drops the requests to kswapd: after a start there is none. */
static void test_started_anew_nothing_is_asked(void **state)
{
	struct pcpmm_kswapd_state kswapd;

	(void)state;
	scene_init(1, 0);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	assert_null(pcpmm_alloc_pages(scene.cpu, PCPMM_GFP_NOWAIT, 2));
	assert_true(kswapd_of(scene.machine).woken);
	pcpmm_kswapd_stop(scene.machine);
	assert_int_equal(pcpmm_kswapd_start(scene.machine, 0), 0);
	kswapd = kswapd_of(scene.machine);
	assert_false(kswapd.woken);
	assert_int_equal(kswapd.order, 0);
	assert_int_equal(kswapd.highest_zone, PCPMM_NR_ZONES);
	assert_int_equal(run(), 0);
	assert_int_equal(kswapd_of(scene.machine).rounds, kswapd.rounds);
	scene_end();
}

static void test_thresholds_without_a_drift_mark(void **state)
{
	int normal;

	(void)state;
	scene_init(1, 0);
	assert_int_equal(truth_of(scene.machine, NORMAL).drift_mark, 0);
	normal = threshold_now();
	meanwhile_init(0);
	assert_true(run() > 0);
	assert_int_equal(meanwhile.threshold, normal);
	assert_int_equal(threshold_now(), normal);
	scene_end();
}

/* Each CPU but 0 frees @nr pages to the buddy that stay in its diff. */
static unsigned int hide(unsigned int nr)
{
	int64_t before = truth_of(scene.machine, NORMAL).nr_free_pages;

	assert_int_equal(pcpmm_vmstat_fold(scene.cpu, 0) >= 0, 1);
	before = truth_of(scene.machine, NORMAL).nr_free_pages;
	for (unsigned int id = 1; id < MANY; id++) {
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(scene.machine, id);

		hoard_give(&scene.hoard, cpu, nr);
		assert_int_equal(pcpmm_drain_local_pages(cpu, 0, ALL), 0);
		assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	}
	assert_int_equal(truth_of(scene.machine, NORMAL).nr_free_pages, before);
	return nr * (MANY - 1);
}

/* Snapshots taken by one allocation that wakes no kswapd. */
static uint64_t snapshots_of_one(bool *got)
{
	uint64_t before = reclaim_of(scene.machine).snapshots;
	struct pcpmm_page *page = pcpmm_alloc_pages(scene.cpu, QUIETLY, 0);

	*got = page;
	if (page)
		scene.hoard.page[scene.hoard.nr++] = page;
	return reclaim_of(scene.machine).snapshots - before;
}

/* 2.6.36: the check adds the diffs while kswapd is awake, and only then. */
static void test_a_snapshot_while_awake(void **state)
{
	enum pcpmm_reader reader = *(enum pcpmm_reader *)*state;
	bool by_snapshot = reader == PCPMM_READER_DRIFT_SNAPSHOT, got;
	struct pcpmm_zone_truth truth;

	many_cpus(reader);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	/* kswapd wakes before pages are in diffs: not balanced. */
	assert_false(ask());
	assert_int_equal(run(), 0);
	assert_true(kswapd_of(scene.machine).awake);
	truth = truth_of(scene.machine, NORMAL);
	assert_true(hide(4) > truth.min - (uint64_t)truth.nr_free_pages);
	if (by_snapshot)
		assert_true(snapshots_of_one(&got) > 0);
	else
		assert_int_equal(snapshots_of_one(&got), 0);
	assert_int_equal(got, by_snapshot);
	rounds_to_sleep();
	assert_int_equal(snapshots_of_one(&got), 0);
	assert_false(got);
	scene_end();
}

/* Above the drift mark the counter is good enough. */
static void test_no_snapshot_above_the_drift_mark(void **state)
{
	struct pcpmm_zone_truth truth;
	bool got;

	(void)state;
	many_cpus(PCPMM_READER_DRIFT_SNAPSHOT);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	assert_false(ask());
	assert_int_equal(run(), 0);
	assert_true(kswapd_of(scene.machine).awake);
	truth = truth_of(scene.machine, NORMAL);
	hoard_give(&scene.hoard, scene.cpu, (unsigned int)truth.drift_mark);
	assert_int_equal(pcpmm_drain_local_pages(scene.cpu, 0, ALL), 0);
	assert_int_equal(snapshots_of_one(&got), 0);
	assert_true(got);
	scene_end();
}

/* --- events -------------------------------------------------------------- */

static void test_events(void **state)
{
	static const struct {
		enum pcpmm_event_kind kind;
		unsigned int order;
	} expected[] = {
		{PCPMM_EVENT_MM_VMSCAN_WAKEUP_KSWAPD, 2},
		{PCPMM_EVENT_MM_VMSCAN_KSWAPD_WAKE, 2},
		{PCPMM_EVENT_MM_VMSCAN_KSWAPD_SLEEP, 0},
	};
	struct pcpmm_event events[16];

	(void)state;
	scene_init(1, 0);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	hoard_to_lru(&scene.hoard, scene.cpu, 4000, PCPMM_LRU_INACTIVE_FILE);
	assert_int_equal(
		pcpmm_trace_start(scene.machine, PCPMM_EVENTS_VMSCAN, 64), 0);
	assert_null(pcpmm_alloc_pages(scene.cpu, PCPMM_GFP_NOWAIT, 2));
	while (run() > 0 || kswapd_of(scene.machine).awake)
		;
	assert_int_equal(pcpmm_trace_read(scene.cpu, events, 16),
		HARNESS_COUNT(expected));
	for (size_t i = 0; i < HARNESS_COUNT(expected); i++) {
		assert_int_equal(events[i].kind, expected[i].kind);
		assert_int_equal(events[i].nid, 0);
		assert_int_equal(events[i].order, expected[i].order);
	}
	assert_int_equal(events[0].gfp, PCPMM_GFP_NOWAIT);
	assert_int_equal(pcpmm_trace_start(scene.machine, 0, 0), 0);
	scene_end();
}

static enum pcpmm_reader pressure = PCPMM_READER_PRESSURE_THRESHOLD,
			 raw = PCPMM_READER_RAW,
			 drift = PCPMM_READER_DRIFT_SNAPSHOT,
			 throttle = PCPMM_READER_THROTTLE_SNAPSHOT;

#define BY_READER(test, reader)                                                \
	{                                                                      \
#test " " #reader, test, NULL, NULL, &(reader)                 \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_woken_above_low),
		cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_woken_by_who_may_wake_it),
		cmocka_unit_test(test_not_without_kswapd),
		cmocka_unit_test(test_run_refuses),
		cmocka_unit_test(test_the_largest_request_counts),
		cmocka_unit_test(test_reclaims_to_above_high_and_sleeps),
		cmocka_unit_test(test_the_zones_that_are_asked_for),
		cmocka_unit_test(test_gives_up_after_16_rounds),
		cmocka_unit_test(test_a_lying_cache_is_hopeless),
		cmocka_unit_test(test_an_honest_cache_balances),
		cmocka_unit_test(test_a_high_order_is_given_up),
		cmocka_unit_test(test_a_boost_is_answered_and_taken_off),
		cmocka_unit_test(test_a_boost_without_anything_to_reclaim),
		cmocka_unit_test(test_a_boost_without_kswapd),
		cmocka_unit_test(test_lists_keep_less_meanwhile),
		BY_READER(test_thresholds_under_pressure, pressure),
		BY_READER(test_thresholds_under_pressure, throttle),
		BY_READER(test_thresholds_under_pressure, raw),
		BY_READER(test_thresholds_under_pressure, drift),
		cmocka_unit_test(test_stopped_awake),
		cmocka_unit_test(test_started_anew_nothing_is_asked),
		cmocka_unit_test(test_thresholds_without_a_drift_mark),
		BY_READER(test_a_snapshot_while_awake, drift),
		BY_READER(test_a_snapshot_while_awake, pressure),
		BY_READER(test_a_snapshot_while_awake, raw),
		cmocka_unit_test(test_no_snapshot_above_the_drift_mark),
		cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests_name("kswapd", tests, NULL, NULL);
}
