/* SPDX-License-Identifier: MIT */
/*
 * A grace period waits for every section that began before it, in each flavour:
 * no reader sees data that the updater destroys after a grace period.
 */
#include "support/harness.h"

#include "arch/atomic.h"
#include "cpu/rcu.h"
#include "cpu/sched.h"
#include "support/cpu.h"
#include "cpu/entry.h"

#include <pthread.h>

#define READERS 3
#define SECTIONS 20000
#define SWAPS 200
#define ALIVE 0x600d600d600d600dULL

struct data {
	uint64_t first, second;
};

static void *shared; /* struct data */
static uint32_t done, left;
static struct cpu cpus[READERS];
static struct cpu *all_cpus[READERS] = {&cpus[0], &cpus[1], &cpus[2]};
static uint64_t online = (1 << READERS) - 1;
static const struct smp smp = {.cpu = all_cpus,
	.nr = READERS,
	.nr_online = READERS,
	.online = &online};

/* --- the operations of each flavour ----------------------------------- */

struct flavour {
	enum pcpmm_rcu rcu;
	enum pcpmm_grace grace;
	int swaps;
	void (*enter)(struct cpu *cpu);
	void (*leave)(struct cpu *cpu);
};

static void sched_section(struct cpu *cpu)
{
	irq_save(cpu);
}

static void sched_section_end(struct cpu *cpu)
{
	rcu_sched_leave();
	irq_restore(cpu);
}

static void memb_section(struct cpu *cpu)
{
	(void)cpu;
	rcu_memb_enter();
}

static void memb_section_end(struct cpu *cpu)
{
	(void)cpu;
	rcu_memb_leave();
}

static void epoch_section(struct cpu *cpu)
{
	rcu_epoch_enter(cpu->rcu_record);
}

static void epoch_section_end(struct cpu *cpu)
{
	rcu_epoch_leave(cpu->rcu_record);
}

static void qsbr_section(struct cpu *cpu)
{
	(void)cpu;
}

static void qsbr_section_end(struct cpu *cpu)
{
	rcu_qsbr_leave(cpu);
}

static struct flavour sched_expedited = {PCPMM_RCU_SCHED, PCPMM_GRACE_EXPEDITED,
	SWAPS, sched_section, sched_section_end};
/* On the host a normal grace period takes tens of milliseconds. */
static struct flavour sched_normal = {PCPMM_RCU_SCHED, PCPMM_GRACE_NORMAL, 3,
	sched_section, sched_section_end};
static struct flavour memb = {PCPMM_RCU_MEMB, PCPMM_GRACE_EXPEDITED, SWAPS,
	memb_section, memb_section_end};
static struct flavour epoch = {PCPMM_RCU_EPOCH, PCPMM_GRACE_EXPEDITED, SWAPS,
	epoch_section, epoch_section_end};
static struct flavour qsbr = {PCPMM_RCU_QSBR, PCPMM_GRACE_EXPEDITED, SWAPS,
	qsbr_section, qsbr_section_end};

static struct rcu rcu;

static void wait_for_readers(void)
{
	rcu_wait(&rcu, NULL);
}

static void init_cpus(const struct flavour *flavour)
{
	int ret;

	for (unsigned int i = 0; i < READERS; i++) {
		cpu_init(&cpus[i], i);
		cpus[i].rcu = (uint8_t)flavour->rcu;
	}
	rcu = (struct rcu){
		.flavour = flavour->rcu, .grace = flavour->grace, .smp = &smp};
	ret = rcu_init(&rcu);
	if (ret == -EOPNOTSUPP)
		skip();
	assert_int_equal(ret, 0);
}

/* --- many short sections ---------------------------------------------- */

struct reader {
	const struct flavour *flavour;
	struct cpu *cpu;
	uint64_t bad;
};

static void *read_sections(void *arg)
{
	struct reader *reader = arg;
	const struct flavour *flavour = reader->flavour;

	assert_true(enter_cpu(reader->cpu));
	for (int i = 0; i < SECTIONS || !atomic_load_relaxed_u32(&done); i++) {
		const struct data *data;

		flavour->enter(reader->cpu);
		data = atomic_load_acquire_ptr(&shared);
		reader->bad += data->first != ALIVE;
		reader->bad += data->second != ALIVE;
		flavour->leave(reader->cpu);
	}
	leave_cpu(reader->cpu);
	return NULL;
}

static struct data *new_data(void)
{
	struct data *data = malloc(sizeof(*data));

	assert_non_null(data);
	*data = (struct data){ALIVE, ALIVE};
	return data;
}

static void test_no_reader_sees_freed_data(void **state)
{
	const struct flavour *flavour = *state;
	struct reader reader[READERS];
	pthread_t thread[READERS];

	init_cpus(flavour);
	done = 0;
	atomic_store_release_ptr(&shared, new_data());
	for (int i = 0; i < READERS; i++) {
		reader[i] = (struct reader){flavour, &cpus[i], 0};
		assert_int_equal(pthread_create(&thread[i], NULL, read_sections,
					 &reader[i]),
			0);
	}
	for (int i = 0; i < flavour->swaps; i++) {
		struct data *old, *next = new_data();

		old = atomic_load_acquire_ptr(&shared);
		atomic_store_release_ptr(&shared, next);
		wait_for_readers();
		old->first = old->second = 0;
		free(old);
	}
	atomic_store_relaxed_u32(&done, 1);
	for (int i = 0; i < READERS; i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_int_equal(reader[i].bad, 0);
	}
	free(shared);
	rcu_fini(&rcu);
}

/* --- one long section ------------------------------------------------- */

static uint32_t inside, waited;

static void *long_section(void *arg)
{
	struct reader *reader = arg;

	assert_true(enter_cpu(reader->cpu));
	reader->flavour->enter(reader->cpu);
	atomic_store_release_u32(&inside, 1);
	while (!atomic_load_acquire_u32(&done))
		sched_yield();
	reader->bad = atomic_load_acquire_u32(&waited);
	reader->flavour->leave(reader->cpu);
	atomic_store_release_u32(&left, 1);
	leave_cpu(reader->cpu);
	return NULL;
}

static void *wait_once(void *arg)
{
	(void)arg;
	wait_for_readers();
	atomic_store_release_u32(&waited, 1);
	return NULL;
}

static void test_wait_lasts_until_the_section_ends(void **state)
{
	struct flavour *flavour = *state;
	struct reader reader = {flavour, &cpus[1], 1};
	pthread_t thread, waiter;

	init_cpus(flavour);
	done = inside = waited = left = 0;
	assert_int_equal(
		pthread_create(&thread, NULL, long_section, &reader), 0);
	while (!atomic_load_acquire_u32(&inside))
		sched_yield();
	assert_int_equal(pthread_create(&waiter, NULL, wait_once, NULL), 0);
	for (int i = 0; i < 1000; i++)
		sched_yield();
	assert_int_equal(atomic_load_acquire_u32(&waited), 0);
	atomic_store_release_u32(&done, 1);
	assert_int_equal(pthread_join(waiter, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(reader.bad, 0);
	assert_int_equal(waited, 1);
	rcu_fini(&rcu);
}

/* --- qsbr: an offline thread is no reader ----------------------------- */

static void *sleep_offline(void *arg)
{
	struct thread *self = thread_get();
	bool outer, inner;

	(void)arg;
	assert_non_null(self);
	rcu_thread_join(self, PCPMM_RCU_QSBR);
	outer = rcu_offline();
	inner = rcu_offline(); /* nests */
	assert_true(outer && !inner);
	rcu_online(inner);
	atomic_store_release_u32(&inside, 1);
	while (!atomic_load_acquire_u32(&done))
		sched_yield();
	rcu_online(outer);
	assert_true(rcu_qsbr_is_online(self));
	rcu_thread_part(self, PCPMM_RCU_QSBR);
	thread_put(self);
	return NULL;
}

static void test_an_offline_thread_is_no_reader(void **state)
{
	pthread_t thread;

	(void)state;
	done = inside = 0;
	assert_int_equal(pthread_create(&thread, NULL, sleep_offline, NULL), 0);
	while (!atomic_load_acquire_u32(&inside))
		sched_yield();
	rcu_wait_qsbr(); /* hangs if it waits for that thread */
	atomic_store_release_u32(&done, 1);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

#define OF(test, flavour)                                                      \
	{                                                                      \
#test " " #flavour, test, NULL, NULL, &flavour                 \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OF(test_no_reader_sees_freed_data, sched_expedited),
		OF(test_no_reader_sees_freed_data, sched_normal),
		OF(test_no_reader_sees_freed_data, memb),
		OF(test_no_reader_sees_freed_data, qsbr),
		OF(test_no_reader_sees_freed_data, epoch),
		OF(test_wait_lasts_until_the_section_ends, sched_expedited),
		OF(test_wait_lasts_until_the_section_ends, memb),
		OF(test_wait_lasts_until_the_section_ends, qsbr),
		OF(test_wait_lasts_until_the_section_ends, epoch),
		cmocka_unit_test(test_an_offline_thread_is_no_reader),
	};

	return cmocka_run_group_tests_name("rcu", tests, NULL, NULL);
}
