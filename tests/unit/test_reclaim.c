/* SPDX-License-Identifier: MIT */
/*
 * Direct reclaim: when the program's callback is called, what follows after
 * progress, and when it is not called at all.
 */
#include "support/drains.h"

#define HELD_MAX 8192
#define ZONE_PAGES 8192
/* A single pass; test_retry.c tests further passes. */
#define ONCE (PCPMM_GFP_KERNEL | PCPMM___GFP_NORETRY)

struct shrinker {
	unsigned int calls, depth, order;
	unsigned long target;
	struct pcpmm_cpu *cpu;
	/* In: */
	unsigned int give; /* pages of the hoard to free */
	unsigned int give_order;
	unsigned long claim; /* return value: pages it claims to have freed */
	bool allocate;
	bool interrupt;
	/* Out: */
	struct pcpmm_page *reserve, *no_reserve, *in_irq;
	int irqs;
};

static struct pcpmm_page *hoard[HELD_MAX];
static unsigned int hoarded;

static const struct combo pcp_lock = {
	"pcp_lock", PCPMM_DRAIN_PCP_LOCK, 0, 0, 0, 0};

/* Two CPUs, one small zone. */
static struct pcpmm_machine *machine_of(const struct combo *combo)
{
	struct pcpmm_node_config node = {
		.zones = {
			[NORMAL] = {1024, ZONE_PAGES, ZONE_PAGES, ZONE_PAGES}}};
	struct pcpmm_config config = config_of(&node, 1, 2);

	config.drain = combo->drain;
	config.rcu = combo->rcu;
	config.grace = combo->grace;
	return create_or_fail(&config);
}

/* Down to the min mark: further pages need reclaim. */
static void take_all(struct pcpmm_cpu *cpu)
{
	hoarded = 0;
	while (hoarded < HELD_MAX &&
		(hoard[hoarded] = pcpmm_alloc_pages(cpu, ONCE, 0)))
		hoarded++;
	assert_in_range(hoarded, 1, HELD_MAX - 1);
	assert_int_equal(pcpmm_drain_local_pages(cpu, 0, ALL), 0);
}

static void give_all(struct pcpmm_cpu *cpu)
{
	while (hoarded > 0)
		assert_int_equal(pcpmm_free_pages(cpu, hoard[--hoarded], 0), 0);
}

static void alloc_in_irq(struct pcpmm_cpu *cpu, void *arg)
{
	struct shrinker *shrinker = arg;

	shrinker->irqs++;
	shrinker->in_irq = pcpmm_alloc_pages(cpu, ONCE, 0);
}

static unsigned long shrink(struct pcpmm_cpu *cpu, unsigned int order,
	unsigned long target, void *arg)
{
	struct shrinker *shrinker = arg;

	shrinker->calls++;
	shrinker->depth++;
	shrinker->cpu = cpu;
	shrinker->order = order;
	shrinker->target = target;
	for (unsigned int i = 0; i < shrinker->give && hoarded > 0; i++)
		if (pcpmm_free_pages(cpu, hoard[--hoarded], 0))
			shrinker->depth = 99;
	if (shrinker->allocate) {
		shrinker->reserve = pcpmm_alloc_pages(cpu, ONCE, 0);
		shrinker->no_reserve = pcpmm_alloc_pages(
			cpu, PCPMM_GFP_KERNEL | PCPMM___GFP_NOMEMALLOC, 0);
	}
	if (shrinker->interrupt)
		(void)pcpmm_irq_raise(cpu, alloc_in_irq, shrinker);
	shrinker->depth--;
	return shrinker->claim;
}

/* --- when ------------------------------------------------------------- */

static void test_only_below_min_and_if_it_may_wait(void **state)
{
	static const uint32_t never[] = {PCPMM_GFP_ATOMIC, PCPMM_GFP_NOWAIT, 0,
		PCPMM_GFP_KERNEL & ~PCPMM___GFP_DIRECT_RECLAIM};
	static const uint32_t always[] = {ONCE,
		PCPMM_GFP_NOFS | PCPMM___GFP_NORETRY,
		PCPMM_GFP_NOIO | PCPMM___GFP_NORETRY,
		PCPMM_GFP_HIGHUSER_MOVABLE | PCPMM___GFP_NORETRY};
	struct pcpmm_machine *machine = machine_of(&pcp_lock);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct shrinker shrinker = {0};
	struct pcpmm_page *page;

	(void)state;
	pcpmm_reclaim_set(machine, shrink, &shrinker);
	page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 3);
	assert_int_equal(pcpmm_free_pages(cpu, page, 3), 0);
	assert_int_equal(shrinker.calls, 0); /* above min */
	take_all(cpu);
	assert_int_equal(shrinker.calls, 1); /* by the last request */
	for (size_t i = 0; i < HARNESS_COUNT(never); i++) {
		while ((page = pcpmm_alloc_pages(cpu, never[i], 0)))
			hoard[hoarded++] = page; /* some may go below min */
		assert_int_equal(shrinker.calls, 1);
	}
	for (size_t i = 0; i < HARNESS_COUNT(always); i++) {
		assert_null(pcpmm_alloc_pages(cpu, always[i], (unsigned int)i));
		assert_int_equal(shrinker.calls, 2 + i);
		assert_int_equal(shrinker.order, i);
		assert_int_equal(shrinker.target, PCPMM_RECLAIM_TARGET);
		assert_ptr_equal(shrinker.cpu, cpu);
	}
	/* Without a callback. */
	pcpmm_reclaim_set(machine, NULL, NULL);
	assert_null(pcpmm_alloc_pages(cpu, ONCE, 0));
	assert_int_equal(shrinker.calls, 1 + HARNESS_COUNT(always));
	give_all(cpu);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- after progress --------------------------------------------------- */

static void test_no_progress_no_drain(void **state)
{
	struct pcpmm_machine *machine = machine_of(&pcp_lock);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct shrinker shrinker = {.give = 200, .claim = 0};

	(void)state;
	take_all(cpu);
	pcpmm_reclaim_set(machine, shrink, &shrinker);
	assert_null(pcpmm_alloc_pages(cpu, ONCE, 0));
	assert_int_equal(shrinker.calls, 1);
	assert_int_equal(stats_of(machine).pcp_global_drain, 0);
	give_all(cpu);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* The freed pages reach the free lists: no list is drained. */
static void test_progress_that_is_enough(void **state)
{
	struct pcpmm_machine *machine = machine_of(&pcp_lock);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct shrinker shrinker = {.give = 1000, .claim = 1000};
	struct pcpmm_page *page;

	(void)state;
	take_all(cpu);
	pcpmm_reclaim_set(machine, shrink, &shrinker);
	page = pcpmm_alloc_pages(cpu, ONCE, 0);
	assert_non_null(page);
	assert_int_equal(shrinker.calls, 1);
	assert_int_equal(stats_of(machine).pcp_global_drain, 0);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	give_all(cpu);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* The freed pages are on lists, of this CPU or another: one drain. */
static void test_progress_on_the_lists(void **state)
{
	struct pcpmm_machine *machine = machine_of(*state);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct shrinker shrinker = {.give = 40, .claim = 40};
	struct pcpmm_page *page;

	take_all(cpu);
	assert_true(pcp_of(cpu, 0, NORMAL).high > (int)shrinker.give);
	pcpmm_reclaim_set(machine, shrink, &shrinker);
	page = pcpmm_alloc_pages(cpu, ONCE, 0);
	assert_non_null(page);
	assert_int_equal(shrinker.calls, 1);
	assert_int_equal(stats_of(machine).pcp_global_drain, 1);
	assert_int_equal(stats_of(machine).pages, 40);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	give_all(cpu);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* A claim without pages: one drain, one more try, and no second pass. */
static void test_progress_in_words_only(void **state)
{
	struct pcpmm_machine *machine = machine_of(&pcp_lock);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct shrinker shrinker = {.claim = 32};

	(void)state;
	take_all(cpu);
	pcpmm_reclaim_set(machine, shrink, &shrinker);
	assert_null(pcpmm_alloc_pages(cpu, ONCE, 0));
	assert_int_equal(shrinker.calls, 1);
	assert_int_equal(stats_of(machine).pcp_global_drain, 1);
	give_all(cpu);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- inside ----------------------------------------------------------- */

/* Allocations of the callback use the reserves and reclaim nothing. */
static void test_not_inside_itself(void **state)
{
	struct pcpmm_machine *machine = machine_of(&pcp_lock);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct shrinker shrinker = {.allocate = true};

	(void)state;
	take_all(cpu);
	pcpmm_reclaim_set(machine, shrink, &shrinker);
	assert_null(pcpmm_alloc_pages(cpu, ONCE, 0));
	assert_int_equal(shrinker.calls, 1);
	assert_int_equal(shrinker.depth, 0);
	assert_non_null(shrinker.reserve);
	assert_null(shrinker.no_reserve);
	pcpmm_reclaim_set(machine, NULL, NULL);
	/* No longer after the callback has returned. */
	assert_null(pcpmm_alloc_pages(cpu, ONCE, 0));
	assert_int_equal(pcpmm_free_pages(cpu, shrinker.reserve, 0), 0);
	give_all(cpu);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- in interrupts ---------------------------------------------------- */

static void test_not_from_interrupts(void **state)
{
	struct pcpmm_machine *machine = machine_of(&pcp_lock);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct shrinker shrinker = {.claim = 32}, from = {0};

	(void)state;
	take_all(cpu);
	pcpmm_reclaim_set(machine, shrink, &shrinker);
	assert_int_equal(pcpmm_irq_raise(cpu, alloc_in_irq, &from), 0);
	assert_int_equal(from.irqs, 1);
	assert_null(from.in_irq);
	assert_int_equal(pcpmm_irq_disable(cpu), 0);
	assert_null(pcpmm_alloc_pages(cpu, ONCE, 0));
	assert_int_equal(pcpmm_irq_enable(cpu), 0);
	assert_int_equal(pcpmm_irq_inject(cpu, alloc_in_irq, &from), 0);
	assert_int_equal(pcpmm_free_pages(cpu, hoard[--hoarded], 0), 0);
	assert_int_equal(from.irqs, 2);
	assert_int_equal(shrinker.calls, 0);
	assert_int_equal(stats_of(machine).pcp_global_drain, 0);
	give_all(cpu);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* An interrupt during reclaim is not part of it: it does not use reserves. */
static void test_interrupt_of_the_callback(void **state)
{
	struct pcpmm_machine *machine = machine_of(&pcp_lock);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct shrinker shrinker = {.interrupt = true};

	(void)state;
	take_all(cpu);
	pcpmm_reclaim_set(machine, shrink, &shrinker);
	assert_null(pcpmm_alloc_pages(cpu, ONCE, 0));
	assert_int_equal(shrinker.calls, 1);
	assert_int_equal(shrinker.irqs, 1);
	if (shrinker.in_irq)
		assert_int_equal(pcpmm_free_pages(cpu, shrinker.in_irq, 0), 0);
	give_all(cpu);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
	assert_null(shrinker.in_irq);
}

/* --- with interrupts off on another CPU ------------------------------- */

struct masked {
	struct shrinker shrinker;
	int done, failed;
};

static void alloc_with_another_cpu_masked(struct pcpmm_cpu *cpu, void *arg)
{
	struct pcpmm_machine *machine = pcpmm_cpu_machine(cpu);
	struct pcpmm_cpu *other = pcpmm_cpu_enter(machine, 1);
	struct masked *masked = arg;

	take_all(cpu);
	pcpmm_reclaim_set(machine, shrink, &masked->shrinker);
	masked->failed |= !other || pcpmm_irq_disable(other);
	masked->failed |= !!pcpmm_alloc_pages(cpu, ONCE, 0);
	masked->failed |= pcpmm_irq_enable(other) || pcpmm_cpu_leave(other);
	give_all(cpu);
	word_write(&masked->done, 1);
}

/*
 * Interrupts off on another CPU of the thread: a drain would wait for it for
 * ever, so there is none, and no reclaim. Static: the data must stay valid if
 * it hangs.
 */
static void test_not_with_another_cpu_masked(void **state)
{
	static const struct combo by_ipi_all = {
		"ipi_all", PCPMM_DRAIN_IPI_ALL, 0, 0, 0, 0};
	struct pcpmm_machine *machine = machine_of(&by_ipi_all);
	static struct masked masked;
	struct pcpmm_cpu_thread *thread;

	(void)state;
	masked = (struct masked){.shrinker = {.claim = 32}};
	thread = pcpmm_cpu_run(
		machine, 0, -1, alloc_with_another_cpu_masked, &masked);
	assert_non_null(thread);
	if (!word_comes(&masked.done, 1, 5000))
		fail_msg("it waits for itself");
	pcpmm_cpu_join(thread);
	assert_int_equal(masked.failed, 0);
	assert_int_equal(masked.shrinker.calls, 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

int main(void)
{
	static char names[NR_SOUND][64];
	static struct CMUnitTest tests[NR_SOUND + 8] = {
		cmocka_unit_test(test_only_below_min_and_if_it_may_wait),
		cmocka_unit_test(test_no_progress_no_drain),
		cmocka_unit_test(test_progress_that_is_enough),
		cmocka_unit_test(test_progress_in_words_only),
		cmocka_unit_test(test_not_inside_itself),
		cmocka_unit_test(test_not_from_interrupts),
		cmocka_unit_test(test_interrupt_of_the_callback),
	};

	for (size_t i = 0; i < NR_SOUND; i++) {
		snprintf(names[i], sizeof(names[0]),
			"test_progress_on_the_lists %s", sound_combos[i].name);
		tests[i + 7] = (struct CMUnitTest){names[i],
			test_progress_on_the_lists, NULL, NULL,
			(void *)&sound_combos[i]};
	}
	tests[NR_SOUND + 7] = (struct CMUnitTest)cmocka_unit_test(
		test_not_with_another_cpu_masked);
	return cmocka_run_group_tests_name("reclaim", tests, NULL, NULL);
}
