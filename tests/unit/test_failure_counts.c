/* SPDX-License-Identifier: MIT */
/*
 * What a report's figures are, against the machine's own: the free blocks are
 * exact, the counters are not, and the difference is what diffs hold back. Which
 * nodes and zones a report shows.
 */
#include "support/pressure.h"
#include "support/texts.h"

#include "machine/machine.h"
#include "zone/gate.h"

#define ALL PCPMM_DRAIN_ALL_ZONES
#define CPUS 16
#define HIDDEN 3 /* pages of each CPU's diff */

static const struct pcpmm_alloc_failure kernel = {.gfp = PCPMM_GFP_KERNEL};

/* The number behind the first @name that follows @line. */
static uint64_t figure(const char *text, const char *line, const char *name)
{
	const char *at = strstr(text, line);

	if (at)
		at = strstr(at, name);
	if (!at)
		fail_msg("no '%s' after '%s' in\n%s", name, line, text);
	return strtoull(at + strlen(name), NULL, 10);
}

static unsigned int lines(const char *text, const char *part)
{
	unsigned int nr = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		nr++;
	return nr;
}

/* --- exact and approximate ----------------------------------------------------- */

/* Allocate and free at random on all CPUs, some of it folded. */
static void churn(struct pcpmm_machine *machine, struct hoard *hoard,
	struct rng *rng, unsigned int times)
{
	static const uint32_t gfps[] = {PCPMM_GFP_KERNEL,
		PCPMM_GFP_HIGHUSER_MOVABLE,
		PCPMM_GFP_KERNEL | PCPMM___GFP_RECLAIMABLE};

	while (times--) {
		struct pcpmm_cpu *cpu =
			pcpmm_cpu_enter(machine, rng_below(rng, CPUS));
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, gfps[rng_below(rng, 3)], 0);

		if (page && hoard->nr < HOARD_MAX)
			hoard->page[hoard->nr++] = page;
		if (rng_below(rng, 3) == 0)
			hoard_give(hoard, cpu, rng_below(rng, 4));
		if (rng_below(rng, 50) == 0)
			pcpmm_vmstat_fold(cpu, 0);
		assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	}
}

static void expect_figures(
	struct pcpmm_cpu *cpu, enum pcpmm_report_layout layout, bool has_pcp)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(cpu);
	struct pcpmm_zone_truth truth = truth_of(machine, NORMAL);
	char *text = report_text(cpu, &kernel, layout);
	uint64_t believed = figure(text, "Node 0 Normal free", ":");
	uint64_t total = figure(text, "Node 0 Normal: ", "= ");

	assert_int_equal(total, truth.free * 4);
	assert_int_equal(believed, truth.nr_free_pages * 4);
	/* The diffs of all CPUs, which hold back what left the buddy. */
	assert_int_equal((int64_t)(total - believed) / 4,
		truth.snapshot - truth.nr_free_pages);
	assert_int_equal(
		figure(text, "Node 0 Normal free", "min:"), truth.min * 4);
	assert_int_equal(
		figure(text, "Node 0 Normal free", "high:"), truth.high * 4);
	if (has_pcp) {
		assert_int_equal(
			figure(text, "Node 0 Normal free", "free_pcp:"),
			truth.pcp * 4);
		assert_int_equal(
			figure(text, "Node 0 Normal free", "local_pcp:"),
			4 * pcp_of(cpu, 0, NORMAL).count);
		assert_int_equal(
			figure(text, "Mem-Info", "free_pcp:"), truth.pcp);
	}
	free(text);
}

static void test_free_minus_total_is_the_drift(void **state)
{
	struct pressure pressure;
	struct stage stage;
	struct rng rng = {test_seed()};
	bool drifted = false;

	(void)state;
	pressure_init(&stage, CPUS, 0);
	pressure_begin(&pressure, &stage);
	for (int round = 0; round < 40; round++) {
		struct pcpmm_zone_truth truth;

		assert_int_equal(pcpmm_cpu_leave(pressure.cpu), 0);
		churn(pressure.machine, &pressure.hoard, &rng, 100);
		pressure.cpu = pcpmm_cpu_enter(pressure.machine, 0);
		for (int layout = PCPMM_REPORT_2_6_36;
			layout < PCPMM_NR_REPORTS; layout++)
			expect_figures(pressure.cpu,
				(enum pcpmm_report_layout)layout,
				layout > PCPMM_REPORT_2_6_36);
		truth = truth_of(pressure.machine, NORMAL);
		drifted |= truth.nr_free_pages != (int64_t)truth.free;
	}
	assert_true(drifted);
	pressure_end(&pressure);
}

/* The line of each CPU that is online; usd adds up to what lists hold. */
static void test_per_cpu_lines(void **state)
{
	struct pressure pressure;
	struct stage stage;
	struct rng rng = {test_seed()};
	uint64_t used = 0;
	char *text;

	(void)state;
	pressure_init(&stage, CPUS, 0);
	pressure_begin(&pressure, &stage);
	assert_int_equal(pcpmm_cpu_leave(pressure.cpu), 0);
	churn(pressure.machine, &pressure.hoard, &rng, 200);
	pressure.cpu = pcpmm_cpu_enter(pressure.machine, 0);
	assert_int_equal(pcpmm_cpu_offline(pressure.cpu, 3), 0);
	text = report_text(pressure.cpu, &kernel, PCPMM_REPORT_2_6_36);
	for (unsigned int id = 0; id < CPUS; id++) {
		struct pcpmm_pcp_info info =
			pcp_of(pcpmm_cpu_get(pressure.machine, id), 0, NORMAL);
		char line[128];

		snprintf(line, sizeof(line),
			"CPU %4u: hi:%5d, btch:%4d usd:%4d\n", id, info.high,
			info.batch, info.count);
		assert_int_equal(lines(text, line), id != 3);
		used += (uint64_t)info.count;
	}
	assert_int_equal(lines(text, "usd:"), CPUS - 1);
	assert_true(used > 0);
	assert_int_equal(used, truth_of(pressure.machine, NORMAL).pcp);
	free(text);
	pressure_end(&pressure);
}

/* A zone below its drift mark, HIDDEN pages in each CPU's diff, kswapd awake. */
static void hide_pages(struct pressure *pressure)
{
	struct pcpmm_machine *machine = pressure->machine;

	assert_int_equal(pcpmm_kswapd_start(machine, 0), 0);
	hoard_all(&pressure->hoard, pressure->cpu, QUIETLY);
	assert_null(pcpmm_alloc_pages(pressure->cpu, PCPMM_GFP_NOWAIT, 0));
	assert_int_equal(pcpmm_kswapd_run(pressure->cpu, 0), 0);
	assert_true(kswapd_of(machine).awake);
	pcpmm_vmstat_fold(pressure->cpu, 0);
	for (unsigned int id = 1; id < CPUS; id++) {
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, id);

		hoard_give(&pressure->hoard, cpu, HIDDEN);
		assert_int_equal(pcpmm_drain_local_pages(cpu, 0, ALL), 0);
		assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	}
}

/* 2.6.36 prints what its checks read; a kernel of another reader the counter. */
static void test_snapshot_while_kswapd_is_awake(void **state)
{
	static const enum pcpmm_reader readers[] = {PCPMM_READER_DRIFT_SNAPSHOT,
		PCPMM_READER_RAW, PCPMM_READER_PRESSURE_THRESHOLD};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(readers); i++) {
		bool by_snapshot = readers[i] == PCPMM_READER_DRIFT_SNAPSHOT;
		struct pcpmm_zone_truth truth;
		struct pressure pressure;
		struct stage stage;
		char *old, *new;

		pressure_init(&stage, CPUS, 0);
		stage.config.reader = readers[i];
		pressure_begin(&pressure, &stage);
		hide_pages(&pressure);
		truth = truth_of(pressure.machine, NORMAL);
		assert_int_equal(truth.snapshot - truth.nr_free_pages,
			HIDDEN * (CPUS - 1));
		assert_true(truth.free < truth.drift_mark);
		old = report_text(pressure.cpu, &kernel, PCPMM_REPORT_2_6_36);
		new = report_text(pressure.cpu, &kernel, PCPMM_REPORT_6_1);
		assert_int_equal(figure(old, "Node 0 Normal free", ":"),
			4 * (by_snapshot ? truth.snapshot
					 : truth.nr_free_pages));
		assert_int_equal(figure(new, "Node 0 Normal free", ":"),
			4 * truth.nr_free_pages);
		/* Nor do the global lines take one. */
		assert_int_equal(
			figure(old, "Mem-Info", " free:"), truth.nr_free_pages);
		free(old);
		free(new);
		pressure_end(&pressure);
	}
}

static void test_marks_include_the_boost(void **state)
{
	struct pcpmm_machine *machine = pressure_create(1);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	uint64_t min = truth_of(machine, NORMAL).min;
	char *old, *new;

	(void)state;
	zone_set_boost(machine_zone(machine, 0, NORMAL), 512);
	old = report_text(cpu, &kernel, PCPMM_REPORT_5_10);
	new = report_text(cpu, &kernel, PCPMM_REPORT_6_12);
	assert_int_equal(figure(new, "Node 0 Normal free", "boost:"), 512 * 4);
	assert_int_equal(
		figure(new, "Node 0 Normal free", "min:"), (min + 512) * 4);
	assert_int_equal(
		figure(old, "Node 0 Normal free", "min:"), (min + 512) * 4);
	assert_int_equal(lines(old, "boost"), 0);
	zone_set_boost(machine_zone(machine, 0, NORMAL), 0);
	free(old);
	free(new);
	pcpmm_machine_destroy(machine);
}

static uint64_t free_of_type(
	struct pcpmm_machine *machine, enum pcpmm_migratetype type)
{
	const struct zone *zone = machine_zone(machine, 0, NORMAL);
	uint64_t pages = 0;

	for (unsigned int order = 0; order < NR_ORDERS; order++)
		pages += zone->free_area[order].list[type].nr << order;
	assert_true(pages > 0);
	return pages;
}

static void test_highatomic(void **state)
{
	struct pcpmm_machine *machine = pressure_create(1);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct hoard hoard = {.nr = 0};
	struct pcpmm_page *page;
	char *text;

	(void)state;
	hoard_all(&hoard, cpu, PCPMM_GFP_KERNEL);
	page = pcpmm_alloc_pages(cpu, PCPMM_GFP_ATOMIC, 1);
	assert_non_null(page);
	text = report_text(cpu, &kernel, PCPMM_REPORT_6_1);
	assert_int_equal(lines(text, "reserved_highatomic:2048KB"), 1);
	assert_true(lines(text, "(H)") > 0);
	free(text);
	text = report_text(cpu, &kernel, PCPMM_REPORT_7_3);
	assert_int_equal(lines(text, "reserved_highatomic:2048kB"), 1);
	assert_int_equal(figure(text, "Node 0 Normal free", "free_highatomic:"),
		4 * free_of_type(machine, PCPMM_MIGRATE_HIGHATOMIC));
	free(text);
	assert_int_equal(pcpmm_free_pages(cpu, page, 1), 0);
	hoard_end(&hoard, cpu);
	pcpmm_machine_destroy(machine);
}

/* --- which nodes and zones -------------------------------------------------------- */

static void expect_lines(struct pcpmm_cpu *cpu,
	const struct pcpmm_alloc_failure *failure,
	enum pcpmm_report_layout layout, unsigned int nodes, unsigned int zones)
{
	char *text = report_text(cpu, failure, layout);

	assert_int_equal(lines(text, "\nlowmem_reserve[]:"), zones);
	assert_int_equal(lines(text, "kB = ") + lines(text, ") = "), zones);
	assert_int_equal(lines(text, " isolated(anon):"),
		layout <= PCPMM_REPORT_4_4 ? zones : nodes);
	free(text);
}

/* Node 0: DMA32 and Normal, node 1: Normal, node 2: no memory. */
static struct pcpmm_machine *three_nodes(void)
{
	struct pcpmm_node_config nodes[3] = {{{{0}}}};
	static const unsigned int cpu_node[] = {0, 1, 2};
	struct pcpmm_config config = config_of(nodes, 3, 3);
	uint64_t pfn = SHAPE_START_PFN;

	config.cpu_node = cpu_node;
	nodes[0].zones[DMA32] =
		(struct pcpmm_zone_config){pfn, 8192, 8192, 8192};
	pfn += 8192;
	nodes[0].zones[NORMAL] =
		(struct pcpmm_zone_config){pfn, 8192, 8192, 8192};
	pfn += 8192;
	nodes[1].zones[NORMAL] =
		(struct pcpmm_zone_config){pfn, 8192, 8192, 8192};
	return create_or_fail(&config);
}

static void test_nodes_and_zones_shown(void **state)
{
	const struct pcpmm_alloc_failure dma32 = {
		.gfp = PCPMM_GFP_KERNEL | PCPMM_GFP_DMA32};
	const struct pcpmm_alloc_failure second = {
		.gfp = PCPMM_GFP_KERNEL, .nodemask = 2};
	const struct pcpmm_alloc_failure atomic = {
		.gfp = PCPMM_GFP_ATOMIC, .nodemask = 2};
	const struct pcpmm_alloc_failure memalloc = {
		.gfp = PCPMM_GFP_KERNEL | PCPMM___GFP_MEMALLOC, .nodemask = 2};
	struct pcpmm_machine *machine = three_nodes();
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 2);

	(void)state;
	expect_lines(cpu, &kernel, PCPMM_REPORT_2_6_36, 0, 3);
	/* Node 2 has a line until 6.1, and none from then on. */
	expect_lines(cpu, &kernel, PCPMM_REPORT_5_10, 3, 3);
	expect_lines(cpu, &kernel, PCPMM_REPORT_6_1, 2, 3);
	expect_lines(cpu, &dma32, PCPMM_REPORT_5_10, 3, 3);
	expect_lines(cpu, &dma32, PCPMM_REPORT_6_1, 1, 1);
	expect_lines(cpu, &dma32, PCPMM_REPORT_7_3, 1, 1);
	expect_lines(cpu, &second, PCPMM_REPORT_6_1, 1, 1);
	expect_lines(cpu, &second, PCPMM_REPORT_5_10, 1, 1);
	/* They may go to other nodes. */
	expect_lines(cpu, &atomic, PCPMM_REPORT_6_1, 2, 3);
	expect_lines(cpu, &memalloc, PCPMM_REPORT_6_1, 2, 3);
	pcpmm_machine_destroy(machine);
}

static void test_nodemask_in_the_head(void **state)
{
	static const struct {
		uint64_t mask;
		const char *text;
	} masks[] = {
		{0, "nodemask=(null),cpuset=/,mems_allowed=0-2\n"},
		{7, "nodemask=0-2,cpuset=/,mems_allowed=0-2\n"},
		{5, "nodemask=0,2,cpuset=/,mems_allowed=0-2\n"},
		{UINT64_C(1) << 63, "nodemask=63,cpuset=/,mems_allowed=0-2\n"},
		{UINT64_C(3) << 62, "nodemask=62-63,cpuset=/"},
	};
	struct pcpmm_machine *machine = three_nodes();
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(masks); i++) {
		const struct pcpmm_alloc_failure failure = {
			.gfp = PCPMM_GFP_ATOMIC, .nodemask = masks[i].mask};
		char *text = report_text(cpu, &failure, PCPMM_REPORT_6_1);

		assert_int_equal(lines(text, masks[i].text), 1);
		free(text);
	}
	pcpmm_machine_destroy(machine);
}

/* What older kernels counted by zone is in the node's last zone. */
static void test_node_counts_in_zone_lines(void **state)
{
	struct pcpmm_machine *machine = three_nodes();
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	char *text;

	(void)state;
	assert_int_equal(pcpmm_stat_mod(cpu, 0, -1, "nr_mapped", 100), 0);
	assert_int_equal(pcpmm_stat_mod(cpu, 1, -1, "nr_mapped", 50), 0);
	text = report_text(cpu, &kernel, PCPMM_REPORT_4_4);
	assert_int_equal(figure(text, "Node 0 DMA32 free", "mapped:"), 0);
	assert_int_equal(figure(text, "Node 0 Normal free", "mapped:"), 400);
	assert_int_equal(figure(text, "Node 1 Normal free", "mapped:"), 200);
	assert_int_equal(figure(text, "Mem-Info", "mapped:"), 150);
	free(text);
	pcpmm_machine_destroy(machine);
}

/* In 5.10 page tables are counted by zone. */
static void test_pagetables_of_5_10(void **state)
{
	static const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_DMA32] = {4096, 8192, 8192, 8192},
			[PCPMM_ZONE_NORMAL] = {12288, 8192, 8192, 8192}}};
	struct pcpmm_config config = config_of(&node, 1, 1);
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	char *text;

	(void)state;
	config.layout = PCPMM_LAYOUT_5_10;
	machine = create_or_fail(&config);
	cpu = pcpmm_cpu_enter(machine, 0);
	assert_int_equal(pcpmm_stat_mod(cpu, 0, PCPMM_ZONE_DMA32,
				 "nr_page_table_pages", 100),
		0);
	assert_int_equal(pcpmm_stat_mod(cpu, 0, PCPMM_ZONE_NORMAL,
				 "nr_page_table_pages", 20),
		0);
	text = report_text(cpu, &kernel, PCPMM_REPORT_PRESET);
	assert_int_equal(figure(text, "Node 0 DMA32 free", "pagetables:"), 400);
	assert_int_equal(figure(text, "Node 0 Normal free", "pagetables:"), 80);
	assert_int_equal(figure(text, "Mem-Info", "pagetables:"), 120);
	free(text);
	pcpmm_cpu_leave(cpu);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_free_minus_total_is_the_drift),
		cmocka_unit_test(test_per_cpu_lines),
		cmocka_unit_test(test_snapshot_while_kswapd_is_awake),
		cmocka_unit_test(test_marks_include_the_boost),
		cmocka_unit_test(test_highatomic),
		cmocka_unit_test(test_nodes_and_zones_shown),
		cmocka_unit_test(test_nodemask_in_the_head),
		cmocka_unit_test(test_node_counts_in_zone_lines),
		cmocka_unit_test(test_pagetables_of_5_10),
	};

	return cmocka_run_group_tests_name("failure_counts", tests, NULL, NULL);
}
