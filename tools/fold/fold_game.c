/* SPDX-License-Identifier: MIT */
/*
 * The errors are exact: the counter is read after all CPUs have reported ready,
 * while none of them changes it. In a round all changes have the same sign, the
 * worst case for a counter's error; the sign alternates.
 */
#include "fold_game.h"

#include <pcpmm/cpu.h>
#include <pcpmm/fold.h>
#include <pcpmm/vmstat.h>

#include <ck_pr.h>
#include <errno.h>

#define ITEM "nr_mapped"
#define BURST_MAX 64 /* changes of a CPU before a fold */
#define CHANGES_PER_LOOK 16
#define BASE (1l << 30) /* keeps the counter above 0, where reads clamp */

/*
 * The folds of mainline and of the last version of the 2023 series. No fold at
 * idle entry, so that idle victims have diffs left to fold.
 */
static void configure(struct pcpmm_config *config, unsigned int choice)
{
	config->fold = choice;
	config->fold_quiet = PCPMM_FOLD_QUIET_NO;
	if (choice == PCPMM_FOLD_LOCAL)
		return;
	config->account = PCPMM_ACCOUNT_LOCK_CMPXCHG;
	config->diff = PCPMM_DIFF_S32;
}

/* xorshift64; the quality does not matter. */
static unsigned int draw(struct fold_part *part, unsigned int below)
{
	uint64_t x = part->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	part->random = x;
	return (unsigned int)(x >> 32) % below;
}

static void change(
	struct arena *arena, struct pcpmm_cpu *cpu, unsigned int id, long delta)
{
	struct fold_book *book = arena->data;

	arena_fail(arena, pcpmm_stat_mod(cpu, 0, -1, ITEM, delta));
	atomic_fetch_add_explicit(
		&book->parts[id].added, delta, memory_order_relaxed);
}

static void burst(struct arena *arena, struct pcpmm_cpu *cpu, unsigned int id,
	unsigned int round)
{
	struct fold_book *book = arena->data;
	struct fold_part *part = &book->parts[id];
	unsigned int nr = 1 + draw(part, BURST_MAX);
	long way = round % 2 ? 1 : -1;

	for (unsigned int i = 0; i < nr; i++)
		change(arena, cpu, id, way * (1 + (long)draw(part, 3)));
}

static int start(struct arena *arena)
{
	struct fold_book *book = arena->data;
	struct pcpmm_zone_truth truth;
	struct pcpmm_cpu *cpu = pcpmm_cpu_enter(arena->machine, 0);
	int ret;

	if (!cpu)
		return -errno;
	for (unsigned int id = 0; id < arena->settings->cpus; id++)
		book->parts[id].random = 0x9e3779b97f4a7c15 * (id + 1);
	change(arena, cpu, 0, BASE);
	ret = pcpmm_zone_truth_read(
		arena->machine, 0, PCPMM_ZONE_NORMAL, &truth);
	/* A node's threshold is the largest of its zones'; here: one zone. */
	book->error_bound =
		arena->settings->cpus * (uint64_t)truth.stat_threshold;
	if (!ret)
		ret = pcpmm_cpu_leave(cpu);
	if (!ret)
		ret = pcpmm_shepherd_start(arena->machine, 0);
	return ret;
}

static void prepare(
	struct arena_victim *victim, struct pcpmm_cpu *cpu, unsigned int round)
{
	burst(victim->arena, cpu, victim->id, round);
}

/* Up or down at random, so that the counter stays about the same. */
static void work(
	struct arena_victim *victim, struct pcpmm_cpu *cpu, unsigned int round)
{
	struct fold_book *book = victim->arena->data;
	struct fold_part *part = &book->parts[victim->id];

	if (atomic_load_explicit(&book->compared, memory_order_acquire) <
		round) {
		ck_pr_stall();
		return;
	}
	for (unsigned int i = 0; i < CHANGES_PER_LOOK; i++)
		change(victim->arena, cpu, victim->id, (long)draw(part, 7) - 3);
}

/* |counter - exact count|, while no CPU changes it. */
static uint64_t error_now(struct arena *arena)
{
	struct fold_book *book = arena->data;
	int64_t truth = 0, error;
	uint64_t value = 0;

	arena_fail(arena,
		pcpmm_zone_stat_read(arena->machine, 0, -1, ITEM, &value));
	for (unsigned int id = 0; id < arena->settings->cpus; id++)
		truth += atomic_load_explicit(
			&book->parts[id].added, memory_order_relaxed);
	error = (int64_t)value - truth;
	return (uint64_t)(error < 0 ? -error : error);
}

static void before(struct arena *arena, struct pcpmm_cpu *cpu)
{
	struct fold_book *book = arena->data;
	uint64_t error;

	burst(arena, cpu, 0, ++book->round);
	error = error_now(arena);
	if (error > book->error_max)
		book->error_max = error;
	if (error > book->error_bound)
		arena_fail(arena, -EUCLEAN);
	atomic_store_explicit(
		&book->compared, book->round, memory_order_release);
}

static int fold(struct arena *arena, struct pcpmm_cpu *cpu)
{
	int ret = pcpmm_vmstat_refresh(cpu);

	(void)arena;
	return ret > 0 ? -EUCLEAN : ret; /* a count below 0 */
}

/* After a fold the error is 0, unless the victims went on counting. */
static void after(struct arena *arena, struct pcpmm_cpu *cpu)
{
	(void)cpu;
	if (arena->settings->victim != ARENA_ROLE_NORMAL && error_now(arena))
		arena_fail(arena, -EUCLEAN);
}

const struct arena_game fold_game = {
	.what = "a fold",
	.name = pcpmm_fold_name,
	.configure = configure,
	.start = start,
	.prepare = prepare,
	.work = work,
	.before = before,
	.act = fold,
	.after = after,
};

static void configure_account(struct pcpmm_config *config, unsigned int choice)
{
	config->account = choice;
}

const struct arena_game account_game = {
	.what = "a pair",
	.name = pcpmm_account_name,
	.configure = configure_account,
};
