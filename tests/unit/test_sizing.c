/* SPDX-License-Identifier: MIT */
/* The formulas at their edges, and worked examples of whole machines. */
#include "pcplist/sizing.h"
#include "vmstat/threshold.h"
#include "zone/sizing.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void test_batch(void **state)
{
	static const struct {
		uint64_t mib;
		int batch;
	} rows[] = {{16, 1}, {32, 1}, {64, 3}, {128, 7}, {256, 15}, {512, 31},
		{1024, 63}, {2048, 63}, {1 << 24, 63}};
	unsigned int i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_int_equal(
			pcp_batch(rows[i].mib * 256, PCP_BATCH_CAP_PAGES),
			rows[i].batch);
	assert_int_equal(pcp_batch_raw(0, PCP_BATCH_CAP_PAGES), 0);
	assert_int_equal(pcp_batch(0, PCP_BATCH_CAP_PAGES), 1);
	assert_int_equal(pcp_batch(1 << 20, PCP_BATCH_CAP_OLD_PAGES), 31);
	assert_int_equal(pcp_high_sixfold(pcp_batch_raw(3976, 256)), 0);
}

static void test_high(void **state)
{
	int low, high;

	(void)state;
	/* A node's CPUs, one more while one comes online; without CPUs all. */
	assert_int_equal(pcp_high_cpus(2, 4, 0), 2);
	assert_int_equal(pcp_high_cpus(2, 4, 1), 3);
	assert_int_equal(pcp_high_cpus(0, 4, 0), 4);
	assert_int_equal(pcp_high_cpus(0, 4, 1), 1);
	assert_int_equal(pcp_high_cpus(0, 0, 0), 1);

	assert_int_equal(pcp_high(14050, 500510, 0, 2, 63), 7025);
	assert_int_equal(pcp_high(14050, 500510, 0, 3, 63), 4683);
	assert_int_equal(pcp_high(14050, 500510, 8, 2, 63), 31281);
	assert_int_equal(pcp_high(14050, 500510, 0, 64, 63), 252);
	assert_int_equal(pcp_high(UINT64_MAX, 0, 0, 1, 63), INT_MAX);

	pcp_high_bounds(14050, 500510, 0, 2, 63, &low, &high);
	assert_int_equal(low, 7025);
	assert_int_equal(high, 31281);
	pcp_high_bounds(14050, 500510, 64, 2, 63, &low, &high);
	assert_int_equal(low, 3910);
	assert_int_equal(high, 3910);

	pcp_high_old_fraction(500510, 100, 12, &high, &low);
	assert_int_equal(high, 5005);
	assert_int_equal(low, 96);
	pcp_high_old_fraction(3, 1, 12, &high, &low);
	assert_int_equal(low, 1);
}

static void test_thresholds(void **state)
{
	static const unsigned int cpus[] = {1, 2, 4, 8, 16, 64, 128};
	/* 64 MiB, 128 MiB, ... 64 GiB */
	static const int table[][11] = {
		{2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22},
		{4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44},
		{6, 12, 18, 24, 30, 36, 42, 48, 54, 60, 66},
		{8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88},
		{10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110},
		{14, 28, 42, 56, 70, 84, 98, 112, 125, 125, 125},
		{16, 32, 48, 64, 80, 96, 112, 125, 125, 125, 125},
	};
	unsigned int i, j;

	(void)state;
	for (i = 0; i < COUNT(cpus); i++) {
		for (j = 0; j < 11; j++)
			assert_int_equal(
				vmstat_normal_threshold(16384ULL << j, cpus[i]),
				table[i][j]);
	}
	assert_int_equal(vmstat_normal_threshold(UINT64_MAX, UINT_MAX), 125);
	assert_int_equal(vmstat_normal_threshold(0, 0), 0);

	assert_int_equal(vmstat_pressure_threshold(511, 409, 4), 25);
	assert_int_equal(vmstat_pressure_threshold(10, 7, 64), 1);
	assert_int_equal(vmstat_pressure_threshold(7, 10, 4), 1);
	assert_int_equal(vmstat_pressure_threshold(9000, 0, 1), 125);
	assert_int_equal(vmstat_pressure_threshold(100, 50, 0), 50);

	/* At boot all marks are 0: no drift is tolerable. */
	assert_int_equal(vmstat_drift_mark(0, 0, 0, 12, 4), 48);
	assert_int_equal(vmstat_drift_mark(7, 10, 13, 4, 1), 17);
	assert_int_equal(vmstat_drift_mark(7, 10, 13, 3, 1), 0);
}

/* One zone of a worked example: 6.1 and 6.7+ pcp highs, drift, pressure. */
struct vector {
	uint64_t managed;
	unsigned int node_cpus;
	uint64_t marks[4]; /* min low high promo */
	int batch, high, high_max, threshold;
	uint64_t drift_mark;
	int pressure;
};

struct machine {
	unsigned int cpus, nr;
	uint64_t min_free_kbytes;
	struct vector zones[4];
};

static const struct machine machines[] = {
	{4, 1, 1024, {{16384, 4, {256, 320, 384, 448}, 3, 80, 512, 6, 0, 16}}},
	{8, 1, 2048,
		{{65536, 8, {512, 640, 768, 896}, 15, 80, 1024, 24, 960, 16}}},
	{16, 2, 5792,
		{{262144, 8, {724, 986, 1248, 1510}, 63, 252, 4096, 50, 2048,
			 16},
			{262144, 8, {724, 986, 1248, 1510}, 63, 252, 4096, 50,
				2048, 16}}},
	{4, 3, 8043,
		{{3840, 4, {7, 10, 13, 16}, 1, 4, 120, 6, 37, 1},
			{765000, 4, {1521, 2286, 3051, 3816}, 63, 571, 23906,
				36, 0, 125},
			{242000, 4, {481, 723, 965, 1207}, 63, 252, 7562, 24, 0,
				60}}},
	{128, 4, 32665,
		{{3840, 64, {1, 4, 7, 10}, 1, 4, 7, 16, 2055, 1},
			{480000, 64, {235, 715, 1195, 1675}, 63, 252, 937, 80,
				11435, 3},
			{7800000, 64, {3820, 11620, 19420, 27220}, 63, 252,
				15234, 125, 35420, 60},
			{8388608, 64, {4108, 12496, 20884, 29272}, 63, 252,
				16384, 125, 36884, 65}}},
};

static void check_zone(const struct machine *machine,
	const struct vector *vector, const struct zone_wmarks *wmarks)
{
	int high_min, high_max, threshold;

	assert_int_equal(wmarks->min, vector->marks[0]);
	assert_int_equal(wmarks->low, vector->marks[1]);
	assert_int_equal(wmarks->high, vector->marks[2]);
	assert_int_equal(wmarks->promo, vector->marks[3]);
	assert_int_equal(
		pcp_batch(vector->managed, PCP_BATCH_CAP_PAGES), vector->batch);
	pcp_high_bounds(wmarks->low, vector->managed, 0, vector->node_cpus,
		vector->batch, &high_min, &high_max);
	assert_int_equal(high_min, vector->high);
	assert_int_equal(high_max, vector->high_max);
	threshold = vmstat_normal_threshold(vector->managed, machine->cpus);
	assert_int_equal(threshold, vector->threshold);
	assert_int_equal(vmstat_drift_mark(wmarks->min, wmarks->low,
				 wmarks->high, threshold, machine->cpus),
		vector->drift_mark);
	assert_int_equal(vmstat_pressure_threshold(
				 wmarks->low, wmarks->min, machine->cpus),
		vector->pressure);
}

static void test_machines(void **state)
{
	struct zone_size_in zones[4];
	struct zone_wmarks wmarks;
	uint64_t kbytes, lowmem;
	unsigned int i, j;

	(void)state;
	for (i = 0; i < COUNT(machines); i++) {
		const struct machine *machine = &machines[i];

		memset(zones, 0, sizeof(zones));
		for (j = 0; j < machine->nr; j++)
			zones[j].managed = machine->zones[j].managed;
		kbytes = zone_min_free_kbytes(
			zones, machine->nr, &zone_boot_rules_4k);
		assert_int_equal(kbytes, machine->min_free_kbytes);
		lowmem = zone_lowmem_pages(
			zones, machine->nr, ZONE_WMARK_SCALE_FACTOR);
		for (j = 0; j < machine->nr; j++) {
			zone_watermarks(&zones[j], kbytes, lowmem,
				ZONE_WMARK_SCALE_FACTOR, 10, &wmarks);
			check_zone(machine, &machine->zones[j], &wmarks);
		}
	}
}

static void test_min_free(void **state)
{
	struct zone_size_in zones[3] = {{.populated = true},
		{.populated = true}, {.populated = true, .movable = true}};
	struct zone_boot_rules old = zone_boot_rules_4k;
	struct zone_boot_rules all = zone_boot_rules_4k;

	(void)state;
	old.cap_kbytes = ZONE_MIN_FREE_CAP_OLD_KBYTES;
	/* No memory, then a petabyte: within the limits. */
	assert_int_equal(zone_min_free_kbytes(zones, 3, &old), 128);
	zones[0].managed = 1ULL << 38;
	assert_int_equal(zone_min_free_kbytes(zones, 3, &old), 65536);
	assert_int_equal(
		zone_min_free_kbytes(zones, 3, &zone_boot_rules_4k), 262144);
	/* A zone below its high mark counts as 0. */
	zones[0].managed = 1000;
	zones[0].high = 1001;
	all.khugepaged_all_zones = true;
	zones[1].managed = 1024;
	assert_int_equal(zone_free_buffer_pages(zones, 3), 1024);
	/* Movable memory counts neither for the buffers nor for khugepaged. */
	zones[2].managed = 1 << 20;
	assert_int_equal(zone_free_buffer_pages(zones, 3), 1024);
	zones[0].managed = 1 << 20;
	assert_int_equal(
		zone_khugepaged_min_kbytes(zones, 3, &zone_boot_rules_4k),
		2 * 11 * 512 * 4);
	/* 5 % of lowmem: 10 * 20 pages and some. */
	zones[0].managed = 0;
	assert_int_equal(
		zone_khugepaged_min_kbytes(zones, 3, &zone_boot_rules_4k),
		51 * 4);
	/* Before 4.17 the Movable zone counts too. */
	zones[0].managed = 1 << 22;
	assert_int_equal(
		zone_khugepaged_min_kbytes(zones, 3, &all), 3 * 11 * 512 * 4);
}

static void test_boot_path(void **state)
{
	struct zone_size_in zone = {.managed = 131071, .populated = true};

	(void)state;
	assert_int_equal(zone_boot_path(&zone, 1, true, 4), ZONE_BOOT_SMALL);
	zone.managed++;
	assert_int_equal(zone_boot_path(&zone, 1, true, 4), ZONE_BOOT_THP);
	assert_int_equal(
		zone_boot_path(&zone, 1, false, 4), ZONE_BOOT_THP_NEVER);
	/* On a very large machine the square root is larger. */
	zone.managed = 1ULL << 28;
	assert_int_equal(zone_boot_min_free_kbytes(&zone, 1, ZONE_BOOT_THP,
				 &zone_boot_rules_4k, 10),
		131072);
	assert_true(zone.high > 0);
}

static void test_watermarks(void **state)
{
	struct zone_size_in movable = {.managed = 253073, .movable = true};
	struct zone_size_in empty = {.managed = 0};
	struct zone_wmarks wmarks;

	(void)state;
	/* 6.1 gives a Movable zone a share; 6.12 a fixed minimum. */
	zone_watermarks(
		&movable, 67584, 1003151, ZONE_WMARK_SCALE_FACTOR, 10, &wmarks);
	assert_int_equal(wmarks.min, 4262);
	zone_watermarks(
		&movable, 67584, 1003151, ZONE_WMARK_NOT_MOVABLE, 10, &wmarks);
	assert_int_equal(wmarks.min, 128);
	assert_int_equal(wmarks.low, 128 + 4262 / 4);
	/* The scale factor wins when it is larger than a quarter. */
	zone_watermarks(
		&movable, 1024, 253073, ZONE_WMARK_SCALE_FACTOR, 1000, &wmarks);
	assert_int_equal(wmarks.low, 256 + 25307);
	/* No memory: all 0, and no division by 0. */
	zone_watermarks(&empty, 1024, 0, ZONE_WMARK_SCALE_FACTOR, 10, &wmarks);
	assert_int_equal(wmarks.min + wmarks.low + wmarks.high, 0);
}

/*
 * A Lenovo X220 with 3.7-rc6, as published (tests/golden/published.tsv): 67584
 * kB, of which Normal's share is 2066 (2066.47). A quarter and a half of the
 * share, each rounded down, and no larger step: what was printed, exactly.
 */
static void test_quarters(void **state)
{
	static const struct {
		uint64_t managed, min, low, high;
	} rows[] = {{3911, 65, 81, 97}, {874976, 14763, 18453, 22144},
		{122472, 2066, 2582, 3099}};
	struct zone_size_in zones[COUNT(rows)] = {0};
	struct zone_wmarks wmarks;
	uint64_t lowmem;

	(void)state;
	for (unsigned int i = 0; i < COUNT(rows); i++)
		zones[i].managed = rows[i].managed;
	lowmem = zone_lowmem_pages(zones, COUNT(rows), ZONE_WMARK_QUARTER);
	assert_int_equal(lowmem, 1001359);
	for (unsigned int i = 0; i < COUNT(rows); i++) {
		zone_watermarks(&zones[i], 67584, lowmem, ZONE_WMARK_QUARTER,
			3000, &wmarks);
		assert_int_equal(wmarks.min, rows[i].min);
		assert_int_equal(wmarks.low, rows[i].low);
		assert_int_equal(wmarks.high, rows[i].high);
	}
}

static void test_reserves(void **state)
{
	static const uint64_t managed[] = {3840, 754602, 243341, 0, 0};
	static const int32_t ratio[] = {256, 256, 32, 0, 0};
	static const int32_t off[] = {0, 0, 0, 0, 0};
	uint64_t reserve[5];

	(void)state;
	zone_lowmem_reserve(managed, 5, 0, ratio, reserve);
	assert_int_equal(reserve[0], 0);
	assert_int_equal(reserve[1], 2947);
	assert_int_equal(reserve[2], 3898);
	assert_int_equal(reserve[4], 3898);
	zone_lowmem_reserve(managed, 5, 1, ratio, reserve);
	assert_int_equal(reserve[0], 0);
	assert_int_equal(reserve[1], 0);
	assert_int_equal(reserve[2], 950);
	zone_lowmem_reserve(managed, 5, 0, off, reserve);
	assert_int_equal(reserve[2], 0);
	/* An empty zone has no reserve. */
	zone_lowmem_reserve(managed, 5, 3, ratio, reserve);
	assert_int_equal(reserve[4], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batch),
		cmocka_unit_test(test_high),
		cmocka_unit_test(test_thresholds),
		cmocka_unit_test(test_machines),
		cmocka_unit_test(test_min_free),
		cmocka_unit_test(test_boot_path),
		cmocka_unit_test(test_watermarks),
		cmocka_unit_test(test_quarters),
		cmocka_unit_test(test_reserves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
