/* SPDX-License-Identifier: MIT */
/*
 * Batches before the LRU lists: what is in one is neither counted nor reclaimed
 * until it is full, its CPU reclaims or goes offline, or somebody drains it; and
 * the rounds of lru_add_drain_all().
 */
#include "support/lru_batches.h"

#include <sched.h>

static struct pcpmm_machine *machine_of(enum pcpmm_lru_batch batch)
{
	struct stage stage;

	stage_init(&stage, PCPMM_DRAIN_PCP_LOCK);
	stage.config.lru_batch = batch;
	return stage_create(&stage);
}

/* --- one CPU --------------------------------------------------------------------- */

static void test_full_batch(void **state)
{
	static const struct {
		enum pcpmm_lru_batch batch;
		unsigned int size;
	} rows[] = {{PCPMM_LRU_BATCH_NONE, 1}, {PCPMM_LRU_BATCH_15, 15},
		{PCPMM_LRU_BATCH_31, 31}};

	(void)state;
	for (size_t k = 0; k < HARNESS_COUNT(rows); k++) {
		struct pcpmm_machine *machine = machine_of(rows[k].batch);
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
		struct pcpmm_page *pages[31];

		for (unsigned int i = 0; i < rows[k].size; i++) {
			assert_int_equal(on_list(machine), 0);
			pages[i] = add_page(cpu);
		}
		assert_int_equal(on_list(machine), rows[k].size);
		take_back(cpu, pages, rows[k].size);
		assert_int_equal(pcpmm_cpu_leave(cpu), 0);
		expect_all_free(machine);
		pcpmm_machine_destroy(machine);
	}
}

static void test_a_page_in_a_batch(void **state)
{
	struct pcpmm_machine *machine = machine_of(PCPMM_LRU_BATCH_15);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *page = add_page(cpu);

	(void)state;
	assert_int_equal(pcpmm_lru_del(cpu, page), -EBUSY);
	assert_int_equal(
		pcpmm_lru_move(cpu, page, PCPMM_LRU_ACTIVE_FILE), -EBUSY);
	assert_int_equal(
		pcpmm_lru_add(cpu, page, PCPMM_LRU_ACTIVE_FILE), -EINVAL);
	assert_true(pcpmm_free_pages(cpu, page, 0) < 0);
	assert_int_equal(pcpmm_lru_add_drain(cpu), 1);
	assert_int_equal(pcpmm_lru_add_drain(cpu), 0);
	assert_int_equal(
		pcpmm_lru_add_drain(pcpmm_cpu_get(machine, 1)), -EPERM);
	assert_int_equal(on_list(machine), 1);
	take_back(cpu, &page, 1);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	/* In a batch it is conserved as well. */
	add_on(machine, 1, &page, 1);
	expect_valid(machine);
	cpu = pcpmm_cpu_enter(machine, 1);
	pcpmm_lru_add_drain(cpu);
	take_back(cpu, &page, 1);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- all CPUs ----------------------------------------------------------------------- */

static void test_drain_all(void **state)
{
	struct pcpmm_machine *machine = machine_of(PCPMM_LRU_BATCH_15);
	struct pcpmm_page *pages[5];
	struct pcpmm_cpu *cpu;

	(void)state;
	add_on(machine, 1, pages, 2);
	add_on(machine, 2, pages + 2, 3);
	assert_int_equal(on_list(machine), 0);
	cpu = pcpmm_cpu_enter(machine, 0);
	assert_int_equal(pcpmm_lru_add_drain_all(cpu, false), 0);
	assert_int_equal(on_list(machine), 5);
	assert_int_equal(lru_stats(machine).works, 2); /* CPUs with pages */
	assert_int_equal(pcpmm_lru_add_drain_all(cpu, false), 0);
	assert_int_equal(lru_stats(machine).works, 2);
	assert_int_equal(pcpmm_lru_add_drain_all(cpu, true), 0);
	assert_int_equal(lru_stats(machine).works, 2 + STAGE_CPUS);
	assert_int_equal(lru_stats(machine).rounds, 3);
	pcpmm_irq_disable(cpu);
	assert_int_equal(pcpmm_lru_add_drain_all(cpu, false), -EINVAL);
	pcpmm_irq_enable(cpu);
	take_back(cpu, pages, 5);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* An offline CPU's batch goes to the lists; it is left out of later rounds. */
static void test_offline(void **state)
{
	struct pcpmm_machine *machine = machine_of(PCPMM_LRU_BATCH_15);
	struct pcpmm_page *page;
	struct pcpmm_cpu *cpu;

	(void)state;
	add_on(machine, 1, &page, 1);
	cpu = pcpmm_cpu_enter(machine, 0);
	assert_int_equal(pcpmm_cpu_offline(cpu, 1), 0);
	assert_int_equal(on_list(machine), 1);
	assert_int_equal(pcpmm_lru_add_drain_all(cpu, true), 0);
	assert_int_equal(lru_stats(machine).works, STAGE_CPUS - 1);
	take_back(cpu, &page, 1);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- rounds ---------------------------------------------------------------------------- */

struct caller {
	struct pcpmm_cpu_thread *thread;
	bool force;
	int began, ended;
};

static void call(struct pcpmm_cpu *cpu, void *arg)
{
	struct caller *caller = arg;

	word_write(&caller->began, 1);
	assert_int_equal(pcpmm_lru_add_drain_all(cpu, caller->force), 0);
	word_write(&caller->ended, 1);
}

static void hold_cpu(struct pcpmm_cpu *cpu, void *arg)
{
	while (word_read(arg)) {
		pcpmm_cpu_poll(cpu);
		sched_yield();
	}
}

static void caller_start(
	struct caller *caller, struct pcpmm_machine *machine, unsigned int id)
{
	caller->thread = pcpmm_cpu_run(machine, id, -1, call, caller);
	assert_non_null(caller->thread);
}

/*
 * The first round waits behind a foreign item. Of the callers that come meanwhile
 * one makes a round, which the others share unless they force one.
 */
static uint64_t share(bool force)
{
	uint64_t shared;
	struct pcpmm_machine *machine = machine_of(PCPMM_LRU_BATCH_15);
	struct caller callers[3] = {
		{.force = force}, {.force = force}, {.force = force}};
	struct pcpmm_work *work;
	struct pcpmm_page *page;
	struct pcpmm_cpu *cpu;
	int hold = 1;

	add_on(machine, 3, &page, 1);
	work = pcpmm_work_create(machine, 3, PCPMM_SYSTEM_WQ, hold_cpu, &hold);
	assert_int_equal(pcpmm_work_queue(work), 1);
	caller_start(&callers[0], machine, 0);
	while (!lru_stats(machine).works)
		sched_yield();
	for (unsigned int i = 1; i < 3; i++) {
		caller_start(&callers[i], machine, i);
		while (!word_read(&callers[i].began))
			sched_yield();
	}
	/* Until both have asked; later they would make rounds of their own. */
	for (int64_t end = now_ms() + STARVED_MS; now_ms() < end;)
		sched_yield();
	assert_int_equal(word_read(&callers[0].ended), 0);
	assert_int_equal(word_read(&callers[1].ended), 0);
	word_write(&hold, 0);
	for (unsigned int i = 0; i < 3; i++)
		pcpmm_cpu_join(callers[i].thread);
	assert_int_equal(
		lru_stats(machine).rounds + lru_stats(machine).shared, 3);
	shared = lru_stats(machine).shared;
	assert_int_equal(on_list(machine), 1);
	assert_int_equal(pcpmm_work_destroy(work), 0);
	cpu = pcpmm_cpu_enter(machine, 0);
	take_back(cpu, &page, 1);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
	return shared;
}

/* A caller that is late by more than the wait makes a round of its own. */
static void test_callers_share_a_round(void **state)
{
	uint64_t shared = 0;

	(void)state;
	for (int i = 0; i < 50 && !shared; i++)
		shared = share(false);
	assert_int_equal(shared, 1);
}

static void test_forced_callers_do_not(void **state)
{
	(void)state;
	assert_int_equal(share(true), 0);
}

/* --- reclaim ------------------------------------------------------------------------------- */

/* Reclaim on a CPU drains that CPU's batch, not the others'. */
static void test_reclaim_drains_its_own(void **state)
{
	struct stage stage;
	struct pcpmm_machine *machine;
	struct pcpmm_page *other, *own, *held[2 * STAGE_PAGES];
	struct pcpmm_reclaim_stats stats;
	struct pcpmm_cpu *cpu;
	unsigned int nr = 0;

	(void)state;
	stage_init(&stage, PCPMM_DRAIN_PCP_LOCK);
	stage.config.lru_batch = PCPMM_LRU_BATCH_15;
	machine = stage_create(&stage);
	add_on(machine, 1, &other, 1);
	cpu = pcpmm_cpu_enter(machine, 0);
	while ((held[nr] = pcpmm_alloc_pages(cpu, PCPMM_GFP_NOWAIT, 0)))
		nr++;
	own = held[--nr];
	assert_int_equal(pcpmm_lru_add(cpu, own, PCPMM_LRU_INACTIVE_FILE), 0);
	assert_int_equal(on_list(machine), 0);
	own = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL | PCPMM___GFP_NORETRY, 0);
	pcpmm_reclaim_stats_read(machine, &stats);
	assert_int_equal(stats.direct, 1);
	assert_int_equal(stats.direct_pages, 1); /* CPU 1's is not found */
	if (own)
		pcpmm_free_pages(cpu, own, 0);
	while (nr)
		assert_int_equal(pcpmm_free_pages(cpu, held[--nr], 0), 0);
	assert_int_equal(pcpmm_lru_add_drain_all(cpu, false), 0);
	take_back(cpu, &other, 1);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_batch),
		cmocka_unit_test(test_a_page_in_a_batch),
		cmocka_unit_test(test_drain_all),
		cmocka_unit_test(test_offline),
		cmocka_unit_test(test_callers_share_a_round),
		cmocka_unit_test(test_forced_callers_do_not),
		cmocka_unit_test(test_reclaim_drains_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
