/* SPDX-License-Identifier: MIT */
/*
 * Which list a freed block comes to, and what its pageblocks become: by the type
 * that it had when it was freed to a list (5.10, 6.1), or by the pageblock's at the
 * moment when it comes to the zone (from 6.10 on). Each test goes through the rules
 * of all kernels.
 */
#include "support/layout.h"

#include "zone/fallback.h"
#include "zone/pageblock.h"
#include "zone/rmqueue.h"

#define UNMOVABLE PCPMM_MIGRATE_UNMOVABLE
#define MOVABLE PCPMM_MIGRATE_MOVABLE
#define RECLAIMABLE PCPMM_MIGRATE_RECLAIMABLE
#define HIGHATOMIC PCPMM_MIGRATE_HIGHATOMIC

#define ZONE_PAGES 8192

static bool by_block(const struct layout *l)
{
	return l->zone->rules->lists_by_block;
}

static bool is_5_10(const struct layout *l)
{
	return l->zone->rules == &zone_rules_5_10;
}

static void for_each_kernel(void (*test)(struct layout *l))
{
	for (unsigned int i = 0; i < PCPMM_NR_ZONE_RULES; i++) {
		struct layout l =
			layout_held_by(ZONE_PAGES, (enum pcpmm_zone_rules)i);

		test(&l);
		layout_end(&l);
	}
}

static uint64_t blocks(
	const struct layout *l, unsigned int order, unsigned int type)
{
	return l->zone->free_area[order].list[type].nr;
}

static struct pcpmm_page *page_of(
	const struct layout *l, unsigned int block, unsigned int page)
{
	return &l->zone->memmap[layout_pfn(l, block, page)];
}

/* --- drains --------------------------------------------------------------- */

static void start(struct layout *l, enum pcpmm_event_kind kind)
{
	assert_int_equal(
		pcpmm_trace_start(l->machine, PCPMM_EVENT_BIT(kind), 64), 0);
}

static unsigned int drained_type(struct layout *l, uint32_t pfn)
{
	struct pcpmm_event event;

	while (pcpmm_trace_read(pcpmm_cpu_get(l->machine, 0), &event, 1))
		if (event.pfn == pfn)
			return event.migratetype;
	fail_msg("frame %#x was not drained", pfn);
	return NR_TYPES;
}

/* A page waits on a list while its pageblock becomes another type's. */
static void drain_after_retype(struct layout *l)
{
	const unsigned int expected = by_block(l) ? RECLAIMABLE : MOVABLE;
	struct pcpmm_cpu *cpu = pcpmm_cpu_get(l->machine, 0);

	layout_hold(l, layout_pfn(l, 0, 7), 0, MOVABLE);
	pcpmm_free_pages(cpu, page_of(l, 0, 7), 0);
	layout_type(l, 0, RECLAIMABLE);
	start(l, PCPMM_EVENT_MM_PAGE_PCPU_DRAIN);
	pcpmm_drain_local_pages(cpu, 0, PCPMM_DRAIN_ALL_ZONES);
	assert_int_equal(drained_type(l, layout_pfn(l, 0, 7)), expected);
	assert_int_equal(layout_free_pages(l, expected), 1);
}

static void test_drain_after_retype(void **state)
{
	(void)state;
	for_each_kernel(drain_after_retype);
}

/* The same without an event: many blocks at once. */
static void drain_many_after_retype(struct layout *l)
{
	const unsigned int expected = by_block(l) ? RECLAIMABLE : MOVABLE;
	struct pcpmm_cpu *cpu = pcpmm_cpu_get(l->machine, 0);

	for (unsigned int page = 0; page < 8; page++) {
		layout_hold(l, layout_pfn(l, 0, page), 0, MOVABLE);
		pcpmm_free_pages(cpu, page_of(l, 0, page), 0);
	}
	layout_type(l, 0, RECLAIMABLE);
	pcpmm_drain_local_pages(cpu, 0, PCPMM_DRAIN_ALL_ZONES);
	assert_int_equal(blocks(l, 3, expected), 1);
}

static void test_drain_many_after_retype(void **state)
{
	(void)state;
	for_each_kernel(drain_many_after_retype);
}

/* A page that was asked for as another type than its pageblock's. */
static void free_of_a_stolen_page(struct layout *l)
{
	uint32_t pfn = layout_pfn(l, 0, 9);

	layout_hold(l, pfn, 0, UNMOVABLE);
	zone_free_one(l->cpu, l->zone, pfn, 0, UNMOVABLE);
	assert_int_equal(
		layout_free_pages(l, by_block(l) ? MOVABLE : UNMOVABLE), 1);
}

static void test_free_of_a_stolen_page(void **state)
{
	(void)state;
	for_each_kernel(free_of_a_stolen_page);
}

/* --- merges --------------------------------------------------------------- */

/* Pageblock 0 of type @a is free, 1 of @b is freed: the order they come to. */
static unsigned int merged_order(
	struct layout *l, enum pcpmm_migratetype a, enum pcpmm_migratetype b)
{
	layout_type(l, 0, a);
	layout_type(l, 1, b);
	layout_free(l, 0, 0, PAGEBLOCK_ORDER);
	layout_hold(l, layout_pfn(l, 1, 0), PAGEBLOCK_ORDER, b);
	zone_free_one(l->cpu, l->zone, layout_pfn(l, 1, 0), PAGEBLOCK_ORDER, b);
	return blocks(l, ORDER_MAX, b) ? ORDER_MAX : PAGEBLOCK_ORDER;
}

/* Two types that mix: the block is the freed one's, its pageblocks from 6.10 on. */
static void merge_of_mixing_types(struct layout *l)
{
	assert_int_equal(merged_order(l, MOVABLE, UNMOVABLE), ORDER_MAX);
	assert_int_equal(
		layout_block_type(l, 0), by_block(l) ? UNMOVABLE : MOVABLE);
	assert_int_equal(layout_block_type(l, 1), UNMOVABLE);
}

static void test_merge_of_mixing_types(void **state)
{
	(void)state;
	for_each_kernel(merge_of_mixing_types);
}

/* 5.10 loses the reserve of a pageblock in a merge. */
static void merge_with_the_reserve(struct layout *l)
{
	assert_int_equal(merged_order(l, HIGHATOMIC, MOVABLE),
		is_5_10(l) ? ORDER_MAX : PAGEBLOCK_ORDER);
	assert_int_equal(layout_block_type(l, 0), HIGHATOMIC);
	assert_int_equal(
		layout_free_pages(l, HIGHATOMIC), is_5_10(l) ? 0 : 512);
}

static void test_merge_with_the_reserve(void **state)
{
	(void)state;
	for_each_kernel(merge_with_the_reserve);
}

/* --- blocks larger than a pageblock ------------------------------------------ */

static void free_large(struct layout *l, enum pcpmm_migratetype second)
{
	uint32_t pfn = layout_pfn(l, 0, 0);

	layout_type(l, 1, second);
	layout_hold(l, pfn, ORDER_MAX, MOVABLE);
	zone_free_one(l->cpu, l->zone, pfn, ORDER_MAX, MOVABLE);
}

/* Freed pageblock by pageblock, and merged again: the second decides. */
static void large_of_mixing_types(struct layout *l)
{
	unsigned int type = by_block(l) ? RECLAIMABLE : MOVABLE;

	free_large(l, RECLAIMABLE);
	assert_int_equal(blocks(l, ORDER_MAX, type), 1);
	assert_int_equal(layout_free_pages(l, type), 1024);
	assert_int_equal(layout_block_type(l, 0), type);
	assert_int_equal(layout_block_type(l, 1), RECLAIMABLE);
}

static void test_large_of_mixing_types(void **state)
{
	(void)state;
	for_each_kernel(large_of_mixing_types);
}

/* They stay two where one is in the reserve. */
static void large_with_the_reserve(struct layout *l)
{
	free_large(l, HIGHATOMIC);
	assert_int_equal(blocks(l, ORDER_MAX, MOVABLE), by_block(l) ? 0 : 1);
	assert_int_equal(
		blocks(l, PAGEBLOCK_ORDER, MOVABLE), by_block(l) ? 1 : 0);
	assert_int_equal(
		blocks(l, PAGEBLOCK_ORDER, HIGHATOMIC), by_block(l) ? 1 : 0);
	assert_int_equal(l->zone->unusable_highatomic, 512);
}

static void test_large_with_the_reserve(void **state)
{
	(void)state;
	for_each_kernel(large_with_the_reserve);
}

/* A recorded state may name the type of half of a free block. */
static void restored_half_of_a_large_block(struct layout *l)
{
	layout_free(l, 2, 0, ORDER_MAX);
	layout_type(l, 3, UNMOVABLE);
	assert_int_equal(
		blocks(l, PAGEBLOCK_ORDER, MOVABLE), by_block(l) ? 1 : 0);
	assert_int_equal(
		blocks(l, PAGEBLOCK_ORDER, UNMOVABLE), by_block(l) ? 1 : 0);
	/* And then say that two halves of two types are free. */
	layout_type(l, 5, HIGHATOMIC);
	layout_free(l, 4, 0, ORDER_MAX);
	assert_int_equal(
		layout_free_pages(l, HIGHATOMIC), by_block(l) ? 512 : 0);
}

static void test_restored_half_of_a_large_block(void **state)
{
	(void)state;
	for_each_kernel(restored_half_of_a_large_block);
}

/* --- counting ------------------------------------------------------------ */

static void no_more(struct pfn_sink *sink)
{
	(void)sink;
	fail_msg("more blocks than asked for");
}

/*
 * 7 blocks of order 2 in one refill, threshold 14: 28 pages at once pass it; of
 * single blocks the fourth does, with 16 pages, and 12 more stay in the diff.
 */
static void counting_of_a_refill(struct layout *l)
{
	uint32_t pfns[7];
	struct pfn_sink sink = {pfns + 7, 7, no_more};
	int64_t value;

	layout_free(l, 0, 0, 8);
	vmstat_set_threshold(&l->zone->stat, 0, 14);
	value = vmstat_read_raw(&l->zone->stat, NR_FREE_PAGES);
	assert_int_equal(
		zone_rmqueue_bulk(l->cpu, l->zone, 2, 7, MOVABLE, 0, &sink), 7);
	for (unsigned int i = 0; i < 7; i++)
		layout_hold(l, pfns[i], 2, MOVABLE);
	assert_int_equal(vmstat_read_raw(&l->zone->stat, NR_FREE_PAGES),
		value - (by_block(l) ? 16 : 28));
	assert_int_equal(vmstat_diff(&l->zone->stat, 0, NR_FREE_PAGES),
		by_block(l) ? -12 : 0);
}

static void test_counting_of_a_refill(void **state)
{
	(void)state;
	for_each_kernel(counting_of_a_refill);
}

/* --- the largest order in 5.10 ------------------------------------------------ */

/*
 * A request of the largest order with NOFRAGMENT: 5.10 makes all pageblocks of
 * other types its own, of which none is large enough.
 */
static void largest_order_with_nofragment(struct layout *l)
{
	layout_free(l, 0, 0, PAGEBLOCK_ORDER);
	layout_free(l, 2, 0, PAGEBLOCK_ORDER);
	layout_free(l, 4, 0, PAGEBLOCK_ORDER - 1);
	assert_int_equal(zone_rmqueue_buddy(l->cpu, l->zone, ORDER_MAX,
				 UNMOVABLE, ALLOC_NOFRAGMENT),
		0);
	assert_int_equal(
		blocks(l, PAGEBLOCK_ORDER, UNMOVABLE), is_5_10(l) ? 2 : 0);
	assert_int_equal(
		layout_block_type(l, 2), is_5_10(l) ? UNMOVABLE : MOVABLE);
	assert_int_equal(layout_block_type(l, 4), MOVABLE);
}

static void test_largest_order_with_nofragment(void **state)
{
	(void)state;
	for_each_kernel(largest_order_with_nofragment);
}

/* --- the zone's edge ------------------------------------------------------ */

/*
 * The zone ends in its last pageblock. Its blocks do not move; to 6.9 the one that
 * was found is taken all the same.
 */
static void test_claim_at_the_edge(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_ZONE_RULES; i++) {
		struct layout l = layout_held_by(
			ZONE_PAGES + 256, (enum pcpmm_zone_rules)i);
		unsigned int last = ZONE_PAGES / 512;
		uint32_t pfn;

		layout_free(&l, last, 0, 8);
		pfn = zone_rmqueue_buddy(
			l.cpu, l.zone, 0, RECLAIMABLE, ALLOC_NO_WATERMARKS);
		assert_int_equal(pfn, layout_pfn(&l, last, 0));
		layout_hold(&l, pfn, 0, RECLAIMABLE);
		assert_int_equal(layout_block_type(&l, last), MOVABLE);
		assert_int_equal(layout_free_pages(&l,
					 by_block(&l) ? MOVABLE : RECLAIMABLE),
			255);
		layout_end(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drain_after_retype),
		cmocka_unit_test(test_drain_many_after_retype),
		cmocka_unit_test(test_free_of_a_stolen_page),
		cmocka_unit_test(test_merge_of_mixing_types),
		cmocka_unit_test(test_merge_with_the_reserve),
		cmocka_unit_test(test_large_of_mixing_types),
		cmocka_unit_test(test_large_with_the_reserve),
		cmocka_unit_test(test_restored_half_of_a_large_block),
		cmocka_unit_test(test_counting_of_a_refill),
		cmocka_unit_test(test_largest_order_with_nofragment),
		cmocka_unit_test(test_claim_at_the_edge),
	};

	return cmocka_run_group_tests_name("block_types", tests, NULL, NULL);
}
