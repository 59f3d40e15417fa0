/* SPDX-License-Identifier: MIT */
/*
 * The two lock designs of 2021: a lock a CPU under a key, and a lock in each list.
 * What their guards must do for an owner that waits: keep interrupts out, and go by
 * one look at the key. The slow half of the lock is replaced: here, where one thread
 * runs, a wait would be for ever.
 */
#include "support/harness.h"

#include "machine/machine.h"
#include "pcplist/guard_percpu_spin.h"

#define NORMAL PCPMM_ZONE_NORMAL
#define DMA32 PCPMM_ZONE_DMA32

void __real_lock_acquire_slow(struct spinlock *lock);
void __wrap_lock_acquire_slow(struct spinlock *lock);

static struct pcpmm_machine *created; /* NULL: while it is being created */

/* A lock that guards lists. Other locks have other threads that hold them. */
static bool guards_lists(const struct spinlock *lock)
{
	for (unsigned int i = 0; created && i < 2 * created->zones.nr; i++) {
		const struct pcp_slot *slot =
			&created->cpus[i % 2].slots[i / 2];
		const struct percpu_spin *percpu = slot->private;

		if (lock == &slot->lock || (percpu && lock == &percpu->lock))
			return true;
	}
	return false;
}

void __wrap_lock_acquire_slow(struct spinlock *lock)
{
	if (guards_lists(lock))
		fail_msg("a thread waits for a lock that it has itself");
	__real_lock_acquire_slow(lock);
}

static struct pcpmm_machine *create(enum pcpmm_drain drain, bool isolated)
{
	static const unsigned char nohz_full[2] = {0, 1};
	struct pcpmm_node_config node = {
		.zones = {[DMA32] = {SHAPE_START_PFN, 65536, 65536, 65536},
			[NORMAL] = {
				SHAPE_START_PFN + 65536, 65536, 65536, 65536}}};
	struct pcpmm_config config = config_of(&node, 1, 2);

	config.drain = drain;
	config.cpu_nohz_full = isolated ? nohz_full : NULL;
	config.allow_unsound = true; /* for the window */
	created = NULL;
	created = create_or_fail(&config);
	return created;
}

static void destroy(struct pcpmm_machine *machine)
{
	created = NULL;
	pcpmm_machine_destroy(machine);
}

static struct percpu_spin *percpu_of(struct pcpmm_machine *machine)
{
	return machine->cpus[0].slots[0].private;
}

static void pair(struct pcpmm_cpu *cpu)
{
	struct pcpmm_page *page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);

	assert_non_null(page);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
}

/* --- an interrupt inside the owner's section ---------------------------- */

static void pair_in_irq(struct pcpmm_cpu *cpu, void *arg)
{
	pair(cpu);
	++*(int *)arg;
}

/* It allocates, so it comes after the section: it would wait for its own CPU. */
static void interrupted(enum pcpmm_drain drain, bool isolated)
{
	struct pcpmm_machine *machine = create(drain, isolated);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct pcpmm_page *page;
	int taken = 0;

	assert_int_equal(pcpmm_irq_inject(cpu, pair_in_irq, &taken), 0);
	page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	assert_int_equal(taken, 1);
	assert_int_equal(pcpmm_irq_inject(cpu, pair_in_irq, &taken), 0);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	assert_int_equal(taken, 2);
	expect_all_free(machine);
	destroy(machine);
}

static void test_no_interrupt_inside(void **state)
{
	(void)state;
	interrupted(PCPMM_DRAIN_PCP_SPINLOCK_2021, false);
	interrupted(PCPMM_DRAIN_PERCPU_SPINLOCK_2021, true);
}

/* --- the key ------------------------------------------------------------ */

/* On if a CPU is nohz_full at creation; then drains take locks, else workers. */
static void test_key(void **state)
{
	(void)state;
	for (int isolated = 0; isolated < 2; isolated++) {
		struct pcpmm_machine *machine =
			create(PCPMM_DRAIN_PERCPU_SPINLOCK_2021, isolated);
		struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 1);
		struct pcpmm_drain_stats stats;

		assert_int_equal(percpu_of(machine)->key, isolated);
		pcpmm_cpu_set_nohz_full(cpu, true); /* too late */
		pair(cpu);
		assert_int_equal(pcpmm_cpu_leave(cpu), 0);
		cpu = pcpmm_cpu_enter(machine, 0);
		assert_int_equal(
			pcpmm_drain_all_pages(cpu, 0, NORMAL, false), 0);
		pcpmm_drain_stats_read(machine, &stats);
		assert_int_equal(stats.works, !isolated);
		assert_int_equal(stats.ipis, 0);
		assert_true(stats.pages > 0);
		expect_all_free(machine);
		destroy(machine);
	}
}

struct flip {
	struct percpu_spin *percpu;
	uint32_t key; /* the new value */
	uint32_t seen; /* the lock's word, inside the section */
	bool done;
};

/*
 * Inside the section of a refill the key changes, as a static key may, which is
 * patched while CPUs run. A drainer that sees it on takes the lock.
 */
static void flip_key(struct pcpmm_cpu *cpu, void *arg)
{
	struct flip *flip = arg;

	(void)cpu;
	if (flip->done)
		return;
	flip->done = true;
	flip->seen = flip->percpu->lock.word;
	flip->percpu->key = flip->key;
	if (flip->key)
		flip->percpu->lock.word = 1; /* the drainer */
}

static void flipped(bool isolated)
{
	struct pcpmm_machine *machine =
		create(PCPMM_DRAIN_PERCPU_SPINLOCK_2021, isolated);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 0);
	struct flip flip = {.percpu = percpu_of(machine), .key = !isolated};
	struct pcpmm_page *page;

	assert_int_equal(pcpmm_vmstat_window_set(machine, flip_key, &flip), 0);
	page = pcpmm_alloc_pages(cpu, PCPMM_GFP_KERNEL, 0);
	assert_non_null(page);
	assert_true(flip.done);
	assert_int_equal(pcpmm_vmstat_window_set(machine, NULL, NULL), 0);
	/* Locked if it began with the key on; what it took, it gave back, and
	 * the drainer's lock is the drainer's still. */
	assert_int_equal(flip.seen, isolated);
	assert_int_equal(flip.percpu->lock.word, flip.key);
	flip.percpu->lock.word = 0;
	flip.percpu->key = isolated;
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	expect_all_free(machine);
	destroy(machine);
}

static void test_key_is_read_once(void **state)
{
	(void)state;
	flipped(false);
	flipped(true);
}

/* --- what a drainer frees ------------------------------------------------ */

/* A part of another CPU's list: by the lock in the list only. */
static void test_remote_part(void **state)
{
	struct pcpmm_machine *machine =
		create(PCPMM_DRAIN_PCP_SPINLOCK_2021, false);
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, 1);
	int count;

	(void)state;
	pair(cpu);
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
	count = pcp_of(cpu, 0, NORMAL).count;
	cpu = pcpmm_cpu_enter(machine, 0);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 1, 0, NORMAL, 3), 0);
	assert_int_equal(
		pcp_of(pcpmm_cpu_get(machine, 1), 0, NORMAL).count, count - 3);
	assert_int_equal(pcpmm_drain_pages_zone(cpu, 1, 0, NORMAL, 0), 0);
	assert_int_equal(pcp_of(pcpmm_cpu_get(machine, 1), 0, NORMAL).count, 0);
	expect_all_free(machine);
	destroy(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_interrupt_inside),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_key_is_read_once),
		cmocka_unit_test(test_remote_part),
	};

	return cmocka_run_group_tests_name("spinlock_2021", tests, NULL, NULL);
}
