/* SPDX-License-Identifier: MIT */
/*
 * To 6.2 only ALLOC_HARDER and OOM victims count the high-atomic reserve as theirs. A
 * request that can not wait, or one with __GFP_HIGH that can, did so, too, with the
 * watermark checks of these kernels, and got pages that it had to leave.
 */
#include "support/layout.h"

#include "zone/gate.h"
#include "zone/watermark.h"

/* Free pages beyond the mark and the reserve that a request with @flags needs. */
static bool passes(struct layout *l, unsigned int alloc_flags)
{
	return zone_watermark_fast(
		l->zone, 0, MARK_LOW, PCPMM_ZONE_NORMAL, alloc_flags, 0);
}

static void test_who_may_use_the_reserve(void **state)
{
	static const struct {
		enum pcpmm_wmark_check check;
		bool non_block, high;
	} cases[] = {
		{PCPMM_WMARK_CHECK_HARDER, false, false},
		{PCPMM_WMARK_CHECK_MIN_RESERVE_ATOMIC, true, true},
		{PCPMM_WMARK_CHECK_MIN_RESERVE, true, true},
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		struct layout l = layout_held(8192);

		l.zone->wmark_check = (uint8_t)cases[i].check;
		layout_free(&l, 0, 0, PAGEBLOCK_ORDER); /* 512 */
		for (int mark = 0; mark < NR_MARKS; mark++)
			zone_set_mark(l.zone, (enum zone_mark)mark, 400);
		zone_set_highatomic(l.zone, 512);
		assert_false(passes(&l, 0));
		assert_int_equal(
			passes(&l, ALLOC_NON_BLOCK), cases[i].non_block);
		assert_int_equal(passes(&l, ALLOC_MIN_RESERVE), cases[i].high);
		assert_true(passes(&l, ALLOC_HARDER));
		assert_true(passes(&l, ALLOC_OOM));
		layout_end(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_may_use_the_reserve),
	};

	return cmocka_run_group_tests_name("nowait_reserve", tests, NULL, NULL);
}
