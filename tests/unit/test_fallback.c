/* SPDX-License-Identifier: MIT */
/*
 * Stealing between migratetypes, as 5.10 and 6.1 do it, rule by rule, on zones
 * laid out by hand: which block is stolen, which of its pages, and the type of its
 * pageblock afterwards.
 */
#include "support/layout.h"

#include "zone/fallback.h"
#include "zone/rmqueue.h"
#include "zone/pageblock.h"

#define UNMOVABLE PCPMM_MIGRATE_UNMOVABLE
#define MOVABLE PCPMM_MIGRATE_MOVABLE
#define RECLAIMABLE PCPMM_MIGRATE_RECLAIMABLE
#define HIGHATOMIC PCPMM_MIGRATE_HIGHATOMIC

#define ZONE_PAGES 8192

/* The kernels without modes; each test has one as its state. */
static const enum pcpmm_zone_rules rules_5_10 = PCPMM_ZONE_RULES_5_10;
static const enum pcpmm_zone_rules rules_6_1 = PCPMM_ZONE_RULES_6_1;

static struct layout begin(void **state)
{
	const enum pcpmm_zone_rules *rules = *state;

	return layout_held_by(ZONE_PAGES, *rules);
}

/* At the same order the first fallback type of the table is used. */
static void test_order_of_fallback_types(void **state)
{
	static const unsigned int order_of[3][3] = {
		{UNMOVABLE, RECLAIMABLE, MOVABLE},
		{MOVABLE, RECLAIMABLE, UNMOVABLE},
		{RECLAIMABLE, UNMOVABLE, MOVABLE},
	};

	for (unsigned int i = 0; i < 3; i++)
		for (unsigned int left = 1; left < 3; left++) {
			struct layout l = begin(state);

			/* All fallbacks from the @left-th on have a block. */
			for (unsigned int j = left; j < 3; j++) {
				layout_type(&l, j,
					(enum pcpmm_migratetype)order_of[i][j]);
				layout_free(&l, j, 0, PAGEBLOCK_ORDER);
			}
			assert_int_equal(layout_alloc(&l, 0, order_of[i][0], 0),
				layout_pfn(&l, left, 0));
			layout_end(&l);
		}
}

/* Rule c: the largest block of any fallback type, before the better type. */
static void test_largest_block_first(void **state)
{
	struct layout l = begin(state);

	layout_type(&l, 0, RECLAIMABLE);
	layout_free(&l, 0, 0, 5);
	layout_free(&l, 2, 0, 7); /* MOVABLE, the worse type */
	assert_int_equal(
		layout_alloc(&l, 0, UNMOVABLE, 0), layout_pfn(&l, 2, 0));
	layout_end(&l);
}

/* Rule d: one movable page uses the smallest block that it can not steal. */
static void test_movable_takes_the_smallest_hole(void **state)
{
	struct layout l = begin(state);

	layout_type(&l, 0, UNMOVABLE);
	layout_type(&l, 1, UNMOVABLE);
	layout_free(&l, 0, 0, 3);
	layout_free(&l, 1, 0, 1);
	assert_int_equal(layout_alloc(&l, 0, MOVABLE, 0), layout_pfn(&l, 1, 0));
	assert_int_equal(layout_block_type(&l, 1), UNMOVABLE);
	/* The rest of that block was not moved. */
	assert_int_equal(layout_free_pages(&l, UNMOVABLE), 8);
	assert_int_equal(layout_free_pages(&l, MOVABLE), 1);
	layout_end(&l);
}

/* From half the pageblock order on it steals, the largest block first. */
static void test_movable_steals_large_blocks(void **state)
{
	struct layout l = begin(state);

	layout_type(&l, 0, UNMOVABLE);
	layout_type(&l, 1, UNMOVABLE);
	layout_free(&l, 0, 0, 4);
	layout_free(&l, 0, 32, 2);
	layout_free(&l, 1, 0, 1);
	/* It steals order 4; smallest fit then finds the pages beside it. */
	assert_int_equal(
		layout_alloc(&l, 0, MOVABLE, 0), layout_pfn(&l, 0, 32));
	/* All free pages of the pageblock came along, its type did not: */
	/* 20 free and none movable is less than half. */
	assert_int_equal(layout_free_pages(&l, MOVABLE), 19);
	assert_int_equal(layout_block_type(&l, 0), UNMOVABLE);
	layout_end(&l);
}

/* Rule e: whole pageblocks change type, all of them in a larger block. */
static void test_whole_pageblocks_are_retyped(void **state)
{
	struct layout l = begin(state);

	layout_free(&l, 2, 0, ORDER_MAX);
	assert_int_equal(
		layout_alloc(&l, 3, UNMOVABLE, 0), layout_pfn(&l, 2, 0));
	assert_int_equal(layout_block_type(&l, 2), UNMOVABLE);
	assert_int_equal(layout_block_type(&l, 3), UNMOVABLE);
	assert_int_equal(layout_free_pages(&l, UNMOVABLE), 1024 - 8);
	assert_int_equal(layout_free_pages(&l, MOVABLE), 0);
	assert_int_equal(l.zone->boost, 0); /* nothing was mixed */
	layout_end(&l);
}

/* Of a high-atomic pageblock one page is taken, and its type stays. */
static void test_high_atomic_block_gives_a_page_only(void **state)
{
	struct layout l = begin(state);

	layout_free(&l, 0, 0, 5); /* on MOVABLE's list */
	layout_free(&l, 0, 64, 2);
	zone_set_block_type(l.zone, layout_pfn(&l, 0, 0), HIGHATOMIC);
	assert_int_equal(
		layout_alloc(&l, 5, UNMOVABLE, 0), layout_pfn(&l, 0, 0));
	assert_int_equal(layout_block_type(&l, 0), HIGHATOMIC);
	assert_int_equal(layout_free_pages(&l, MOVABLE), 4);
	assert_int_equal(l.zone->boost, 0);
	layout_end(&l);
}

/*
 * A pageblock with @free pages free (one block of order 4 and up), the rest
 * held, @movable of these as movable. Its type after @type stole from it?
 */
static unsigned int owner_after_steal(void **state, enum pcpmm_migratetype old,
	enum pcpmm_migratetype type, unsigned int free_order,
	unsigned int movable)
{
	struct layout l = begin(state);
	unsigned int owner, held = 1u << free_order;

	layout_type(&l, 0, old);
	layout_free(&l, 0, 0, free_order);
	for (unsigned int page = held; page < PAGEBLOCK_PAGES; page++)
		layout_hold(&l, layout_pfn(&l, 0, page), 0,
			page - held < movable ? MOVABLE : UNMOVABLE);
	assert_int_equal(layout_alloc(&l, 0, type, 0), layout_pfn(&l, 0, 0));
	/* The free pages change to the new type in any case. */
	assert_int_equal(layout_free_pages(&l, type), held - 1);
	owner = layout_block_type(&l, 0);
	layout_end(&l);
	return owner;
}

static void test_pageblock_goes_to_the_majority(void **state)
{
	static const struct {
		enum pcpmm_migratetype old, type;
		unsigned int free_order, movable;
		int taken;
	} cases[] = {
		/* free + alike >= 256; alike to MOVABLE: movable pages */
		{UNMOVABLE, MOVABLE, 8, 0, 1},
		{UNMOVABLE, MOVABLE, 7, 0, 0},
		{UNMOVABLE, MOVABLE, 7, 127, 0},
		{UNMOVABLE, MOVABLE, 7, 128, 1},
		/* alike to UNMOVABLE in a MOVABLE block: the other pages */
		{MOVABLE, UNMOVABLE, 4, 496, 0},
		{MOVABLE, UNMOVABLE, 4, 257, 0},
		{MOVABLE, UNMOVABLE, 4, 256, 1},
		{MOVABLE, RECLAIMABLE, 4, 0, 1},
		/* between the two others no page is alike */
		{RECLAIMABLE, UNMOVABLE, 7, 0, 0},
		{RECLAIMABLE, UNMOVABLE, 8, 0, 1},
		{UNMOVABLE, RECLAIMABLE, 7, 384, 0},
	};

	for (size_t i = 0; i < HARNESS_COUNT(cases); i++)
		assert_int_equal(
			owner_after_steal(state, cases[i].old, cases[i].type,
				cases[i].free_order, cases[i].movable),
			cases[i].taken ? cases[i].type : cases[i].old);
}

/* Stolen pages go to the tail: the type's own pages are used first. */
static void test_stolen_pages_go_to_the_tail(void **state)
{
	struct layout l = begin(state);
	const struct frame_list *list =
		&l.zone->free_area[2].list[UNMOVABLE].frames;

	layout_type(&l, 0, UNMOVABLE);
	layout_free(&l, 0, 0, 2);
	layout_free(&l, 1, 0, 2);
	layout_free(&l, 1, 16, 4);
	/* Order 4: the type has none and steals block 1. */
	assert_int_equal(
		layout_alloc(&l, 4, UNMOVABLE, 0), layout_pfn(&l, 1, 16));
	assert_int_equal(list->first, layout_pfn(&l, 0, 0));
	assert_int_equal(list->last, layout_pfn(&l, 1, 0));
	layout_end(&l);
}

/* Rule b: NOFRAGMENT takes whole pageblocks or nothing. */
static void test_nofragment_wants_whole_pageblocks(void **state)
{
	struct layout l = begin(state);

	layout_free(&l, 0, 0, 8);
	assert_int_equal(layout_alloc(&l, 0, UNMOVABLE, ALLOC_NOFRAGMENT), 0);
	assert_int_equal(layout_free_pages(&l, MOVABLE), 256);
	layout_free(&l, 1, 0, PAGEBLOCK_ORDER);
	assert_int_equal(layout_alloc(&l, 0, UNMOVABLE, ALLOC_NOFRAGMENT),
		layout_pfn(&l, 1, 0));
	layout_end(&l);
}

/* Reserved and isolated types are no fallback of any type. */
static void test_reserved_types_are_not_stolen(void **state)
{
	struct layout l = begin(state);

	layout_type(&l, 0, HIGHATOMIC);
	layout_free(&l, 0, 0, PAGEBLOCK_ORDER);
	for (unsigned int type = 0; type < PCPMM_MIGRATE_PCPTYPES; type++)
		assert_int_equal(layout_alloc(&l, 0, type, 0), 0);
	/* Until the request may use the reserve. */
	assert_int_equal(layout_alloc(&l, 0, UNMOVABLE, ALLOC_HIGHATOMIC),
		layout_pfn(&l, 0, 0));
	layout_end(&l);
}

/* Rule f: the event has both types and the size. */
static void test_extfrag_event(void **state)
{
	struct layout l = begin(state);
	struct pcpmm_cpu *cpu = pcpmm_cpu_get(l.machine, 0);
	struct pcpmm_event event;

	layout_free(&l, 0, 0, 8);
	assert_int_equal(
		pcpmm_trace_start(l.machine,
			PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_ALLOC_EXTFRAG), 64),
		0);
	assert_int_equal(
		layout_alloc(&l, 1, RECLAIMABLE, 0), layout_pfn(&l, 0, 0));
	assert_int_equal(pcpmm_trace_read(cpu, &event, 1), 1);
	assert_int_equal(event.pfn, layout_pfn(&l, 0, 0));
	assert_int_equal(event.order, 1);
	assert_int_equal(event.fallback_order, 8);
	assert_int_equal(event.migratetype, RECLAIMABLE);
	assert_int_equal(event.fallback_type, MOVABLE);
	assert_int_equal(event.flag, 1); /* 256 free: the block changed type */
	/* Smallest fit of the own type is no event. */
	assert_true(layout_alloc(&l, 1, RECLAIMABLE, 0) != 0);
	assert_int_equal(pcpmm_trace_read(cpu, &event, 1), 0);
	layout_end(&l);
}

/* The event comes before the line of what is taken, maybe of another block. */
static void test_extfrag_comes_first(void **state)
{
	struct layout l = begin(state);
	struct pcpmm_cpu *cpu = pcpmm_cpu_get(l.machine, 0);
	struct pcpmm_event event[3];

	layout_free(&l, 0, 0, 8);
	layout_free(&l, 0, 300, 1);
	assert_int_equal(
		pcpmm_trace_start(l.machine,
			PCPMM_EVENT_BIT(PCPMM_EVENT_MM_PAGE_ALLOC_EXTFRAG) |
				PCPMM_EVENT_BIT(
					PCPMM_EVENT_MM_PAGE_ALLOC_ZONE_LOCKED),
			64),
		0);
	assert_int_equal(
		layout_alloc(&l, 0, RECLAIMABLE, 0), layout_pfn(&l, 0, 300));
	assert_int_equal(pcpmm_trace_read(cpu, event, 3), 2);
	assert_int_equal(event[0].kind, PCPMM_EVENT_MM_PAGE_ALLOC_EXTFRAG);
	assert_int_equal(event[0].pfn, layout_pfn(&l, 0, 0));
	assert_int_equal(event[1].kind, PCPMM_EVENT_MM_PAGE_ALLOC_ZONE_LOCKED);
	assert_int_equal(event[1].pfn, layout_pfn(&l, 0, 300));
	assert_int_equal(event[1].migratetype, RECLAIMABLE);
	layout_end(&l);
}

#define WITH(rules, test)                                                      \
	{                                                                      \
		.name = #test "/" #rules, .test_func = test,                   \
		.initial_state = (void *)&rules                                \
	}
#define BOTH(test) WITH(rules_5_10, test), WITH(rules_6_1, test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_order_of_fallback_types),
		BOTH(test_largest_block_first),
		BOTH(test_movable_takes_the_smallest_hole),
		BOTH(test_movable_steals_large_blocks),
		BOTH(test_whole_pageblocks_are_retyped),
		BOTH(test_high_atomic_block_gives_a_page_only),
		BOTH(test_pageblock_goes_to_the_majority),
		BOTH(test_stolen_pages_go_to_the_tail),
		BOTH(test_nofragment_wants_whole_pageblocks),
		BOTH(test_reserved_types_are_not_stolen),
		BOTH(test_extfrag_event),
		BOTH(test_extfrag_comes_first),
	};

	return cmocka_run_group_tests_name("fallback", tests, NULL, NULL);
}
