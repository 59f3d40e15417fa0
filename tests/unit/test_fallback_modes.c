/* SPDX-License-Identifier: MIT */
/*
 * Fallbacks from 6.10 on, on zones laid out by hand: which block is taken, what
 * its pageblock becomes, which events tell, and what is remembered from one block
 * of a refill to the next. All kernels with modes do the same.
 */
#include "support/layout.h"

#include "zone/block_move.h"
#include "zone/fallback.h"
#include "zone/gate.h"
#include "zone/pageblock.h"
#include "zone/rmqueue.h"

#define UNMOVABLE PCPMM_MIGRATE_UNMOVABLE
#define MOVABLE PCPMM_MIGRATE_MOVABLE
#define RECLAIMABLE PCPMM_MIGRATE_RECLAIMABLE
#define HIGHATOMIC PCPMM_MIGRATE_HIGHATOMIC
#define CMA PCPMM_MIGRATE_CMA

#define ZONE_PAGES 8192
#define EVENTS 64

/* The kernels of this file; a test has one as its state. */
static const enum pcpmm_zone_rules rules_6_12 = PCPMM_ZONE_RULES_6_12;
static const enum pcpmm_zone_rules rules_6_18 = PCPMM_ZONE_RULES_6_18;
static const enum pcpmm_zone_rules rules_7_3 = PCPMM_ZONE_RULES_7_3;

static struct layout begin(void **state)
{
	const enum pcpmm_zone_rules *rules = *state;

	return layout_held_by(ZONE_PAGES, *rules);
}

static void record(struct layout *l)
{
	assert_int_equal(
		pcpmm_trace_start(l->machine,
			PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_ALLOC_EXTFRAG) |
				PCPMM_EVENT_BIT(
					PCPMM_EVENT_MM_PAGE_ALLOC_ZONE_LOCKED),
			EVENTS),
		0);
}

/* The next event is an extfrag, of a block of @type in a block of @old. */
static void expect_extfrag(struct layout *l, uint32_t pfn, unsigned int type,
	unsigned int from_order, unsigned int old, bool is_owner)
{
	struct pcpmm_event event;

	assert_int_equal(
		pcpmm_trace_read(pcpmm_cpu_get(l->machine, 0), &event, 1), 1);
	assert_int_equal(event.kind, PCPMM_EVENT_MM_PAGE_ALLOC_EXTFRAG);
	assert_int_equal(event.pfn, pfn);
	assert_int_equal(event.migratetype, type);
	assert_int_equal(event.fallback_order, from_order);
	assert_int_equal(event.fallback_type, old);
	assert_int_equal(event.flag, is_owner);
}

static void expect_locked(struct layout *l, uint32_t pfn, unsigned int type)
{
	struct pcpmm_event event;

	assert_int_equal(
		pcpmm_trace_read(pcpmm_cpu_get(l->machine, 0), &event, 1), 1);
	assert_int_equal(event.kind, PCPMM_EVENT_MM_PAGE_ALLOC_ZONE_LOCKED);
	assert_int_equal(event.pfn, pfn);
	assert_int_equal(event.migratetype, type);
}

static void expect_no_event(struct layout *l)
{
	struct pcpmm_event event;

	assert_int_equal(
		pcpmm_trace_read(pcpmm_cpu_get(l->machine, 0), &event, 1), 0);
}

static void forget_events(struct layout *l)
{
	struct pcpmm_event event;

	while (pcpmm_trace_read(pcpmm_cpu_get(l->machine, 0), &event, 1))
		;
}

/* The pages of a block but its first @free are held as @type. */
static void hold_rest(struct layout *l, unsigned int block, unsigned int free,
	unsigned int type)
{
	for (unsigned int page = free; page < PAGEBLOCK_PAGES; page++)
		layout_hold(l, layout_pfn(l, block, page), 0, type);
}

/* --- CLAIM ------------------------------------------------------------ */

/* Pageblocks as a whole: taken as they are, without a zone_locked line. */
static void test_claim_of_whole_pageblocks(void **state)
{
	struct layout l = begin(state);
	uint32_t pfn = layout_pfn(&l, 2, 0);

	layout_free(&l, 2, 0, ORDER_MAX);
	record(&l);
	assert_int_equal(layout_alloc(&l, 3, UNMOVABLE, 0), pfn);
	expect_extfrag(&l, pfn, UNMOVABLE, ORDER_MAX, MOVABLE, true);
	expect_no_event(&l);
	assert_int_equal(layout_block_type(&l, 2), UNMOVABLE);
	assert_int_equal(layout_block_type(&l, 3), UNMOVABLE);
	assert_int_equal(layout_free_pages(&l, UNMOVABLE), 1024 - 8);
	assert_int_equal(layout_free_pages(&l, MOVABLE), 0);
	assert_int_equal(l.zone->boost, 0);
	layout_end(&l);
}

/* Less than that: all of it moves, then smallest fit takes a block and tells. */
static void test_claim_of_a_part(void **state)
{
	struct layout l = begin(state);
	uint32_t found = layout_pfn(&l, 1, 0), taken = layout_pfn(&l, 1, 300);

	layout_free(&l, 1, 0, 8);
	layout_free(&l, 1, 300, 1);
	record(&l);
	/* It finds order 8, and takes a page of the block beside it. */
	assert_int_not_equal(found, taken);
	assert_int_equal(layout_alloc(&l, 0, UNMOVABLE, ALLOC_KSWAPD), taken);
	expect_locked(&l, taken, UNMOVABLE);
	expect_extfrag(&l, taken, UNMOVABLE, 8, MOVABLE, true);
	expect_no_event(&l);
	assert_int_equal(layout_block_type(&l, 1), UNMOVABLE);
	assert_int_equal(layout_free_pages(&l, UNMOVABLE), 256 + 2 - 1);
	assert_int_equal(layout_free_pages(&l, MOVABLE), 0);
	assert_true(zone_flags(l.zone) & ZONE_BOOSTED_WATERMARK);
	layout_end(&l);
}

/*
 * Too little is free or alike: the claim gives nothing, not even the block that it
 * has found. The boost stays.
 */
static void test_claim_gives_nothing(void **state)
{
	struct layout l = begin(state);

	layout_type(&l, 0, UNMOVABLE);
	layout_free(&l, 0, 0, 7);
	hold_rest(&l, 0, 128, UNMOVABLE);
	record(&l);
	assert_int_equal(layout_alloc(&l, 0, MOVABLE, ALLOC_NOFRAGMENT), 0);
	assert_int_equal(l.zone->boost, 0); /* whole pageblocks only */
	/* A mode later it takes a page of it. */
	assert_int_equal(layout_alloc(&l, 0, MOVABLE, 0), layout_pfn(&l, 0, 0));
	assert_true(l.zone->boost > 0);
	expect_extfrag(&l, layout_pfn(&l, 0, 0), MOVABLE, 7, UNMOVABLE, false);
	expect_no_event(&l);
	assert_int_equal(layout_block_type(&l, 0), UNMOVABLE);
	assert_int_equal(layout_free_pages(&l, UNMOVABLE), 127);
	assert_int_equal(layout_free_pages(&l, MOVABLE), 0);
	layout_end(&l);
}

/* The largest block of any fallback type first, and then smaller ones. */
static void test_claim_from_large_to_small(void **state)
{
	struct layout l = begin(state);

	layout_type(&l, 0, RECLAIMABLE);
	layout_free(&l, 0, 0, 8); /* the better type, half of its block */
	layout_free(&l, 1, 0, 5); /* MOVABLE, all others unmovable */
	hold_rest(&l, 1, 32, UNMOVABLE);
	layout_type(&l, 2, RECLAIMABLE);
	layout_free(&l, 2, 0, 6); /* larger, but not enough is free */
	hold_rest(&l, 2, 64, RECLAIMABLE);
	record(&l);
	assert_int_equal(
		layout_alloc(&l, 0, UNMOVABLE, 0), layout_pfn(&l, 0, 0));
	expect_locked(&l, layout_pfn(&l, 0, 0), UNMOVABLE);
	expect_extfrag(
		&l, layout_pfn(&l, 0, 0), UNMOVABLE, 8, RECLAIMABLE, true);
	while (layout_free_pages(&l, UNMOVABLE))
		layout_alloc(&l, 0, UNMOVABLE, 0);
	forget_events(&l);
	/* Order 6 gives nothing; order 5 does. */
	assert_int_equal(
		layout_alloc(&l, 0, UNMOVABLE, 0), layout_pfn(&l, 1, 0));
	expect_locked(&l, layout_pfn(&l, 1, 0), UNMOVABLE);
	expect_extfrag(&l, layout_pfn(&l, 1, 0), UNMOVABLE, 5, MOVABLE, true);
	assert_int_equal(layout_block_type(&l, 2), RECLAIMABLE);
	layout_end(&l);
}

/*
 * A movable request claims no block below half a pageblock's order, whatever is
 * free beside it.
 */
static void test_claim_stops_at_small_orders(void **state)
{
	struct layout l = begin(state);

	layout_type(&l, 0, UNMOVABLE);
	for (unsigned int page = 0; page < 512; page += 16)
		layout_free(&l, 0, page, 3); /* 256 free pages */
	assert_int_equal(layout_alloc(&l, 0, MOVABLE, 0), layout_pfn(&l, 0, 0));
	assert_int_equal(layout_block_type(&l, 0), UNMOVABLE);
	assert_int_equal(layout_free_pages(&l, UNMOVABLE), 255);
	assert_int_equal(l.zone->boost, 0);
	layout_end(&l);
}

/* No pageblock of a reserve is claimed: its type is no fallback. */
static void test_reserve_is_not_claimed(void **state)
{
	struct layout l = begin(state);

	layout_type(&l, 0, HIGHATOMIC);
	layout_free(&l, 0, 0, PAGEBLOCK_ORDER);
	for (unsigned int type = 0; type < PCPMM_MIGRATE_PCPTYPES; type++)
		assert_int_equal(layout_alloc(&l, 0, type, 0), 0);
	assert_int_equal(layout_block_type(&l, 0), HIGHATOMIC);
	assert_int_equal(l.zone->unusable_highatomic, 512);
	/* Until the request may use the reserve. */
	assert_int_equal(layout_alloc(&l, 0, UNMOVABLE, ALLOC_NON_BLOCK),
		layout_pfn(&l, 0, 0));
	assert_int_equal(l.zone->unusable_highatomic, 511);
	layout_end(&l);
}

/*
 * Nor is it where a list says otherwise, which it does only if it is wrong: here
 * the type of the pageblock has changed under its free block.
 */
static void test_reserved_block_gives_nothing(void **state)
{
	struct layout l = begin(state);
	uint32_t pfn = layout_pfn(&l, 0, 0);

	layout_free(&l, 0, 0, PAGEBLOCK_ORDER);
	zone_set_block_type(l.zone, pfn, HIGHATOMIC);
	assert_int_equal(layout_alloc(&l, 0, UNMOVABLE, ALLOC_NOFRAGMENT), 0);
	assert_int_equal(layout_block_type(&l, 0), HIGHATOMIC);
	/* STEAL does not look at the pageblock. */
	assert_int_equal(layout_alloc(&l, 0, UNMOVABLE, 0), pfn);
	assert_int_equal(layout_block_type(&l, 0), HIGHATOMIC);
	assert_int_equal(layout_free_pages(&l, MOVABLE), 511);
	zone_set_block_type(l.zone, pfn, MOVABLE);
	layout_end(&l);
}

/* --- STEAL ------------------------------------------------------------ */

/* The smallest block, whose rest stays on its type's lists. */
static void test_steal_takes_the_smallest(void **state)
{
	struct layout l = begin(state);
	uint32_t pfn = layout_pfn(&l, 1, 0);

	layout_type(&l, 0, UNMOVABLE);
	layout_type(&l, 1, UNMOVABLE);
	layout_free(&l, 0, 0, 3);
	layout_free(&l, 1, 0, 1);
	record(&l);
	assert_int_equal(layout_alloc(&l, 0, MOVABLE, 0), pfn);
	expect_extfrag(&l, pfn, MOVABLE, 1, UNMOVABLE, false);
	expect_no_event(&l);
	assert_int_equal(layout_block_type(&l, 1), UNMOVABLE);
	assert_int_equal(layout_free_pages(&l, UNMOVABLE), 9);
	assert_int_equal(layout_free_pages(&l, MOVABLE), 0);
	/* The page comes back to the lists of its pageblock's type. */
	zone_free_one(l.cpu, l.zone, pfn, 0, MOVABLE);
	assert_int_equal(layout_free_pages(&l, UNMOVABLE), 10);
	layout_end(&l);
}

/* With NOFRAGMENT there are whole pageblocks or nothing. */
static void test_nofragment_does_not_steal(void **state)
{
	struct layout l = begin(state);

	layout_free(&l, 0, 0, 8);
	assert_int_equal(layout_alloc(&l, 0, UNMOVABLE, ALLOC_NOFRAGMENT), 0);
	layout_free(&l, 1, 0, PAGEBLOCK_ORDER);
	assert_int_equal(layout_alloc(&l, 0, UNMOVABLE, ALLOC_NOFRAGMENT),
		layout_pfn(&l, 1, 0));
	assert_int_equal(layout_free_pages(&l, MOVABLE), 256);
	layout_end(&l);
}

/* --- modes in one refill ---------------------------------------------- */

struct taken {
	struct pfn_sink sink;
	uint32_t pfns[EVENTS]; /* the first is the last */
};

static void no_more(struct pfn_sink *sink)
{
	(void)sink;
	fail_msg("more blocks than asked for");
}

static unsigned int refill(struct layout *l, struct taken *taken,
	unsigned int order, unsigned int nr, unsigned int type,
	unsigned int alloc_flags)
{
	unsigned int got;

	taken->sink = (struct pfn_sink){taken->pfns + EVENTS, nr, no_more};
	got = zone_rmqueue_bulk(
		l->cpu, l->zone, order, nr, type, alloc_flags, &taken->sink);
	for (unsigned int i = 1; i <= got; i++)
		layout_hold(l, taken->pfns[EVENTS - i], order, type);
	return got;
}

/*
 * After one block by STEAL no other mode is tried in this refill. The boosts tell:
 * each claim that fails makes one for each order that had a block.
 */
static void test_steal_is_remembered(void **state)
{
	struct layout l = begin(state);
	struct taken taken;

	atomic_store_relaxed_u32(&l.zone->boost_factor, 1000000);
	zone_set_mark(l.zone, MARK_HIGH, 100000);
	layout_type(&l, 0, UNMOVABLE);
	layout_free(&l, 0, 0, 6);
	hold_rest(&l, 0, 64, UNMOVABLE);
	assert_int_equal(refill(&l, &taken, 0, 4, MOVABLE, 0), 4);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(
			taken.pfns[EVENTS - 1 - i], layout_pfn(&l, 0, i));
	assert_int_equal(l.zone->boost, PAGEBLOCK_PAGES); /* order 6 */
	/* The next refill begins anew. Orders 5 and 4 are left. */
	assert_int_equal(refill(&l, &taken, 0, 1, MOVABLE, 0), 1);
	assert_int_equal(taken.pfns[EVENTS - 1], layout_pfn(&l, 0, 4));
	assert_int_equal(l.zone->boost, 3 * PAGEBLOCK_PAGES);
	layout_end(&l);
}

/* After a claim the type's own lists are looked at first. */
static void test_claim_resets_the_mode(void **state)
{
	struct layout l = begin(state);
	struct taken taken;

	layout_free(&l, 1, 0, 8);
	layout_free(&l, 2, 0, 8);
	record(&l);
	assert_int_equal(refill(&l, &taken, 0, 4, UNMOVABLE, 0), 4);
	/* One claim; the rest of that block serves the others. */
	expect_locked(&l, layout_pfn(&l, 1, 0), UNMOVABLE);
	expect_extfrag(&l, layout_pfn(&l, 1, 0), UNMOVABLE, 8, MOVABLE, true);
	for (unsigned int i = 1; i < 4; i++)
		expect_locked(&l, layout_pfn(&l, 1, i), UNMOVABLE);
	expect_no_event(&l);
	assert_int_equal(layout_block_type(&l, 2), MOVABLE);
	layout_end(&l);
}

/* Own blocks, then CMA's, then others: each as long as there are some. */
static void test_cma_before_claims(void **state)
{
	struct layout l = begin(state);
	struct taken taken;
	unsigned int got;

	layout_free(&l, 0, 0, 0); /* MOVABLE: its own */
	layout_free(&l, 1, 0, 1);
	layout_type(&l, 2, UNMOVABLE);
	layout_free(&l, 2, 0, 2);
	hold_rest(&l, 2, 4, UNMOVABLE);
	/* Block 1 is CMA's. */
	zone_set_block_type(l.zone, layout_pfn(&l, 1, 0), CMA);
	zone_move_one(l.zone, layout_pfn(&l, 1, 0), CMA);
	vmstat_add_shared(&l.zone->stat, NR_FREE_CMA_PAGES, 2);
	got = refill(&l, &taken, 0, 7, MOVABLE, ALLOC_CMA);
	assert_int_equal(got, 7);
	assert_int_equal(taken.pfns[EVENTS - 1], layout_pfn(&l, 0, 0));
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(
			taken.pfns[EVENTS - 2 - i], layout_pfn(&l, 1, i));
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(
			taken.pfns[EVENTS - 4 - i], layout_pfn(&l, 2, i));
	assert_int_equal(
		vmstat_snapshot_raw(&l.zone->stat, NR_FREE_CMA_PAGES), 0);
	layout_end(&l);
}

/*
 * NR_FREE_PAGES changes with each block. With threshold 10 the fourth block of 4
 * pages passes it, and three more stay in the diff.
 */
static void test_each_block_is_counted(void **state)
{
	struct layout l = begin(state);
	struct taken taken;
	int64_t value;

	layout_free(&l, 0, 0, 8);
	vmstat_set_threshold(&l.zone->stat, 0, 14);
	value = vmstat_read_raw(&l.zone->stat, NR_FREE_PAGES);
	assert_int_equal(refill(&l, &taken, 2, 7, MOVABLE, 0), 7);
	assert_int_equal(
		vmstat_read_raw(&l.zone->stat, NR_FREE_PAGES), value - 16);
	assert_int_equal(vmstat_diff(&l.zone->stat, 0, NR_FREE_PAGES), -12);
	layout_end(&l);
}

#define WITH(rules, test)                                                      \
	{                                                                      \
		.name = #test "/" #rules, .test_func = test,                   \
		.initial_state = (void *)&rules                                \
	}
#define ALL(test)                                                              \
	WITH(rules_6_12, test), WITH(rules_6_18, test), WITH(rules_7_3, test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALL(test_claim_of_whole_pageblocks),
		ALL(test_claim_of_a_part),
		ALL(test_claim_gives_nothing),
		ALL(test_claim_from_large_to_small),
		ALL(test_claim_stops_at_small_orders),
		ALL(test_reserve_is_not_claimed),
		ALL(test_reserved_block_gives_nothing),
		ALL(test_steal_takes_the_smallest),
		ALL(test_nofragment_does_not_steal),
		ALL(test_steal_is_remembered),
		ALL(test_claim_resets_the_mode),
		ALL(test_cma_before_claims),
		ALL(test_each_block_is_counted),
	};

	return cmocka_run_group_tests_name("fallback_modes", tests, NULL, NULL);
}
