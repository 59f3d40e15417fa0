/* SPDX-License-Identifier: MIT */
/*
 * Counters against one plain sequential reference of the kernel's rules
 * (mod, inc, dec with overstep), in every small state and in long runs; and
 * what folds, snapshots and readers make of them.
 */
#include "support/harness.h"

#include "vmstat/counter.h"
#include "vmstat/threshold.h"

#define CPUS_MAX 4
#define ITEMS 3

enum op { OP_MOD, OP_INC, OP_DEC };

/* --- the reference: as the rules read, no code shared ------------------- */

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
 * Two-sided, so that a diff left over from a higher threshold moves, too: the
 * cmpxchg loop's rule, which the library uses with interrupts off as well.
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
	struct vmstat_diffs *diffs[CPUS_MAX];
	struct arch_cpu cpu[CPUS_MAX];
};

static void bench_init(struct bench *b, enum pcpmm_account account)
{
	memset(b, 0, sizeof(*b));
	b->global.value = b->global_value;
	b->global.nr_items = ITEMS;
	b->zone.parent = &b->global;
	b->zone.value = b->zone_value;
	b->zone.nr_items = ITEMS;
	b->zone.account = (uint8_t)account;
	b->zone.diffs = b->diffs;
	for (unsigned int i = 0; i < CPUS_MAX; i++) {
		b->diffs[i] = calloc(1, vmstat_diffs_size(ITEMS));
		assert_non_null(b->diffs[i]);
		arch_cpu_init(&b->cpu[i], i, NULL);
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
		b->diffs[cpu]->diff[1] == ref->diff[cpu])
		return;
	fail_msg("t %d diff %d op %d delta %ld: zone %ld diff %d, expected "
		 "%ld and %d",
		ref->threshold[cpu], before, op, delta, (long)b->zone_value[1],
		b->diffs[cpu]->diff[1], ref->zone, ref->diff[cpu]);
}

static void one_state(
	struct bench *b, int threshold, int diff, enum op op, long delta)
{
	struct reference ref = {.threshold = {threshold}, .diff = {diff}};

	b->zone_value[1] = b->global_value[1] = 0;
	b->diffs[0]->threshold = (int8_t)threshold;
	b->diffs[0]->diff[1] = (int8_t)diff;
	step(b, 0, op, delta);
	reference_step(&ref, 0, op, delta);
	compare(b, &ref, 0, op, delta, diff);
}

static void test_every_state(void **state)
{
	static const long far[] = {1000, -1000, INT32_MAX, INT32_MIN};
	const enum pcpmm_account *account = *state;
	struct bench b;

	bench_init(&b, *account);
	for (int t = 0; t <= VMSTAT_THRESHOLD_MAX; t++)
		for (int diff = -t; diff <= t; diff++) {
			one_state(&b, t, diff, OP_INC, 0);
			one_state(&b, t, diff, OP_DEC, 0);
			for (long delta = -256; delta <= 256; delta++)
				one_state(&b, t, diff, OP_MOD, delta);
			for (size_t i = 0; i < HARNESS_COUNT(far); i++)
				one_state(&b, t, diff, OP_MOD, far[i]);
		}
	/* Neighbours in the same CPU's array were never touched. */
	assert_int_equal(b.zone_value[0] | b.zone_value[2], 0);
	assert_int_equal(b.diffs[0]->diff[0] | b.diffs[0]->diff[2], 0);
	bench_fini(&b);
}

static long diffs_of(const struct reference *ref)
{
	long sum = 0;

	for (int i = 0; i < CPUS_MAX; i++)
		sum += ref->diff[i];
	return sum;
}

/* Long runs with thresholds that change under way, as kswapd does. */
static void test_long_run(void **state)
{
	const enum pcpmm_account *account = *state;
	struct rng rng = {test_seed()};
	struct reference ref = {0};
	long truth = 0, drift_max = 0;
	struct bench b;

	bench_init(&b, *account);
	for (int i = 0; i < 400000; i++) {
		int cpu = (int)rng_below(&rng, CPUS_MAX);
		enum op op = (enum op)rng_below(&rng, 3);
		long delta = (long)rng_below(&rng, 131) - 65;
		int before = ref.diff[cpu];

		if (rng_below(&rng, 1000) == 0) {
			ref.threshold[cpu] = (int)rng_below(&rng, 126);
			b.diffs[cpu]->threshold = (int8_t)ref.threshold[cpu];
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

/* |value - truth| <= cpus * t at every single step. */
static void test_drift_is_bounded(void **state)
{
	const enum pcpmm_account *account = *state;
	struct rng rng = {test_seed()};

	for (int t = 0; t <= VMSTAT_THRESHOLD_MAX; t += 25) {
		struct bench b;
		long truth = 0;

		bench_init(&b, *account);
		for (int i = 0; i < CPUS_MAX; i++)
			b.diffs[i]->threshold = (int8_t)t;
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

/* A run of +1 meets the shared counter every 1.5 t, not every t. */
static void test_overstep_saves_shared_updates(void **state)
{
	const enum pcpmm_account *account = *state;
	int updates = 0;
	struct bench b;

	bench_init(&b, *account);
	b.diffs[0]->threshold = 100;
	for (int i = 0; i < 1510; i++) {
		int64_t before = b.zone_value[1];

		step(&b, 0, OP_INC, 0);
		updates += b.zone_value[1] != before;
	}
	/* First after 101, then each 151. */
	assert_int_equal(updates, 1 + (1510 - 101) / 151);
	bench_fini(&b);
}

static void set_diffs(struct bench *b, int cpu, int a, int c, int d)
{
	b->diffs[cpu]->diff[0] = (int8_t)a;
	b->diffs[cpu]->diff[1] = (int8_t)c;
	b->diffs[cpu]->diff[2] = (int8_t)d;
}

static void test_fold_moves_all_of_it(void **state)
{
	const enum pcpmm_account *account = *state;
	int64_t sums[ITEMS] = {0};
	struct bench b;

	bench_init(&b, *account);
	set_diffs(&b, 1, 7, 0, -125);
	set_diffs(&b, 2, -3, 4, 5);
	assert_true(vmstat_needs_fold(&b.zone, 1));
	assert_int_equal(vmstat_fold(&b.cpu[1], &b.zone, sums), 2);
	assert_false(vmstat_needs_fold(&b.zone, 1));
	assert_int_equal(vmstat_fold(&b.cpu[1], &b.zone, sums), 0);
	assert_int_equal(b.zone_value[0], 7);
	assert_int_equal(b.zone_value[2], -125);
	/* The parent learns of it with the sums, once. */
	assert_int_equal(b.global_value[0], 0);
	assert_int_equal(vmstat_fold_sums(&b.global, sums), 2);
	assert_int_equal(b.global_value[0], 7);
	assert_int_equal(b.global_value[1], 0);
	assert_int_equal(b.global_value[2], -125);
	/* Another CPU's diffs stay. */
	assert_int_equal(b.diffs[2]->diff[0], -3);
	bench_fini(&b);
}

static void test_fold_dead_moves_all_of_it(void **state)
{
	const enum pcpmm_account *account = *state;
	int64_t sums[ITEMS] = {0};
	struct bench b;

	bench_init(&b, *account);
	set_diffs(&b, 3, 1, -2, 3);
	b.zone_value[1] = 10;
	assert_int_equal(vmstat_fold_dead(3, &b.zone, sums), 3);
	assert_int_equal(b.zone_value[0], 1);
	assert_int_equal(b.zone_value[1], 8);
	assert_int_equal(b.zone_value[2], 3);
	assert_int_equal(sums[1], -2);
	assert_false(vmstat_needs_fold(&b.zone, 3));
	assert_int_equal(vmstat_fold_dead(3, &b.zone, sums), 0);
	bench_fini(&b);
}

static void test_snapshot_counts_online_cpus(void **state)
{
	const enum pcpmm_account *account = *state;
	uint64_t online = 0x5; /* CPUs 0 and 2 */
	struct bench b;

	bench_init(&b, *account);
	b.zone_value[0] = 100;
	for (int i = 0; i < CPUS_MAX; i++)
		set_diffs(&b, i, 1 << i, 0, -(1 << i));
	assert_int_equal(
		vmstat_snapshot_raw(&b.zone, 0, &online, CPUS_MAX), 105);
	assert_int_equal(vmstat_read_raw(&b.zone, 0), 100);
	assert_int_equal(
		vmstat_snapshot_raw(&b.zone, 2, &online, CPUS_MAX), -5);
	/* What the kernel shows is never negative. */
	b.zone_value[2] = -5;
	assert_int_equal(vmstat_read(&b.zone, 2), 0);
	assert_true(vmstat_read_raw(&b.zone, 2) == -5);
	bench_fini(&b);
}

#define WITH(kind, test)                                                       \
	{                                                                      \
		.name = #test "/" #kind, .test_func = test,                    \
		.initial_state = (void *)&kind                                 \
	}
#define BOTH(test) WITH(local_cmpxchg, test), WITH(irqoff, test)

static const enum pcpmm_account local_cmpxchg = PCPMM_ACCOUNT_LOCAL_CMPXCHG;
static const enum pcpmm_account irqoff = PCPMM_ACCOUNT_IRQOFF;

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_every_state),
		BOTH(test_long_run),
		BOTH(test_drift_is_bounded),
		BOTH(test_overstep_saves_shared_updates),
		BOTH(test_fold_moves_all_of_it),
		BOTH(test_fold_dead_moves_all_of_it),
		BOTH(test_snapshot_counts_online_cpus),
	};

	return cmocka_run_group_tests_name("counter", tests, NULL, NULL);
}
