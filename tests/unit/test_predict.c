/* SPDX-License-Identifier: MIT */
/* Predictions for dumps that match, and for dumps that do not. */
#include <pcpmm/predict.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct pcpmm_dump *read_machine(const char *machine, bool sysctl)
{
	const char *folder = getenv("PCPMM_TESTS");
	struct pcpmm_dump *dump = pcpmm_dump_create();
	struct pcpmm_error error = {""};
	char path[4096];

	assert_non_null(dump);
	snprintf(path, sizeof(path), "%s/data/dumps/%s/zoneinfo.txt",
		folder ? folder : "tests", machine);
	if (pcpmm_dump_read(dump, PCPMM_DUMP_ZONEINFO, path, &error))
		fail_msg("%s", error.text);
	snprintf(path, sizeof(path), "%s/data/dumps/%s/sysctl.txt",
		folder ? folder : "tests", machine);
	if (sysctl && pcpmm_dump_read(dump, PCPMM_DUMP_SYSCTL, path, &error))
		fail_msg("%s", error.text);
	return dump;
}

static struct pcpmm_dump *parse(const char *zoneinfo, const char *sysctl)
{
	struct pcpmm_dump *dump = pcpmm_dump_create();
	struct pcpmm_error error = {""};

	assert_non_null(dump);
	if (pcpmm_dump_parse(dump, PCPMM_DUMP_ZONEINFO, "z", zoneinfo,
		    strlen(zoneinfo), &error))
		fail_msg("%s", error.text);
	if (sysctl && pcpmm_dump_parse(dump, PCPMM_DUMP_SYSCTL, "s", sysctl,
			      strlen(sysctl), &error))
		fail_msg("%s", error.text);
	return dump;
}

static struct pcpmm_prediction *predict(
	const struct pcpmm_dump *dump, const char *preset)
{
	struct pcpmm_prediction *prediction;
	struct pcpmm_error error = {""};
	enum pcpmm_era era;

	assert_int_equal(pcpmm_era_by_name(preset, &era), 0);
	prediction = pcpmm_predict(dump, era, NULL, &error);
	if (!prediction)
		fail_msg("%s", error.text);
	return prediction;
}

static const struct pcpmm_prediction_row *find_row(
	const struct pcpmm_prediction *prediction, const char *zone,
	const char *field)
{
	const struct pcpmm_prediction_row *row;
	unsigned int i;

	for (i = 0; (row = pcpmm_prediction_row(prediction, i)); i++) {
		if (!strcmp(row->zone, zone) && !strcmp(row->field, field))
			return row;
	}
	fail_msg("no row %s %s", zone, field);
	return NULL;
}

static void test_all_match(void **state)
{
	struct pcpmm_dump *dump = read_machine("smp4-1G-memon", true);
	struct pcpmm_prediction *prediction = predict(dump, "linux-6.1");
	const struct pcpmm_prediction_row *row;

	(void)state;
	assert_true(pcpmm_prediction_checked(prediction) > 20);
	assert_int_equal(pcpmm_prediction_checked(prediction),
		pcpmm_prediction_matched(prediction));
	assert_int_equal(pcpmm_prediction_min_free_kbytes(prediction), 45056);
	assert_non_null(
		strstr(pcpmm_prediction_min_free_origin(prediction), "sysctl"));
	row = find_row(prediction, "Movable", "stat_threshold");
	assert_int_equal(row->nid, 0);
	assert_int_equal(row->cpu, -1);
	assert_string_equal(row->note, "");
	assert_non_null(strstr(row->formula, "fls(4 CPUs)"));
	assert_null(pcpmm_prediction_row(
		prediction, pcpmm_prediction_checked(prediction)));
	pcpmm_prediction_free(prediction);
	pcpmm_prediction_free(NULL);
	pcpmm_dump_free(dump);
}

/* Without sysctls, min_free_kbytes is the value of boot. */
static void test_boot_paths(void **state)
{
	struct pcpmm_dump *dump = read_machine("smp4-1G-recalc", false);
	struct pcpmm_predict_options options = {.size = sizeof(options)};
	struct pcpmm_prediction *prediction = predict(dump, "linux-6.1");

	(void)state;
	assert_int_equal(pcpmm_prediction_min_free_kbytes(prediction), 45056);
	assert_non_null(strstr(
		pcpmm_prediction_min_free_origin(prediction), "khugepaged"));
	assert_int_equal(pcpmm_prediction_checked(prediction),
		pcpmm_prediction_matched(prediction));
	pcpmm_prediction_free(prediction);

	options.thp = PCPMM_PREDICT_THP_NEVER;
	prediction = pcpmm_predict(dump, PCPMM_ERA_LINUX_6_1, &options, NULL);
	assert_non_null(prediction);
	assert_true(pcpmm_prediction_min_free_kbytes(prediction) < 4000);
	assert_non_null(strstr(
		pcpmm_prediction_min_free_origin(prediction), "set by hand"));
	assert_true(pcpmm_prediction_matched(prediction) <
		    pcpmm_prediction_checked(prediction));
	pcpmm_prediction_free(prediction);
	pcpmm_dump_free(dump);
}

#define HEAD "Node 0, zone Normal\n pages free 5\n"
#define SIZES " spanned 100000\n present 100000\n managed 100000\n"
#define SET(cpu, high, thr)                                                    \
	" cpu: " cpu "\n count: 0\n high: " high "\n batch: 31\n"              \
	" vm stats threshold: " thr "\n"
#define TAIL " start_pfn: 1048576\n"

/* min_free 4000 kB = 1000 pages, all of them in the one zone. */
static void test_differences(void **state)
{
	struct pcpmm_dump *dump = parse(HEAD
		" min 1001\n low 1250\n high 1500\n" SIZES
		" pagesets\n" SET("0", "625", "12") SET("1", "600", "12") TAIL,
		"vm.min_free_kbytes = 4000\n");
	struct pcpmm_prediction *prediction = predict(dump, "linux-6.1");
	const struct pcpmm_prediction_row *row;

	(void)state;
	row = find_row(prediction, "Normal", "min");
	assert_false(row->matched);
	assert_int_equal(row->actual, 1001);
	assert_int_equal(row->predicted, 1000);
	assert_non_null(strstr(row->note, "as computed at boot"));
	/* CPUs differ: a row each. */
	row = find_row(prediction, "Normal", "pcp_high");
	assert_int_equal(row->cpu, 0);
	assert_true(row->matched);
	assert_int_equal(row[0].predicted, 625);
	assert_int_equal(pcpmm_prediction_matched(prediction) + 2,
		pcpmm_prediction_checked(prediction));
	pcpmm_prediction_free(prediction);
	pcpmm_dump_free(dump);
}

static void test_pressure_and_boost(void **state)
{
	struct pcpmm_dump *dump = parse(HEAD
		" boost 512\n min 1512\n low 1762\n high 2012\n" SIZES
		" pagesets\n" SET("0", "625", "125") SET("1", "625", "125")
			TAIL,
		"vm.min_free_kbytes = 4000\n");
	struct pcpmm_prediction *prediction = predict(dump, "linux-6.1");
	const struct pcpmm_prediction_row *row;

	(void)state;
	assert_int_equal(pcpmm_prediction_checked(prediction),
		pcpmm_prediction_matched(prediction));
	row = find_row(prediction, "Normal", "stat_threshold");
	assert_int_equal(row->predicted, 125);
	assert_non_null(strstr(row->formula, "pressure (kswapd was awake)"));
	pcpmm_prediction_free(prediction);
	pcpmm_dump_free(dump);

	/* Without the line: guessed, with a note, and different. */
	dump = parse(HEAD " min 1512\n low 1762\n high 2012\n" SIZES
			  " pagesets\n" SET("0", "625", "12")
				  SET("1", "625", "12") TAIL,
		"vm.min_free_kbytes = 4000\n");
	prediction = predict(dump, "linux-6.1");
	row = find_row(prediction, "Normal", "high");
	assert_false(row->matched);
	assert_non_null(strstr(row->note, "boost of 512 pages"));
	pcpmm_prediction_free(prediction);
	pcpmm_dump_free(dump);
}

static void test_floating_high(void **state)
{
	struct pcpmm_dump *dump = parse(HEAD
		" min 1000\n low 1250\n high 1500\n promo 1750\n" SIZES
		" pagesets\n" SET("0", "0", "12") SET("1", "700", "12")
			SET("2", "400", "12") TAIL,
		"vm.min_free_kbytes = 4000\n");
	struct pcpmm_prediction *prediction = predict(dump, "linux-6.12");
	const struct pcpmm_prediction_row *row;

	(void)state;
	row = find_row(prediction, "Normal", "pcp_high");
	assert_true(row->matched);
	assert_int_equal(row->predicted, 416);
	assert_int_equal(row->predicted_max, 4166);
	assert_int_equal(pcpmm_prediction_matched(prediction) + 1,
		pcpmm_prediction_checked(prediction));
	assert_true(find_row(prediction, "Normal", "promo")->matched);
	pcpmm_prediction_free(prediction);
	pcpmm_dump_free(dump);
}

/* Later kernels print the bounds, which are then compared, too. */
static void test_printed_bounds(void **state)
{
	struct pcpmm_dump *dump = parse(HEAD
		" min 1000\n low 1250\n high 1500\n promo 1750\n" SIZES
		" pagesets\n cpu: 0\n count: 0\n high: 2000\n batch: 31\n"
		" high_min: 1250\n high_max: 12501\n"
		" vm stats threshold: 6\n" TAIL,
		"vm.min_free_kbytes = 4000\n");
	struct pcpmm_prediction *prediction = predict(dump, "linux-6.13");
	const struct pcpmm_prediction_row *row;

	(void)state;
	assert_true(find_row(prediction, "Normal", "pcp_high_min")->matched);
	row = find_row(prediction, "Normal", "pcp_high_max");
	assert_false(row->matched);
	assert_int_equal(row->predicted, 12500);
	pcpmm_prediction_free(prediction);
	pcpmm_dump_free(dump);
}

/*
 * The laptop of <CALCETrX0t6YkzA5Q2rozsmbDCrrGgUopZVCMwT_vv0gVcvDDCw@...>,
 * Linux 3.7: no 'managed' lines, quarters, batches of 31, and kswapd awake in
 * two zones. khugepaged had asked for 67584 kB.
 */
static void test_linux_3_7(void **state)
{
	static const char zoneinfo[] =
		"Node 0, zone DMA\n pages free 3976\n min 65\n low 81\n"
		" high 97\n scanned 0\n spanned 4080\n present 3911\n"
		" nr_free_pages 3976\n pagesets\n"
		" cpu: 0\n high: 0\n batch: 1\n vm stats threshold: 4\n"
		" cpu: 1\n high: 0\n batch: 1\n vm stats threshold: 4\n"
		" cpu: 2\n high: 0\n batch: 1\n vm stats threshold: 4\n"
		" cpu: 3\n high: 0\n batch: 1\n vm stats threshold: 4\n"
		" all_unreclaimable: 0\n start_pfn: 16\n inactive_ratio: 1\n"
		"Node 0, zone DMA32\n pages free 9\n min 14763\n low 18453\n"
		" high 22144\n spanned 1044480\n present 874976\n pagesets\n"
		" cpu: 0\n high: 186\n batch: 31\n vm stats threshold: 36\n"
		" start_pfn: 4096\n"
		"Node 0, zone Normal\n pages free 9\n min 2066\n low 2582\n"
		" high 3099\n spanned 124416\n present 122472\n pagesets\n"
		" cpu: 0\n high: 186\n batch: 31\n vm stats threshold: 125\n"
		" start_pfn: 1048576\n";
	struct pcpmm_dump *dump = parse(zoneinfo, NULL);
	struct pcpmm_prediction *prediction = predict(dump, "linux-3.4");

	(void)state;
	assert_int_equal(pcpmm_prediction_min_free_kbytes(prediction), 67584);
	assert_int_equal(pcpmm_prediction_checked(prediction),
		pcpmm_prediction_matched(prediction));
	pcpmm_prediction_free(prediction);
	pcpmm_dump_free(dump);
}

static void test_old_fraction(void **state)
{
	struct pcpmm_dump *dump =
		parse(HEAD " min 1000\n low 1250\n high 1500\n" SIZES
			   " pagesets\n cpu: 0\n high: 1000\n batch: 96\n"
			   " vm stats threshold: 6\n" TAIL,
			"vm.min_free_kbytes = 4000\n"
			"vm.percpu_pagelist_fraction = 100\n");
	struct pcpmm_prediction *prediction = predict(dump, "linux-5.4");

	(void)state;
	assert_int_equal(pcpmm_prediction_checked(prediction),
		pcpmm_prediction_matched(prediction));
	pcpmm_prediction_free(prediction);
	pcpmm_dump_free(dump);
}

static void test_eras(void **state)
{
	static const struct {
		const char *name;
		enum pcpmm_era era;
	} rows[] = {
		{"linux-2.6.35", PCPMM_ERA_LINUX_3_4},
		{"linux-4.5", PCPMM_ERA_LINUX_3_4},
		{"linux-4.6", PCPMM_ERA_LINUX_4_11},
		{"linux-4.16", PCPMM_ERA_LINUX_4_11},
		{"linux-4.17", PCPMM_ERA_LINUX_4_18},
		{"linux-4.18.3", PCPMM_ERA_LINUX_4_18},
		{"linux-4.19", PCPMM_ERA_LINUX_5_4},
		{"linux-5.6", PCPMM_ERA_LINUX_5_4},
		{"linux-5.7", PCPMM_ERA_LINUX_5_10},
		{"linux-5.13", PCPMM_ERA_LINUX_5_10},
		{"linux-5.14", PCPMM_ERA_LINUX_6_1},
		{"linux-6.5", PCPMM_ERA_LINUX_6_1},
		{"linux-6.6", PCPMM_ERA_LINUX_6_6},
		{"rfc-kthread-2022", PCPMM_ERA_LINUX_6_1},
		{"remote-fold-v8-2023", PCPMM_ERA_LINUX_6_1},
		{"linux-6.7", PCPMM_ERA_LINUX_6_12},
		{"linux-6.17", PCPMM_ERA_LINUX_6_12},
		{"linux-6.18.15", PCPMM_ERA_LINUX_6_18},
		{"linux-7.3", PCPMM_ERA_LINUX_6_18},
	};
	enum pcpmm_era era;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(pcpmm_era_by_name(rows[i].name, &era), 0);
		assert_int_equal(era, rows[i].era);
	}
	assert_int_equal(pcpmm_era_by_name("linux-6", &era), -ENOENT);
	assert_int_equal(pcpmm_era_by_name("linux-6.1x", &era), -ENOENT);
	assert_int_equal(pcpmm_era_by_name("windows-11", &era), -ENOENT);
	for (i = 0; i < PCPMM_NR_ERAS; i++) {
		assert_int_equal(pcpmm_era_by_name(pcpmm_era_name(i), &era), 0);
		assert_int_equal(era, i);
	}
	assert_null(pcpmm_era_name(PCPMM_NR_ERAS));
	for (i = 0; pcpmm_preset_name(i); i++)
		assert_int_equal(
			pcpmm_era_by_name(pcpmm_preset_name(i), &era), 0);
	assert_true(i > 10);
}

static void test_bad_arguments(void **state)
{
	struct pcpmm_predict_options options = {.size = 1};
	struct pcpmm_dump *dump = pcpmm_dump_create();
	struct pcpmm_error error = {""};

	(void)state;
	assert_null(pcpmm_predict(dump, PCPMM_ERA_LINUX_6_1, NULL, &error));
	assert_string_equal(error.text, "no zoneinfo was read");
	assert_null(pcpmm_predict(
		dump, (enum pcpmm_era)PCPMM_NR_ERAS, NULL, &error));
	assert_string_equal(error.text, "unknown era");
	assert_null(pcpmm_predict(dump, PCPMM_ERA_LINUX_6_1, &options, &error));
	assert_string_equal(error.text, "options of another size");
	pcpmm_dump_free(dump);
	dump = read_machine("smp4-1G-recalc", false);
	options.size = sizeof(options);
	options.history = PCPMM_PREDICT_HISTORY_ONLINED;
	options.onlined_cpu = 4;
	assert_null(pcpmm_predict(dump, PCPMM_ERA_LINUX_6_1, &options, &error));
	assert_non_null(strstr(error.text, "not online"));
	pcpmm_dump_free(dump);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_match),
		cmocka_unit_test(test_boot_paths),
		cmocka_unit_test(test_differences),
		cmocka_unit_test(test_pressure_and_boost),
		cmocka_unit_test(test_floating_high),
		cmocka_unit_test(test_printed_bounds),
		cmocka_unit_test(test_linux_3_7),
		cmocka_unit_test(test_old_fraction),
		cmocka_unit_test(test_eras),
		cmocka_unit_test(test_bad_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
