/* SPDX-License-Identifier: MIT */
/*
 * The table of sysctls: fields, ranges and values at boot; and the exact
 * message of each of its readers (configurations, writes at run time, machine
 * files and dumps) for a bad value.
 */
#include "support/harness.h"

#include "machine/config.h"
#include "machine/sysctl_table.h"
#include "machinefile/dump.h"

static void test_rows(void **state)
{
	const char *const *names = pcpmm_sysctl_names();

	(void)state;
	for (unsigned int i = 0; i < NR_SYSCTLS; i++) {
		const struct sysctl_row *row = &sysctl_rows[i];

		assert_string_equal(names[i], row->name);
		assert_ptr_equal(sysctl_find(row->name), row);
		assert_ptr_equal(sysctl_find(row->name + 3), row);
		for (unsigned int j = 0; j < row->count; j++)
			assert_true(sysctl_in_range(row, row->initial[j]) ||
				    (row->flags & SYSCTL_COMPUTED));
	}
	assert_null(names[NR_SYSCTLS]);
	assert_null(sysctl_find("vm.swappiness"));
	assert_null(sysctl_find("vm."));
	assert_null(sysctl_find("vm.vm.numa_stat"));
	assert_null(sysctl_find(""));
}

/* A number set by row changes its field, and no other one. */
static void test_fields(void **state)
{
	struct pcpmm_sysctls sysctls;
	int64_t n = 100;

	(void)state;
	memset(&sysctls, 0, sizeof(sysctls));
	for (unsigned int id = 0; id < NR_SYSCTLS; id++)
		for (unsigned int i = 0; i < sysctl_rows[id].count; i++)
			sysctl_store(&sysctls, &sysctl_rows[id], i, n++);
	assert_int_equal(sysctls.min_free_kbytes, 100);
	assert_int_equal(sysctls.watermark_scale_factor, 101);
	assert_int_equal(sysctls.watermark_boost_factor, 102);
	assert_int_equal(sysctls.percpu_pagelist_high_fraction, 103);
	assert_int_equal(sysctls.stat_interval, 104);
	for (int i = 0; i < PCPMM_NR_ZONES; i++)
		assert_int_equal(sysctls.lowmem_reserve_ratio[i], 105 + i);
	assert_int_equal(sysctls.numa_stat, 110);
	assert_int_equal(sysctls.percpu_pagelist_fraction, 111);
	assert_int_equal(sysctls.defrag_mode, 112);
	n = 100;
	for (unsigned int id = 0; id < NR_SYSCTLS; id++)
		for (unsigned int i = 0; i < sysctl_rows[id].count; i++)
			assert_int_equal(
				sysctl_load(&sysctls, &sysctl_rows[id], i),
				n++);
	sysctl_store(&sysctls, sysctl_find("min_free_kbytes"), 0, -1);
	assert_int_equal(sysctls.min_free_kbytes, -1);
}

static void test_values_at_boot(void **state)
{
	static const int32_t ratios[PCPMM_NR_ZONES] = {256, 256, 32, 0, 0};
	struct pcpmm_config config;

	(void)state;
	assert_int_equal(pcpmm_config_init(&config, sizeof(config),
				 PCPMM_PRESET_LINUX_6_1),
		0);
	assert_int_equal(config.sysctl.min_free_kbytes, -1);
	assert_int_equal(config.sysctl.watermark_scale_factor, 10);
	assert_int_equal(config.sysctl.watermark_boost_factor, 15000);
	assert_int_equal(config.sysctl.percpu_pagelist_high_fraction, 0);
	assert_int_equal(config.sysctl.stat_interval, 1);
	assert_memory_equal(
		config.sysctl.lowmem_reserve_ratio, ratios, sizeof(ratios));
	assert_int_equal(config.sysctl.numa_stat, 1);
}

static void test_ranges(void **state)
{
	static const struct {
		const char *name;
		int64_t value;
		int good;
	} cases[] = {
		{"min_free_kbytes", -1, 0},
		{"min_free_kbytes", 0, 1},
		{"min_free_kbytes", INT32_MAX, 1},
		{"min_free_kbytes", INT32_MAX + 1LL, 0},
		{"watermark_scale_factor", 0, 0},
		{"watermark_scale_factor", 1, 1},
		{"watermark_scale_factor", 3000, 1},
		{"watermark_scale_factor", 3001, 0},
		{"watermark_boost_factor", 0, 1},
		{"watermark_boost_factor", -1, 0},
		{"percpu_pagelist_high_fraction", 0, 1},
		{"percpu_pagelist_high_fraction", 1, 0},
		{"percpu_pagelist_high_fraction", 7, 0},
		{"percpu_pagelist_high_fraction", 8, 1},
		{"stat_interval", 0, 0},
		{"stat_interval", 1, 1},
		{"lowmem_reserve_ratio", 0, 1},
		{"lowmem_reserve_ratio", -1, 0},
		{"numa_stat", 0, 1},
		{"numa_stat", 1, 1},
		{"numa_stat", 2, 0},
		{"percpu_pagelist_fraction", 0, 1},
		{"percpu_pagelist_fraction", 7, 0},
		{"percpu_pagelist_fraction", 8, 1},
		{"defrag_mode", 1, 1},
		{"defrag_mode", 2, 0},
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++)
		if (sysctl_in_range(sysctl_find(cases[i].name),
			    cases[i].value) != cases[i].good)
			fail_msg("%s %" PRId64 ": not as it should be",
				cases[i].name, cases[i].value);
}

/* Set value @i of sysctl @name in a configuration to @value. */
static void config_says(
	const char *name, unsigned int i, int64_t value, const char *text)
{
	struct pcpmm_error error = {""};
	struct pcpmm_sysctls sysctls;
	int ret;

	sysctl_init(&sysctls);
	assert_int_equal(config_check_sysctls(&sysctls, &error), 0);
	sysctl_store(&sysctls, sysctl_find(name), i, value);
	ret = config_check_sysctls(&sysctls, &error);
	assert_int_equal(ret, *text ? -EINVAL : 0);
	assert_string_equal(error.text, text);
}

static void test_words_of_a_configuration(void **state)
{
	(void)state;
	config_says("min_free_kbytes", 0, -77, "");
	config_says("min_free_kbytes", 0, 2147483648,
		"min_free_kbytes 2147483648 is too large");
	config_says("watermark_scale_factor", 0, 0,
		"watermark_scale_factor 0 is not within 1..3000");
	config_says("watermark_scale_factor", 0, 3001,
		"watermark_scale_factor 3001 is not within 1..3000");
	config_says("watermark_boost_factor", 0, -1,
		"watermark_boost_factor -1 is negative");
	config_says("percpu_pagelist_high_fraction", 0, 7,
		"percpu_pagelist_high_fraction 7 is neither 0 nor at least 8");
	config_says("percpu_pagelist_high_fraction", 0, -8,
		"percpu_pagelist_high_fraction -8 is neither 0 nor at least 8");
	config_says("stat_interval", 0, 0, "stat_interval 0 is not positive");
	config_says("stat_interval", 0, -1, "stat_interval -1 is not positive");
	config_says("lowmem_reserve_ratio", 3, -1,
		"lowmem_reserve_ratio of Movable is negative");
	config_says("numa_stat", 0, 2, "numa_stat 2 is neither 0 nor 1");
}

static void test_words_of_a_write(void **state)
{
	static const char *const cases[][3] = {
		{"vm.min_free_kbytes", "x",
			"vm.min_free_kbytes: 'x' is not a number in range"},
		{"min_free_kbytes", "-1",
			"vm.min_free_kbytes: '-1' is not a number in range"},
		{"vm.min_free_kbytes", "1 2",
			"vm.min_free_kbytes: '1 2' is not a number in range"},
		{"vm.min_free_kbytes", " ", "vm.min_free_kbytes: no value"},
		{"lowmem_reserve_ratio", "1 x",
			"vm.lowmem_reserve_ratio: '1 x' is not a list of "
			"numbers"},
		{"watermark_scale_factor", "3001",
			"watermark_scale_factor 3001 is not within 1..3000"},
		{"percpu_pagelist_high_fraction", "7",
			"percpu_pagelist_high_fraction 7 is neither 0 nor at "
			"least 8"},
		{"stat_interval", "0", "stat_interval 0 is not positive"},
		{"numa_stat", "2", "numa_stat 2 is neither 0 nor 1"},
	};
	const struct shape shape = {.pages = {[PCPMM_ZONE_NORMAL] = 8192}};
	struct pcpmm_machine *machine = shape_create(&shape);

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		assert_int_equal(
			pcpmm_sysctl_set(machine, cases[i][0], cases[i][1]),
			-EINVAL);
		assert_string_equal(pcpmm_last_error(machine), cases[i][2]);
	}
	pcpmm_machine_destroy(machine);
}

static void test_words_of_a_file(void **state)
{
	static const char *const cases[][3] = {
		{"vm.min_free_kbytes", "x", "number 0..2147483647 expected"},
		{"min_free_kbytes", "2147483648",
			"number 0..2147483647 expected"},
		{"min_free_kbytes", "", "value expected"},
		{"min_free_kbytes", "1 2", "too many values or not a number"},
		{"watermark_scale_factor", "0", "at least 1 expected"},
		{"watermark_scale_factor", "3001", "number 0..3000 expected"},
		{"percpu_pagelist_high_fraction", "7",
			"0 or at least 8 expected"},
		{"lowmem_reserve_ratio", "1 2 3 4 5 6",
			"too many values or not a number"},
		{"numa_stat", "2", "number 0..1 expected"},
	};
	struct pcpmm_sysctls sysctls;
	char why[128];

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		assert_int_equal(sysctl_parse(&sysctls, cases[i][0],
					 cases[i][1], why, sizeof(why)),
			-EINVAL);
		assert_string_equal(why, cases[i][2]);
	}
	assert_int_equal(
		sysctl_parse(&sysctls, "vm.swappiness", "60", why, sizeof(why)),
		-ENOENT);
	/* A dump accepts it; a machine does not. */
	assert_int_equal(
		sysctl_parse(&sysctls, "stat_interval", "0", why, sizeof(why)),
		0);
	assert_int_equal(sysctls.stat_interval, 0);
}

/* Each kernel's own names; of others the right name is told. */
static void test_kernels(void **state)
{
	static const struct {
		const char *name;
		bool of[PCPMM_NR_LAYOUTS]; /* 6.1, 5.10, 6.12, 6.18, 7.3 */
		const char *why;
	} cases[] = {
		{"percpu_pagelist_fraction", {0, 1, 0, 0, 0},
			"Linux %s has vm.percpu_pagelist_high_fraction "
			"instead"},
		{"percpu_pagelist_high_fraction", {1, 0, 1, 1, 1},
			"Linux %s has vm.percpu_pagelist_fraction instead"},
		{"defrag_mode", {0, 0, 0, 1, 1}, "Linux %s has no such sysctl"},
		{"numa_stat", {1, 1, 1, 1, 1}, ""},
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(cases); i++)
		for (unsigned int j = 0; j < PCPMM_NR_LAYOUTS; j++) {
			const struct sysctl_row *row =
				sysctl_find(cases[i].name);
			char text[128], expected[128];

			assert_int_equal(sysctl_is_of(row, j), cases[i].of[j]);
			if (cases[i].of[j])
				continue;
			sysctl_say_foreign(row, j, text, sizeof(text));
			snprintf(expected, sizeof(expected), cases[i].why,
				pcpmm_layout_name(j));
			assert_non_null(strstr(text, expected));
			assert_ptr_equal(strstr(text, cases[i].name), text + 3);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_values_at_boot),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_kernels),
		cmocka_unit_test(test_words_of_a_configuration),
		cmocka_unit_test(test_words_of_a_write),
		cmocka_unit_test(test_words_of_a_file),
	};

	return cmocka_run_group_tests_name("sysctl_table", tests, NULL, NULL);
}
