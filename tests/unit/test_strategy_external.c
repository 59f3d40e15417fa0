/* SPDX-License-Identifier: MIT */
/*
 * An external strategy: its arguments, when it is called, and which
 * configurations of it, and of the axes, are refused with a message.
 */
#include "support/drains.h"

#include <pcpmm/strategy.h>

#define MAGIC 0x51075107

/* A lock in the slot's private memory; filled up to the permitted size. */
struct slot_lock {
	int taken;
	int magic; /* set at the first use: the memory must be zero before */
	char rest[PCPMM_SLOT_PRIVATE_MAX - 2 * sizeof(int)];
};

/* The strategy's own state, and a record of its calls. */
struct outside {
	int inits, finis, drains, failed;
	int init_ret;
	unsigned int nr_slots, pages_at_most;
	int nested_all, nested_one, nested_local;
};

static int refuse_all; /* enter returns false */

static bool lock_enter(void *slot_private)
{
	struct slot_lock *lock = slot_private;

	if (word_read(&refuse_all) ||
		__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE))
		return false;
	lock->magic = MAGIC;
	return true;
}

static void lock_leave(void *slot_private)
{
	struct slot_lock *lock = slot_private;

	__atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
}

static int begin(void *arg)
{
	struct outside *outside = arg;

	outside->inits++;
	return outside->init_ret;
}

static void end(void *arg)
{
	((struct outside *)arg)->finis++;
}

static unsigned int drain_slot(struct pcpmm_cpu *by,
	struct pcpmm_pcp_slot *slot, struct outside *outside)
{
	struct slot_lock *lock = pcpmm_slot_private(slot);
	unsigned int before, pages;

	while (__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE))
		;
	before = pcpmm_slot_count(slot);
	if (before && lock->magic != MAGIC)
		outside->failed = 1;
	if ((uintptr_t)lock % 64)
		outside->failed = 1;
	if (pcpmm_slot_free(by, slot, 0))
		outside->failed = 1;
	pages = pcpmm_slot_free(by, slot, outside->pages_at_most);
	if (pages != before && pages != outside->pages_at_most)
		outside->failed = 1;
	if (pcpmm_slot_count(slot) != before - pages)
		outside->failed = 1;
	lock_leave(lock);
	return pages;
}

static unsigned int drain(struct pcpmm_cpu *by,
	struct pcpmm_pcp_slot *const *slots, unsigned int nr, void *arg)
{
	struct outside *outside = arg;
	unsigned int pages = 0;

	outside->drains++;
	outside->nr_slots = nr;
	for (unsigned int i = 0; i < nr; i++) {
		unsigned int id = pcpmm_cpu_id(pcpmm_slot_cpu(slots[i]));

		if (i && id < pcpmm_cpu_id(pcpmm_slot_cpu(slots[i - 1])))
			outside->failed = 1;
		pages += drain_slot(by, slots[i], outside);
	}
	outside->nested_all = pcpmm_drain_all_pages(by, 0, ALL, false);
	outside->nested_one = pcpmm_drain_all_pages(by, 0, NORMAL, false);
	outside->nested_local = pcpmm_drain_local_pages(by, 0, DMA32);
	return pages;
}

static struct pcpmm_strategy strategy_of(struct outside *outside)
{
	*outside = (struct outside){.pages_at_most = 1u << 30};
	return (struct pcpmm_strategy){
		.size = sizeof(struct pcpmm_strategy),
		.name = "outside",
		.private_size = sizeof(struct slot_lock),
		.init = begin,
		.fini = end,
		.enter = lock_enter,
		.leave = lock_leave,
		.drain = drain,
		.arg = outside,
	};
}

static struct pcpmm_machine *machine_by(const struct pcpmm_strategy *strategy)
{
	struct stage stage;

	stage_init(&stage, PCPMM_DRAIN_EXTERNAL);
	stage.config.strategy = strategy;
	return stage_create(&stage);
}

/* --- at work ---------------------------------------------------------- */

static void test_drain(void **state)
{
	struct outside outside;
	struct pcpmm_strategy strategy = strategy_of(&outside);
	struct pcpmm_machine *machine = machine_by(&strategy);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	int pages = 0;

	(void)state;
	assert_int_equal(outside.inits, 1);
	for (unsigned int id = 1; id < 3; id++) {
		pages += fill_idle(machine, id, PCPMM_GFP_KERNEL);
		pages += fill_idle(machine, id, PCPMM_GFP_DMA32);
	}
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	assert_int_equal(outside.drains, 1);
	assert_int_equal(outside.nr_slots, 2 * 2);
	assert_int_equal(stats_of(machine).pages, pages);
	assert_int_equal(stats_of(machine).cpus_visited, 2);
	assert_int_equal(count_of(machine, 1, NORMAL), 0);
	assert_int_equal(count_of(machine, 2, DMA32), 0);
	/* A drain inside a drain does not wait. */
	assert_int_equal(outside.nested_all, -EBUSY);
	assert_int_equal(outside.nested_one, -EDEADLK);
	assert_int_equal(outside.nested_local, 0);

	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, NORMAL, true), 0);
	assert_int_equal(outside.nr_slots, STAGE_CPUS);
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	assert_int_equal(outside.drains, 2); /* no CPU has pages */
	assert_int_equal(outside.failed, 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
	assert_int_equal(outside.inits, 1);
	assert_int_equal(outside.finis, 1);
}

static void test_some_pages_and_one_cpu(void **state)
{
	struct outside outside;
	struct pcpmm_strategy strategy = strategy_of(&outside);
	struct pcpmm_machine *machine = machine_by(&strategy);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	int count = fill_idle(machine, 1, PCPMM_GFP_KERNEL);

	(void)state;
	outside.pages_at_most = 2;
	assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
	assert_int_equal(count_of(machine, 1, NORMAL), count - 2);
	assert_int_equal(stats_of(machine).pages, 2);
	assert_int_equal(
		pcpmm_drain_pages_zone(cpu, 1, 0, NORMAL, 1), -EOPNOTSUPP);
	outside.pages_at_most = 1000;
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 1, 0, NORMAL, 0), 0);
	assert_int_equal(outside.nr_slots, 1);
	assert_int_equal(count_of(machine, 1, NORMAL), 0);
	assert_int_equal(outside.failed, 0);
	fill_idle(machine, 2, PCPMM_GFP_KERNEL);
	assert_int_equal(pcpmm_pcp_disable(cpu, 0, NORMAL), 0);
	assert_int_equal(count_of(machine, 2, NORMAL), 0);
	assert_int_equal(fill(cpu, PCPMM_GFP_KERNEL, NORMAL), 0);
	assert_int_equal(pcpmm_pcp_enable(cpu, 0, NORMAL), 0);
	fill_idle(machine, 3, PCPMM_GFP_KERNEL);
	assert_int_equal(pcpmm_cpu_offline(cpu, 3), 0);
	assert_int_equal(count_of(machine, 3, NORMAL), 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void use_all_paths(struct pcpmm_cpu *cpu)
{
	struct pcpmm_page *page[8];
	unsigned int nr = pcpmm_alloc_pages_bulk(
		cpu, PCPMM_GFP_KERNEL, HARNESS_COUNT(page), page);

	assert_in_range(nr, 1, HARNESS_COUNT(page));
	assert_int_equal(pcpmm_free_pages_batch(cpu, page, nr), 0);
	page[0] = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 2);
	assert_non_null(page[0]);
	assert_int_equal(pcpmm_free_pages(cpu, page[0], 2), 0);
}

/* enter returns false: the buddy serves, and no list gets a page. */
static void test_turned_away(void **state)
{
	struct outside outside;
	struct pcpmm_strategy strategy = strategy_of(&outside);
	struct pcpmm_machine *machine = machine_by(&strategy);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);

	(void)state;
	word_write(&refuse_all, 1);
	use_all_paths(cpu);
	word_write(&refuse_all, 0);
	assert_int_equal(count_of(machine, 0, NORMAL), 0);
	expect_all_free(machine);
	use_all_paths(cpu);
	assert_true(count_of(machine, 0, NORMAL) > 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static void test_owners_at_work(void **state)
{
	int rounds = is_slow_run() ? 50 : 500;
	struct outside outside;
	struct pcpmm_strategy strategy = strategy_of(&outside);
	struct pcpmm_machine *machine = machine_by(&strategy);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct actor actor[2];

	(void)state;
	actor_start(&actor[0], machine, 1, PART_CALLS);
	actor_start(&actor[1], machine, 2, PART_CALLS);
	for (int i = 0; i < rounds; i++)
		assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, true), 0);
	actor_end(&actor[0]);
	actor_end(&actor[1]);
	assert_int_equal(outside.drains, rounds);
	assert_int_equal(outside.failed, 0);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

/* --- refused ---------------------------------------------------------- */

static void expect_refused(
	const struct pcpmm_config *config, int error, const char *words)
{
	struct pcpmm_error why = {""};

	errno = 0;
	assert_null(pcpmm_machine_create(config, &why));
	assert_int_equal(errno, error);
	if (!strstr(why.text, words))
		fail_msg("\"%s\" does not say \"%s\"", why.text, words);
}

static void test_init_that_fails(void **state)
{
	struct outside outside;
	struct pcpmm_strategy strategy = strategy_of(&outside);
	struct stage stage;

	(void)state;
	stage_init(&stage, PCPMM_DRAIN_EXTERNAL);
	stage.config.strategy = &strategy;
	outside.init_ret = -EIO;
	expect_refused(&stage.config, EIO, "strategy");
	assert_int_equal(outside.inits, 1);
	assert_int_equal(outside.finis, 1);
}

static void test_incomplete_strategies(void **state)
{
	struct outside outside;
	struct pcpmm_strategy strategy = strategy_of(&outside);
	struct stage stage;

	(void)state;
	stage_init(&stage, PCPMM_DRAIN_EXTERNAL);
	expect_refused(&stage.config, EINVAL, "no strategy is given");
	stage.config.strategy = &strategy;
	strategy.size--;
	expect_refused(&stage.config, EINVAL, "strategy size");
	strategy = strategy_of(&outside);
	strategy.name = NULL;
	expect_refused(&stage.config, EINVAL, "name");
	strategy = strategy_of(&outside);
	strategy.enter = NULL;
	expect_refused(&stage.config, EINVAL, "enter");
	strategy = strategy_of(&outside);
	strategy.leave = NULL;
	expect_refused(&stage.config, EINVAL, "leave");
	strategy = strategy_of(&outside);
	strategy.drain = NULL;
	expect_refused(&stage.config, EINVAL, "drain");
	strategy = strategy_of(&outside);
	strategy.private_size = PCPMM_SLOT_PRIVATE_MAX + 1;
	expect_refused(&stage.config, EINVAL, "at most 64");
	assert_int_equal(outside.inits + outside.finis, 0);
	/* init, fini and private memory are not needed. */
	strategy = strategy_of(&outside);
	strategy.init = NULL;
	strategy.fini = NULL;
	strategy.private_size = 0;
	pcpmm_machine_destroy(machine_by(&strategy));
}

static void test_impossible_axes(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage, PCPMM_NR_DRAINS);
	expect_refused(&stage.config, EINVAL, "unknown drain");
	stage_init(&stage, PCPMM_DRAIN_IPI_MASK_POSTED);
	expect_refused(&stage.config, EINVAL, "last zone alone");
	stage_init(&stage, PCPMM_DRAIN_KTHREAD_POSTED);
	expect_refused(&stage.config, EINVAL, "under the drain mutex");
	expect_refused(&stage.config, EINVAL, "allow_unsound");
	stage_init(&stage, PCPMM_DRAIN_RCU_SWAP);
	stage.config.grace = PCPMM_GRACE_NORMAL;
	stage.config.rcu = PCPMM_RCU_MEMB;
	expect_refused(&stage.config, EINVAL, "rcu memb");
	stage.config.rcu = PCPMM_RCU_QSBR;
	expect_refused(&stage.config, EINVAL, "rcu qsbr");
	stage.config.rcu = PCPMM_NR_RCUS;
	expect_refused(&stage.config, EINVAL, "unknown rcu");
	stage_init(&stage, PCPMM_DRAIN_PCP_LOCK);
	stage.config.grace = PCPMM_NR_GRACES;
	expect_refused(&stage.config, EINVAL, "unknown grace");
	stage_init(&stage, PCPMM_DRAIN_PCP_LOCK);
	stage.config.ipi = PCPMM_NR_IPIS;
	expect_refused(&stage.config, EINVAL, "unknown ipi");
	/* Sound strategies need no allow_unsound; the others need it. */
	for (unsigned int drain = 0; drain < PCPMM_DRAIN_EXTERNAL; drain++) {
		stage_init(&stage, (enum pcpmm_drain)drain);
		stage.config.allow_unsound = pcpmm_drain_is_unsound(drain);
		pcpmm_machine_destroy(stage_create(&stage));
	}
	assert_true(pcpmm_drain_is_unsound(PCPMM_DRAIN_IPI_MASK_POSTED));
	assert_true(pcpmm_drain_is_unsound(PCPMM_DRAIN_KTHREAD_POSTED));
}

static void test_names(void **state)
{
	enum pcpmm_drain found;

	(void)state;
	for (unsigned int i = 0; i < PCPMM_NR_DRAINS; i++) {
		assert_non_null(pcpmm_drain_name(i));
		assert_int_equal(
			pcpmm_drain_by_name(pcpmm_drain_name(i), &found), 0);
		assert_int_equal(found, i);
	}
	assert_int_equal(pcpmm_drain_by_name("pcplock", &found), -ENOENT);
	assert_null(pcpmm_drain_name(PCPMM_NR_DRAINS));
	assert_null(pcpmm_ipi_name(PCPMM_NR_IPIS));
	assert_null(pcpmm_rcu_name(PCPMM_NR_RCUS));
	assert_null(pcpmm_grace_name(PCPMM_NR_GRACES));
	assert_string_equal(pcpmm_rcu_name(PCPMM_RCU_MEMB), "memb");
	assert_string_equal(pcpmm_grace_name(PCPMM_GRACE_NORMAL), "normal");
	assert_string_equal(pcpmm_ipi_name(PCPMM_IPI_SIGNAL), "signal");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drain),
		cmocka_unit_test(test_some_pages_and_one_cpu),
		cmocka_unit_test(test_turned_away),
		cmocka_unit_test(test_owners_at_work),
		cmocka_unit_test(test_init_that_fails),
		cmocka_unit_test(test_incomplete_strategies),
		cmocka_unit_test(test_impossible_axes),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name(
		"strategy external", tests, NULL, NULL);
}
