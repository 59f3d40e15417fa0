/* SPDX-License-Identifier: MIT */
/* What a scene of a program may call. */
#include <pcpmm/model.h>

#include <stdarg.h>
#include <stdio.h>

#include "arch/atomic.h"
#include "arch/compiler.h"
#include "model.h"

void pcpmm_model_fail(const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	model_fail("%s", text);
}

uint64_t pcpmm_model_load(const uint64_t *word)
{
	return atomic_load_relaxed_u64(word);
}

void pcpmm_model_store(uint64_t *word, uint64_t value)
{
	atomic_store_relaxed_u64(word, value);
}

uint64_t pcpmm_model_add(uint64_t *word, uint64_t value)
{
	uint64_t old;

	MODEL_AT(pcpmm_model_add);
	model_point(MODEL_RMW, word, sizeof(*word), true);
	old = *word;
	*word += value;
	return old;
}

uint64_t pcpmm_model_cmpxchg(uint64_t *word, uint64_t old, uint64_t value)
{
	uint64_t found = old;

	atomic_cmpxchg_relaxed_u64(word, &found, value);
	return found;
}

struct wanted {
	const uint64_t *word;
	uint64_t value;
};

static bool is_there(const void *arg)
{
	const struct wanted *wanted = arg;

	return RACY_READ(*wanted->word) == wanted->value;
}

void pcpmm_model_await(const uint64_t *word, uint64_t value)
{
	struct wanted wanted = {word, value};

	MODEL_AT(pcpmm_model_await);
	model_wait(MODEL_WAIT, word, sizeof(*word), false, is_there, &wanted);
}

static const char *const drivers[] = {
	[PCPMM_MODEL_RANDOM] = "random",
	[PCPMM_MODEL_PCT] = "pct",
	[PCPMM_MODEL_DFS] = "dfs",
	[PCPMM_MODEL_DPOR] = "dpor",
	[PCPMM_MODEL_REPLAY] = "replay",
};

const char *pcpmm_model_driver_name(enum pcpmm_model_driver driver)
{
	return (unsigned int)driver < sizeof(drivers) / sizeof(drivers[0])
		       ? drivers[driver]
		       : NULL;
}

static const char *const verdicts[] = {
	[PCPMM_MODEL_EXHAUSTED] = "exhausted",
	[PCPMM_MODEL_CLEAN] = "clean",
	[PCPMM_MODEL_VIOLATION] = "violation",
	[PCPMM_MODEL_DEADLOCK] = "deadlock",
	[PCPMM_MODEL_LIVELOCK] = "livelock",
	[PCPMM_MODEL_BAD_SCHEDULE] = "bad schedule",
};

const char *pcpmm_model_verdict_name(enum pcpmm_model_verdict verdict)
{
	return (unsigned int)verdict < sizeof(verdicts) / sizeof(verdicts[0])
		       ? verdicts[verdict]
		       : NULL;
}
