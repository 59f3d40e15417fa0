/* SPDX-License-Identifier: MIT */
/*
 * In a pageblock that the zone has only a part of, all free blocks were moved when
 * the pageblock changed its type. Linux begins at the page in question where the
 * zone starts inside the pageblock, and moves nothing where it ends inside.
 *
 * The high-atomic reserve shrank by a pageblock each time when one of its free
 * blocks was given back, also for a pageblock that was given back before; and with
 * an empty count no block was given back by force, although there may be some.
 */
#include "support/layout.h"

#include "zone/highatomic.h"
#include "zone/pageblock.h"
#include "zone/rmqueue.h"

#define UNMOVABLE PCPMM_MIGRATE_UNMOVABLE
#define MOVABLE PCPMM_MIGRATE_MOVABLE
#define HIGHATOMIC PCPMM_MIGRATE_HIGHATOMIC

#define BLOCKS 16
#define ODD 100 /* frames of a pageblock that belong to another zone, or none */

/* @before frames of DMA32, then Normal: the zone starts or ends in a block. */
static struct layout layout_odd(uint64_t before, uint64_t pages)
{
	const struct shape shape = {
		.pages = {[PCPMM_ZONE_DMA32] = before,
			[PCPMM_ZONE_NORMAL] = pages},
		.boot = PCPMM_BOOT_HELD,
		.min_free_kbytes = 1,
	};
	struct layout l = layout_of(&shape);

	l.base = SHAPE_START_PFN;
	return l;
}

static void take(struct layout *l, uint32_t expected)
{
	uint32_t pfn = zone_rmqueue_buddy(l->cpu, l->zone, 0, UNMOVABLE, 0);

	assert_int_equal(pfn, expected);
	layout_hold(l, pfn, 0, UNMOVABLE);
}

/* The largest block is stolen, with what follows it; the one before it stays. */
static void test_a_start_inside_a_pageblock(void **state)
{
	struct layout l = layout_odd(ODD, BLOCKS * PAGEBLOCK_PAGES - ODD);

	(void)state;
	layout_free(&l, 0, 104, 3);
	layout_free(&l, 0, 256, 5);
	layout_free(&l, 0, 400, 2);
	take(&l, layout_pfn(&l, 0, 400));
	assert_int_equal(layout_free_pages(&l, MOVABLE), 8);
	assert_int_equal(layout_free_pages(&l, UNMOVABLE), 32 + 4 - 1);
	layout_end(&l);
}

/* Only the block that is stolen changes its type, and the pageblock does not. */
static void test_an_end_inside_a_pageblock(void **state)
{
	struct layout l = layout_odd(0, (BLOCKS + 1) * PAGEBLOCK_PAGES - ODD);

	(void)state;
	layout_free(&l, BLOCKS, 0, 8);
	layout_free(&l, BLOCKS, 256, 3);
	layout_free(&l, BLOCKS, 400, 2);
	take(&l, layout_pfn(&l, BLOCKS, 0));
	assert_int_equal(layout_free_pages(&l, MOVABLE), 8 + 4);
	assert_int_equal(layout_free_pages(&l, UNMOVABLE), 256 - 1);
	assert_int_equal(
		zone_block_type(l.zone, layout_pfn(&l, BLOCKS, 0)), MOVABLE);
	layout_end(&l);
}

/* A block on a list of the reserve, whatever the type of its pageblock. */
static void free_as_highatomic(
	struct layout *l, unsigned int block, unsigned int page)
{
	zone_free_one(
		l->cpu, l->zone, layout_pfn(l, block, page), 0, HIGHATOMIC);
}

static uint64_t reserved(const struct layout *l)
{
	return l->zone->nr_reserved_highatomic;
}

static bool unreserve(struct layout *l)
{
	return zone_unreserve_highatomic(l->cpu, l->zone, MOVABLE, true);
}

/* Two pageblocks are reserved; the free block of one of them can not move. */
static void test_a_pageblock_is_given_back_once(void **state)
{
	struct layout l = layout_odd(0, (BLOCKS + 1) * PAGEBLOCK_PAGES - ODD);

	(void)state;
	zone_reserve_highatomic(l.cpu, l.zone, layout_pfn(&l, BLOCKS, 8), 0);
	zone_reserve_highatomic(l.cpu, l.zone, layout_pfn(&l, 0, 8), 0);
	assert_int_equal(reserved(&l), 2 * PAGEBLOCK_PAGES);
	free_as_highatomic(&l, BLOCKS, 8);
	assert_false(unreserve(&l));
	assert_int_equal(reserved(&l), PAGEBLOCK_PAGES);
	assert_false(unreserve(&l));
	assert_int_equal(reserved(&l), PAGEBLOCK_PAGES);
	assert_int_equal(layout_free_pages(&l, HIGHATOMIC), 1);
	layout_end(&l);
}

/* A page that was on a per-CPU list when its pageblock was given back. */
static void test_by_force_whatever_is_counted(void **state)
{
	struct layout l = layout_held(BLOCKS * PAGEBLOCK_PAGES);

	(void)state;
	free_as_highatomic(&l, 3, 16);
	assert_int_equal(reserved(&l), 0);
	assert_false(zone_unreserve_highatomic(l.cpu, l.zone, MOVABLE, false));
	assert_true(unreserve(&l));
	assert_int_equal(reserved(&l), 0);
	assert_int_equal(layout_free_pages(&l, HIGHATOMIC), 0);
	assert_int_equal(layout_free_pages(&l, MOVABLE), 1);
	assert_false(unreserve(&l));
	layout_end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_start_inside_a_pageblock),
		cmocka_unit_test(test_an_end_inside_a_pageblock),
		cmocka_unit_test(test_a_pageblock_is_given_back_once),
		cmocka_unit_test(test_by_force_whatever_is_counted),
	};

	return cmocka_run_group_tests_name("zone_edges", tests, NULL, NULL);
}
