/* SPDX-License-Identifier: MIT */
/* What the kernel says it has lost; the size of buffers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "record/buffers.h"
#include "record/stats.h"

/* As a kernel prints it. */
static const char full[] = "entries: 188\n"
			   "overrun: 1\n"
			   "commit overrun: 2\n"
			   "bytes: 8144\n"
			   "oldest event ts: 49240.100000\n"
			   "now ts: 49240.200000\n"
			   "dropped events: 2027\n"
			   "read events: 5\n";

static void buffer_stats(void **state)
{
	struct record_stats stats;

	(void)state;
	assert_int_equal(record_stats_parse(full, &stats), 0);
	assert_int_equal(stats.entries, 188);
	assert_int_equal(stats.overrun, 1);
	assert_int_equal(stats.commit_overrun, 2);
	assert_int_equal(stats.dropped, 2027);
	assert_int_equal(record_stats_lost(&stats), 2030);
	/* Without a line nobody knows that nothing was lost. */
	assert_int_equal(record_stats_parse("entries: 1\noverrun: 0\n", &stats),
		-EINVAL);
	assert_int_equal(record_stats_parse("", &stats), -EINVAL);
	assert_int_equal(record_stats_parse("entries: x\noverrun: 0\ncommit "
					    "overrun: 0\ndropped events: 0\n",
				 &stats),
		-EINVAL);
}

static void probe_misses(void **state)
{
	/* Another user's probe has the same name; ours came last. */
	static const char profile[] =
		"  free_bulk                     21               9\n"
		"  refill                     73929             718\n"
		"  refill_ret                 77964            1035\n"
		"  free_bulk                     21               2\n";

	(void)state;
	assert_int_equal(record_stats_missed(profile, "refill"), 718);
	assert_int_equal(record_stats_missed(profile, "free_bulk"), 2);
	assert_int_equal(record_stats_missed(profile, "decay"), 0);
	assert_int_equal(record_stats_missed("", "decay"), 0);
	assert_int_equal(record_stats_missed(NULL, "decay"), 0);
}

static void buffer_sizes(void **state)
{
	(void)state;
	assert_int_equal(record_buffer_rule(16L << 20, 4), 128 << 10);
	assert_int_equal(record_buffer_rule(16L << 20, 64), 32 << 10);
	assert_int_equal(record_buffer_rule(1L << 10, 64), 1 << 10);
	assert_int_equal(record_buffer_rule(0, 0), 1 << 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffer_stats),
		cmocka_unit_test(probe_misses),
		cmocka_unit_test(buffer_sizes),
	};

	return cmocka_run_group_tests_name("record_stats", tests, NULL, NULL);
}
