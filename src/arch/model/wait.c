/* SPDX-License-Identifier: MIT */
/* Waiting: a waiter is not enabled until the word is as it wants. */
#include "arch/wait.h"

#include "arch/rcu_flavour.h"
#include "model.h"

struct look {
	const uint32_t *word;
	uint32_t value;
};

static uint32_t value_of(const uint32_t *word)
{
	return *(const volatile uint32_t *)word;
}

static bool differs(const void *arg)
{
	const struct look *look = arg;

	return value_of(look->word) != look->value;
}

static bool is_zero(const void *word)
{
	return !value_of(word);
}

void wait_word(uint32_t *word, uint32_t value)
{
	struct look look = {word, value};
	bool was_online;

	MODEL_AT(wait_word);
	model_point(MODEL_LOAD, word, sizeof(*word), false);
	if (differs(&look))
		return;
	was_online = rcu_offline();
	MODEL_AT(wait_word);
	model_wait(MODEL_WAIT, word, sizeof(*word), false, differs, &look);
	rcu_online(was_online);
}

bool wait_word_ms(uint32_t *word, uint32_t value, uint32_t ms)
{
	struct look look = {word, value};
	bool was_online = rcu_offline(), changed;

	(void)ms;
	MODEL_AT(wait_word_ms);
	changed = model_wait_or_timeout(word, sizeof(*word), differs, &look);
	rcu_online(was_online);
	return changed;
}

/* The writer's store has told: waiters are enabled by it. */
void wake_word(uint32_t *word)
{
	(void)word;
}

void spin_until_zero(const uint32_t *word)
{
	MODEL_AT(spin_until_zero);
	model_wait(MODEL_WAIT, word, sizeof(*word), false, is_zero, word);
}

void spin_pause(unsigned int *turns)
{
	++*turns;
	MODEL_AT(spin_pause);
	model_pause();
}
