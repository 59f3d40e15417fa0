/* SPDX-License-Identifier: MIT */
/* Dumps of real machines, other dialects, and wrong files. */
#include <pcpmm/dump.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const file_names[PCPMM_NR_DUMP_FILES] = {
	[PCPMM_DUMP_ZONEINFO] = "zoneinfo.txt",
	[PCPMM_DUMP_BUDDYINFO] = "buddyinfo.txt",
	[PCPMM_DUMP_PAGETYPEINFO] = "pagetypeinfo.txt",
	[PCPMM_DUMP_SYSCTL] = "sysctl.txt",
	[PCPMM_DUMP_NODES] = "nodes.txt",
};

static void data_path(
	char path[4096], const char *machine, enum pcpmm_dump_file kind)
{
	const char *folder = getenv("PCPMM_TESTS");

	snprintf(path, 4096, "%s/data/dumps/%s/%s", folder ? folder : "tests",
		machine, file_names[kind]);
}

static struct pcpmm_dump *read_machine(const char *machine)
{
	struct pcpmm_dump *dump = pcpmm_dump_create();
	struct pcpmm_error error = {""};
	char path[4096];
	int kind;

	assert_non_null(dump);
	for (kind = 0; kind < PCPMM_NR_DUMP_FILES; kind++) {
		if (!file_names[kind])
			continue;
		data_path(path, machine, (enum pcpmm_dump_file)kind);
		if (pcpmm_dump_read(
			    dump, (enum pcpmm_dump_file)kind, path, &error))
			fail_msg("%s", error.text);
	}
	return dump;
}

static void test_numa(void **state)
{
	struct pcpmm_dump *dump = read_machine("smp4-4G-numa2-on-3");
	struct pcpmm_dump_pageset set;
	struct pcpmm_dump_zone zone;
	struct pcpmm_dump_type type;
	uint64_t nr_free[PCPMM_NR_ORDERS];
	uint64_t value;

	(void)state;
	assert_int_equal(pcpmm_dump_nr_zones(dump), 10);
	assert_int_equal(pcpmm_dump_nr_nodes(dump), 2);
	assert_int_equal(pcpmm_dump_nr_cpus(dump), 4);
	assert_int_equal(pcpmm_dump_cpu_node(dump, 1), 0);
	assert_int_equal(pcpmm_dump_cpu_node(dump, 2), 1);
	assert_true(pcpmm_dump_cpu_online(dump, 3));
	assert_false(pcpmm_dump_cpu_online(dump, 4));
	assert_string_equal(pcpmm_dump_note(dump), "");

	assert_int_equal(pcpmm_dump_zone(dump, 1, &zone), 0);
	assert_int_equal(zone.type, PCPMM_ZONE_DMA32);
	assert_string_equal(zone.name, "DMA32");
	assert_int_equal(zone.free, 493947);
	assert_int_equal(zone.min, 11240);
	assert_int_equal(zone.low, 14050);
	assert_int_equal(zone.high, 16860);
	assert_int_equal(zone.managed, 500510);
	assert_int_equal(zone.start_pfn, 4096);
	assert_int_equal(zone.nr_protection, 5);
	assert_int_equal(zone.nr_pagesets, 4);
	assert_true(zone.has_boost);
	assert_false(zone.has_promo);
	assert_int_equal(pcpmm_dump_zone(dump, 10, &zone), -ENOENT);

	assert_int_equal(pcpmm_dump_pageset(dump, 1, 1, &set), 0);
	assert_int_equal(set.count, 1821);
	assert_int_equal(set.high, 4683);
	assert_int_equal(set.batch, 63);
	assert_int_equal(set.stat_threshold, 30);
	assert_int_equal(set.high_min, -1);
	assert_int_equal(pcpmm_dump_pageset(dump, 1, 4, &set), -ENOENT);

	assert_int_equal(
		pcpmm_dump_zone_counter(dump, 1, "numa_other", &value), 0);
	assert_int_equal(value, 572);
	assert_int_equal(
		pcpmm_dump_node_counter(dump, 1, "nr_shmem", &value), 0);
	assert_int_equal(value, 514);
	assert_int_equal(
		pcpmm_dump_node_counter(dump, 1, "nr_none", &value), -ENOENT);

	assert_int_equal(pcpmm_dump_buddy(dump, 0, nr_free), 0);
	assert_int_equal(nr_free[7], 1);
	assert_int_equal(nr_free[10], 3);
	assert_int_equal(pcpmm_dump_buddy(dump, 2, nr_free), -ENOENT);
	assert_int_equal(
		pcpmm_dump_type(dump, 1, PCPMM_MIGRATE_MOVABLE, &type), 0);
	assert_int_equal(type.nr_free[10], 478);
	assert_int_equal(type.pageblocks, 958);
	assert_int_equal(type.capped, 0);
	assert_string_equal(
		pcpmm_dump_sysctl(dump, "vm.min_free_kbytes"), "90112");
	assert_null(pcpmm_dump_sysctl(dump, "vm.none"));
	pcpmm_dump_free(dump);
}

static void test_config(void **state)
{
	struct pcpmm_dump *dump = read_machine("smp4-1G-memon");
	struct pcpmm_error error = {""};
	const struct pcpmm_config *config;

	(void)state;
	config = pcpmm_dump_config(dump, PCPMM_PRESET_LINUX_6_1, &error);
	if (!config)
		fail_msg("%s", error.text);
	assert_int_equal(config->nr_cpus, 4);
	assert_int_equal(config->nr_nodes, 1);
	assert_int_equal(config->cpu_node[3], 0);
	assert_int_equal(config->cpu_offline[3], 0);
	assert_int_equal(config->distance[0], 10);
	assert_true(
		config->nodes[0].zones[PCPMM_ZONE_MOVABLE].managed_pages > 0);
	assert_int_equal(
		config->nodes[0].zones[PCPMM_ZONE_NORMAL].managed_pages, 0);
	assert_int_equal(config->sysctl.min_free_kbytes, 45056);
	assert_int_equal(config->sysctl.lowmem_reserve_ratio[2], 32);
	/* Again: the old one is freed, the new one is the same. */
	config = pcpmm_dump_config(dump, PCPMM_PRESET_LINUX_6_1, &error);
	assert_non_null(config);
	assert_int_equal(config->nr_cpus, 4);
	assert_null(pcpmm_dump_config(
		dump, (enum pcpmm_preset)PCPMM_NR_PRESETS, &error));
	pcpmm_dump_free(dump);
}

/* Parse one text on top of a small zoneinfo if it is of another kind. */
static struct pcpmm_dump *parse(enum pcpmm_dump_file kind, const char *text,
	int expected, const char *expected_error)
{
	static const char zoneinfo[] =
		"Node 0, zone    DMA32\n  pages free 5\n  min 1\n  low 2\n"
		"  high 3\n  spanned 100\n  present 90\n  managed 80\n"
		"  protection: (0, 0, 0, 0, 0)\n  pagesets\n    cpu: 0\n"
		"  count: 1\n  high: 8\n  batch: 2\n  vm stats threshold: 2\n"
		"  start_pfn:           4096\n";
	struct pcpmm_dump *dump = pcpmm_dump_create();
	struct pcpmm_error error = {""};
	int err;

	assert_non_null(dump);
	if (kind != PCPMM_DUMP_ZONEINFO)
		assert_int_equal(
			pcpmm_dump_parse(dump, PCPMM_DUMP_ZONEINFO, "z",
				zoneinfo, sizeof(zoneinfo) - 1, NULL),
			0);
	/* A copy of exact size, so that a sanitizer sees any over-read. */
	char *copy = malloc(strlen(text) ? strlen(text) : 1);

	memcpy(copy, text, strlen(text));
	err = pcpmm_dump_parse(dump, kind, "file", copy, strlen(text), &error);
	free(copy);
	if (err != expected || !strstr(error.text, expected_error))
		fail_msg("%d '%s', expected %d '%s'", err, error.text, expected,
			expected_error);
	if (!err)
		return dump;
	pcpmm_dump_free(dump);
	return NULL;
}

static void bad(enum pcpmm_dump_file kind, const char *text, const char *error)
{
	assert_null(parse(kind, text, -EINVAL, error));
}

#define SIZES                                                                  \
	"  pages free 5\n  min 1\n  low 2\n  high 3\n  spanned 100\n"          \
	"  present 90\n"
#define ZONE "Node 0, zone Normal\n" SIZES
#define SETS "  pagesets\n cpu: 0\n count: 1\n high: 6\n batch: 1\n"

static void test_bad_zoneinfo(void **state)
{
	const enum pcpmm_dump_file z = PCPMM_DUMP_ZONEINFO;

	(void)state;
	bad(z, "", "no zone in it");
	bad(z, "\n\n", "no zone in it");
	bad(z, "MemTotal: 5 kB\n", "file:1:1: not a zoneinfo");
	bad(z,
		"\x7f"
		"ELF",
		"file:1:1: not a zoneinfo");
	bad(z, "Node 64, zone Normal\n", "file:1:6: node number 0..63");
	bad(z, "Node 0 zone Normal\n", "file:1:8: \", zone NAME\"");
	bad(z, "Node 0, zone Norm\n", "unknown zone 'Norm'");
	bad(z, "Node 0, zone \n", "name of a zone");
	bad(z, "Node 0, zone Normal extra\n", "file:1:21: end of line");
	bad(z, ZONE ZONE, "cut short: no 'start_pfn' line in node 0, zone N");
	bad(z, ZONE "start_pfn: 1\n" ZONE,
		"node 0, zone Normal is there twice; several instances of a "
		"type are not read");
	bad(z, "Node 0, zone Normal\n  pages free 1\n", "no 'min' line");
	bad(z, ZONE "managed 91\nstart_pfn: 1\n", "impossible zone");
	bad(z, ZONE "  cma x\n", "file:8:7: number of pages expected");
	bad(z, ZONE "  cma -5\n", "-5 pages: out of range");
	bad(z, ZONE "  managed 99999999999999999999\n",
		"99999999999999999999 pages: out of range");
	bad(z, ZONE "  managed 17179869185\n",
		"17179869185 pages: out of range");
	bad(z, ZONE "  cma 5 5\n", "file:8:9: end of line");
	bad(z, ZONE "  min 5\n",
		"file:8:7: second 'min' line of node 0, zone Normal");
	bad(z, ZONE SETS " count: 1\n", "second 'count:' line of CPU 0");
	bad(z, "Node 0, zone Normal\npages free 1\nboost 9\nmin 8\n",
		"file:4:5: impossible: min contains the boost of 9 pages");
	bad(z, ZONE "  scanned 0 (a: 1 i: )\n", "\"(a: N i: N)\" cut short");
	bad(z, ZONE "  what?\n", "file:8:3: not a line of zoneinfo");
	bad(z, ZONE "  protection: 5\n", "\"(\" expected");
	bad(z, ZONE "  protection: (5,)\n", "number of pages");
	bad(z, ZONE "  protection: (5\n", "\")\" expected");
	bad(z, ZONE "  protection: (1,1,1,1,1,1,1,1,1)\n", "more than 8");
	bad(z, ZONE SETS " cpu: 0\n", "CPUs are not in order");
	bad(z, ZONE "  pagesets\n cpu: 4096\n", "CPU number 0..4095");
	bad(z, ZONE SETS " high_max: 2147483648\n", "2147483648: out of range");
	bad(z, ZONE SETS " vm stats threshold: x\n", "number expected");
}

static void test_bad_tables(void **state)
{
	const enum pcpmm_dump_file b = PCPMM_DUMP_BUDDYINFO;
	const enum pcpmm_dump_file p = PCPMM_DUMP_PAGETYPEINFO;
	struct pcpmm_dump *dump = pcpmm_dump_create();

	(void)state;
	bad(b, "", "no zone in it");
	bad(b, "hello\n", "not a buddyinfo");
	bad(b, "Node 1, zone DMA32 0 0 0 0 0 0 0 0 0 0 0\n", "not in the zone");
	bad(b, "Node 0, zone DMA32 0 0 0\n", "blocks of order 3");
	bad(b, "Node 0, zone DMA32 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		"file:1:48: more than 14 orders");
	bad(b,
		"Node 0, zone DMA32 0 0 0 0 0 0 0 0 0 0 0\n"
		"Node 0, zone DMA32 0 0 0\n",
		"twice");
	bad(b,
		"Node 0, zone DMA32 0 0 0 0 0 0 0 0 0 0 0\n"
		"Node 0, zone DMA32 0 0 0 0 0 0 0 0 0 0 0\n",
		"twice");
	bad(p, "", "cut short");
	bad(p, "Page block order: 14\n", "order 0..13 of a pageblock");
	bad(p, "Node 0, zone DMA32, type Odd 0\n", "name of a migratetype");
	bad(p, "Node 0, zone DMA32 1 2 3\n", "row before its header");
	bad(p, "Number of blocks type Unmovable\nNode 0, zone DMA32 x\n",
		"file:2:20: number of pageblocks");
	assert_int_equal(
		pcpmm_dump_parse(dump, b, "file", "", 0, NULL), -ENOENT);
	pcpmm_dump_free(dump);
}

static void test_bad_others(void **state)
{
	const enum pcpmm_dump_file s = PCPMM_DUMP_SYSCTL;
	const enum pcpmm_dump_file n = PCPMM_DUMP_NODES;

	(void)state;
	bad(s, "", "no sysctl");
	bad(s, "vm.min_free_kbytes\n", "file:1:1: \"name = value\"");
	bad(s, "= 5\n", "\"name = value\"");
	bad(s, "vm.min_free_kbytes = lots\n", "file:1:22: vm.min_free_kbytes:");
	bad(s, "vm.percpu_pagelist_high_fraction = 7\n", "0 or at least 8");
	bad(s, "vm.watermark_scale_factor = 0\n", "at least 1");
	bad(s, "vm.lowmem_reserve_ratio = 1 2 3 4 5 6\n", "too many");
	bad(s, "vm.numa_stat = 2\n", "number 0..1");
	bad(s, "vm.swappiness = 1\nvm.swappiness = 2\n", "file:2:1: 'vm.swap");
	bad(n, "", "no node");
	bad(n, "node\n", "node number");
	bad(n, "cpu0\n", "expected");
	bad(n, "node0 cpulist=0-\n", "CPU number expected");
	bad(n, "node0 cpulist=3-1\n", "is empty");
	bad(n, "node0 cpulist=0,,1\n", "CPU number expected");
	bad(n, "node0 cpulist=4096\n", "at most 4096");
	bad(n, "node0 cpulist=0-9999999\n", "at most 4096");
	bad(n, "node0 cpulist=0\nnode1 cpulist=0\n", "on node 0 already");
	bad(n, "node0 cpulist=0 distance=10 999\n", "distance 0..255");
	bad(n, "node0 cpulist=0 and more\n", "end of line");
}

/* A snapshot a second, as mmtests keeps them: the last one counts. */
static void test_snapshots(void **state)
{
	struct pcpmm_dump_zone zone;
	struct pcpmm_dump *dump;

	(void)state;
	dump = parse(PCPMM_DUMP_ZONEINFO,
		"time: 1\n" ZONE SETS "start_pfn: 1\n"
		"time: 2.5\nNode 0, zone Normal\n pages free 7\n min 1\n"
		" low 2\n high 3\n spanned 9\n present 9\n managed 9\n"
		" pagesets\n cpu: 2\n high_min: 4\n high_max: 9\n"
		"start_pfn: 1",
		0, "");
	assert_int_equal(pcpmm_dump_nr_zones(dump), 1);
	pcpmm_dump_zone(dump, 0, &zone);
	assert_int_equal(zone.free, 7);
	assert_int_equal(zone.nr_pagesets, 1);
	assert_false(pcpmm_dump_cpu_online(dump, 0));
	assert_true(pcpmm_dump_cpu_online(dump, 2));
	pcpmm_dump_free(dump);
}

/* 3.7 and older have no 'managed' line: predictions work, machines do not. */
static void test_old_era(void **state)
{
	struct pcpmm_error error = {""};
	struct pcpmm_dump *dump;

	(void)state;
	dump = parse(PCPMM_DUMP_ZONEINFO,
		ZONE "    nr_free_pages 5\n" SETS "  vm stats threshold: 2\r\n"
		     "  all_unreclaimable: 0\n  start_pfn:         1\n"
		     "  inactive_ratio:    1\n",
		0, "");
	assert_null(pcpmm_dump_config(dump, PCPMM_PRESET_LINUX_6_1, &error));
	assert_non_null(strstr(error.text, "another era: no 'managed' line"));
	pcpmm_dump_free(dump);
	dump = parse(PCPMM_DUMP_ZONEINFO,
		"Node 0, zone HighMem\n" SIZES " managed 5\n" SETS
		"start_pfn: 1\n",
		0, "");
	assert_null(pcpmm_dump_config(dump, PCPMM_PRESET_LINUX_6_1, &error));
	assert_non_null(strstr(error.text, "32 bit"));
	pcpmm_dump_free(dump);
}

static void test_node_dialects(void **state)
{
	static const char *const texts[] = {
		"node0 cpulist=0,2 distance=10 20\nnode1 cpulist=1,3 "
		"distance=20 10\n",
		"NUMA node(s):          2\nNUMA node0 CPU(s):     0,2\n"
		"NUMA node1 CPU(s):     1,3\n",
		"available: 2 nodes (0-1)\nnode 0 cpus: 0 2\n"
		"node 0 size: 5 MB\nnode 0 free: 1 MB\nnode 1 cpus: 1 3\n"
		"node 1 size: 0 MB\nnode distances:\nnode   0   1\n"
		"  0:  10  21\n",
	};
	struct pcpmm_dump *dump;
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		dump = parse(PCPMM_DUMP_NODES, texts[i], 0, "");
		assert_int_equal(pcpmm_dump_nr_nodes(dump), 2);
		assert_int_equal(pcpmm_dump_nr_cpus(dump), 4);
		assert_int_equal(pcpmm_dump_cpu_node(dump, 2), 0);
		assert_int_equal(pcpmm_dump_cpu_node(dump, 3), 1);
		assert_string_equal(pcpmm_dump_note(dump), "");
		pcpmm_dump_free(dump);
	}
}

static void test_guessed_nodes(void **state)
{
	struct pcpmm_dump *dump;

	(void)state;
	dump = parse(PCPMM_DUMP_ZONEINFO,
		ZONE SETS " cpu: 1\n cpu: 2\n cpu: 3\nstart_pfn: 1\n"
			  "Node 1, zone Normal\n" SIZES SETS "start_pfn: 900\n",
		0, "");
	assert_int_equal(pcpmm_dump_cpu_node(dump, 1), 0);
	assert_int_equal(pcpmm_dump_cpu_node(dump, 2), 1);
	assert_non_null(strstr(pcpmm_dump_note(dump), "4 online CPUs"));
	pcpmm_dump_free(dump);
}

static void test_files(void **state)
{
	struct pcpmm_dump *dump = pcpmm_dump_create();
	struct pcpmm_error error = {""};
	char path[4096];

	(void)state;
	assert_int_equal(pcpmm_dump_read(dump, PCPMM_DUMP_ZONEINFO,
				 "no-such-file", &error),
		-ENOENT);
	assert_non_null(strstr(error.text, "no-such-file: No such file"));
	assert_int_equal(
		pcpmm_dump_read(dump, PCPMM_DUMP_ZONEINFO, "/", &error), -EIO);
	assert_int_equal(pcpmm_dump_parse(dump,
				 (enum pcpmm_dump_file)PCPMM_NR_DUMP_FILES,
				 "file", "", 0, &error),
		-EINVAL);
	data_path(path, "smp4-1G-recalc", PCPMM_DUMP_ZONEINFO);
	assert_int_equal(
		pcpmm_dump_read(dump, PCPMM_DUMP_ZONEINFO, path, NULL), 0);
	assert_int_equal(
		pcpmm_dump_read(dump, PCPMM_DUMP_ZONEINFO, path, &error),
		-EEXIST);
	pcpmm_dump_free(dump);
	pcpmm_dump_free(NULL);
}

static void test_capped_types(void **state)
{
	struct pcpmm_dump_type type;
	struct pcpmm_dump *dump;

	(void)state;
	dump = parse(PCPMM_DUMP_PAGETYPEINFO,
		"Page block order: 9\nPages per block:  512\n\n"
		"Free pages count per migrate type at order  0 1\n"
		"Node    0, zone    DMA32, type      Movable >100000 1 2 3 4 5 "
		"6 7 8 9 10\n\nNumber of blocks type Unmovable Movable\n"
		"Node 0, zone    DMA32  3 4\nNumber of mixed blocks x\nx\n",
		0, "");
	assert_int_equal(
		pcpmm_dump_type(dump, 0, PCPMM_MIGRATE_MOVABLE, &type), 0);
	assert_int_equal(type.nr_free[0], 100000);
	assert_int_equal(type.capped, 1);
	assert_int_equal(type.pageblocks, 4);
	assert_int_equal(
		pcpmm_dump_type(dump, 0,
			(enum pcpmm_migratetype)PCPMM_NR_MIGRATETYPES, &type),
		-ENOENT);
	pcpmm_dump_free(dump);
}

/* Every prefix of a real file gives an error or a result, never a crash. */
static void test_cut_anywhere(void **state)
{
	char path[4096];
	static char text[65536];
	size_t length, cut;
	FILE *file;

	(void)state;
	data_path(path, "smp4-1G-recalc", PCPMM_DUMP_ZONEINFO);
	file = fopen(path, "re");
	assert_non_null(file);
	length = fread(text, 1, sizeof(text), file);
	fclose(file);
	for (cut = 0; cut < length; cut++) {
		struct pcpmm_dump *dump = pcpmm_dump_create();
		char *copy = malloc(cut ? cut : 1);
		int err;

		memcpy(copy, text, cut);
		err = pcpmm_dump_parse(
			dump, PCPMM_DUMP_ZONEINFO, "file", copy, cut, NULL);
		assert_true(err == 0 || err == -EINVAL);
		free(copy);
		pcpmm_dump_free(dump);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numa),
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_bad_zoneinfo),
		cmocka_unit_test(test_bad_tables),
		cmocka_unit_test(test_bad_others),
		cmocka_unit_test(test_snapshots),
		cmocka_unit_test(test_old_era),
		cmocka_unit_test(test_node_dialects),
		cmocka_unit_test(test_guessed_nodes),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_capped_types),
		cmocka_unit_test(test_cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
