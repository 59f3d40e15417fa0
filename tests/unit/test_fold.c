/* SPDX-License-Identifier: MIT */
/*
 * Deferred folds: for which CPUs the shepherd queues a work item, when the item
 * is queued again, what starves it, and the remote fold instead.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "support/fold.h"

static struct pcpmm_machine *create(
	enum pcpmm_fold fold, void (*change)(struct pcpmm_config *config))
{
	static const struct pcpmm_node_config nodes[2] = {
		{.zones = {[PCPMM_ZONE_NORMAL] = {1024, 65536, 65536, 65536}}},
		{.zones = {[PCPMM_ZONE_NORMAL] = {66560, 65536, 65536, 65536}}},
	};
	struct pcpmm_config config = config_of(nodes, 2, 4);

	config.fold = fold;
	if (fold != PCPMM_FOLD_LOCAL)
		config.account = PCPMM_ACCOUNT_LOCK_CMPXCHG;
	if (change)
		change(&config);
	return create_or_fail(&config);
}

/* Add one on CPU @id, below its threshold. */
static void change_on(struct pcpmm_machine *machine, unsigned int id)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, id);

	assert_non_null(cpu);
	assert_int_equal(pcpmm_stat_mod(cpu, 0, -1, ITEM, 1), 0);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
}

/* --- local ------------------------------------------------------------- */

static void test_local_work_folds_and_stops(void **state)
{
	struct pcpmm_machine *machine = create(PCPMM_FOLD_LOCAL, NULL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	int passes = 0;

	(void)state;
	assert_int_equal(pcpmm_shepherd_pass(cpu), -EINVAL); /* not started */
	assert_int_equal(pcpmm_shepherd_start(machine, 0), 0);
	assert_int_equal(pcpmm_shepherd_start(machine, 0), -EBUSY);
	assert_int_equal(pcpmm_shepherd_pass(cpu), 0); /* nothing to do */
	assert_int_equal(stats_of(machine).works, 0);

	change_on(machine, 2);
	change_on(machine, 3);
	assert_int_equal(mapped(machine), 0);
	assert_int_equal(pcpmm_shepherd_pass(cpu), 2);
	assert_true(wait_for(machine, 2));
	/* Each item is queued once more, finds nothing, and is not requeued. */
	while (stats_of(machine).works < 4 && passes++ < 100)
		pcpmm_shepherd_pass(cpu);
	assert_int_equal(pcpmm_vmstat_refresh(cpu), 0);
	assert_int_equal(stats_of(machine).requeues, 2);
	assert_int_equal(pcpmm_shepherd_pass(cpu), 0);
	pcpmm_shepherd_stop(machine);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void one_cpu_polled(struct pcpmm_config *config)
{
	config->nr_cpus = 1;
	config->ipi = PCPMM_IPI_POLLED;
}

/* The thread that stops the shepherd is on the CPU for which it waits. */
static void test_stopped_by_who_is_on_its_cpu(void **state)
{
	enum pcpmm_fold fold = *(enum pcpmm_fold *)*state;
	bool local = fold == PCPMM_FOLD_LOCAL;
	struct pcpmm_machine *machine = create(fold, one_cpu_polled);
	const struct timespec pause = {.tv_nsec = 20000000};
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	assert_non_null(cpu);
	assert_int_equal(pcpmm_shepherd_start(machine, local ? 0 : 1), 0);
	assert_int_equal(pcpmm_stat_mod(cpu, 0, -1, ITEM, 1), 0);
	if (local)
		assert_int_equal(pcpmm_shepherd_pass(cpu), 1);
	nanosleep(&pause, NULL);
	pcpmm_shepherd_stop(machine);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	pcpmm_machine_destroy(machine);
}

struct spinner {
	atomic_bool ready, stop;
};

static void spin(struct pcpmm_cpu *cpu, void *arg)
{
	struct spinner *spinner = arg;

	assert_int_equal(pcpmm_stat_mod(cpu, 0, -1, ITEM, 1), 0);
	assert_int_equal(pcpmm_cpu_set_fifo(cpu, 1), 0);
	atomic_store(&spinner->ready, true);
	while (!atomic_load(&spinner->stop))
		;
}

static struct pcpmm_cpu_thread *start_spinner(
	struct pcpmm_machine *machine, struct spinner *spinner)
{
	struct pcpmm_cpu_thread *thread =
		pcpmm_cpu_run(machine, 1, -1, spin, spinner);

	assert_non_null(thread);
	while (!atomic_load(&spinner->ready))
		sched_yield();
	return thread;
}

/* The 2023 series' case: the work item waits behind a FIFO task. */
static void test_fifo_starves_the_local_fold(void **state)
{
	const struct timespec while_waiting = {.tv_nsec = 50000000};
	struct pcpmm_machine *machine = create(PCPMM_FOLD_LOCAL, NULL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct spinner spinner = {false};
	struct pcpmm_cpu_thread *thread;

	(void)state;
	assert_int_equal(pcpmm_shepherd_start(machine, 0), 0);
	thread = start_spinner(machine, &spinner);
	assert_int_equal(pcpmm_shepherd_pass(cpu), 1);
	nanosleep(&while_waiting, NULL);
	assert_int_equal(mapped(machine), 0);
	assert_int_equal(pcpmm_shepherd_pass(cpu), 0); /* queued already */
	atomic_store(&spinner.stop, true);
	pcpmm_cpu_join(thread);
	assert_true(wait_for(machine, 1));
	pcpmm_shepherd_stop(machine);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_remote_fold_passes_a_spinner(void **state)
{
	struct pcpmm_machine *machine = create(PCPMM_FOLD_REMOTE, NULL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct spinner spinner = {false};
	struct pcpmm_noise noise;
	struct pcpmm_cpu_thread *thread = start_spinner(machine, &spinner);

	(void)state;
	assert_int_equal(pcpmm_shepherd_pass(cpu), 1);
	assert_int_equal(mapped(machine), 1);
	assert_int_equal(pcpmm_vmstat_refresh(cpu), 0);
	pcpmm_noise_read(pcpmm_cpu_get(machine, 1), &noise);
	assert_int_equal(noise.count[PCPMM_NOISE_KWORKER], 0);
	assert_int_equal(noise.count[PCPMM_NOISE_IPI], 0);
	assert_int_equal(stats_of(machine).works, 0);
	assert_int_equal(stats_of(machine).remote, 8);
	atomic_store(&spinner.stop, true);
	pcpmm_cpu_join(thread);
	pcpmm_shepherd_stop(machine);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- isolated, idle ---------------------------------------------------- */

static void skip_isolated(struct pcpmm_config *config)
{
	static const unsigned char isolated[] = {0, 1, 0, 0};

	config->cpu_nohz_full = isolated;
	config->fold_skip_isolated = true;
}

static void test_isolated_cpus_are_passed_by(void **state)
{
	struct pcpmm_machine *machine =
		create(PCPMM_FOLD_REMOTE, skip_isolated);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	change_on(machine, 1);
	change_on(machine, 2);
	assert_int_equal(pcpmm_shepherd_pass(cpu), 1);
	assert_int_equal(mapped(machine), 1);
	assert_int_equal(stats_of(machine).skipped, 1);
	assert_int_equal(pcpmm_vmstat_fold_remote(cpu, 1), 1);
	assert_int_equal(mapped(machine), 2);
	pcpmm_shepherd_stop(machine);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* quiet_vmstat() folds only where the CPU's vmstat_work is pending. */
static void test_quiet_needs_an_armed_work(void **state)
{
	struct pcpmm_machine *machine = create(PCPMM_FOLD_LOCAL, NULL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_cpu *other = pcpmm_cpu_enter(machine, 1);

	(void)state;
	assert_int_equal(pcpmm_shepherd_start(machine, 0), 0);
	assert_int_equal(pcpmm_stat_mod(other, 0, -1, ITEM, 1), 0);
	assert_int_equal(pcpmm_cpu_idle_enter(other, true), 0);
	assert_int_equal(mapped(machine), 0); /* no pass so far */
	assert_int_equal(stats_of(machine).quiet, 0);
	assert_int_equal(pcpmm_cpu_idle_exit(other), 0);

	/* FIFO, so that the work item stays queued. */
	assert_int_equal(pcpmm_cpu_set_fifo(other, 1), 0);
	assert_int_equal(pcpmm_shepherd_pass(cpu), 1);
	assert_int_equal(pcpmm_cpu_idle_enter(other, false), 0);
	assert_true(wait_for(machine, 1)); /* it runs while the CPU is idle */
	assert_int_equal(pcpmm_cpu_idle_exit(other), 0);

	assert_int_equal(pcpmm_stat_mod(other, 0, -1, ITEM, 1), 0);
	assert_int_equal(pcpmm_cpu_idle_enter(other, true), 0);
	assert_int_equal(mapped(machine), 2); /* delayed is pending, too */
	assert_int_equal(stats_of(machine).quiet, 1);
	assert_int_equal(pcpmm_cpu_idle_exit(other), 0);
	assert_int_equal(pcpmm_cpu_leave(other), 0);
	pcpmm_shepherd_stop(machine);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- remote nodes' lists ------------------------------------------------ */

/* Put pages of node 1 on CPU 0's list. Returns their number. */
static int stock_remote(struct pcpmm_machine *machine)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *page =
		pcpmm_alloc_pages_node(cpu, 1, PCPMM_GFP_KERNEL, 0);

	assert_non_null(page);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	return pcp_of(cpu, 1, PCPMM_ZONE_NORMAL).count;
}

static void without_expire(struct pcpmm_config *config)
{
	config->fold_expire = PCPMM_EXPIRE_NO;
}

/* The shepherd of v8 drains them, three folds after the last change. */
static void test_remote_fold_expires_remote_lists(void **state)
{
	struct pcpmm_machine *machine = create(PCPMM_FOLD_REMOTE, NULL);
	struct pcpmm_cpu *cpu;
	int pages = stock_remote(machine);

	(void)state;
	assert_true(pages > 0);
	cpu = pcpmm_cpu_enter(machine, 2);
	for (int i = 0; i < 20; i++)
		assert_true(pcpmm_shepherd_pass(cpu) >= 0);
	assert_int_equal(
		pcp_of(pcpmm_cpu_get(machine, 0), 1, PCPMM_ZONE_NORMAL).count,
		0);
	assert_int_equal(stats_of(machine).pages, pages);
	pcpmm_shepherd_stop(machine);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void as_v4(struct pcpmm_config *config)
{
	config->fold_expire = PCPMM_EXPIRE_NO;
	config->refresh_drain = true;
}

/* In v4 stat_refresh drains them: lists and diffs are empty after it. */
static void test_v4_refresh_drains(void **state)
{
	struct pcpmm_machine *machine = create(PCPMM_FOLD_REMOTE, as_v4);
	struct pcpmm_cpu *cpu;
	struct pcpmm_zone_truth truth;

	(void)state;
	assert_true(stock_remote(machine) > 0);
	cpu = pcpmm_cpu_enter(machine, 2);
	assert_int_equal(pcpmm_vmstat_refresh(cpu), 0);
	assert_int_equal(
		pcpmm_zone_truth_read(machine, 1, PCPMM_ZONE_NORMAL, &truth),
		0);
	assert_int_equal(truth.pcp, 0);
	assert_int_equal(truth.nr_free_pages, truth.free);
	assert_int_equal(truth.snapshot, truth.free);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* By number the same as by name; a number without a name is refused. */
static void test_items_have_numbers(void **state)
{
	struct pcpmm_machine *machine = create(PCPMM_FOLD_REMOTE, NULL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	int item = pcpmm_stat_item(-1, ITEM);

	(void)state;
	assert_true(item >= 0);
	assert_int_equal(pcpmm_stat_mod(cpu, 0, -1, ITEM, 2), 0);
	assert_int_equal(pcpmm_stat_mod_item(cpu, 0, -1, item, 3), 0);
	assert_true(pcpmm_vmstat_fold(cpu, 0) > 0);
	assert_int_equal(mapped(machine), 5);
	assert_int_equal(pcpmm_stat_item(PCPMM_ZONE_NORMAL, ITEM), -ENOENT);
	assert_int_equal(pcpmm_stat_item(-1, "nr_free_pages"), -ENOENT);
	assert_int_equal(pcpmm_stat_mod_item(cpu, 0, -1, -1, 1), -EINVAL);
	assert_int_equal(pcpmm_stat_mod_item(cpu, 0, -1, 43, 1), -EINVAL);
	assert_int_equal(pcpmm_stat_mod_item(cpu, 9, -1, item, 1), -EINVAL);
	/* Items of the library itself. */
	assert_int_equal(
		pcpmm_stat_mod_item(cpu, 0, PCPMM_ZONE_NORMAL,
			pcpmm_stat_item(PCPMM_ZONE_NORMAL, "nr_free_pages"), 1),
		-EINVAL);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	assert_int_equal(pcpmm_stat_mod_item(cpu, 0, -1, item, 1), -EPERM);
	pcpmm_machine_destroy(machine);
}

/* In v4 a remote fold leaves them on the lists. */
static void test_v4_does_not(void **state)
{
	struct pcpmm_machine *machine =
		create(PCPMM_FOLD_REMOTE, without_expire);
	struct pcpmm_cpu *cpu;
	int pages = stock_remote(machine);

	(void)state;
	cpu = pcpmm_cpu_enter(machine, 2);
	for (int i = 0; i < 20; i++)
		assert_true(pcpmm_shepherd_pass(cpu) >= 0);
	assert_int_equal(
		pcp_of(pcpmm_cpu_get(machine, 0), 1, PCPMM_ZONE_NORMAL).count,
		pages);
	pcpmm_shepherd_stop(machine);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- a shepherd with a thread of its own -------------------------------- */

static void test_the_thread_makes_passes(void **state)
{
	const enum pcpmm_fold *fold = *state;
	struct pcpmm_machine *machine = create(*fold, NULL);

	assert_int_equal(pcpmm_shepherd_start(machine, 1), 0);
	for (unsigned int id = 0; id < 4; id++)
		change_on(machine, id);
	assert_true(wait_for(machine, 4));
	pcpmm_shepherd_stop(machine);
	pcpmm_shepherd_stop(machine); /* a second time: no effect */
	change_on(machine, 1);
	assert_int_equal(mapped(machine), 4);
	pcpmm_shepherd_stop(machine);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- what is refused ---------------------------------------------------- */

static int create_with(enum pcpmm_account account, enum pcpmm_fold fold,
	enum pcpmm_drain drain, bool unsound, struct pcpmm_error *error)
{
	static const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_NORMAL] = {1024, 8192, 8192, 8192}}};
	struct pcpmm_config config;
	struct pcpmm_machine *machine;

	pcpmm_config_init(&config, sizeof(config), PCPMM_PRESET_LINUX_6_1);
	config.nr_nodes = 1;
	config.nodes = &node;
	config.account = account;
	config.fold = fold;
	config.drain = drain;
	config.allow_unsound = unsound;
	machine = pcpmm_machine_create(&config, error);
	pcpmm_machine_destroy(machine);
	return machine ? 0 : errno;
}

static void test_unsound_pairs_are_refused(void **state)
{
	struct pcpmm_error error = {""};

	(void)state;
	assert_int_equal(
		create_with(PCPMM_ACCOUNT_LOCAL_CMPXCHG, PCPMM_FOLD_REMOTE,
			PCPMM_DRAIN_PCP_LOCK, false, &error),
		EINVAL);
	assert_non_null(strstr(error.text, "overwrites"));
	assert_int_equal(create_with(PCPMM_ACCOUNT_IRQOFF, PCPMM_FOLD_REMOTE,
				 PCPMM_DRAIN_PCP_LOCK, false, &error),
		EINVAL);
	assert_int_equal(
		create_with(PCPMM_ACCOUNT_LOCK_CMPXCHG, PCPMM_FOLD_BOTH,
			PCPMM_DRAIN_PCP_LOCK, false, &error),
		EINVAL);
	assert_non_null(strstr(error.text, "twice"));
	assert_int_equal(
		create_with(PCPMM_ACCOUNT_LOCK_CMPXCHG, PCPMM_FOLD_REMOTE,
			PCPMM_DRAIN_IPI_ALL, false, &error),
		EINVAL);
	assert_non_null(strstr(error.text, "ipi_all"));
	assert_int_equal(
		create_with(PCPMM_ACCOUNT_LOCAL_CMPXCHG, PCPMM_FOLD_REMOTE,
			PCPMM_DRAIN_PCP_LOCK, true, &error),
		0);
	assert_int_equal(
		create_with(PCPMM_ACCOUNT_LOCK_CMPXCHG, PCPMM_FOLD_REMOTE,
			PCPMM_DRAIN_PCP_LOCK, false, &error),
		0);
}

static void test_bad_calls(void **state)
{
	struct pcpmm_machine *machine = create(PCPMM_FOLD_REMOTE, NULL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	assert_int_equal(
		pcpmm_shepherd_pass(pcpmm_cpu_get(machine, 1)), -EPERM);
	assert_int_equal(
		pcpmm_vmstat_refresh(pcpmm_cpu_get(machine, 1)), -EPERM);
	assert_int_equal(pcpmm_vmstat_fold_remote(cpu, 99), -EINVAL);
	assert_int_equal(pcpmm_irq_disable(cpu), 0);
	assert_int_equal(pcpmm_shepherd_pass(cpu), -EINVAL);
	assert_int_equal(pcpmm_vmstat_refresh(cpu), -EINVAL);
	assert_int_equal(pcpmm_irq_enable(cpu), 0);
	assert_int_equal(pcpmm_vmstat_window_set(machine, NULL, NULL), -EPERM);
	/* A count below zero is reported. */
	assert_int_equal(pcpmm_stat_mod(cpu, 0, -1, ITEM, -3), 0);
	assert_int_equal(pcpmm_stat_mod(cpu, 0, -1, "nr_writeback", -3), 0);
	assert_int_equal(pcpmm_vmstat_refresh(cpu), 1);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	static enum pcpmm_fold local = PCPMM_FOLD_LOCAL,
			       remote = PCPMM_FOLD_REMOTE;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_local_work_folds_and_stops),
		{"test_stopped_by_who_is_on_its_cpu remote",
			test_stopped_by_who_is_on_its_cpu, NULL, NULL, &remote},
		{"test_stopped_by_who_is_on_its_cpu local",
			test_stopped_by_who_is_on_its_cpu, NULL, NULL, &local},
		cmocka_unit_test(test_fifo_starves_the_local_fold),
		cmocka_unit_test(test_remote_fold_passes_a_spinner),
		cmocka_unit_test(test_isolated_cpus_are_passed_by),
		cmocka_unit_test(test_quiet_needs_an_armed_work),
		cmocka_unit_test(test_remote_fold_expires_remote_lists),
		cmocka_unit_test(test_items_have_numbers),
		cmocka_unit_test(test_v4_does_not),
		cmocka_unit_test(test_v4_refresh_drains),
		{"test_the_thread_makes_passes local",
			test_the_thread_makes_passes, NULL, NULL, &local},
		{"test_the_thread_makes_passes remote",
			test_the_thread_makes_passes, NULL, NULL, &remote},
		cmocka_unit_test(test_unsound_pairs_are_refused),
		cmocka_unit_test(test_bad_calls),
	};

	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
