/* SPDX-License-Identifier: MIT */
/* Sysctls: accepted values, and what a write recomputes and does not. */
#include "support/recorded.h"

static const unsigned int two_and_two[4] = {0, 0, 1, 1};

static void set(
	struct pcpmm_machine *machine, const char *name, const char *value)
{
	if (pcpmm_sysctl_set(machine, name, value))
		fail_msg("%s = %s: %s", name, value, pcpmm_last_error(machine));
}

static void expect_text(
	struct pcpmm_machine *machine, const char *name, const char *value)
{
	char text[128];
	int length = pcpmm_sysctl_get(machine, name, text, sizeof(text));

	assert_int_equal(length, strlen(value));
	assert_string_equal(text, value);
}

/* Not of 6.1. */
static bool is_foreign(const char *name)
{
	return !strcmp(name, "vm.percpu_pagelist_fraction") ||
	       !strcmp(name, "vm.defrag_mode");
}

static void test_names(void **state)
{
	struct pcpmm_machine *machine = recorded_create(two_and_two, 90112);
	char text[128];
	int nr = 0;

	(void)state;
	for (const char *const *name = pcpmm_sysctl_names(); *name; name++) {
		assert_memory_equal(*name, "vm.", 3);
		if (is_foreign(*name)) {
			assert_int_equal(pcpmm_sysctl_get(machine, *name, text,
						 sizeof(text)),
				-ENOENT);
			assert_int_equal(
				pcpmm_sysctl_set(machine, *name, "0"), -ENOENT);
			continue;
		}
		assert_true(pcpmm_sysctl_get(
				    machine, *name, text, sizeof(text)) > 0);
		/* A value read can be written, with and without "vm.". */
		set(machine, *name, text);
		set(machine, *name + 3, text);
		nr++;
	}
	assert_int_equal(nr, 7);
	expect_text(machine, "vm.lowmem_reserve_ratio", "256\t256\t32\t0\t0");
	expect_text(machine, "min_free_kbytes", "90112");
	assert_int_equal(
		pcpmm_sysctl_set(machine, "vm.swappiness", "60"), -ENOENT);
	assert_non_null(strstr(pcpmm_last_error(machine), "swappiness"));
	assert_int_equal(
		pcpmm_sysctl_get(machine, "min_free", text, 128), -ENOENT);
	assert_int_equal(
		pcpmm_sysctl_get(machine, "vm.min_free_kbytes", text, 5),
		-ENOSPC);
	pcpmm_machine_destroy(machine);
}

static void test_bad_values_change_nothing(void **state)
{
	static const char *const bad[][2] = {
		{"vm.min_free_kbytes", ""},
		{"vm.min_free_kbytes", "many"},
		{"vm.min_free_kbytes", "12x"},
		{"vm.min_free_kbytes", "-1"},
		{"vm.min_free_kbytes", "1 2"},
		{"vm.min_free_kbytes", "99999999999999999999"},
		{"vm.min_free_kbytes", "4294967296"},
		{"vm.watermark_scale_factor", "0"},
		{"vm.watermark_scale_factor", "3001"},
		{"vm.watermark_boost_factor", "-15000"},
		{"vm.percpu_pagelist_high_fraction", "7"},
		{"vm.percpu_pagelist_high_fraction", "-8"},
		{"vm.lowmem_reserve_ratio", "256 x"},
		{"vm.lowmem_reserve_ratio", "1 2 3 4 5 6"},
		{"vm.lowmem_reserve_ratio", "256 -1"},
		{"vm.stat_interval", "0"},
		{"vm.numa_stat", "2"},
	};
	struct pcpmm_machine *machine = recorded_create(two_and_two, 90112);

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(bad); i++) {
		char before[128], after[128];

		assert_true(pcpmm_sysctl_get(machine, bad[i][0], before,
				    sizeof(before)) > 0);
		if (pcpmm_sysctl_set(machine, bad[i][0], bad[i][1]) != -EINVAL)
			fail_msg("%s = '%s' accepted", bad[i][0], bad[i][1]);
		assert_non_null(
			strstr(pcpmm_last_error(machine), bad[i][0] + 3));
		assert_true(pcpmm_sysctl_get(machine, bad[i][0], after,
				    sizeof(after)) > 0);
		assert_string_equal(before, after);
	}
	expect_highs(machine, (const int[]){53, 7025, 3448, 3551});
	pcpmm_machine_destroy(machine);
}

/* Recorded: __recalc, __wsf-100, __phf-8. */
static void test_recorded_values(void **state)
{
	static const uint64_t plain[RECORDED_ZONES][3] = {
		{86, 107, 128},
		{11240, 14050, 16860},
		{5518, 6897, 8276},
		{5683, 7103, 8523},
	};
	static const uint64_t scaled[RECORDED_ZONES][3] = {
		{86, 124, 162},
		{11240, 16245, 21250},
		{5518, 7975, 10432},
		{5683, 8213, 10743},
	};
	struct pcpmm_machine *machine = recorded_create(two_and_two, 1000);

	(void)state;
	set(machine, "vm.min_free_kbytes", "90112");
	expect_marks(machine, plain);
	expect_highs(machine, (const int[]){53, 7025, 3448, 3551});
	set(machine, "vm.watermark_scale_factor", "100");
	expect_marks(machine, scaled);
	expect_highs(machine, (const int[]){62, 8122, 3987, 4106});
	set(machine, "vm.watermark_scale_factor", "10");
	set(machine, "vm.percpu_pagelist_high_fraction", "8");
	expect_marks(machine, plain);
	expect_highs(machine, (const int[]){240, 31281, 15358, 15817});
	/* 7 is refused, and the old value stays. */
	assert_int_equal(pcpmm_sysctl_set(machine,
				 "vm.percpu_pagelist_high_fraction", "7"),
		-EINVAL);
	expect_text(machine, "vm.percpu_pagelist_high_fraction", "8");
	expect_highs(machine, (const int[]){240, 31281, 15358, 15817});
	set(machine, "vm.percpu_pagelist_high_fraction", "0");
	expect_highs(machine, (const int[]){53, 7025, 3448, 3551});
	/* Thresholds depend on sizes and CPUs only. */
	expect_thresholds(machine, (const int[]){6, 30, 24, 24});
	pcpmm_machine_destroy(machine);
}

static struct pcpmm_machine *machine_of(const char *preset)
{
	const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_DMA] = {1, 4095, 3998, 3977},
			[PCPMM_ZONE_DMA32] = {4096, 258016, 258016, 242760}}};
	struct pcpmm_config config = config_of(&node, 1, 2);
	struct pcpmm_error error = {""};

	if (pcpmm_config_set(&config, "preset", preset, &error))
		fail_msg("%s", error.text);
	return create_or_fail(&config);
}

static void expect_list(
	struct pcpmm_machine *machine, unsigned int zone, int high, int batch)
{
	for (unsigned int id = 0; id < 2; id++) {
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, id);
		struct pcpmm_pcp_info info = pcp_of(cpu, 0, zone);

		assert_int_equal(info.high, high);
		assert_int_equal(info.batch, batch);
		pcpmm_cpu_leave(cpu);
	}
}

/*
 * Recorded of 5.10: plf-8, and what is not said by it: 7 is refused, and 0 brings six
 * batches back. Each CPU has the whole part, and watermarks do not matter.
 */
static void test_fraction_of_5_10(void **state)
{
	struct pcpmm_machine *machine = machine_of("linux-5.10");

	(void)state;
	expect_list(machine, PCPMM_ZONE_DMA, 0, 1);
	expect_list(machine, PCPMM_ZONE_DMA32, 378, 63);
	set(machine, "vm.percpu_pagelist_fraction", "8");
	expect_list(machine, PCPMM_ZONE_DMA, 497, 96);
	expect_list(machine, PCPMM_ZONE_DMA32, 30345, 96);
	assert_int_equal(
		pcpmm_sysctl_set(machine, "percpu_pagelist_fraction", "7"),
		-EINVAL);
	assert_non_null(strstr(pcpmm_last_error(machine),
		"percpu_pagelist_fraction 7 is neither 0 nor at least 8"));
	expect_text(machine, "percpu_pagelist_fraction", "8");
	expect_list(machine, PCPMM_ZONE_DMA32, 30345, 96);
	set(machine, "vm.min_free_kbytes", "1024");
	expect_list(machine, PCPMM_ZONE_DMA32, 30345, 96);
	set(machine, "vm.percpu_pagelist_fraction", "1000");
	expect_list(machine, PCPMM_ZONE_DMA, 3, 1);
	expect_list(machine, PCPMM_ZONE_DMA32, 242, 60);
	set(machine, "vm.percpu_pagelist_fraction", "0");
	expect_list(machine, PCPMM_ZONE_DMA, 0, 1);
	expect_list(machine, PCPMM_ZONE_DMA32, 378, 63);
	assert_int_equal(pcpmm_sysctl_set(machine,
				 "vm.percpu_pagelist_high_fraction", "8"),
		-ENOENT);
	assert_string_equal(pcpmm_last_error(machine),
		"vm.percpu_pagelist_high_fraction: Linux 5.10 has "
		"vm.percpu_pagelist_fraction instead");
	expect_valid(machine);
	pcpmm_machine_destroy(machine);
}

/* A machine with a value that its kernel does not have is refused. */
static void test_foreign_values(void **state)
{
	const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_NORMAL] = {4096, 8192, 8192, 8192}}};
	struct pcpmm_config config = config_of(&node, 1, 1);
	struct pcpmm_error error = {""};
	struct pcpmm_machine *machine;

	(void)state;
	config.sysctl.percpu_pagelist_fraction = 8;
	assert_null(pcpmm_machine_create(&config, &error));
	assert_string_equal(error.text,
		"vm.percpu_pagelist_fraction: Linux 6.1 has "
		"vm.percpu_pagelist_high_fraction instead");
	config.sysctl.percpu_pagelist_fraction = 0;
	config.sysctl.defrag_mode = 1;
	assert_null(pcpmm_machine_create(&config, &error));
	assert_string_equal(
		error.text, "vm.defrag_mode: Linux 6.1 has no such sysctl");
	config.layout = PCPMM_LAYOUT_6_18;
	machine = create_or_fail(&config);
	expect_text(machine, "defrag_mode", "1");
	set(machine, "defrag_mode", "0");
	assert_int_equal(
		pcpmm_sysctl_set(machine, "defrag_mode", "2"), -EINVAL);
	expect_text(machine, "defrag_mode", "0");
	pcpmm_machine_destroy(machine);
}

/* The line of zone DMA32 of node 1 in zoneinfo. */
static void expect_protection(
	struct pcpmm_machine *machine, const char *expected)
{
	char *text = NULL, *at;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(pcpmm_proc_print(machine, "zoneinfo", out), 0);
	fclose(out);
	at = strstr(text, "Node 1, zone    DMA32");
	assert_non_null(at);
	at = strstr(at, "protection: ");
	assert_non_null(at);
	assert_memory_equal(
		at + strlen("protection: "), expected, strlen(expected));
	free(text);
}

/* The first zone's. */
static bool has_protection(struct pcpmm_machine *machine, const char *expected)
{
	char *text = NULL, *at;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool has;

	assert_non_null(out);
	assert_int_equal(pcpmm_proc_print(machine, "zoneinfo", out), 0);
	fclose(out);
	at = strstr(text, "protection: ");
	assert_non_null(at);
	has = !strncmp(at + strlen("protection: "), expected, strlen(expected));
	free(text);
	return has;
}

static void expect_zone_marks(struct pcpmm_machine *machine, unsigned int type,
	uint64_t min, uint64_t low, uint64_t high)
{
	struct pcpmm_zone_truth truth;

	assert_int_equal(pcpmm_zone_truth_read(machine, 0, type, &truth), 0);
	assert_int_equal(truth.min, min);
	assert_int_equal(truth.low, low);
	assert_int_equal(truth.high, high);
}

/*
 * The published X220 of test_sizing, as a machine: khugepaged asks for 67584
 * kB at boot, and every recalculation uses quarters, whatever the scale factor.
 */
static void test_quarters_stay_quarters(void **state)
{
	static const struct pcpmm_node_config node = {
		.zones = {
			[PCPMM_ZONE_DMA] = {16, 4080, 3911, 3911},
			[PCPMM_ZONE_DMA32] = {4096, 1044480, 874976, 874976},
			[PCPMM_ZONE_NORMAL] = {1048576, 124416, 122472, 122472},
		}};
	struct pcpmm_config config;
	struct pcpmm_machine *machine;

	(void)state;
	config = config_of(&node, 1, 4);
	config.marks = PCPMM_MARKS_QUARTER;
	machine = create_or_fail(&config);
	expect_text(machine, "min_free_kbytes", "67584");
	expect_zone_marks(machine, PCPMM_ZONE_DMA, 65, 81, 97);
	expect_zone_marks(machine, PCPMM_ZONE_DMA32, 14763, 18453, 22144);
	expect_zone_marks(machine, PCPMM_ZONE_NORMAL, 2066, 2582, 3099);
	set(machine, "watermark_scale_factor", "1000");
	expect_zone_marks(machine, PCPMM_ZONE_NORMAL, 2066, 2582, 3099);
	set(machine, "min_free_kbytes", "33792");
	expect_zone_marks(machine, PCPMM_ZONE_NORMAL, 1033, 1291, 1549);
	pcpmm_machine_destroy(machine);
	/* By the other rule a tenth of the zone is the larger step. */
	config.marks = PCPMM_MARKS_SCALE_FACTOR;
	machine = create_or_fail(&config);
	set(machine, "watermark_scale_factor", "1000");
	expect_zone_marks(machine, PCPMM_ZONE_NORMAL, 2066, 2066 + 12247,
		2066 + 2 * 12247);
	pcpmm_machine_destroy(machine);
}

/* But in 7.3 only a write does. */
static void test_reading_the_ratio_by_kernel(void **state)
{
	static const char *const kernels[] = {"linux-5.10", "linux-6.1",
		"linux-6.12", "linux-6.18", "linux-7.3"};
	const struct pcpmm_zone_values values = {
		.min = 1, .low = 2, .high = 3, .protection = {1, 2, 3, 4, 5}};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(kernels); i++) {
		struct pcpmm_machine *machine = machine_of(kernels[i]);
		bool read_only = !strcmp(kernels[i], "linux-7.3");
		char text[128];

		pcpmm_restore_zone(machine, 0, PCPMM_ZONE_DMA, &values);
		pcpmm_sysctl_get(
			machine, "lowmem_reserve_ratio", text, sizeof(text));
		assert_int_equal(
			has_protection(machine, "(1, 2, 3, 4, 5)"), read_only);
		set(machine, "lowmem_reserve_ratio", text);
		assert_true(has_protection(machine, "(0, 948, 948, 948, 948)"));
		pcpmm_machine_destroy(machine);
	}
}

/* A read of the ratios recomputes the reserves. */
static void test_reading_the_ratio_recomputes(void **state)
{
	const struct pcpmm_zone_values values = {.protection = {1, 2, 3, 4, 5}};
	struct pcpmm_machine *machine = recorded_create(two_and_two, 90112);
	char text[128];

	(void)state;
	expect_protection(machine, "(0, 0, 988, 988, 988)");
	assert_int_equal(
		pcpmm_restore_zone(machine, 1, PCPMM_ZONE_DMA32, &values), 0);
	expect_protection(machine, "(1, 2, 3, 4, 5)");
	/* A read of another sysctl does not. */
	assert_true(
		pcpmm_sysctl_get(machine, "vm.min_free_kbytes", text, 128) > 0);
	expect_protection(machine, "(1, 2, 3, 4, 5)");
	assert_true(pcpmm_sysctl_get(
			    machine, "vm.lowmem_reserve_ratio", text, 128) > 0);
	expect_protection(machine, "(0, 0, 988, 988, 988)");
	/* A short list does not change the other ratios. */
	set(machine, "vm.lowmem_reserve_ratio", "256 128");
	expect_text(machine, "vm.lowmem_reserve_ratio", "256\t128\t32\t0\t0");
	expect_protection(machine, "(0, 0, 1977, 1977, 1977)");
	set(machine, "vm.lowmem_reserve_ratio", "256 0");
	expect_protection(machine, "(0, 0, 0, 0, 0)");
	pcpmm_machine_destroy(machine);
}

/* --- boot ------------------------------------------------------------- */

/* A guest of one or two zones: managed pages, and the values of its boot. */
static void expect_boot(
	uint64_t dma32_managed, enum pcpmm_thp thp, const char *min_free_kbytes)
{
	const uint64_t late = 2271; /* freed after the marks were computed */
	struct pcpmm_node_config node = {0};
	uint64_t late_pages[PCPMM_NR_ZONES] = {0};
	struct pcpmm_machine *machine;
	struct pcpmm_config config;

	node.zones[PCPMM_ZONE_DMA] =
		(struct pcpmm_zone_config){1, 4095, 3998, 3840};
	node.zones[PCPMM_ZONE_DMA32] = (struct pcpmm_zone_config){
		4096, 1044480, 1044480, dma32_managed};
	late_pages[PCPMM_ZONE_DMA32] = late;
	config = config_of(&node, 1, 1);
	config.thp = thp;
	config.late_pages = late_pages;
	machine = create_or_fail(&config);
	expect_text(machine, "vm.min_free_kbytes", min_free_kbytes);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* Recorded: smp1-1G, smp1-512M and their thpnever. */
static void test_boot_paths(void **state)
{
	(void)state;
	expect_boot(241591, PCPMM_THP_ALWAYS, "45056");
	expect_boot(112759, PCPMM_THP_ALWAYS, "2704");
	expect_boot(112760, PCPMM_THP_NEVER, "2705");
}

/* Recorded: 5.10.223 with transparent_hugepage=never, whose boot frees 2106 pages. */
static void test_boot_of_5_10(void **state)
{
	const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_DMA] = {1, 4095, 3998, 3977},
			[PCPMM_ZONE_DMA32] = {4096, 258016, 258016, 242760}}};
	const uint64_t late[PCPMM_NR_ZONES] = {[PCPMM_ZONE_DMA32] = 2106};
	struct pcpmm_config config = config_of(&node, 1, 4);
	struct pcpmm_machine *machine;

	(void)state;
	config.thp = PCPMM_THP_NEVER;
	config.late_pages = late;
	machine = create_or_fail(&config);
	expect_text(machine, "min_free_kbytes", "3944");
	pcpmm_machine_destroy(machine);
	assert_int_equal(
		pcpmm_config_set(&config, "preset", "linux-5.10", NULL), 0);
	machine = create_or_fail(&config);
	expect_text(machine, "min_free_kbytes", "3956");
	expect_zone_marks(machine, PCPMM_ZONE_DMA, 16, 20, 24);
	expect_zone_marks(machine, PCPMM_ZONE_DMA32, 972, 1215, 1458);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_bad_values_change_nothing),
		cmocka_unit_test(test_recorded_values),
		cmocka_unit_test(test_quarters_stay_quarters),
		cmocka_unit_test(test_reading_the_ratio_recomputes),
		cmocka_unit_test(test_reading_the_ratio_by_kernel),
		cmocka_unit_test(test_fraction_of_5_10),
		cmocka_unit_test(test_foreign_values),
		cmocka_unit_test(test_boot_paths),
		cmocka_unit_test(test_boot_of_5_10),
	};

	return cmocka_run_group_tests_name("sysctl", tests, NULL, NULL);
}
