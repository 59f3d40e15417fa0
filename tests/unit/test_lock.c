/* SPDX-License-Identifier: MIT */
/* Spin locks exclude, a trylock never waits, and ranks must rise. */
#include "support/harness.h"

#include "cpu/lock.h"
#include "cpu/sched.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4
#define ROUNDS 20000

static struct spinlock shared_lock;
static uint64_t shared_counter; /* plain: protected by the lock only */

static void *count(void *arg)
{
	struct cpu cpu;

	cpu_init(&cpu, (uint32_t)(uintptr_t)arg);
	for (int i = 0; i < ROUNDS; i++) {
		if (i % 2) {
			lock_acquire(&cpu, &shared_lock, LOCK_RANK_ZONE);
		} else {
			while (!lock_try(&cpu, &shared_lock, LOCK_RANK_ZONE))
				sched_yield();
		}
		shared_counter++;
		lock_release(&cpu, &shared_lock, LOCK_RANK_ZONE);
	}
	return NULL;
}

static void test_threads_exclude_each_other(void **state)
{
	pthread_t thread[THREADS];

	(void)state;
	shared_counter = 0;
	for (uintptr_t i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, count, (void *)i), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	assert_int_equal(shared_counter, (uint64_t)THREADS * ROUNDS);
	assert_int_equal(shared_lock.word, 0);
}

static void test_try_fails_while_held(void **state)
{
	struct spinlock lock = {0};
	struct cpu a, b;

	(void)state;
	cpu_init(&a, 0);
	cpu_init(&b, 1);
	assert_true(lock_try(&a, &lock, LOCK_RANK_PCP));
	assert_int_equal(lock.word, 1);
	assert_false(lock_try(&b, &lock, LOCK_RANK_PCP));
	assert_false(lock_try(&a, &lock, LOCK_RANK_PCP));
	lock_release(&a, &lock, LOCK_RANK_PCP);
	assert_true(lock_try(&b, &lock, LOCK_RANK_PCP));
	lock_release(&b, &lock, LOCK_RANK_PCP);
	assert_int_equal(a.held | b.held, 0);
}

#ifdef PCPMM_LOCK_RANKS
static const char *const rank_name[] = {
	[LOCK_RANK_DRAIN] = "drain",
	[LOCK_RANK_PCP] = "pcp",
	[LOCK_RANK_ZONE] = "zone",
	[LOCK_RANK_LRU_BATCH] = "lru batch",
	[LOCK_RANK_LRU] = "lru",
	[LOCK_RANK_SHEAF] = "sheaf",
	[LOCK_RANK_SLAB] = "slab",
};
#define LAST_WORDS 128

/*
 * Take @first, then @second, in a child. Returns the child's wait status, and
 * in @words what it wrote before it aborted.
 */
static int status_of_pair(
	enum lock_rank first, enum lock_rank second, char words[LAST_WORDS])
{
	struct spinlock outer = {0}, inner = {0};
	struct cpu cpu;
	int ends[2], status;
	ssize_t length;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		/* cmocka's handler would report the abort as a failure. */
		signal(SIGABRT, SIG_DFL);
		dup2(ends[1], STDERR_FILENO);
		cpu_init(&cpu, 0);
		lock_acquire(&cpu, &outer, first);
		lock_acquire(&cpu, &inner, second);
		lock_release(&cpu, &inner, second);
		lock_release(&cpu, &outer, first);
		_exit(cpu.held != 0);
	}
	close(ends[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	length = read(ends[0], words, LAST_WORDS - 1);
	assert_true(length >= 0);
	words[length] = '\0';
	close(ends[0]);
	return status;
}

static void expect_pair(
	enum lock_rank first, enum lock_rank second, bool allowed)
{
	char words[LAST_WORDS], expected[LAST_WORDS];
	int status = status_of_pair(first, second, words);

	if (allowed) {
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		return;
	}
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	snprintf(expected, sizeof(expected),
		"pcpmm: cpu 0 takes the %s lock while holding ranks %#x\n",
		rank_name[second], 1u << first);
	assert_string_equal(words, expected);
}

static void test_ranks_only_rise(void **state)
{
	(void)state;
	for (int a = LOCK_RANK_DRAIN; a <= LOCK_RANK_SLAB; a++)
		for (int b = LOCK_RANK_DRAIN; b <= LOCK_RANK_SLAB; b++)
			expect_pair(
				(enum lock_rank)a, (enum lock_rank)b, b > a);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads_exclude_each_other),
		cmocka_unit_test(test_try_fails_while_held),
#ifdef PCPMM_LOCK_RANKS
		cmocka_unit_test(test_ranks_only_rise),
#endif
	};

	return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
