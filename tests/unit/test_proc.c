/* SPDX-License-Identifier: MIT */
/*
 * /proc files against recorded ones: the library prints the same machine with
 * the same bytes, apart from numbers.
 */
#include "support/texts.h"

static char *print(struct pcpmm_machine *machine, const char *name)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(pcpmm_proc_print(machine, name, out), 0);
	fclose(out);
	return text;
}

/*
 * Replace every number by one '#'; @padded: by as many as its column is wide,
 * so that the padding is compared, too.
 */
static void mask(char *text, bool padded)
{
	char *to = text;

	for (char *at = text; *at;) {
		size_t blanks = padded ? strspn(at, " ") : 0;
		size_t digits = strspn(at + blanks, "0123456789");

		if (!digits) {
			size_t n = blanks ? blanks : 1;

			memmove(to, at, n);
			to += n;
			at += n;
		} else {
			size_t n = padded ? blanks + digits : 1;

			at += blanks + digits;
			memset(to, '#', n);
			to += n;
		}
	}
	*to = '\0';
}

static void expect_same_text(char *a, char *b, const char *what)
{
	unsigned int line = 1;
	size_t i;

	for (i = 0; a[i] && a[i] == b[i]; i++)
		line += a[i] == '\n';
	if (a[i] != b[i])
		fail_msg("%s line %u: '%.40s', recorded '%.40s'", what, line,
			a + i, b + i);
	free(a);
	free(b);
}

static struct pcpmm_machine *machine_of_dump(
	const char *folder, const char *kernel, struct pcpmm_dump **dump)
{
	static const char *const files[PCPMM_NR_DUMP_FILES] = {
		[PCPMM_DUMP_ZONEINFO] = "zoneinfo",
		[PCPMM_DUMP_BUDDYINFO] = "buddyinfo",
		[PCPMM_DUMP_PAGETYPEINFO] = "pagetypeinfo",
		[PCPMM_DUMP_SYSCTL] = "sysctl",
		[PCPMM_DUMP_NODES] = "nodes",
	};
	const struct pcpmm_config *config;
	struct pcpmm_error error = {""};
	struct pcpmm_machine *machine;
	enum pcpmm_preset preset;

	*dump = pcpmm_dump_create();
	assert_non_null(*dump);
	for (int i = 0; i < PCPMM_NR_DUMP_FILES; i++) {
		char name[256], *text;

		if (!files[i])
			continue;

		snprintf(name, sizeof(name), "%s/%s.txt", folder, files[i]);
		text = data_text(name);
		if (pcpmm_dump_parse(*dump, (enum pcpmm_dump_file)i, name, text,
			    strlen(text), &error))
			fail_msg("%s", error.text);
		free(text);
	}
	assert_int_equal(pcpmm_preset_by_name(kernel, &preset), 0);
	config = pcpmm_dump_config(*dump, preset, &error);
	if (!config)
		fail_msg("%s", error.text);
	machine = pcpmm_machine_create(config, &error);
	if (!machine)
		fail_msg("%s", error.text);
	return machine;
}

static void test_layout_as_recorded(void **state)
{
	static const struct {
		const char *folder, *kernel;
	} dumps[] = {
		{"dumps/smp4-1G-recalc", "linux-6.1"},
		{"dumps/smp4-1G-memon", "linux-6.1"},
		{"dumps/smp4-4G-numa2-on-3", "linux-6.1"},
		{"kernels/5.10", "linux-5.10"},
		{"kernels/6.12", "linux-6.12"},
		{"kernels/6.18", "linux-6.18"},
		{"kernels/7.3", "linux-7.3"},
	};
	static const char *const files[] = {
		"zoneinfo", "buddyinfo", "pagetypeinfo"};

	(void)state;
	for (size_t d = 0; d < HARNESS_COUNT(dumps); d++) {
		struct pcpmm_dump *dump;
		struct pcpmm_machine *machine = machine_of_dump(
			dumps[d].folder, dumps[d].kernel, &dump);

		for (size_t f = 0; f < HARNESS_COUNT(files); f++) {
			char name[256], *mine = print(machine, files[f]);
			char *recorded;

			snprintf(name, sizeof(name), "%s/%s.txt",
				dumps[d].folder, files[f]);
			recorded = data_text(name);
			mask(mine, f > 0);
			mask(recorded, f > 0);
			expect_same_text(mine, recorded, name);
		}
		pcpmm_machine_destroy(machine);
		pcpmm_dump_free(dump);
	}
}

static const struct shape small = {
	.pages = {[PCPMM_ZONE_DMA] = 2048, [PCPMM_ZONE_NORMAL] = 131072},
};

static struct pcpmm_machine *machine_of_layout(const char *layout)
{
	const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_DMA] = {2048, 2048, 2048, 2048},
			[PCPMM_ZONE_NORMAL] = {4096, 131072, 131072, 131072}}};
	struct pcpmm_config config = config_of(&node, 1, 1);
	struct pcpmm_error error = {""};

	assert_int_equal(
		pcpmm_config_set(&config, "layout", layout, &error), 0);
	return create_or_fail(&config);
}

static void test_vmstat_names_and_order(void **state)
{
	const char *const *layouts = pcpmm_axis_values("layout");

	(void)state;
	for (; *layouts; layouts++) {
		struct pcpmm_machine *machine = machine_of_layout(*layouts);
		char *text = print(machine, "vmstat"), *names = NULL, file[64];
		size_t size;
		FILE *out = open_memstream(&names, &size);

		snprintf(file, sizeof(file), "vmstat-names-%s.txt", *layouts);
		assert_non_null(out);
		for (char *line = text; *line;
			line += strcspn(line, "\n") + 1) {
			char name[64];
			unsigned long value;

			assert_int_equal(
				sscanf(line, "%63s %lu\n", name, &value), 2);
			fprintf(out, "%s\n", name);
		}
		fclose(out);
		expect_same_text(names, data_text(file), file);
		free(text);
		pcpmm_machine_destroy(machine);
	}
}

static void expect_item(struct pcpmm_cpu *cpu, int zone_type, const char *name,
	int ret, const char *line)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(cpu);
	uint64_t value = 77;
	char *text;

	assert_int_equal(pcpmm_stat_mod(cpu, 0, zone_type, name, 500), ret);
	assert_int_equal(pcpmm_stat_mod_item(cpu, 0, zone_type,
				 pcpmm_stat_item(zone_type, name), 500),
		ret ? -EINVAL : 0);
	assert_int_equal(
		pcpmm_zone_stat_snapshot(machine, 0, zone_type, name, &value),
		ret);
	assert_int_equal(value, ret ? 77 : 1000);
	if (ret)
		return;
	pcpmm_vmstat_fold(cpu, 0);
	text = print(machine, "zoneinfo");
	assert_non_null(strstr(text, line));
	free(text);
}

/* Page tables are a zone's in 5.10, and a node's later. */
static void test_items_by_kernel(void **state)
{
	static const struct {
		const char *layout;
		int zone, node, vmalloc;
	} kernels[] = {
		{"5.10", 0, -ENOENT, -ENOENT},
		{"6.1", -ENOENT, 0, -ENOENT},
		{"6.18", -ENOENT, 0, -ENOENT},
		{"7.3", -ENOENT, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(kernels); i++) {
		struct pcpmm_machine *machine =
			machine_of_layout(kernels[i].layout);
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

		expect_item(cpu, PCPMM_ZONE_NORMAL, "nr_page_table_pages",
			kernels[i].zone, "nr_page_table_pages 1000");
		expect_item(cpu, -1, "nr_page_table_pages", kernels[i].node,
			"nr_page_table_pages 1000");
		expect_item(cpu, -1, "nr_vmalloc", kernels[i].vmalloc,
			"nr_vmalloc   1000");
		pcpmm_cpu_leave(cpu);
		expect_valid(machine);
		pcpmm_machine_destroy(machine);
	}
}

/* From 6.18 on the pages of free blocks of 2 MiB and more. */
static void test_free_blocks(void **state)
{
	struct pcpmm_machine *machine = machine_of_layout("6.18");
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *page;
	char *text = print(machine, "vmstat");

	(void)state;
	assert_non_null(strstr(text, "\nnr_free_pages_blocks 133120\n"));
	free(text);
	/* A block of order 10 is broken up: one of order 9 is left of it. */
	page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 8);
	assert_non_null(page);
	text = print(machine, "vmstat");
	assert_non_null(strstr(text, "\nnr_free_pages_blocks 132608\n"));
	free(text);
	assert_int_equal(pcpmm_free_pages(cpu, page, 8), 0);
	pcpmm_cpu_leave(cpu);
	pcpmm_machine_destroy(machine);
}

/* The printed numbers are those of the other interfaces. */
static void test_values_are_the_machines(void **state)
{
	struct pcpmm_machine *machine = shape_create(&small);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	struct pcpmm_pcp_info info = pcp_of(cpu, 0, PCPMM_ZONE_NORMAL);
	char *text = print(machine, "zoneinfo"), expected[256];

	(void)state;
	snprintf(expected, sizeof(expected),
		"\n    cpu: 0\n              count: %d\n              high:  "
		"%d\n              batch: %d\n  vm stats threshold: %d",
		info.count, info.high, info.batch, info.stat_threshold);
	assert_non_null(strstr(text, expected));
	free(text);
	text = print(machine, "buddyinfo");
	/* 2 MiB-aligned DMA zone of two largest blocks. */
	assert_memory_equal(text,
		"Node 0, zone      DMA      0      0      0      0      0      "
		"0      0      0      0      0      2 \n",
		93);
	free(text);
	text = print(machine, "vmstat");
	assert_non_null(strstr(text, "\npgalloc_normal 1\n"));
	assert_non_null(strstr(text, "\nnuma_hit 1\n"));
	free(text);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	pcpmm_machine_destroy(machine);
}

/* Lists longer than 100000 blocks are printed as ">100000". */
static void test_pagetypeinfo_caps(void **state)
{
	const struct shape shape = {
		.pages = {[PCPMM_ZONE_NORMAL] = 100000ULL << 10},
	};
	struct pcpmm_machine *machine = shape_create(&shape);
	char *text = print(machine, "pagetypeinfo");

	(void)state;
	assert_non_null(strstr(text, "      0 >100000 \n"));
	free(text);
	text = print(machine, "buddyinfo");
	assert_non_null(strstr(text, "      0 100000 \n"));
	free(text);
	pcpmm_machine_destroy(machine);
}

static void test_other_names(void **state)
{
	struct pcpmm_machine *machine = shape_create(&small);
	FILE *full = fopen("/dev/full", "we");

	(void)state;
	assert_int_equal(
		pcpmm_proc_print(machine, "slabinfo", stdout), -ENOENT);
	assert_int_equal(pcpmm_proc_print(machine, "", stdout), -ENOENT);
	assert_non_null(full);
	setvbuf(full, NULL, _IONBF, 0);
	assert_int_equal(pcpmm_proc_print(machine, "zoneinfo", full), -EIO);
	fclose(full);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout_as_recorded),
		cmocka_unit_test(test_vmstat_names_and_order),
		cmocka_unit_test(test_items_by_kernel),
		cmocka_unit_test(test_free_blocks),
		cmocka_unit_test(test_values_are_the_machines),
		cmocka_unit_test(test_pagetypeinfo_caps),
		cmocka_unit_test(test_other_names),
	};

	return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}
