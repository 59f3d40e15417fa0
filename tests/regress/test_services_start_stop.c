/* SPDX-License-Identifier: MIT */
/*
 * Services that start and stop while CPUs run. Until November 2026 start published
 * a half-built shepherd, and stop freed the work items and the kswapds of CPUs
 * that were about to look at them: at idle entry, in a pass, in a refresh, and in
 * a round of kswapd by hand.
 *
 * A failure is a crash, a report of a sanitizer, or a wrong count.
 */
#include <stdatomic.h>

#include "support/harness.h"

#define CPUS 4
#define ROUNDS 40

static atomic_bool stop;

static void change(struct pcpmm_cpu *cpu)
{
	assert_int_equal(pcpmm_stat_mod(cpu, 0, -1, "nr_mapped", 1), 0);
	assert_int_equal(pcpmm_stat_mod(cpu, 0, -1, "nr_mapped", -1), 0);
}

/* Each call may find the service running, or not. */
static void user(struct pcpmm_cpu *cpu, void *arg)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(cpu);

	(void)arg;
	while (!atomic_load(&stop)) {
		int ret;

		change(cpu);
		assert_int_equal(pcpmm_cpu_idle_enter(cpu, true), 0);
		assert_int_equal(pcpmm_cpu_idle_exit(cpu), 0);
		assert_int_equal(pcpmm_cpu_user_return(cpu), 0);
		ret = pcpmm_shepherd_pass(cpu);
		assert_true(ret >= 0 || ret == -EINVAL);
		ret = pcpmm_kswapd_run(cpu, 0);
		assert_true(ret >= 0 || ret == -EINVAL || ret == -EBUSY);
		ret = pcpmm_vmstat_refresh(cpu);
		assert_true(ret >= 0 || ret == -EINVAL);
		ret = pcpmm_tick_advance(machine, 1);
		assert_true(!ret || ret == -EBUSY);
	}
}

static void run(struct pcpmm_machine *machine)
{
	struct pcpmm_cpu_thread *threads[CPUS];
	unsigned int rounds = is_slow_run() ? ROUNDS / 10 : ROUNDS;

	atomic_store(&stop, false);
	for (unsigned int id = 0; id < CPUS; id++) {
		threads[id] = pcpmm_cpu_run(machine, id, -1, user, NULL);
		assert_non_null(threads[id]);
	}
	for (unsigned int i = 0; i < rounds; i++) {
		assert_int_equal(
			pcpmm_shepherd_start(machine, i % 3 ? i % 2 : 1), 0);
		assert_int_equal(pcpmm_kswapd_start(machine, i % 2), 0);
		if (i % 4 == 0)
			assert_int_equal(pcpmm_tick_start(machine, 1000), 0);
		pcpmm_kswapd_stop(machine);
		pcpmm_shepherd_stop(machine);
		pcpmm_tick_stop(machine);
	}
	atomic_store(&stop, true);
	for (unsigned int id = 0; id < CPUS; id++)
		pcpmm_cpu_join(threads[id]);
}

static void test_services(void **state)
{
	static const unsigned char isolated[CPUS] = {0, 0, 1, 1};
	const struct pcpmm_node_config node = {
		.zones = {[PCPMM_ZONE_NORMAL] = {1024, 65536, 65536, 65536}}};

	(void)state;
	for (int policy = 0; policy < PCPMM_NR_FOLD_QUIETS; policy++) {
		struct pcpmm_config config = config_of(&node, 1, CPUS);
		struct pcpmm_machine *machine;

		config.cpu_nohz_full = isolated;
		config.fold_quiet = (enum pcpmm_fold_quiet)policy;
		config.fold_timer = (enum pcpmm_fold_timer)(policy % 2);
		machine = create_or_fail(&config);
		run(machine);
		expect_all_free(machine);
		pcpmm_machine_destroy(machine);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_services)};

	return cmocka_run_group_tests_name(
		"services start and stop", tests, NULL, NULL);
}
