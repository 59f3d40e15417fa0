/* SPDX-License-Identifier: MIT */
/*
 * Who empties another CPU's LRU batch (axis lru_drain): the drainer under the
 * batch's lock, whatever the owner does meanwhile; or the owner, when it returns to
 * user mode.
 */
#include "support/lru_batches.h"

#include <sched.h>

#define OWNER 1
#define ISOLATED 3
#define NEVER_FULL 7 /* pages: fewer than a batch holds */

static struct pcpmm_machine *machine_of(
	enum pcpmm_lru_drain lru_drain, int isolated)
{
	static const unsigned char nohz_full[STAGE_CPUS] = {[ISOLATED] = 1};
	struct stage stage;

	stage_init(&stage, PCPMM_DRAIN_PCP_LOCK);
	stage.config.lru_batch = PCPMM_LRU_BATCH_15;
	stage.config.lru_drain = lru_drain;
	stage.config.ipi = PCPMM_IPI_POLLED;
	if (isolated)
		stage.config.cpu_nohz_full = nohz_full;
	return stage_create(&stage);
}

static void drain_all(struct pcpmm_machine *machine, bool force)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	assert_non_null(cpu);
	assert_int_equal(pcpmm_lru_add_drain_all(cpu, force), 0);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
}

/* All @nr pages are on the list: take them off, and nothing is lost. */
static void end(struct pcpmm_machine *machine, struct pcpmm_page **pages,
	unsigned int nr)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	assert_non_null(cpu);
	assert_int_equal(on_list(machine), nr);
	take_back(cpu, pages, nr);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- pwlocks --------------------------------------------------------------------- */

/* The batches of the CPUs with pages, and of no other; no item is queued. */
static void test_the_target_is_drained(void **state)
{
	struct pcpmm_machine *machine = machine_of(PCPMM_LRU_DRAIN_PWLOCKS, 0);
	struct pcpmm_work_stats works;
	struct pcpmm_page *pages[5];

	(void)state;
	add_on(machine, 1, pages, 2);
	add_on(machine, 2, pages + 2, 3);
	assert_int_equal(on_list(machine), 0);
	drain_all(machine, false);
	assert_int_equal(on_list(machine), 5);
	assert_int_equal(lru_stats(machine).remote, 2);
	drain_all(machine, false);
	assert_int_equal(lru_stats(machine).remote, 2);
	drain_all(machine, true);
	assert_int_equal(lru_stats(machine).remote, 2 + STAGE_CPUS);
	assert_int_equal(lru_stats(machine).rounds, 3);
	assert_int_equal(lru_stats(machine).works, 0);
	pcpmm_work_stats_read(machine, &works);
	assert_int_equal(works.queued, 0);
	end(machine, pages, 5);
}

struct spinner {
	struct pcpmm_page *page;
	int ready, stop;
};

/* One write, then silence. */
static void spin(struct pcpmm_cpu *cpu, void *arg)
{
	struct spinner *spinner = arg;

	assert_int_equal(pcpmm_cpu_set_fifo(cpu, 1), 0);
	spinner->page = add_page(cpu);
	word_write(&spinner->ready, 1);
	while (!word_read(&spinner->stop))
		sched_yield();
}

/* The drain is over while a FIFO task spins on the CPU, which is not disturbed. */
static void test_a_spinner_is_not_waited_for(void **state)
{
	struct pcpmm_machine *machine = machine_of(PCPMM_LRU_DRAIN_PWLOCKS, 0);
	struct spinner spinner = {.stop = 0};
	struct pcpmm_cpu_thread *thread =
		pcpmm_cpu_run(machine, OWNER, -1, spin, &spinner);

	(void)state;
	assert_non_null(thread);
	WAIT_FOR(&spinner.ready, 1);
	drain_all(machine, true);
	assert_int_equal(on_list(machine), 1);
	for (unsigned int i = 0; i < PCPMM_NR_NOISE_CAUSES; i++)
		assert_int_equal(noise_of(machine, OWNER).count[i], 0);
	word_write(&spinner.stop, 1);
	pcpmm_cpu_join(thread);
	end(machine, &spinner.page, 1);
}

/* Without the parameter: what boot has isolated decides, and nothing later does. */
static void test_auto(void **state)
{
	struct pcpmm_page *page;

	(void)state;
	for (int isolated = 0; isolated < 2; isolated++) {
		struct pcpmm_machine *machine =
			machine_of(PCPMM_LRU_DRAIN_PWLOCKS_AUTO, isolated);

		pcpmm_cpu_set_nohz_full(
			pcpmm_cpu_get(machine, ISOLATED), !isolated);
		add_on(machine, OWNER, &page, 1);
		drain_all(machine, false);
		assert_int_equal(lru_stats(machine).remote, isolated);
		assert_int_equal(lru_stats(machine).works, !isolated);
		end(machine, &page, 1);
	}
}

/* --- owner and drainer at once ----------------------------------------------------- */

#define TURNS 3000

struct race {
	struct pcpmm_page *pages[TURNS * NEVER_FULL];
	unsigned int nr;
	int done;
};

/* Adds in bursts, so that the batch is seldom full when the drainer comes. */
static void add_all(struct pcpmm_cpu *cpu, void *arg)
{
	struct race *race = arg;

	for (unsigned int i = 0; i < TURNS; i++) {
		for (unsigned int k = 0; k < NEVER_FULL; k++)
			race->pages[race->nr++] = add_page(cpu);
		if (i % 8 == 0)
			assert_true(pcpmm_lru_add_drain(cpu) >= 0);
		sched_yield();
	}
	word_write(&race->done, 1);
}

/* No page is lost or listed twice, whoever empties the batch. */
static void test_owner_and_drainer(void **state)
{
	static struct race race;
	struct pcpmm_machine *machine = machine_of(PCPMM_LRU_DRAIN_PWLOCKS, 0);
	struct pcpmm_cpu_thread *thread;
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	thread = pcpmm_cpu_run(machine, OWNER, -1, add_all, &race);
	assert_non_null(thread);
	while (!word_read(&race.done))
		assert_int_equal(pcpmm_lru_add_drain_all(cpu, true), 0);
	pcpmm_cpu_join(thread);
	assert_int_equal(pcpmm_lru_add_drain_all(cpu, true), 0);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	assert_int_equal(race.nr, TURNS * NEVER_FULL);
	expect_valid(machine);
	end(machine, race.pages, race.nr);
}

/* A CPU goes down and comes back while others drain it. */
static void test_hotplug_and_drainer(void **state)
{
	struct pcpmm_machine *machine = machine_of(PCPMM_LRU_DRAIN_PWLOCKS, 1);
	struct pcpmm_cpu *cpu;
	struct pcpmm_cpu_thread *thread;
	struct pcpmm_page *page;
	int done = 0;

	(void)state;
	add_on(machine, ISOLATED, &page, 1);
	cpu = pcpmm_cpu_enter(machine, 0);
	thread = pcpmm_cpu_run(machine, 2, -1, hotplug_main, &done);
	assert_non_null(thread);
	while (!word_read(&done))
		assert_int_equal(pcpmm_lru_add_drain_all(cpu, true), 0);
	pcpmm_cpu_join(thread);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	end(machine, &page, 1);
}

/* --- return to user mode -------------------------------------------------------------- */

static void return_to_user(struct pcpmm_machine *machine, unsigned int id)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, id);

	assert_non_null(cpu);
	assert_int_equal(pcpmm_cpu_user_return(cpu), 0);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
}

/*
 * As posted, a nohz_full CPU is left out even if the caller forces all CPUs, so a
 * page stays where it is until the task returns.
 */
static void test_isolated_cpus_drain_themselves(void **state)
{
	struct pcpmm_machine *machine =
		machine_of(PCPMM_LRU_DRAIN_USER_RETURN, 1);
	struct pcpmm_page *pages[2];

	(void)state;
	add_on(machine, ISOLATED, &pages[0], 1);
	drain_all(machine, false);
	drain_all(machine, true);
	assert_int_equal(on_list(machine), 0);
	assert_int_equal(lru_stats(machine).skipped, 2);
	assert_int_equal(lru_stats(machine).works, STAGE_CPUS - 1);
	return_to_user(machine, ISOLATED);
	return_to_user(machine, ISOLATED); /* nothing left */
	assert_int_equal(on_list(machine), 1);
	assert_int_equal(lru_stats(machine).user_returns, 1);
	drain_all(machine, false);
	assert_int_equal(lru_stats(machine).skipped, 2);

	/* Housekeeping CPUs are drained by items, and not at their return. */
	add_on(machine, OWNER, &pages[1], 1);
	return_to_user(machine, OWNER);
	assert_int_equal(on_list(machine), 1);
	drain_all(machine, false);
	assert_int_equal(lru_stats(machine).works, STAGE_CPUS);
	assert_int_equal(lru_stats(machine).user_returns, 1);
	end(machine, pages, 2);
}

/* The other values do nothing at the return. */
static void test_return_of_others(void **state)
{
	static const enum pcpmm_lru_drain others[] = {PCPMM_LRU_DRAIN_WORK,
		PCPMM_LRU_DRAIN_PWLOCKS, PCPMM_LRU_DRAIN_PWLOCKS_AUTO};
	struct pcpmm_page *page;

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(others); i++) {
		struct pcpmm_machine *machine = machine_of(others[i], 1);

		add_on(machine, ISOLATED, &page, 1);
		return_to_user(machine, ISOLATED);
		assert_int_equal(on_list(machine), 0);
		drain_all(machine, false);
		assert_int_equal(lru_stats(machine).user_returns, 0);
		assert_int_equal(lru_stats(machine).skipped, 0);
		end(machine, &page, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_target_is_drained),
		cmocka_unit_test(test_a_spinner_is_not_waited_for),
		cmocka_unit_test(test_auto),
		cmocka_unit_test(test_owner_and_drainer),
		cmocka_unit_test(test_hotplug_and_drainer),
		cmocka_unit_test(test_isolated_cpus_drain_themselves),
		cmocka_unit_test(test_return_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
