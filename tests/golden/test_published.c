/* SPDX-License-Identifier: MIT */
/*
 * Machines that were published, of several kernel versions, against the
 * formulas; the sources are in published.tsv. Their min_free_kbytes are not
 * known, so the marks are tested by their distances, which depend on min only.
 */
#include "pcplist/sizing.h"
#include "tsv.h"
#include "vmstat/threshold.h"
#include "zone/sizing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum {
	P_ERA,
	P_CPUS,
	P_ZONE,
	P_PAGES,
	P_BOOST,
	P_MIN,
	P_LOW,
	P_HIGH,
	P_THRESHOLD,
	P_KIND,
	P_PCP_HIGH,
	P_PCP_BATCH,
	P_SOURCE,
	P_NR
};

struct tally {
	unsigned int marks, normal, pressure, batches, highs;
};

static bool told(const struct tsv *row, int field)
{
	return strcmp(row->field[field], "-") != 0;
}

static void expect(const struct tsv *row, const char *what, uint64_t actual,
	uint64_t predicted)
{
	if (actual != predicted)
		fail_msg("%s, %s: %s %llu, not %llu", row->field[P_SOURCE],
			row->field[P_ZONE], what, (unsigned long long)actual,
			(unsigned long long)predicted);
}

static bool old_era(const struct tsv *row)
{
	return strcmp(row->field[P_ERA], "linux-3.4") == 0;
}

/*
 * With lowmem = managed, a zone's share is all of min_free_kbytes; so a zone
 * alone with min_free = its min gives the same distances.
 */
static void check_marks(const struct tsv *row, struct tally *tally)
{
	uint64_t boost = tsv_number(row, P_BOOST);
	bool highmem = strcmp(row->field[P_ZONE], "HighMem") == 0;
	struct zone_size_in zone = {
		.managed = tsv_number(row, P_PAGES),
		.populated = true,
		.highmem = highmem,
	};
	struct zone_wmarks wmarks;
	uint64_t share;

	if (!told(row, P_MIN))
		return;
	share = highmem ? boost : tsv_number(row, P_MIN) - boost;
	if (highmem)
		boost = 0;
	zone_watermarks(&zone, share * 4, zone.managed,
		old_era(row) ? ZONE_WMARK_QUARTER : ZONE_WMARK_SCALE_FACTOR, 10,
		&wmarks);
	expect(row, "min", tsv_number(row, P_MIN), wmarks.min + boost);
	expect(row, "low", tsv_number(row, P_LOW), wmarks.low + boost);
	expect(row, "high", tsv_number(row, P_HIGH), wmarks.high + boost);
	tally->marks++;
}

static void check_threshold(const struct tsv *row, struct tally *tally)
{
	unsigned int cpus = (unsigned int)tsv_number(row, P_CPUS);
	int normal = vmstat_normal_threshold(tsv_number(row, P_PAGES), cpus);
	int pressure = vmstat_pressure_threshold(
		tsv_number(row, P_LOW), tsv_number(row, P_MIN), cpus);
	bool pressed = strcmp(row->field[P_KIND], "pressure") == 0;

	expect(row, "threshold", tsv_number(row, P_THRESHOLD),
		(uint64_t)(pressed ? pressure : normal));
	if (pressed)
		assert_int_not_equal(normal, pressure);
	tally->pressure += pressed;
	tally->normal += !pressed;
}

static void check_lists(const struct tsv *row, struct tally *tally)
{
	unsigned int cap =
		old_era(row) ? PCP_BATCH_CAP_OLD_PAGES : PCP_BATCH_CAP_PAGES;
	uint64_t pages = tsv_number(row, P_PAGES);

	if (told(row, P_PCP_BATCH)) {
		expect(row, "pcp batch", tsv_number(row, P_PCP_BATCH),
			(uint64_t)pcp_batch(pages, cap));
		tally->batches++;
	}
	if (told(row, P_PCP_HIGH)) {
		expect(row, "pcp high", tsv_number(row, P_PCP_HIGH),
			(uint64_t)pcp_high_sixfold(pcp_batch_raw(pages, cap)));
		tally->highs++;
	}
}

static void test_machines(void **state)
{
	static struct tsv tsv;
	struct tally tally = {0};

	(void)state;
	assert_true(tsv_open(&tsv, "golden/published.tsv"));
	while (tsv_next(&tsv)) {
		assert_int_equal(tsv.nr, P_NR);
		check_marks(&tsv, &tally);
		check_threshold(&tsv, &tally);
		check_lists(&tsv, &tally);
	}
	fclose(tsv.file);
	assert_int_equal(tally.pressure, 2);
	assert_true(tally.marks >= 18);
	assert_true(tally.normal >= 20);
	assert_true(tally.batches >= 15);
	assert_true(tally.highs >= 14);
}

/* <20101013131916.GN30667@csn.ul.ie> calculates the drift of two machines. */
static void test_drift(void **state)
{
	(void)state;
	assert_int_equal(vmstat_normal_threshold(2068480, 64) * 64, 6272);
	assert_int_equal(
		vmstat_drift_mark(1441, 1801, 2161, 98, 64), 2161 + 6272);
	assert_int_equal(
		vmstat_normal_threshold(16777216, 2048) * 2048, 256000);
	/* Hardly any memory: 2 * fls(4096), without a term for memory. */
	assert_int_equal(vmstat_normal_threshold(1, 4096), 26);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machines),
		cmocka_unit_test(test_drift),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
