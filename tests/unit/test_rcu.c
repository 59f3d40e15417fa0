/* SPDX-License-Identifier: MIT */
/*
 * A grace period waits for every section that began before it: no reader
 * ever sees data that was taken apart after one.
 */
#include "support/harness.h"

#include "arch/atomic.h"
#include "arch/rcu.h"

#include <pthread.h>

#define READERS 3
#define SECTIONS 20000
#define SWAPS 200
#define ALIVE 0x600d600d600d600dULL

struct data {
	uint64_t first, second;
};

static void *shared; /* struct data */
static uint32_t done;

static struct data *new_data(void)
{
	struct data *data = malloc(sizeof(*data));

	assert_non_null(data);
	*data = (struct data){ALIVE, ALIVE};
	return data;
}

static void *read_sections(void *arg)
{
	uint64_t *bad = arg;

	rcu_thread_register();
	for (int i = 0; i < SECTIONS; i++) {
		const struct data *data;

		rcu_section_enter();
		data = atomic_load_acquire_ptr(&shared);
		*bad += data->first != ALIVE;
		rcu_section_enter(); /* sections nest */
		*bad += data->second != ALIVE;
		rcu_section_leave();
		*bad += data->first != ALIVE;
		rcu_section_leave();
	}
	rcu_thread_unregister();
	return NULL;
}

static void test_no_reader_sees_freed_data(void **state)
{
	uint64_t bad[READERS] = {0};
	pthread_t thread[READERS];

	(void)state;
	atomic_store_release_ptr(&shared, new_data());
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, read_sections,
					 &bad[i]),
			0);
	for (int i = 0; i < SWAPS; i++) {
		struct data *old, *next = new_data();

		old = atomic_load_acquire_ptr(&shared);
		atomic_store_release_ptr(&shared, next);
		rcu_wait();
		old->first = old->second = 0;
		free(old);
	}
	for (int i = 0; i < READERS; i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_int_equal(bad[i], 0);
	}
	free(shared);
}

static uint32_t inside, waited;

static void *long_section(void *arg)
{
	uint64_t *seen = arg;

	rcu_thread_register();
	rcu_section_enter();
	atomic_store_release_u32(&inside, 1);
	while (!atomic_load_acquire_u32(&done))
		sched_yield();
	*seen = atomic_load_acquire_u32(&waited);
	rcu_section_leave();
	rcu_thread_unregister();
	return NULL;
}

static void *wait_for_readers(void *arg)
{
	(void)arg;
	rcu_wait();
	atomic_store_release_u32(&waited, 1);
	return NULL;
}

static void test_wait_lasts_until_the_section_ends(void **state)
{
	pthread_t reader, waiter;
	uint64_t seen = 1;

	(void)state;
	done = inside = waited = 0;
	assert_int_equal(pthread_create(&reader, NULL, long_section, &seen), 0);
	while (!atomic_load_acquire_u32(&inside))
		sched_yield();
	assert_int_equal(
		pthread_create(&waiter, NULL, wait_for_readers, NULL), 0);
	for (int i = 0; i < 1000; i++)
		sched_yield();
	assert_int_equal(atomic_load_acquire_u32(&waited), 0);
	atomic_store_release_u32(&done, 1);
	assert_int_equal(pthread_join(reader, NULL), 0);
	assert_int_equal(pthread_join(waiter, NULL), 0);
	assert_int_equal(seen, 0);
	assert_int_equal(waited, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_reader_sees_freed_data),
		cmocka_unit_test(test_wait_lasts_until_the_section_ends),
	};

	return cmocka_run_group_tests_name("rcu", tests, NULL, NULL);
}
