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

/* The last one: what is too rare to be in each was there often enough. */
static void test_everything_happened(void **state)
{
	(void)state;
	assert_true(total.drains > 10);
	assert_true(total.visited > 10);
	assert_true(total.hotplugs > 10);
	assert_true(total.idles > 10);
	assert_true(total.fifos > 10);
	assert_true(total.works > 10);
	assert_true(total.remote_folds > 10);
}

#define TESTS_MAX 256

static struct combo combos[TESTS_MAX];
static struct CMUnitTest tests[TESTS_MAX];
static char names[TESTS_MAX][128];
static size_t nr;

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

/* Every strategy of PCPMM_NR_DRAINS, every transport, with and without a CPU
 * that comes and goes; account, width and fold in turn. */
static void add_all(unsigned int cpus, unsigned int c)
{
	struct combo combo = {.cpus = cpus,
		.nodes = cpus > 1 ? 2 : 1,
		.trace = c % 2,
		.ops = (is_slow_run() ? 1500 : 16000) / cpus + 1000};

	for (unsigned int i = 0; combo_strategy(i, &combo); i++)
		for (int ipi = 0; ipi < PCPMM_NR_IPIS; ipi++)
			for (int hotplug = 0; hotplug < 2; hotplug++) {
				combo.ipi = (enum pcpmm_ipi)ipi;
				combo.hotplug = hotplug;
				combo_counters((unsigned int)nr, &combo);
				combo.seed = test_seed() + nr;
				add(&combo);
			}
}

int main(void)
{
	static const unsigned int cpus[] = {1, 2, 4, 8};

	for (unsigned int c = 0; c < HARNESS_COUNT(cpus); c++)
		add_all(cpus[c], c);
	tests[nr++] =
		(struct CMUnitTest)cmocka_unit_test(test_everything_happened);
	return _cmocka_run_group_tests("combo", tests, nr, NULL, NULL);
}
