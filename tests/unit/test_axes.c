/* SPDX-License-Identifier: MIT */
/*
 * Axes by name: each key and value can be set and read back, each preset has
 * the values of its kernel or series, and an unknown name is refused with the
 * nearest known name.
 */
#include "support/harness.h"

static void init(struct pcpmm_config *config, enum pcpmm_preset preset)
{
	assert_int_equal(pcpmm_config_init(config, sizeof(*config), preset), 0);
}

static void set(struct pcpmm_config *config, const char *key, const char *value)
{
	struct pcpmm_error error = {""};

	if (pcpmm_config_set(config, key, value, &error))
		fail_msg("%s = %s: %s", key, value, error.text);
	assert_string_equal(error.text, "");
}

static void expect(
	const struct pcpmm_config *config, const char *key, const char *value)
{
	const char *got = pcpmm_config_get(config, key);

	if (!got || strcmp(got, value))
		fail_msg("%s is %s, expected %s", key, got ? got : "none",
			value);
}

static int is_named(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return 1;
	return 0;
}

/* The preset is first, so that setting all keys in order keeps later values. */
static void test_keys(void **state)
{
	const char *const *keys = pcpmm_axis_keys();
	struct pcpmm_config config;

	(void)state;
	assert_string_equal(keys[0], "preset");
	init(&config, PCPMM_PRESET_LINUX_6_1);
	for (; *keys; keys++) {
		assert_false(is_named(keys + 1, *keys));
		assert_non_null(pcpmm_axis_values(*keys));
		assert_non_null(pcpmm_config_get(&config, *keys));
	}
}

/* The number of values of each, so that none is left out. */
static void test_values(void **state)
{
	static const struct {
		const char *key;
		size_t nr;
	} enums[] = {
		{"preset", PCPMM_NR_PRESETS},
		{"thp", PCPMM_NR_THPS},
		{"boot", PCPMM_NR_BOOTS},
		{"backing", PCPMM_NR_BACKINGS},
		{"drain", PCPMM_NR_DRAINS},
		{"account", PCPMM_NR_ACCOUNTS},
		{"arch", PCPMM_NR_ARCHS},
		{"diff", PCPMM_NR_DIFFS},
		{"fold", PCPMM_NR_FOLDS},
		{"wmark_check", PCPMM_NR_WMARK_CHECKS},
		{"marks", PCPMM_NR_MARKS},
		{"count_order", PCPMM_NR_COUNT_ORDERS},
		{"reader", PCPMM_NR_READERS},
		{"ipi", PCPMM_NR_IPIS},
		{"rcu", PCPMM_NR_RCUS},
		{"grace", PCPMM_NR_GRACES},
		{"zone_lock", PCPMM_NR_ZONE_LOCKS},
		{"ipi_mask_lock", PCPMM_NR_IPI_MASK_LOCKS},
		{"fold_quiet", PCPMM_NR_FOLD_QUIETS},
		{"fold_timer", PCPMM_NR_FOLD_TIMERS},
		{"fold_expire", PCPMM_NR_EXPIRES},
		{"shepherd_skips", PCPMM_NR_SHEPHERD_SKIPS},
		{"starvation", PCPMM_NR_STARVATIONS},
		{"up", PCPMM_NR_UPS},
		{"kthread_prio", PCPMM_NR_KTHREAD_PRIOS},
		{"fold_requeue", PCPMM_NR_FOLD_REQUEUES},
		{"boot_drift_mark", PCPMM_NR_BOOT_DRIFT_MARKS},
		{"free_check", PCPMM_NR_FREE_CHECKS},
		{"threshold_refresh", PCPMM_NR_THRESHOLD_REFRESHES},
		{"psi", PCPMM_NR_PSIS},
		{"lru_batch", PCPMM_NR_LRU_BATCHES},
		{"lru_drain", PCPMM_NR_LRU_DRAINS},
		{"spill_hold", PCPMM_NR_SPILL_HOLDS},
		{"nolock_refuses", PCPMM_NR_NOLOCK_REFUSES},
		{"list_rules", PCPMM_NR_LIST_RULES},
		{"zone_rules", PCPMM_NR_ZONE_RULES},
		{"layout", PCPMM_NR_LAYOUTS},
		{"need_update", PCPMM_NR_NEED_UPDATES},
		{"numa_events", PCPMM_NR_NUMA_EVENTS},
	};
	unsigned int bools = 0;

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(enums); i++) {
		const char *const *values = pcpmm_axis_values(enums[i].key);
		size_t nr = 0;

		assert_non_null(values);
		for (; values[nr]; nr++)
			assert_false(is_named(&values[nr + 1], values[nr]));
		assert_int_equal(nr, enums[i].nr);
	}
	for (const char *const *key = pcpmm_axis_keys(); *key; key++) {
		const char *const *values = pcpmm_axis_values(*key);

		bools += !strcmp(values[0], "no") &&
			 !strcmp(values[1], "yes") && !values[2];
	}
	assert_int_equal(bools, 7);
	assert_null(pcpmm_axis_values("drains"));
	assert_null(pcpmm_axis_values(""));
}

static void test_every_value_is_set_and_read(void **state)
{
	struct pcpmm_config config, before;

	(void)state;
	for (const char *const *key = pcpmm_axis_keys(); *key; key++)
		for (const char *const *value = pcpmm_axis_values(*key); *value;
			value++) {
			init(&config, PCPMM_PRESET_LINUX_6_1);
			before = config;
			set(&config, *key, *value);
			expect(&config, *key, *value);
			/* Other axes change only by a preset or an arch. */
			for (const char *const *other = pcpmm_axis_keys();
				*other && strcmp(*key, "preset") &&
				strcmp(*key, "arch");
				other++)
				if (strcmp(*other, *key))
					expect(&config, *other,
						pcpmm_config_get(
							&before, *other));
			set(&config, *key, pcpmm_config_get(&before, *key));
			assert_memory_equal(&config, &before, sizeof(config));
		}
}

/* A key sets the field of the same name. */
static void test_fields(void **state)
{
	struct pcpmm_config config;

	(void)state;
	init(&config, PCPMM_PRESET_LINUX_6_1);
	set(&config, "thp", "never");
	set(&config, "boot", "held");
	set(&config, "backing", "huge");
	set(&config, "drain", "external");
	set(&config, "arch", "s390x");
	set(&config, "account", "irqoff");
	set(&config, "diff", "s32");
	set(&config, "fold", "both");
	set(&config, "refresh_drain", "yes");
	set(&config, "wmark_check", "halving");
	set(&config, "marks", "quarter");
	set(&config, "count_order", "after_lists");
	set(&config, "reader", "raw");
	set(&config, "drain_retry", "no");
	set(&config, "wq_mem_reclaim", "no");
	set(&config, "wq_cpu_intensive", "yes");
	set(&config, "psi", "reclaim");
	set(&config, "lru_batch", "31");
	set(&config, "lru_drain", "pwlocks_auto");
	set(&config, "spill_hold", "chunks");
	set(&config, "nolock_refuses", "rt_irq");
	set(&config, "list_rules", "7.3");
	set(&config, "zone_rules", "7.3");
	set(&config, "ipi", "polled");
	set(&config, "rcu", "qsbr");
	set(&config, "grace", "normal");
	set(&config, "zone_lock", "ticket");
	set(&config, "boot_drift_mark", "late");
	set(&config, "free_check", "exchange");
	set(&config, "threshold_refresh", "down_only");
	set(&config, "ipi_mask_lock", "own_bit");
	set(&config, "allow_unsound", "yes");
	assert_int_equal(config.thp, PCPMM_THP_NEVER);
	assert_int_equal(config.boot, PCPMM_BOOT_HELD);
	assert_int_equal(config.backing, PCPMM_BACKING_HUGE);
	assert_int_equal(config.drain, PCPMM_DRAIN_EXTERNAL);
	assert_int_equal(config.arch, PCPMM_ARCH_S390X);
	assert_int_equal(config.account, PCPMM_ACCOUNT_IRQOFF);
	assert_int_equal(config.diff, PCPMM_DIFF_S32);
	assert_int_equal(config.fold, PCPMM_FOLD_BOTH);
	assert_true(config.refresh_drain);
	assert_int_equal(config.wmark_check, PCPMM_WMARK_CHECK_HALVING);
	assert_int_equal(config.marks, PCPMM_MARKS_QUARTER);
	assert_int_equal(config.count_order, PCPMM_COUNT_AFTER_LISTS);
	assert_int_equal(config.reader, PCPMM_READER_RAW);
	assert_false(config.drain_retry);
	assert_false(config.wq_mem_reclaim);
	assert_true(config.wq_cpu_intensive);
	assert_int_equal(config.psi, PCPMM_PSI_RECLAIM);
	assert_int_equal(config.lru_batch, PCPMM_LRU_BATCH_31);
	assert_int_equal(config.lru_drain, PCPMM_LRU_DRAIN_PWLOCKS_AUTO);
	assert_int_equal(config.spill_hold, PCPMM_SPILL_HOLD_CHUNKS);
	assert_int_equal(config.nolock_refuses, PCPMM_NOLOCK_REFUSES_RT_IRQ);
	assert_int_equal(config.list_rules, PCPMM_LIST_RULES_7_3);
	assert_int_equal(config.zone_rules, PCPMM_ZONE_RULES_7_3);
	assert_int_equal(config.ipi, PCPMM_IPI_POLLED);
	assert_int_equal(config.rcu, PCPMM_RCU_QSBR);
	assert_int_equal(config.grace, PCPMM_GRACE_NORMAL);
	assert_int_equal(config.zone_lock, PCPMM_ZONE_LOCK_TICKET);
	assert_int_equal(config.boot_drift_mark, PCPMM_BOOT_DRIFT_MARK_LATE);
	assert_int_equal(config.free_check, PCPMM_FREE_CHECK_EXCHANGE);
	assert_int_equal(
		config.threshold_refresh, PCPMM_THRESHOLD_REFRESH_DOWN_ONLY);
	assert_int_equal(config.ipi_mask_lock, PCPMM_IPI_MASK_LOCK_OWN_BIT);
	assert_true(config.allow_unsound);
}

static void test_fields_of_texts_and_counters(void **state)
{
	struct pcpmm_config config;

	(void)state;
	init(&config, PCPMM_PRESET_LINUX_6_1);
	set(&config, "layout", "7.3");
	set(&config, "need_update", "zone_numa");
	set(&config, "numa_events", "diffs");
	assert_int_equal(config.layout, PCPMM_LAYOUT_7_3);
	assert_int_equal(config.need_update, PCPMM_NEED_UPDATE_ZONE_NUMA);
	assert_int_equal(config.numa_events, PCPMM_NUMA_EVENTS_DIFFS);
}

static void test_fields_of_folds(void **state)
{
	struct pcpmm_config config;

	(void)state;
	init(&config, PCPMM_PRESET_LINUX_6_1);
	set(&config, "fold_quiet", "no");
	set(&config, "fold_timer", "housekeeping");
	set(&config, "shepherd_skips", "busy");
	set(&config, "isolation_flush", "yes");
	set(&config, "starvation", "stalld");
	set(&config, "up", "trylock_fails");
	set(&config, "kthread_prio", "normal");
	set(&config, "fold_requeue", "spread");
	set(&config, "fold_skip_isolated", "yes");
	set(&config, "fold_expire", "no");
	assert_int_equal(config.fold_quiet, PCPMM_FOLD_QUIET_NO);
	assert_int_equal(config.fold_timer, PCPMM_FOLD_TIMER_HOUSEKEEPING);
	assert_int_equal(config.shepherd_skips, PCPMM_SHEPHERD_SKIPS_BUSY);
	assert_true(config.isolation_flush);
	assert_int_equal(config.starvation, PCPMM_STARVATION_STALLD);
	assert_int_equal(config.up, PCPMM_UP_TRYLOCK_FAILS);
	assert_int_equal(config.kthread_prio, PCPMM_KTHREAD_PRIO_NORMAL);
	assert_int_equal(config.fold_requeue, PCPMM_FOLD_REQUEUE_SPREAD);
	assert_true(config.fold_skip_isolated);
	assert_int_equal(config.fold_expire, PCPMM_EXPIRE_NO);
}

/* Values, written out independently of the table: a line an axis. */
static const char *const base_values[][2] = {
	{"arch", "x86_64"},
	{"drain", "pcp_lock"},
	{"account", "local_cmpxchg"},
	{"diff", "s8"},
	{"fold", "local"},
	{"fold_quiet", "tick_stop"},
	{"fold_timer", "own"},
	{"fold_requeue", "round"},
	{"shepherd_skips", "pending"},
	{"fold_skip_isolated", "no"},
	{"fold_expire", "yes"},
	{"isolation_flush", "no"},
	{"starvation", "none"},
	{"up", "no"},
	{"kthread_prio", "fifo_low"},
	{"refresh_drain", "no"},
	{"wmark_check", "min_reserve_atomic"},
	{"marks", "scale_factor"},
	{"boot_drift_mark", "early"},
	{"count_order", "before_lists"},
	{"threshold_refresh", "up_and_down"},
	{"reader", "pressure_threshold"},
	{"drain_retry", "yes"},
	{"ipi", "signal"},
	{"rcu", "sched"},
	{"grace", "expedited"},
	{"allow_unsound", "no"},
	{"thp", "always"},
	{"backing", "none"},
	{"boot", "free"},
	{"psi", "whole"},
	{"wq_mem_reclaim", "yes"},
	{"wq_cpu_intensive", "no"},
	{"lru_batch", "none"},
	{"lru_drain", "work"},
	{"spill_hold", "whole"},
	{"nolock_refuses", "up_nmi"},
	{"list_rules", "6.1"},
	{"zone_rules", "6.1"},
	{"layout", "6.1"},
	{"need_update", "zone_node"},
	{"numa_events", "apart"},
	{"zone_lock", "ttas"},
	{"ipi_mask_lock", "spin"},
	{"free_check", "racy"},
};

/* What the other presets have instead. */
static const struct {
	enum pcpmm_preset preset;
	const char *key, *value;
} other_values[] = {
	{PCPMM_PRESET_LINUX_6_12, "wq_cpu_intensive", "yes"},
	{PCPMM_PRESET_LINUX_6_18, "wq_cpu_intensive", "yes"},
	{PCPMM_PRESET_LINUX_7_3, "wq_cpu_intensive", "yes"},
	{PCPMM_PRESET_LINUX_5_10, "list_rules", "5.10"},
	{PCPMM_PRESET_LINUX_6_12, "list_rules", "6.12"},
	{PCPMM_PRESET_LINUX_6_18, "list_rules", "6.18"},
	{PCPMM_PRESET_LINUX_7_3, "list_rules", "7.3"},
	{PCPMM_PRESET_LINUX_5_10, "drain", "workqueue"},
	{PCPMM_PRESET_LINUX_5_10, "wmark_check", "harder"},
	{PCPMM_PRESET_LINUX_5_10, "layout", "5.10"},
	{PCPMM_PRESET_LINUX_5_10, "need_update", "zone_numa"},
	{PCPMM_PRESET_LINUX_5_10, "numa_events", "diffs"},
	{PCPMM_PRESET_LINUX_6_12, "layout", "6.12"},
	{PCPMM_PRESET_LINUX_6_18, "layout", "6.18"},
	{PCPMM_PRESET_LINUX_7_3, "layout", "7.3"},
	{PCPMM_PRESET_LINUX_6_12, "marks", "not_movable"},
	{PCPMM_PRESET_LINUX_6_18, "marks", "not_movable"},
	{PCPMM_PRESET_LINUX_7_3, "marks", "not_movable"},
	{PCPMM_PRESET_LINUX_6_12, "fold_timer", "housekeeping"},
	{PCPMM_PRESET_LINUX_6_18, "fold_timer", "housekeeping"},
	{PCPMM_PRESET_LINUX_7_3, "fold_timer", "housekeeping"},
	{PCPMM_PRESET_LINUX_6_12, "fold_skip_isolated", "yes"},
	{PCPMM_PRESET_LINUX_6_18, "fold_skip_isolated", "yes"},
	{PCPMM_PRESET_LINUX_7_3, "fold_skip_isolated", "yes"},
	{PCPMM_PRESET_LINUX_6_12, "fold_expire", "counted"},
	{PCPMM_PRESET_LINUX_6_18, "fold_expire", "counted"},
	{PCPMM_PRESET_LINUX_7_3, "fold_expire", "counted"},
	{PCPMM_PRESET_LINUX_6_12, "starvation", "fair_server"},
	{PCPMM_PRESET_LINUX_6_18, "starvation", "fair_server"},
	{PCPMM_PRESET_LINUX_7_3, "starvation", "fair_server"},
	{PCPMM_PRESET_LINUX_6_12, "wmark_check", "min_reserve"},
	{PCPMM_PRESET_LINUX_6_18, "wmark_check", "min_reserve"},
	{PCPMM_PRESET_LINUX_7_3, "wmark_check", "min_reserve"},
	{PCPMM_PRESET_LINUX_6_12, "boot_drift_mark", "late"},
	{PCPMM_PRESET_LINUX_6_18, "boot_drift_mark", "late"},
	{PCPMM_PRESET_LINUX_7_3, "boot_drift_mark", "late"},
	{PCPMM_PRESET_LINUX_6_12, "reader", "throttle_snapshot"},
	{PCPMM_PRESET_LINUX_6_18, "reader", "throttle_snapshot"},
	{PCPMM_PRESET_LINUX_7_3, "reader", "throttle_snapshot"},
	{PCPMM_PRESET_LINUX_6_18, "isolation_flush", "yes"},
	{PCPMM_PRESET_LINUX_7_3, "isolation_flush", "yes"},
	{PCPMM_PRESET_LINUX_7_3, "shepherd_skips", "busy"},
	{PCPMM_PRESET_LINUX_7_3, "spill_hold", "chunks"},
	{PCPMM_PRESET_LINUX_5_10, "zone_rules", "5.10"},
	{PCPMM_PRESET_LINUX_6_12, "zone_rules", "6.12"},
	{PCPMM_PRESET_LINUX_6_18, "zone_rules", "6.18"},
	{PCPMM_PRESET_LINUX_7_3, "zone_rules", "7.3"},
	{PCPMM_PRESET_RFC_RCU_SWAP_2021, "drain", "rcu_swap"},
	{PCPMM_PRESET_RFC_KTHREAD_2022, "drain", "kthread"},
	{PCPMM_PRESET_RFC_RCU_SWAP_2021, "psi", "reclaim"},
	{PCPMM_PRESET_RFC_KTHREAD_2022, "psi", "reclaim"},
	{PCPMM_PRESET_RFC_IPI_MASK_2012, "drain", "ipi_mask"},
	{PCPMM_PRESET_RFC_SPINLOCK_KEY_2021, "drain", "percpu_spinlock_2021"},
	{PCPMM_PRESET_RFC_SPINLOCK_2021, "drain", "pcp_spinlock_2021"},
	{PCPMM_PRESET_SPILL_CHUNKS_V4_2025, "spill_hold", "chunks"},
	{PCPMM_PRESET_VMSTAT_SPREAD_2026, "fold_requeue", "spread"},
	{PCPMM_PRESET_VMSTAT_SPREAD_2026, "shepherd_skips", "busy"},
	{PCPMM_PRESET_RFC_PCP_BUDDY_2026, "drain", "pcp_buddy"},
	{PCPMM_PRESET_PWLOCKS_V4_2026, "lru_drain", "pwlocks"},
	{PCPMM_PRESET_REMOTE_FOLD_V4_2023, "account", "lock_cmpxchg"},
	{PCPMM_PRESET_REMOTE_FOLD_V4_2023, "diff", "s32"},
	{PCPMM_PRESET_REMOTE_FOLD_V4_2023, "fold", "remote"},
	{PCPMM_PRESET_REMOTE_FOLD_V4_2023, "fold_expire", "no"},
	{PCPMM_PRESET_REMOTE_FOLD_V4_2023, "refresh_drain", "yes"},
	{PCPMM_PRESET_REMOTE_FOLD_V8_2023, "account", "lock_cmpxchg"},
	{PCPMM_PRESET_REMOTE_FOLD_V8_2023, "diff", "s32"},
	{PCPMM_PRESET_REMOTE_FOLD_V8_2023, "fold", "remote"},
	{PCPMM_PRESET_REMOTE_FOLD_V8_2023, "reader", "throttle_snapshot"},
};

static const char *expected_value(enum pcpmm_preset preset, const char *key)
{
	for (size_t i = 0; i < HARNESS_COUNT(other_values); i++)
		if (other_values[i].preset == preset &&
			!strcmp(other_values[i].key, key))
			return other_values[i].value;
	for (size_t i = 0; i < HARNESS_COUNT(base_values); i++)
		if (!strcmp(base_values[i][0], key))
			return base_values[i][1];
	fail_msg("axis %s has no expected value", key);
	return NULL;
}

static void test_presets(void **state)
{
	struct pcpmm_config config;

	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_PRESETS; i++) {
		init(&config, (enum pcpmm_preset)i);
		assert_int_equal(config.preset, i);
		expect(&config, "preset", pcpmm_preset_name(i));
		for (const char *const *key = pcpmm_axis_keys(); *key; key++)
			if (strcmp(*key, "preset"))
				expect(&config, *key,
					expected_value(
						(enum pcpmm_preset)i, *key));
	}
}

/* A preset sets all axes except those that no kernel decides. */
static void test_preset_by_name(void **state)
{
	static const char *const stay[] = {"thp", "boot", "backing",
		"zone_lock", "arch", "free_check", "lru_batch", "allow_unsound",
		NULL};
	struct pcpmm_config config, fresh;

	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_PRESETS; i++) {
		init(&fresh, (enum pcpmm_preset)i);
		init(&config, PCPMM_PRESET_LINUX_6_1);
		config.nr_cpus = 7;
		config.sysctl.min_free_kbytes = 4096;
		for (const char *const *key = pcpmm_axis_keys(); *key; key++) {
			const char *const *values = pcpmm_axis_values(*key);

			set(&config, *key, values[1]);
		}
		set(&config, "preset", pcpmm_preset_name(i));
		for (const char *const *key = pcpmm_axis_keys(); *key; key++)
			expect(&config, *key,
				is_named(stay, *key)
					? pcpmm_axis_values(*key)[1]
					: pcpmm_config_get(&fresh, *key));
		assert_int_equal(config.nr_cpus, 7);
		assert_int_equal(config.sysctl.min_free_kbytes, 4096);
	}
}

static void refused(
	const char *key, const char *value, int code, const char *text)
{
	struct pcpmm_error error = {""};
	struct pcpmm_config config, before;

	init(&config, PCPMM_PRESET_REMOTE_FOLD_V4_2023);
	before = config;
	assert_int_equal(pcpmm_config_set(&config, key, value, &error), code);
	assert_string_equal(error.text, text);
	assert_int_equal(pcpmm_config_set(&config, key, value, NULL), code);
	assert_memory_equal(&config, &before, sizeof(config));
}

static void test_refusals(void **state)
{
	(void)state;
	refused("drian", "pcp_lock", -ENOENT,
		"unknown axis 'drian'; did you mean 'drain'?");
	refused("colour", "green", -ENOENT, "unknown axis 'colour'");
	refused("", "", -ENOENT, "unknown axis ''");
	refused("drain", "workqeue", -EINVAL,
		"unknown drain 'workqeue'; did you mean 'workqueue'?");
	refused("drain", "PCP_LOCK", -EINVAL, "unknown drain 'PCP_LOCK'");
	refused("fold_quiet", "tickstop", -EINVAL,
		"unknown fold_quiet 'tickstop'; did you mean 'tick_stop'?");
	refused("fold_quiet", "1", -EINVAL, "unknown fold_quiet '1'");
	refused("fold_quiet", "maybe", -EINVAL, "unknown fold_quiet 'maybe'");
	refused("preset", "linux-6.2", -EINVAL,
		"unknown preset 'linux-6.2'; did you mean 'linux-6.1'?");
	refused("diff", "", -EINVAL, "unknown diff ''");
}

static void test_get_of_what_is_not(void **state)
{
	struct pcpmm_config config;

	(void)state;
	init(&config, PCPMM_PRESET_LINUX_6_1);
	assert_null(pcpmm_config_get(&config, "drians"));
	config.drain = (enum pcpmm_drain)PCPMM_NR_DRAINS;
	assert_null(pcpmm_config_get(&config, "drain"));
}

/* Every enum out of range is refused by name when a machine is created. */
static void test_unknown_numbers(void **state)
{
	static const struct pcpmm_node_config node = {
		.zones[PCPMM_ZONE_NORMAL] = {1024, 8192, 8192, 8192}};
	struct pcpmm_config config = config_of(&node, 1, 1);

	(void)state;
#define UNKNOWN(key)                                                           \
	do {                                                                   \
		struct pcpmm_config bad = config;                              \
		struct pcpmm_error error = {""};                               \
                                                                               \
		memset(&bad.key, 0x63, sizeof(bad.key));                       \
		assert_null(pcpmm_machine_create(&bad, &error));               \
		assert_int_equal(errno, EINVAL);                               \
		assert_string_equal(                                           \
			error.text, "unknown " #key " 1667457891");            \
	} while (0)
	UNKNOWN(preset);
	UNKNOWN(thp);
	UNKNOWN(boot);
	UNKNOWN(backing);
	UNKNOWN(drain);
	UNKNOWN(account);
	UNKNOWN(arch);
	UNKNOWN(diff);
	UNKNOWN(fold);
	UNKNOWN(wmark_check);
	UNKNOWN(marks);
	UNKNOWN(count_order);
	UNKNOWN(reader);
	UNKNOWN(ipi);
	UNKNOWN(rcu);
	UNKNOWN(grace);
	UNKNOWN(zone_lock);
	UNKNOWN(boot_drift_mark);
	UNKNOWN(free_check);
	UNKNOWN(threshold_refresh);
	UNKNOWN(ipi_mask_lock);
	UNKNOWN(psi);
	UNKNOWN(lru_batch);
	UNKNOWN(lru_drain);
	UNKNOWN(spill_hold);
	UNKNOWN(nolock_refuses);
	UNKNOWN(list_rules);
	UNKNOWN(zone_rules);
#undef UNKNOWN
}

/* The functions of single axes agree with the table. */
static void test_names_of_one_axis(void **state)
{
	static const struct {
		const char *key;
		const char *(*name)(unsigned int value);
	} functions[] = {
		{"preset", pcpmm_preset_name},
		{"drain", pcpmm_drain_name},
		{"account", pcpmm_account_name},
		{"diff", pcpmm_diff_name},
		{"fold", pcpmm_fold_name},
		{"wmark_check", pcpmm_wmark_check_name},
		{"marks", pcpmm_marks_name},
		{"count_order", pcpmm_count_order_name},
		{"reader", pcpmm_reader_name},
		{"ipi", pcpmm_ipi_name},
		{"rcu", pcpmm_rcu_name},
		{"grace", pcpmm_grace_name},
		{"arch", pcpmm_arch_name},
		{"zone_lock", pcpmm_zone_lock_name},
		{"boot_drift_mark", pcpmm_boot_drift_mark_name},
		{"free_check", pcpmm_free_check_name},
		{"threshold_refresh", pcpmm_threshold_refresh_name},
		{"ipi_mask_lock", pcpmm_ipi_mask_lock_name},
		{"psi", pcpmm_psi_name},
		{"lru_batch", pcpmm_lru_batch_name},
		{"lru_drain", pcpmm_lru_drain_name},
		{"spill_hold", pcpmm_spill_hold_name},
		{"nolock_refuses", pcpmm_nolock_refuses_name},
		{"list_rules", pcpmm_list_rules_name},
		{"zone_rules", pcpmm_zone_rules_name},
		{"layout", pcpmm_layout_name},
		{"need_update", pcpmm_need_update_name},
		{"numa_events", pcpmm_numa_events_name},
	};
	enum pcpmm_preset preset;
	enum pcpmm_drain drain;

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(functions); i++) {
		const char *const *values = pcpmm_axis_values(functions[i].key);
		unsigned int nr = 0;

		for (; values[nr]; nr++)
			assert_ptr_equal(functions[i].name(nr), values[nr]);
		assert_null(functions[i].name(nr));
		assert_null(functions[i].name(~0u));
	}
	for (unsigned int i = 0; i < PCPMM_NR_PRESETS; i++) {
		assert_int_equal(
			pcpmm_preset_by_name(pcpmm_preset_name(i), &preset), 0);
		assert_int_equal(preset, i);
	}
	assert_int_equal(pcpmm_preset_by_name("linux-6.2", &preset), -ENOENT);
	assert_int_equal(pcpmm_drain_by_name("external", &drain), 0);
	assert_int_equal(drain, PCPMM_DRAIN_EXTERNAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_every_value_is_set_and_read),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_fields_of_folds),
		cmocka_unit_test(test_fields_of_texts_and_counters),
		cmocka_unit_test(test_presets),
		cmocka_unit_test(test_preset_by_name),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_get_of_what_is_not),
		cmocka_unit_test(test_unknown_numbers),
		cmocka_unit_test(test_names_of_one_axis),
	};

	return cmocka_run_group_tests_name("axes", tests, NULL, NULL);
}
