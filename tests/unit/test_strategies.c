/* SPDX-License-Identifier: MIT */
/*
 * Every drain strategy by the same rules, and their differences: which CPUs a
 * drain reaches, and for which tasks the drainer waits.
 */
#include "support/drains.h"

/* --- common rules ----------------------------------------------------- */

/* Idle CPUs' lists become empty; the drained pages are counted. */
static void test_idle_cpus(void **state)
{
	const struct combo *combo = *state;
	struct pcpmm_machine *machine = combo_create(combo, PCPMM_IPI_SIGNAL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_drain_stats stats;
	struct pcpmm_histogram times;
	uint64_t pages = 0, visits = 3;

	pages += fill(cpu, PCPMM_GFP_KERNEL, NORMAL);
	pages += fill(cpu, PCPMM_GFP_DMA32, DMA32);
	for (unsigned int id = 1; id < 3; id++) {
		pages += fill_idle(machine, id, PCPMM_GFP_KERNEL);
		pages += fill_idle(machine, id, PCPMM_GFP_DMA32);
	}
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	for (unsigned int id = 0; id < STAGE_CPUS; id++) {
		assert_int_equal(count_of(machine, id, NORMAL), 0);
		assert_int_equal(count_of(machine, id, DMA32), 0);
	}
	if (combo->drain == PCPMM_DRAIN_IPI_ALL)
		visits = STAGE_CPUS;
	stats = stats_of(machine);
	assert_int_equal(stats.cpus_visited, visits);
	assert_int_equal(stats.pages, pages);
	assert_int_equal(stats.pcp_global_drain, 1);
	assert_int_equal(stats.pcp_global_ipi_saved, 0);
	assert_int_equal(
		stats.ipis, by_ipi(combo->drain) ? visits - 1 : (uint64_t)0);
	assert_int_equal(stats.works, by_worker(combo) ? visits : 0);
	assert_int_equal(
		stats.grace_periods, combo->drain == PCPMM_DRAIN_RCU_SWAP);
	assert_int_equal(stats.misses, 0);
	assert_int_equal(stats.busy, 0);
	assert_true(stats.time_ns > 0 && stats.time_ns == stats.time_max_ns);
	pcpmm_drain_histogram(machine, &times);
	assert_int_equal(times.count, 1);
	assert_int_equal(times.sum, stats.time_ns);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* A drain of empty lists disturbs no CPU. */
static void test_nothing_to_drain(void **state)
{
	const struct combo *combo = *state;
	struct pcpmm_machine *machine = combo_create(combo, PCPMM_IPI_SIGNAL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	int all = combo->drain == PCPMM_DRAIN_IPI_ALL;
	struct pcpmm_drain_stats stats;

	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	stats = stats_of(machine);
	assert_int_equal(stats.pcp_global_drain, 1);
	assert_int_equal(stats.pcp_global_ipi_saved, !all);
	assert_int_equal(stats.cpus_visited, all ? STAGE_CPUS : 0);
	assert_int_equal(stats.ipis, all ? STAGE_CPUS - 1 : 0);
	assert_int_equal(stats.works + stats.grace_periods + stats.pages, 0);
	pcpmm_machine_destroy(machine);
}

/* Forced: all CPUs, with pages or not. */
static void test_force(void **state)
{
	struct pcpmm_machine *machine = combo_create(*state, PCPMM_IPI_SIGNAL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_drain_stats stats;

	fill_idle(machine, 2, PCPMM_GFP_KERNEL);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, true), 0);
	stats = stats_of(machine);
	assert_int_equal(stats.cpus_visited, STAGE_CPUS);
	assert_int_equal(stats.pcp_global_ipi_saved, 0);
	assert_true(stats.grace_periods <= 1);
	assert_int_equal(count_of(machine, 2, NORMAL), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_one_zone_only(void **state)
{
	struct pcpmm_machine *machine = combo_create(*state, PCPMM_IPI_SIGNAL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	int kept[3];

	for (unsigned int id = 1; id < 3; id++) {
		fill_idle(machine, id, PCPMM_GFP_KERNEL);
		kept[id] = fill_idle(machine, id, PCPMM_GFP_DMA32);
	}
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, NORMAL, false), 0);
	for (unsigned int id = 1; id < 3; id++) {
		assert_int_equal(count_of(machine, id, NORMAL), 0);
		assert_int_equal(count_of(machine, id, DMA32), kept[id]);
	}
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	cpu = pcpmm_cpu_enter(machine, 1);
	assert_int_equal(pcpmm_drain_local_pages(cpu, 0, NORMAL), 0);
	assert_int_equal(count_of(machine, 1, DMA32), kept[1]);
	assert_int_equal(pcpmm_drain_local_pages(cpu, 0, ALL), 0);
	assert_int_equal(count_of(machine, 1, DMA32), 0);
	assert_int_equal(count_of(machine, 2, DMA32), kept[2]);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* CPUs that allocate and free: their old pages are drained, none is lost. */
static void test_running_cpus(void **state)
{
	struct pcpmm_machine *machine = combo_create(*state, PCPMM_IPI_SIGNAL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct actor actor[2];

	actor_start(&actor[0], machine, 1, PART_CALLS);
	actor_start(&actor[1], machine, 2, PART_IDLE);
	for (int i = 0; i < 10; i++)
		assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, i % 2), 0);
	assert_int_equal(count_of(machine, 1, NORMAL), 0);
	assert_int_equal(count_of(machine, 2, NORMAL), 0);
	actor_end(&actor[0]);
	actor_end(&actor[1]);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* Two drainers and two owners at work: the drains end, no page is lost. */
static void test_two_drainers(void **state)
{
	struct pcpmm_machine *machine = combo_create(*state, PCPMM_IPI_SIGNAL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct actor actor[2];

	actor_start(&actor[0], machine, 1, PART_CALLS);
	actor_start(&actor[1], machine, 2, PART_CALLS);
	for (int i = 0; i < 20; i++) {
		struct drainer drainer;
		int ret;

		drainer_start(&drainer, machine, 3, i % 2 ? ALL : NORMAL);
		ret = pcpmm_drain_all_pages(cpu, 0, i % 3 ? ALL : DMA32, true);
		assert_true(ret == 0 || ret == -EBUSY);
		/* qsbr: a thread that waits outside the library must idle. */
		assert_int_equal(pcpmm_cpu_idle_enter(cpu, false), 0);
		ret = drainer_end(&drainer);
		assert_int_equal(pcpmm_cpu_idle_exit(cpu), 0);
		assert_true(ret == 0 || (i % 2 && ret == -EBUSY));
	}
	actor_end(&actor[0]);
	actor_end(&actor[1]);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- one CPU, no CPU, no list ----------------------------------------- */

static void test_one_cpu(void **state)
{
	const struct combo *combo = *state;
	struct pcpmm_machine *machine = combo_create(combo, PCPMM_IPI_SIGNAL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	int lock = combo->drain == PCPMM_DRAIN_PCP_LOCK ||
		   combo->drain == PCPMM_DRAIN_PCP_BUDDY ||
		   combo->drain == PCPMM_DRAIN_PCP_SPINLOCK_2021;
	int count = fill_idle(machine, 1, PCPMM_GFP_KERNEL);
	int other = fill_idle(machine, 2, PCPMM_GFP_KERNEL);

	assert_int_equal(pcpmm_drain_pages_zone(cpu, 1, 0, NORMAL, 3),
		lock ? 0 : -EOPNOTSUPP);
	assert_int_equal(
		count_of(machine, 1, NORMAL), lock ? count - 3 : count);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 1, 0, NORMAL, 0), 0);
	assert_int_equal(count_of(machine, 1, NORMAL), 0);
	assert_int_equal(count_of(machine, 2, NORMAL), other);
	/* No drain_all: the counters of 2012 do not move. */
	assert_int_equal(stats_of(machine).pcp_global_drain, 0);

	count = fill(cpu, PCPMM_GFP_KERNEL, NORMAL);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 0, 0, NORMAL, 2), 0);
	assert_int_equal(count_of(machine, 0, NORMAL), count - 2);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 0, 0, NORMAL, 0), 0);
	assert_int_equal(count_of(machine, 0, NORMAL), 0);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 9, 0, NORMAL, 0), -EINVAL);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 1, 0, 3, 0), -EINVAL);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 1, 1, NORMAL, 0), -EINVAL);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* A CPU goes offline with empty lists, is skipped, and comes back. */
static void test_offline_cpu(void **state)
{
	struct pcpmm_machine *machine = combo_create(*state, PCPMM_IPI_SIGNAL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	fill_idle(machine, 3, PCPMM_GFP_KERNEL);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	fill_idle(machine, 3, PCPMM_GFP_KERNEL);
	assert_int_equal(pcpmm_cpu_offline(cpu, 3), 0);
	assert_int_equal(count_of(machine, 3, NORMAL), 0);
	fill_idle(machine, 1, PCPMM_GFP_KERNEL);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, true), 0);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 3, 0, NORMAL, 0), 0);
	assert_int_equal(count_of(machine, 1, NORMAL), 0);
	assert_int_equal(pcpmm_cpu_online(cpu, 3), 0);
	fill_idle(machine, 3, PCPMM_GFP_KERNEL);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, NORMAL, false), 0);
	assert_int_equal(count_of(machine, 3, NORMAL), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* While disabled, no list keeps a page. */
static void test_lists_off_and_on(void **state)
{
	struct pcpmm_machine *machine = combo_create(*state, PCPMM_IPI_SIGNAL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	for (unsigned int id = 1; id < STAGE_CPUS; id++)
		fill_idle(machine, id, PCPMM_GFP_KERNEL);
	assert_int_equal(pcpmm_pcp_disable(cpu, 0, NORMAL), 0);
	for (unsigned int id = 1; id < STAGE_CPUS; id++) {
		struct pcpmm_cpu *other = pcpmm_cpu_enter(machine, id);

		assert_int_equal(count_of(machine, id, NORMAL), 0);
		assert_int_equal(fill(other, PCPMM_GFP_KERNEL, NORMAL), 0);
		assert_true(fill(other, PCPMM_GFP_DMA32, DMA32) > 0);
		assert_int_equal(pcpmm_cpu_leave(other), 0);
	}
	assert_int_equal(pcpmm_pcp_disable(cpu, 0, NORMAL), -EBUSY);
	assert_int_equal(pcpmm_pcp_enable(cpu, 0, NORMAL), 0);
	assert_int_equal(pcpmm_pcp_enable(cpu, 0, NORMAL), -EINVAL);
	assert_true(fill(cpu, PCPMM_GFP_KERNEL, NORMAL) > 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- refused ---------------------------------------------------------- */

static void drain_in_irq(struct pcpmm_cpu *cpu, void *arg)
{
	int *ret = arg;

	ret[0] = pcpmm_drain_all_pages(cpu, 0, ALL, false);
	ret[1] = pcpmm_drain_all_pages(cpu, 0, NORMAL, false);
	ret[2] = pcpmm_drain_local_pages(cpu, 0, ALL);
	ret[3] = pcpmm_drain_pages_zone(cpu, 1, 0, NORMAL, 0);
	ret[4] = pcpmm_pcp_disable(cpu, 0, NORMAL);
}

static void test_refused(void **state)
{
	struct pcpmm_machine *machine = combo_create(*state, PCPMM_IPI_SIGNAL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_cpu *other = pcpmm_cpu_enter(machine, 1);
	int irq[5] = {0};

	fill(cpu, PCPMM_GFP_KERNEL, NORMAL);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, 3, false), -EINVAL);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 1, NORMAL, false), -EINVAL);
	assert_int_equal(pcpmm_irq_raise(cpu, drain_in_irq, irq), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(irq[i], -EINVAL);
	/* Another CPU of this thread has interrupts off, can not answer. */
	assert_int_equal(pcpmm_irq_disable(other), 0);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), -EINVAL);
	assert_int_equal(pcpmm_irq_enable(other), 0);
	assert_int_equal(pcpmm_cpu_leave(other), 0);
	assert_int_equal(pcpmm_drain_all_pages(other, 0, ALL, false), -EPERM);
	assert_int_equal(pcpmm_drain_local_pages(other, 0, ALL), -EPERM);
	assert_int_equal(
		pcpmm_drain_pages_zone(other, 1, 0, NORMAL, 0), -EPERM);
	assert_int_equal(pcpmm_pcp_disable(other, 0, NORMAL), -EPERM);
	assert_int_equal(stats_of(machine).pcp_global_drain, 0);
	assert_true(count_of(machine, 0, NORMAL) > 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- which CPUs are reached ------------------------------------------- */

static int expect_reached(
	const struct combo *combo, enum pcpmm_ipi ipi, enum part part)
{
	if (by_lock(combo))
		return 1;
	if (combo->drain == PCPMM_DRAIN_RCU_SWAP)
		return combo->rcu != PCPMM_RCU_QSBR;
	if (ipi == PCPMM_IPI_POLLED)
		return 0;
	return by_ipi(combo->drain) || part != PART_FIFO;
}

/* A spinner on CPU 1: does the drain of its pages end while it spins? */
static void try_spinner(
	const struct combo *combo, enum pcpmm_ipi ipi, enum part part)
{
	struct pcpmm_machine *machine = combo_create(combo, ipi);
	int reached = expect_reached(combo, ipi, part);
	struct drainer drainer;
	struct actor actor;

	actor_start(&actor, machine, 1, part);
	drainer_start(&drainer, machine, 0, ALL);
	if (reached && !word_comes(&drainer.done, 1, LIMIT_MS))
		fail_msg("%s, ipi %s: not reached", combo->name,
			pcpmm_ipi_name(ipi));
	if (!reached && word_comes(&drainer.done, 1, STARVED_MS))
		fail_msg("%s, ipi %s: reached", combo->name,
			pcpmm_ipi_name(ipi));
	if (reached)
		assert_int_equal(count_of(machine, 1, NORMAL), 0);
	actor_end(&actor);
	assert_int_equal(drainer_end(&drainer), 0);
	assert_int_equal(count_of(machine, 1, NORMAL), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_reach_a_fifo_spinner(void **state)
{
	try_spinner(*state, PCPMM_IPI_SIGNAL, PART_FIFO);
	try_spinner(*state, PCPMM_IPI_POLLED, PART_FIFO);
}

static void test_reach_a_normal_spinner(void **state)
{
	try_spinner(*state, PCPMM_IPI_SIGNAL, PART_SPINS);
	try_spinner(*state, PCPMM_IPI_POLLED, PART_SPINS);
}

/* Behind a starved drain: of all zones, returns at once; of one zone, waits. */
static void test_behind_a_starved_drain(void **state)
{
	const struct combo *combo = *state;
	struct pcpmm_machine *machine = combo_create(combo, PCPMM_IPI_SIGNAL);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 2);
	struct drainer first, second;
	struct actor actor;

	actor_start(&actor, machine, 1, PART_FIFO);
	drainer_start(&first, machine, 0, ALL);
	for (int64_t end = now_ms() + LIMIT_MS; !stats_of(machine).works;)
		assert_true(now_ms() < end);
	drainer_start(&second, machine, 3, DMA32);
	assert_false(word_comes(&second.done, 1, STARVED_MS));
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), -EBUSY);
	assert_int_equal(stats_of(machine).busy, 1);
	assert_int_equal(stats_of(machine).pcp_global_drain, 0);
	assert_int_equal(word_read(&first.done), 0);
	actor_end(&actor);
	assert_int_equal(drainer_end(&first), 0);
	assert_int_equal(drainer_end(&second), 0);
	assert_int_equal(stats_of(machine).pcp_global_drain, 2);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- bugs of the posted patches --------------------------------------- */

static void test_the_last_zone_alone_decides(void **state)
{
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	struct stage stage;
	int kept;

	(void)state;
	stage_init(&stage, PCPMM_DRAIN_IPI_MASK_POSTED);
	stage.config.allow_unsound = true;
	machine = stage_create(&stage);
	cpu = pcpmm_cpu_enter(machine, 0);
	kept = fill_idle(machine, 2, PCPMM_GFP_DMA32);
	fill_idle(machine, 1, PCPMM_GFP_DMA32);
	fill_idle(machine, 1, PCPMM_GFP_KERNEL);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	assert_int_equal(count_of(machine, 2, DMA32), kept);
	assert_int_equal(count_of(machine, 1, DMA32), 0);
	assert_int_equal(count_of(machine, 1, NORMAL), 0);
	assert_int_equal(stats_of(machine).cpus_visited, 1);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* CPU 3 comes online while no memory is left for its worker. */
static void online_without_worker(struct pcpmm_machine *machine)
{
	static struct pcpmm_page *held[2 * STAGE_PAGES];
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	unsigned int nr = 0;

	while ((held[nr] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0)))
		nr++;
	assert_int_equal(pcpmm_cpu_online(cpu, 3), 0);
	while (nr > 0)
		assert_int_equal(pcpmm_free_pages(cpu, held[--nr], 0), 0);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
}

static void try_without_worker(enum pcpmm_drain drain)
{
	static const unsigned char offline[STAGE_CPUS] = {0, 0, 0, 1};
	int posted = drain == PCPMM_DRAIN_KTHREAD_POSTED;
	struct pcpmm_drain_stats stats;
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	struct stage stage;
	int count;

	stage_init(&stage, drain);
	stage.config.allow_unsound = true;
	stage.config.cpu_offline = offline;
	machine = stage_create(&stage);
	online_without_worker(machine);
	count = fill_idle(machine, 3, PCPMM_GFP_KERNEL);
	cpu = pcpmm_cpu_enter(machine, 0);
	assert_int_equal(pcpmm_drain_local_pages(cpu, 0, ALL), 0);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	stats = stats_of(machine);
	assert_int_equal(stats.misses, posted);
	assert_int_equal(stats.works, 0);
	assert_int_equal(stats.cpus_visited, 1);
	assert_int_equal(stats.ipis, !posted);
	assert_int_equal(count_of(machine, 3, NORMAL), posted ? count : 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_a_cpu_without_worker(void **state)
{
	(void)state;
	try_without_worker(PCPMM_DRAIN_KTHREAD_POSTED);
	try_without_worker(PCPMM_DRAIN_KTHREAD);
}

struct inside {
	struct pcpmm_page *cache[64];
	unsigned int nr;
	int all, one;
};

/* Direct reclaim that drains one zone, as compaction would. */
static unsigned long drain_inside(struct pcpmm_cpu *cpu, unsigned int order,
	unsigned long target, void *arg)
{
	struct inside *inside = arg;
	unsigned int nr = inside->nr;

	(void)order, (void)target;
	inside->all = pcpmm_drain_all_pages(cpu, 0, ALL, false);
	inside->one = pcpmm_drain_all_pages(cpu, 0, NORMAL, false);
	while (inside->nr > 0)
		if (pcpmm_free_pages(cpu, inside->cache[--inside->nr], 0))
			return 0;
	return nr;
}

/* The worker's creation reclaims: under the mutex, or before it is taken. */
static void try_online_that_reclaims(enum pcpmm_drain drain)
{
	static struct pcpmm_page *held[2 * STAGE_PAGES];
	int posted = drain == PCPMM_DRAIN_KTHREAD_POSTED;
	struct pcpmm_machine *machine;
	struct inside inside = {.all = 1, .one = 1};
	struct pcpmm_cpu *cpu;
	struct stage stage;
	unsigned int nr = 0;

	stage_init(&stage, drain);
	stage.config.allow_unsound = true;
	machine = stage_create(&stage);
	cpu = pcpmm_cpu_enter(machine, 0);
	assert_int_equal(pcpmm_cpu_offline(cpu, 3), 0);
	while ((held[nr] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0)))
		nr++;
	while (inside.nr < HARNESS_COUNT(inside.cache))
		inside.cache[inside.nr++] = held[--nr];
	pcpmm_reclaim_set(machine, drain_inside, &inside);
	assert_int_equal(pcpmm_cpu_online(cpu, 3), 0);
	assert_int_equal(inside.all, posted ? -EBUSY : 0);
	assert_int_equal(inside.one, posted ? -EDEADLK : 0);
	if (posted)
		assert_true(stats_of(machine).busy >= 2); /* reclaim's drains */
	pcpmm_reclaim_set(machine, NULL, NULL);
	while (nr > 0)
		assert_int_equal(pcpmm_free_pages(cpu, held[--nr], 0), 0);
	while (inside.nr > 0)
		assert_int_equal(
			pcpmm_free_pages(cpu, inside.cache[--inside.nr], 0), 0);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_online_that_reclaims(void **state)
{
	(void)state;
	try_online_that_reclaims(PCPMM_DRAIN_KTHREAD_POSTED);
	try_online_that_reclaims(PCPMM_DRAIN_KTHREAD);
}

/* --- all tests for each strategy -------------------------------------- */

struct rule {
	const char *name;
	CMUnitTestFunction fn;
	int workers_only;
};

#define RULE(test)                                                             \
	{                                                                      \
#test, test, 0                                                 \
	}

static const struct rule rules[] = {
	RULE(test_idle_cpus),
	RULE(test_nothing_to_drain),
	RULE(test_force),
	RULE(test_one_zone_only),
	RULE(test_running_cpus),
	RULE(test_two_drainers),
	RULE(test_one_cpu),
	RULE(test_offline_cpu),
	RULE(test_lists_off_and_on),
	RULE(test_refused),
	RULE(test_reach_a_fifo_spinner),
	RULE(test_reach_a_normal_spinner),
	{"test_behind_a_starved_drain", test_behind_a_starved_drain, 1},
};

int main(void)
{
	static char names[HARNESS_COUNT(rules) * NR_SOUND][80];
	static struct CMUnitTest tests[HARNESS_COUNT(names) + 3] = {
		cmocka_unit_test(test_the_last_zone_alone_decides),
		cmocka_unit_test(test_a_cpu_without_worker),
		cmocka_unit_test(test_online_that_reclaims),
	};
	size_t nr = 3, named = 0;

	for (size_t r = 0; r < HARNESS_COUNT(rules); r++)
		for (size_t c = 0; c < NR_SOUND; c++) {
			const struct combo *combo = &sound_combos[c];

			if (rules[r].workers_only && !by_worker(combo))
				continue;
			snprintf(names[named], sizeof(names[0]), "%s %s",
				rules[r].name, combo->name);
			tests[nr++] = (struct CMUnitTest){names[named++],
				rules[r].fn, NULL, NULL, (void *)combo};
		}
	return _cmocka_run_group_tests("strategies", tests, nr, NULL, NULL);
}
