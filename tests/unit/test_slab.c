/* SPDX-License-Identifier: MIT */
/*
 * Slabs and sheaves (pcpmm/slab.h): where objects come from and go to, what is
 * refused, and who empties another CPU's sheaf.
 */
#include "support/drains.h"

#include <sched.h>
#include <stdlib.h>

#define OWNER 1
#define ISOLATED 3
#define SIZE 64
#define PER_SLAB (4096 / SIZE)
#define CAPACITY 8
#define FEW 5 /* fewer than CAPACITY */
#define GFP PCPMM_GFP_KERNEL

static struct pcpmm_machine *machine;
static struct pcpmm_slab_cache *cache;

static void begin(enum pcpmm_lru_drain lru_drain, int isolated)
{
	static const unsigned char nohz_full[STAGE_CPUS] = {[ISOLATED] = 1};
	struct stage stage;

	stage_init(&stage, PCPMM_DRAIN_PCP_LOCK);
	stage.config.lru_drain = lru_drain;
	stage.config.ipi = PCPMM_IPI_POLLED;
	if (isolated)
		stage.config.cpu_nohz_full = nohz_full;
	machine = stage_create(&stage);
	cache = pcpmm_slab_create(machine, SIZE, CAPACITY);
	assert_non_null(cache);
}

static struct pcpmm_cpu *enter(unsigned int id)
{
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(machine, id);

	assert_non_null(cpu);
	return cpu;
}

static void leave(struct pcpmm_cpu *cpu)
{
	assert_int_equal(pcpmm_cpu_leave(cpu), 0);
}

/* Nothing is held any more, and all pages come back. */
static void end(void)
{
	struct pcpmm_cpu *cpu = enter(0);

	expect_valid(machine);
	assert_int_equal(pcpmm_slab_destroy(cpu, cache), 0);
	leave(cpu);
	expect_all_free(machine);
	pcpmm_machine_destroy(machine);
}

static struct pcpmm_slab_stats stats(void)
{
	struct pcpmm_slab_stats stats;

	pcpmm_slab_stats_read(cache, &stats);
	assert_int_equal(
		stats.objects, stats.held + stats.sheaved + stats.shared);
	return stats;
}

static uint64_t alloc(struct pcpmm_cpu *cpu)
{
	uint64_t object = pcpmm_slab_alloc(cpu, cache, GFP);

	assert_int_not_equal(object, 0);
	return object;
}

static void alloc_many(
	struct pcpmm_cpu *cpu, uint64_t *objects, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		objects[i] = alloc(cpu);
}

static void free_many(
	struct pcpmm_cpu *cpu, const uint64_t *objects, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		assert_int_equal(pcpmm_slab_free(cpu, cache, objects[i]), 0);
}

/* Leave FEW free objects in the sheaf of CPU @id, which no thread has entered. */
static void stock(unsigned int id)
{
	struct pcpmm_cpu *cpu = enter(id);
	uint64_t objects[FEW];

	alloc_many(cpu, objects, FEW);
	free_many(cpu, objects, FEW);
	leave(cpu);
}

static void flush(void)
{
	struct pcpmm_cpu *cpu = enter(0);

	assert_int_equal(pcpmm_slab_flush(cpu, cache), 0);
	leave(cpu);
}

/* --- one CPU --------------------------------------------------------------------- */

/* Half a sheaf at a time moves between the sheaf and the shared list. */
static void test_halves(void **state)
{
	struct pcpmm_cpu *cpu;
	uint64_t objects[2 * CAPACITY];

	(void)state;
	begin(PCPMM_LRU_DRAIN_WORK, 0);
	cpu = enter(0);
	objects[0] = alloc(cpu);
	assert_int_equal(stats().pages, 1);
	assert_int_equal(stats().sheaved, CAPACITY / 2 - 1);
	assert_int_equal(stats().shared, PER_SLAB - CAPACITY / 2);
	alloc_many(cpu, objects + 1, CAPACITY);
	assert_int_equal(stats().sheaved, CAPACITY / 2 - 1);
	expect_valid(machine);
	free_many(cpu, objects, CAPACITY + 1);
	/* The sixth free found it full: half went. */
	assert_int_equal(stats().sheaved, CAPACITY);
	assert_int_equal(stats().shared, PER_SLAB - CAPACITY);
	assert_int_equal(stats().held, 0);
	leave(cpu);
	end();
}

/* Objects are apart, inside pages that are held; the page goes back when all are free. */
static void test_slabs(void **state)
{
	static uint64_t objects[3 * PER_SLAB];
	struct pcpmm_page_info info;
	struct pcpmm_cpu *cpu;

	(void)state;
	begin(PCPMM_LRU_DRAIN_WORK, 0);
	cpu = enter(0);
	alloc_many(cpu, objects, 3 * PER_SLAB);
	assert_int_equal(stats().pages, 3);
	for (unsigned int i = 0; i < 3 * PER_SLAB; i++) {
		assert_int_equal(objects[i] % SIZE, 0);
		assert_int_equal(
			pcpmm_page_inspect(machine, objects[i] >> 12, &info),
			0);
		assert_int_equal(info.state, PCPMM_PAGE_HELD);
		for (unsigned int k = 0; k < i; k++)
			assert_int_not_equal(objects[i], objects[k]);
	}
	assert_int_equal(pcpmm_slab_shrink(cpu, cache), 0);
	assert_int_equal(pcpmm_slab_destroy(cpu, cache), -EBUSY);
	free_many(cpu, objects + 1, 3 * PER_SLAB - 1);
	assert_int_equal(pcpmm_slab_shrink(cpu, cache), 2);
	expect_valid(machine);
	free_many(cpu, objects, 1);
	assert_int_equal(pcpmm_slab_shrink(cpu, cache), 1);
	assert_int_equal(stats().objects, 0);
	leave(cpu);
	end();
}

/* --- misuse ------------------------------------------------------------------------- */

static void test_creation_is_checked(void **state)
{
	(void)state;
	begin(PCPMM_LRU_DRAIN_WORK, 0);
	for (unsigned int capacity = 0; capacity < 2; capacity++)
		assert_null(pcpmm_slab_create(machine, SIZE, capacity));
	assert_null(pcpmm_slab_create(machine, SIZE, PCPMM_SHEAF_MAX + 2));
	assert_null(pcpmm_slab_create(machine, SIZE, 7));
	assert_null(pcpmm_slab_create(machine, SIZE - 8, 8));
	assert_null(pcpmm_slab_create(machine, SIZE + 4, 8));
	assert_null(pcpmm_slab_create(machine, 4104, 8));
	assert_int_equal(errno, EINVAL);
	end();
}

static void test_misuse(void **state)
{
	struct pcpmm_slab_cache *other;
	struct pcpmm_page *page;
	struct pcpmm_cpu *cpu;
	uint64_t object, foreign;

	(void)state;
	begin(PCPMM_LRU_DRAIN_WORK, 0);
	other = pcpmm_slab_create(machine, 192, CAPACITY);
	assert_non_null(other);
	cpu = enter(0);
	object = alloc(cpu);
	foreign = pcpmm_slab_alloc(cpu, other, GFP);
	page = pcpmm_alloc_pages(cpu, GFP, 0);
	assert_int_equal(pcpmm_slab_free(cpu, cache, foreign), -EINVAL);
	assert_int_equal(pcpmm_slab_free(cpu, other, object), -EINVAL);
	assert_int_equal(pcpmm_slab_free(cpu, cache, object + 8), -EINVAL);
	assert_int_equal(pcpmm_slab_free(cpu, cache, 0), -EINVAL);
	assert_int_equal(pcpmm_slab_free(cpu, cache, UINT64_MAX), -EINVAL);
	assert_int_equal(pcpmm_slab_free(cpu, cache,
				 pcpmm_page_to_pfn(machine, page) << 12),
		-EINVAL);
	/* The end of a page that is not divided evenly. */
	assert_int_equal(
		pcpmm_slab_free(cpu, other, (foreign & ~4095ULL) + 21 * 192),
		-EINVAL);
	assert_int_equal(pcpmm_slab_free(cpu, cache, object), 0);
	assert_int_equal(pcpmm_slab_free(cpu, cache, object), -EINVAL);
	assert_int_equal(pcpmm_slab_free(cpu, other, foreign), 0);
	assert_int_equal(pcpmm_free_pages(cpu, page, 0), 0);
	pcpmm_irq_disable(cpu);
	assert_int_equal(pcpmm_slab_flush(cpu, cache), -EINVAL);
	assert_int_equal(pcpmm_slab_shrink(cpu, cache), -EINVAL);
	assert_int_equal(pcpmm_slab_destroy(cpu, cache), -EINVAL);
	pcpmm_irq_enable(cpu);
	leave(cpu);
	/* A thread that is not on the CPU. */
	assert_int_equal(pcpmm_slab_alloc(cpu, cache, GFP), 0);
	assert_int_equal(pcpmm_slab_free(cpu, cache, object), -EPERM);
	assert_int_equal(pcpmm_slab_flush(cpu, cache), -EPERM);
	assert_int_equal(pcpmm_slab_shrink(cpu, cache), -EPERM);
	/* `other` goes with the machine, and so do its pages. */
	cpu = enter(0);
	assert_int_equal(pcpmm_slab_shrink(cpu, other), 1);
	leave(cpu);
	end();
}

/* --- flushes ------------------------------------------------------------------------- */

static void test_the_target_is_flushed(void **state)
{
	static const enum pcpmm_lru_drain values[] = {PCPMM_LRU_DRAIN_WORK,
		PCPMM_LRU_DRAIN_PWLOCKS, PCPMM_LRU_DRAIN_USER_RETURN};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(values); i++) {
		bool key = values[i] == PCPMM_LRU_DRAIN_PWLOCKS;
		struct pcpmm_work_stats works;

		begin(values[i], 0);
		stock(1);
		stock(2);
		assert_true(stats().sheaved > 2);
		flush();
		assert_int_equal(stats().sheaved, 0);
		assert_int_equal(stats().works, key ? 0 : 2);
		assert_int_equal(stats().remote, key ? 2 : 0);
		pcpmm_work_stats_read(machine, &works);
		assert_int_equal(works.queued, key ? 0 : 2);
		flush(); /* no CPU has objects: nobody is asked */
		assert_int_equal(stats().works + stats().remote, 2);
		assert_int_equal(stats().flushes, 2);
		end();
	}
}

static void test_auto(void **state)
{
	(void)state;
	for (int isolated = 0; isolated < 2; isolated++) {
		begin(PCPMM_LRU_DRAIN_PWLOCKS_AUTO, isolated);
		stock(OWNER);
		flush();
		assert_int_equal(stats().remote, isolated);
		assert_int_equal(stats().works, !isolated);
		end();
	}
}

struct role {
	int ready, stop, done;
};

/* The posted scene: a FIFO task that has left objects behind, and spins. */
static void spin(struct pcpmm_cpu *cpu, void *arg)
{
	struct role *role = arg;

	assert_int_equal(pcpmm_cpu_set_fifo(cpu, 1), 0);
	assert_int_equal(pcpmm_slab_free(cpu, cache, alloc(cpu)), 0);
	word_write(&role->ready, 1);
	while (!word_read(&role->stop))
		sched_yield();
}

static void flush_and_tell(struct pcpmm_cpu *cpu, void *arg)
{
	struct role *role = arg;

	assert_int_equal(pcpmm_slab_flush(cpu, cache), 0);
	word_write(&role->done, 1);
}

static void nap_ms(unsigned int ms)
{
	const struct timespec nap = {.tv_nsec = 1000000L * ms};

	nanosleep(&nap, NULL);
}

static void test_a_spinner(void **state)
{
	static const enum pcpmm_lru_drain values[] = {
		PCPMM_LRU_DRAIN_WORK, PCPMM_LRU_DRAIN_PWLOCKS};

	(void)state;
	for (size_t i = 0; i < HARNESS_COUNT(values); i++) {
		bool key = values[i] == PCPMM_LRU_DRAIN_PWLOCKS;
		struct role spinner = {.stop = 0}, flusher = {.done = 0};
		struct pcpmm_cpu_thread *threads[2];

		begin(values[i], 0);
		threads[0] = pcpmm_cpu_run(machine, OWNER, -1, spin, &spinner);
		assert_non_null(threads[0]);
		WAIT_FOR(&spinner.ready, 1);
		threads[1] =
			pcpmm_cpu_run(machine, 0, -1, flush_and_tell, &flusher);
		assert_non_null(threads[1]);
		if (key)
			WAIT_FOR(&flusher.done, 1);
		else
			nap_ms(STARVED_MS);
		assert_int_equal(word_read(&flusher.done), key);
		assert_int_equal(stats().sheaved == 0, key);
		for (unsigned int k = 0; k < PCPMM_NR_NOISE_CAUSES; k++)
			assert_int_equal(noise_of(machine, OWNER).count[k], 0);
		word_write(&spinner.stop, 1);
		pcpmm_cpu_join(threads[0]);
		pcpmm_cpu_join(threads[1]);
		assert_int_equal(stats().sheaved, 0);
		end();
	}
}

/* --- owner and flusher at once --------------------------------------------------------- */

#define TURNS 3000

/* Bursts that seldom fill or empty the sheaf, so that it is in use. */
static void churn(struct pcpmm_cpu *cpu, void *arg)
{
	static uint64_t objects[TURNS];
	unsigned int nr = 0;

	for (unsigned int i = 0; i < TURNS; i++) {
		uint64_t burst[FEW];

		alloc_many(cpu, burst, FEW);
		for (unsigned int k = 0; k < FEW; k++)
			for (unsigned int m = 0; m < k; m++)
				assert_int_not_equal(burst[k], burst[m]);
		sched_yield();
		free_many(cpu, burst, FEW);
		if (i % 3 == 0)
			objects[nr++] = alloc(cpu);
		sched_yield();
	}
	free_many(cpu, objects, nr);
	word_write(arg, 1);
}

/* No object is lost, or held twice. */
static void test_owner_and_flusher(void **state)
{
	struct pcpmm_cpu_thread *thread;
	struct pcpmm_cpu *cpu;
	int done = 0;

	(void)state;
	begin(PCPMM_LRU_DRAIN_PWLOCKS, 0);
	cpu = enter(0);
	thread = pcpmm_cpu_run(machine, OWNER, -1, churn, &done);
	assert_non_null(thread);
	while (!word_read(&done))
		assert_int_equal(pcpmm_slab_flush(cpu, cache), 0);
	pcpmm_cpu_join(thread);
	assert_int_equal(pcpmm_slab_flush(cpu, cache), 0);
	assert_int_equal(stats().sheaved, 0);
	assert_int_equal(stats().held, 0);
	leave(cpu);
	end();
}

static void shrink_often(struct pcpmm_cpu *cpu, void *arg)
{
	while (!word_read(arg))
		assert_true(pcpmm_slab_shrink(cpu, cache) >= 0);
}

/* Two CPUs use the cache while a third takes its pages away, by either way. */
static void test_shrink_under_load(void **state)
{
	(void)state;
	for (unsigned int key = 0; key < 2; key++) {
		struct pcpmm_cpu_thread *owner, *shrinker;
		int done = 0;

		begin(key ? PCPMM_LRU_DRAIN_PWLOCKS : PCPMM_LRU_DRAIN_WORK, 0);
		owner = pcpmm_cpu_run(machine, OWNER, -1, churn, &done);
		shrinker = pcpmm_cpu_run(machine, 2, -1, shrink_often, &done);
		assert_non_null(owner);
		assert_non_null(shrinker);
		pcpmm_cpu_join(owner);
		pcpmm_cpu_join(shrinker);
		end();
	}
}

/* --- hotplug ------------------------------------------------------------------------------ */

static void test_offline(void **state)
{
	struct pcpmm_cpu *cpu;

	(void)state;
	for (unsigned int key = 0; key < 2; key++) {
		begin(key ? PCPMM_LRU_DRAIN_PWLOCKS : PCPMM_LRU_DRAIN_WORK, 0);
		stock(2);
		cpu = enter(0);
		assert_true(stats().sheaved > 0);
		assert_int_equal(pcpmm_cpu_offline(cpu, 2), 0);
		assert_int_equal(stats().sheaved, 0);
		assert_int_equal(pcpmm_cpu_online(cpu, 2), 0);
		leave(cpu);
		end();
	}
}

/* A CPU goes down and comes back while others flush it. */
static void test_hotplug_and_flusher(void **state)
{
	struct pcpmm_cpu_thread *thread;
	struct pcpmm_cpu *cpu;
	int done = 0;

	(void)state;
	begin(PCPMM_LRU_DRAIN_PWLOCKS, 0);
	stock(ISOLATED);
	cpu = enter(0);
	thread = pcpmm_cpu_run(machine, 2, -1, hotplug_main, &done);
	assert_non_null(thread);
	while (!word_read(&done))
		assert_int_equal(pcpmm_slab_flush(cpu, cache), 0);
	pcpmm_cpu_join(thread);
	assert_int_equal(stats().sheaved, 0);
	leave(cpu);
	end();
}

/* An interrupt uses the cache, too. */
static void use_in_interrupt(struct pcpmm_cpu *cpu, void *arg)
{
	(void)arg;
	assert_int_equal(pcpmm_slab_free(cpu, cache, alloc(cpu)), 0);
}

static void test_interrupt(void **state)
{
	struct pcpmm_cpu *cpu;

	(void)state;
	for (unsigned int key = 0; key < 2; key++) {
		begin(key ? PCPMM_LRU_DRAIN_PWLOCKS : PCPMM_LRU_DRAIN_WORK, 0);
		cpu = enter(0);
		assert_int_equal(
			pcpmm_irq_raise(cpu, use_in_interrupt, NULL), 0);
		assert_int_equal(stats().held, 0);
		assert_int_equal(stats().sheaved, CAPACITY / 2);
		assert_int_equal(stats().busy, 0);
		leave(cpu);
		end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_halves),
		cmocka_unit_test(test_slabs),
		cmocka_unit_test(test_creation_is_checked),
		cmocka_unit_test(test_misuse),
		cmocka_unit_test(test_the_target_is_flushed),
		cmocka_unit_test(test_auto),
		cmocka_unit_test(test_a_spinner),
		cmocka_unit_test(test_owner_and_flusher),
		cmocka_unit_test(test_shrink_under_load),
		cmocka_unit_test(test_offline),
		cmocka_unit_test(test_hotplug_and_flusher),
		cmocka_unit_test(test_interrupt),
	};

	return cmocka_run_group_tests_name("slab", tests, NULL, NULL);
}
