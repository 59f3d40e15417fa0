/* SPDX-License-Identifier: MIT */
/*
 * A kernel for one CPU: exact counters, and lists whose trylock always succeeds, with
 * interrupts off, or always fails.
 */
#include "support/harness.h"

#define NORMAL PCPMM_ZONE_NORMAL

static struct pcpmm_machine *machine;
static struct pcpmm_cpu *cpu;

static struct pcpmm_config config_up(enum pcpmm_up up, unsigned int cpus)
{
	static const struct pcpmm_node_config node = {
		.zones = {[NORMAL] = {1024, 262144, 262144, 262144}}};
	struct pcpmm_config config = config_of(&node, 1, cpus);

	config.up = up;
	return config;
}

static void begin(enum pcpmm_up up)
{
	struct pcpmm_config config = config_up(up, 1);

	machine = create_or_fail(&config);
	cpu = pcpmm_cpu_enter(machine, 0);
	assert_non_null(cpu);
}

static void end(void)
{
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static struct pcpmm_zone_truth truth(void)
{
	struct pcpmm_zone_truth truth;

	assert_int_equal(pcpmm_zone_truth_read(machine, 0, NORMAL, &truth), 0);
	return truth;
}

/* The counter is what the buddy has, after each step. */
static void expect_exact(void)
{
	assert_int_equal(truth().nr_free_pages, truth().free);
	assert_int_equal(pcp_of(cpu, 0, NORMAL).stat_threshold, 0);
	assert_int_equal(truth().drift_mark, 0);
}

static void random_steps(void)
{
	struct pcpmm_page *pages[400] = {NULL};
	struct rng rng = {test_seed()};

	for (int i = 0; i < 20000; i++) {
		unsigned int slot = rng_below(&rng, HARNESS_COUNT(pages));

		if (pages[slot]) {
			assert_int_equal(
				pcpmm_free_pages(cpu, pages[slot], slot % 5),
				0);
			pages[slot] = NULL;
		} else {
			pages[slot] = pcpmm_alloc_pages(
				cpu, PCPMM_GFP_KERNEL, slot % 5);
			assert_non_null(pages[slot]);
		}
		expect_exact();
	}
	for (unsigned int slot = 0; slot < HARNESS_COUNT(pages); slot++)
		if (pages[slot])
			assert_int_equal(
				pcpmm_free_pages(cpu, pages[slot], slot % 5),
				0);
}

static void test_irqs_off(void **state)
{
	(void)state;
	begin(PCPMM_UP_IRQS_OFF);
	random_steps();
	assert_true(pcp_of(cpu, 0, NORMAL).count > 0);
	assert_int_equal(
		pcpmm_drain_all_pages(cpu, 0, PCPMM_DRAIN_ALL_ZONES, false), 0);
	assert_int_equal(pcp_of(cpu, 0, NORMAL).count, 0);
	expect_exact();
	end();
}

static void pair_in_irq(struct pcpmm_cpu *here, void *arg)
{
	struct pcpmm_page *page = pcpmm_alloc_pages(here, PCPMM_GFP_ATOMIC, 0);

	assert_non_null(page);
	assert_int_equal(pcp_of(here, 0, NORMAL).count, *(int *)arg);
	assert_int_equal(pcpmm_free_pages(here, page, 0), 0);
	++*(int *)arg;
}

/* It waits for the end of the section, and then has the list. */
static void test_no_interrupt_inside(void **state)
{
	struct pcpmm_page *page;
	int count;

	(void)state;
	begin(PCPMM_UP_IRQS_OFF);
	pcpmm_free_pages(cpu, pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0), 0);
	/* One page goes to the task, one to the interrupt. */
	count = pcp_of(cpu, 0, NORMAL).count - 2;
	assert_int_equal(pcpmm_irq_inject(cpu, pair_in_irq, &count), 0);
	page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	assert_int_equal(count, pcp_of(cpu, 0, NORMAL).count);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	end();
}

static void test_trylock_fails(void **state)
{
	struct pcpmm_page *pages[64];
	struct pcpmm_noise noise;
	unsigned int nr;

	(void)state;
	begin(PCPMM_UP_TRYLOCK_FAILS);
	random_steps();
	assert_int_equal(pcp_of(cpu, 0, NORMAL).count, 0);
	assert_int_equal(vmstat_of(machine, "nr_free_pages"), truth().free);
	nr = pcpmm_alloc_pages_bulk(cpu, PCPMM_GFP_KERNEL, 64, pages);
	assert_true(nr >= 1);
	assert_int_equal(pcpmm_free_pages_batch(cpu, pages, nr), 0);
	assert_int_equal(pcp_of(cpu, 0, NORMAL).count, 0);
	expect_exact();
	pcpmm_noise_read(cpu, &noise);
	assert_int_equal(noise.count[PCPMM_NOISE_PCP_LOCK], 0);
	assert_int_equal(
		pcpmm_drain_all_pages(cpu, 0, PCPMM_DRAIN_ALL_ZONES, true), 0);
	end();
}

static void test_one_cpu_only(void **state)
{
	struct pcpmm_config config = config_up(PCPMM_UP_IRQS_OFF, 2);
	struct pcpmm_error error = {""};

	(void)state;
	assert_null(pcpmm_machine_create(&config, &error));
	assert_string_equal(error.text,
		"up irqs_off: a kernel without CONFIG_SMP has one CPU, not 2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_irqs_off),
		cmocka_unit_test(test_no_interrupt_inside),
		cmocka_unit_test(test_trylock_fails),
		cmocka_unit_test(test_one_cpu_only),
	};

	return cmocka_run_group_tests_name("up", tests, NULL, NULL);
}
