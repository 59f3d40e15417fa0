/* SPDX-License-Identifier: MIT */
/*
 * pcpmm_drain_memory_read() against what a strategy really allocates when its
 * machine is created, and what it uses of a slot.
 */
#include <pthread.h>
#include <sys/mman.h>

#include "machine/machine.h"
#include "support/drains.h"

/* --- allocations of pcp_set_init(), by the thread that calls it ----------- */

static pthread_t recorder;
static int recording;
static uint64_t recorded;

int __real_pcp_set_init(struct pcp_set *set, const struct pcp_drain_ops *ops,
	const struct pcp_rules *rules);
int __wrap_pcp_set_init(struct pcp_set *set, const struct pcp_drain_ops *ops,
	const struct pcp_rules *rules);
void *__real_malloc(size_t size);
void *__real_calloc(size_t nr, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
void *__real_mmap(void *at, size_t size, int prot, int flags, int fd, off_t to);
void *__real_mmap64(
	void *at, size_t size, int prot, int flags, int fd, off64_t to);
int __real_workqueues_start(struct workqueues *all);
int __wrap_workqueues_start(struct workqueues *all);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t nr, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);
void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t to);
void *__wrap_mmap64(
	void *at, size_t size, int prot, int flags, int fd, off64_t to);

static void record(size_t size)
{
	if (recording && pthread_equal(pthread_self(), recorder))
		recorded += size;
}

int __wrap_pcp_set_init(struct pcp_set *set, const struct pcp_drain_ops *ops,
	const struct pcp_rules *rules)
{
	int ret;

	recorder = pthread_self();
	recorded = 0;
	recording = 1;
	ret = __real_pcp_set_init(set, ops, rules);
	recording = 0;
	return ret;
}

/* The pools of workers are the machine's. */
int __wrap_workqueues_start(struct workqueues *all)
{
	int before = recording, ret;

	recording = 0;
	ret = __real_workqueues_start(all);
	recording = before;
	return ret;
}

void *__wrap_malloc(size_t size)
{
	record(size);
	return __real_malloc(size);
}

void *__wrap_calloc(size_t nr, size_t size)
{
	record(nr * size);
	return __real_calloc(nr, size);
}

void *__wrap_aligned_alloc(size_t align, size_t size)
{
	record(size);
	return __real_aligned_alloc(align, size);
}

void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t to)
{
	record(size);
	return __real_mmap(at, size, prot, flags, fd, to);
}

void *__wrap_mmap64(
	void *at, size_t size, int prot, int flags, int fd, off64_t to)
{
	record(size);
	return __real_mmap64(at, size, prot, flags, fd, to);
}

/* --- what is not the strategy's ------------------------------------------- */

#define POINTER sizeof(void *)

/* Of `list`, what lies in each slot: locks and pointers. */
static uint64_t in_slot(enum pcpmm_drain drain, enum pcpmm_ipi_mask_lock how)
{
	switch (drain) {
	case PCPMM_DRAIN_PCP_LOCK:
	case PCPMM_DRAIN_PCP_SPINLOCK_2021:
		return sizeof(struct spinlock);
	case PCPMM_DRAIN_PCP_BUDDY:
		return sizeof(struct spinlock) + POINTER;
	case PCPMM_DRAIN_RCU_SWAP:
		return 2 * POINTER;
	case PCPMM_DRAIN_PERCPU_SPINLOCK_2021:
	case PCPMM_DRAIN_EXTERNAL:
		return POINTER;
	case PCPMM_DRAIN_IPI_MASK_LOCKED:
		return how == PCPMM_IPI_MASK_LOCK_SUMMARY ? POINTER : 0;
	default:
		return 0;
	}
}

static bool has_mask(enum pcpmm_drain drain, enum pcpmm_ipi_mask_lock how)
{
	return drain != PCPMM_DRAIN_IPI_ALL &&
	       !(drain == PCPMM_DRAIN_IPI_MASK_LOCKED &&
		       how == PCPMM_IPI_MASK_LOCK_SUMMARY);
}

/* Allocated by each set: counts of interrupts, and a mask even if not used. */
static uint64_t of_every_set(const struct pcp_set *set, bool mask)
{
	uint64_t words = CPUMASK_WORDS(set->smp->nr) * sizeof(uint64_t);

	return set->smp->nr * sizeof(set->cal[0]) + (mask ? 0 : words);
}

static bool enter(void *private)
{
	(void)private;
	return true;
}

static void leave(void *private)
{
	(void)private;
}

static unsigned int drain_none(struct pcpmm_cpu *by,
	struct pcpmm_pcp_slot *const *slots, unsigned int nr, void *arg)
{
	(void)by, (void)slots, (void)nr, (void)arg;
	return 0;
}

static const struct pcpmm_strategy strategy = {.size = sizeof(strategy),
	.name = "none",
	.enter = enter,
	.leave = leave,
	.drain = drain_none};

/* --- the comparison -------------------------------------------------------- */

static void compare(struct stage *stage)
{
	enum pcpmm_drain drain = stage->config.drain;
	enum pcpmm_ipi_mask_lock how = stage->config.ipi_mask_lock;
	struct pcpmm_drain_memory memory;
	struct pcpmm_machine *machine;
	struct pcp_set *set;
	uint64_t cpus, lists, needed;

	stage->config.allow_unsound = true;
	stage->config.strategy = &strategy;
	machine = stage_create(stage);
	set = &machine->pcps;
	pcpmm_drain_memory_read(machine, &memory);
	cpus = set->smp->nr;
	lists = cpus * set->nr_zones;
	needed = (memory.here.list - in_slot(drain, how)) * lists +
		 memory.here.cpu * cpus + memory.here.pair * cpus * cpus +
		 memory.here.machine;
	/* The pools are address space for the lists of numbers. */
	if (set->pools[1])
		needed += set->pools_size;
	/* An epoch has a domain beside its records. */
	if (drain == PCPMM_DRAIN_RCU_SWAP &&
		stage->config.rcu == PCPMM_RCU_EPOCH)
		assert_in_range(recorded - of_every_set(set, true), needed,
			needed + 1024);
	else
		assert_int_equal(
			recorded - of_every_set(set, has_mask(drain, how)),
			needed);
	assert_int_equal(memory.kernel_known,
		drain != PCPMM_DRAIN_EXTERNAL &&
			drain != PCPMM_DRAIN_PCP_BUDDY &&
			!(drain == PCPMM_DRAIN_IPI_MASK_LOCKED &&
				how >= PCPMM_IPI_MASK_LOCK_OWN_BIT));
	pcpmm_machine_destroy(machine);
}

static void test_as_allocated(void **state)
{
	static const unsigned char isolated[STAGE_CPUS] = {1};
	struct stage stage;

	(void)state;
	for (unsigned int drain = 0; drain < PCPMM_NR_DRAINS; drain++) {
		stage_init(&stage, (enum pcpmm_drain)drain);
		compare(&stage);
	}
	for (unsigned int how = 0; how < PCPMM_NR_IPI_MASK_LOCKS; how++) {
		stage_init(&stage, PCPMM_DRAIN_IPI_MASK_LOCKED);
		stage.config.ipi_mask_lock = (enum pcpmm_ipi_mask_lock)how;
		compare(&stage);
	}
	for (unsigned int rcu = 0; rcu < PCPMM_NR_RCUS; rcu++) {
		stage_init(&stage, PCPMM_DRAIN_RCU_SWAP);
		stage.config.rcu = (enum pcpmm_rcu)rcu;
		compare(&stage);
	}
	stage_init(&stage, PCPMM_DRAIN_PERCPU_SPINLOCK_2021);
	stage.config.cpu_nohz_full = isolated;
	compare(&stage);
}

/* Linux, written out: 14 lists; a lock of 4 bytes; a work item of 40. */
static void test_of_the_kernel(void **state)
{
	static const struct {
		enum pcpmm_drain drain;
		struct pcpmm_drain_bytes bytes;
	} known[] = {
		{PCPMM_DRAIN_IPI_ALL, {0, 0, 0, 0, 0}},
		{PCPMM_DRAIN_IPI_MASK, {0, 0, 0, 1024, 0}},
		{PCPMM_DRAIN_WORKQUEUE, {0, 40, 0, 1024, 0}},
		{PCPMM_DRAIN_KTHREAD, {0, 112, 0, 1024, 1}},
		{PCPMM_DRAIN_RCU_SWAP, {248, 0, 0, 1024, 0}},
		{PCPMM_DRAIN_PERCPU_SPINLOCK_2021, {0, 44, 0, 1040, 0}},
		{PCPMM_DRAIN_PCP_SPINLOCK_2021, {4, 0, 0, 1024, 0}},
		{PCPMM_DRAIN_PCP_LOCK, {4, 0, 0, 1024, 0}},
	};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(known); i++) {
		struct pcpmm_drain_memory memory;
		struct pcpmm_machine *machine;
		struct stage stage;

		stage_init(&stage, known[i].drain);
		machine = stage_create(&stage);
		pcpmm_drain_memory_read(machine, &memory);
		assert_memory_equal(
			&memory.kernel, &known[i].bytes, sizeof(memory.kernel));
		pcpmm_machine_destroy(machine);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_allocated),
		cmocka_unit_test(test_of_the_kernel),
	};

	return cmocka_run_group_tests_name("drain_memory", tests, NULL, NULL);
}
