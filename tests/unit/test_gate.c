/* SPDX-License-Identifier: MIT */
/*
 * The gate of a zone is the sum of its terms, whatever changes them and in
 * whatever order; and it says what the watermark check says.
 */
#include "support/layout.h"

#include <pthread.h>

#include "machine/tunables.h"
#include "zone/gate.h"
#include "zone/pageblock.h"
#include "zone/watermark.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define BLOCKS 32

/* Read off the header's formula, term by term. */
static int64_t sum_of_terms(const struct zone *zone)
{
	int64_t sum = zone->stat.value[NR_FREE_PAGES];

	sum -= (int64_t)zone->mark[MARK_LOW];
	sum -= (int64_t)zone->boost;
	sum -= (int64_t)zone->unusable_highatomic;
	if (zone->flags & ZONE_BOOSTED_WATERMARK)
		sum -= INT64_C(1) << 60;
	if (zone->flags & ZONE_READ_SNAPSHOT)
		sum -= INT64_C(1) << 60;
	if (zone->flags & ZONE_HAS_CMA)
		sum -= INT64_C(1) << 60;
	return sum;
}

static void expect_sum(const struct zone *zone)
{
	assert_int_equal(zone->gate, sum_of_terms(zone));
}

static void change_flag(struct zone *zone, uint32_t flag, bool on)
{
	if (on)
		zone_set_flag(zone, flag);
	else
		zone_clear_flag(zone, flag);
}

/* Any thread may do any of these. */
static void change_a_term(struct zone *zone, struct rng *rng)
{
	unsigned int dice = rng_below(rng, 8);
	uint64_t pages = rng_below(rng, 1000);

	if (dice < 2)
		zone_set_mark(
			zone, (enum zone_mark)rng_below(rng, NR_MARKS), pages);
	else if (dice == 2)
		zone_set_boost(zone, pages);
	else if (dice == 3)
		zone_set_highatomic(zone, pages);
	else if (dice == 4)
		atomic_store_relaxed_u64(
			&zone->lowmem_reserve[rng_below(rng, PCPMM_NR_ZONES)],
			pages);
	else if (dice == 5)
		change_flag(zone, ZONE_BOOSTED_WATERMARK, pages % 8 == 0);
	else if (dice == 6)
		change_flag(zone, ZONE_READ_SNAPSHOT, pages % 8 == 0);
	else
		change_flag(zone, ZONE_RECLAIM_ACTIVE, pages % 2);
}

static void test_sum(void **state)
{
	struct layout l = layout_held(BLOCKS * PAGEBLOCK_PAGES);
	struct rng rng = {test_seed()};
	unsigned int freed = 0;

	(void)state;
	expect_sum(l.zone);
	for (unsigned int i = 0; i < 5000; i++) {
		change_a_term(l.zone, &rng);
		if (i % 300 == 0)
			layout_free(&l, freed, 256, 3), freed++;
		expect_sum(l.zone);
	}
	assert_true(freed > 10);
	tunables_update_routes(l.machine);
	layout_end(&l);
}

/* --- what it says --------------------------------------------------------- */

static bool passes(struct zone *zone, unsigned int order, unsigned int highest)
{
	return zone_watermark_fast(zone, order, MARK_LOW, highest, 0, 0);
}

/* Flags apart: with one, the gate leaves the decision to the full check. */
static void test_says_what_the_check_says(void **state)
{
	struct layout l = layout_held(BLOCKS * PAGEBLOCK_PAGES);
	struct rng rng = {test_seed()};
	unsigned int open = 0, shut = 0;

	(void)state;
	/* A block for every order that is asked for. */
	for (unsigned int i = 0; i < 4; i++)
		layout_free(&l, i, 0, PAGEBLOCK_ORDER);
	for (unsigned int i = 0; i < 20000; i++) {
		unsigned int order = rng_below(&rng, 4);
		unsigned int highest = NORMAL + rng_below(&rng, 2);
		int64_t reserve;

		change_a_term(l.zone, &rng);
		reserve = (int64_t)l.zone->lowmem_reserve[highest];
		if (l.zone->gate >= reserve + (1L << order)) {
			assert_true(passes(l.zone, order, highest));
			open++;
		} else if (!(l.zone->flags & GATE_FLAGS)) {
			assert_false(passes(l.zone, order, highest));
			shut++;
		}
	}
	assert_true(open > 100 && shut > 100);
	tunables_update_routes(l.machine);
	layout_end(&l);
}

static void test_cma_shuts_it(void **state)
{
	struct layout l = layout_held(BLOCKS * PAGEBLOCK_PAGES);

	(void)state;
	layout_free(&l, 0, 0, PAGEBLOCK_ORDER);
	assert_true(l.zone->gate > 0);
	zone_set_block_type(l.zone, layout_pfn(&l, 1, 0), PCPMM_MIGRATE_CMA);
	assert_true(l.zone->gate < 0);
	expect_sum(l.zone);
	tunables_update_routes(l.machine);
	layout_end(&l);
}

/* --- many threads --------------------------------------------------------- */

static void *change_many(void *zone)
{
	struct rng rng = {test_seed() ^ (uint64_t)(uintptr_t)&rng};

	for (unsigned int i = 0; i < 20000; i++)
		change_a_term(zone, &rng);
	return NULL;
}

/* This thread counts free pages meanwhile. */
static void test_any_thread(void **state)
{
	struct layout l = layout_held(BLOCKS * PAGEBLOCK_PAGES);
	pthread_t threads[3];

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(threads); i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, change_many, l.zone),
			0);
	for (unsigned int i = 0; i < 20000; i++) {
		vmstat_mod(l.cpu, &l.zone->stat, NR_FREE_PAGES, 97);
		vmstat_mod(l.cpu, &l.zone->stat, NR_FREE_PAGES, -97);
	}
	for (size_t i = 0; i < HARNESS_COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	expect_sum(l.zone);
	tunables_update_routes(l.machine);
	layout_end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sum),
		cmocka_unit_test(test_says_what_the_check_says),
		cmocka_unit_test(test_cma_shuts_it),
		cmocka_unit_test(test_any_thread),
	};

	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
