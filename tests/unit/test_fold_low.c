/* SPDX-License-Identifier: MIT */
/*
 * Reader fold_when_low: a check below low folds all CPUs first, by one interrupt each;
 * so the counter that it reads is exact, and min is held.
 */
#include "support/pressure.h"

#include <pthread.h>

#define CPUS 16
#define EACH 8 /* pages that each CPU hides; below its threshold */

static struct pressure p;

static struct pcpmm_fold_stats stats(void)
{
	struct pcpmm_fold_stats stats;

	pcpmm_fold_stats_read(p.machine, &stats);
	return stats;
}

/* Just below low, all counters exact. */
static void begin(enum pcpmm_reader reader)
{
	struct stage stage;

	pressure_init(&stage, CPUS, 0);
	stage.config.reader = reader;
	pressure_begin(&p, &stage);
	hoard_down_to(
		&p.hoard, p.cpu, QUIETLY, truth_of(p.machine, NORMAL).low - 1);
	pcpmm_vmstat_fold(p.cpu, 0);
	assert_int_equal(truth_of(p.machine, NORMAL).nr_free_pages,
		truth_of(p.machine, NORMAL).low - 1);
}

/* As CPU @id take up to @nr single pages; number of pages. */
static unsigned int take(unsigned int id, unsigned int nr)
{
	struct pcpmm_cpu *cpu = id ? pcpmm_cpu_enter(p.machine, id) : p.cpu;
	unsigned int got = 0;

	for (; got < nr; got++) {
		struct pcpmm_page *page = pcpmm_alloc_pages(cpu, QUIETLY, 0);

		if (!page)
			break;
		p.hoard.page[p.hoard.nr++] = page;
	}
	if (id)
		assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	return got;
}

static void test_min_is_held(void **state)
{
	enum pcpmm_reader reader = *(enum pcpmm_reader *)*state;
	struct pcpmm_zone_truth truth;
	unsigned int got = 0;

	begin(reader);
	for (unsigned int id = 1; id < CPUS; id++)
		got += take(id, EACH);
	truth = truth_of(p.machine, NORMAL);
	if (reader == PCPMM_READER_RAW) {
		assert_int_equal(got, EACH * (CPUS - 1));
		assert_true(truth.free < truth.min);
		assert_true(truth.breaches > 0);
		assert_true(truth.nr_free_pages > (int64_t)truth.min);
		assert_int_equal(stats().low_checks, 0);
	} else {
		assert_int_equal(got, truth.low - 1 - truth.min);
		assert_int_equal(truth.free, truth.min);
		assert_int_equal(truth.breaches, 0);
		assert_true(stats().low_checks > 0);
	}
	pressure_end(&p);
}

/* All CPUs are folded, by an interrupt for each of the others and each check. */
static void test_one_interrupt_a_cpu(void **state)
{
	struct pcpmm_zone_truth truth;
	struct pcpmm_fold_stats before, after;

	(void)state;
	begin(PCPMM_READER_FOLD_WHEN_LOW);
	for (unsigned int id = 0; id < CPUS; id++) {
		struct pcpmm_cpu *cpu =
			id ? pcpmm_cpu_enter(p.machine, id) : p.cpu;

		assert_int_equal(pcpmm_stat_mod(cpu, 0, -1, "nr_mapped", 2), 0);
		if (id)
			assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	}
	assert_int_equal(vmstat_of(p.machine, "nr_mapped"), 0);
	before = stats();
	assert_int_equal(take(3, 1), 1);
	after = stats();
	assert_true(after.low_checks > before.low_checks);
	assert_int_equal(after.low_ipis - before.low_ipis,
		(after.low_checks - before.low_checks) * (CPUS - 1));
	assert_int_equal(vmstat_of(p.machine, "nr_mapped"), 2 * CPUS);
	/* But for the page of the request itself. */
	truth = truth_of(p.machine, NORMAL);
	assert_int_equal(truth.nr_free_pages - (int64_t)truth.free, 1);
	pressure_end(&p);
}

static void test_only_online_cpus(void **state)
{
	struct pcpmm_fold_stats before, after;

	(void)state;
	begin(PCPMM_READER_FOLD_WHEN_LOW);
	assert_int_equal(pcpmm_cpu_offline(p.cpu, 5), 0);
	assert_int_equal(pcpmm_cpu_offline(p.cpu, 6), 0);
	before = stats();
	take(0, 1);
	after = stats();
	assert_int_equal(after.low_ipis - before.low_ipis,
		(after.low_checks - before.low_checks) * (CPUS - 3));
	pressure_end(&p);
}

static void test_silent_above_low(void **state)
{
	struct pcpmm_fold_stats before;

	(void)state;
	begin(PCPMM_READER_FOLD_WHEN_LOW);
	hoard_give(&p.hoard, p.cpu, 100);
	pcpmm_drain_local_pages(p.cpu, 0, PCPMM_DRAIN_ALL_ZONES);
	pcpmm_vmstat_fold(p.cpu, 0);
	before = stats();
	assert_int_equal(take(0, 50), 50);
	assert_int_equal(stats().low_checks, before.low_checks);
	assert_int_equal(stats().low_ipis, before.low_ipis);
	pressure_end(&p);
}

static void ask_in_interrupt(struct pcpmm_cpu *cpu, void *arg)
{
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, PCPMM_GFP_ATOMIC, 0);

	(void)arg;
	if (page)
		p.hoard.page[p.hoard.nr++] = page;
}

/* It may not wait for other CPUs. */
static void test_own_cpu_in_an_interrupt(void **state)
{
	struct pcpmm_fold_stats before;

	(void)state;
	begin(PCPMM_READER_FOLD_WHEN_LOW);
	assert_int_equal(pcpmm_stat_mod(p.cpu, 0, -1, "nr_mapped", 2), 0);
	before = stats();
	assert_int_equal(pcpmm_irq_raise(p.cpu, ask_in_interrupt, NULL), 0);
	pcpmm_cpu_poll(p.cpu);
	assert_int_equal(pcpmm_irq_disable(p.cpu), 0);
	take(0, 1);
	assert_int_equal(pcpmm_irq_enable(p.cpu), 0);
	assert_true(stats().low_checks >= before.low_checks + 2);
	assert_int_equal(stats().low_ipis, before.low_ipis);
	assert_int_equal(vmstat_of(p.machine, "nr_mapped"), 2);
	pressure_end(&p);
}

#define THREADS 4
#define TIMES 200

static void *ask_often(void *arg)
{
	struct pcpmm_cpu *cpu =
		pcpmm_cpu_enter(p.machine, *(const unsigned int *)arg);

	for (int i = 0; cpu && i < TIMES; i++) {
		struct pcpmm_page *page = pcpmm_alloc_pages(cpu, QUIETLY, 0);

		if (page)
			pcpmm_free_pages(cpu, page, 0);
	}
	if (cpu)
		pcpmm_cpu_leave(cpu);
	return cpu;
}

/* CPUs that wait for each other take each other's interrupts. */
static void test_cpus_wait_for_each_other(void **state)
{
	static const unsigned int ids[THREADS] = {0, 1, 2, 3};
	pthread_t threads[THREADS];

	(void)state;
	begin(PCPMM_READER_FOLD_WHEN_LOW);
	assert_int_equal(pcpmm_cpu_leave(p.cpu), 0);
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_often,
					 (void *)&ids[i]),
			0);
	for (unsigned int i = 0; i < THREADS; i++) {
		void *ran;

		pthread_join(threads[i], &ran);
		assert_non_null(ran);
	}
	assert_true(stats().low_checks >= THREADS * TIMES);
	assert_true(stats().low_ipis > 0);
	p.cpu = pcpmm_cpu_enter(p.machine, 0);
	pressure_end(&p);
}

int main(void)
{
	static enum pcpmm_reader raw = PCPMM_READER_RAW,
				 fold = PCPMM_READER_FOLD_WHEN_LOW;
	const struct CMUnitTest tests[] = {
		{"test_min_is_held raw", test_min_is_held, NULL, NULL, &raw},
		{"test_min_is_held fold_when_low", test_min_is_held, NULL, NULL,
			&fold},
		cmocka_unit_test(test_one_interrupt_a_cpu),
		cmocka_unit_test(test_only_online_cpus),
		cmocka_unit_test(test_silent_above_low),
		cmocka_unit_test(test_own_cpu_in_an_interrupt),
		cmocka_unit_test(test_cpus_wait_for_each_other),
	};

	return cmocka_run_group_tests_name("fold_low", tests, NULL, NULL);
}
