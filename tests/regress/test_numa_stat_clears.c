/* SPDX-License-Identifier: MIT */
/*
 * vm.numa_stat = 0 kept the values of the NUMA counters. Linux clears them,
 * each CPU's part too, when counting is switched off (4.15, 4518085e127d); a
 * write that does not switch it off clears nothing.
 */
#include "support/harness.h"

#include <pthread.h>
#include <stdatomic.h>

static const char *const names[] = {
	"numa_hit", "numa_miss", "numa_foreign", "numa_local", "numa_other"};

static struct pcpmm_machine *create(void)
{
	const struct shape shape = {
		.cpus = 3,
		.nodes = 2,
		.pages = {[PCPMM_ZONE_NORMAL] = 32768},
	};

	return shape_create(&shape);
}

static void set(struct pcpmm_machine *machine, const char *value)
{
	assert_int_equal(pcpmm_sysctl_set(machine, "vm.numa_stat", value), 0);
}

static uint64_t of_zone(
	struct pcpmm_machine *machine, unsigned int nid, const char *name)
{
	uint64_t value;

	assert_int_equal(pcpmm_zone_stat_read(
				 machine, nid, PCPMM_ZONE_NORMAL, name, &value),
		0);
	return value;
}

static void expect_none(struct pcpmm_machine *machine)
{
	for (size_t i = 0; i < HARNESS_COUNT(names); i++) {
		assert_int_equal(vmstat_of(machine, names[i]), 0);
		assert_int_equal(of_zone(machine, 0, names[i]), 0);
		assert_int_equal(of_zone(machine, 1, names[i]), 0);
	}
}

static void use(struct pcpmm_cpu *cpu, unsigned int nid, unsigned int times)
{
	while (times--) {
		struct pcpmm_page *page =
			pcpmm_alloc_pages_node(cpu, nid, PCPMM_GFP_KERNEL, 0);

		assert_non_null(page);
		assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	}
}

static void test_off_clears(void **state)
{
	struct pcpmm_machine *machine = create();
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 2);
	char *text = NULL;
	size_t size;
	FILE *out;

	(void)state;
	/* CPU 2's counts are folded into the zones when it goes offline. */
	use(cpu, 0, 5);
	pcpmm_cpu_leave(cpu);
	cpu = pcpmm_cpu_enter(machine, 0);
	assert_int_equal(pcpmm_cpu_offline(cpu, 2), 0);
	use(cpu, 0, 30);
	use(cpu, 1, 4);
	assert_int_equal(vmstat_of(machine, "numa_hit"), 39);
	set(machine, "0");
	expect_none(machine);
	/* Off: no event is counted; another 0 has nothing to clear. */
	use(cpu, 1, 3);
	set(machine, "0");
	expect_none(machine);
	set(machine, "1");
	expect_none(machine);
	use(cpu, 0, 2);
	use(cpu, 1, 1);
	assert_int_equal(of_zone(machine, 0, "numa_hit"), 2);
	assert_int_equal(of_zone(machine, 1, "numa_hit"), 1);
	assert_int_equal(of_zone(machine, 1, "numa_other"), 1);
	assert_int_equal(of_zone(machine, 0, "numa_other"), 0);
	out = open_memstream(&text, &size);
	assert_non_null(out);
	assert_int_equal(pcpmm_proc_print(machine, "vmstat", out), 0);
	fclose(out);
	assert_non_null(strstr(text, "\nnuma_hit 3\n"));
	free(text);
	pcpmm_machine_destroy(machine);
}

static void test_on_again_clears_nothing(void **state)
{
	struct pcpmm_machine *machine = create();
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	use(cpu, 0, 7);
	set(machine, "1");
	assert_int_equal(vmstat_of(machine, "numa_hit"), 7);
	/* A refused value clears nothing, either. */
	assert_int_equal(
		pcpmm_sysctl_set(machine, "vm.numa_stat", "2"), -EINVAL);
	assert_int_equal(vmstat_of(machine, "numa_hit"), 7);
	pcpmm_machine_destroy(machine);
}

/* After a clear, a CPU that goes offline still folds its part. */
static void test_death_after_a_clear(void **state)
{
	struct pcpmm_machine *machine = create();
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 1);

	(void)state;
	use(cpu, 0, 50);
	set(machine, "0");
	set(machine, "1");
	use(cpu, 0, 3);
	pcpmm_cpu_leave(cpu);
	cpu = pcpmm_cpu_enter(machine, 0);
	assert_int_equal(pcpmm_cpu_offline(cpu, 1), 0);
	assert_int_equal(vmstat_of(machine, "numa_hit"), 3);
	assert_int_equal(pcpmm_cpu_online(cpu, 1), 0);
	assert_int_equal(vmstat_of(machine, "numa_hit"), 3);
	set(machine, "0");
	expect_none(machine);
	pcpmm_machine_destroy(machine);
}

/* --- while others count ------------------------------------------------- */

#define COUNTED 20000 /* before each clear */
#define LEFT_MAX (COUNTED / 4) /* far more than owners can add meanwhile */

struct owner {
	struct pcpmm_machine *machine;
	unsigned int id;
	atomic_bool *stop;
};

static void *count(void *arg)
{
	struct owner *owner = arg;
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(owner->machine, owner->id);
	struct pcpmm_page *page;

	while (cpu && !atomic_load(owner->stop)) {
		page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
		if (!page || pcpmm_free_pages(cpu, page, 0))
			return "no page";
	}
	pcpmm_cpu_leave(cpu);
	return cpu ? NULL : "no CPU";
}

/*
 * An addition during the clear may survive or be lost; all earlier counts are
 * cleared, and no counter goes below zero.
 */
static void test_clear_while_owners_count(void **state)
{
	struct pcpmm_machine *machine = create();
	atomic_bool stop = false;
	struct owner owners[2];
	pthread_t threads[2];
	void *failed;

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		owners[i] = (struct owner){machine, i, &stop};
		assert_int_equal(
			pthread_create(&threads[i], NULL, count, &owners[i]),
			0);
	}
	for (int round = 0; round < (is_slow_run() ? 5 : 40); round++) {
		while (vmstat_of(machine, "numa_hit") < COUNTED)
			;
		set(machine, "0");
		assert_in_range(vmstat_of(machine, "numa_hit"), 0, LEFT_MAX);
		assert_in_range(vmstat_of(machine, "numa_local"), 0, LEFT_MAX);
		set(machine, "1");
	}
	atomic_store(&stop, true);
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	set(machine, "0");
	expect_none(machine);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_off_clears),
		cmocka_unit_test(test_on_again_clears_nothing),
		cmocka_unit_test(test_death_after_a_clear),
		cmocka_unit_test(test_clear_while_owners_count),
	};

	return cmocka_run_group_tests_name(
		"numa_stat_clears", tests, NULL, NULL);
}
