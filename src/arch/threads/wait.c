/* SPDX-License-Identifier: MIT */
/* Waiting by futex, and by pauses of the processor. */
#include "arch/wait.h"

#include <ck_pr.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "arch/atomic.h"
#include "arch/compiler.h"
#include "arch/rcu_flavour.h"
#include "arch/thread.h"

#define LOOKS 64 /* before a waiter goes to sleep */
#define SPIN_YIELD 256 /* looks before a spinner yields its host CPU */

/* --- asleep ------------------------------------------------------------ */

static void futex_wait(
	uint32_t *word, uint32_t value, const struct timespec *timeout)
{
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, timeout, NULL, 0);
}

void wake_word(uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

static bool changes_soon(const uint32_t *word, uint32_t value)
{
	for (unsigned int i = 0; i < LOOKS; i++) {
		if (atomic_load_acquire_u32(word) != value)
			return true;
		ck_pr_stall();
	}
	return false;
}

void wait_word(uint32_t *word, uint32_t value)
{
	bool was_online;

	if (changes_soon(word, value))
		return;
	was_online = rcu_offline();
	while (atomic_load_acquire_u32(word) == value)
		futex_wait(word, value, NULL);
	rcu_online(was_online);
}

bool wait_word_ms(uint32_t *word, uint32_t value, uint32_t ms)
{
	struct timespec timeout = {
		.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
	bool was_online = rcu_offline();

	futex_wait(word, value, &timeout);
	rcu_online(was_online);
	return atomic_load_acquire_u32(word) != value;
}

/* --- awake -------------------------------------------------------------- */

void spin_pause(unsigned int *turns)
{
	ck_pr_stall();
	if (++*turns % SPIN_YIELD == 0)
		sched_yield();
}

/* Racy on purpose: see wait.h. */
static racy_reader bool is_zero(const uint32_t *word)
{
	return RACY_READ(*word) == 0;
}

void spin_until_zero(const uint32_t *word)
{
	unsigned int turns = 0;

	while (!is_zero(word))
		spin_pause(&turns);
}
