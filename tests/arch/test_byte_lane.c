/* SPDX-License-Identifier: MIT */
/*
 * test_byte_lane.c - 8 bit operations of arch/atomic.h and arch/this_cpu.h on
 * each byte of a word, where a backend may exchange the whole word
 *
 * Tests threads/byte_lane.h, the place of a byte in its word, for both byte
 * orders on every host; that an operation on one byte leaves the other three as
 * they are; and that threads which change the four bytes of one word at the same
 * time, each its own by another kind of operation, never see theirs changed. The
 * last test shows that they do see it if one of them stores the word as it was read.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch/atomic.h"
#include "arch/this_cpu.h"
#include "arch/threads/byte_lane.h"
#include "cpu/entry.h"
#include "support/cpu.h"

enum { LANES = 4 };

/* --- the place of a byte ------------------------------------------------ */

/* What a processor loads from four bytes. */
static uint32_t word_of(const uint8_t byte[LANES], bool big_endian)
{
	uint32_t word = 0;

	for (int i = 0; i < LANES; i++)
		word = word << 8 | byte[big_endian ? i : LANES - 1 - i];
	return word;
}

static void test_shift(void **state)
{
	static const uint8_t byte[LANES] = {0x81, 0x42, 0xc3, 0x24};
	const uintptr_t base = 4096;

	(void)state;
	for (int order = 0; order < 2; order++)
		for (uintptr_t at = 0; at < 2 * LANES; at++) {
			struct byte_lane lane = {
				.shift = byte_lane_shift(base + at, order)};

			assert_int_equal(
				byte_lane_get(lane, word_of(byte, order)),
				(int8_t)byte[at % LANES]);
		}
}

/* byte_lane_of() agrees with what the host loads. */
static void test_lane_of(void **state)
{
	union {
		int8_t byte[LANES];
		uint32_t word;
	} cell;

	(void)state;
	for (int i = 0; i < LANES; i++) {
		struct byte_lane lane = byte_lane_of(&cell.byte[i]);

		assert_ptr_equal(lane.word, &cell.word);
		for (int v = INT8_MIN; v <= INT8_MAX; v++) {
			cell.word = 0;
			cell.byte[i] = (int8_t)v;
			assert_true(
				byte_lane_put(lane, (int8_t)v) == cell.word);
			assert_int_equal(byte_lane_get(lane, cell.word), v);
		}
		cell.word = 0;
		cell.byte[i] = -1;
		assert_true(byte_lane_mask(lane) == cell.word);
	}
}

/* --- one byte after the other ------------------------------------------- */

/* One family of operations. */
struct ops {
	int8_t (*xchg)(int8_t *p, int8_t new);
	int8_t (*cmpxchg)(int8_t *p, int8_t old, int8_t new);
};

static struct cpu test_cpu;

static int8_t full_xchg(int8_t *p, int8_t new)
{
	return atomic_xchg_full_s8(p, new);
}

static int8_t full_cmpxchg(int8_t *p, int8_t old, int8_t new)
{
	return atomic_cmpxchg_full_s8(p, old, new);
}

static int8_t local_xchg(int8_t *p, int8_t new)
{
	return this_cpu_xchg_s8(&test_cpu, p, new);
}

static int8_t local_cmpxchg(int8_t *p, int8_t old, int8_t new)
{
	return this_cpu_cmpxchg_s8(&test_cpu, p, old, new);
}

static const struct ops full = {full_xchg, full_cmpxchg};
static const struct ops local = {local_xchg, local_cmpxchg};

/* The neighbours are what a carry, a borrow or a sign would change. */
static void fill(int8_t word[LANES], int neighbour, int lane, int v)
{
	memset(word, neighbour, LANES);
	word[lane] = (int8_t)v;
}

static void check(const int8_t word[LANES], int neighbour, int lane, int v)
{
	for (int i = 0; i < LANES; i++)
		assert_int_equal(word[i], i == lane ? v : (int8_t)neighbour);
}

static void test_each_lane(void **state)
{
	static const int neighbours[] = {0, -1, 0x7f, -0x80, 0x5a};
	const struct ops *ops = *state;
	int8_t word[LANES] __attribute__((aligned(4)));

	for (size_t n = 0; n < sizeof(neighbours) / sizeof(int); n++)
		for (int i = 0; i < LANES; i++)
			for (int a = INT8_MIN; a <= INT8_MAX; a++) {
				int near = neighbours[n];
				int8_t b = (int8_t)(a ^ 0x91);

				fill(word, near, i, a);
				assert_int_equal(ops->xchg(&word[i], b), a);
				check(word, near, i, b);
				assert_int_equal(
					ops->cmpxchg(&word[i], b, (int8_t)a),
					b);
				check(word, near, i, a);
				assert_int_equal(
					ops->cmpxchg(&word[i], b, 0), a);
				check(word, near, i, a);
			}
}

/* --- all four at the same time ------------------------------------------ */

enum { ROUNDS = 50000 };

/* One word, one byte of it a thread. */
static int8_t shared[LANES] __attribute__((aligned(4)));
static uint32_t ready;

struct side {
	int lane;
	struct cpu cpu;
	bool careless; /* lane 0: stores the word, does not exchange it */
	int wrong; /* rounds in which the byte was not what this thread left */
};

/* What a backend must not do: other threads' changes in between are lost. */
static int8_t store_word(int8_t *p, int8_t new)
{
	struct byte_lane lane = byte_lane_of(p);
	uint32_t word = __atomic_load_n(lane.word, __ATOMIC_RELAXED);
	uint32_t others = word & ~(uint32_t)byte_lane_mask(lane);

	sched_yield();
	__atomic_store_n(lane.word, others | (uint32_t)byte_lane_put(lane, new),
		__ATOMIC_RELAXED);
	return byte_lane_get(lane, word);
}

/* The byte becomes @new. Returns what it was. */
static int8_t change(struct side *side, int8_t *p, int8_t old, int8_t new)
{
	int8_t found;

	switch (side->lane) {
	case 0:
		if (side->careless)
			return store_word(p, new);
		return atomic_cmpxchg_full_s8(p, old, new);
	case 1:
		return atomic_xchg_full_s8(p, new);
	case 2:
		return this_cpu_cmpxchg_s8(&side->cpu, p, old, new);
	default:
		found = this_cpu_read_s8(p);
		this_cpu_write_s8(p, new);
		return found;
	}
}

static void *run(void *arg)
{
	struct side *side = arg;
	int8_t *p = &shared[side->lane];
	int8_t old = 0;

	if (!enter_cpu(&side->cpu)) {
		side->wrong = -1;
		return NULL;
	}
	(void)atomic_fetch_add_relaxed_u32(&ready, 1);
	while (atomic_load_relaxed_u32(&ready) < LANES)
		sched_yield();
	for (int i = 0; i < ROUNDS; i++) {
		int8_t new = (int8_t)(uint8_t)(i * 37 + side->lane + 1);

		side->wrong += change(side, p, old, new) != old;
		old = new;
		/* The host may have one CPU: into the store's window. */
		if (side->careless && i % 64 == 0)
			sched_yield();
	}
	side->wrong += atomic_load_relaxed_s8(p) != old;
	leave_cpu(&side->cpu);
	return NULL;
}

/* Rounds that went wrong, of the threads on lanes from @first up. */
static int run_all(bool careless, int first)
{
	struct side sides[LANES] = {0};
	pthread_t threads[LANES];
	int wrong = 0;

	memset(shared, 0, sizeof(shared));
	atomic_store_relaxed_u32(&ready, 0);
	for (int i = 0; i < LANES; i++) {
		sides[i].lane = i;
		sides[i].careless = careless;
		cpu_init(&sides[i].cpu, (unsigned int)i);
		assert_int_equal(
			pthread_create(&threads[i], NULL, run, &sides[i]), 0);
	}
	for (int i = 0; i < LANES; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		cpu_fini(&sides[i].cpu);
		assert_true(sides[i].wrong >= 0);
		if (i >= first)
			wrong += sides[i].wrong;
	}
	return wrong;
}

static void test_neighbours_at_the_same_time(void **state)
{
	(void)state;
	assert_int_equal(run_all(false, 0), 0);
}

/* ThreadSanitizer reports the store, which is the mistake. */
#ifdef __SANITIZE_THREAD__
#define STORE_REPORTED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define STORE_REPORTED 1
#endif
#endif
#ifndef STORE_REPORTED
#define STORE_REPORTED 0
#endif

/* One run finds thousands; a host that runs thread after thread may find none. */
static void test_a_store_is_noticed(void **state)
{
	int wrong = 0;

	(void)state;
	if (STORE_REPORTED)
		return;
	for (int i = 0; i < 50 && !wrong; i++)
		wrong = run_all(true, 1);
	assert_true(wrong > 0);
}

#define WITH(ops)                                                              \
	{                                                                      \
		.name = "test_each_lane/" #ops, .test_func = test_each_lane,   \
		.initial_state = (void *)&ops                                  \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shift),
		cmocka_unit_test(test_lane_of),
		WITH(full),
		WITH(local),
		cmocka_unit_test(test_neighbours_at_the_same_time),
		cmocka_unit_test(test_a_store_is_noticed),
	};

	return cmocka_run_group_tests_name("byte_lane", tests, NULL, NULL);
}
