/* SPDX-License-Identifier: MIT */
/* Machine files: the machines they describe, and all that is refused. */
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

/* @where is ":LINE: text", or ": text" for the file as a whole. */
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

/* A number beside the axes; without it one zone of each type. */
static void test_zone_instances(void **state)
{
	struct pcpmm_machinefile *file = good(MACHINE NODE);
	struct pcpmm_machine *machine;

	(void)state;
	assert_int_equal(pcpmm_machinefile_config(file)->zone_instances, 1);
	pcpmm_machinefile_free(file);
	file = good(MACHINE "zone_instances = 8\n[node 0]\nmemory = 8G\n");
	assert_int_equal(pcpmm_machinefile_config(file)->zone_instances, 8);
	machine = pcpmm_machine_create(pcpmm_machinefile_config(file), NULL);
	assert_non_null(machine);
	pcpmm_machine_destroy(machine);
	pcpmm_machinefile_free(file);
}

/* The keys that choose how lists are drained, and which CPUs that disturbs. */
static void test_drain_keys(void **state)
{
	struct pcpmm_machinefile *file =
		good(MACHINE "drain = kthread_posted\nallow_unsound = yes\n"
			     "ipi = polled\nrcu = qsbr\ngrace = normal\n"
			     "nohz_full = 1,3\n" NODE);
	const struct pcpmm_config *config = pcpmm_machinefile_config(file);
	static const unsigned char isolated[] = {0, 1, 0, 1};

	(void)state;
	assert_int_equal(config->drain, PCPMM_DRAIN_KTHREAD_POSTED);
	assert_true(config->allow_unsound);
	assert_int_equal(config->ipi, PCPMM_IPI_POLLED);
	assert_int_equal(config->rcu, PCPMM_RCU_QSBR);
	assert_int_equal(config->grace, PCPMM_GRACE_NORMAL);
	assert_memory_equal(config->cpu_nohz_full, isolated, 4);
	pcpmm_machinefile_free(file);

	file = good(MACHINE "allow_unsound = no\nrcu = memb\n"
			    "ipi = signal\ngrace = expedited\n" NODE);
	config = pcpmm_machinefile_config(file);
	assert_int_equal(config->drain, PCPMM_DRAIN_PCP_LOCK);
	assert_false(config->allow_unsound);
	assert_int_equal(config->ipi, PCPMM_IPI_SIGNAL);
	assert_int_equal(config->rcu, PCPMM_RCU_MEMB);
	assert_int_equal(config->grace, PCPMM_GRACE_EXPEDITED);
	assert_null(config->cpu_nohz_full);
	pcpmm_machinefile_free(file);
}

/* Every name of a drain strategy, except external. */
static void test_drain_names(void **state)
{
	struct pcpmm_machinefile *file;
	char text[256];
	unsigned int i;

	(void)state;
	for (i = 0; i < PCPMM_NR_DRAINS; i++) {
		if (i == PCPMM_DRAIN_EXTERNAL)
			continue;
		snprintf(text, sizeof(text), MACHINE "drain = %s\n" NODE,
			pcpmm_drain_name(i));
		file = good(text);
		assert_int_equal(pcpmm_machinefile_config(file)->drain, i);
		pcpmm_machinefile_free(file);
	}
	bad(MACHINE "drain = external\n" NODE,
		":3: drain: external is a program's own strategy");
}

/* Of the two axes of rules, the last two of the table below. */
static void expect_rules(
	const struct pcpmm_config *config, unsigned int axis, unsigned int i)
{
	assert_int_equal(config->list_rules, axis == 17 ? i : 0);
	assert_int_equal(config->zone_rules, axis == 18 ? i : 0);
}

/* Every name of a value of an axis; other axes keep the default. */
static void test_axis_names(void **state)
{
	static const struct {
		const char *key;
		const char *(*name_of)(unsigned int);
		unsigned int nr;
	} axes[] = {
		{"account", pcpmm_account_name, PCPMM_NR_ACCOUNTS},
		{"diff", pcpmm_diff_name, PCPMM_NR_DIFFS},
		{"fold", pcpmm_fold_name, PCPMM_NR_FOLDS},
		{"wmark_check", pcpmm_wmark_check_name, PCPMM_NR_WMARK_CHECKS},
		{"marks", pcpmm_marks_name, PCPMM_NR_MARKS},
		{"count_order", pcpmm_count_order_name, PCPMM_NR_COUNT_ORDERS},
		{"reader", pcpmm_reader_name, PCPMM_NR_READERS},
		{"zone_lock", pcpmm_zone_lock_name, PCPMM_NR_ZONE_LOCKS},
		{"boot_drift_mark", pcpmm_boot_drift_mark_name,
			PCPMM_NR_BOOT_DRIFT_MARKS},
		{"free_check", pcpmm_free_check_name, PCPMM_NR_FREE_CHECKS},
		{"threshold_refresh", pcpmm_threshold_refresh_name,
			PCPMM_NR_THRESHOLD_REFRESHES},
		{"ipi_mask_lock", pcpmm_ipi_mask_lock_name,
			PCPMM_NR_IPI_MASK_LOCKS},
		{"psi", pcpmm_psi_name, PCPMM_NR_PSIS},
		{"lru_batch", pcpmm_lru_batch_name, PCPMM_NR_LRU_BATCHES},
		{"lru_drain", pcpmm_lru_drain_name, PCPMM_NR_LRU_DRAINS},
		{"spill_hold", pcpmm_spill_hold_name, PCPMM_NR_SPILL_HOLDS},
		{"nolock_refuses", pcpmm_nolock_refuses_name,
			PCPMM_NR_NOLOCK_REFUSES},
		{"list_rules", pcpmm_list_rules_name, PCPMM_NR_LIST_RULES},
		{"zone_rules", pcpmm_zone_rules_name, PCPMM_NR_ZONE_RULES},
	};

	(void)state;
	for (unsigned int axis = 0; axis < sizeof(axes) / sizeof(axes[0]);
		axis++)
		for (unsigned int i = 0; i < axes[axis].nr; i++) {
			const struct pcpmm_config *config;
			struct pcpmm_machinefile *file;
			char text[256];

			snprintf(text, sizeof(text), MACHINE "%s = %s\n" NODE,
				axes[axis].key, axes[axis].name_of(i));
			file = good(text);
			config = pcpmm_machinefile_config(file);
			assert_int_equal(config->account, axis == 0 ? i : 0);
			assert_int_equal(config->diff, axis == 1 ? i : 0);
			assert_int_equal(config->fold, axis == 2 ? i : 0);
			assert_int_equal(
				config->wmark_check, axis == 3 ? i : 0);
			assert_int_equal(config->marks, axis == 4 ? i : 0);
			assert_int_equal(
				config->count_order, axis == 5 ? i : 0);
			assert_int_equal(config->reader, axis == 6 ? i : 0);
			assert_int_equal(config->zone_lock, axis == 7 ? i : 0);
			assert_int_equal(
				config->boot_drift_mark, axis == 8 ? i : 0);
			assert_int_equal(config->free_check, axis == 9 ? i : 0);
			assert_int_equal(
				config->threshold_refresh, axis == 10 ? i : 0);
			assert_int_equal(
				config->ipi_mask_lock, axis == 11 ? i : 0);
			assert_int_equal(config->psi, axis == 12 ? i : 0);
			assert_int_equal(config->lru_batch, axis == 13 ? i : 0);
			assert_int_equal(config->lru_drain, axis == 14 ? i : 0);
			assert_int_equal(
				config->spill_hold, axis == 15 ? i : 0);
			assert_int_equal(
				config->nolock_refuses, axis == 16 ? i : 0);
			expect_rules(config, axis, i);
			assert_true(config->drain_retry);
			pcpmm_machinefile_free(file);
		}
}

/* The value that differs from the preset's, one key at a time. */
static void test_switches(void **state)
{
	static const char *const lines[] = {"fold_quiet = no",
		"fold_skip_isolated = yes", "fold_expire = no",
		"drain_retry = no", "wq_mem_reclaim = no",
		"wq_cpu_intensive = yes"};
	struct pcpmm_machinefile *file;

	(void)state;
	for (unsigned int i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const struct pcpmm_config *config;
		char text[256];

		snprintf(text, sizeof(text), MACHINE "%s\n" NODE, lines[i]);
		file = good(text);
		config = pcpmm_machinefile_config(file);
		assert_int_equal(config->fold_quiet, i != 0);
		assert_int_equal(config->fold_skip_isolated, i == 1);
		assert_int_equal(config->fold_expire, i != 2);
		assert_int_equal(config->drain_retry, i != 3);
		assert_int_equal(config->wq_mem_reclaim, i != 4);
		assert_int_equal(config->wq_cpu_intensive, i == 5);
		pcpmm_machinefile_free(file);
	}
}

/* A key of the file wins over the preset, before it and after it. */
static void test_fold_beats_the_preset(void **state)
{
	struct pcpmm_machinefile *file =
		good(MACHINE "fold_quiet = no\nfold_expire = no\n"
			     "preset = remote-fold-v8-2023\ndiff = s8\n" NODE);
	const struct pcpmm_config *config = pcpmm_machinefile_config(file);

	(void)state;
	assert_int_equal(config->preset, PCPMM_PRESET_REMOTE_FOLD_V8_2023);
	assert_int_equal(config->account, PCPMM_ACCOUNT_LOCK_CMPXCHG);
	assert_int_equal(config->diff, PCPMM_DIFF_S8);
	assert_int_equal(config->fold, PCPMM_FOLD_REMOTE);
	assert_false(config->fold_quiet);
	assert_false(config->fold_expire);
	assert_false(config->refresh_drain);
	assert_int_equal(config->reader, PCPMM_READER_THROTTLE_SNAPSHOT);
	pcpmm_machinefile_free(file);

	file = good(MACHINE "reader = pressure_threshold\n"
			    "preset = remote-fold-v8-2023\n" NODE);
	assert_int_equal(pcpmm_machinefile_config(file)->reader,
		PCPMM_READER_PRESSURE_THRESHOLD);
	pcpmm_machinefile_free(file);

	file = good(MACHINE "account = irqoff\nfold = local\n"
			    "preset = remote-fold-v4-2023\nfold_expire = yes\n"
			    "fold_skip_isolated = yes\n" NODE);
	config = pcpmm_machinefile_config(file);
	assert_int_equal(config->preset, PCPMM_PRESET_REMOTE_FOLD_V4_2023);
	assert_int_equal(config->account, PCPMM_ACCOUNT_IRQOFF);
	assert_int_equal(config->diff, PCPMM_DIFF_S32);
	assert_int_equal(config->fold, PCPMM_FOLD_LOCAL);
	assert_true(config->fold_quiet);
	assert_true(config->fold_skip_isolated);
	assert_true(config->fold_expire);
	assert_true(config->refresh_drain);
	pcpmm_machinefile_free(file);

	file = good(MACHINE "refresh_drain = no\n"
			    "preset = remote-fold-v4-2023\n" NODE);
	assert_false(pcpmm_machinefile_config(file)->refresh_drain);
	pcpmm_machinefile_free(file);
}

/* A preset sets the drain; a drain key of the file wins, in any order. */
static void test_presets(void **state)
{
	static const enum pcpmm_drain drains[PCPMM_NR_PRESETS] = {
		[PCPMM_PRESET_LINUX_6_1] = PCPMM_DRAIN_PCP_LOCK,
		[PCPMM_PRESET_LINUX_5_10] = PCPMM_DRAIN_WORKQUEUE,
		[PCPMM_PRESET_RFC_RCU_SWAP_2021] = PCPMM_DRAIN_RCU_SWAP,
		[PCPMM_PRESET_RFC_KTHREAD_2022] = PCPMM_DRAIN_KTHREAD,
		[PCPMM_PRESET_RFC_IPI_MASK_2012] = PCPMM_DRAIN_IPI_MASK,
		[PCPMM_PRESET_RFC_SPINLOCK_KEY_2021] =
			PCPMM_DRAIN_PERCPU_SPINLOCK_2021,
		[PCPMM_PRESET_RFC_SPINLOCK_2021] =
			PCPMM_DRAIN_PCP_SPINLOCK_2021,
		[PCPMM_PRESET_RFC_PCP_BUDDY_2026] = PCPMM_DRAIN_PCP_BUDDY,
	};
	struct pcpmm_machinefile *file;
	char text[256];
	unsigned int i;

	(void)state;
	for (i = 0; i < PCPMM_NR_PRESETS; i++) {
		snprintf(text, sizeof(text), MACHINE "preset = %s\n" NODE,
			pcpmm_preset_name(i));
		file = good(text);
		assert_int_equal(pcpmm_machinefile_config(file)->preset, i);
		assert_int_equal(
			pcpmm_machinefile_config(file)->drain, drains[i]);
		pcpmm_machinefile_free(file);
	}
	file = good(MACHINE "drain = workqueue\n"
			    "preset = rfc-rcu-swap-2021\n" NODE);
	assert_int_equal(pcpmm_machinefile_config(file)->preset,
		PCPMM_PRESET_RFC_RCU_SWAP_2021);
	assert_int_equal(
		pcpmm_machinefile_config(file)->drain, PCPMM_DRAIN_WORKQUEUE);
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

/* Axes: each wrong name, and the nearest right one. */
static void test_bad_axes(void **state)
{
	(void)state;
	bad("[machine]\npreset = linux-6.2\n",
		":2: unknown preset 'linux-6.2'; did you mean 'linux-6.1'?");
	bad("[machine]\nthp = sometimes\n", ":2: unknown thp 'sometimes'");
	bad("[machine]\nbacking = memdf\n",
		":2: unknown backing 'memdf'; did you mean 'memfd'?");
	bad("[machine]\ndrain = workqeue\n",
		":2: unknown drain 'workqeue'; did you mean 'workqueue'?");
	bad("[machine]\naccount = irqof\n",
		":2: unknown account 'irqof'; did you mean 'irqoff'?");
	bad("[machine]\naccount = lock_cmpxcgh\n",
		":2: unknown account 'lock_cmpxcgh'; did you mean "
		"'lock_cmpxchg'?");
	bad("[machine]\ndiff = s16\n", ":2: unknown diff 's16'");
	bad("[machine]\nfold = remotely\n",
		":2: unknown fold 'remotely'; did you mean 'remote'?");
	bad("[machine]\nfold_quite = no\n",
		":2: unknown key 'fold_quite'; did you mean 'fold_quiet'?");
	bad("[machine]\nfold_quiet = 1\n", ":2: unknown fold_quiet '1'");
	bad("[machine]\nfold_skip_isolated = yse\n",
		":2: unknown fold_skip_isolated 'yse'; did you mean 'yes'?");
	bad("[machine]\nfold_expire =\n", ":2: unknown fold_expire ''");
	bad("[machine]\nwmark_check = harden\n",
		":2: unknown wmark_check 'harden'; did you mean 'harder'?");
	bad("[machine]\nmarks = quarters\n",
		":2: unknown marks 'quarters'; did you mean 'quarter'?");
	bad("[machine]\ncount_order = after_list\n",
		":2: unknown count_order 'after_list'; did you mean "
		"'after_lists'?");
	bad("[machine]\nreader = throttle_snapshots\n",
		":2: unknown reader 'throttle_snapshots'; did you mean "
		"'throttle_snapshot'?");
	bad("[machine]\nrefresh_drain = 0\n", ":2: unknown refresh_drain '0'");
	bad("[machine]\ndrain_retry = on\n", ":2: unknown drain_retry 'on'");
	bad("[machine]\nfold = local\nfold = local\n",
		":3: 'fold' is there twice");
	bad("[machine]\nipi = poll\n",
		":2: unknown ipi 'poll'; did you mean 'polled'?");
	bad("[machine]\nrcu = srcu\n", ":2: unknown rcu 'srcu'");
	bad("[machine]\ngrace = slow\n", ":2: unknown grace 'slow'");
	bad("[machine]\nallow_unsound = maybe\n",
		":2: unknown allow_unsound 'maybe'");
	bad("[machine]\nnohz_ful = 1\n",
		":2: unknown key 'nohz_ful'; did you mean 'nohz_full'?");
	bad("[machine]\nipi = polled\nipi = signal\n",
		":3: 'ipi' is there twice");
}

static void test_bad_values(void **state)
{
	char text[512];

	(void)state;
	bad("[machine]\nzone_instances = two\n",
		":2: zone_instances: 'two' is not a number");
	bad("[machine]\nzone_instances = 0\n",
		":2: zone_instances: 0: 1..8 expected");
	bad("[machine]\nzone_instances = 9\n",
		":2: zone_instances: 9: 1..8 expected");
	bad("[machine]\nzone_instances = 2\nzone_instances = 2\n",
		":3: 'zone_instances' is there twice");
	bad("[machine]\nzone_instance = 2\n",
		":2: unknown key 'zone_instance'; did you mean "
		"'zone_instances'?");
	bad("[machine]\ncpus = four\n", ":2: cpus: 'four' is not a number");
	bad("[machine]\ncpus = 0\n", ":2: cpus: 0: 1..4096 expected");
	bad("[machine]\ncpus = 4097\n", ":2: cpus: 4097: 1..4096");
	bad("[machine]\noffline = 1-x\n", ":2: offline: CPU number expected");
	bad("[machine]\noffline = 1 2\n", ":2: offline: '1 2' is not a list");
	bad("[machine]\nnohz_full = 1-\n",
		":2: nohz_full: CPU number expected");
	bad("[machine]\nnohz_full = all\n",
		":2: nohz_full: 'all' is not a list");
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
	bad(MACHINE "nohz_full = 3-4\n" NODE,
		":3: nohz_full: there is no CPU 4");
	bad(MACHINE NODE "distance = 10 20\n",
		":4: node 0: distance to node 1");
	bad("[machine]\nzoneinfo = x\ncpus = 4\n", ":3: CPUs come from");
	bad("[machine]\nzoneinfo = x\n" NODE, ":4: nodes and zones come from");
	bad("[machine]\nzone_instances = 2\nzoneinfo = x\n",
		":2: zone_instances: a zoneinfo is a recorded state");
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
		"drain = rcu_swap\nnohz_full = 2-3\n"
		"[sysctl]\nvm.min_free_kbytes = 12345\n",
		folder && folder[0] == '/' ? "" : cwd,
		folder ? folder : "tests", "smp4-1G-recalc");
	file = good(text);
	config = pcpmm_machinefile_config(file);
	assert_non_null(pcpmm_machinefile_dump(file));
	assert_int_equal(config->nr_cpus, 4);
	assert_int_equal(config->drain, PCPMM_DRAIN_RCU_SWAP);
	assert_int_equal(config->cpu_nohz_full[1], 0);
	assert_int_equal(config->cpu_nohz_full[3], 1);
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

/* A text is read as a file is; its name is that of errors and of the folder. */
static void test_text(void **state)
{
	static const char text[] = "[machine]\ncpus = 3\n[node 0]\n"
				   "memory = 1G\nno";
	const char *missing = "[machine]\nzoneinfo = none.txt\n";
	struct pcpmm_machinefile *file;
	struct pcpmm_error error;

	(void)state;
	/* Of the text only as much as @length says. */
	file = pcpmm_machinefile_parse(
		"/tmp/a.ini", text, sizeof(text) - 3, &error);
	if (!file)
		fail_msg("%s", error.text);
	assert_int_equal(pcpmm_machinefile_config(file)->nr_cpus, 3);
	pcpmm_machinefile_free(file);
	assert_null(pcpmm_machinefile_parse(
		"/tmp/a.ini", text, sizeof(text) - 1, &error));
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(error.text, "/tmp/a.ini:5: "));
	assert_null(pcpmm_machinefile_parse(
		"/tmp/a.ini", missing, strlen(missing), &error));
	assert_int_equal(errno, ENOENT);
	assert_non_null(strstr(error.text, "/tmp/none.txt: No such file"));
	assert_null(pcpmm_machinefile_parse("/tmp/a.ini", "", 0, &error));
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(error.text, "/tmp/a.ini: no [node 0]"));
}

static void test_examples(void **state)
{
	static const char *const names[] = {
		"laptop", "server", "terabyte", "isolated"};
	static const unsigned int cpus[] = {4, 32, 128, 8};
	const struct pcpmm_config *config;
	const char *folder = getenv("PCPMM_TESTS");
	struct pcpmm_machinefile *file;
	struct pcpmm_error error;
	char path[4096];
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/../examples/machines/%s.ini",
			folder ? folder : "tests", names[i]);
		file = pcpmm_machinefile_read(path, &error);
		if (!file)
			fail_msg("%s", error.text);
		config = pcpmm_machinefile_config(file);
		assert_int_equal(config->nr_cpus, cpus[i]);
		assert_int_equal(config->cpu_nohz_full != NULL, i == 3);
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
		cmocka_unit_test(test_zone_instances),
		cmocka_unit_test(test_drain_keys),
		cmocka_unit_test(test_drain_names),
		cmocka_unit_test(test_axis_names),
		cmocka_unit_test(test_switches),
		cmocka_unit_test(test_fold_beats_the_preset),
		cmocka_unit_test(test_presets),
		cmocka_unit_test(test_bad_keys),
		cmocka_unit_test(test_bad_axes),
		cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_impossible),
		cmocka_unit_test(test_from_dump),
		cmocka_unit_test(test_missing_files),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_nearest_name),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
