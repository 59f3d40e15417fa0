/* SPDX-License-Identifier: MIT */
/* Of which kernel is a dump? The preset that is chosen, and what is said of it. */
#include <pcpmm/machinefile.h>
#include <pcpmm/predict.h>

#include "support/texts.h"

/* A zoneinfo of one zone, with @lines of some kernel and @sets of its lists. */
static struct pcpmm_dump *dump_of(const char *lines, const char *sets)
{
	struct pcpmm_dump *dump = pcpmm_dump_create();
	struct pcpmm_error error = {""};
	char text[1024];

	assert_non_null(dump);
	snprintf(text, sizeof(text),
		"Node 0, zone   Normal\n  pages free 5\n%s  min 32\n  low 40\n"
		"  high 48\n  spanned 8192\n  present 8192\n  managed 8192\n"
		"  protection: (0, 0)\n  pagesets\n    cpu: 0\n  count: 1\n"
		"  high: 42\n  batch: 7\n%s  vm stats threshold: 2\n"
		"  start_pfn: 4096\n",
		lines, sets);
	if (pcpmm_dump_parse(dump, PCPMM_DUMP_ZONEINFO, "zoneinfo", text,
		    strlen(text), &error))
		fail_msg("%s", error.text);
	return dump;
}

static void tell(struct pcpmm_dump *dump, const char *uname)
{
	struct pcpmm_error error = {""};

	if (pcpmm_dump_parse(dump, PCPMM_DUMP_UNAME, "uname", uname,
		    strlen(uname), &error))
		fail_msg("%s", error.text);
}

static void expect_preset(const struct pcpmm_dump *dump,
	enum pcpmm_preset preset, const char *expected_why)
{
	char why[256];
	enum pcpmm_preset chosen = pcpmm_dump_preset(dump, why, sizeof(why));

	if (chosen != preset || !strstr(why, expected_why))
		fail_msg("%s: %s; expected %s: %s", pcpmm_preset_name(chosen),
			why, pcpmm_preset_name(preset), expected_why);
}

static void test_uname(void **state)
{
	static const struct {
		const char *text;
		enum pcpmm_preset preset;
		const char *why;
	} cases[] = {
		{"Linux (none) 7.3.4+deb13-amd64 #1 SMP",
			PCPMM_PRESET_LINUX_7_3,
			"the dump's uname says Linux 7.3.4"},
		{"Linux version 6.12.117 (gcc)", PCPMM_PRESET_LINUX_6_12,
			"Linux 6.12.117"},
		{"6.1.0-56-amd64\n", PCPMM_PRESET_LINUX_6_1, "Linux 6.1.0"},
		{"6.18-rc1", PCPMM_PRESET_LINUX_6_18, "says Linux 6.18"},
		{"cmdline: quiet\nuname: Linux h 5.10.223\nnproc: 2\n",
			PCPMM_PRESET_LINUX_5_10, "Linux 5.10.223"},
		/* A host that is called like a kernel. */
		{"Linux 4.19 6.17.2 #1", PCPMM_PRESET_LINUX_6_12,
			"Linux 6.17.2; linux-6.12 is the nearest preset that "
			"is "
			"not newer"},
		{"5.15.0", PCPMM_PRESET_LINUX_5_10,
			"linux-5.10 is the nearest preset that is not newer"},
		{"8.0.1", PCPMM_PRESET_LINUX_7_3,
			"linux-7.3 is the nearest preset that is not newer"},
		{"4.19.0", PCPMM_PRESET_LINUX_5_10,
			"linux-5.10 is the oldest preset"},
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		/* What uname says counts more than any line. */
		struct pcpmm_dump *dump = dump_of("  promo 50\n", "");

		tell(dump, cases[i].text);
		expect_preset(dump, cases[i].preset, cases[i].why);
		pcpmm_dump_free(dump);
	}
}

static void test_no_uname(void **state)
{
	static const char *const texts[] = {"", "\n", "Linux", "Linux host",
		"Linux version", "uname: Linux host six", "6", "6.", "x6.1",
		"cmdline: 6.1"};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(texts); i++) {
		struct pcpmm_dump *dump = pcpmm_dump_create();
		struct pcpmm_error error = {""};

		assert_int_equal(pcpmm_dump_parse(dump, PCPMM_DUMP_UNAME, "u",
					 texts[i], strlen(texts[i]), &error),
			-EINVAL);
		assert_non_null(strstr(error.text, "no version of a kernel"));
		pcpmm_dump_free(dump);
	}
}

/* The recorded dumps have the counters of their kernels. */
static void test_counters(void **state)
{
	static const struct {
		const char *folder, *version;
		enum pcpmm_preset preset;
		enum pcpmm_era era;
	} cases[] = {
		{"kernels/5.10", "5.10", PCPMM_PRESET_LINUX_5_10,
			PCPMM_ERA_LINUX_5_10},
		{"dumps/smp4-1G-recalc", "6.1", PCPMM_PRESET_LINUX_6_1,
			PCPMM_ERA_LINUX_6_1},
		{"kernels/6.12", "6.12", PCPMM_PRESET_LINUX_6_12,
			PCPMM_ERA_LINUX_6_12},
		{"kernels/6.18", "6.18", PCPMM_PRESET_LINUX_6_18,
			PCPMM_ERA_LINUX_6_18},
		{"kernels/7.3", "7.3", PCPMM_PRESET_LINUX_7_3,
			PCPMM_ERA_LINUX_6_18},
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		struct pcpmm_dump *dump = pcpmm_dump_create();
		const struct pcpmm_config *config;
		char name[128], expected[128], why[256], *text;

		snprintf(
			name, sizeof(name), "%s/zoneinfo.txt", cases[i].folder);
		text = data_text(name);
		assert_int_equal(pcpmm_dump_parse(dump, PCPMM_DUMP_ZONEINFO,
					 name, text, strlen(text), NULL),
			0);
		free(text);
		snprintf(expected, sizeof(expected),
			"the dump's counters are those of Linux %s",
			cases[i].version);
		expect_preset(dump, cases[i].preset, expected);
		config = pcpmm_dump_config(dump, PCPMM_PRESET_OF_DUMP, NULL);
		assert_non_null(config);
		assert_int_equal(config->preset, cases[i].preset);
		assert_string_equal(
			pcpmm_config_get(config, "layout"), cases[i].version);
		assert_non_null(strstr(pcpmm_dump_note(dump), expected));
		assert_int_equal(pcpmm_era_of_dump(dump, why, sizeof(why)),
			cases[i].era);
		assert_non_null(strstr(why, expected));
		for (int era = 0; era < PCPMM_NR_ERAS; era++)
			assert_int_equal(
				pcpmm_era_fits(dump, era, why, sizeof(why)),
				era == (int)cases[i].era);
		pcpmm_dump_free(dump);
	}
}

/* Without all counters there are the lines. */
static void test_lines(void **state)
{
	static const struct {
		const char *lines, *sets;
		enum pcpmm_preset preset;
		const char *why;
	} cases[] = {
		{"", "", PCPMM_PRESET_LINUX_5_10,
			"no 'boost' line, so it is of Linux 5.12 or older"},
		{"  scanned 5\n", "", PCPMM_PRESET_LINUX_5_10,
			"a 'scanned' line, so it is of Linux 4.7 or older"},
		{"  boost 0\n", "", PCPMM_PRESET_LINUX_6_1,
			"no 'promo' line, so it is of Linux 6.11 or older"},
		{"  boost 0\n  promo 56\n", "", PCPMM_PRESET_LINUX_6_12,
			"no 'high_min:' line, so it is of Linux 6.12 or older"},
		{"  boost 0\n  promo 56\n", "  high_min: 1\n  high_max: 9\n",
			PCPMM_PRESET_LINUX_6_18,
			"a 'high_min:' line, so it is of Linux 6.13 or later"},
		{"  boost 0\n  promo 56\n  free_highatomic 0\n"
		 "  reserved_highatomic 0\n",
			"  high_min: 1\n  high_max: 9\n",
			PCPMM_PRESET_LINUX_7_3, "of Linux 6.19 or later"},
		{"  boost 0\n  scanned 5\n", "", PCPMM_PRESET_LINUX_6_1,
			"lines of different kernels"},
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		struct pcpmm_dump *dump =
			dump_of(cases[i].lines, cases[i].sets);

		expect_preset(dump, cases[i].preset, cases[i].why);
		pcpmm_dump_free(dump);
	}
}

/* One name more, less or elsewhere: not the counters of that kernel. */
static void test_other_counters(void **state)
{
	char *text = data_text("kernels/6.18/zoneinfo.txt");
	static const char *const names[] = {
		"nr_kernel_file_pages", "nr_inactive_anon", "nr_unaccepted"};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(names); i++) {
		struct pcpmm_dump *dump = pcpmm_dump_create();
		char *at = strstr(text, names[i]);

		*at = 'x';
		assert_int_equal(pcpmm_dump_parse(dump, PCPMM_DUMP_ZONEINFO,
					 "z", text, strlen(text), NULL),
			0);
		*at = 'n';
		expect_preset(dump, PCPMM_PRESET_LINUX_6_18,
			"no 'free_highatomic' line");
		pcpmm_dump_free(dump);
	}
	free(text);
}

/* A preset that can not be right is used, with a note. */
static void test_doubt(void **state)
{
	struct pcpmm_dump *dump =
		dump_of("  boost 0\n  promo 56\n", "  high_min: 1\n");
	static const struct {
		enum pcpmm_preset preset;
		const char *note;
	} cases[] = {
		{PCPMM_PRESET_LINUX_6_1,
			"preset linux-6.1 is not right: the dump has a "
			"'high_min:' line, so it is of Linux 6.13 or later"},
		{PCPMM_PRESET_LINUX_5_10,
			"preset linux-5.10 is not right: the dump has a "
			"'high_min:' line, so it is of Linux 6.13 or later"},
		/* It stands for 6.12 to 6.17. */
		{PCPMM_PRESET_LINUX_6_12, ""},
		{PCPMM_PRESET_LINUX_6_18, ""},
		{PCPMM_PRESET_LINUX_7_3,
			"preset linux-7.3 is not right: the dump has no "
			"'free_highatomic' line, so it is of Linux 6.18 or "
			"older"},
		/* A series is no kernel. */
		{PCPMM_PRESET_RFC_KTHREAD_2022, ""},
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		const struct pcpmm_config *config =
			pcpmm_dump_config(dump, cases[i].preset, NULL);

		assert_non_null(config);
		assert_int_equal(config->preset, cases[i].preset);
		assert_string_equal(pcpmm_dump_note(dump), cases[i].note);
	}
	tell(dump, "6.1.192");
	assert_non_null(pcpmm_dump_config(dump, PCPMM_PRESET_LINUX_6_1, NULL));
	assert_string_equal(pcpmm_dump_note(dump), "");
	assert_non_null(pcpmm_dump_config(dump, PCPMM_PRESET_LINUX_6_12, NULL));
	assert_string_equal(pcpmm_dump_note(dump),
		"preset linux-6.12 is not right: the dump's uname says Linux "
		"6.1.192");
	pcpmm_dump_free(dump);
}

/* Too small a buffer gets a shorter text. */
static void test_short_buffer(void **state)
{
	struct pcpmm_dump *dump = dump_of("  boost 0\n", "");
	char why[300];

	(void)state;
	for (size_t size = 1; size < sizeof(why); size++) {
		memset(why, 'x', sizeof(why));
		pcpmm_dump_preset(dump, why, size);
		assert_true(strlen(why) < size);
		memset(why, 'x', sizeof(why));
		pcpmm_era_of_dump(dump, why, size);
		assert_true(strlen(why) < size);
	}
	pcpmm_dump_free(dump);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uname),
		cmocka_unit_test(test_no_uname),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_other_counters),
		cmocka_unit_test(test_doubt),
		cmocka_unit_test(test_short_buffer),
	};

	return cmocka_run_group_tests_name("dump_preset", tests, NULL, NULL);
}
