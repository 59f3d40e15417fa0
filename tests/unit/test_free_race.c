/* SPDX-License-Identifier: MIT */
/*
 * free_check = exchange: of two threads that free one page at the same moment, one
 * frees it and the other is refused, each time, whichever call they use.
 */
#include "support/drains.h"

#include <sched.h>
#include <stdatomic.h>

/* How a thread gives a page away. */
enum way { FREE, BATCH, RECORDED, SPLIT, LRU, NR_WAYS };

struct duel {
	enum way ways[2];
	unsigned int order;
	struct pcpmm_page *page;
	atomic_uint arrived; /* calls begun, by both, of all rounds */
	unsigned int rounds;
	atomic_uint done; /* by the second: 2 x round + 1 if it was refused */
};

static struct pcpmm_machine *machine;

static int give(struct pcpmm_cpu *cpu, enum way way, struct pcpmm_page *page,
	unsigned int order)
{
	static const struct pcpmm_choice choice = {
		.type = PCPMM_MIGRATE_MOVABLE};

	switch (way) {
	case BATCH:
		return (int)pcpmm_free_pages_batch(cpu, &page, 1);
	case RECORDED:
		return pcpmm_recorded_free(cpu, page, order, &choice);
	case SPLIT:
		return pcpmm_split_pages(cpu, page, order, 0);
	case LRU:
		return pcpmm_lru_add(cpu, page, PCPMM_LRU_INACTIVE_FILE);
	default:
		return pcpmm_free_pages(cpu, page, order);
	}
}

/* Looks without a break: a thread that sleeps comes too late for the race. */
static void wait_until_least(atomic_uint *word, unsigned int value)
{
	for (unsigned int looks = 1; atomic_load(word) < value; looks++)
		if (!(looks % 1024))
			sched_yield();
}

/* Both threads begin a round at the same moment, as well as a host can do it. */
static void meet(struct duel *duel, unsigned int round)
{
	atomic_fetch_add(&duel->arrived, 1);
	wait_until_least(&duel->arrived, 2 * round);
}

/* Undo what one of them did, so that the page is free. Split: order 0 now. */
static void clean_up(struct pcpmm_cpu *cpu, const struct duel *duel, int winner)
{
	enum way way = duel->ways[winner];

	if (way == LRU) {
		assert_int_equal(pcpmm_lru_del(cpu, duel->page), 0);
		assert_int_equal(pcpmm_free_pages(cpu, duel->page, 0), 0);
	}
	if (way == SPLIT)
		for (unsigned int i = 0; i < 1u << duel->order; i++)
			assert_int_equal(
				pcpmm_free_pages(cpu,
					pcpmm_pfn_to_page(machine,
						pcpmm_page_to_pfn(
							machine, duel->page) +
							i),
					0),
				0);
}

static void second(struct pcpmm_cpu *cpu, void *arg)
{
	struct duel *duel = arg;

	for (unsigned int round = 1; round <= duel->rounds; round++) {
		bool lost;

		meet(duel, round);
		lost = give(cpu, duel->ways[1], duel->page, duel->order);
		atomic_store(&duel->done, 2 * round + lost);
	}
}

static void first(struct pcpmm_cpu *cpu, struct duel *duel)
{
	for (unsigned int round = 1; round <= duel->rounds; round++) {
		bool lost, lost_too;

		duel->page = pcpmm_alloc_pages(
			cpu, PCPMM_GFP_HIGHUSER_MOVABLE, duel->order);
		assert_non_null(duel->page);
		meet(duel, round);
		lost = give(cpu, duel->ways[0], duel->page, duel->order);
		wait_until_least(&duel->done, 2 * round);
		lost_too = atomic_load(&duel->done) % 2;
		if (lost == lost_too)
			fail_msg("round %u: %s", round,
				lost ? "neither frees it" : "both free it");
		clean_up(cpu, duel, lost);
	}
}

static void create(enum pcpmm_drain drain)
{
	struct stage stage;

	stage_init(&stage, drain);
	stage.config.nr_cpus = 2;
	stage.config.free_check = PCPMM_FREE_CHECK_EXCHANGE;
	machine = stage_create(&stage);
}

/* A page that has merged meanwhile is no block, one that was split has order 0. */
static uint64_t refused(void)
{
	struct pcpmm_misuse misuse;

	pcpmm_misuse_read(machine, &misuse);
	assert_int_equal(misuse.wrong_thread, 0);
	return misuse.double_free + misuse.wrong_order + misuse.foreign_page;
}

static void run_duel(enum pcpmm_drain drain, enum way one, enum way other,
	unsigned int order)
{
	struct duel duel = {.ways = {one, other},
		.order = order,
		.rounds = is_slow_run() ? 200 : 2000};
	struct pcpmm_cpu_thread *thread;
	struct pcpmm_cpu *cpu;

	create(drain);
	cpu = pcpmm_cpu_enter(machine, 0);
	thread = pcpmm_cpu_run(machine, 1, -1, second, &duel);
	assert_non_null(thread);
	first(cpu, &duel);
	pcpmm_cpu_join(thread);
	/* A lost pcpmm_lru_add() is no misuse, but an error. */
	if (one != LRU && other != LRU)
		assert_int_equal(refused(), duel.rounds);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_two_frees(void **state)
{
	static const unsigned int orders[] = {0, 3, 4, 9};

	(void)state;
	for (unsigned int drain = 0; drain < PCPMM_NR_DRAINS; drain++)
		if (!pcpmm_drain_is_unsound(drain) &&
			drain != PCPMM_DRAIN_EXTERNAL)
			run_duel((enum pcpmm_drain)drain, FREE, FREE, 0);
	for (size_t i = 1; i < HARNESS_COUNT(orders); i++)
		run_duel(PCPMM_DRAIN_PCP_LOCK, FREE, FREE, orders[i]);
}

static void test_a_free_and_another_way(void **state)
{
	(void)state;
	for (enum way way = BATCH; way < NR_WAYS; way++)
		run_duel(PCPMM_DRAIN_PCP_LOCK, FREE, way, way == SPLIT ? 2 : 0);
	run_duel(PCPMM_DRAIN_IPI_ALL, BATCH, BATCH, 0);
	run_duel(PCPMM_DRAIN_IPI_ALL, RECORDED, RECORDED, 4);
}

/* One after the other: as with free_check = racy. */
static void test_misuse_has_the_same_names(void **state)
{
	struct pcpmm_misuse misuse;
	struct pcpmm_page *page;
	struct pcpmm_cpu *cpu;

	(void)state;
	create(PCPMM_DRAIN_PCP_LOCK);
	cpu = pcpmm_cpu_enter(machine, 0);
	for (unsigned int order = 0; order < 6; order++) {
		page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, order);
		assert_int_equal(
			pcpmm_free_pages(cpu, page, order + 1), -EINVAL);
		assert_int_equal(pcpmm_free_pages(cpu, page, order), 0);
		assert_int_equal(pcpmm_free_pages(cpu, page, order), -EINVAL);
	}
	assert_int_equal(pcpmm_free_pages(cpu, NULL, 0), -EINVAL);
	pcpmm_misuse_read(machine, &misuse);
	assert_int_equal(misuse.wrong_order, 6);
	assert_int_equal(misuse.double_free, 6);
	assert_int_equal(misuse.foreign_page, 1);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_frees),
		cmocka_unit_test(test_a_free_and_another_way),
		cmocka_unit_test(test_misuse_has_the_same_names),
	};

	return cmocka_run_group_tests_name("free race", tests, NULL, NULL);
}
