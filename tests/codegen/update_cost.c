/* SPDX-License-Identifier: MIT */
/*
 * update_cost.c - one counter update of each account and width, and the exchange
 * that a fold makes, each as a function of its own that runs once, for
 * update_cost.sh to count its instructions in qemu
 *
 * The functions are vmstat/counter.c's and vmstat/diff.h's with the account and
 * the width as constants, as a kernel has them. Each is called with nothing that
 * interferes: no retry, no threshold crossed.
 *
 * Prints the instruction set, and whether it exchanges 8 bit.
 */
#include <stdio.h>
#include <string.h>

/* The functions to be measured are static in it. */
#include "vmstat/counter.c"

#include "cpu/runq.h"

#define ITEM 5
#define THRESHOLD 100

typedef int64_t cost_fn(struct cpu *cpu, void *diffs, int item, long delta);

/* clang-format off */

#define UPDATES(T, width)						\
noinline cost_fn cost_irqoff_##T, cost_local_cmpxchg_##T,		\
	cost_lock_cmpxchg_##T, cost_local_fold_##T, cost_remote_fold_##T; \
									\
int64_t cost_irqoff_##T(						\
	struct cpu *cpu, void *diffs, int item, long delta)		\
{									\
	return update_irqoff(cpu, diffs, width, item,			\
		(struct change){delta, 0, 1});				\
}									\
									\
int64_t cost_local_cmpxchg_##T(						\
	struct cpu *cpu, void *diffs, int item, long delta)		\
{									\
	return update_cmpxchg(cpu, false, diffs, width, item,		\
		(struct change){delta, 0, 1});				\
}									\
									\
int64_t cost_lock_cmpxchg_##T(						\
	struct cpu *cpu, void *diffs, int item, long delta)		\
{									\
	return update_cmpxchg(cpu, true, diffs, width, item,		\
		(struct change){delta, 0, 1});				\
}									\
									\
int64_t cost_local_fold_##T(						\
	struct cpu *cpu, void *diffs, int item, long delta)		\
{									\
	(void)delta;							\
	return diff_take_local(cpu, diffs, width, item);		\
}									\
									\
int64_t cost_remote_fold_##T(						\
	struct cpu *cpu, void *diffs, int item, long delta)		\
{									\
	(void)cpu;							\
	(void)delta;							\
	return diff_take_full(diffs, width, item);			\
}

UPDATES(s8, WIDTH_S8)
UPDATES(s32, WIDTH_S32)

#define ROW(name)							\
	{cost_##name##_s8, WIDTH_S8}, {cost_##name##_s32, WIDTH_S32}

/* clang-format on */

static const struct {
	cost_fn *fn;
	unsigned int width;
} costs[] = {
	ROW(irqoff),
	ROW(local_cmpxchg),
	ROW(lock_cmpxchg),
	ROW(local_fold),
	ROW(remote_fold),
};

/* An update leaves 3 + 4 in the diff and moves nothing; a fold takes the 3. */
static bool run(struct cpu *cpu, unsigned int i)
{
	static int32_t diffs[64];
	unsigned int width = costs[i].width;
	bool fold = i >= 6;
	int64_t got;

	memset(diffs, 0, sizeof(diffs));
	diff_set_threshold(diffs, width, THRESHOLD);
	diff_store(diffs, width, ITEM, 3);
	got = costs[i].fn(cpu, diffs, ITEM, 4);
	return got == (fold ? 3 : 0) &&
	       diff_load(diffs, width, ITEM) == (fold ? 0 : 7);
}

int main(void)
{
	static struct cpu cpu;

	cpu_init(&cpu, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(costs); i++)
		if (!run(&cpu, i)) {
			fprintf(stderr, "case %u: wrong result\n", i);
			return 1;
		}
	cpu_fini(&cpu);
	printf("%s %d\n", ARCH_NAME, ARCH_HAS_CMPXCHG8);
	return 0;
}
