/* SPDX-License-Identifier: MIT */
/*
 * The host has no memory, or no thread: in each run the next call fails, until
 * all have failed once. A failed operation leaks nothing.
 *
 * The linker's --wrap (tests/meson.build) makes the library call these
 * functions. They count resources that are not released, so that a leak shows
 * without a sanitizer as well.
 */
#include "support/drains.h"

#include <pcpmm/strategy.h>
#include <pthread.h>
#include <sys/mman.h>

/* --- the host --------------------------------------------------------- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t nr, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
void __real_free(void *block);
void *__real_mmap64(
	void *at, size_t size, int prot, int flags, int fd, int64_t to);
int __real_munmap(void *at, size_t size);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
	void *(*fn)(void *), void *arg);
int __real_pthread_join(pthread_t thread, void **ret);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t nr, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);
void __wrap_free(void *block);
void *__wrap_mmap(
	void *at, size_t size, int prot, int flags, int fd, int64_t to);
void *__wrap_mmap64(
	void *at, size_t size, int prot, int flags, int fd, int64_t to);
int __wrap_munmap(void *at, size_t size);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
	void *(*fn)(void *), void *arg);
int __wrap_pthread_join(pthread_t thread, void **ret);

static _Thread_local int left; /* calls of this thread until one fails */
static _Thread_local bool failed; /* a call has failed */
static int live; /* blocks, maps and threads not released */

static bool fails(void)
{
	if (!left || --left)
		return false;
	failed = true;
	errno = ENOMEM;
	return true;
}

static void *got(void *block)
{
	if (block)
		word_add(&live, 1);
	return block;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : got(__real_malloc(size));
}

void *__wrap_calloc(size_t nr, size_t size)
{
	return fails() ? NULL : got(__real_calloc(nr, size));
}

void *__wrap_aligned_alloc(size_t align, size_t size)
{
	return fails() ? NULL : got(__real_aligned_alloc(align, size));
}

void __wrap_free(void *block)
{
	if (block)
		word_add(&live, -1);
	__real_free(block);
}

void *__wrap_mmap64(
	void *at, size_t size, int prot, int flags, int fd, int64_t to)
{
	void *map;

	if (fails())
		return MAP_FAILED;
	map = __real_mmap64(at, size, prot, flags, fd, to);
	if (map != MAP_FAILED)
		word_add(&live, 1);
	return map;
}

/* The same for both names, as the build chooses the width of off_t. */
void *__wrap_mmap(
	void *at, size_t size, int prot, int flags, int fd, int64_t to)
{
	return __wrap_mmap64(at, size, prot, flags, fd, to);
}

int __wrap_munmap(void *at, size_t size)
{
	word_add(&live, -1);
	return __real_munmap(at, size);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
	void *(*fn)(void *), void *arg)
{
	int ret =
		fails() ? EAGAIN : __real_pthread_create(thread, attr, fn, arg);

	if (!ret)
		word_add(&live, 1);
	return ret;
}

int __wrap_pthread_join(pthread_t thread, void **ret)
{
	word_add(&live, -1);
	return __real_pthread_join(thread, ret);
}

static void arm(int nth)
{
	failed = false;
	left = nth;
}

/* true: a call was refused since arm(). */
static bool disarm(void)
{
	left = 0;
	return failed;
}

/* --- a machine that can not be made ----------------------------------- */

static bool yes(void *slot_private)
{
	(void)slot_private;
	return true;
}

static void nothing(void *slot_private)
{
	(void)slot_private;
}

static unsigned int none(struct pcpmm_cpu *by,
	struct pcpmm_pcp_slot *const *slots, unsigned int nr, void *arg)
{
	(void)by, (void)slots, (void)nr, (void)arg;
	return 0;
}

static const struct pcpmm_strategy outside = {
	.size = sizeof(struct pcpmm_strategy),
	.name = "outside",
	.private_size = 8,
	.enter = yes,
	.leave = nothing,
	.drain = none,
};

/* Number of calls that may fail. */
static int create_with_faults(const struct pcpmm_config *config)
{
	for (int nth = 1; nth < 1000; nth++) {
		struct pcpmm_error error = {""};
		struct pcpmm_machine *machine;
		int before = word_read(&live);
		int reason;

		arm(nth);
		machine = pcpmm_machine_create(config, &error);
		reason = errno;
		if (!disarm()) {
			assert_non_null(machine);
			pcpmm_machine_destroy(machine);
			assert_int_equal(word_read(&live), before);
			return nth - 1;
		}
		if (machine)
			fail_msg("%s: made without its %d. part",
				pcpmm_drain_name(config->drain), nth);
		assert_true(reason == ENOMEM || reason == EAGAIN);
		assert_true(strlen(error.text) > 0);
		if (word_read(&live) != before)
			fail_msg("%s: %d left over after fault %d",
				pcpmm_drain_name(config->drain),
				word_read(&live) - before, nth);
	}
	return 0;
}

static void test_machine_create(void **state)
{
	int least = create_with_faults(*state);

	assert_in_range(least, 10, 900);
}

/* Each worker is a thread that may fail. */
static void test_workers_count(void **state)
{
	struct stage lock, workers;

	(void)state;
	stage_init(&lock, PCPMM_DRAIN_PCP_LOCK);
	stage_init(&workers, PCPMM_DRAIN_WORKQUEUE);
	/* Two arrays, and three parts of each worker and of the rescuer. */
	assert_int_equal(create_with_faults(&workers.config),
		create_with_faults(&lock.config) + 2 +
			3 * (2 * STAGE_CPUS + 1));
}

/* Of two nodes, the second of which may never be begun. */
static void test_zone_instances(void **state)
{
	const struct pcpmm_node_config nodes[2] = {
		{.zones = {[DMA32] = {1024, 1024, 1024, 1024},
			 [NORMAL] = {2048, 8192, 8192, 8192}}},
		{.zones = {[NORMAL] = {10240, 8192, 8192, 8192}}},
	};
	struct pcpmm_config config = config_of(nodes, 2, STAGE_CPUS);
	int whole = create_with_faults(&config);

	(void)state;
	assert_in_range(whole, 10, 900);
	config.zone_instances = 3;
	/* More zones of each node, and their lists at the least. */
	assert_in_range(create_with_faults(&config), whole + 2 + 4, 900);
}

/* --- a CPU that comes online without its worker ----------------------- */

static void test_cpu_online(void **state)
{
	const struct pcpmm_config *config = *state;
	bool posted = config->drain == PCPMM_DRAIN_KTHREAD_POSTED;
	int before = word_read(&live), nth = 0;
	struct pcpmm_machine *machine = pcpmm_machine_create(config, NULL);
	struct pcpmm_cpu *cpu;
	bool refused;

	assert_non_null(machine);
	cpu = pcpmm_cpu_enter(machine, 0);
	do {
		uint64_t misses = stats_of(machine).misses;

		assert_int_equal(pcpmm_cpu_offline(cpu, 3), 0);
		arm(++nth);
		assert_int_equal(pcpmm_cpu_online(cpu, 3), 0);
		refused = disarm();
		fill_idle(machine, 3, PCPMM_GFP_KERNEL);
		assert_int_equal(pcpmm_drain_all_pages(cpu, 0, ALL, false), 0);
		assert_int_equal(
			stats_of(machine).misses - misses, posted && refused);
		if (posted && refused)
			assert_true(count_of(machine, 3, NORMAL) > 0);
		else
			assert_int_equal(count_of(machine, 3, NORMAL), 0);
		expect_all_free(machine);
	} while (refused && nth < 100);
	assert_int_equal(nth, 4); /* worker, thread, and the host's thread */
	pcpmm_machine_destroy(machine);
	assert_int_equal(word_read(&live), before);
}

/* --- interrupts and threads ------------------------------------------- */

static void count_call(struct pcpmm_cpu *cpu, void *arg)
{
	(void)cpu;
	word_add(arg, 1);
}

/* Raises until -ENOMEM. Returns the number of nodes that were in reserve. */
static int raise_without_memory(struct pcpmm_cpu *cpu, int *calls)
{
	for (int nr = 0; nr < 100; nr++) {
		int ret;

		arm(1);
		ret = pcpmm_irq_raise(cpu, count_call, calls);
		if (disarm()) {
			assert_int_equal(ret, -ENOMEM);
			return nr;
		}
		assert_int_equal(ret, 0);
	}
	fail_msg("it never asked for memory");
	return 0;
}

static void test_interrupts(void **state)
{
	int before = word_read(&live), calls = 0, reserve;
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	struct stage stage;

	(void)state;
	stage_init(&stage, PCPMM_DRAIN_PCP_LOCK);
	machine = stage_create(&stage);
	cpu = pcpmm_cpu_enter(machine, 0);
	assert_int_equal(pcpmm_irq_disable(cpu), 0);
	reserve = raise_without_memory(cpu, &calls);
	arm(1);
	assert_int_equal(pcpmm_irq_inject(cpu, count_call, &calls), -ENOMEM);
	assert_true(disarm());
	assert_int_equal(calls, 0);
	assert_int_equal(pcpmm_irq_enable(cpu), 0);
	assert_int_equal(calls, reserve);
	/* Used nodes, unused nodes, and calls that are never taken. */
	assert_int_equal(pcpmm_irq_raise(cpu, count_call, &calls), 0);
	assert_int_equal(pcpmm_irq_inject(cpu, count_call, &calls), 0);
	for (int i = 0; i < 50; i++)
		assert_int_equal(pcpmm_irq_raise(pcpmm_cpu_get(machine, 1),
					 count_call, &calls),
			0);
	pcpmm_machine_destroy(machine);
	assert_int_equal(calls, reserve + 1);
	assert_int_equal(word_read(&live), before);
}

static void test_cpu_run(void **state)
{
	int before = word_read(&live), calls = 0, nth = 0;
	struct pcpmm_cpu_thread *thread;
	struct pcpmm_machine *machine;
	struct pcpmm_cpu *cpu;
	struct stage stage;
	int reason;

	(void)state;
	stage_init(&stage, PCPMM_DRAIN_IPI_ALL);
	machine = stage_create(&stage);
	do {
		arm(++nth);
		thread = pcpmm_cpu_run(machine, 1, -1, count_call, &calls);
		reason = errno;
		if (disarm()) {
			assert_null(thread);
			assert_true(reason == ENOMEM || reason == EAGAIN);
			cpu = pcpmm_cpu_enter(machine, 1); /* is free */
			assert_non_null(cpu);
			assert_int_equal(pcpmm_cpu_leave(cpu), 0);
		}
	} while (!thread && nth < 100);
	pcpmm_cpu_join(thread);
	assert_int_equal(nth, 4);
	assert_int_equal(calls, 1);
	pcpmm_machine_destroy(machine);
	assert_int_equal(word_read(&live), before);
}

/* --- kswapd ------------------------------------------------------------ */

/*
 * Calls that may fail in a start; after each failure, and after a stop, it is as
 * before but for @kept allocations: what the first start makes stays.
 */
static int kswapd_start_with_faults(
	struct pcpmm_machine *machine, unsigned int nap_ms, int kept)
{
	struct pcpmm_kswapd_state kswapd;
	int before = word_read(&live);
	int ret;

	for (int nth = 1; nth < 100; nth++) {
		arm(nth);
		ret = pcpmm_kswapd_start(machine, nap_ms);
		if (!disarm()) {
			assert_int_equal(ret, 0);
			pcpmm_kswapd_stop(machine);
			assert_int_equal(word_read(&live), before + kept);
			return nth - 1;
		}
		assert_true(ret == -ENOMEM || ret == -EAGAIN);
		assert_int_equal(pcpmm_kswapd_read(machine, 0, &kswapd), 0);
		assert_false(kswapd.running);
		assert_false(kswapd.awake);
		assert_int_equal(word_read(&live), before);
	}
	return 0;
}

static void test_kswapd_start(void **state)
{
	const struct pcpmm_node_config nodes[2] = {
		{.zones = {[NORMAL] = {1024, 8192, 8192, 8192}}},
		{.zones = {[NORMAL] = {9216, 8192, 8192, 8192}}},
	};
	int before = word_read(&live);
	struct pcpmm_machine *machine;
	struct stage stage;

	(void)state;
	stage_init(&stage, PCPMM_DRAIN_PCP_LOCK);
	stage.config.nodes = nodes;
	stage.config.nr_nodes = 2;
	machine = stage_create(&stage);
	assert_int_equal(kswapd_start_with_faults(machine, 0, 1), 1);
	/* Two parts of each node's thread. */
	assert_int_equal(kswapd_start_with_faults(machine, 5, 0), 2 * 2);
	pcpmm_machine_destroy(machine);
	assert_int_equal(word_read(&live), before);
}

int main(void)
{
	static char names[PCPMM_NR_DRAINS + 2][64];
	static struct stage stages[PCPMM_NR_DRAINS + 2];
	static struct CMUnitTest tests[PCPMM_NR_DRAINS + 2 + 4] = {
		cmocka_unit_test(test_zone_instances),
		cmocka_unit_test(test_workers_count),
		cmocka_unit_test(test_interrupts),
		cmocka_unit_test(test_cpu_run),
		cmocka_unit_test(test_kswapd_start),
	};
	unsigned int i = 0;

	for (; i < PCPMM_NR_DRAINS; i++) {
		stage_init(&stages[i], (enum pcpmm_drain)i);
		stages[i].config.allow_unsound = true;
		stages[i].config.strategy = &outside;
		stages[i].config.backing = PCPMM_BACKING_ANON;
		snprintf(names[i], sizeof(names[0]), "test_machine_create %s",
			pcpmm_drain_name(i));
	}
	stages[i] = stages[PCPMM_DRAIN_KTHREAD];
	stages[i + 1] = stages[PCPMM_DRAIN_KTHREAD_POSTED];
	snprintf(names[i], sizeof(names[0]), "test_cpu_online kthread");
	snprintf(names[i + 1], sizeof(names[0]),
		"test_cpu_online kthread_posted");
	for (i = 0; i < HARNESS_COUNT(names); i++) {
		stages[i].config.nodes = &stages[i].node;
		tests[i + 4] = (struct CMUnitTest){names[i],
			i < PCPMM_NR_DRAINS ? test_machine_create
					    : test_cpu_online,
			NULL, NULL, &stages[i].config};
	}
	return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
