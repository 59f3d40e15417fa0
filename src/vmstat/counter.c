/* SPDX-License-Identifier: MIT */
/*
 * Counter updates and folds.
 *
 * One rule for all of mod, inc and dec (kernel: the mode argument of
 * mod_zone_state, 7c83912062c8): with n = diff + delta,
 *
 *   |n| <= t   diff = n
 *   |n| >  t   value += n + os, diff = -os, os = mode * (t >> 1)
 *
 * where mode is 0 for mod, +1 for inc, -1 for dec. The kernel's interrupts-off
 * inc looks at n > t alone, its dec at n < -t: the same, but for a diff that a
 * larger threshold has left beyond the other side; here that moves up at once.
 */
#include "vmstat/counter.h"

#include "arch/bits.h"
#include "arch/this_cpu.h"

size_t vmstat_diffs_size(unsigned int nr_items)
{
	return sizeof(struct vmstat_diffs) + nr_items;
}

/* What stays in the diff, and what moves up. */
struct step {
	int8_t diff;
	int64_t up;
};

static always_inline struct step next_step(
	int8_t diff, long delta, int threshold, int mode)
{
	int64_t n = (int64_t)diff + delta;
	int64_t overstep = mode * (threshold >> 1);

	if (likely(n <= threshold && n >= -threshold))
		return (struct step){(int8_t)n, 0};
	return (struct step){(int8_t)-overstep, n + overstep};
}

static void move_up(struct vmstat *stat, int item, int64_t amount)
{
	for (; stat; stat = stat->parent)
		atomic_add_relaxed_s64(&stat->value[item], amount);
}

/* Threshold is read racily: an old one is right for one more update. */
static always_inline int threshold_of(const struct vmstat_diffs *diffs)
{
	return atomic_load_relaxed_s8(&diffs->threshold);
}

/* Retry if an interrupt on this CPU changed the diff in between. */
static always_inline int64_t update_local_cmpxchg(struct arch_cpu *cpu,
	struct vmstat_diffs *diffs, int item, long delta, int mode)
{
	int8_t *diff = &diffs->diff[item];
	struct step step;
	int8_t old;

	do {
		old = *diff;
		step = next_step(old, delta, threshold_of(diffs), mode);
	} while (unlikely(
		this_cpu_cmpxchg_s8(cpu, diff, old, step.diff) != old));
	return step.up;
}

static always_inline int64_t update_irqoff(struct arch_cpu *cpu,
	struct vmstat_diffs *diffs, int item, long delta, int mode)
{
	struct step step;

	irq_save(cpu);
	step = next_step(diffs->diff[item], delta, threshold_of(diffs), mode);
	diffs->diff[item] = step.diff;
	irq_restore(cpu);
	return step.up;
}

static always_inline void update(struct arch_cpu *cpu, struct vmstat *stat,
	int item, long delta, int mode)
{
	struct vmstat_diffs *diffs = stat->diffs[cpu->id];
	int64_t up;

	if (stat->account == PCPMM_ACCOUNT_IRQOFF)
		up = update_irqoff(cpu, diffs, item, delta, mode);
	else
		up = update_local_cmpxchg(cpu, diffs, item, delta, mode);
	if (up)
		move_up(stat, item, up);
}

void vmstat_mod(struct arch_cpu *cpu, struct vmstat *stat, int item, long delta)
{
	update(cpu, stat, item, delta, 0);
}

void vmstat_inc(struct arch_cpu *cpu, struct vmstat *stat, int item)
{
	update(cpu, stat, item, 1, 1);
}

void vmstat_dec(struct arch_cpu *cpu, struct vmstat *stat, int item)
{
	update(cpu, stat, item, -1, -1);
}

racy_reader int64_t vmstat_snapshot_raw(const struct vmstat *stat, int item,
	const uint64_t *online, unsigned int nr_cpus)
{
	int64_t sum = vmstat_read_raw(stat, item);

	for (unsigned int word = 0; word * 64 < nr_cpus; word++) {
		uint64_t bits = atomic_load_relaxed_u64(&online[word]);

		for (; bits; bits &= bits - 1) {
			unsigned int cpu =
				word * 64 + (unsigned int)__builtin_ctzll(bits);

			sum += RACY_READ(stat->diffs[cpu]->diff[item]);
		}
	}
	return sum;
}

/* The parent gets @sums later, in one go: as the kernel's fold_diff(). */
static bool fold_item(
	struct vmstat *stat, int item, int8_t amount, int64_t *sums)
{
	if (!amount)
		return false;
	atomic_add_relaxed_s64(&stat->value[item], amount);
	sums[item] += amount;
	return true;
}

unsigned int vmstat_fold(
	struct arch_cpu *cpu, struct vmstat *stat, int64_t *sums)
{
	struct vmstat_diffs *diffs = stat->diffs[cpu->id];
	unsigned int changes = 0;

	for (int i = 0; i < stat->nr_items; i++)
		if (diffs->diff[i])
			changes += fold_item(stat, i,
				this_cpu_xchg_s8(cpu, &diffs->diff[i], 0),
				sums);
	return changes;
}

unsigned int vmstat_fold_dead(
	unsigned int cpu, struct vmstat *stat, int64_t *sums)
{
	struct vmstat_diffs *diffs = stat->diffs[cpu];
	unsigned int changes = 0;

	for (int i = 0; i < stat->nr_items; i++) {
		changes += fold_item(stat, i, diffs->diff[i], sums);
		diffs->diff[i] = 0;
	}
	return changes;
}

unsigned int vmstat_fold_sums(struct vmstat *global, const int64_t *sums)
{
	unsigned int changes = 0;

	for (int i = 0; i < global->nr_items; i++)
		if (sums[i]) {
			atomic_add_relaxed_s64(&global->value[i], sums[i]);
			changes++;
		}
	return changes;
}

racy_reader bool vmstat_needs_fold(const struct vmstat *stat, unsigned int cpu)
{
	const struct vmstat_diffs *diffs = stat->diffs[cpu];

	for (int i = 0; i < stat->nr_items; i++)
		if (RACY_READ(diffs->diff[i]))
			return true;
	return false;
}
