/* SPDX-License-Identifier: MIT */
/*
 * test_atomic.c - arch/atomic.h and arch/this_cpu.h
 *
 * Tests 8 bit operations with all pairs of operands and 32 bit operations with
 * edge values against plain arithmetic; that neighbouring bytes stay unchanged;
 * that full operations of several threads lose no update and give the promised
 * order; that local operations lose no update to an interrupt on the same
 * thread.
 *
 * The local and the full form of an operation have the same result when no
 * other thread interferes, so one table of functions (struct rmw) runs both
 * through the same bodies.
 *
 * tests/codegen checks that local operations are *not* locked.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/atomic.h"
#include "arch/this_cpu.h"
#include "cpu/entry.h"
#include "support/cpu.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The CPU of the local operations: at rest, interrupts on. */
static struct cpu test_cpu;

/* One family of operations; the operand is the middle of its cell (below). */
struct rmw {
	int8_t (*xchg_s8)(int8_t *p, int8_t new);
	int8_t (*cmpxchg_s8)(int8_t *p, int8_t old, int8_t new);
	int32_t (*xchg_s32)(int32_t *p, int32_t new);
	int32_t (*cmpxchg_s32)(int32_t *p, int32_t old, int32_t new);
};

/* clang-format off */

#define DEFINE_RMW(T, type)						\
static type full_xchg_##T(type *p, type new)				\
{									\
	return atomic_xchg_full_##T(p, new);				\
}									\
static type full_cmpxchg_##T(type *p, type old, type new)		\
{									\
	return atomic_cmpxchg_full_##T(p, old, new);			\
}									\
static type local_xchg_##T(type *p, type new)				\
{									\
	return this_cpu_xchg_##T(&test_cpu, p, new);			\
}									\
static type local_cmpxchg_##T(type *p, type old, type new)		\
{									\
	return this_cpu_cmpxchg_##T(&test_cpu, p, old, new);		\
}

DEFINE_RMW(s8, int8_t)
DEFINE_RMW(s32, int32_t)

/* clang-format on */

static const struct rmw rmw_full = {
	full_xchg_s8,
	full_cmpxchg_s8,
	full_xchg_s32,
	full_cmpxchg_s32,
};

static const struct rmw rmw_local = {
	local_xchg_s8,
	local_cmpxchg_s8,
	local_xchg_s32,
	local_cmpxchg_s32,
};

/*
 * An operand between guards: an access of the wrong width or place changes
 * them. The pattern has no byte that an add would leave unchanged.
 */
#define GUARD 0x5a

struct s8_cell {
	uint8_t before[8];
	int8_t v;
	uint8_t after[7];
};

struct s32_cell {
	uint8_t before[8];
	int32_t v;
	uint8_t after[4];
};

static bool guards_intact(const uint8_t *guard, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (guard[i] != GUARD)
			return false;
	return true;
}

/* Fails unless *@cell holds @want between intact guards. */
static void check_s8_cell(const struct s8_cell *cell, int8_t want)
{
	assert_int_equal(cell->v, want);
	assert_true(guards_intact(cell->before, sizeof(cell->before)));
	assert_true(guards_intact(cell->after, sizeof(cell->after)));
}

static void check_s32_cell(const struct s32_cell *cell, int32_t want)
{
	assert_int_equal(cell->v, want);
	assert_true(guards_intact(cell->before, sizeof(cell->before)));
	assert_true(guards_intact(cell->after, sizeof(cell->after)));
}

/* The reference: wrap-around sums, computed without undefined overflow. */
static int8_t sum_s8(int a, int b)
{
	int sum = (a + b) & 0xff;

	return (int8_t)(sum > INT8_MAX ? sum - 256 : sum);
}

static int32_t sum_s32(int64_t a, int64_t b)
{
	int64_t sum = (a + b) & UINT32_MAX;

	return (int32_t)(sum > INT32_MAX ? sum - ((int64_t)1 << 32) : sum);
}

static void test_s8_xchg(void **state)
{
	const struct rmw *rmw = *state;
	struct s8_cell cell;

	memset(&cell, GUARD, sizeof(cell));
	for (int a = INT8_MIN; a <= INT8_MAX; a++) {
		for (int b = INT8_MIN; b <= INT8_MAX; b++) {
			cell.v = (int8_t)a;
			assert_int_equal(rmw->xchg_s8(&cell.v, b), a);
			check_s8_cell(&cell, (int8_t)b);
		}
	}
}

/* *p is a, the expected value b: success exactly where they are equal. */
static void test_s8_cmpxchg(void **state)
{
	const struct rmw *rmw = *state;
	struct s8_cell cell;

	memset(&cell, GUARD, sizeof(cell));
	for (int a = INT8_MIN; a <= INT8_MAX; a++) {
		for (int b = INT8_MIN; b <= INT8_MAX; b++) {
			int8_t new = (int8_t)~a;

			cell.v = (int8_t)a;
			assert_int_equal(rmw->cmpxchg_s8(&cell.v, b, new), a);
			check_s8_cell(&cell, a == b ? new : (int8_t)a);
		}
	}
}

/* Signs, ends, and values that differ in one byte or only above a byte. */
static const int32_t edges_s32[] = {
	0,
	1,
	-1,
	2,
	-2,
	125,
	127,
	-128,
	255,
	256,
	-256,
	32767,
	-32768,
	65535,
	65536,
	0x01000000,
	0x00ff00ff,
	INT32_MAX - 1,
	INT32_MAX,
	INT32_MIN,
	INT32_MIN + 1,
};

static void test_s32_xchg(void **state)
{
	const struct rmw *rmw = *state;
	struct s32_cell cell;

	memset(&cell, GUARD, sizeof(cell));
	for (size_t i = 0; i < ARRAY_LEN(edges_s32); i++) {
		for (size_t j = 0; j < ARRAY_LEN(edges_s32); j++) {
			int32_t a = edges_s32[i], b = edges_s32[j];

			cell.v = a;
			assert_int_equal(rmw->xchg_s32(&cell.v, b), a);
			check_s32_cell(&cell, b);
		}
	}
}

static void test_s32_cmpxchg(void **state)
{
	const struct rmw *rmw = *state;
	struct s32_cell cell;

	memset(&cell, GUARD, sizeof(cell));
	for (size_t i = 0; i < ARRAY_LEN(edges_s32); i++) {
		for (size_t j = 0; j < ARRAY_LEN(edges_s32); j++) {
			int32_t a = edges_s32[i], b = edges_s32[j];

			cell.v = a;
			assert_int_equal(rmw->cmpxchg_s32(&cell.v, b, ~a), a);
			check_s32_cell(&cell, a == b ? ~a : a);
		}
	}
}

/* Every bit of a value, the sign included, survives a store and a load. */
static void test_load_store(void **state)
{
	uint8_t u8 = 0;
	int8_t s8 = 0;
	uint32_t u32 = 0;
	int32_t s32 = 0;
	uint64_t u64 = 0;
	int64_t s64 = 0;
	void *ptr = NULL;

	(void)state;
	atomic_store_relaxed_u8(&u8, UINT8_MAX - 1);
	assert_int_equal(atomic_load_relaxed_u8(&u8), UINT8_MAX - 1);
	atomic_store_release_u8(&u8, 1);
	assert_int_equal(atomic_load_acquire_u8(&u8), 1);
	atomic_store_relaxed_s8(&s8, INT8_MIN);
	assert_int_equal(atomic_load_relaxed_s8(&s8), INT8_MIN);
	atomic_store_release_s8(&s8, -1);
	assert_int_equal(atomic_load_acquire_s8(&s8), -1);
	atomic_store_relaxed_u32(&u32, UINT32_MAX - 1);
	assert_true(atomic_load_relaxed_u32(&u32) == UINT32_MAX - 1);
	atomic_store_release_u32(&u32, 0x12345678);
	assert_true(atomic_load_acquire_u32(&u32) == 0x12345678);
	atomic_store_relaxed_s32(&s32, INT32_MIN);
	assert_true(atomic_load_relaxed_s32(&s32) == INT32_MIN);
	atomic_store_release_s32(&s32, -2);
	assert_true(atomic_load_acquire_s32(&s32) == -2);
	atomic_store_relaxed_u64(&u64, UINT64_MAX - 1);
	assert_true(atomic_load_relaxed_u64(&u64) == UINT64_MAX - 1);
	atomic_store_release_u64(&u64, UINT64_C(0x123456789abcdef0));
	assert_true(
		atomic_load_acquire_u64(&u64) == UINT64_C(0x123456789abcdef0));
	atomic_store_relaxed_s64(&s64, INT64_MIN);
	assert_true(atomic_load_relaxed_s64(&s64) == INT64_MIN);
	atomic_store_release_s64(&s64, -3);
	assert_true(atomic_load_acquire_s64(&s64) == -3);
	atomic_store_release_ptr(&ptr, &u8);
	assert_ptr_equal(atomic_load_relaxed_ptr(&ptr), &u8);
	atomic_store_release_ptr(&ptr, &s64);
	assert_ptr_equal(atomic_load_acquire_ptr(&ptr), &s64);
}

static void test_relaxed_rmw(void **state)
{
	int64_t sum = (int64_t)UINT32_MAX;
	uint32_t word = 7, seen = 7;

	(void)state;
	atomic_add_relaxed_s64(&sum, 1);
	assert_true(sum == (int64_t)1 << 32);
	atomic_add_relaxed_s64(&sum, -1);
	assert_true(sum == UINT32_MAX);
	sum = INT64_MAX;
	atomic_add_relaxed_s64(&sum, 1);
	assert_true(sum == INT64_MIN);

	assert_true(atomic_cmpxchg_relaxed_u32(&word, &seen, 8));
	assert_int_equal(word, 8);
	assert_int_equal(seen, 7);
	assert_false(atomic_cmpxchg_relaxed_u32(&word, &seen, 9));
	assert_int_equal(word, 8);
	assert_int_equal(seen, 8);

	assert_int_equal(atomic_xchg_acquire_u32(&word, 1), 8);
	assert_int_equal(word, 1);

	word = UINT32_MAX;
	assert_int_equal(atomic_fetch_add_relaxed_u32(&word, 3), UINT32_MAX);
	assert_int_equal(word, 2);
}

static void test_cmpxchg_u64(void **state)
{
	uint64_t word = UINT64_MAX - 1, seen = UINT64_MAX - 1;

	(void)state;
	assert_true(atomic_cmpxchg_relaxed_u64(&word, &seen, 1ull << 40));
	assert_true(word == 1ull << 40);
	assert_true(seen == UINT64_MAX - 1);
	/* The lower halves are equal. */
	seen = 0;
	assert_false(atomic_cmpxchg_relaxed_u64(&word, &seen, 9));
	assert_true(word == 1ull << 40);
	assert_true(seen == 1ull << 40);
}

static void test_xchg_u64(void **state)
{
	uint64_t word = UINT64_MAX;

	(void)state;
	assert_true(atomic_xchg_relaxed_u64(&word, 1ULL << 40) == UINT64_MAX);
	assert_true(word == 1ULL << 40);
}

/* Around each edge, where a wrong width or an unsigned comparison shows. */
static void test_compare(void **state)
{
	static const int64_t edge[] = {0, 1, -1, INT8_MAX, INT8_MIN, INT32_MAX,
		INT32_MIN, (int64_t)INT32_MAX + 1, (int64_t)INT32_MIN - 1,
		INT64_C(1) << 60, -(INT64_C(1) << 60), INT64_MAX, INT64_MIN};
	const size_t nr = sizeof(edge) / sizeof(edge[0]);
	void *ptr = NULL;

	(void)state;
	for (size_t i = 0; i < nr * nr; i++) {
		int64_t a = edge[i / nr], b = edge[i % nr];
		int32_t x = (int32_t)a, y = (int32_t)b;

		assert_int_equal(atomic_below_relaxed_s64(&a, b), a < b);
		assert_int_equal(atomic_below_relaxed_s32(&x, y), x < y);
	}
	assert_true(atomic_is_null_relaxed(&ptr));
	for (unsigned int bit = 0; bit < 64; bit++) {
		ptr = (void *)(uintptr_t)(1ULL << bit);
		assert_false(atomic_is_null_relaxed(&ptr));
	}
}

static void test_pointer_rmw(void **state)
{
	int a, b;
	void *ptr = &a, *seen = &b;

	(void)state;
	assert_false(atomic_cmpxchg_release_ptr(&ptr, &seen, NULL));
	assert_ptr_equal(seen, &a);
	assert_true(atomic_cmpxchg_release_ptr(&ptr, &seen, &b));
	assert_ptr_equal(ptr, &b);
	assert_ptr_equal(atomic_xchg_acquire_ptr(&ptr, NULL), &b);
	assert_null(ptr);
}

/*
 * Threads change the same cells as fast as they can. The result of each cell
 * does not depend on the order, as long as no update is lost.
 */
enum { HAMMERS = 4, HAMMER_ROUNDS = 50000 };

struct hammer_cells {
	int8_t cas_s8;
	int32_t cas_s32;
	int64_t add_s64;
	uint64_t add_u64;
	int32_t pot_s32; /* added to, and emptied by xchg */
	int8_t pot_s8;
	int64_t taken_s32; /* sum of the values that xchg took, all threads */
	int64_t taken_s8;
	uint32_t lock;
	int64_t locked; /* plain; changed under the lock */
};

/* Adds one by cmpxchg, repeated until it succeeds. */
static void cas_increment(struct hammer_cells *c)
{
	int8_t old8 = atomic_load_relaxed_s8(&c->cas_s8), found8 = old8;
	int32_t old32 = atomic_load_relaxed_s32(&c->cas_s32), found32 = old32;

	do {
		old8 = found8;
		found8 = atomic_cmpxchg_full_s8(
			&c->cas_s8, old8, sum_s8(old8, 1));
	} while (found8 != old8);
	do {
		old32 = found32;
		found32 =
			atomic_cmpxchg_full_s32(&c->cas_s32, old32, old32 + 1);
	} while (found32 != old32);
}

static void put_s8(int8_t *pot, int v)
{
	int8_t old, found = atomic_load_relaxed_s8(pot);

	do {
		old = found;
		found = atomic_cmpxchg_full_s8(pot, old, sum_s8(old, v));
	} while (found != old);
}

static void put_s32(int32_t *pot, int32_t v)
{
	int32_t old, found = atomic_load_relaxed_s32(pot);

	do {
		old = found;
		found = atomic_cmpxchg_full_s32(pot, old, sum_s32(old, v));
	} while (found != old);
}

static void *hammer(void *arg)
{
	struct hammer_cells *c = arg;
	int64_t taken_s8 = 0, taken_s32 = 0;

	for (int i = 0; i < HAMMER_ROUNDS; i++) {
		atomic_add_relaxed_s64(&c->add_s64, 7);
		atomic_add_relaxed_u64(&c->add_u64, 11);
		cas_increment(c);

		/* Each thread has at most 1 in the pot: no wrap at 8 bit. */
		put_s8(&c->pot_s8, 1);
		taken_s8 += atomic_xchg_full_s8(&c->pot_s8, 0);
		put_s32(&c->pot_s32, i);
		taken_s32 += atomic_xchg_full_s32(&c->pot_s32, 0);

		while (atomic_xchg_acquire_u32(&c->lock, 1))
			sched_yield();
		c->locked++;
		atomic_store_release_u32(&c->lock, 0);
	}
	atomic_add_relaxed_s64(&c->taken_s8, taken_s8);
	atomic_add_relaxed_s64(&c->taken_s32, taken_s32);
	return NULL;
}

static void test_threads_lose_nothing(void **state)
{
	const int64_t n = (int64_t)HAMMERS * HAMMER_ROUNDS;
	struct hammer_cells cells = {0};
	pthread_t threads[HAMMERS];

	(void)state;
	for (int i = 0; i < HAMMERS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, hammer, &cells), 0);
	for (int i = 0; i < HAMMERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);

	assert_int_equal(cells.cas_s8, sum_s8((int)(n % 256), 0));
	assert_true(cells.cas_s32 == n);
	assert_true(cells.add_s64 == 7 * n);
	assert_true(cells.add_u64 == 11 * (uint64_t)n);
	assert_true(cells.taken_s8 + cells.pot_s8 == n);
	assert_true(cells.taken_s32 + cells.pot_s32 ==
		    (int64_t)HAMMERS * HAMMER_ROUNDS * (HAMMER_ROUNDS - 1) / 2);
	assert_true(cells.locked == n);
}

/*
 * Store buffering: each of two threads sets its flag and then reads the
 * other's. With full order in between, at least one thread reads the other's
 * flag as set. The ordering operation is a parameter, as the fence and every
 * full operation must give this.
 */
enum { SB_ROUNDS = 10000, SB_SPINS = 5000, SB_SKEW = 256 };

static int8_t sb_word_s8[2];
static int32_t sb_word_s32[2];

static void sb_fence(int self)
{
	(void)self;
	atomic_fence_seq_cst();
}

static void sb_xchg(int self)
{
	(void)atomic_xchg_full_s32(&sb_word_s32[self], 1);
}

static void sb_cmpxchg(int self)
{
	(void)atomic_cmpxchg_full_s8(
		&sb_word_s8[self], sb_word_s8[self], (int8_t)self);
}

struct sb {
	void (*order)(int self);
	uint32_t flag[2][SB_ROUNDS];
	uint8_t saw[2][SB_ROUNDS];
	uint32_t arrived; /* threads that reached the round, over all rounds */
};

struct sb_side {
	struct sb *sb;
	int self;
};

static void sb_meet(struct sb *sb, uint32_t target)
{
	uint32_t seen = atomic_load_relaxed_u32(&sb->arrived);

	while (!atomic_cmpxchg_relaxed_u32(&sb->arrived, &seen, seen + 1))
		continue;
	/* Spin, to start together; then yield, as the host may have one CPU. */
	for (int i = 0; atomic_load_relaxed_u32(&sb->arrived) < target; i++)
		if (i >= SB_SPINS)
			sched_yield();
}

static void *sb_run(void *arg)
{
	static const uint32_t primes[2] = {7, 29};
	struct sb_side *side = arg;
	struct sb *sb = side->sb;
	int self = side->self;

	for (uint32_t i = 0; i < SB_ROUNDS; i++) {
		/* Make the later load hit the cache and the store miss it. */
		(void)atomic_load_relaxed_u32(&sb->flag[!self][i]);
		sb_meet(sb, 2 * (i + 1));
		/* A different delay each round shifts the two threads. */
		for (uint32_t skew = i * primes[self] % SB_SKEW; skew; skew--)
			(void)atomic_load_relaxed_u32(&sb->arrived);
		atomic_store_relaxed_u32(&sb->flag[self][i], 1);
		sb->order(self);
		sb->saw[self][i] =
			(uint8_t)atomic_load_relaxed_u32(&sb->flag[!self][i]);
	}
	return NULL;
}

static void test_store_buffering(void **state)
{
	static void (*const orders[])(int) = {sb_fence, sb_xchg, sb_cmpxchg};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		struct sb *sb = calloc(1, sizeof(*sb));
		struct sb_side left = {sb, 0}, right = {sb, 1};
		pthread_t thread;

		assert_non_null(sb);
		sb->order = orders[i];
		assert_int_equal(
			pthread_create(&thread, NULL, sb_run, &left), 0);
		sb_run(&right);
		assert_int_equal(pthread_join(thread, NULL), 0);
		for (int r = 0; r < SB_ROUNDS; r++)
			assert_true(sb->saw[0][r] || sb->saw[1][r]);
		free(sb);
	}
}

/*
 * Local operations against real interrupts. A second thread sends interrupts to
 * this one as fast as it takes them; the handler changes the same counters and
 * counts its changes. A difference at the end is a lost update.
 *
 * An interrupt is a signal, which comes between any two instructions; or, where
 * the backend depends on the soft mask of cpu.h, a call raised on the CPU,
 * which that mask delays.
 */
enum { INTERRUPTS = 5000 };

static struct {
	int8_t cas_s8;
	int32_t cas_s32;
	uint64_t add_u64;
	int32_t pot_s32;
	int64_t taken_by_handler;
	uint32_t handled; /* interrupts */
} local;

static struct {
	pthread_t target;
	uint32_t done; /* stop sending */
	int error;
} sender;

/* A step of either side. Returns the amount taken out of the pot. */
static int32_t local_step(void)
{
	struct cpu *cpu = &test_cpu;
	int8_t old8;
	int32_t old32;

	this_cpu_add_u64(cpu, &local.add_u64, 3);
	do
		old8 = atomic_load_relaxed_s8(&local.cas_s8);
	while (this_cpu_cmpxchg_s8(cpu, &local.cas_s8, old8, sum_s8(old8, 1)) !=
		old8);
	do
		old32 = atomic_load_relaxed_s32(&local.cas_s32);
	while (this_cpu_cmpxchg_s32(cpu, &local.cas_s32, old32, old32 + 1) !=
		old32);
	do
		old32 = atomic_load_relaxed_s32(&local.pot_s32);
	while (this_cpu_cmpxchg_s32(cpu, &local.pot_s32, old32, old32 + 1) !=
		old32);
	return this_cpu_xchg_s32(cpu, &local.pot_s32, 0);
}

static void handle_interrupt(void)
{
	local.taken_by_handler += local_step();
	atomic_store_relaxed_u32(
		&local.handled, atomic_load_relaxed_u32(&local.handled) + 1);
}

static void on_signal(int sig)
{
	(void)sig;
	handle_interrupt();
}

static void on_call(struct pcpmm_cpu *cpu, void *arg)
{
	(void)cpu;
	(void)arg;
	handle_interrupt();
}

/* Sends an interrupt after the last was taken, as signals do not queue. */
static void *send_interrupts(void *arg)
{
	(void)arg;
	for (uint32_t sent = 0; !atomic_load_relaxed_u32(&sender.done);) {
		if (atomic_load_relaxed_u32(&local.handled) != sent) {
			sched_yield();
			continue;
		}
		if (THIS_CPU_MASKS_IRQS)
			sender.error = cpu_raise(&test_cpu, on_call, NULL);
		else
			sender.error = pthread_kill(sender.target, SIGUSR1);
		if (sender.error)
			break;
		sent++;
	}
	return NULL;
}

static void test_local_against_interrupts(void **state)
{
	struct sigaction action = {.sa_handler = on_signal}, saved;
	int64_t taken = 0, own = 0, n;
	pthread_t thread;

	(void)state;
	memset(&local, 0, sizeof(local));
	memset(&sender, 0, sizeof(sender));
	sender.target = pthread_self();
	cpu_init(&test_cpu, 0);
	assert_true(enter_cpu(&test_cpu));
	assert_int_equal(sigaction(SIGUSR1, &action, &saved), 0);
	assert_int_equal(
		pthread_create(&thread, NULL, send_interrupts, NULL), 0);
	while (atomic_load_relaxed_u32(&local.handled) < INTERRUPTS) {
		taken += local_step();
		/* The sender may share this host CPU. */
		if (++own % 1024 == 0)
			sched_yield();
	}
	atomic_store_relaxed_u32(&sender.done, 1);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(sender.error, 0);
	cpu_poll(&test_cpu); /* a call that arrived after the loop */
	assert_int_equal(sigaction(SIGUSR1, &saved, NULL), 0);

	n = own + atomic_load_relaxed_u32(&local.handled);
	assert_int_equal(local.cas_s8, sum_s8((int)(n % 256), 0));
	assert_true(local.add_u64 == 3 * (uint64_t)n);
	assert_true(local.cas_s32 == (int32_t)n);
	assert_true(taken + local.taken_by_handler + local.pot_s32 == n);
	leave_cpu(&test_cpu);
	cpu_fini(&test_cpu);
}

#define WITH(rmw, test)                                                        \
	{                                                                      \
		.name = #test "/" #rmw, .test_func = test,                     \
		.initial_state = (void *)&rmw_##rmw                            \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(full, test_s8_xchg),
		WITH(local, test_s8_xchg),
		WITH(full, test_s8_cmpxchg),
		WITH(local, test_s8_cmpxchg),
		WITH(full, test_s32_xchg),
		WITH(local, test_s32_xchg),
		WITH(full, test_s32_cmpxchg),
		WITH(local, test_s32_cmpxchg),
		cmocka_unit_test(test_load_store),
		cmocka_unit_test(test_relaxed_rmw),
		cmocka_unit_test(test_cmpxchg_u64),
		cmocka_unit_test(test_xchg_u64),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_pointer_rmw),
		cmocka_unit_test(test_threads_lose_nothing),
		cmocka_unit_test(test_store_buffering),
		cmocka_unit_test(test_local_against_interrupts),
	};

	return cmocka_run_group_tests_name("atomic", tests, NULL, NULL);
}
