/* SPDX-License-Identifier: MIT */
/*
 * Counters against a plain sequential reference of the kernel's rules (mod,
 * inc, dec with overstep), in every small state and in long runs; then folds,
 * snapshots and readers.
 */
#include "support/harness.h"

#include "arch/bits.h"
#include "vmstat/counter.h"
#include "cpu/sched.h"
#include "vmstat/diff.h"
#include "vmstat/threshold.h"

#include <pthread.h>

#define CPUS_MAX 4
#define ITEMS 3

enum op { OP_MOD, OP_INC, OP_DEC };

/* --- the reference: the rules, without shared code ---------------------- */

struct reference {
	long zone;
	long global;
	int diff[CPUS_MAX];
	int threshold[CPUS_MAX];
};

static void spread(struct reference *ref, long amount)
{
	ref->zone += amount;
	ref->global += amount;
}

static void reference_mod(struct reference *ref, int cpu, long delta)
{
	long x = ref->diff[cpu] + delta;

	if (labs(x) > ref->threshold[cpu]) {
		spread(ref, x);
		x = 0;
	}
	ref->diff[cpu] = (int)x;
}

/*
 * Two-sided, so that a diff above a lowered threshold moves, too: the rule of
 * the cmpxchg loop, which the library uses with interrupts off as well.
 */
static void reference_one(struct reference *ref, int cpu, int by)
{
	int v = ref->diff[cpu] + by, t = ref->threshold[cpu];
	int overstep = by * (t / 2);

	if (v > t || v < -t) {
		spread(ref, v + overstep);
		v = -overstep;
	}
	ref->diff[cpu] = v;
}

static void reference_step(
	struct reference *ref, int cpu, enum op op, long delta)
{
	if (op == OP_MOD)
		reference_mod(ref, cpu, delta);
	else if (op == OP_INC)
		reference_one(ref, cpu, 1);
	else
		reference_one(ref, cpu, -1);
}

/* --- the counter under test ------------------------------------------- */

struct bench {
	struct vmstat zone, global;
	int64_t zone_value[ITEMS], global_value[ITEMS];
	void *diffs[CPUS_MAX];
	struct cpu cpu[CPUS_MAX];
};

/* One cell of account x width. */
struct kind {
	enum pcpmm_account account;
	unsigned int width;
};

static void bench_init(struct bench *b, const struct kind *kind)
{
	memset(b, 0, sizeof(*b));
	b->global.value = b->global_value;
	b->global.nr_items = ITEMS;
	b->zone.parent = &b->global;
	b->zone.value = b->zone_value;
	b->zone.nr_items = ITEMS;
	b->zone.account = (uint8_t)kind->account;
	b->zone.width = (uint8_t)kind->width;
	b->zone.diffs = b->diffs;
	for (unsigned int i = 0; i < CPUS_MAX; i++) {
		b->diffs[i] = calloc(1 + ITEMS, kind->width);
		assert_non_null(b->diffs[i]);
		cpu_init(&b->cpu[i], i);
	}
}

static void bench_fini(struct bench *b)
{
	for (unsigned int i = 0; i < CPUS_MAX; i++)
		free(b->diffs[i]);
}

static void step(struct bench *b, int cpu, enum op op, long delta)
{
	if (op == OP_MOD)
		vmstat_mod(&b->cpu[cpu], &b->zone, 1, delta);
	else if (op == OP_INC)
		vmstat_inc(&b->cpu[cpu], &b->zone, 1);
	else
		vmstat_dec(&b->cpu[cpu], &b->zone, 1);
}

static void compare(const struct bench *b, const struct reference *ref, int cpu,
	enum op op, long delta, int before)
{
	if (b->zone_value[1] == ref->zone &&
		b->global_value[1] == ref->global &&
		vmstat_diff(&b->zone, (unsigned int)cpu, 1) == ref->diff[cpu])
		return;
	fail_msg("t %d diff %d op %d delta %ld: zone %ld diff %d, expected "
		 "%ld and %d",
		ref->threshold[cpu], before, op, delta, (long)b->zone_value[1],
		vmstat_diff(&b->zone, (unsigned int)cpu, 1), ref->zone,
		ref->diff[cpu]);
}

static void one_state(
	struct bench *b, int threshold, int diff, enum op op, long delta)
{
	struct reference ref = {.threshold = {threshold}, .diff = {diff}};

	b->zone_value[1] = b->global_value[1] = 0;
	vmstat_set_threshold(&b->zone, 0, threshold);
	diff_store(b->diffs[0], b->zone.width, 1, diff);
	step(b, 0, op, delta);
	reference_step(&ref, 0, op, delta);
	compare(b, &ref, 0, op, delta, diff);
}

static void test_every_state(void **state)
{
	static const long far[] = {1000, -1000, INT32_MAX, INT32_MIN};
	const struct kind *kind = *state;
	struct bench b;

	bench_init(&b, kind);
	for (int t = 0; t <= VMSTAT_THRESHOLD_MAX; t++)
		for (int diff = -t; diff <= t; diff++) {
			one_state(&b, t, diff, OP_INC, 0);
			one_state(&b, t, diff, OP_DEC, 0);
			for (long delta = -256; delta <= 256; delta++)
				one_state(&b, t, diff, OP_MOD, delta);
			for (size_t i = 0; i < HARNESS_COUNT(far); i++)
				one_state(&b, t, diff, OP_MOD, far[i]);
		}
	/* The neighbours in the same CPU's array are unchanged. */
	assert_int_equal(b.zone_value[0] | b.zone_value[2], 0);
	assert_int_equal(vmstat_diff(&b.zone, 0, 0), 0);
	assert_int_equal(vmstat_diff(&b.zone, 0, 2), 0);
	bench_fini(&b);
}

/* As that many single updates: the same diff and sums. */
static void many_in_one_state(
	struct bench *b, int threshold, int diff, long delta, unsigned int n)
{
	struct reference ref = {.threshold = {threshold}, .diff = {diff}};

	b->zone_value[1] = b->global_value[1] = 0;
	diff_store(b->diffs[0], b->zone.width, 1, diff);
	vmstat_mod_many(&b->cpu[0], &b->zone, 1, delta, n);
	for (unsigned int i = 0; i < n; i++)
		reference_mod(&ref, 0, delta);
	compare(b, &ref, 0, OP_MOD, delta, diff);
}

/* Every diff, also those that a larger threshold has left. */
static void test_many(void **state)
{
	static const long deltas[] = {1, 2, 3, 4, 8, 50, 64, 512, 1024};
	static const unsigned int ns[] = {
		0, 1, 2, 3, 5, 15, 16, 17, 32, 63, 64, 126, 127, 200, 512};
	const int step = is_slow_run() ? 25 : 1;
	const struct kind *kind = *state;
	struct bench b;

	bench_init(&b, kind);
	for (int t = 0; t <= VMSTAT_THRESHOLD_MAX; t += step) {
		vmstat_set_threshold(&b.zone, 0, t);
		for (int diff = -VMSTAT_THRESHOLD_MAX;
			diff <= VMSTAT_THRESHOLD_MAX; diff++)
			for (size_t i = 0; i < HARNESS_COUNT(deltas); i++)
				for (size_t j = 0; j < HARNESS_COUNT(ns); j++) {
					many_in_one_state(
						&b, t, diff, deltas[i], ns[j]);
					many_in_one_state(
						&b, t, diff, -deltas[i], ns[j]);
				}
	}
	assert_int_equal(b.zone_value[0] | b.zone_value[2], 0);
	bench_fini(&b);
}

static long diffs_of(const struct reference *ref)
{
	long sum = 0;

	for (int i = 0; i < CPUS_MAX; i++)
		sum += ref->diff[i];
	return sum;
}

/* Long runs with thresholds that change meanwhile, as kswapd changes them. */
static void test_long_run(void **state)
{
	const struct kind *kind = *state;
	struct rng rng = {test_seed()};
	struct reference ref = {0};
	long truth = 0, drift_max = 0;
	struct bench b;

	bench_init(&b, kind);
	for (int i = 0; i < 400000; i++) {
		int cpu = (int)rng_below(&rng, CPUS_MAX);
		enum op op = (enum op)rng_below(&rng, 3);
		long delta = (long)rng_below(&rng, 131) - 65;
		int before = ref.diff[cpu];

		if (rng_below(&rng, 1000) == 0) {
			ref.threshold[cpu] = (int)rng_below(&rng, 126);
			vmstat_set_threshold(
				&b.zone, (unsigned int)cpu, ref.threshold[cpu]);
		}
		step(&b, cpu, op, delta);
		reference_step(&ref, cpu, op, delta);
		truth += op == OP_MOD ? delta : op == OP_INC ? 1 : -1;
		compare(&b, &ref, cpu, op, delta, before);
		assert_int_equal(ref.zone + diffs_of(&ref), truth);
		drift_max = labs(truth - ref.zone) > drift_max
				    ? labs(truth - ref.zone)
				    : drift_max;
	}
	assert_true(drift_max > 0);
	assert_true(drift_max <= CPUS_MAX * VMSTAT_THRESHOLD_MAX);
	bench_fini(&b);
}

/* |value - exact count| <= cpus * t at every step. */
static void test_drift_is_bounded(void **state)
{
	const struct kind *kind = *state;
	struct rng rng = {test_seed()};

	for (int t = 0; t <= VMSTAT_THRESHOLD_MAX; t += 25) {
		struct bench b;
		long truth = 0;

		bench_init(&b, kind);
		for (unsigned int i = 0; i < CPUS_MAX; i++)
			vmstat_set_threshold(&b.zone, i, t);
		for (int i = 0; i < 20000; i++) {
			int cpu = (int)rng_below(&rng, CPUS_MAX);
			enum op op = rng_below(&rng, 3) ? OP_INC : OP_DEC;

			step(&b, cpu, op, 0);
			truth += op == OP_INC ? 1 : -1;
			assert_true(
				labs(truth - b.zone_value[1]) <= CPUS_MAX * t);
		}
		bench_fini(&b);
	}
}

/* A run of +1 updates the shared counter every 1.5 t, not every t. */
static void test_overstep_saves_shared_updates(void **state)
{
	const struct kind *kind = *state;
	int updates = 0;
	struct bench b;

	bench_init(&b, kind);
	vmstat_set_threshold(&b.zone, 0, 100);
	for (int i = 0; i < 1510; i++) {
		int64_t before = b.zone_value[1];

		step(&b, 0, OP_INC, 0);
		updates += b.zone_value[1] != before;
	}
	/* The first after 101, then one each 151. */
	assert_int_equal(updates, 1 + (1510 - 101) / 151);
	bench_fini(&b);
}

static void set_diffs(struct bench *b, int cpu, int a, int c, int d)
{
	diff_store(b->diffs[cpu], b->zone.width, 0, a);
	diff_store(b->diffs[cpu], b->zone.width, 1, c);
	diff_store(b->diffs[cpu], b->zone.width, 2, d);
}

static void test_fold_moves_all_of_it(void **state)
{
	const struct kind *kind = *state;
	int64_t sums[ITEMS] = {0};
	struct bench b;

	bench_init(&b, kind);
	set_diffs(&b, 1, 7, 0, -125);
	set_diffs(&b, 2, -3, 4, 5);
	assert_true(vmstat_needs_fold(&b.zone, 1));
	assert_int_equal(vmstat_fold(&b.cpu[1], &b.zone, sums), 2);
	assert_false(vmstat_needs_fold(&b.zone, 1));
	assert_int_equal(vmstat_fold(&b.cpu[1], &b.zone, sums), 0);
	assert_int_equal(b.zone_value[0], 7);
	assert_int_equal(b.zone_value[2], -125);
	/* The parent gets the sums, once. */
	assert_int_equal(b.global_value[0], 0);
	assert_int_equal(vmstat_fold_sums(&b.global, sums), 2);
	assert_int_equal(b.global_value[0], 7);
	assert_int_equal(b.global_value[1], 0);
	assert_int_equal(b.global_value[2], -125);
	/* Another CPU's diffs stay. */
	assert_int_equal(vmstat_diff(&b.zone, 2, 0), -3);
	bench_fini(&b);
}

static void test_snapshot_counts_online_cpus(void **state)
{
	const struct kind *kind = *state;
	uint64_t online = 0x5; /* CPUs 0 and 2 */
	struct smp smp = {.nr = CPUS_MAX, .online = &online};
	struct bench b;

	bench_init(&b, kind);
	b.zone.smp = &smp;
	b.zone_value[0] = 100;
	for (int i = 0; i < CPUS_MAX; i++)
		set_diffs(&b, i, 1 << i, 0, -(1 << i));
	assert_int_equal(vmstat_snapshot_raw(&b.zone, 0), 105);
	assert_int_equal(vmstat_read_raw(&b.zone, 0), 100);
	assert_int_equal(vmstat_snapshot_raw(&b.zone, 2), -5);
	/* The kernel never shows a negative value. */
	b.zone_value[2] = -5;
	assert_int_equal(vmstat_read(&b.zone, 2), 0);
	assert_true(vmstat_read_raw(&b.zone, 2) == -5);
	bench_fini(&b);
}

/* Another CPU folds: the same amounts, and nothing the second time. */
static void test_fold_remote_moves_all_of_it(void **state)
{
	const struct kind *kind = *state;
	int64_t sums[ITEMS] = {0};
	struct bench b;

	bench_init(&b, kind);
	set_diffs(&b, 2, -125, 0, 125);
	b.zone_value[0] = 1000;
	assert_int_equal(vmstat_fold_remote(2, &b.zone, sums), 2);
	assert_int_equal(b.zone_value[0], 875);
	assert_int_equal(b.zone_value[2], 125);
	assert_int_equal(sums[0], -125);
	assert_int_equal(sums[1], 0);
	assert_false(vmstat_needs_fold(&b.zone, 2));
	assert_int_equal(vmstat_fold_remote(2, &b.zone, sums), 0);
	bench_fini(&b);
}

/*
 * struct per_cpu_zonestat of Linux 6.1, NUMA events included, is 64 bytes; with
 * the 32 bit diffs of the 2023 series (since v4) it is 96.
 */
static void test_sizes(void **state)
{
	(void)state;
	assert_int_equal(round_up_pow2(vmstat_diffs_size(11, WIDTH_S8), 8) +
				 6 * sizeof(uint64_t),
		64);
	assert_int_equal(
		vmstat_diffs_size(11, WIDTH_S32) + 6 * sizeof(uint64_t), 96);
	assert_int_equal(vmstat_diffs_size(43, WIDTH_S8), 44);
	assert_int_equal(vmstat_diffs_size(43, WIDTH_S32), 176);
}

/* --- folds while the owner counts ------------------------------------- */

struct race {
	struct bench b;
	uint32_t stop;
	int64_t sums[ITEMS];
};

static void *fold_remotely(void *arg)
{
	struct race *race = arg;

	while (!atomic_load_relaxed_u32(&race->stop))
		vmstat_fold_remote(0, &race->b.zone, race->sums);
	return NULL;
}

/* lock_cmpxchg: owner updates and folds, another CPU folds; no loss. */
static void test_remote_fold_loses_nothing(void **state)
{
	const struct kind *kind = *state;
	static struct race race;
	int64_t own[ITEMS] = {0};
	pthread_t folder;
	long truth = 0;

	memset(&race, 0, sizeof(race));
	bench_init(&race.b, kind);
	vmstat_set_threshold(&race.b.zone, 0, 20);
	assert_int_equal(
		pthread_create(&folder, NULL, fold_remotely, &race), 0);
	for (int i = 0; i < 300000; i++) {
		step(&race.b, 0, i % 3 ? OP_INC : OP_MOD, 2);
		truth += i % 3 ? 1 : 2;
		if (i % 64 == 0)
			vmstat_fold(&race.b.cpu[0], &race.b.zone, own);
	}
	atomic_store_relaxed_u32(&race.stop, 1);
	assert_int_equal(pthread_join(folder, NULL), 0);
	vmstat_fold_remote(0, &race.b.zone, race.sums);
	assert_int_equal(race.b.zone_value[1], truth);
	bench_fini(&race.b);
}

/* --- the window of an unlocked update --------------------------------- */

static void fold_in_window(struct pcpmm_cpu *cpu, void *arg)
{
	struct race *race = arg;

	(void)cpu;
	vmstat_fold_remote(0, &race->b.zone, race->sums);
}

/*
 * Version 1 of the 2023 series, whose this_cpu_cmpxchg() has no LOCK prefix: 5
 * in the diff, one more, a remote fold in between: 11.
 */
static void test_unlocked_loses_in_the_window(void **state)
{
	const struct kind *kind = *state;
	static struct race race;

	memset(&race, 0, sizeof(race));
	bench_init(&race.b, kind);
	vmstat_set_threshold(&race.b.zone, 0, 100);
	set_diffs(&race.b, 0, 0, 5, 0);
	vmstat_set_window(&race.b.zone, fold_in_window, &race);
	step(&race.b, 0, OP_INC, 0);
	vmstat_set_window(&race.b.zone, NULL, NULL);
	assert_int_equal(race.b.zone_value[1], 5);
	assert_int_equal(vmstat_diff(&race.b.zone, 0, 1), 6);
	bench_fini(&race.b);
}

static void count_window(struct pcpmm_cpu *cpu, void *arg)
{
	(void)cpu;
	++*(unsigned int *)arg;
}

/* Each update has a window of its own. */
static void test_many_windows(void **state)
{
	const struct kind *kind = *state;
	unsigned int windows = 0;
	struct bench b;

	bench_init(&b, kind);
	vmstat_set_threshold(&b.zone, 0, 100);
	assert_false(vmstat_has_window(&b.zone));
	vmstat_set_window(&b.zone, count_window, &windows);
	assert_true(vmstat_has_window(&b.zone));
	vmstat_mod_many(&b.cpu[0], &b.zone, 1, 40, 5);
	assert_int_equal(windows, 5);
	assert_int_equal(b.zone_value[1], 120);
	assert_int_equal(vmstat_diff(&b.zone, 0, 1), 80);
	bench_fini(&b);
}

#define WITH(kind, test)                                                       \
	{                                                                      \
		.name = #test "/" #kind, .test_func = test,                    \
		.initial_state = (void *)&kind                                 \
	}
#define LOCKED(test) WITH(lock_s8, test), WITH(lock_s32, test)
#define ALL(test)                                                              \
	WITH(local_s8, test), WITH(local_s32, test), WITH(irqoff_s8, test),    \
		WITH(irqoff_s32, test), LOCKED(test)

static const struct kind local_s8 = {PCPMM_ACCOUNT_LOCAL_CMPXCHG, WIDTH_S8};
static const struct kind local_s32 = {PCPMM_ACCOUNT_LOCAL_CMPXCHG, WIDTH_S32};
static const struct kind irqoff_s8 = {PCPMM_ACCOUNT_IRQOFF, WIDTH_S8};
static const struct kind irqoff_s32 = {PCPMM_ACCOUNT_IRQOFF, WIDTH_S32};
static const struct kind lock_s8 = {PCPMM_ACCOUNT_LOCK_CMPXCHG, WIDTH_S8};
static const struct kind lock_s32 = {PCPMM_ACCOUNT_LOCK_CMPXCHG, WIDTH_S32};

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALL(test_every_state),
		ALL(test_many),
		ALL(test_long_run),
		ALL(test_drift_is_bounded),
		ALL(test_overstep_saves_shared_updates),
		ALL(test_fold_moves_all_of_it),
		ALL(test_fold_remote_moves_all_of_it),
		ALL(test_snapshot_counts_online_cpus),
		LOCKED(test_remote_fold_loses_nothing),
		WITH(local_s8, test_unlocked_loses_in_the_window),
		WITH(local_s32, test_unlocked_loses_in_the_window),
		WITH(local_s8, test_many_windows),
		WITH(local_s32, test_many_windows),
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests_name("counter", tests, NULL, NULL);
}
