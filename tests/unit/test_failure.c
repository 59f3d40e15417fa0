/* SPDX-License-Identifier: MIT */
/*
 * The text of reports of failed allocations, against texts written by hand
 * (data/reports) and against lines that users have published.
 */
#include "support/texts.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define PAGES 16384
#define LRU_PAGES 26

/* --- texts written by hand --------------------------------------------------- */

static void count(
	struct pcpmm_cpu *cpu, int zone, const char *name, long amount)
{
	assert_int_equal(pcpmm_stat_mod(cpu, 0, zone, name, amount), 0);
}

/* Another amount for each counter; each above the threshold, so none in a diff. */
static void count_all(struct pcpmm_cpu *cpu)
{
	static const char *const of_node[] = {"nr_dirty", "nr_writeback",
		"nr_slab_reclaimable", "nr_slab_unreclaimable", "nr_mapped",
		"nr_shmem", "nr_page_table_pages", "nr_sec_page_table_pages",
		"nr_kernel_misc_reclaimable", "nr_writeback_temp",
		"nr_shmem_hugepages", "nr_shmem_pmdmapped",
		"nr_anon_transparent_hugepages", "nr_kernel_stack",
		"nr_file_pages", "nr_swapcached"};
	static const char *const of_zone[] = {
		"nr_zone_write_pending", "nr_mlock", "nr_bounce", "nr_zspages"};
	long amount = 11;

	for (size_t i = 0; i < HARNESS_COUNT(of_node); i++)
		count(cpu, -1, of_node[i], amount++);
	for (size_t i = 0; i < HARNESS_COUNT(of_zone); i++)
		count(cpu, NORMAL, of_zone[i], amount++);
	count(cpu, -1, "nr_unevictable", 9);
	count(cpu, NORMAL, "nr_zone_unevictable", 10);
}

struct run {
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu, *other;
	struct pcpmm_page *lru[LRU_PAGES], *held[2];
};

/*
 * LRU lists of 5, 6, 7 and 8 pages, folded: 27 pages have left the buddy, one of
 * them is on CPU 0's list. Then each CPU takes an unmovable page: a refill of 3,
 * which its diff hides.
 */
static void start(struct run *run)
{
	const struct shape shape = {.cpus = 2,
		.pages = {[NORMAL] = PAGES},
		.min_free_kbytes = 1024};
	unsigned int nr = 0;

	run->machine = shape_create(&shape);
	run->cpu = pcpmm_cpu_enter(run->machine, 0);
	run->other = pcpmm_cpu_enter(run->machine, 1);
	count_all(run->cpu);
	for (unsigned int list = 0; list < 4; list++)
		for (unsigned int i = 0; i < 5 + list; i++) {
			struct pcpmm_page *page = pcpmm_alloc_pages(
				run->cpu, PCPMM_GFP_HIGHUSER_MOVABLE, 0);

			assert_non_null(page);
			assert_int_equal(pcpmm_lru_add(run->cpu, page,
						 (enum pcpmm_lru)list),
				0);
			run->lru[nr++] = page;
		}
	pcpmm_vmstat_fold(run->cpu, 0);
	run->held[0] = pcpmm_alloc_pages(run->cpu, PCPMM_GFP_KERNEL, 0);
	run->held[1] = pcpmm_alloc_pages(run->other, PCPMM_GFP_KERNEL, 0);
	assert_non_null(run->held[1]);
}

static void finish(struct run *run)
{
	for (unsigned int i = 0; i < LRU_PAGES; i++) {
		assert_int_equal(pcpmm_lru_del(run->cpu, run->lru[i]), 0);
		assert_int_equal(pcpmm_free_pages(run->cpu, run->lru[i], 0), 0);
	}
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(
			pcpmm_free_pages(run->cpu, run->held[i], 0), 0);
	expect_all_free(run->machine);
	pcpmm_machine_destroy(run->machine);
}

static void expect_lines(char *text, char *expected, const char *layout)
{
	char *rest, *other;
	char *line = strtok_r(text, "\n", &rest);
	char *wanted = strtok_r(expected, "\n", &other);

	while (line && wanted && !strcmp(line, wanted)) {
		line = strtok_r(NULL, "\n", &rest);
		wanted = strtok_r(NULL, "\n", &other);
	}
	if (line || wanted)
		fail_msg("%s:\n  is       %s\n  expected %s", layout,
			line ? line : "(end)", wanted ? wanted : "(end)");
}

static void test_layouts_as_written_by_hand(void **state)
{
	const struct pcpmm_alloc_failure failure = {
		.gfp = PCPMM_GFP_KERNEL | PCPMM___GFP_COMP,
		.order = 4,
		.nodemask = 1,
		.comm = "mm-test"};
	const char *const *names = pcpmm_report_names();
	struct run run;

	(void)state;
	start(&run);
	for (int layout = PCPMM_REPORT_2_6_36; layout < PCPMM_NR_REPORTS;
		layout++) {
		char *text = report_text(
			run.cpu, &failure, (enum pcpmm_report_layout)layout);
		char file[64], *expected;

		snprintf(file, sizeof(file), "reports/%s.txt", names[layout]);
		expected = data_text(file);
		expect_lines(text, expected, names[layout]);
		free(text);
		free(expected);
	}
	finish(&run);
}

static void test_preset_is_6_1(void **state)
{
	const struct pcpmm_alloc_failure failure = {.gfp = PCPMM_GFP_ATOMIC};
	struct run run;
	char *preset, *named;

	(void)state;
	start(&run);
	preset = report_text(run.cpu, &failure, PCPMM_REPORT_PRESET);
	named = report_text(run.cpu, &failure, PCPMM_REPORT_6_1);
	assert_string_equal(preset, named);
	free(preset);
	free(named);
	finish(&run);
}

/* --- published reports ---------------------------------------------------------- */

/*
 * Lines of reports that users have posted. "Node 0 " is added to those of kernels
 * without NUMA. The years are those of the posts.
 */
static const struct published {
	enum pcpmm_report_layout layout;
	uint32_t gfp;
	unsigned int order;
	const char *line;
} published[] = {
	/* 2011, 2.6.37, e100 and ZFS: pages free by the counters, and none. */
	{PCPMM_REPORT_2_6_36, PCPMM_GFP_ATOMIC | PCPMM___GFP_COMP, 0,
		"arc_reclaim: page allocation failure. order:0, mode:0x4020"},
	{PCPMM_REPORT_2_6_36, PCPMM_GFP_ATOMIC, 0,
		" free:31 slab_reclaimable:1206 slab_unreclaimable:22148"},
	{PCPMM_REPORT_2_6_36, PCPMM_GFP_ATOMIC, 0,
		"Node 0 DMA32 free:0kB min:3984kB low:4980kB high:5976kB "
		"active_anon:0kB inactive_anon:28kB active_file:620kB "
		"inactive_file:504kB unevictable:0kB isolated(anon):0kB "
		"isolated(file):0kB present:1008860kB mlocked:0kB dirty:0kB "
		"writeback:0kB mapped:4kB shmem:0kB slab_reclaimable:4824kB "
		"slab_unreclaimable:87656kB kernel_stack:1904kB "
		"pagetables:2660kB unstable:0kB bounce:0kB writeback_tmp:0kB "
		"pages_scanned:0 all_unreclaimable? no"},
	{PCPMM_REPORT_2_6_36, PCPMM_GFP_ATOMIC, 0,
		"Node 0 DMA: 1*4kB 1*8kB 1*16kB 1*32kB 1*64kB 0*128kB 0*256kB "
		"0*512kB 0*1024kB 0*2048kB 0*4096kB = 124kB"},
	/* 2012 and 2013, 3.x: the same lines. */
	{PCPMM_REPORT_2_6_36, PCPMM_GFP_ATOMIC, 0,
		"CPU    3: hi:  186, btch:  31 usd:  19"},
	{PCPMM_REPORT_2_6_36, PCPMM_GFP_ATOMIC, 0, "Node 0 DMA32 per-cpu:"},
	/* 2017, 4.4, fio. */
	{PCPMM_REPORT_4_4, PCPMM_GFP_KERNEL, 0,
		"Node 0 DMA32 free:64188kB min:12044kB low:15052kB "
		"high:18064kB active_anon:60kB inactive_anon:0kB "
		"active_file:0kB inactive_file:0kB unevictable:2807576kB "
		"isolated(anon):0kB isolated(file):0kB present:3129216kB "
		"managed:2898784kB mlocked:2807576kB dirty:0kB writeback:0kB "
		"mapped:184kB shmem:20kB slab_reclaimable:4440kB "
		"slab_unreclaimable:4320kB kernel_stack:576kB "
		"pagetables:7468kB unstable:0kB bounce:0kB free_pcp:120kB "
		"local_pcp:0kB free_cma:0kB writeback_tmp:0kB "
		"pages_scanned:2392 all_unreclaimable? yes"},
	{PCPMM_REPORT_4_4, PCPMM_GFP_KERNEL, 0,
		"lowmem_reserve[]: 0 2830 15866 15866"},
	/* 4.9 to 4.19. */
	{PCPMM_REPORT_4_19, PCPMM_GFP_ATOMIC, 0,
		" unevictable:0 dirty:552468 writeback:8974 unstable:0"},
	{PCPMM_REPORT_4_19, PCPMM_GFP_ATOMIC, 0,
		" free:24992 free_pcp:167 free_cma:0"},
	{PCPMM_REPORT_4_19, PCPMM_GFP_ATOMIC, 0,
		"Node 0 Normal free:10908kB min:6192kB low:44388kB "
		"high:47060kB active_anon:409160kB inactive_anon:325924kB "
		"active_file:235820kB inactive_file:276628kB "
		"unevictable:2444kB writepending:252kB present:3076096kB "
		"managed:2673676kB mlocked:2444kB kernel_stack:62512kB "
		"pagetables:105264kB bounce:0kB free_pcp:4140kB "
		"local_pcp:40kB free_cma:712kB"},
	{PCPMM_REPORT_4_19, PCPMM_GFP_ATOMIC, 0,
		"Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 "
		"hugepages_size=1048576kB"},
	{PCPMM_REPORT_4_19, PCPMM_GFP_ATOMIC, 0, "281983 pages reserved"},
	/* 2021, 5.10 and 5.11. */
	{PCPMM_REPORT_5_10,
		PCPMM_GFP_HIGHUSER | PCPMM___GFP_RETRY_MAYFAIL |
			PCPMM___GFP_RECLAIMABLE,
		0,
		"Xorg: page allocation failure: order:0, "
		"mode:0x104cd2(GFP_HIGHUSER|__GFP_RETRY_MAYFAIL|"
		"__GFP_RECLAIMABLE), nodemask=(null),cpuset=/,mems_allowed=0"},
	{PCPMM_REPORT_5_10, PCPMM_GFP_KERNEL, 0,
		"Node 0 active_anon:32048kB inactive_anon:953972kB "
		"active_file:27068kB inactive_file:90424kB "
		"unevictable:55308kB isolated(anon):864kB "
		"isolated(file):0kB mapped:82012kB dirty:1724kB "
		"writeback:0kB shmem:56448kB shmem_thp: 0kB "
		"shmem_pmdmapped: 0kB anon_thp: 0kB writeback_tmp:0kB "
		"kernel_stack:5504kB all_unreclaimable? no"},
	{PCPMM_REPORT_5_10, PCPMM_GFP_KERNEL, 0,
		"Node 0 DMA free:15900kB min:108kB low:132kB high:156kB "
		"reserved_highatomic:0KB active_anon:0kB inactive_anon:0kB "
		"active_file:0kB inactive_file:0kB unevictable:0kB "
		"writepending:0kB present:15984kB managed:15900kB "
		"mlocked:0kB pagetables:0kB bounce:0kB free_pcp:0kB "
		"local_pcp:0kB free_cma:0kB"},
	{PCPMM_REPORT_5_10, PCPMM_GFP_KERNEL, 0,
		"lowmem_reserve[]: 0 2308 9768 9768 9768"},
	/* 2025, 6.12. */
	{PCPMM_REPORT_6_12, PCPMM_GFP_KERNEL, 0,
		"Node 0 DMA free:35232kB boost:32768kB min:34704kB "
		"low:35680kB high:36656kB reserved_highatomic:0KB "
		"active_anon:14896kB inactive_anon:0kB active_file:16448kB "
		"inactive_file:10208kB unevictable:0kB writepending:0kB "
		"present:1048576kB managed:978928kB mlocked:0kB bounce:0kB "
		"free_pcp:25184kB local_pcp:928kB free_cma:0kB"},
	/* 2024, 6.8, of a kernel without cpusets: they are added. */
	{PCPMM_REPORT_6_12, PCPMM_GFP_ATOMIC, 0,
		"irq: page allocation failure: order:0, "
		"mode:0x820(GFP_ATOMIC), nodemask=(null),cpuset=/,"
		"mems_allowed=0"},
	/* 2026, 7.1; its cpuset was another one. */
	{PCPMM_REPORT_7_3,
		PCPMM_GFP_KERNEL | PCPMM___GFP_HIGH | PCPMM___GFP_ZERO |
			PCPMM___GFP_COMP | PCPMM___GFP_NOMEMALLOC,
		0,
		"mprime: page allocation failure: order:0, "
		"mode:0xc0de0(GFP_KERNEL|__GFP_HIGH|__GFP_ZERO|__GFP_COMP|"
		"__GFP_NOMEMALLOC), nodemask=(null),cpuset=/,mems_allowed=0"},
	{PCPMM_REPORT_7_3, PCPMM_GFP_KERNEL, 0, "0 pages cma reserved"},
	{PCPMM_REPORT_7_3, PCPMM_GFP_KERNEL, 0,
		"Memory cgroup min protection 0kB -- low protection 0kB"},
};

static bool is_head(const char *line)
{
	return strstr(line, "page allocation failure");
}

/*
 * In place: a '#' for each number, and no yes and no. In a head the numbers count,
 * and not the name of the task.
 */
static char *mask(char *line)
{
	char *to = line, *answer = strstr(line, "? ");

	if (is_head(line))
		return strchr(line, ':');
	if (answer)
		answer[1] = '\0';
	for (char *at = line; *at;) {
		size_t digits = strspn(at, "0123456789");
		size_t blanks = strspn(at, " ");

		if (digits)
			*to++ = '#';
		else
			*to++ = *at;
		at += digits ? digits : blanks ? blanks : 1;
	}
	*to = '\0';
	return line;
}

static bool has_line(char *text, const char *wanted)
{
	char *rest;

	for (char *line = strtok_r(text, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest))
		if (!strcmp(mask(line), wanted))
			return true;
	return false;
}

/* Without free blocks, so that no letters of types stand behind them. */
static void test_lines_as_published(void **state)
{
	const struct shape shape = {
		.cpus = 4,
		.pages = {[PCPMM_ZONE_DMA] = 4096,
			[PCPMM_ZONE_DMA32] = 8192,
			[NORMAL] = 8192},
		.boot = PCPMM_BOOT_HELD,
	};
	struct pcpmm_machine *machine = shape_create(&shape);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 3);

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(published); i++) {
		const struct published *sample = &published[i];
		const struct pcpmm_alloc_failure failure = {
			.gfp = sample->gfp, .order = sample->order};
		char *text, *wanted = strdup(sample->line);

		text = report_text(cpu, &failure, sample->layout);
		if (!has_line(text, mask(wanted)))
			fail_msg("%s: no line '%s'",
				pcpmm_report_names()[sample->layout],
				sample->line);
		free(text);
		free(wanted);
	}
	pcpmm_machine_destroy(machine);
}

/* --- flags ---------------------------------------------------------------------- */

#define GFP_MOVABLE_CACHE                                                      \
	(PCPMM_GFP_NOFS | PCPMM___GFP_HIGHMEM | PCPMM___GFP_MOVABLE |          \
		PCPMM___GFP_NOWARN | PCPMM___GFP_NORETRY | PCPMM___GFP_COMP |  \
		PCPMM___GFP_HARDWALL)
#define GFP_THP                                                                \
	(PCPMM_GFP_HIGHUSER_MOVABLE | PCPMM___GFP_COMP |                       \
		PCPMM___GFP_NOMEMALLOC | PCPMM___GFP_NOWARN)

/* Numbers known from reports; names as recorded traces have them. */
static const struct {
	enum pcpmm_report_layout layout;
	uint32_t gfp;
	const char *mode;
} modes[] = {
	{PCPMM_REPORT_2_6_36, PCPMM_GFP_ATOMIC, "0x20"},
	{PCPMM_REPORT_2_6_36, PCPMM_GFP_KERNEL, "0xd0"},
	{PCPMM_REPORT_2_6_36, PCPMM_GFP_KERNEL | PCPMM___GFP_NORETRY, "0x10d0"},
	{PCPMM_REPORT_2_6_36, PCPMM_GFP_HIGHUSER_MOVABLE | PCPMM___GFP_ZERO,
		"0x280da"},
	{PCPMM_REPORT_4_4, PCPMM_GFP_ATOMIC, "0x2080020"},
	{PCPMM_REPORT_4_4, PCPMM_GFP_KERNEL, "0x24000c0"},
	{PCPMM_REPORT_4_19, PCPMM_GFP_ATOMIC, "0x480020(GFP_ATOMIC)"},
	{PCPMM_REPORT_4_19, PCPMM_GFP_KERNEL, "0x6000c0(GFP_KERNEL)"},
	{PCPMM_REPORT_4_19, PCPMM_GFP_HIGHUSER_MOVABLE,
		"0x6200ca(GFP_HIGHUSER_MOVABLE)"},
	{PCPMM_REPORT_5_10, PCPMM_GFP_ATOMIC, "0xa20(GFP_ATOMIC)"},
	{PCPMM_REPORT_6_1, 0, "0x0(none)"},
	{PCPMM_REPORT_6_1, PCPMM_GFP_KERNEL | PCPMM___GFP_ACCOUNT,
		"0x400cc0(GFP_KERNEL_ACCOUNT)"},
	{PCPMM_REPORT_6_1, PCPMM___GFP_HIGH | PCPMM___GFP_ATOMIC,
		"0x220(__GFP_HIGH|__GFP_ATOMIC)"},
	{PCPMM_REPORT_6_12, PCPMM___GFP_HIGH | PCPMM___GFP_ATOMIC,
		"0x20(__GFP_HIGH)"},
	{PCPMM_REPORT_6_1, PCPMM_GFP_KERNEL | 0x8000000,
		"0x8000cc0(GFP_KERNEL|0x8000000)"},
	{PCPMM_REPORT_6_1, GFP_THP & ~PCPMM___GFP_KSWAPD_RECLAIM,
		"0x1c24ca(GFP_TRANSHUGE)"},
	{PCPMM_REPORT_6_1, GFP_THP & ~PCPMM___GFP_RECLAIM,
		"0x1c20ca(GFP_TRANSHUGE_LIGHT)"},
	{PCPMM_REPORT_6_12, GFP_MOVABLE_CACHE,
		"0x152c4a(GFP_NOFS|__GFP_HIGHMEM|__GFP_NOWARN|__GFP_NORETRY|"
		"__GFP_COMP|__GFP_HARDWALL|__GFP_MOVABLE)"},
	{PCPMM_REPORT_7_3, GFP_MOVABLE_CACHE,
		"0x152c4a(GFP_NOFS|__GFP_HIGHMEM|__GFP_MOVABLE|__GFP_NOWARN|"
		"__GFP_NORETRY|__GFP_COMP|__GFP_HARDWALL)"},
};

static void test_modes_as_published(void **state)
{
	const struct shape shape = {.pages = {[NORMAL] = PAGES}};
	struct pcpmm_machine *machine = shape_create(&shape);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(modes); i++) {
		const struct pcpmm_alloc_failure failure = {
			.gfp = modes[i].gfp};
		char *text = report_text(cpu, &failure, modes[i].layout);
		const char *mode = strstr(text, "mode:") + 5;
		size_t length = strlen(modes[i].mode);

		if (strncmp(mode, modes[i].mode, length) ||
			!strchr(",\n", mode[length]))
			fail_msg("mode %.*s, expected %s",
				(int)strcspn(mode, ",\n"), mode, modes[i].mode);
		free(text);
	}
	pcpmm_machine_destroy(machine);
}

/* --- misuse --------------------------------------------------------------------- */

static void expect_refused(struct pcpmm_cpu *cpu,
	const struct pcpmm_alloc_failure *failure, int layout, const char *why)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(cpu);
	struct pcpmm_misuse before, after;
	static char *text;
	static size_t size;
	FILE *out = open_memstream(&text, &size);

	pcpmm_misuse_read(machine, &before);
	assert_int_equal(pcpmm_alloc_report_print(cpu, failure,
				 (enum pcpmm_report_layout)layout, out),
		-EINVAL);
	fclose(out);
	pcpmm_misuse_read(machine, &after);
	assert_int_equal(after.bad_argument, before.bad_argument + 1);
	assert_string_equal(pcpmm_last_error(machine), why);
	assert_int_equal(size, 0);
	free(text);
}

static void test_misuse_is_refused(void **state)
{
	const struct shape shape = {.cpus = 2, .pages = {[NORMAL] = PAGES}};
	struct pcpmm_machine *machine = shape_create(&shape);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	const struct pcpmm_alloc_failure fine = {.gfp = PCPMM_GFP_KERNEL},
					 order = {.order = 11},
					 gfp = {.gfp = PCPMM_GFP_DMA |
						       PCPMM_GFP_DMA32};
	enum pcpmm_report_layout layout = PCPMM_REPORT_4_4;
	FILE *full = fopen("/dev/full", "we");

	(void)state;
	expect_refused(cpu, &fine, PCPMM_NR_REPORTS,
		"failure report: there is no layout 0x8");
	expect_refused(cpu, &fine, -1,
		"failure report: there is no layout 0xffffffff");
	expect_refused(cpu, &order, PCPMM_REPORT_6_1,
		"failure report: there is no order 0xb");
	expect_refused(cpu, &gfp, PCPMM_REPORT_6_1,
		"failure report: there is no gfp 0x5");
	assert_int_equal(pcpmm_alloc_report_print(pcpmm_cpu_get(machine, 1),
				 &fine, PCPMM_REPORT_6_1, stdout),
		-EPERM);
	assert_int_equal(pcpmm_report_by_name("6.2", &layout), -ENOENT);
	assert_int_equal(layout, PCPMM_REPORT_4_4);
	assert_int_equal(pcpmm_report_by_name("6.12", &layout), 0);
	assert_int_equal(layout, PCPMM_REPORT_6_12);
	assert_non_null(full);
	setvbuf(full, NULL, _IONBF, 0);
	assert_int_equal(
		pcpmm_alloc_report_print(cpu, &fine, PCPMM_REPORT_6_1, full),
		-EIO);
	fclose(full);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts_as_written_by_hand),
		cmocka_unit_test(test_preset_is_6_1),
		cmocka_unit_test(test_lines_as_published),
		cmocka_unit_test(test_modes_as_published),
		cmocka_unit_test(test_misuse_is_refused),
	};

	return cmocka_run_group_tests_name("failure", tests, NULL, NULL);
}
