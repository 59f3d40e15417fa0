/* SPDX-License-Identifier: MIT */
/*
 * A stage for drains: a machine of four CPUs with any strategy, threads that
 * play a part on a CPU (busy, spinning, FIFO, idle) and drains that may hang.
 *
 * Uses the public API only.
 */
#ifndef TESTS_SUPPORT_DRAINS_H
#define TESTS_SUPPORT_DRAINS_H

#include "support/harness.h"

#include <time.h>

#define NORMAL PCPMM_ZONE_NORMAL
#define DMA32 PCPMM_ZONE_DMA32
#define ALL PCPMM_DRAIN_ALL_ZONES

#define STAGE_CPUS 4
#define STAGE_PAGES 65536 /* of each of the two zones */
#define LIMIT_MS 20000 /* a longer wait counts as endless */
#define STARVED_MS 100 /* a drain that lasts longer waits for a task */

/* --- strategies ------------------------------------------------------- */

struct combo {
	const char *name;
	enum pcpmm_drain drain;
	enum pcpmm_rcu rcu;
	enum pcpmm_grace grace;
	enum pcpmm_ipi_mask_lock ipi_mask_lock;
	int isolated; /* CPU 3 is nohz_full at creation */
};

static const struct combo sound_combos[] = {
	{"pcp_lock", PCPMM_DRAIN_PCP_LOCK, 0, 0, 0, 0},
	{"pcp_buddy", PCPMM_DRAIN_PCP_BUDDY, 0, 0, 0, 0},
	{"ipi_all", PCPMM_DRAIN_IPI_ALL, 0, 0, 0, 0},
	{"ipi_mask", PCPMM_DRAIN_IPI_MASK, 0, 0, 0, 0},
	{"ipi_mask_locked", PCPMM_DRAIN_IPI_MASK_LOCKED, 0, 0, 0, 0},
	{"ipi_mask_locked none", PCPMM_DRAIN_IPI_MASK_LOCKED, 0, 0,
		PCPMM_IPI_MASK_LOCK_NONE, 0},
	{"ipi_mask_locked mutex", PCPMM_DRAIN_IPI_MASK_LOCKED, 0, 0,
		PCPMM_IPI_MASK_LOCK_MUTEX, 0},
	{"ipi_mask_locked trylock", PCPMM_DRAIN_IPI_MASK_LOCKED, 0, 0,
		PCPMM_IPI_MASK_LOCK_TRYLOCK, 0},
	{"ipi_mask_locked own_bit", PCPMM_DRAIN_IPI_MASK_LOCKED, 0, 0,
		PCPMM_IPI_MASK_LOCK_OWN_BIT, 0},
	{"ipi_mask_locked summary", PCPMM_DRAIN_IPI_MASK_LOCKED, 0, 0,
		PCPMM_IPI_MASK_LOCK_SUMMARY, 0},
	{"workqueue", PCPMM_DRAIN_WORKQUEUE, 0, 0, 0, 0},
	{"kthread", PCPMM_DRAIN_KTHREAD, 0, 0, 0, 0},
	{"percpu_spinlock_2021", PCPMM_DRAIN_PERCPU_SPINLOCK_2021, 0, 0, 0, 0},
	{"percpu_spinlock_2021 key", PCPMM_DRAIN_PERCPU_SPINLOCK_2021, 0, 0, 0,
		1},
	{"pcp_spinlock_2021", PCPMM_DRAIN_PCP_SPINLOCK_2021, 0, 0, 0, 0},
	{"rcu_swap sched", PCPMM_DRAIN_RCU_SWAP, PCPMM_RCU_SCHED,
		PCPMM_GRACE_EXPEDITED, 0, 0},
	{"rcu_swap sched normal", PCPMM_DRAIN_RCU_SWAP, PCPMM_RCU_SCHED,
		PCPMM_GRACE_NORMAL, 0, 0},
	{"rcu_swap memb", PCPMM_DRAIN_RCU_SWAP, PCPMM_RCU_MEMB, 0, 0, 0},
	{"rcu_swap epoch", PCPMM_DRAIN_RCU_SWAP, PCPMM_RCU_EPOCH, 0, 0, 0},
	{"rcu_swap qsbr", PCPMM_DRAIN_RCU_SWAP, PCPMM_RCU_QSBR, 0, 0, 0},
};
#define NR_SOUND HARNESS_COUNT(sound_combos)

/* Drains by an interrupt on each CPU that it visits. */
static inline int by_ipi(enum pcpmm_drain drain)
{
	return drain == PCPMM_DRAIN_IPI_ALL || drain == PCPMM_DRAIN_IPI_MASK ||
	       drain == PCPMM_DRAIN_IPI_MASK_LOCKED;
}

static inline int by_worker(const struct combo *combo)
{
	return combo->drain == PCPMM_DRAIN_WORKQUEUE ||
	       combo->drain == PCPMM_DRAIN_KTHREAD ||
	       (combo->drain == PCPMM_DRAIN_PERCPU_SPINLOCK_2021 &&
		       !combo->isolated);
}

static inline int by_lock(const struct combo *combo)
{
	return combo->drain == PCPMM_DRAIN_PCP_LOCK ||
	       combo->drain == PCPMM_DRAIN_PCP_BUDDY ||
	       combo->drain == PCPMM_DRAIN_PCP_SPINLOCK_2021 ||
	       (combo->drain == PCPMM_DRAIN_PERCPU_SPINLOCK_2021 &&
		       combo->isolated);
}

/* --- the machine ------------------------------------------------------ */

struct stage {
	struct pcpmm_config config;
	struct pcpmm_node_config node;
};

/* @stage must not be moved before the machine is created. */
static inline void stage_init(struct stage *stage, enum pcpmm_drain drain)
{
	*stage = (struct stage){
		.config = config_of(&stage->node, 1, STAGE_CPUS)};
	stage->node.zones[DMA32] = (struct pcpmm_zone_config){
		SHAPE_START_PFN, STAGE_PAGES, STAGE_PAGES, STAGE_PAGES};
	stage->node.zones[NORMAL] =
		(struct pcpmm_zone_config){SHAPE_START_PFN + STAGE_PAGES,
			STAGE_PAGES, STAGE_PAGES, STAGE_PAGES};
	stage->config.drain = drain;
}

static inline struct pcpmm_machine *stage_create(const struct stage *stage)
{
	struct pcpmm_error error = {""};
	struct pcpmm_machine *machine =
		pcpmm_machine_create(&stage->config, &error);

	if (!machine && errno == EOPNOTSUPP)
		skip();
	if (!machine)
		fail_msg("machine: %s", error.text);
	return machine;
}

static inline struct pcpmm_machine *combo_create(
	const struct combo *combo, enum pcpmm_ipi ipi)
{
	static const unsigned char isolated[STAGE_CPUS] = {0, 0, 0, 1};
	struct stage stage;

	stage_init(&stage, combo->drain);
	if (combo->isolated)
		stage.config.cpu_nohz_full = isolated;
	stage.config.rcu = combo->rcu;
	stage.config.grace = combo->grace;
	stage.config.ipi_mask_lock = combo->ipi_mask_lock;
	stage.config.ipi = ipi;
	return stage_create(&stage);
}

static inline int count_of(
	struct pcpmm_machine *machine, unsigned int id, unsigned int zone)
{
	return pcp_of(pcpmm_cpu_get(machine, id), 0, zone).count;
}

static inline struct pcpmm_drain_stats stats_of(struct pcpmm_machine *machine)
{
	struct pcpmm_drain_stats stats;

	pcpmm_drain_stats_read(machine, &stats);
	return stats;
}

static inline struct pcpmm_noise noise_of(
	struct pcpmm_machine *machine, unsigned int id)
{
	struct pcpmm_noise noise;

	pcpmm_noise_read(pcpmm_cpu_get(machine, id), &noise);
	return noise;
}

/* Put one page and the rest of its refill onto the CPU's list. List's count. */
static inline int fill(struct pcpmm_cpu *cpu, uint32_t gfp, unsigned int zone)
{
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, gfp, 0);

	if (!page || pcpmm_free_pages(cpu, page, 0))
		return 0;
	return pcp_of(cpu, 0, zone).count;
}

/* The same on a CPU that no thread has entered. */
static inline int fill_idle(
	struct pcpmm_machine *machine, unsigned int id, uint32_t gfp)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, id);
	int count;

	assert_non_null(cpu);
	count = fill(cpu, gfp, gfp & PCPMM_GFP_DMA32 ? DMA32 : NORMAL);
	assert_true(count > 0);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	return count;
}

/* --- words between threads -------------------------------------------- */

static inline int word_read(const int *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline void word_write(int *word, int value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static inline int word_add(int *word, int value)
{
	return __atomic_add_fetch(word, value, __ATOMIC_ACQ_REL);
}

static inline void pause_us(long us)
{
	struct timespec time = {us / 1000000, us % 1000000 * 1000};

	while (nanosleep(&time, &time))
		;
}

static inline int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Wait until *@word is @value or more; false: not within @ms. */
static inline int word_comes(const int *word, int value, int64_t ms)
{
	int64_t end = now_ms() + ms;

	while (word_read(word) < value) {
		if (now_ms() > end)
			return 0;
		pause_us(50);
	}
	return 1;
}

#define WAIT_FOR(word, value)                                                  \
	do {                                                                   \
		if (!word_comes(word, value, LIMIT_MS))                        \
			fail_msg("%s never came to be %d", #word, value);      \
	} while (0)

/* --- parts ------------------------------------------------------------ */

enum part {
	PART_CALLS, /* allocates and frees in DMA32, all the time */
	PART_SPINS, /* a normal task that never calls the library */
	PART_FIFO, /* the same with FIFO 50 */
	PART_IDLE, /* the CPU is idle, its thread sleeps */
};

struct actor {
	enum part part;
	uint32_t gfp; /* of the pages that it first puts on its list; 0: none */
	unsigned int id;
	int ready, stop, failed;
	struct pcpmm_cpu_thread *thread;
};

static inline void actor_calls(struct pcpmm_cpu *cpu, struct actor *actor)
{
	while (!word_read(&actor->stop)) {
		struct pcpmm_page *page =
			pcpmm_alloc_pages(cpu, PCPMM_GFP_DMA32, 0);

		if (!page || pcpmm_free_pages(cpu, page, 0))
			word_write(&actor->failed, 1);
	}
}

static inline void actor_main(struct pcpmm_cpu *cpu, void *arg)
{
	struct actor *actor = arg;

	if (actor->gfp && !fill(cpu, actor->gfp, NORMAL))
		word_write(&actor->failed, 1);
	if (actor->part == PART_FIFO && pcpmm_cpu_set_fifo(cpu, 50))
		word_write(&actor->failed, 1);
	if (actor->part == PART_IDLE && pcpmm_cpu_idle_enter(cpu, true))
		word_write(&actor->failed, 1);
	word_write(&actor->ready, 1);
	if (actor->part == PART_CALLS)
		actor_calls(cpu, actor);
	while (actor->part == PART_IDLE && !word_read(&actor->stop))
		pause_us(200);
	while (!word_read(&actor->stop))
		;
	if (actor->part == PART_IDLE && pcpmm_cpu_idle_exit(cpu))
		word_write(&actor->failed, 1);
}

/* Returns when the thread plays its part. */
static inline void actor_start(struct actor *actor,
	struct pcpmm_machine *machine, unsigned int id, enum part part)
{
	*actor =
		(struct actor){.part = part, .gfp = PCPMM_GFP_KERNEL, .id = id};
	actor->thread = pcpmm_cpu_run(machine, id, -1, actor_main, actor);
	assert_non_null(actor->thread);
	WAIT_FOR(&actor->ready, 1);
}

static inline void actor_end(struct actor *actor)
{
	word_write(&actor->stop, 1);
	pcpmm_cpu_join(actor->thread);
	assert_int_equal(actor->failed, 0);
}

/* CPU 3 goes down and comes back, a hundred times; then *@arg is 1. */
static inline void hotplug_main(struct pcpmm_cpu *cpu, void *arg)
{
	for (unsigned int i = 0; i < 100; i++) {
		assert_int_equal(pcpmm_cpu_offline(cpu, 3), 0);
		assert_int_equal(pcpmm_cpu_online(cpu, 3), 0);
	}
	word_write(arg, 1);
}

/* A drain in a thread of its own. */
struct drainer {
	int zone;
	int done, ret;
	struct pcpmm_cpu_thread *thread;
};

static inline void drainer_main(struct pcpmm_cpu *cpu, void *arg)
{
	struct drainer *drainer = arg;

	drainer->ret = pcpmm_drain_all_pages(cpu, 0, drainer->zone, false);
	word_write(&drainer->done, 1);
}

static inline void drainer_start(struct drainer *drainer,
	struct pcpmm_machine *machine, unsigned int id, int zone)
{
	*drainer = (struct drainer){.zone = zone};
	drainer->thread = pcpmm_cpu_run(machine, id, -1, drainer_main, drainer);
	assert_non_null(drainer->thread);
}

/* The drain's result; the test fails if the drain does not end. */
static inline int drainer_end(struct drainer *drainer)
{
	WAIT_FOR(&drainer->done, 1);
	pcpmm_cpu_join(drainer->thread);
	return drainer->ret;
}

#endif
