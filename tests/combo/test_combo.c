/* SPDX-License-Identifier: MIT */
/* Every sound combination of axes, on 1 to 8 CPUs, by one loop. */
#include "support/harness.h"

#include "combo/run.h"

static void test_combination(void **state)
{
	struct combo *combo = *state;
	struct combo_count count;

	combo_run(combo, &count);
	assert_true(count.allocs > combo->ops / 4);
	assert_true(count.interrupts > 0);
	assert_true(count.drains > 0);
	assert_true(count.crossings > 0);
}

#define TESTS_MAX 64

static struct combo combos[TESTS_MAX];
static struct CMUnitTest tests[TESTS_MAX];
static char names[TESTS_MAX][80];
static size_t nr;

static void add(const struct combo *combo)
{
	static const char *const account[] = {
		[PCPMM_ACCOUNT_LOCAL_CMPXCHG] = "local_cmpxchg",
		[PCPMM_ACCOUNT_IRQOFF] = "irqoff"};

	assert_true(nr < TESTS_MAX);
	combos[nr] = *combo;
	snprintf(names[nr], sizeof(names[nr]),
		"cpus %u, nodes %u, drain %d, %s%s", combo->cpus, combo->nodes,
		combo->drain, account[combo->account],
		combo->trace ? ", traced" : "");
	tests[nr] = (struct CMUnitTest){.name = names[nr],
		.test_func = test_combination,
		.initial_state = &combos[nr]};
	nr++;
}

int main(void)
{
	static const unsigned int cpus[] = {1, 2, 4, 8};

	for (size_t c = 0; c < HARNESS_COUNT(cpus); c++)
		for (int drain = 0; drain < PCPMM_NR_DRAINS; drain++)
			for (int account = 0; account < PCPMM_NR_ACCOUNTS;
				account++)
				add(&(struct combo){.cpus = cpus[c],
					.nodes = cpus[c] > 1 ? 2 : 1,
					.drain = (enum pcpmm_drain)drain,
					.account = (enum pcpmm_account)account,
					.trace = c % 2,
					.ops = is_slow_run() ? 3000 : 30000,
					.seed = test_seed() + nr});

	return _cmocka_run_group_tests("combo", tests, nr, NULL, NULL);
}
