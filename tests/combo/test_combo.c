/* SPDX-License-Identifier: MIT */
/* Every sound combination of axes, on 1 to 8 CPUs, by one loop. */
#include "support/harness.h"

#include "combo/run.h"

static struct combo_count total;

static void add_to_total(const struct combo_count *count)
{
	const uint64_t *from = (const uint64_t *)count;
	uint64_t *to = (uint64_t *)&total;

	for (size_t i = 0; i < sizeof(total) / sizeof(*to); i++)
		to[i] += from[i];
}

static void test_combination(void **state)
{
	struct combo *combo = *state;
	struct combo_count count;

	combo_run(combo, &count);
	assert_true(count.allocs > combo->ops / 4);
	assert_true(count.interrupts > 0);
	assert_true(count.crossings > 0);
	assert_true(combo->hotplug || !count.hotplugs);
	add_to_total(&count);
}

#define TESTS_MAX 512

static struct combo combos[TESTS_MAX];
static struct CMUnitTest tests[TESTS_MAX];
static char names[TESTS_MAX][320];
static size_t nr, nr_combos;

static void add(const struct combo *combo)
{
	assert_true(nr < TESTS_MAX);
	combos[nr] = *combo;
	combo_name(combo, names[nr], sizeof(names[nr]));
	tests[nr] = (struct CMUnitTest){.name = names[nr],
		.test_func = test_combination,
		.initial_state = &combos[nr]};
	nr++;
}

/*
 * Every strategy with all COMBO_COUNTERS, twice; the other axes in turn, so
 * that every pair of values of two axes occurs (test_every_pair_meets).
 */
static void add_all(unsigned int cpus, unsigned int c)
{
	struct combo combo = {.cpus = cpus,
		.nodes = cpus > 1 ? 2 : 1,
		.ops = (is_slow_run() ? 1500 : 16000) / cpus + 1000};

	for (unsigned int s = 0; combo_strategy(s, &combo); s++)
		for (unsigned int j = 0; j < PCPMM_NR_IPIS * 2; j++) {
			combo.ipi = (enum pcpmm_ipi)(j / 2);
			combo.hotplug = j % 2;
			combo_counters(2 * j + c + s, &combo);
			combo_reclaim(c + j + s, &combo);
			combo_ticks((unsigned int)nr, &combo);
			combo_lru(
				(unsigned int)(nr + nr / 4 + nr / 16), &combo);
			combo.count_order = (c / 2 + s + s / 2) % 2;
			combo.marks = (c + c / 2 + j / 2 + s + s / 2) % 2;
			combo.zone_lock = (enum pcpmm_zone_lock)(
				(nr + nr / 4) % PCPMM_NR_ZONE_LOCKS);
			combo.free_check = (enum pcpmm_free_check)(
				nr / PCPMM_NR_ZONE_LOCKS %
				PCPMM_NR_FREE_CHECKS);
			combo.starvation = (enum pcpmm_starvation)(
				(j + 2 * (s / 2) + c / 2) %
				PCPMM_NR_STARVATIONS);
			combo.nolock_refuses = (enum pcpmm_nolock_refuses)(
				(nr + nr / 3) % PCPMM_NR_NOLOCK_REFUSES);
			combo.zone_rules = (enum pcpmm_zone_rules)(
				(3 * nr + nr / 5) % PCPMM_NR_ZONE_RULES);
			combo_up((unsigned int)(nr / 2), &combo);
			combo.split = (nr / 2 + nr / 8 + nr / 32) % 2;
			combo.trace = (c + c / 2 + j + j / 2 + s) % 2;
			combo.shepherd =
				combo_needs_fold(&combo) || (c + c / 2 + s) % 2;
			combo.nap_ms = 1 + (c / 2 + s / 2 + j / 2) % 2;
			combo.restarts =
				(3 * (c / 2) + j + 3 * s + 2 * (s / 2)) % 4 ==
				0;
			combo.seed = test_seed() + nr;
			add(&combo);
		}
}

/* --- pairs of values ----------------------------------------------------- */

enum axis {
	CPUS,
	STRATEGY,
	IPI,
	COUNTERS,
	READER,
	COUNT_ORDER,
	WMARK_CHECK,
	MARKS,
	ZONE_LOCK,
	FREE_CHECK,
	NOLOCK,
	ZONE_RULES,
	STARVATION,
	SPLIT,
	HOTPLUG,
	SHEPHERD,
	RESTARTS,
	TRACE,
	LRU,
	NR_AXES
};

static unsigned int value_of(const struct combo *combo, enum axis axis)
{
	const unsigned int values[NR_AXES] = {
		[CPUS] = combo->cpus,
		[STRATEGY] = (((combo->drain * PCPMM_NR_RCUS + combo->rcu) *
					      PCPMM_NR_IPI_MASK_LOCKS +
				      combo->ipi_mask_lock) *
					     2 +
				     (unsigned int)combo->isolated) *
				     PCPMM_NR_SPILL_HOLDS +
			     combo->spill_hold,
		[IPI] = combo->ipi,
		[COUNTERS] = (combo->account * PCPMM_NR_DIFFS + combo->diff) *
				     PCPMM_NR_FOLDS +
			     combo->fold,
		[READER] = combo->reader,
		[COUNT_ORDER] = combo->count_order,
		[WMARK_CHECK] = combo->wmark_check,
		[MARKS] = combo->marks,
		[ZONE_LOCK] = combo->zone_lock,
		[FREE_CHECK] = combo->free_check,
		[NOLOCK] = combo->nolock_refuses,
		[ZONE_RULES] = combo->zone_rules,
		[STARVATION] = combo->starvation,
		[SPLIT] = (unsigned int)combo->split,
		[HOTPLUG] = (unsigned int)combo->hotplug,
		[SHEPHERD] = (unsigned int)combo->shepherd,
		[RESTARTS] = (unsigned int)combo->restarts,
		[TRACE] = (unsigned int)combo->trace,
		[LRU] = combo->lru_batch * PCPMM_NR_LRU_DRAINS +
			combo->lru_drain,
	};

	return values[axis];
}

static int can_meet(
	const struct combo *x, enum axis a, const struct combo *y, enum axis b)
{
	if ((a == COUNTERS || a == READER) && b == SHEPHERD && !y->shepherd)
		return !(a == COUNTERS ? x->fold == PCPMM_FOLD_REMOTE
				       : combo_reader_needs_fold(x->reader));
	return 1;
}

static int meet(unsigned int x, enum axis a, unsigned int y, enum axis b)
{
	for (size_t i = 0; i < nr_combos; i++)
		if (value_of(&combos[i], a) == x &&
			value_of(&combos[i], b) == y)
			return 1;
	return 0;
}

static void test_every_pair_meets(void **state)
{
	(void)state;
	for (enum axis a = 0; a < NR_AXES; a++)
		for (enum axis b = a + 1; b < NR_AXES; b++)
			for (size_t i = 0; i < nr_combos * nr_combos; i++) {
				const struct combo *x = &combos[i / nr_combos];
				const struct combo *y = &combos[i % nr_combos];

				if (can_meet(x, a, y, b) &&
					!meet(value_of(x, a), a, value_of(y, b),
						b))
					fail_msg("axes %d and %d: %u and %u "
						 "do not meet",
						a, b, value_of(x, a),
						value_of(y, b));
			}
}

static void test_every_kernel_for_one_cpu(void **state)
{
	unsigned int seen = 0;

	(void)state;
	for (size_t i = 0; i < nr_combos; i++)
		seen |= 1u << combos[i].up;
	assert_int_equal(seen, 1u << PCPMM_UP_NO | 1u << PCPMM_UP_IRQS_OFF |
				       1u << PCPMM_UP_TRYLOCK_FAILS);
}

/* --- what has to happen ---------------------------------------------------- */

/* Operations that happen by chance in a combination, and must in all. */
static const struct {
	const char *name;
	size_t offset; /* of its count */
	uint64_t least;
} chances[] = {
#define CHANCE(name, least)                                                    \
	{                                                                      \
#name, offsetof(struct combo_count, name), least               \
	}
	CHANCE(drains, 10),
	CHANCE(visited, 10),
	CHANCE(nolocks, 10),
	CHANCE(deferred, 10),
	CHANCE(hotplugs, 10),
	CHANCE(idles, 10),
	CHANCE(fifos, 10),
	CHANCE(works, 10),
	CHANCE(remote_folds, 10),
	CHANCE(lent, 10),
	CHANCE(lru_works, 10),
	CHANCE(lru_remote, 10),
	CHANCE(lru_skipped, 1),
	CHANCE(lru_returns, 1),
	CHANCE(taken, 10),
	CHANCE(busy, 1),
	CHANCE(shrunk, 10),
	CHANCE(kills, 1),
	CHANCE(steal_direct, 10),
	CHANCE(steal_kswapd, 10),
	CHANCE(throttled, 1),
	CHANCE(drains_after, 10),
#undef CHANCE
};

/* Name of an operation that happened too seldom so far; NULL: there is none. */
static const char *missing(void)
{
	for (size_t i = 0; i < sizeof(chances) / sizeof(chances[0]); i++) {
		const char *at = (const char *)&total + chances[i].offset;

		if (*(const uint64_t *)at < chances[i].least)
			return chances[i].name;
	}
	return NULL;
}

/*
 * A rare operation needs some luck with the host's scheduler, the more so with
 * the few operations of a slow run: combinations run again, with other seeds,
 * until each has happened.
 */
static void test_everything_happened(void **state)
{
	const size_t most = 8 * nr_combos;

	(void)state;
	for (size_t i = 0; missing() && i < most; i++) {
		struct combo combo = combos[i % nr_combos];
		struct combo_count count;

		combo.seed += 1 + i / nr_combos; /* what goes by it varies */
		combo_run(&combo, &count);
		add_to_total(&count);
	}
	if (missing())
		fail_msg("no run had enough %s", missing());
}

int main(void)
{
	static const unsigned int cpus[] = {1, 2, 4, 8};

	for (unsigned int c = 0; c < HARNESS_COUNT(cpus); c++)
		add_all(cpus[c], c);
	nr_combos = nr;
	tests[nr++] =
		(struct CMUnitTest)cmocka_unit_test(test_every_pair_meets);
	tests[nr++] = (struct CMUnitTest)cmocka_unit_test(
		test_every_kernel_for_one_cpu);
	tests[nr++] =
		(struct CMUnitTest)cmocka_unit_test(test_everything_happened);
	return _cmocka_run_group_tests("combo", tests, nr, NULL, NULL);
}
