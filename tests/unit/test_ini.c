/* SPDX-License-Identifier: MIT */
/* Machine files: what they build, and everything that they refuse. */
#include <pcpmm/machinefile.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char ini_path[64];

static int make_file(void **state)
{
	int fd;

	(void)state;
	strcpy(ini_path, "/tmp/test_ini.XXXXXX");
	fd = mkstemp(ini_path);
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(ini_path);
}

static struct pcpmm_machinefile *read_text(
	const char *text, struct pcpmm_error *error)
{
	FILE *file = fopen(ini_path, "we");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	error->text[0] = '\0';
	return pcpmm_machinefile_read(ini_path, error);
}

static struct pcpmm_machinefile *good(const char *text)
{
	struct pcpmm_machinefile *file;
	struct pcpmm_error error;

	file = read_text(text, &error);
	if (!file)
		fail_msg("%s", error.text);
	return file;
}

/* @where is ":LINE: words", or ": words" for the file as a whole. */
static void bad(const char *text, const char *where)
{
	struct pcpmm_error error;

	errno = 0;
	assert_null(read_text(text, &error));
	assert_int_equal(errno, EINVAL);
	if (strncmp(error.text, ini_path, strlen(ini_path)) != 0 ||
		strncmp(error.text + strlen(ini_path), where, strlen(where)) !=
			0)
		fail_msg("'%s', expected '%s'", error.text, where);
}

#define MACHINE "[machine]\ncpus = 4\n" /* lines 1, 2 */
#define NODE "[node 0]\nmemory = 1G\n"

static void test_layout(void **state)
{
	struct pcpmm_machinefile *file =
		good(MACHINE "[node 0]\nmemory = 6G\n"
			     "[node 1]\nmemory = 2048M\n");
	const struct pcpmm_config *config = pcpmm_machinefile_config(file);
	const struct pcpmm_zone_config *zones = config->nodes[0].zones;

	(void)state;
	assert_int_equal(config->nr_cpus, 4);
	assert_int_equal(config->nr_nodes, 2);
	assert_null(config->cpu_node);
	assert_null(config->distance);
	assert_null(pcpmm_machinefile_dump(file));
	assert_int_equal(zones[PCPMM_ZONE_DMA].start_pfn, 1);
	assert_int_equal(zones[PCPMM_ZONE_DMA].spanned_pages, 4095);
	assert_int_equal(zones[PCPMM_ZONE_DMA].present_pages, 3998);
	assert_int_equal(zones[PCPMM_ZONE_DMA].managed_pages, 3840);
	assert_int_equal(zones[PCPMM_ZONE_DMA32].start_pfn, 4096);
	assert_int_equal(zones[PCPMM_ZONE_DMA32].spanned_pages, 786432 - 4096);
	assert_int_equal(zones[PCPMM_ZONE_DMA32].managed_pages, 770112);
	assert_int_equal(zones[PCPMM_ZONE_NORMAL].start_pfn, 1 << 20);
	assert_int_equal(zones[PCPMM_ZONE_NORMAL].present_pages, 786432);
	zones = config->nodes[1].zones;
	assert_int_equal(zones[PCPMM_ZONE_DMA32].spanned_pages, 0);
	assert_int_equal(
		zones[PCPMM_ZONE_NORMAL].start_pfn, (1 << 20) + 786432);
	assert_int_equal(zones[PCPMM_ZONE_NORMAL].present_pages, 524288);
	pcpmm_machinefile_free(file);
}

static void test_all_keys(void **state)
{
	struct pcpmm_machinefile *file = good(
		"# comment\n[machine]\n"
		"  preset = linux-6.1\n\tcpus = 4 ; four\noffline = 2-3\n"
		"thp = never\nbacking = memfd\ndrain = pcp_lock\n"
		"account = irqoff\n[sysctl]\nvm.min_free_kbytes = 4096\n"
		"stat_interval = 10\nvm.lowmem_reserve_ratio = 64 64 8\n"
		"[node 0]\ncpus = 0,2\ndistance = 10 21\n[node 1]\ncpus = 1,3\n"
		"distance = 21 10\n[zone 0 Normal]\nstart_pfn = 1048576\n"
		"spanned = 65536\n[zone 1 Movable]\nstart_pfn = 2097152\n"
		"spanned = 65536\npresent = 60000\nmanaged = 50000\n");
	const struct pcpmm_config *config = pcpmm_machinefile_config(file);

	(void)state;
	assert_int_equal(config->preset, PCPMM_PRESET_LINUX_6_1);
	assert_int_equal(config->thp, PCPMM_THP_NEVER);
	assert_int_equal(config->backing, PCPMM_BACKING_MEMFD);
	assert_int_equal(config->drain, PCPMM_DRAIN_PCP_LOCK);
	assert_int_equal(config->account, PCPMM_ACCOUNT_IRQOFF);
	assert_int_equal(config->sysctl.min_free_kbytes, 4096);
	assert_int_equal(config->sysctl.stat_interval, 10);
	assert_int_equal(config->sysctl.lowmem_reserve_ratio[2], 8);
	assert_int_equal(config->sysctl.watermark_scale_factor, 10);
	assert_int_equal(config->cpu_node[2], 0);
	assert_int_equal(config->cpu_node[3], 1);
	assert_int_equal(config->cpu_offline[1], 0);
	assert_int_equal(config->cpu_offline[3], 1);
	assert_int_equal(config->distance[1], 21);
	assert_int_equal(
		config->nodes[0].zones[PCPMM_ZONE_NORMAL].managed_pages, 65536);
	assert_int_equal(
		config->nodes[1].zones[PCPMM_ZONE_MOVABLE].managed_pages,
		50000);
	pcpmm_machinefile_free(file);
}

static void test_bad_keys(void **state)
{
	(void)state;
	bad("cpus = 4\n", ":1: 'cpus' stands before any [section]");
	bad("[machin]\ncpus = 4\n",
		":2: unknown section 'machin'; did you mean 'machine'?");
	bad("[zebra]\nx = 1\n", ":2: unknown section 'zebra'");
	bad("[machine]\ncpu = 4\n",
		":2: unknown key 'cpu'; did you mean 'cpus'?");
	bad("[machine]\nxyzzy = 4\n", ":2: unknown key 'xyzzy'");
	bad("[machine]\n\n# hm\ncpus\n",
		":4: neither [section] nor key = value");
	bad("[machine\n", ":1: neither");
	bad(MACHINE "cpus = 4\n", ":3: 'cpus' is there twice");
	bad("[machine]\npreset = linux-6.2\n",
		":2: unknown preset 'linux-6.2'; did you mean 'linux-6.1'?");
	bad("[machine]\nthp = sometimes\n", ":2: unknown thp 'sometimes'");
	bad("[machine]\nbacking = memdf\n",
		":2: unknown backing 'memdf'; did you mean 'memfd'?");
	bad("[machine]\nzoneinfo =\n", ":2: zoneinfo: file expected");
	bad("[machine]\nnodes = n.txt\n", ": 'n.txt' describes a dump");
	bad("[sysctl]\nvm.min_free_kbyte = 1\n",
		":2: unknown sysctl 'vm.min_free_kbyte'; did you mean "
		"'vm.min_free_kbytes'?");
	bad("[sysctl]\nvm.min_free_kbytes = 1x\n", ":2: vm.min_free_kbytes:");
	bad("[sysctl]\nvm.numa_stat = 1\nnuma_stat = 1\n",
		":3: 'numa_stat' is");
	bad("[node]\ncpus = 1\n", ":2: unknown section 'node'");
	bad("[node x]\ncpus = 1\n", ":2: [node x]: number of the node");
	bad("[node 64]\ncpus = 1\n", ":2: [node 64]: at most 64 nodes");
	bad("[node 0 x]\ncpus = 1\n", ":2: [node 0 x]: [node N] expected");
	bad("[zone 0 Norml]\nspanned = 1\n",
		":2: unknown zone 'Norml'; did you mean 'Normal'?");
	bad("[zone 0]\nspanned = 1\n", ":2: unknown zone ''");
}

static void test_bad_values(void **state)
{
	char text[512];

	(void)state;
	bad("[machine]\ncpus = four\n", ":2: cpus: 'four' is not a number");
	bad("[machine]\ncpus = 0\n", ":2: cpus: 0: 1..4096 expected");
	bad("[machine]\ncpus = 4097\n", ":2: cpus: 4097: 1..4096");
	bad("[machine]\noffline = 1-x\n", ":2: offline: CPU number expected");
	bad("[machine]\noffline = 1 2\n", ":2: offline: '1 2' is not a list");
	bad(MACHINE "[node 0]\nmemory = lots\n", ":4: memory: 'lots' is not");
	bad(MACHINE "[node 0]\nmemory = 1P\n", ":4: memory: '1P' is not");
	bad(MACHINE "[node 0]\nmemory = 17T\n", ":4: memory: more than 16T");
	bad(MACHINE "[node 0]\nmemory = 99999999999G\n", ":4: memory: more");
	bad(MACHINE "[node 0]\nmemory = 5000\n", ":4: memory: '5000' is not a");
	bad(MACHINE "[node 0]\ndistance = 10 x\n", ":4: distance: '10 x'");
	bad(MACHINE "[node 0]\ndistance = 9\n", ":4: distance: '9'");
	bad(MACHINE "[zone 0 Normal]\nspanned = -1\n", ":4: spanned: '-1'");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	bad(text, ":1: line longer than");
}

static void test_impossible(void **state)
{
	(void)state;
	bad("", ": no [node 0] and no zoneinfo");
	bad(NODE, ": no CPU");
	bad(MACHINE, ": no [node 0]");
	bad(MACHINE "[node 1]\nmemory = 1G\n", ": no [node 0], but one of");
	bad(MACHINE "[node 0]\nmemory = 1M\n", ":4: node 0: memory: 0 or");
	bad(MACHINE "[node 0]\nmemory = 0\n", ": no memory that the kernel");
	bad(MACHINE "[node 0]\nmemory = 16T\n", ": more than 16 TiB");
	bad(MACHINE NODE "[zone 0 Normal]\nspanned = 5\n",
		":4: node 0 has both 'memory' and zones");
	bad(MACHINE "[zone 0 Normal]\nspanned = 5\n",
		":4: zone without start_pfn and spanned");
	bad(MACHINE "[zone 0 Normal]\nstart_pfn = 0\nspanned = 5\n",
		":4: start_pfn: frame 0");
	bad(MACHINE "[zone 0 Normal]\nstart_pfn = 4294967295\nspanned = 5\n",
		":4: zone ends beyond");
	bad(MACHINE
		"[zone 0 Normal]\nstart_pfn = 1\nspanned = 5\npresent = 6\n",
		":4: impossible zone");
	bad(MACHINE
		"[zone 0 Normal]\nstart_pfn = 1\nspanned = 5\nmanaged = 6\n",
		":4: impossible zone");
	bad(MACHINE "[zone 0 Normal]\nstart_pfn = 1\nspanned = 5\n"
		    "[zone 1 Normal]\nstart_pfn = 5\nspanned = 5\n",
		":7: zones overlap: node 0 Normal and node 1 Normal");
	bad(MACHINE "[zone 0 Movable]\nstart_pfn = 1\nspanned = 5\n",
		": no memory that the kernel");
	bad(MACHINE NODE "cpus = 0-4\n", ":2: cpus: 4, but node 0 has CPU 4");
	bad(MACHINE NODE "cpus = 0-2\n", ":2: CPU 3 is on no node");
	bad(NODE "cpus = 0-2\n[node 1]\ncpus = 2-3\n",
		":5: cpus: CPU 2 is on node 0 already");
	bad(MACHINE "offline = 4\n" NODE, ":3: offline: there is no CPU 4");
	bad(MACHINE "offline = 0-3\n" NODE, ": all CPUs are offline");
	bad(MACHINE NODE "distance = 10 20\n",
		":4: node 0: distance to node 1");
	bad("[machine]\nzoneinfo = x\ncpus = 4\n", ":3: CPUs come from");
	bad("[machine]\nzoneinfo = x\n" NODE, ":4: nodes and zones come from");
}

static void test_from_dump(void **state)
{
	const char *folder = getenv("PCPMM_TESTS");
	const struct pcpmm_config *config;
	struct pcpmm_machinefile *file;
	char text[8192];
	char cwd[2048];

	(void)state;
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	snprintf(text, sizeof(text),
		"[machine]\nzoneinfo = %s/%s/data/dumps/%s/zoneinfo.txt\n"
		"[sysctl]\nvm.min_free_kbytes = 12345\n",
		folder && folder[0] == '/' ? "" : cwd,
		folder ? folder : "tests", "smp4-1G-recalc");
	file = good(text);
	config = pcpmm_machinefile_config(file);
	assert_non_null(pcpmm_machinefile_dump(file));
	assert_int_equal(config->nr_cpus, 4);
	assert_int_equal(config->sysctl.min_free_kbytes, 12345);
	assert_int_equal(
		config->nodes[0].zones[PCPMM_ZONE_DMA32].managed_pages, 241405);
	pcpmm_machinefile_free(file);
}

/* Files are looked up from the folder of the machine file. */
static void test_missing_files(void **state)
{
	struct pcpmm_error error;

	(void)state;
	assert_null(read_text("[machine]\nzoneinfo = none.txt\n", &error));
	assert_int_equal(errno, ENOENT);
	assert_non_null(strstr(error.text, "/tmp/none.txt: No such file"));
	assert_null(pcpmm_machinefile_read("/tmp/no/such.ini", &error));
	assert_int_equal(errno, ENOENT);
	assert_null(pcpmm_machinefile_read("/tmp/no/such.ini", NULL));
	pcpmm_machinefile_free(NULL);
}

static void test_examples(void **state)
{
	static const char *const names[] = {"laptop", "server", "terabyte"};
	static const unsigned int cpus[] = {4, 32, 128};
	const char *folder = getenv("PCPMM_TESTS");
	struct pcpmm_machinefile *file;
	struct pcpmm_error error;
	char path[4096];
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/../examples/machines/%s.ini",
			folder ? folder : "tests", names[i]);
		file = pcpmm_machinefile_read(path, &error);
		if (!file)
			fail_msg("%s", error.text);
		assert_int_equal(
			pcpmm_machinefile_config(file)->nr_cpus, cpus[i]);
		pcpmm_machinefile_free(file);
	}
}

static void test_nearest_name(void **state)
{
	static const char *const names[] = {"replay", "predict", "show", NULL};

	(void)state;
	assert_string_equal(pcpmm_nearest_name("reply", names), "replay");
	assert_string_equal(pcpmm_nearest_name("predcit", names), "predict");
	assert_null(pcpmm_nearest_name("benchmark", names));
	assert_null(pcpmm_nearest_name("x", names + 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_all_keys),
		cmocka_unit_test(test_bad_keys),
		cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_impossible),
		cmocka_unit_test(test_from_dump),
		cmocka_unit_test(test_missing_files),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_nearest_name),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
