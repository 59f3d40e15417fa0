/* SPDX-License-Identifier: MIT */
/*
 * kswapd as a thread: it balances without help, chooses a CPU that is not
 * isolated or FIFO, can be stopped at any time, and wakes throttled tasks.
 */
#include "support/pressure.h"

#define NAP_MS 5

static struct pressure scene;

/* All pages are taken, and most of them are on an LRU list. */
static void scene_init(unsigned int cpus)
{
	struct stage stage;

	pressure_init(&stage, cpus, 0);
	pressure_begin(&scene, &stage);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	hoard_to_lru(&scene.hoard, scene.cpu, 6000, PCPMM_LRU_INACTIVE_FILE);
}

static void scene_end(void)
{
	pressure_end(&scene);
}

static void start(void)
{
	assert_int_equal(pcpmm_kswapd_start(scene.machine, NAP_MS), 0);
}

/* A request that may wake kswapd, does not wait and does not go below min. */
static void ask(void)
{
	struct pcpmm_page *page =
		pcpmm_alloc_pages(scene.cpu, PCPMM_GFP_NOWAIT, 0);

	if (page)
		scene.hoard.page[scene.hoard.nr++] = page;
}

/* Wait until @condition, a state of the thread as read by another, holds. */
#define UNTIL(condition)                                                       \
	do {                                                                   \
		int64_t end_ = now_ms() + LIMIT_MS;                            \
		while (!(condition)) {                                         \
			if (now_ms() > end_)                                   \
				fail_msg("never: %s", #condition);             \
			pause_us(100);                                         \
		}                                                              \
	} while (0)

/* --- by itself ------------------------------------------------------------- */

static void test_balances_by_itself(void **state)
{
	struct pcpmm_zone_truth truth;

	(void)state;
	scene_init(2);
	start();
	assert_true(kswapd_of(scene.machine).running);
	ask();
	/* Asleep at the start, and again after its rounds. */
	UNTIL(kswapd_of(scene.machine).sleeps >= 2);
	truth = truth_of(scene.machine, NORMAL);
	assert_true(truth.snapshot > (int64_t)truth.high);
	assert_true(kswapd_of(scene.machine).reclaimed > 0);
	assert_true(kswapd_of(scene.machine).rounds > 0);
	assert_false(kswapd_of(scene.machine).awake);
	pcpmm_kswapd_stop(scene.machine);
	assert_false(kswapd_of(scene.machine).running);
	expect_valid(scene.machine);
	scene_end();
}

/* It runs on the only CPU and displaces the thread that is there. */
static void test_the_only_cpu_is_shared(void **state)
{
	enum pcpmm_ipi ipi = *(enum pcpmm_ipi *)*state;
	struct stage stage;

	pressure_init(&stage, 1, 0);
	stage.config.ipi = ipi;
	pressure_begin(&scene, &stage);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	hoard_to_lru(&scene.hoard, scene.cpu, 6000, PCPMM_LRU_INACTIVE_FILE);
	start();
	ask();
	UNTIL(pcpmm_cpu_poll(scene.cpu) >= 0 &&
		kswapd_of(scene.machine).sleeps >= 2);
	assert_true(kswapd_of(scene.machine).reclaimed > 0);
	scene_end();
}

static void test_gives_up_by_itself(void **state)
{
	struct stage stage;

	(void)state;
	pressure_init(&stage, 2, 0);
	pressure_begin(&scene, &stage);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	start();
	ask();
	UNTIL(kswapd_of(scene.machine).sleeps >= 2);
	assert_int_equal(kswapd_of(scene.machine).failures, 16);
	assert_int_equal(kswapd_of(scene.machine).rounds, 16);
	scene_end();
}

/* --- start and stop ---------------------------------------------------------- */

static void test_start_and_stop(void **state)
{
	int rounds = is_slow_run() ? 20 : 100;

	(void)state;
	scene_init(2);
	for (int i = 0; i < rounds; i++) {
		start();
		assert_int_equal(
			pcpmm_kswapd_start(scene.machine, NAP_MS), -EBUSY);
		assert_int_equal(pcpmm_kswapd_start(scene.machine, 0), -EBUSY);
		if (i % 2)
			ask();
		pcpmm_kswapd_stop(scene.machine);
		assert_false(kswapd_of(scene.machine).running);
		assert_false(kswapd_of(scene.machine).awake);
	}
	pcpmm_kswapd_stop(scene.machine);
	scene_end();
}

/* Without a request it does nothing, the second time, too. */
static void test_born_asleep(void **state)
{
	(void)state;
	scene_init(2);
	for (unsigned int i = 1; i <= 3; i++) {
		start();
		UNTIL(kswapd_of(scene.machine).sleeps >= i);
		assert_false(kswapd_of(scene.machine).woken);
		assert_int_equal(kswapd_of(scene.machine).rounds, 0);
		pcpmm_kswapd_stop(scene.machine);
		assert_int_equal(kswapd_of(scene.machine).rounds, 0);
	}
	scene_end();
}

struct look {
	int calls, hold;
	int cpus; /* bit mask */
};

static enum pcpmm_verdict look(struct pcpmm_cpu *cpu, struct pcpmm_page *page,
	enum pcpmm_lru lru, void *arg)
{
	struct look *look = arg;

	(void)page, (void)lru;
	__atomic_fetch_or(
		&look->cpus, 1 << pcpmm_cpu_id(cpu), __ATOMIC_RELAXED);
	word_add(&look->calls, 1);
	while (word_read(&look->hold))
		pause_us(100);
	return PCPMM_PAGE_RECLAIM;
}

static void stop_main(struct pcpmm_cpu *cpu, void *arg)
{
	pcpmm_kswapd_stop(pcpmm_cpu_machine(cpu));
	word_write(arg, 1);
}

/* Stopped in the middle of a round: the round is finished first. */
static void test_stop_while_awake(void **state)
{
	struct look by = {.hold = 1};
	struct pcpmm_cpu_thread *thread;
	int stopped = 0;

	(void)state;
	scene_init(4);
	pcpmm_reclaim_page_set(scene.machine, look, &by);
	start();
	ask();
	WAIT_FOR(&by.calls, 1);
	assert_true(kswapd_of(scene.machine).awake);
	thread = pcpmm_cpu_run(scene.machine, 1, -1, stop_main, &stopped);
	assert_non_null(thread);
	pause_us(2000);
	assert_int_equal(word_read(&stopped), 0);
	word_write(&by.hold, 0);
	WAIT_FOR(&stopped, 1);
	pcpmm_cpu_join(thread);
	assert_false(kswapd_of(scene.machine).running);
	expect_valid(scene.machine);
	scene_end();
}

/*
 * kswapd waits for the only CPU, and the thread on it stops kswapd: the thread
 * gives the CPU up meanwhile.
 */
static void ask_and_stop(struct pcpmm_cpu *cpu, void *arg)
{
	struct pcpmm_kswapd_state kswapd;

	scene.cpu = cpu;
	ask();
	do
		pcpmm_kswapd_read(pcpmm_cpu_machine(cpu), 0, &kswapd);
	while (!kswapd.awake && !kswapd.rounds);
	pause_us(2000); /* by now kswapd waits for the CPU */
	stop_main(cpu, arg);
}

static void test_stop_by_who_is_on_its_cpu(void **state)
{
	enum pcpmm_ipi ipi = *(enum pcpmm_ipi *)*state;
	struct pcpmm_cpu_thread *thread;
	static int stopped;
	struct stage stage;

	pressure_init(&stage, 1, 0);
	stage.config.ipi = ipi;
	pressure_begin(&scene, &stage);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	hoard_to_lru(&scene.hoard, scene.cpu, 6000, PCPMM_LRU_INACTIVE_FILE);
	assert_int_equal(pcpmm_cpu_leave(scene.cpu), 0);
	start();
	word_write(&stopped, 0);
	thread = pcpmm_cpu_run(scene.machine, 0, -1, ask_and_stop, &stopped);
	assert_non_null(thread);
	if (!word_comes(&stopped, 1, 5000))
		fail_msg("they wait for each other");
	pcpmm_cpu_join(thread);
	scene.cpu = pcpmm_cpu_enter(scene.machine, 0);
	assert_non_null(scene.cpu);
	scene_end();
}

static void test_destroy_while_it_runs(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		scene_init(2);
		start();
		if (i % 2)
			ask();
		pcpmm_machine_destroy(scene.machine);
	}
}

/* --- where it runs -------------------------------------------------------------- */

/* CPU 1 is isolated, CPU 2 has a FIFO task. */
static void test_a_cpu_that_can_spare_it(void **state)
{
	struct look by = {0};
	struct stage stage;
	struct actor fifo;

	(void)state;
	pressure_init(&stage, 4, 0);
	pressure_begin(&scene, &stage);
	actor_start(&fifo, scene.machine, 2, PART_FIFO);
	hoard_all(&scene.hoard, scene.cpu, QUIETLY);
	hoard_to_lru(&scene.hoard, scene.cpu, 6000, PCPMM_LRU_INACTIVE_FILE);
	pcpmm_reclaim_page_set(scene.machine, look, &by);
	pcpmm_cpu_set_nohz_full(pcpmm_cpu_get(scene.machine, 1), true);
	start();
	ask();
	UNTIL(kswapd_of(scene.machine).sleeps >= 2);
	pcpmm_kswapd_stop(scene.machine);
	assert_true(by.calls > 0);
	assert_int_equal(by.cpus, 1 << 3); /* 0 is in use */
	actor_end(&fifo);
	scene_end();
}

/* All CPUs are isolated: it runs on one of them. */
static void test_an_isolated_cpu_if_there_is_no_other(void **state)
{
	struct look by = {0};

	(void)state;
	scene_init(2);
	pcpmm_reclaim_page_set(scene.machine, look, &by);
	for (unsigned int id = 0; id < 2; id++)
		pcpmm_cpu_set_nohz_full(pcpmm_cpu_get(scene.machine, id), true);
	start();
	ask();
	UNTIL(kswapd_of(scene.machine).sleeps >= 2);
	pcpmm_kswapd_stop(scene.machine);
	assert_int_equal(by.cpus, 1 << 1);
	scene_end();
}

static void test_hotplug_meanwhile(void **state)
{
	int rounds = is_slow_run() ? 200 : 3000;

	(void)state;
	scene_init(4);
	assert_true(truth_of(scene.machine, NORMAL).drift_mark > 0);
	start();
	UNTIL(kswapd_of(scene.machine).sleeps == 1);
	for (int i = 0; i < rounds; i++) {
		unsigned int id = 1 + (unsigned int)i % 3;

		hoard_all(&scene.hoard, scene.cpu, PCPMM_GFP_NOWAIT);
		assert_int_equal(pcpmm_cpu_offline(scene.cpu, id), 0);
		if (scene.hoard.nr > 1500)
			hoard_to_lru(&scene.hoard, scene.cpu, 500,
				PCPMM_LRU_INACTIVE_FILE);
		ask();
		assert_int_equal(pcpmm_cpu_online(scene.cpu, id), 0);
	}
	UNTIL(kswapd_of(scene.machine).reclaimed > 0);
	pcpmm_kswapd_stop(scene.machine);
	expect_valid(scene.machine);
	scene_end();
}

static void test_sysctls_meanwhile(void **state)
{
	int rounds = is_slow_run() ? 200 : 3000;

	(void)state;
	scene_init(4);
	start();
	UNTIL(kswapd_of(scene.machine).sleeps == 1);
	for (int i = 0; i < rounds; i++) {
		hoard_all(&scene.hoard, scene.cpu, PCPMM_GFP_NOWAIT);
		if (scene.hoard.nr > 2500)
			hoard_to_lru(&scene.hoard, scene.cpu, 500,
				PCPMM_LRU_INACTIVE_FILE);
		ask();
		assert_int_equal(
			pcpmm_sysctl_set(scene.machine, "vm.min_free_kbytes",
				i % 2 ? "1024" : "2048"),
			0);
	}
	UNTIL(kswapd_of(scene.machine).reclaimed > 0);
	pcpmm_kswapd_stop(scene.machine);
	expect_valid(scene.machine);
	scene_end();
}

/* --- the throttle ----------------------------------------------------------------- */

#define MANY 16
#define HIDDEN 8 /* pages in the diff of each CPU but 0 and 1 */

struct sleeper {
	struct pcpmm_page *page;
	uint32_t gfp;
	int done;
	struct pcpmm_cpu_thread *thread;
};

static void sleeper_main(struct pcpmm_cpu *cpu, void *arg)
{
	struct sleeper *sleeper = arg;

	sleeper->page = pcpmm_alloc_pages(cpu, sleeper->gfp, 0);
	word_write(&sleeper->done, 1);
}

static void sleeper_start(struct sleeper *sleeper, uint32_t gfp)
{
	*sleeper = (struct sleeper){.gfp = gfp};
	sleeper->thread =
		pcpmm_cpu_run(scene.machine, 1, -1, sleeper_main, sleeper);
	assert_non_null(sleeper->thread);
}

static void sleeper_end(struct sleeper *sleeper)
{
	WAIT_FOR(&sleeper->done, 1);
	pcpmm_cpu_join(sleeper->thread);
	if (sleeper->page)
		scene.hoard.page[scene.hoard.nr++] = sleeper->page;
	assert_int_equal(reclaim_of(scene.machine).throttled_now, 0);
}

static unsigned long nothing(struct pcpmm_cpu *cpu, unsigned int order,
	unsigned long target, void *arg)
{
	(void)cpu, (void)order, (void)target, (void)arg;
	return 0;
}

/*
 * The case of the 2023 series: by the counter less than half of min is free, by
 * a snapshot, which kswapd uses, more than high. kswapd sleeps, and a throttled
 * task waits.
 */
static void throttle_init(enum pcpmm_reader reader)
{
	struct pcpmm_zone_truth truth;
	struct stage stage;

	pressure_init(&stage, MANY, 0);
	stage.config.sysctl.min_free_kbytes = 256;
	stage.config.reader = reader;
	pressure_begin(&scene, &stage);
	pcpmm_reclaim_set(scene.machine, nothing, NULL);
	hoard_down_to(&scene.hoard, scene.cpu, PCPMM___GFP_MEMALLOC, 10);
	assert_int_equal(pcpmm_drain_local_pages(scene.cpu, 0, ALL), 0);
	assert_true(pcpmm_vmstat_fold(scene.cpu, 0) >= 0);
	for (unsigned int id = 2; id < MANY; id++) {
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(scene.machine, id);

		hoard_give(&scene.hoard, cpu, HIDDEN);
		assert_int_equal(pcpmm_drain_local_pages(cpu, 0, ALL), 0);
		assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	}
	truth = truth_of(scene.machine, NORMAL);
	assert_true(truth.nr_free_pages <= (int64_t)truth.min / 2);
	assert_true(truth.snapshot > (int64_t)truth.high);
	start();
}

static void throttle_end(void)
{
	pcpmm_kswapd_stop(scene.machine);
	pcpmm_reclaim_set(scene.machine, NULL, NULL);
	scene_end();
}

/* Fold the diffs: the counter then has the pages. */
static void fold_all(void)
{
	for (unsigned int id = 2; id < MANY; id++) {
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(scene.machine, id);

		assert_true(pcpmm_vmstat_fold(cpu, 0) >= 0);
		assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	}
}

static void sleeper_start_throttled(struct sleeper *sleeper, uint32_t gfp)
{
	sleeper_start(sleeper, gfp);
	UNTIL(reclaim_of(scene.machine).throttled_now == 1);
}

/* As OOM callback: waits for the last fold, then has the request go on. */
static bool wait_for_the_folds(
	struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int order, void *folded)
{
	(void)cpu, (void)gfp, (void)order;
	return word_comes(folded, 1, LIMIT_MS);
}

/*
 * kswapd and the throttled task wake each other all the time, so the task may be
 * let go between two folds, with the counter above half of min but below min.
 */
static void test_throttled_until_the_counter_knows(void **state)
{
	struct sleeper sleeper;
	int folded = 0;

	(void)state;
	throttle_init(PCPMM_READER_PRESSURE_THRESHOLD);
	pcpmm_oom_set(scene.machine, wait_for_the_folds, &folded);
	assert_false(pcpmm_allows_direct_reclaim(scene.machine, 0));
	sleeper_start_throttled(&sleeper, PCPMM_GFP_KERNEL);
	assert_int_equal(word_read(&sleeper.done), 0);
	assert_int_equal(vmstat_of(scene.machine, "pgscan_direct_throttle"), 1);
	fold_all();
	word_write(&folded, 1);
	assert_true(pcpmm_allows_direct_reclaim(scene.machine, 0));
	sleeper_end(&sleeper);
	assert_non_null(sleeper.page);
	assert_int_equal(reclaim_of(scene.machine).throttled, 1);
	throttle_end();
}

static void test_a_snapshot_knows_at_once(void **state)
{
	struct sleeper sleeper;

	(void)state;
	throttle_init(PCPMM_READER_THROTTLE_SNAPSHOT);
	assert_true(pcpmm_allows_direct_reclaim(scene.machine, 0));
	sleeper_start(&sleeper, ONE_PASS);
	sleeper_end(&sleeper);
	assert_int_equal(reclaim_of(scene.machine).throttled, 0);
	assert_int_equal(reclaim_of(scene.machine).direct, 1);
	throttle_end();
}

/* Without __GFP_FS a throttled request waits for a limited time. */
static void test_not_for_ever_without_fs(void **state)
{
	struct sleeper sleeper;

	(void)state;
	throttle_init(PCPMM_READER_PRESSURE_THRESHOLD);
	sleeper_start(&sleeper, PCPMM_GFP_NOFS | PCPMM___GFP_NORETRY);
	UNTIL(reclaim_of(scene.machine).throttled == 1);
	sleeper_end(&sleeper);
	assert_int_equal(reclaim_of(scene.machine).direct, 1);
	assert_false(pcpmm_allows_direct_reclaim(scene.machine, 0));
	throttle_end();
}

/* It goes on to reclaim, and without success all retries. */
static void test_not_after_a_kill(void **state)
{
	struct pcpmm_cpu *cpu;
	struct sleeper sleeper;

	(void)state;
	throttle_init(PCPMM_READER_PRESSURE_THRESHOLD);
	sleeper_start_throttled(&sleeper, PCPMM_GFP_KERNEL);
	assert_int_equal(reclaim_of(scene.machine).direct, 0);
	pcpmm_cpu_kill(pcpmm_cpu_get(scene.machine, 1));
	sleeper_end(&sleeper);
	assert_null(sleeper.page);
	assert_int_equal(
		reclaim_of(scene.machine).direct, PCPMM_RECLAIM_RETRIES + 1);
	assert_int_equal(reclaim_of(scene.machine).throttled, 1);
	/* Nor if it was killed before; the next task on the CPU is. */
	assert_false(pcpmm_allows_direct_reclaim(scene.machine, 0));
	cpu = pcpmm_cpu_enter(scene.machine, 1);
	pcpmm_cpu_kill(cpu);
	assert_null(pcpmm_alloc_pages(cpu, ONE_PASS, 0));
	assert_int_equal(reclaim_of(scene.machine).throttled, 1);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	sleeper_start_throttled(&sleeper, ONE_PASS);
	assert_int_equal(reclaim_of(scene.machine).throttled, 2);
	pcpmm_kswapd_stop(scene.machine);
	sleeper_end(&sleeper);
	throttle_end();
}

static void test_not_after_a_stop(void **state)
{
	struct sleeper sleeper;

	(void)state;
	throttle_init(PCPMM_READER_PRESSURE_THRESHOLD);
	sleeper_start_throttled(
		&sleeper, PCPMM_GFP_KERNEL | PCPMM___GFP_NORETRY);
	pcpmm_kswapd_stop(scene.machine);
	sleeper_end(&sleeper);
	assert_int_equal(reclaim_of(scene.machine).direct, 1);
	assert_false(pcpmm_allows_direct_reclaim(scene.machine, 0));
	throttle_end();
}

static enum pcpmm_ipi by_signal = PCPMM_IPI_SIGNAL, polled = PCPMM_IPI_POLLED;

#define BY_IPI(test, ipi)                                                      \
	{                                                                      \
#test " " #ipi, test, NULL, NULL, &(ipi)                       \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_balances_by_itself),
		BY_IPI(test_the_only_cpu_is_shared, by_signal),
		BY_IPI(test_the_only_cpu_is_shared, polled),
		cmocka_unit_test(test_gives_up_by_itself),
		cmocka_unit_test(test_start_and_stop),
		cmocka_unit_test(test_born_asleep),
		cmocka_unit_test(test_stop_while_awake),
		BY_IPI(test_stop_by_who_is_on_its_cpu, by_signal),
		BY_IPI(test_stop_by_who_is_on_its_cpu, polled),
		cmocka_unit_test(test_destroy_while_it_runs),
		cmocka_unit_test(test_a_cpu_that_can_spare_it),
		cmocka_unit_test(test_an_isolated_cpu_if_there_is_no_other),
		cmocka_unit_test(test_hotplug_meanwhile),
		cmocka_unit_test(test_sysctls_meanwhile),
		cmocka_unit_test(test_throttled_until_the_counter_knows),
		cmocka_unit_test(test_a_snapshot_knows_at_once),
		cmocka_unit_test(test_not_for_ever_without_fs),
		cmocka_unit_test(test_not_after_a_kill),
		cmocka_unit_test(test_not_after_a_stop),
	};

	return cmocka_run_group_tests_name("kswapd threads", tests, NULL, NULL);
}
