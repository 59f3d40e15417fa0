/* SPDX-License-Identifier: MIT */
/*
 * A turn of each kind of update.
 *
 * The library's updates are reached by a public call, pcpmm_stat_mod_item(),
 * which checks its arguments first. So every turn makes that call once: a turn
 * of an account with effect, any other turn with a delta that is refused after
 * all checks. The figure is the time of a turn minus that of UPDATE_NOTHING.
 * Checks and update overlap in the processor, so the differences are lower
 * bounds; `pcpmm-bench counters` has the updates without the call.
 *
 * Deltas stay below the threshold: a diff, not the shared counter, is measured.
 */
#include "updates_internal.h"

#include <pcpmm/vmstat.h>

#define REFUSED (INT64_C(1) << 40) /* larger than a delta may be */

/* Eight up, eight down. */
static inline long delta_of(unsigned int i)
{
	return i & 8 ? -1 : 1;
}

static inline void call_in_vain(struct ground *ground, unsigned int i)
{
	pcpmm_stat_mod_item(
		ground->cpus[0], 0, -1, ground->item, delta_of(i) * REFUSED);
}

static void run_nothing(struct ground *ground)
{
	for (unsigned int i = 0; i < TURNS; i++)
		call_in_vain(ground, i);
}

static void run_increment(struct ground *ground)
{
	_Atomic int64_t *word = &ground->own.word;

	for (unsigned int i = 0; i < TURNS; i++) {
		call_in_vain(ground, i);
		atomic_store_explicit(word,
			atomic_load_explicit(word, memory_order_relaxed) + 1,
			memory_order_relaxed);
	}
}

static void run_atomic(struct ground *ground, struct line *line)
{
	for (unsigned int i = 0; i < TURNS; i++) {
		call_in_vain(ground, i);
		atomic_fetch_add(&line->word, 1);
	}
}

/* Not inlined, and reached by pointers, as in the library's update. */
__attribute__((noinline)) static void plain_update(
	struct plain *plain, unsigned int cpu, long delta)
{
	struct diff *diff = plain->diffs[cpu];
	int t = atomic_load_explicit(&diff->threshold, memory_order_relaxed);
	bool wide = plain->width == PCPMM_DIFF_S32;
	int64_t up = 0, n;

	n = wide ? atomic_load_explicit(&diff->s32, memory_order_relaxed)
		 : atomic_load_explicit(&diff->s8, memory_order_relaxed);
	n += delta;
	if (n > t || n < -t) {
		up = n;
		n = 0;
	}
	if (wide)
		atomic_store_explicit(
			&diff->s32, (int32_t)n, memory_order_relaxed);
	else
		atomic_store_explicit(
			&diff->s8, (int8_t)n, memory_order_relaxed);
	if (up)
		atomic_fetch_add(&plain->up->word, up);
}

static void run_plain(struct ground *ground, enum pcpmm_diff width)
{
	for (unsigned int i = 0; i < TURNS; i++) {
		call_in_vain(ground, i);
		plain_update(&ground->plain[width], 0, delta_of(i));
	}
}

static void run_update(struct pcpmm_cpu *cpu, int item)
{
	for (unsigned int i = 0; i < TURNS; i++)
		pcpmm_stat_mod_item(cpu, 0, -1, item, delta_of(i));
}

void updates_run(struct ground *ground, unsigned int what)
{
	switch (what) {
	case UPDATE_NOTHING:
		run_nothing(ground);
		break;
	case UPDATE_INCREMENT:
		run_increment(ground);
		break;
	case UPDATE_ATOMIC:
		run_atomic(ground, &ground->own);
		break;
	case UPDATE_CONTENDED:
		run_atomic(ground, &ground->shared);
		break;
	case UPDATE_PLAIN:
		run_plain(ground, PCPMM_DIFF_S8);
		break;
	case UPDATE_PLAIN_S32:
		run_plain(ground, PCPMM_DIFF_S32);
		break;
	default:
		run_update(ground->cpus[what - UPDATE_ACCOUNTS], ground->item);
	}
}
