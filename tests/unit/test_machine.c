/* SPDX-License-Identifier: MIT */
/* Invalid configurations are refused with a message; valid ones give sizes. */
#include "support/harness.h"

struct setup {
	struct pcpmm_config config;
	struct pcpmm_node_config nodes[2];
	unsigned int cpu_node[2];
	unsigned char cpu_offline[2];
	uint64_t late[2 * PCPMM_NR_ZONES];
};

static void setup_init(struct setup *s)
{
	memset(s, 0, sizeof(*s));
	assert_int_equal(pcpmm_config_init(&s->config, sizeof(s->config),
				 PCPMM_PRESET_LINUX_6_1),
		0);
	s->nodes[0].zones[PCPMM_ZONE_NORMAL] =
		(struct pcpmm_zone_config){1024, 8192, 8192, 8192};
	s->nodes[1].zones[PCPMM_ZONE_NORMAL] =
		(struct pcpmm_zone_config){16384, 8192, 8192, 8000};
	s->cpu_node[1] = 1;
	s->config.nodes = s->nodes;
	s->config.nr_nodes = 2;
	s->config.nr_cpus = 2;
	s->config.cpu_node = s->cpu_node;
	s->config.cpu_offline = s->cpu_offline;
	s->config.late_pages = s->late;
}

#define NORMAL0 (&s->nodes[0].zones[PCPMM_ZONE_NORMAL])

static void wrong_size(struct setup *s)
{
	s->config.size--;
}
static void wrong_preset(struct setup *s)
{
	s->config.preset = PCPMM_NR_PRESETS;
}
static void wrong_drain(struct setup *s)
{
	s->config.drain = PCPMM_NR_DRAINS;
}
static void wrong_account(struct setup *s)
{
	s->config.account = PCPMM_NR_ACCOUNTS;
}
static void wrong_wmark_check(struct setup *s)
{
	s->config.wmark_check = PCPMM_NR_WMARK_CHECKS;
}
static void wrong_marks(struct setup *s)
{
	s->config.marks = PCPMM_NR_MARKS;
}
static void wrong_count_order(struct setup *s)
{
	s->config.count_order = PCPMM_NR_COUNT_ORDERS;
}
static void wrong_zone_lock(struct setup *s)
{
	s->config.zone_lock = PCPMM_NR_ZONE_LOCKS;
}
static void wrong_arch(struct setup *s)
{
	s->config.arch = PCPMM_NR_ARCHS;
}
static void wrong_boot_drift_mark(struct setup *s)
{
	s->config.boot_drift_mark = PCPMM_NR_BOOT_DRIFT_MARKS;
}
static void wrong_free_check(struct setup *s)
{
	s->config.free_check = PCPMM_NR_FREE_CHECKS;
}
static void wrong_threshold_refresh(struct setup *s)
{
	s->config.threshold_refresh = PCPMM_NR_THRESHOLD_REFRESHES;
}
static void wrong_reader(struct setup *s)
{
	s->config.reader = PCPMM_NR_READERS;
}
static void no_nodes(struct setup *s)
{
	s->config.nr_nodes = 0;
}
static void null_nodes(struct setup *s)
{
	s->config.nodes = NULL;
}
static void too_many_nodes(struct setup *s)
{
	s->config.nr_nodes = PCPMM_NODES_MAX + 1;
}
static void no_cpus(struct setup *s)
{
	s->config.nr_cpus = 0;
}
static void too_many_cpus(struct setup *s)
{
	s->config.nr_cpus = PCPMM_CPUS_MAX + 1;
}
static void all_offline(struct setup *s)
{
	s->cpu_offline[0] = s->cpu_offline[1] = 1;
}
static void cpu_on_no_node(struct setup *s)
{
	s->cpu_node[1] = 2;
}
static void managed_over_present(struct setup *s)
{
	NORMAL0->managed_pages = NORMAL0->present_pages + 1;
}
static void present_over_spanned(struct setup *s)
{
	NORMAL0->present_pages = NORMAL0->spanned_pages + 1;
}
static void frame_zero(struct setup *s)
{
	NORMAL0->start_pfn = 0;
}
static void beyond_the_end(struct setup *s)
{
	NORMAL0->start_pfn = PCPMM_PFN_MAX - 4096;
}
static void far_beyond_the_end(struct setup *s)
{
	NORMAL0->start_pfn = UINT64_MAX - 4096;
}
static void overlapping(struct setup *s)
{
	s->nodes[1].zones[PCPMM_ZONE_NORMAL].start_pfn = 1024 + 8191;
}
static void no_room_around(struct setup *s)
{
	s->nodes[0].zones[PCPMM_ZONE_MOVABLE] =
		(struct pcpmm_zone_config){2048, 1024, 1024, 1024};
}
static void device_memory(struct setup *s)
{
	s->nodes[0].zones[PCPMM_ZONE_DEVICE] =
		(struct pcpmm_zone_config){32768, 512, 512, 512};
}
static void nothing_managed(struct setup *s)
{
	NORMAL0->managed_pages = 0;
	s->nodes[1].zones[PCPMM_ZONE_NORMAL].managed_pages = 0;
}
static void later_than_all(struct setup *s)
{
	s->late[PCPMM_ZONE_NORMAL] = 8193;
}
static void bad_scale(struct setup *s)
{
	s->config.sysctl.watermark_scale_factor = 0;
}
static void bad_fraction(struct setup *s)
{
	s->config.sysctl.percpu_pagelist_high_fraction = 7;
}
static void bad_ratio(struct setup *s)
{
	s->config.sysctl.lowmem_reserve_ratio[1] = -1;
}
static void bad_interval(struct setup *s)
{
	s->config.sysctl.stat_interval = 0;
}
static void bad_numa_stat(struct setup *s)
{
	s->config.sysctl.numa_stat = 2;
}
static void bad_min_free(struct setup *s)
{
	s->config.sysctl.min_free_kbytes = 1LL << 40;
}
static void bad_boost(struct setup *s)
{
	s->config.sysctl.watermark_boost_factor = -1;
}

static const struct {
	void (*spoil)(struct setup *);
	const char *says;
} impossible[] = {
	{wrong_size, "size"},
	{wrong_preset, "preset"},
	{wrong_drain, "drain"},
	{wrong_account, "account"},
	{wrong_wmark_check, "unknown wmark_check 4"},
	{wrong_marks, "unknown marks 3"},
	{wrong_count_order, "unknown count_order 2"},
	{wrong_reader, "unknown reader 5"},
	{wrong_zone_lock, "unknown zone_lock 3"},
	{wrong_arch, "unknown arch 5"},
	{wrong_boot_drift_mark, "unknown boot_drift_mark 2"},
	{wrong_free_check, "unknown free_check 2"},
	{wrong_threshold_refresh, "unknown threshold_refresh 2"},
	{no_nodes, "without nodes"},
	{null_nodes, "without nodes"},
	{too_many_nodes, "65 nodes"},
	{no_cpus, "without CPUs"},
	{too_many_cpus, "4097 CPUs"},
	{all_offline, "no CPU is online"},
	{cpu_on_no_node, "CPU 1 is on node 2"},
	{managed_over_present, "managed 8193"},
	{present_over_spanned, "present 8193"},
	{frame_zero, "start_pfn 0"},
	{beyond_the_end, "16 TiB"},
	{far_beyond_the_end, "16 TiB"},
	{overlapping, "overlap"},
	{no_room_around, "no room"},
	{device_memory, "Device"},
	{nothing_managed, "no zone has managed pages"},
	{later_than_all, "late pages"},
	{bad_scale, "watermark_scale_factor"},
	{bad_fraction, "percpu_pagelist_high_fraction 7"},
	{bad_ratio, "lowmem_reserve_ratio of DMA32"},
	{bad_interval, "stat_interval"},
	{bad_numa_stat, "numa_stat"},
	{bad_min_free, "min_free_kbytes"},
	{bad_boost, "watermark_boost_factor"},
};

static void test_impossible_machines_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(impossible); i++) {
		struct pcpmm_error error = {""};
		struct setup s;

		setup_init(&s);
		impossible[i].spoil(&s);
		errno = 0;
		assert_null(pcpmm_machine_create(&s.config, &error));
		assert_int_equal(errno, EINVAL);
		if (!strstr(error.text, impossible[i].says))
			fail_msg("'%s' does not say '%s'", error.text,
				impossible[i].says);
		assert_null(pcpmm_machine_create(&s.config, NULL));
	}
}

static void test_the_setup_itself_is_possible(void **state)
{
	struct pcpmm_machine *machine;
	struct setup s;

	(void)state;
	setup_init(&s);
	machine = pcpmm_machine_create(&s.config, NULL);
	assert_non_null(machine);
	assert_int_equal(pcpmm_nr_cpus(machine), 2);
	assert_int_equal(pcpmm_nr_nodes(machine), 2);
	assert_int_equal(pcpmm_cpu_node(pcpmm_cpu_get(machine, 1)), 1);
	assert_string_equal(pcpmm_last_error(machine), "");
	expect_all_free(machine);
	/* Frames in no zone, and reserved frames at a zone's beginning. */
	assert_null(pcpmm_pfn_to_page(machine, 1023));
	assert_non_null(pcpmm_pfn_to_page(machine, 1024));
	assert_null(pcpmm_pfn_to_page(machine, 1024 + 8192));
	assert_null(pcpmm_pfn_to_page(machine, 16384 + 191));
	assert_non_null(pcpmm_pfn_to_page(machine, 16384 + 192));
	assert_null(pcpmm_pfn_to_page(machine, UINT64_MAX));
	pcpmm_machine_destroy(machine);
	pcpmm_machine_destroy(NULL);
}

static void test_presets_and_names(void **state)
{
	struct pcpmm_config config;
	enum pcpmm_preset preset;

	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_PRESETS; i++) {
		assert_int_equal(
			pcpmm_preset_by_name(pcpmm_preset_name(i), &preset), 0);
		assert_int_equal(preset, i);
		assert_int_equal(pcpmm_config_init(&config, sizeof(config),
					 (enum pcpmm_preset)i),
			0);
		assert_int_equal(config.preset, i);
		assert_int_equal(config.count_order, PCPMM_COUNT_BEFORE_LISTS);
		assert_true(config.drain_retry);
	}
	assert_int_equal(pcpmm_preset_by_name("linux-9.9", &preset), -ENOENT);
	assert_null(pcpmm_preset_name(PCPMM_NR_PRESETS));
	assert_int_equal(pcpmm_config_init(&config, sizeof(config) - 1,
				 PCPMM_PRESET_LINUX_6_1),
		-EINVAL);
	assert_int_equal(pcpmm_config_init(&config, sizeof(config),
				 (enum pcpmm_preset)PCPMM_NR_PRESETS),
		-EINVAL);
	assert_null(pcpmm_wmark_check_name(PCPMM_NR_WMARK_CHECKS));
	assert_null(pcpmm_marks_name(PCPMM_NR_MARKS));
	assert_null(pcpmm_count_order_name(PCPMM_NR_COUNT_ORDERS));
	assert_null(pcpmm_reader_name(PCPMM_NR_READERS));
	assert_string_equal(pcpmm_zone_name(PCPMM_ZONE_DMA32), "DMA32");
	assert_null(pcpmm_zone_name(PCPMM_NR_ZONES));
	assert_string_equal(pcpmm_migratetype_name(3), "HighAtomic");
	assert_null(pcpmm_migratetype_name(PCPMM_NR_MIGRATETYPES));
}

/*
 * A zone inside another one's span, as memory that was onlined as Movable. All
 * pages of both can be allocated, and no frame twice.
 */
static void test_zone_inside_a_zone(void **state)
{
	const uint64_t outer = 8192 - 1500 - 300, inner = 1500;
	struct pcpmm_page **pages = calloc(8192, sizeof(*pages));
	uint64_t held[PCPMM_NR_ZONES] = {0};
	struct pcpmm_error error = {""};
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	unsigned int nr = 0;
	struct setup s;

	(void)state;
	setup_init(&s);
	s.nodes[0].zones[PCPMM_ZONE_NORMAL].managed_pages = outer;
	s.nodes[0].zones[PCPMM_ZONE_MOVABLE] =
		(struct pcpmm_zone_config){3000, inner, inner, inner};
	s.config.nr_nodes = 1;
	s.cpu_node[1] = 0;
	machine = pcpmm_machine_create(&s.config, &error);
	if (!machine)
		fail_msg("%s", error.text);
	expect_valid(machine);
	cpu = pcpmm_cpu_enter(machine, 0);
	while ((pages[nr] = pcpmm_alloc_pages(cpu,
			PCPMM_GFP_HIGHUSER_MOVABLE | PCPMM___GFP_MEMALLOC,
			0))) {
		struct pcpmm_page_info info;
		uint64_t pfn = pcpmm_page_to_pfn(machine, pages[nr++]);

		assert_int_equal(pcpmm_page_inspect(machine, pfn, &info), 0);
		assert_int_equal(info.zone_type == PCPMM_ZONE_MOVABLE,
			pfn >= 3000 && pfn < 3000 + inner);
		held[info.zone_type]++;
	}
	assert_int_equal(held[PCPMM_ZONE_NORMAL], outer);
	assert_int_equal(held[PCPMM_ZONE_MOVABLE], inner);
	expect_valid(machine);
	while (nr)
		assert_int_equal(pcpmm_free_pages(cpu, pages[--nr], 0), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
	free(pages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zone_inside_a_zone),
		cmocka_unit_test(test_impossible_machines_are_refused),
		cmocka_unit_test(test_the_setup_itself_is_possible),
		cmocka_unit_test(test_presets_and_names),
	};

	return cmocka_run_group_tests_name("machine", tests, NULL, NULL);
}
