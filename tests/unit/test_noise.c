/* SPDX-License-Identifier: MIT */
/* Which CPUs a drain disturbs, by what and how often, and which it does not. */
#include "support/drains.h"

#include "machine/machine.h"

static uint64_t all_of(const struct pcpmm_noise *noise)
{
	uint64_t sum = 0;

	for (int i = 0; i < PCPMM_NR_NOISE_CAUSES; i++)
		sum += noise->count[i];
	return sum;
}

/* The sums of timed causes agree with the histogram. */
static void expect_sums(struct pcpmm_machine *machine, unsigned int id)
{
	static const enum pcpmm_noise_cause timed[] = {
		PCPMM_NOISE_IPI, PCPMM_NOISE_KWORKER, PCPMM_NOISE_KTHREAD};
	struct pcpmm_noise noise = noise_of(machine, id);
	uint64_t count = 0, time_ns = 0, max_ns = 0, filled = 0;
	static struct pcpmm_histogram histogram;

	pcpmm_noise_histogram(pcpmm_cpu_get(machine, id), &histogram);
	for (size_t i = 0; i < HARNESS_COUNT(timed); i++) {
		count += noise.count[timed[i]];
		time_ns += noise.time_ns[timed[i]];
		if (noise.max_ns[timed[i]] > max_ns)
			max_ns = noise.max_ns[timed[i]];
		assert_true(noise.max_ns[timed[i]] <= noise.time_ns[timed[i]]);
	}
	for (unsigned int i = 0; i < PCPMM_HISTOGRAM_BUCKETS; i++)
		filled += histogram.bucket[i];
	assert_int_equal(histogram.count, count);
	assert_int_equal(filled, count);
	assert_int_equal(histogram.sum, time_ns);
	assert_int_equal(histogram.max, max_ns);
	assert_int_equal(noise.time_ns[PCPMM_NOISE_GRACE_PERIOD], 0);
	assert_int_equal(noise.time_ns[PCPMM_NOISE_PCP_LOCK], 0);
}

/* --- one drain, four CPUs --------------------------------------------- */

struct expectation {
	struct combo combo;
	int cause; /* counted on CPU 1, which is busy; -1: none */
	int isolated; /* CPU 2, busy and nohz_full, is disturbed as well */
	int idle; /* idle CPU 3 is woken */
};

static const struct expectation expectations[] = {
	{{"ipi_all", PCPMM_DRAIN_IPI_ALL, 0, 0, 0, 0}, PCPMM_NOISE_IPI, 1, 1},
	{{"ipi_mask", PCPMM_DRAIN_IPI_MASK, 0, 0, 0, 0}, PCPMM_NOISE_IPI, 1, 1},
	{{"ipi_mask_locked", PCPMM_DRAIN_IPI_MASK_LOCKED, 0, 0, 0, 0},
		PCPMM_NOISE_IPI, 1, 1},
	{{"workqueue", PCPMM_DRAIN_WORKQUEUE, 0, 0, 0, 0}, PCPMM_NOISE_KWORKER,
		1, 1},
	{{"kthread", PCPMM_DRAIN_KTHREAD, 0, 0, 0, 0}, PCPMM_NOISE_KTHREAD, 1,
		1},
	{{"pcp_lock", PCPMM_DRAIN_PCP_LOCK, 0, 0, 0, 0}, -1, 0, 0},
	{{"rcu_swap sched", PCPMM_DRAIN_RCU_SWAP, PCPMM_RCU_SCHED, 0, 0, 0},
		PCPMM_NOISE_GRACE_PERIOD, 0, 0},
	{{"rcu_swap sched normal", PCPMM_DRAIN_RCU_SWAP, PCPMM_RCU_SCHED,
		 PCPMM_GRACE_NORMAL, 0, 0},
		-1, 0, 0},
	{{"rcu_swap memb", PCPMM_DRAIN_RCU_SWAP, PCPMM_RCU_MEMB, 0, 0, 0},
		PCPMM_NOISE_GRACE_PERIOD, 0, 0},
};

static void expect_noise(
	struct pcpmm_machine *machine, unsigned int id, int cause)
{
	struct pcpmm_noise noise = noise_of(machine, id);

	assert_int_equal(all_of(&noise), cause >= 0);
	assert_int_equal(noise.idle_count, 0);
	if (cause < 0)
		return;
	assert_int_equal(noise.count[cause], 1);
	if (cause != PCPMM_NOISE_GRACE_PERIOD)
		assert_true(noise.time_ns[cause] > 0);
}

static void test_by_cause(void **state)
{
	const struct expectation *expected = *state;
	struct pcpmm_machine *machine =
		combo_create(&expected->combo, PCPMM_IPI_SIGNAL);
	struct pcpmm_noise noise, idle;
	struct drainer drainer;
	struct actor actor[3];

	actor_start(&actor[0], machine, 1, PART_SPINS);
	actor_start(&actor[1], machine, 2, PART_SPINS);
	actor_start(&actor[2], machine, 3, PART_IDLE);
	pcpmm_cpu_set_nohz_full(pcpmm_cpu_get(machine, 2), true);
	drainer_start(&drainer, machine, 0, ALL);
	assert_int_equal(drainer_end(&drainer), 0);
	for (int i = 0; i < 3; i++)
		actor_end(&actor[i]);
	noise = noise_of(machine, 0);
	assert_int_equal(all_of(&noise) + noise.idle_count, 0);
	expect_noise(machine, 1, expected->cause);
	expect_noise(machine, 2, expected->isolated ? expected->cause : -1);
	idle = noise_of(machine, 3);
	assert_int_equal(all_of(&idle), 0);
	assert_int_equal(stats_of(machine).cpus_interrupted,
		(expected->cause >= 0) + expected->isolated);
	for (unsigned int id = 0; id < STAGE_CPUS; id++)
		expect_sums(machine, id);

	pcpmm_noise_reset(machine);
	for (unsigned int id = 0; id < STAGE_CPUS; id++) {
		noise = noise_of(machine, id);
		assert_int_equal(all_of(&noise) + noise.idle_count, 0);
		assert_int_equal(noise.idle_ns, 0);
		expect_sums(machine, id);
	}
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
	assert_int_equal(idle.idle_count, expected->idle);
	assert_int_equal(idle.idle_ns > 0, expected->idle);
}

/* Counts of many interrupts; IPIs disturb a FIFO task, too. */
static void test_many_interrupts(void **state)
{
	static const struct combo combo = {
		"ipi_all", PCPMM_DRAIN_IPI_ALL, 0, 0, 0, 0};
	struct pcpmm_machine *machine = combo_create(&combo, PCPMM_IPI_SIGNAL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct actor actor;

	(void)state;
	actor_start(&actor, machine, 1, PART_FIFO);
	for (int i = 0; i < 100; i++)
		assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	actor_end(&actor);
	assert_int_equal(noise_of(machine, 1).count[PCPMM_NOISE_IPI], 100);
	assert_int_equal(stats_of(machine).cpus_interrupted, 100);
	expect_sums(machine, 1);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- an owner that meets a drainer ------------------------------------ */

static void free_in_irq(struct pcpmm_cpu *cpu, void *arg)
{
	(void)pcpmm_free_pages(cpu, arg, 0);
}

static void test_owner_meets_a_drainer(void **state)
{
	static const struct combo combo = {
		"pcp_lock", PCPMM_DRAIN_PCP_LOCK, 0, 0, 0, 0};
	struct pcpmm_machine *machine = combo_create(&combo, PCPMM_IPI_SIGNAL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *page[2];
	struct pcp_slot *slot;
	int count;

	(void)state;
	slot = &cpu->slots[machine_zone(machine, 0, NORMAL)->id];
	page[0] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	count = count_of(machine, 0, NORMAL);
	assert_true(lock_try(NULL, &slot->lock, 0));
	page[1] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	assert_int_equal(pcpmm_free_pages(cpu, page[0], 0), 0);
	lock_release(NULL, &slot->lock, 0);
	assert_int_equal(count_of(machine, 0, NORMAL), count);
	assert_int_equal(noise_of(machine, 0).count[PCPMM_NOISE_PCP_LOCK], 2);
	/* An interrupt of the owner itself is not counted. */
	assert_int_equal(pcpmm_irq_inject(cpu, free_in_irq, page[1]), 0);
	assert_true(fill(cpu, PCPMM_GFP_KERNEL, NORMAL) > 0);
	assert_int_equal(noise_of(machine, 0).count[PCPMM_NOISE_PCP_LOCK], 2);
	expect_sums(machine, 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(pcpmm_noise_cause_name(PCPMM_NOISE_IPI), "ipi");
	assert_string_equal(
		pcpmm_noise_cause_name(PCPMM_NOISE_KWORKER), "kworker");
	assert_string_equal(
		pcpmm_noise_cause_name(PCPMM_NOISE_KTHREAD), "kthread");
	assert_string_equal(pcpmm_noise_cause_name(PCPMM_NOISE_GRACE_PERIOD),
		"grace_period");
	assert_string_equal(
		pcpmm_noise_cause_name(PCPMM_NOISE_PCP_LOCK), "pcp_lock");
	assert_null(pcpmm_noise_cause_name(PCPMM_NR_NOISE_CAUSES));
}

int main(void)
{
	static char names[HARNESS_COUNT(expectations)][64];
	static struct CMUnitTest tests[HARNESS_COUNT(expectations) + 3] = {
		cmocka_unit_test(test_many_interrupts),
		cmocka_unit_test(test_owner_meets_a_drainer),
		cmocka_unit_test(test_names),
	};

	for (size_t i = 0; i < HARNESS_COUNT(expectations); i++) {
		snprintf(names[i], sizeof(names[0]), "test_by_cause %s",
			expectations[i].combo.name);
		tests[i + 3] = (struct CMUnitTest){names[i], test_by_cause,
			NULL, NULL, (void *)&expectations[i]};
	}
	return cmocka_run_group_tests_name("noise", tests, NULL, NULL);
}
