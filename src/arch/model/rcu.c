/* SPDX-License-Identifier: MIT */
/*
 * Grace periods by counting. Each task has a word a flavour: odd inside a section
 * (memb) or while it is online (qsbr); every end, and every quiescent state, adds 2. A
 * grace period notes the odd words and waits until none of them is as it was.
 */
#include "arch/rcu_flavour.h"

#include <string.h>

#include "tasks.h"

/* One place each, so that a grace period is one operation that reads all words. */
static uint64_t memb[MODEL_TASKS];
static uint32_t memb_nests[MODEL_TASKS];
static uint64_t qsbr[MODEL_TASKS];

static bool is_odd(uint64_t word)
{
	return word & 1;
}

/* An interrupt at the point leaves the word as odd as it was. */
static void advance(uint64_t *words, uint64_t by)
{
	uint64_t *word = &words[model_self()];

	model_point(MODEL_STORE, word, sizeof(*word), true);
	*word += by;
}

/* --- sections ------------------------------------------------------------------- */

void model_memb_enter(void)
{
	MODEL_AT(rcu_memb_enter);
	if (!memb_nests[model_self()])
		advance(memb, 1);
	memb_nests[model_self()]++;
}

void model_memb_leave(void)
{
	MODEL_AT(rcu_memb_leave);
	if (memb_nests[model_self()] == 1)
		advance(memb, 1);
	memb_nests[model_self()]--;
}

static bool is_online(void)
{
	return is_odd(qsbr[model_self()]);
}

static void go_online(void)
{
	if (!is_online())
		advance(qsbr, 1);
}

static void go_offline(void)
{
	if (is_online())
		advance(qsbr, 1);
}

void model_qsbr_quiescent(void)
{
	MODEL_AT(rcu_qsbr_quiescent);
	advance(qsbr, 2);
}

/* --- threads that come and go ------------------------------------------------------ */

bool rcu_qsbr_is_online(const struct thread *thread)
{
	return thread->qsbr && is_online();
}

static bool is_idle(const struct thread *thread)
{
	return thread->idle && thread->idle == thread->qsbr;
}

void rcu_thread_join(struct thread *thread, enum pcpmm_rcu flavour)
{
	MODEL_AT(rcu_thread_join);
	if (flavour == PCPMM_RCU_MEMB)
		thread->memb++;
	if (flavour != PCPMM_RCU_QSBR)
		return;
	thread->qsbr++;
	go_online();
}

void rcu_thread_part(struct thread *thread, enum pcpmm_rcu flavour)
{
	MODEL_AT(rcu_thread_part);
	if (flavour == PCPMM_RCU_MEMB)
		thread->memb--;
	if (flavour != PCPMM_RCU_QSBR)
		return;
	if (!--thread->qsbr || is_idle(thread))
		go_offline();
}

bool rcu_offline(void)
{
	struct thread *thread = thread_current();

	if (!thread || thread->reading || !rcu_qsbr_is_online(thread))
		return false;
	MODEL_AT(rcu_offline);
	go_offline();
	return true;
}

void rcu_online(bool was_online)
{
	MODEL_AT(rcu_online);
	if (was_online)
		go_online();
}

void rcu_idle_enter(struct thread *thread)
{
	MODEL_AT(rcu_idle_enter);
	thread->idle++;
	if (is_idle(thread))
		go_offline();
}

void rcu_idle_exit(struct thread *thread)
{
	MODEL_AT(rcu_idle_exit);
	if (is_idle(thread))
		go_online();
	thread->idle--;
}

bool rcu_interrupt_enter(struct thread *thread)
{
	if (!thread->qsbr || is_online())
		return false;
	MODEL_AT(rcu_interrupt_enter);
	go_online();
	return true;
}

void rcu_interrupt_exit(bool was_offline)
{
	MODEL_AT(rcu_interrupt_exit);
	if (was_offline)
		go_offline();
}

/* --- grace periods ----------------------------------------------------------------- */

struct grace {
	const uint64_t *words;
	uint64_t seen[MODEL_TASKS];
};

static bool has_ended(const void *arg)
{
	const struct grace *grace = arg;

	for (unsigned int i = 0; i < MODEL_TASKS; i++)
		if (is_odd(grace->seen[i]) && grace->seen[i] == grace->words[i])
			return false;
	return true;
}

static void wait_for(const uint64_t *words)
{
	struct grace grace = {.words = words};

	model_point(MODEL_LOAD, words, sizeof(memb), false);
	memcpy(grace.seen, words, sizeof(grace.seen));
	model_wait(MODEL_WAIT, words, sizeof(memb), false, has_ended, &grace);
}

void rcu_wait_memb(void)
{
	MODEL_AT(rcu_wait_memb);
	wait_for(memb);
}

/* The caller is no reader meanwhile, as with liburcu. */
void rcu_wait_qsbr(void)
{
	bool was_online = is_online();

	MODEL_AT(rcu_wait_qsbr);
	go_offline();
	wait_for(qsbr);
	if (was_online)
		go_online();
}

void rcu_wait_ends(void)
{
}

int rcu_barrier_prepare(enum pcpmm_grace grace)
{
	(void)grace;
	return 0;
}

void rcu_barrier(enum pcpmm_grace grace)
{
	(void)grace;
	MODEL_AT(rcu_barrier);
	model_point(MODEL_FENCE, NULL, 0, false);
}

/* A new execution: nobody reads. */
void rcu_model_begin(void)
{
	memset(memb, 0, sizeof(memb));
	memset(memb_nests, 0, sizeof(memb_nests));
	memset(qsbr, 0, sizeof(qsbr));
}
